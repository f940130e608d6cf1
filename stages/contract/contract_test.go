package contract_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/spec"
	"zerotohero/stages/descent"
	_ "zerotohero/stages/descent/flow"
	_ "zerotohero/stages/descent/gd"
	_ "zerotohero/stages/descent/kick"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/growth"
	"zerotohero/stages/hessian"
	"zerotohero/stages/instance"
	_ "zerotohero/stages/instance/deferred"
	_ "zerotohero/stages/instance/dense"
	"zerotohero/stages/landscape"
	_ "zerotohero/stages/loss/ell"
	_ "zerotohero/stages/loss/plain"
	_ "zerotohero/stages/loss/pseudohuber"
	"zerotohero/stages/scaling"
	"zerotohero/stages/spectral"
	_ "zerotohero/stages/spectral/averaged"
	_ "zerotohero/stages/spectral/inithessian"
	_ "zerotohero/stages/spectral/optimal"
	"zerotohero/stages/theory"
)

var kinds = []*pipeline.Kind{
	instance.Kind, spectral.Kind, descent.Kind, hessian.Kind, landscape.Kind, dynamics.Kind, dynamics.TransitionKind,
	theory.DensityKind, theory.TransitionKind, theory.OutlierKind, theory.SignalKind, finitesize.Kind, scaling.Kind,
	growth.Kind, growth.LawKind,
}

// paper has every kind that reads another, and is in order.
const paper = `default-profile = "all"
[profile.all]

[grid.signal]
N = [16, 24]
alpha = [2, 3]
seeds = "1..4 by 2"
[stage.instance]
kind = "instance"
each = "signal"
[stage.start]
kind = "spectral"
each = "signal"
from = ["instance"]
estimator = "hessian"
starts = 3
[stage.spectral-descent]
kind = "descent"
each = "signal"
from = ["instance", "start"]
starts = 2
[stage.descent]
kind = "descent"
each = "signal"
from = ["instance"]
method = "flow"
keep = [0, 1, 5]
[stage.hessian]
kind = "hessian"
each = "signal"
from = ["descent", "instance"]
times = [0, 5, 1e6]
[stage.landscape]
kind = "landscape"
from = ["descent", "instance"]
times = [1, 5, 6]
[stage.fit]
kind = "finitesize"
from = ["descent"]
[stage.growth]
kind = "growth"
from = ["descent"]
[stage.law]
kind = "growth-law"
from = ["growth"]
[stage.transition]
kind = "theory-transition"
at = "threshold"

[grid.null]
alpha = [3, 4]
seeds = "1..4 by 2"
[stage.null-instance]
kind = "instance"
each = "null"
N = 20
null = true
[stage.null-descent]
kind = "descent"
each = "null"
from = ["null-instance"]
method = "flow"
keep = [0, 1]
[stage.dynamics]
kind = "dynamics"
each = "null"
over = ["alpha"]
from = ["null-descent", "null-instance"]
[stage.dynamical]
kind = "dynamics-transition"
from = ["dynamics"]
[stage.scaling]
kind = "scaling"
from = ["fit", "transition", "dynamics"]
`

func graph(text string) error {
	p, err := spec.Parse("paper.toml", []byte(text))
	if err != nil {
		return err
	}
	_, err = p.Graph("all", kinds)
	return err
}

// in replaces a line of a family, or adds one to it.
func in(family, line string) func(string) string {
	return func(text string) string {
		head := "[stage." + family + "]\n"
		before, rest, found := strings.Cut(text, head)
		body, after, _ := strings.Cut(rest, "\n[")
		name, _, _ := strings.Cut(line, " = ")
		var lines []string
		for _, l := range strings.Split(strings.TrimSpace(body), "\n") {
			if !strings.HasPrefix(l, name+" = ") {
				lines = append(lines, l)
			}
		}
		if !found {
			panic("no family " + family)
		}
		return before + head + strings.Join(append(lines, line), "\n") + "\n[" + after
	}
}

