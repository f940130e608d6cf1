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

// swap replaces a piece of text, which is there once.
func swap(old, now string) edit {
	return func(text string) string {
		if strings.Count(text, old) != 1 {
			panic(fmt.Sprintf("paper.toml has %q %d times", old, strings.Count(text, old)))
		}
		return strings.Replace(text, old, now, 1)
	}
}

// in replaces a line of a family, or adds one to it.
func in(family, line string) edit {
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

// more adds families, each a name and lines of it, as in "other: kind = …; from = …".
func more(families ...string) edit {
	return func(text string) string {
		for _, f := range families {
			name, lines, _ := strings.Cut(f, ": ")
			text += "\n[stage." + name + "]\n" + strings.ReplaceAll(lines, "; ", "\n") + "\n"
		}
		return text
	}
}

// gets gives the figure further families.
func gets(families ...string) edit {
	return func(text string) string {
		return regexp.MustCompile(`(?m)^(the-figure = \[)`).ReplaceAllString(text, `${1}"`+strings.Join(families, `", "`)+`", `)
	}
}

// loses takes families from the figure.
func loses(families ...string) edit {
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

// alone leaves one figure, which edits know as the-figure.
func alone(text, name string) string {
	head, rest, _ := strings.Cut(text, "[figure]\n")
	table, rest, _ := strings.Cut(rest, "\n\n")
	entry := regexp.MustCompile(`(?ms)^` + name + ` = \[.*?\]`).FindString(table)
	return head + "[figure]\n" + strings.Replace(entry, name+" =", "the-figure =", 1) + "\n\n" + rest
}

// What does not go together in a figure is told when the graph is made, with the line of
// the family in [figure].
func TestAccepts(t *testing.T) {
	const (
		onWindow    = `other: kind = "descent"; from = ["window-instance"]`
		onMethods   = `other: kind = "descent"; from = ["methods-instance"]; method = "flow"`
		onPath      = `other: kind = "descent"; from = ["path-instance"]; method = "flow"`
		onLandscape = `other: kind = "landscape"; from = ["landscape-descent", "landscape-instance"]`
		onStart     = `other: kind = "hessian"; from = ["init-start", "init-instance"]`
		onOverlap   = `other: kind = "spectral"; from = ["overlap-instance"]`
	)
	// An instance at these sizes, and a descent on it.
	at := func(n int, alpha, seeds, rest string) string {
		return fmt.Sprintf(`another: kind = "instance"; N = %d; alpha = %s; seeds = "%s"%s`, n, alpha, seeds, rest)
	}
	const onAnother = `other: kind = "descent"; from = ["another"]; method = "flow"`
	for name, c := range map[string]struct {
		edits []edit
		want  string
	}{
		"descent: loss":   {[]edit{more(onWindow + `; a = 2`), gets("other")}, "its loss is ell(a="},
		"descent: method": {[]edit{more(onWindow + `; method = "flow"`), gets("other")}, "its method of descent is "},
		"descent: size":   {[]edit{more(at(128, "3", "1..2", ""), onAnother+`; tol = 0.1`), in("window-descent", `method = "flow"`), gets("other")}, "the figure shows one size"},

		"curvature: loss": {[]edit{more(`moved: kind = "descent"; from = ["landscape-instance"]; method = "flow"; a = 2`,
			`other: kind = "landscape"; from = ["moved", "landscape-instance"]; a = 2`), gets("other")}, "its loss is ell(a="},
		"curvature: size": {[]edit{more(at(128, "3", "1..2", ""), onAnother, `there: kind = "landscape"; from = ["other", "another"]`), gets("there")}, "the figure shows one size"},
		"curvature: rows": {[]edit{more(onLandscape + `; times = [0, 0.3, 1, 5, 1e6]; points = 9`), gets("other")}, "it has rows for N = 400, M = 1000, seed 1, and so has "},
		"curvature: times": {[]edit{more(at(400, "2.5", "9..10", ""), onAnother, `there: kind = "landscape"; from = ["other", "another"]`), gets("there")},
			"its list of times is "},
		"curvature: room": {[]edit{in("landscape", `times = [0, 0.3, 1, 5, 1e6, 1e7]`)}, "it is at 6 times, and the figure has room for 5"},

		"finite-size: two": {[]edit{more(`other: kind = "scaling"; from = ["curve-fit"]; least = 3`), gets("other")}, "the figure shows one input of kind scaling"},

		"flow-vs-gd: one method": {[]edit{more(onMethods), gets("other"), loses("methods-descent")}, "it and all others descend by the method flow"},
		"flow-vs-gd: loss":       {[]edit{more(onMethods + "; a = 2"), gets("other")}, "its loss is ell(a="},
		"flow-vs-gd: start": {[]edit{more(`start: kind = "spectral"; from = ["methods-instance"]`,
			`other: kind = "descent"; from = ["methods-instance", "start"]; method = "flow"`), gets("other")}, "its kind of start is "},
		"flow-vs-gd: N":           {[]edit{more(at(64, "3", "1..2", ""), onAnother), gets("other")}, "the figure shows one N"},
		"flow-vs-gd: rows":        {[]edit{more(onMethods), gets("other")}, "it has rows for N = 128, M = 256, seed 1, and so has "},
		"flow-vs-gd: overlapping": {[]edit{more(at(128, "2", "50..51", ""), onAnother), gets("other")}, "it has rows for N = 128, M = 256, seed 5"},
		"flow-vs-gd: no pair":     {[]edit{more(at(256, "3", "90..91", ""), onAnother), gets("other", "window-descent"), loses("methods-descent")}, "no instance has descents by both methods"},

		"success: loss":   {[]edit{gets("losses-fit")}, "its loss is "},
		"success: method": {[]edit{more(`other: kind = "finitesize"; from = ["window-descent"]`), gets("other")}, "its method of descent is "},
		"success: start":  {[]edit{gets("spectral-fit")}, "its kind of start is "},
		"success: rows":   {[]edit{more(`other: kind = "finitesize"; from = ["curve-descent"]; seed = 2`), gets("other")}, "it has a row for N = 64, loss ell(a=1), and so has "},
		"success: theory": {[]edit{loses("init-transition")}, "it is for loss ell(a=1), and no input of kind theory-transition at init is"},
		"success: a":      {[]edit{in("init-transition", `a = 2`)}, "it is for loss ell(a=1), and no input of kind theory-transition at init is"},
		"success: level":  {[]edit{more(at(32, "3", "1..2", ""), onAnother, `fit: kind = "finitesize"; from = ["other"]; confidence = 0.7`), gets("fit")}, "it has intervals at the level "},

		"losses: method": {[]edit{more(`other: kind = "finitesize"; from = ["window-descent"]`), gets("other")}, "its method of descent is "},
		"losses: start":  {[]edit{gets("spectral-fit")}, "its kind of start is "},
		"losses: rows":   {[]edit{more(`other: kind = "finitesize"; each = "losses"; over = ["loss", "a"]; from = ["losses-descent"]; seed = 2`), gets("other")}, "it has a row for N = 128, loss "},
		"losses: theory": {[]edit{loses("plain-trap")}, "losses-fit/loss=plain: it is for loss plain, and no input of kind theory-transition at init or threshold is"},
		"losses: room":   {[]edit{swap("a = [0.1, 1]\n", "a = [0.1, 0.2, 0.3, 0.4, 0.5, 1]\n")}, "it is for the loss number 9"},

		"spectral: loss":          {[]edit{gets("losses-fit")}, "its loss is "},
		"spectral: loss of start": {[]edit{more(`other: kind = "spectral"; from = ["spectral-instance"]; a = 2`), gets("other")}, "its loss is ell(a=2)"},
		"spectral: method":        {[]edit{in("spectral-descent", `method = "gd"`)}, "its method of descent is "},
		"spectral: rows":          {[]edit{more(`other: kind = "finitesize"; each = "spectral"; over = ["estimator"]; from = ["spectral-descent"]; seed = 2`), gets("other")}, "it has a row for N = 128, starts hessian, and so has "},
		"spectral: place":         {[]edit{more(`other: kind = "theory-outlier"; at = "threshold"; alpha_min = 7; alpha_max = 7.2`), gets("other")}, "the matrix that it is about is none of an estimator"},
		"spectral: level":         {[]edit{in("spectral-fit", `confidence = 0.7`)}, "give both families the same confidence"},

		"transition: estimator":    {[]edit{gets("spectral-start")}, "it is of the estimator averaged"},
		"transition: place":        {[]edit{in("overlap-theory", `at = "wide"`)}, "0 stages at init"},
		"transition: theory":       {[]edit{more(onOverlap + "; a = 3"), gets("other")}, "it is for loss ell(a=3), and no input of kind theory-outlier at init is"},
		"transition: theory twice": {[]edit{more(`other: kind = "theory-outlier"; points = 50`), gets("other")}, "it is for loss ell(a=1), and so is "},
		"transition: rows":         {[]edit{more(onOverlap + "; steps = 2999"), gets("other")}, "it has rows for N = 64, M = 51, seed 1, and so has "},

		"init-spectrum: loss":         {[]edit{in("init-density", "a = 2")}, "its loss is ell(a="},
		"init-spectrum: alpha":        {[]edit{gets("path-hessian")}, "it is at alpha = 8, and no input of kind theory-density at init is"},
		"init-spectrum: room":         {[]edit{gets("path-density")}, "6 stages at init"},
		"init-spectrum: theory twice": {[]edit{more(`other: kind = "theory-density"; alpha = 3`), gets("other")}, "it is for alpha = 3, and so is "},
		"init-spectrum: time":         {[]edit{in("init-hessian", `times = [1e6]`)}, "it is at the times [1e+06], and the figure shows t = 0"},
		"init-spectrum: N":            {[]edit{more(at(500, "3", "1..2", ""), onAnother, `there: kind = "hessian"; from = ["other", "another"]`), gets("there")}, "the figure shows one N for each alpha"},
		"init-spectrum: rows":         {[]edit{more(onStart + "; times = [0, 1e6]"), gets("other")}, "it has rows for N = 1000, M = 1000, seed 1, and so has "},

		"phases: loss":         {[]edit{more(onPath + "; a = 2"), gets("other")}, "its loss is ell(a="},
		"phases: method":       {[]edit{more(`other: kind = "descent"; from = ["path-instance"]`), gets("other")}, "its method of descent is "},
		"phases: rows":         {[]edit{more(onPath), gets("other")}, "it has rows for N = 400, M = 400, seed 1, and so has "},
		"phases: rows of H":    {[]edit{more(`other: kind = "hessian"; from = ["path-descent", "path-instance"]`), gets("other")}, "it has rows for N = 400, M = 400, seed 1, and so has "},
		"phases: null model":   {[]edit{in("path-instance", `null = true`)}, "of the null model"},
		"phases: other":        {[]edit{gets("init-hessian")}, "it is about the descents of init-start/alpha=1,seeds=1-4, which the figure does not have"},
		"phases: room":         {[]edit{swap("alpha = [1, 3, 8]\n", "alpha = [1, 3, 6, 8]\n")}, "size (N, M) number 4"},
		"phases: times":        {[]edit{in("path-hessian", `times = [0, 1e6]`)}, "at the times [0 1e+06], and the figure shows the start, the plateau and the end"},
		"phases: no start":     {[]edit{in("path-hessian", `times = [0.1, 0.2, 1e6]`)}, "give its parameter times 0 and two more"},
		"phases: alpha":        {[]edit{loses("path-density")}, "it is at alpha = 1, and no input of kind theory-density at init for the loss ell(a=1) is"},
		"phases: theory for a": {[]edit{in("path-density", "a = 2")}, "it is at alpha = 1, and no input of kind theory-density at init"},

		"dynamics: loss":       {[]edit{gets("trap-state")}, "its loss is ell(a="},
		"dynamics: null model": {[]edit{in("path-instance", `null = true`)}, "of the null model"},
		"dynamics: rows":       {[]edit{more(onPath), gets("other")}, "it has rows for N = 400, M = 400, seed 1, and so has "},
		"dynamics: alpha":      {[]edit{gets("state-dynamics"), loses("dynamics")}, "0 values of alpha have inputs of the kinds hessian and dynamics both"},
		"dynamics: level":      {[]edit{in("state-dynamics", "confidence = 0.7"), gets("state-dynamics")}, "it has intervals at the level "},

		"threshold-states: two alpha": {[]edit{gets("path-threshold")}, "3 stages at threshold"},
		"threshold-states: loss":      {[]edit{in("state-density", "a = 2")}, "it is for the loss ell(a=2) at alpha = 6.6, and no input of kind dynamics is"},
		"threshold-states: alpha":     {[]edit{in("state-density", "alpha = 6")}, "no input of kind dynamics is"},
		"threshold-states: spectra":   {[]edit{gets("path-hessian"), loses("state-hessian")}, "no input of kind hessian is at the last of their times, t = +Inf"},
		"threshold-states: null model": {[]edit{more(at(1000, "6.6", "1..2", ""), onAnother, `there: kind = "hessian"; from = ["other", "another"]; times = [1e6]`), gets("there")},
			"its instances are not of the null model"},
		"threshold-states: time": {[]edit{in("state-hessian", "times = [0]")}, "may lie before the end of its descents"},
		"threshold-states: kept": {[]edit{in("state-descent", "keep = [0, 5]"), in("state-hessian", "times = [5]")}, "may lie before the end of its descents, which keep students at t = [0 5]"},
		"threshold-states: N": {[]edit{more(at(500, "6.6", "1..2", "; null = true"), onAnother, `there: kind = "hessian"; from = ["other", "another"]; times = [1e6]`), gets("there")},
			"the figure shows spectra of one N"},

		"thresholds: family":        {[]edit{gets("pseudohuber-init")}, "its family of losses is ell, and that of pseudohuber-init is pseudohuber"},
		"thresholds: no a":          {[]edit{gets("plain-trap")}, "it is for loss plain, and the figure's axis is log a"},
		"thresholds: one a":         {[]edit{gets("init-transition"), loses("init-threshold")}, "at 1 values of a at init"},
		"thresholds: one a at end":  {[]edit{loses("trap-threshold")}, "at 0 values of a at threshold"},
		"thresholds: no range":      {[]edit{swap("[stage.trap-threshold]\nkind = \"theory-transition\"\neach = \"loss\"", "[grid.far]\na = [20, 30]\n[stage.trap-threshold]\nkind = \"theory-transition\"\neach = \"far\"")}, "have no range of a in common"},
		"thresholds: family of sim": {[]edit{in("state-descent", `loss = "pseudohuber"`), in("state-dynamics", `loss = "pseudohuber"`), in("state-hessian", `loss = "pseudohuber"`), more(`other: kind = "dynamics-transition"; from = ["state-dynamics"]`), gets("other")}, "its family of losses is "},
	} {
		t.Run(name, func(t *testing.T) {
			figure, _, _ := strings.Cut(name, ": ")
			text := alone(read(t, "paper.toml"), figure)
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
