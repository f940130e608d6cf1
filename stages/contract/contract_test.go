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
	"zerotohero/stages/dynamics"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/growth"
	"zerotohero/stages/hessian"
	"zerotohero/stages/instance"
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
	theory.DensityKind, theory.TransitionKind, theory.OutlierKind, finitesize.Kind, scaling.Kind, growth.Kind, growth.LawKind,
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

// also adds families.
func also(more string) func(string) string {
	return func(text string) string { return text + more }
}

// What inputs do not suit is told when the graph is made, with the line of the family that
// they come from, and not when the first of them has been computed.
func TestAccepts(t *testing.T) {
	if err := graph(paper); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		edit []func(string) string
		want string
	}{
		"loss of a Hessian":          {[]func(string) string{in("hessian", `loss = "plain"`)}, "stage hessian/N=16,alpha=2,seeds=1-2 (kind hessian): descent/N=16,alpha=2,seeds=1-2: it is of loss ell(a=1), and this stage of loss plain"},
		"a of a Hessian":             {[]func(string) string{in("hessian", `a = 2`)}, "of loss ell(a=1), and this stage of loss ell(a=2)"},
		"loss of a landscape":        {[]func(string) string{in("landscape", `loss = "pseudohuber"`)}, "this stage of loss pseudohuber(a=1)"},
		"time not kept":              {[]func(string) string{in("hessian", `times = [0, 2]`)}, "it keeps students at t = [0 1 5], and this stage is about t = 2; add 2 to the parameter keep"},
		"instances of others":        {[]func(string) string{in("landscape", `from = ["descent", "null-instance"]`)}, "which are not all among the inputs"},
		"instances twice":            {[]func(string) string{also("[stage.again]\nkind = \"instance\"\nN = 16\nalpha = 2\nseeds = \"2..3\"\n"), in("landscape", `from = ["descent", "instance", "again"]`)}, "it has instances of N = 16, M = 32, seed 2, and so does"},
		"descent on instances twice": {[]func(string) string{also("[stage.again]\nkind = \"instance\"\nN = 16\nalpha = 2\nseeds = \"2..3\"\n"), in("descent", `from = ["instance", "again"]`)}, "it has instances of N = 16, M = 32, seed 2"},
		"loss of spectral starts":    {[]func(string) string{in("start", `a = 3`)}, "it is of loss ell(a=3), and this stage of loss ell(a=1)"},
		"too few spectral starts":    {[]func(string) string{in("spectral-descent", `starts = 4`)}, "it gives starts = 3 an instance, and this stage takes starts = 4"},
		"starts of one an instance": {[]func(string) string{func(s string) string {
			return strings.Replace(s, "estimator = \"hessian\"\nstarts = 3", "estimator = \"optimal\"", 1)
		}}, "it gives starts = 1"},
		"no spectral estimates":     {[]func(string) string{also("[stage.other]\nkind = \"instance\"\nN = 30\nalpha = 2\nseeds = \"1..2\"\n"), in("spectral-descent", `from = ["instance", "other", "start"]`)}, "other: no spectral estimates of its instances, N = 30, M = 60, seeds 1-2, are among the inputs"},
		"two estimators":            {[]func(string) string{also("[stage.more]\nkind = \"spectral\"\neach = \"signal\"\nfrom = [\"instance\"]\nestimator = \"optimal\"\n"), in("spectral-descent", `from = ["instance", "start", "more"]`), in("spectral-descent", `starts = 1`)}, "it starts on instances of N = 16, M = 32, seed 1, and so does"},
		"methods in one fit":        {[]func(string) string{also("[stage.gd]\nkind = \"descent\"\nfrom = [\"landscape-instance\"]\n[stage.landscape-instance]\nkind = \"instance\"\nN = 30\nalpha = 3\nseeds = \"1..2\"\n"), in("fit", `from = ["descent", "gd"]`)}, "method gd(eta=0.02), starts random, and descent/N=16,alpha=2,seeds=1-2 has loss ell(a=1), method flow(tol=0.01)"},
		"starts in one fit":         {[]func(string) string{in("spectral-descent", `method = "flow"`), in("fit", `from = ["descent", "spectral-descent"]`)}, "starts hessian"},
		"a descent twice":           {[]func(string) string{also("[stage.again]\nkind = \"descent\"\nfrom = [\"instance\"]\nmethod = \"flow\"\n"), in("fit", `from = ["descent", "again"]`)}, "it descends on instances of N = 16, M = 32, seed 1, and so does"},
		"fit of a null model":       {[]func(string) string{in("fit", `from = ["null-descent"]`)}, "which have no signal in their labels"},
		"dynamics with a signal":    {[]func(string) string{in("dynamics", `from = ["descent", "instance"]`)}, "it is not of the null model"},
		"loss of dynamics":          {[]func(string) string{in("dynamics", `loss = "plain"`)}, "of loss ell(a=1), and this stage of loss plain"},
		"several alpha in dynamics": {[]func(string) string{in("dynamics", `over = ["seeds"]`)}, "give each a stage of its own"},
		"keep of nothing":           {[]func(string) string{in("null-descent", `keep = []`)}, "with at least one time"},
		"one seed": {[]func(string) string{func(s string) string {
			return strings.Replace(s, "alpha = [3, 4]\nseeds = \"1..4 by 2\"", "alpha = [3, 4]\nseeds = \"1..1\"", 1)
		}}, "a bootstrap needs 2 at least"},
		"places of one transition":    {[]func(string) string{also("[stage.more]\nkind = \"dynamics\"\neach = \"null\"\nover = [\"alpha\"]\nseed = 2\nfrom = [\"null-descent\", \"null-instance\"]\n"), in("dynamical", `from = ["dynamics", "more"]`)}, "it is at N = 20, M = 60, and so is"},
		"confidence of dynamics":      {[]func(string) string{in("dynamics", `confidence = 0.7`)}, "stage scaling (kind scaling): dynamics/alpha=3: it has intervals at the level 0.7, this stage 0.95"},
		"confidence of a fit":         {[]func(string) string{in("fit", `confidence = 0.7`)}, "fit: it has intervals at the level 0.7"},
		"transition of another loss":  {[]func(string) string{in("transition", `a = 2`)}, "transition: neither it nor another theory-transition input is of loss ell(a=1)"},
		"transition of another place": {[]func(string) string{in("transition", `at = "wide"`)}, "at init or threshold"},
		"dynamics of another loss":    {[]func(string) string{in("dynamics", `a = 2`), in("null-descent", `a = 2`)}, "dynamics/alpha=3: it is of loss ell(a=2), and this stage of loss ell(a=1)"},
		"dynamics and spectral":       {[]func(string) string{in("fit", `from = ["spectral-descent"]`)}, "it predicts a crossover for random starts, and these sizes have starts hessian"},
		"sizes twice":                 {[]func(string) string{also("[stage.more]\nkind = \"finitesize\"\nfrom = [\"descent\"]\nseed = 2\n"), in("scaling", `from = ["fit", "more"]`)}, "it has N = 16, and so has"},
		"growth of a null model":      {[]func(string) string{in("growth", `from = ["null-descent"]`)}, "which have no signal to grow towards"},
		"growth of spectral starts":   {[]func(string) string{in("growth", `from = ["spectral-descent"]`)}, "its starts are hessian, whose overlap is not small"},
		"growth of a descent twice":   {[]func(string) string{also("[stage.again]\nkind = \"descent\"\nfrom = [\"instance\"]\nmethod = \"flow\"\n"), in("growth", `from = ["descent", "again"]`)}, "it descends on instances of N = 16, M = 32, seed 1, and so does"},
		"growth on one instance":      {[]func(string) string{also("[stage.single]\nkind = \"instance\"\nN = 30\nalpha = 3\nseeds = \"1..1\"\n[stage.alone]\nkind = \"descent\"\nfrom = [\"single\"]\nmethod = \"flow\"\n"), in("growth", `from = ["descent", "alone"]`)}, "it has the only instance of N = 30, M = 90"},
		"confidence of growth":        {[]func(string) string{in("growth", `confidence = 0.7`)}, "growth: it has intervals at the level 0.7, this stage 0.95"},
		"growth twice":                {[]func(string) string{also("[stage.more]\nkind = \"growth\"\nfrom = [\"descent\"]\nseed = 2\n"), in("law", `from = ["growth", "more"]`)}, "it is at N = 16, M = 32, and so is"},
		"resamples of growth":         {[]func(string) string{also("[stage.more]\nkind = \"growth\"\nfrom = [\"descent\"]\nresamples = 100\n"), in("law", `from = ["growth", "more"]`)}, "it has 100 resamples of the statistic mean, and growth has 200 of mean"},
		"statistics of growth":        {[]func(string) string{also("[stage.more]\nkind = \"growth\"\nfrom = [\"descent\"]\nstatistic = \"median\"\n"), in("law", `from = ["growth", "more"]`)}, "200 resamples of the statistic median"},
		"eta of flow":                 {[]func(string) string{in("descent", `eta = 0.01`)}, "eta: is a parameter of method gd, and method is flow here; remove it"},
		"a of plain":                  {[]func(string) string{in("transition", "loss = \"plain\"\na = 1")}, "a: is a parameter of loss ell, pseudohuber, and loss is plain here"},
		"no input":                    {[]func(string) string{in("hessian", `from = ["descent"]`)}, "it needs an input of kind instance and has none"},
		"an input too many":           {[]func(string) string{in("fit", `from = ["descent", "instance"]`)}, "a stage of kind finitesize reads nothing of kind instance"},
	} {
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

// What one kind reads of another is there: columns, their types, and parameters.
func TestEveryRead(t *testing.T) {
	byName := make(map[string]*pipeline.Kind)
	for _, k := range kinds {
		if byName[k.Name] != nil {
			t.Errorf("two kinds are called %s", k.Name)
		}
		byName[k.Name] = k
	}
	for _, k := range kinds {
		for _, r := range k.Reads(nil) {
			from := byName[r.Kind]
			if from == nil {
				t.Errorf("%s reads %s, which does not exist", k.Name, r.Kind)
				continue
			}
			if err := r.Fits(from); err != nil {
				t.Errorf("%s: %v", k.Name, err)
			}
		}
	}
}

// A graph of many stages, and one that has them all as inputs, is checked in a moment.
func TestManyStages(t *testing.T) {
	text := strings.Replace(paper, "N = [16, 24]\nalpha = [2, 3]\nseeds = \"1..4 by 2\"", "N = [16, 24, 32, 48]\nalpha = [2, 3, 4, 5]\nseeds = \"1..400 by 2\"", 1)
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
