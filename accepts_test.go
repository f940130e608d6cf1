package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"zerotohero/pipeline/spec"
)

func graph(text, profile string) error {
	p, err := spec.Parse("paper.toml", []byte(text))
	if err != nil {
		return err
	}
	_, err = p.Graph(profile, kinds)
	return err
}

func TestPaperIsAccepted(t *testing.T) {
	text := read(t, "paper.toml")
	for _, profile := range []string{"smoke", "laptop", "full"} {
		if err := graph(text, profile); err != nil {
			t.Errorf("%s: %v", profile, err)
		}
	}
}

type edit func(text string) string

// replace replaces a piece of text, which is there once.
func replace(old, now string) edit {
	return func(text string) string {
		if strings.Count(text, old) != 1 {
			panic(fmt.Sprintf("paper.toml has %q %d times", old, strings.Count(text, old)))
		}
		return strings.Replace(text, old, now, 1)
	}
}

// set replaces a line of a family, or adds one to it.
func set(family, line string) edit {
	return func(text string) string {
		head := "[stage." + family + "]\n"
		before, rest, found := strings.Cut(text, head)
		if !found {
			panic("paper.toml has no family " + family)
		}
		name, _, _ := strings.Cut(line, " = ")
		body, after, _ := strings.Cut(rest, "\n\n")
		body = regexp.MustCompile(`(?m)^`+name+` = .*\n?`).ReplaceAllString(body, "")
		return before + head + line + "\n" + body + "\n\n" + after
	}
}

// add adds families, each a name and lines of it, as in "other: kind = …; from = …".
func add(families ...string) edit {
	return func(text string) string {
		for _, f := range families {
			name, lines, _ := strings.Cut(f, ": ")
			text += "\n[stage." + name + "]\n" + strings.ReplaceAll(lines, "; ", "\n") + "\n"
		}
		return text
	}
}

// include gives the figure further families.
func include(families ...string) edit {
	return func(text string) string {
		return regexp.MustCompile(`(?m)^(the-figure = \[)`).ReplaceAllString(text,
			`${1}"`+strings.Join(families, `", "`)+`", `)
	}
}

// exclude takes families from the figure.
func exclude(families ...string) edit {
	return func(text string) string {
		head, rest, _ := strings.Cut(text, "the-figure = [")
		list, rest, _ := strings.Cut(rest, "]")
		for _, f := range families {
			list = strings.Replace(list, `"`+f+`"`, "", 1)
		}
		list = strings.Trim(regexp.MustCompile(`[\s,]+`).ReplaceAllString(list, ", "), ", ")
		return head + "the-figure = [" + list + "]" + rest
	}
}

// onlyFigure leaves one figure, which edits know as the-figure.
func onlyFigure(text, name string) string {
	head, rest, _ := strings.Cut(text, "[figure]\n")
	table, rest, _ := strings.Cut(rest, "\n\n")
	entry := regexp.MustCompile(`(?ms)^` + name + ` = \[.*?\]`).FindString(table)
	return head + "[figure]\n" + strings.Replace(entry, name+" =", "the-figure =", 1) + "\n\n" + rest
}

// Families for the tests below.
const (
	onWindow    = `other: kind = "descent"; from = ["window-instance"]`
	onMethods   = `other: kind = "descent"; from = ["methods-instance"]; method = "flow"`
	onPath      = `other: kind = "descent"; from = ["path-instance"]; method = "flow"`
	onLandscape = `other: kind = "landscape"; from = ["landscape-descent", "landscape-instance"]`
	onStart     = `other: kind = "hessian"; from = ["init-start", "init-instance"]`
	onOverlap   = `other: kind = "spectral"; from = ["overlap-instance"]`
	onAnother   = `other: kind = "descent"; from = ["another"]; method = "flow"`
)

// at is a family of instances, called another.
func at(n int, alpha, seeds, rest string) string {
	return fmt.Sprintf(`another: kind = "instance"; N = %d; alpha = %s; seeds = "%s"%s`, n, alpha, seeds, rest)
}