// family adds a family.
func family(name string, lines ...string) func(string) string {
	return func(text string) string {
		return text + "[stage." + name + "]\n" + strings.Join(lines, "\n") + "\n"
	}
}

// swap replaces a text.
func swap(old, new string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, new, 1) }
}

// deferred adds instances whose X is deferred.
func deferred(text string) string {
	return family("deferred", `kind = "instance"`, `N = 1000000`, `alpha = 3`, `seeds = "1..2"`, `matrix = "deferred"`)(text)
}

// edits are made one after another.
type edits []func(text string) string

// unsuited are changes of the paper that make inputs unsuited, with what is said of them.
var unsuited = map[string]struct {
	edit edits
	want string
}{
	"loss of a Hessian": {
		edit: edits{in("hessian", `loss = "plain"`)},
		want: "stage hessian/N=16,alpha=2,seeds=1-2 (kind hessian): descent/N=16,alpha=2,seeds=1-2: " +
			"it is of loss ell(a=1), and this stage of loss plain",
	},
	"a of a Hessian": {
		edit: edits{in("hessian", `a = 2`)},
		want: "of loss ell(a=1), and this stage of loss ell(a=2)",
	},
	"loss of a landscape": {
		edit: edits{in("landscape", `loss = "pseudohuber"`)},
		want: "this stage of loss pseudohuber(a=1)",
	},
	"time not kept": {
		edit: edits{in("hessian", `times = [0, 2]`)},
		want: "it keeps students at t = [0 1 5], and this stage is about t = 2; add 2 to the parameter keep",
	},
	"instances of others": {
		edit: edits{in("landscape", `from = ["descent", "null-instance"]`)},
		want: "which are not all among the inputs",
	},
	"instances twice": {
		edit: edits{
			family("again", `kind = "instance"`, `N = 16`, `alpha = 2`, `seeds = "2..3"`),
			in("landscape", `from = ["descent", "instance", "again"]`),
		},
		want: "it has instances of N = 16, M = 32, seed 2, and so does",
	},
	"descent on instances twice": {
		edit: edits{
			family("again", `kind = "instance"`, `N = 16`, `alpha = 2`, `seeds = "2..3"`),
			in("descent", `from = ["instance", "again"]`),
		},
		want: "it has instances of N = 16, M = 32, seed 2",
	},
	"loss of spectral starts": {
		edit: edits{in("start", `a = 3`)},
		want: "it is of loss ell(a=3), and this stage of loss ell(a=1)",
	},
	"too few spectral starts": {
		edit: edits{in("spectral-descent", `starts = 4`)},
		want: "it gives starts = 3 an instance, and this stage takes starts = 4",
	},
	"starts of one an instance": {
		edit: edits{swap("estimator = \"hessian\"\nstarts = 3", "estimator = \"optimal\"")},
		want: "it gives starts = 1",
	},
	"no spectral estimates": {
		edit: edits{
			family("other", `kind = "instance"`, `N = 30`, `alpha = 2`, `seeds = "1..2"`),
			in("spectral-descent", `from = ["instance", "other", "start"]`),
		},
		want: "other: no spectral estimates of its instances, N = 30, M = 60, seeds 1-2, are among the inputs",
	},
	"two estimators": {
		edit: edits{
			family("more",
				`kind = "spectral"`, `each = "signal"`, `from = ["instance"]`, `estimator = "optimal"`),
			in("spectral-descent", `from = ["instance", "start", "more"]`),
			in("spectral-descent", `starts = 1`),
		},
		want: "it starts on instances of N = 16, M = 32, seed 1, and so does",
	},
	"Hessian where X is deferred": {
		edit: edits{in("instance", `matrix = "deferred"`), swap("[stage.start]", "[stage.none]"),
			swap("\"instance\", \"start\"]\nstarts = 2", "\"instance\"]")},
		want: "its X is deferred, drawn by a descent and gone with it, and this kind needs all of X; " +
			"take instances with matrix = \"dense\"",
	},
	"estimates where X is deferred": {
		edit: edits{family("estimate", `kind = "spectral"`, `from = ["deferred"]`), deferred},
		want: "stage estimate (kind spectral): deferred: its X is deferred",
	},
	"starts where X is deferred": {
		edit: edits{family("one", `kind = "descent"`, `from = ["deferred"]`, `starts = 2`), deferred},
		want: "stage one (kind descent): deferred: its X is deferred, and so of one descent, and this stage takes starts = 2",
	},
	"kick where X is deferred": {
		edit: edits{family("one", `kind = "descent"`, `from = ["deferred"]`, `method = "kick"`), deferred},
		want: "its X is deferred, and the method kick needs all of X",
	},
	"signal where X is not deferred": {
		edit: edits{in("null-descent", `signal = [1]`)},
		want: "its X is not deferred, and the parameter signal = [1] is for descents whose X is",
	},
	"methods in one fit": {
		edit: edits{
			family("gd", `kind = "descent"`, `from = ["landscape-instance"]`),
			family("landscape-instance", `kind = "instance"`, `N = 30`, `alpha = 3`, `seeds = "1..2"`),
			in("fit", `from = ["descent", "gd"]`),
		},
		want: "method gd(eta=0.02), starts random, and descent/N=16,alpha=2,seeds=1-2 has loss ell(a=1), " +
			"method flow(tol=0.01)",
	},
	"starts in one fit": {
		edit: edits{
			in("spectral-descent", `method = "flow"`),
			in("fit", `from = ["descent", "spectral-descent"]`),
		},
		want: "starts hessian",
	},
	"a descent twice": {
		edit: edits{
			family("again", `kind = "descent"`, `from = ["instance"]`, `method = "flow"`),
			in("fit", `from = ["descent", "again"]`),
		},
		want: "it descends on instances of N = 16, M = 32, seed 1, and so does",
	},
	"fit of a null model": {
		edit: edits{in("fit", `from = ["null-descent"]`)},
		want: "which have no signal in their labels",
	},
	"dynamics with a signal": {
		edit: edits{in("dynamics", `from = ["descent", "instance"]`)},
		want: "it is not of the null model",
	},
	"loss of dynamics": {
		edit: edits{in("dynamics", `loss = "plain"`)},
		want: "of loss ell(a=1), and this stage of loss plain",
	},
	"several alpha in dynamics": {
		edit: edits{in("dynamics", `over = ["seeds"]`)},
		want: "give each a stage of its own",
	},
	"keep of nothing": {
		edit: edits{in("null-descent", `keep = []`)},
		want: "with at least one time",
	},
	"one seed": {
		edit: edits{swap("alpha = [3, 4]\nseeds = \"1..4 by 2\"", "alpha = [3, 4]\nseeds = \"1..1\"")},
		want: "a bootstrap needs 2 at least",
	},
	"sizes of one transition": {
		edit: edits{
			family("more",
				`kind = "dynamics"`, `each = "null"`, `over = ["alpha"]`, `seed = 2`,
				`from = ["null-descent", "null-instance"]`),
			in("dynamical", `from = ["dynamics", "more"]`),
		},
		want: "it is at N = 20, M = 60, and so is",
	},
	"confidence of dynamics": {
		edit: edits{in("dynamics", `confidence = 0.7`)},
		want: "stage scaling (kind scaling): dynamics/alpha=3: it has intervals at the level 0.7, this stage 0.95",
	},
	"confidence of a fit": {
		edit: edits{in("fit", `confidence = 0.7`)},
		want: "fit: it has intervals at the level 0.7",
	},
	"transition of another loss": {
		edit: edits{in("transition", `a = 2`)},
		want: "transition: neither it nor another theory-transition input is of loss ell(a=1)",
	},
	"transition at another state": {
		edit: edits{in("transition", `at = "wide"`)},
		want: "at init or threshold",
	},
	"dynamics of another loss": {
		edit: edits{
			in("dynamics", `a = 2`),
			in("null-descent", `a = 2`),
		},
		want: "dynamics/alpha=3: it is of loss ell(a=2), and this stage of loss ell(a=1)",
	},
	"dynamics and spectral": {
		edit: edits{in("fit", `from = ["spectral-descent"]`)},
		want: "it predicts a crossover for random starts, and these sizes have starts hessian",
	},
	"sizes twice": {
		edit: edits{
			family("more", `kind = "finitesize"`, `from = ["descent"]`, `seed = 2`),
			in("scaling", `from = ["fit", "more"]`),
		},
		want: "it has N = 16, and so has",
	},
	"growth of a null model": {
		edit: edits{in("growth", `from = ["null-descent"]`)},
		want: "which have no signal to grow towards",
	},
	"growth of spectral starts": {
		edit: edits{in("growth", `from = ["spectral-descent"]`)},
		want: "its starts are hessian, whose overlap is not small",
	},
	"growth of a descent twice": {
		edit: edits{
			family("again", `kind = "descent"`, `from = ["instance"]`, `method = "flow"`),
			in("growth", `from = ["descent", "again"]`),
		},
		want: "it descends on instances of N = 16, M = 32, seed 1, and so does",
	},
	"growth on one instance": {
		edit: edits{
			family("single", `kind = "instance"`, `N = 30`, `alpha = 3`, `seeds = "1..1"`),
			family("alone", `kind = "descent"`, `from = ["single"]`, `method = "flow"`),
			in("growth", `from = ["descent", "alone"]`),
		},
		want: "it has the only instance of N = 30, M = 90",
	},
	"confidence of growth": {
		edit: edits{in("growth", `confidence = 0.7`)},
		want: "growth: it has intervals at the level 0.7, this stage 0.95",
	},
	"growth twice": {
		edit: edits{
			family("more", `kind = "growth"`, `from = ["descent"]`, `seed = 2`),
			in("law", `from = ["growth", "more"]`),
		},
		want: "it is at N = 16, M = 32, and so is",
	},
	"resamples of growth": {
		edit: edits{
			family("more", `kind = "growth"`, `from = ["descent"]`, `resamples = 100`),
			in("law", `from = ["growth", "more"]`),
		},
		want: "it has 100 resamples of the statistic mean, and growth has 1000 of mean",
	},
	"statistics of growth": {
		edit: edits{
			family("more", `kind = "growth"`, `from = ["descent"]`, `statistic = "median"`),
			in("law", `from = ["growth", "more"]`),
		},
		want: "1000 resamples of the statistic median",
	},
	"eta of flow": {
		edit: edits{in("descent", `eta = 0.01`)},
		want: "eta: is a parameter of method gd, and method is flow here; remove it",
	},
	"a of plain": {
		edit: edits{in("transition", "loss = \"plain\"\na = 1")},
		want: "a: is a parameter of loss ell, pseudohuber, and loss is plain here",
	},
	"no input": {
		edit: edits{in("hessian", `from = ["descent"]`)},
		want: "it needs an input of kind instance and has none",
	},
	"an input too many": {
		edit: edits{in("fit", `from = ["descent", "instance"]`)},
		want: "a stage of kind finitesize reads nothing of kind instance",
	},
}

// What inputs do not suit is told when the graph is made, with the line of the family that
// they come from, and not when the first of them has been computed.
func TestAccepts(t *testing.T) {
	if err := graph(paper); err != nil {
		t.Fatal(err)
	}
	for name, c := range unsuited {
		text := paper
		for _, edit := range c.edit {
			text = edit(text)
		}
		err := graph(text)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "paper.toml:") {
			t.Errorf("%s: want %q, got %v", name, c.want, err)
		}
	}
}

// A graph of many stages, and one that has them all as inputs, is checked in a moment.
func TestManyStages(t *testing.T) {
	text := strings.Replace(paper, "N = [16, 24]\nalpha = [2, 3]\nseeds = \"1..4 by 2\"",
		"N = [16, 24, 32, 48]\nalpha = [2, 3, 4, 5]\nseeds = \"1..400 by 2\"", 1)
	start := time.Now()
	if err := graph(text); err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	if took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	t.Log(fmt.Sprint(took, " for 16,000 stages"))
}