// unfitting are edits of paper.toml after which the inputs of a figure, whose name stands
// before the colon, do not go together, with what the error says.
var unfitting = map[string]struct {
	edits []edit
	want  string
}{
	"descent: loss":   {[]edit{add(onWindow + `; a = 2`), include("other")}, "its loss is ell(a="},
	"descent: method": {[]edit{add(onWindow + `; method = "flow"`), include("other")}, "its method of descent is "},
	"descent: size": {[]edit{add(at(128, "3", "1..2", ""), onAnother+`; tol = 0.1`),
		set("window-descent", `method = "flow"`), include("other")}, "the figure shows one size"},

	"curvature: loss": {[]edit{add(`moved: kind = "descent"; from = ["landscape-instance"]; method = "flow"; a = 2`,
		`other: kind = "landscape"; from = ["moved", "landscape-instance"]; a = 2`), include("other")},
		"its loss is ell(a="},
	"curvature: size": {[]edit{add(at(128, "3", "1..2", ""), onAnother,
		`there: kind = "landscape"; from = ["other", "another"]`), include("there")}, "the figure shows one size"},
	"curvature: rows": {[]edit{add(onLandscape + `; times = [0, 0.3, 1, 5, 1e6]; points = 9`), include("other")},
		"it has rows for N = 400, M = 1000, seed 1, and so has "},
	"curvature: times": {[]edit{add(at(400, "2.5", "9..10", ""), onAnother,
		`there: kind = "landscape"; from = ["other", "another"]`), include("there")},
		"its list of times is "},
	"curvature: room": {[]edit{set("landscape", `times = [0, 0.3, 1, 5, 1e6, 1e7]`)},
		"it is at 6 times, and the figure has room for 5"},

	"finite-size: two": {[]edit{add(`other: kind = "scaling"; from = ["curve-fit"]; least = 3`), include("other")},
		"the figure shows one input of kind scaling"},

	"flow-vs-gd: one method": {[]edit{add(onMethods), include("other"), exclude("methods-descent")},
		"it and all others descend by the method flow"},
	"flow-vs-gd: loss": {[]edit{add(onMethods + "; a = 2"), include("other")}, "its loss is ell(a="},
	"flow-vs-gd: start": {[]edit{add(`start: kind = "spectral"; from = ["methods-instance"]`,
		`other: kind = "descent"; from = ["methods-instance", "start"]; method = "flow"`), include("other")},
		"its kind of start is "},
	"flow-vs-gd: N": {[]edit{add(at(64, "3", "1..2", ""), onAnother), include("other")},
		"the figure shows one N"},
	"flow-vs-gd: rows": {[]edit{add(onMethods), include("other")},
		"it has rows for N = 128, M = 256, seed 1, and so has "},
	"flow-vs-gd: overlapping": {[]edit{add(at(128, "2", "50..51", ""), onAnother), include("other")},
		"it has rows for N = 128, M = 256, seed 5"},
	"flow-vs-gd: no pair": {[]edit{add(at(256, "3", "90..91", ""), onAnother), include("other", "window-descent"),
		exclude("methods-descent")}, "no instance has descents by both methods"},

	"success: loss": {[]edit{include("losses-fit")}, "its loss is "},
	"success: method": {[]edit{add(`other: kind = "finitesize"; from = ["window-descent"]`), include("other")},
		"its method of descent is "},
	"success: start": {[]edit{include("spectral-fit")}, "its kind of start is "},
	"success: rows": {[]edit{add(`other: kind = "finitesize"; from = ["curve-descent"]; seed = 2`),
		include("other")}, "it has a row for N = 64, loss ell(a=1), and so has "},
	"success: theory": {[]edit{exclude("init-transition")},
		"it is for loss ell(a=1), and no input of kind theory-transition at init is"},
	"success: a": {[]edit{set("init-transition", `a = 2`)},
		"it is for loss ell(a=1), and no input of kind theory-transition at init is"},
	"success: level": {[]edit{add(at(32, "3", "1..2", ""), onAnother,
		`fit: kind = "finitesize"; from = ["other"]; confidence = 0.7`), include("fit")},
		"it has intervals at the level "},

	"losses: method": {[]edit{add(`other: kind = "finitesize"; from = ["window-descent"]`), include("other")},
		"its method of descent is "},
	"losses: start": {[]edit{include("spectral-fit")}, "its kind of start is "},
	"losses: rows": {[]edit{add(
		`other: kind = "finitesize"; each = "losses"; over = ["loss", "a"]; from = ["losses-descent"]; seed = 2`),
		include("other")},
		"it has a row for N = 128, loss "},
	"losses: theory": {[]edit{exclude("plain-trap")},
		"losses-fit/loss=plain: it is for loss plain, and no input of kind theory-transition at init or threshold is"},
	"losses: room": {[]edit{replace("a = [0.1, 1]\n", "a = [0.1, 0.2, 0.3, 0.4, 0.5, 1]\n")},
		"it is for the loss number 9"},

	"spectral: loss": {[]edit{include("losses-fit")}, "its loss is "},
	"spectral: loss of start": {[]edit{add(`other: kind = "spectral"; from = ["spectral-instance"]; a = 2`),
		include("other")}, "its loss is ell(a=2)"},
	"spectral: method": {[]edit{set("spectral-descent", `method = "gd"`)}, "its method of descent is "},
	"spectral: rows": {[]edit{add(
		`other: kind = "finitesize"; each = "spectral"; over = ["estimator"]; from = ["spectral-descent"]; seed = 2`),
		include("other")},
		"it has a row for N = 128, starts hessian, and so has "},
	"spectral: place": {[]edit{add(
		`other: kind = "theory-outlier"; at = "threshold"; alpha_min = 7; alpha_max = 7.2`), include("other")},
		"the matrix that it is about is none of an estimator"},
	"spectral: level": {[]edit{set("spectral-fit", `confidence = 0.7`)},
		"give both families the same confidence"},

	"transition: estimator": {[]edit{include("spectral-start")}, "it is of the estimator averaged"},
	"transition: place":     {[]edit{set("overlap-theory", `at = "wide"`)}, "0 stages at init"},
	"transition: theory": {[]edit{add(onOverlap + "; a = 3"), include("other")},
		"it is for loss ell(a=3), and no input of kind theory-outlier at init is"},
	"transition: theory twice": {[]edit{add(`other: kind = "theory-outlier"; points = 50`), include("other")},
		"it is for loss ell(a=1), and so is "},
	"transition: rows": {[]edit{add(onOverlap + "; steps = 2999"), include("other")},
		"it has rows for N = 64, M = 51, seed 1, and so has "},

	"init-spectrum: loss": {[]edit{set("init-density", "a = 2")}, "its loss is ell(a="},
	"init-spectrum: alpha": {[]edit{include("path-hessian")},
		"it is at alpha = 8, and no input of kind theory-density at init is"},
	"init-spectrum: room": {[]edit{include("path-density")}, "6 stages at init"},
	"init-spectrum: theory twice": {[]edit{add(`other: kind = "theory-density"; alpha = 3`), include("other")},
		"it is for alpha = 3, and so is "},
	"init-spectrum: time": {[]edit{set("init-hessian", `times = [1e6]`)},
		"it is at the times [1e+06], and the figure shows t = 0"},
	"init-spectrum: N": {[]edit{add(at(500, "3", "1..2", ""), onAnother,
		`there: kind = "hessian"; from = ["other", "another"]`), include("there")},
		"the figure shows one N for each alpha"},
	"init-spectrum: rows": {[]edit{add(onStart + "; times = [0, 1e6]"), include("other")},
		"it has rows for N = 1000, M = 1000, seed 1, and so has "},

	"phases: loss": {[]edit{add(onPath + "; a = 2"), include("other")}, "its loss is ell(a="},
	"phases: method": {[]edit{add(`other: kind = "descent"; from = ["path-instance"]`), include("other")},
		"its method of descent is "},
	"phases: rows": {[]edit{add(onPath), include("other")},
		"it has rows for N = 400, M = 400, seed 1, and so has "},
	"phases: rows of H": {[]edit{add(`other: kind = "hessian"; from = ["path-descent", "path-instance"]`),
		include("other")}, "it has rows for N = 400, M = 400, seed 1, and so has "},
	"phases: null model": {[]edit{set("path-instance", `null = true`)}, "of the null model"},
	"phases: other": {[]edit{include("init-hessian")},
		"it is about the descents of init-start/alpha=1,seeds=1-4, which the figure does not have"},
	"phases: room": {[]edit{replace("alpha = [1, 3, 8]\n", "alpha = [1, 3, 6, 8]\n")}, "size (N, M) number 4"},
	"phases: times": {[]edit{set("path-hessian", `times = [0, 1e6]`)},
		"at the times [0 1e+06], and the figure shows the start, the plateau and the end"},
	"phases: no start": {[]edit{set("path-hessian", `times = [0.1, 0.2, 1e6]`)},
		"give its parameter times 0 and two more"},
	"phases: alpha": {[]edit{exclude("path-density")},
		"it is at alpha = 1, and no input of kind theory-density at init for the loss ell(a=1) is"},
	"phases: theory for a": {[]edit{set("path-density", "a = 2")},
		"it is at alpha = 1, and no input of kind theory-density at init"},

	"dynamics: loss":       {[]edit{include("trap-state")}, "its loss is ell(a="},
	"dynamics: null model": {[]edit{set("path-instance", `null = true`)}, "of the null model"},
	"dynamics: rows": {[]edit{add(onPath), include("other")},
		"it has rows for N = 400, M = 400, seed 1, and so has "},
	"dynamics: alpha": {[]edit{include("state-dynamics"), exclude("dynamics", "small-dynamics")},
		"0 values of alpha have inputs of the kinds hessian and dynamics both"},
	"dynamics: level": {[]edit{set("state-dynamics", "confidence = 0.7"), include("state-dynamics")},
		"it has intervals at the level "},

	"signal: loss": {[]edit{include("trap-state")}, "its loss is ell(a="},
	"signal: size": {[]edit{add(at(64, "3", "1..2", `; matrix = "deferred"`), onAnother), include("other")},
		"the figure shows one size"},
	"signal: no signal": {[]edit{set("signal-instance", "null = true"), replace("signal = [0, 0.5, 2.2, 10]\n", "")},
		"of the null model"},
	"signal: rows": {[]edit{add(`other: kind = "descent"; from = ["signal-instance"]`), include("other")},
		"it has rows for N = 16384, M = 49152, seed 1, and so has "},
	"signal: times": {[]edit{set("signal-descent", "signal = [0]")}, "it has the lines of the signal at t = [0]"},
	"signal: theory twice": {[]edit{add(`other: kind = "theory-signal"; alpha = 3; share = 0.02`), include("other")},
		"it is for alpha = 3, and so is "},
	"signal: room": {[]edit{replace("alpha = [2, 3, 4, 6.4, 8]\n", "alpha = [2, 3, 4, 5, 6.6, 8]\n")},
		"it is alpha number 6 at init"},
	"signal: alpha": {[]edit{replace("alpha = [2, 3, 4, 6.4, 8]\n", "alpha = [2, 4]\n")},
		"it is at alpha = 3, and no input of kind theory-signal at init is"},
	"signal: null": {[]edit{exclude("dynamics", "signal-dynamics"), include("state-dynamics")},
		"it is at alpha = 3, and no input of kind dynamics is"},

	"threshold-states: two alpha": {[]edit{include("path-threshold")}, "3 stages at threshold"},
	"threshold-states: loss": {[]edit{set("state-density", "a = 2")},
		"it is for the loss ell(a=2) at alpha = 6.6, and no input of kind dynamics is"},
	"threshold-states: alpha": {[]edit{set("state-density", "alpha = 6")}, "no input of kind dynamics is"},
	"threshold-states: spectra": {[]edit{include("path-hessian"), exclude("state-hessian")},
		"no input of kind hessian has the end of descents there"},
	"threshold-states: null model": {[]edit{add(at(1000, "6.6", "1..2", ""), onAnother,
		`there: kind = "hessian"; from = ["other", "another"]; times = [1e6]`), include("there")},
		"its instances are not of the null model"},
	"threshold-states: time": {[]edit{set("state-hessian", "times = [0]")}, "may lie before the end of its descents"},
	"threshold-states: kept": {[]edit{set("state-descent", "keep = [0, 5]"), set("state-hessian", "times = [5]")},
		"may lie before the end of its descents, which keep students at t = [0 5]"},
	"threshold-states: N": {[]edit{add(at(500, "6.6", "1..2", "; null = true"), onAnother,
		`there: kind = "hessian"; from = ["other", "another"]; times = [1e6]`), include("there")},
		"the figure shows spectra of one N"},

	"thresholds: family": {[]edit{include("pseudohuber-init")},
		"its family of losses is ell, and that of pseudohuber-init is pseudohuber"},
	"thresholds: no a": {[]edit{include("plain-trap")},
		"it is for loss plain, and the figure's axis is log a"},
	"thresholds: one a": {[]edit{include("init-transition"), exclude("init-threshold")},
		"at 1 values of a at init"},
	"thresholds: one a at end": {[]edit{exclude("trap-threshold")}, "at 0 values of a at threshold"},
	"thresholds: no range": {[]edit{replace(
		"[stage.trap-threshold]\nkind = \"theory-transition\"\neach = \"loss\"",
		"[grid.far]\na = [20, 30]\n[stage.trap-threshold]\nkind = \"theory-transition\"\neach = \"far\"")},
		"have no range of a in common"},
	"thresholds: family of sim": {[]edit{set("state-descent", `loss = "pseudohuber"`),
		set("state-dynamics", `loss = "pseudohuber"`), set("state-hessian", `loss = "pseudohuber"`),
		add(`other: kind = "dynamics-transition"; from = ["state-dynamics"]`), include("other")},
		"its family of losses is "},
}

// What does not go together in a figure is told when the graph is made, with the line of
// the family in [figure].
func TestAccepts(t *testing.T) {
	for name, c := range unfitting {
		t.Run(name, func(t *testing.T) {
			figure, _, _ := strings.Cut(name, ": ")
			text := onlyFigure(read(t, "paper.toml"), figure)
			for _, e := range c.edits {
				text = e(text)
			}
			text = strings.Replace(text, "the-figure =", figure+" =", 1)
			err := graph(text, "laptop")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("want %q, got %v", c.want, err)
			}
			var line int
			if _, scan := fmt.Sscanf(err.Error(), "paper.toml:%d:", &line); scan != nil {
				t.Fatalf("no line: %v", err)
			}
			_, rest, _ := strings.Cut(err.Error(), ": stage figure/"+figure+" (kind figure): ")
			family := strings.FieldsFunc(rest, func(r rune) bool { return r == '/' || r == ':' })
			if at := strings.Split(text, "\n")[line-1]; family == nil || !strings.Contains(at, `"`+family[0]+`"`) {
				t.Errorf("%v: line %d is %s", err, line, at)
			}
		})
	}
}
