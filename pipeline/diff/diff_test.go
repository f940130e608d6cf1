package diff

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/quantity"
	"zerotohero/pipeline/store"
)

// made is a stage whose artifact is named by a word, of code in which function f is some other word.
func made(artifact, f, params string, inputs ...store.ActionInput) Stage {
	return Stage{digest.Artifact(artifact), Recipe{Kind: "k", Code: digest.Code(f), Params: []byte(params),
		Manifest: manifestOf(f), HasInputs: true, Inputs: inputs}}
}

func manifestOf(f string) *code.Manifest {
	return &code.Manifest{Sum: digest.Code(f), Packages: []code.Package{{Path: "p", Sum: f,
		Declarations: []code.Declaration{{Name: "f", File: "p/p.go", Sum: f}, {Name: "g", File: "p/p.go", Sum: "g"}}}}}
}

func reads(stage, artifact string) store.ActionInput {
	return store.ActionInput{Stage: stage, Digest: digest.Artifact(artifact)}
}

// chain is a pipeline of n families: draw/i is read by sum/i, these by all, that by figure/one.
// Code f is of the draws, their artifacts end in a word.
func chain(n int, f, version string) State {
	s := State{Stages: make(map[string]Stage)}
	var sums []store.ActionInput
	for i := range n {
		draw, sum := fmt.Sprintf("draw/i=%04d", i), fmt.Sprintf("sum/i=%04d", i)
		s.Stages[draw] = made(draw+version, f, `{}`)
		s.Stages[sum] = made(sum+version, "sum", `{}`, reads(draw, draw+version))
		sums = append(sums, reads(sum, sum+version))
	}
	s.Stages["all"] = made("all"+version, "all", `{"a":1,"b":2}`, sums...)
	s.Stages["figure/one"] = made("figure"+version, "figure", `{}`, reads("all", "all"+version))
	return s
}

// summary writes causes in a line each.
func summary(causes []Cause) string {
	var lines []string
	for _, c := range causes {
		lines = append(lines, fmt.Sprintf("%s: %s of %d, behind %d", c.What, strings.Join(c.words(), "; "), len(c.Stages),
			len(c.Behind)))
	}
	return strings.Join(lines, "\n")
}

func wantCauses(t *testing.T, what string, got []Cause, want ...string) {
	t.Helper()
	if s := summary(got); s != strings.Join(want, "\n") {
		t.Errorf("%s:\n%s\nwant\n%s", what, s, strings.Join(want, "\n"))
	}
}

// One function with two thousand stages behind it is one cause.
func TestOneCause(t *testing.T) {
	a, b := chain(1000, "f1", ""), chain(1000, "f2", "'")
	r := Compare(a, b)
	wantCauses(t, "a function", r.Causes, "code: p.f changed of 1000, behind 1002")
	if r.Same != 0 || len(r.Differ) != 2002 || len(r.New)+len(r.Gone)+len(r.Moved)+len(r.Without) != 0 || r.AllSame() {
		t.Errorf("%d same, %d differ", r.Same, len(r.Differ))
	}
	if r := Compare(a, a); r.Same != 2002 || len(r.Causes) != 0 || !r.AllSame() {
		t.Errorf("compared with itself: %+v", r)
	}
}

func TestCauses(t *testing.T) {
	a := chain(2, "f1", "")
	// edit compares with what is edited of the same.
	edit := func(change func(s State)) *Report {
		b := chain(2, "f1", "")
		change(b)
		return Compare(a, b)
	}
	fig := func(s State, all string) {
		s.Stages["figure/one"] = made("figure'", "figure", `{}`, reads("all", all))
	}
	ofAll := []store.ActionInput{reads("sum/i=0000", "sum/i=0000"), reads("sum/i=0001", "sum/i=0001")}
	r := edit(func(s State) { s.Stages["all"] = made("all'", "all", `{"a":1,"c":2}`, ofAll...); fig(s, "all'") })
	wantCauses(t, "parameters", r.Causes, "parameters: b = 2 is gone; c = 2 is new of 1, behind 1")
	if r.Same != 4 || !slices.Equal(r.Causes[0].Behind, []string{"figure/one"}) {
		t.Errorf("%+v", r)
	}
	r = edit(func(s State) {
		s.Stages["draw/i=0002"] = made("new", "f1", `{}`)
		s.Stages["all"] = made("all'", "all", `{"a":1,"b":2}`, append(ofAll[:1:1], reads("draw/i=0002", "new"))...)
		fig(s, "all'")
	})
	wantCauses(t, "inputs", r.Causes, "inputs: no longer reads sum/i=0001; now reads draw/i=0002 of 1, behind 1")
	if !slices.Equal(r.New, []string{"draw/i=0002"}) {
		t.Errorf("new: %v", r.New)
	}
	// A stage that came out as before ends a change, and what changed has had no effect.
	r = edit(func(s State) { s.Stages["draw/i=0000"] = made("draw/i=0000", "f2", `{}`) })
	wantCauses(t, "cutoff", r.Causes)
	wantCauses(t, "cutoff", r.Without, "code: p.f changed of 1, behind 0")
	if !r.AllSame() {
		t.Error("the same artifacts are not the same")
	}
	// But not if it has an effect elsewhere.
	r = edit(func(s State) {
		s.Stages["draw/i=0000"] = made("draw/i=0000", "f2", `{}`)
		s.Stages["draw/i=0001"] = made("draw'", "f2", `{}`)
	})
	wantCauses(t, "cutoff of some", r.Causes, "code: p.f changed of 1, behind 0")
	wantCauses(t, "cutoff of some", r.Without)
	// Under other names nothing of it differs.
	r = edit(func(s State) {
		s.Stages["drawn/0"] = s.Stages["draw/i=0000"]
		delete(s.Stages, "draw/i=0000")
		s.Stages["sum/i=0000"] = made("sum/i=0000", "sum", `{}`, reads("drawn/0", "draw/i=0000"))
	})
	wantCauses(t, "renamed", append(r.Causes, r.Without...))
	if len(r.Moved) != 1 || r.Moved[0] != (Rename{"draw/i=0000", "drawn/0"}) || len(r.Gone)+len(r.New) != 0 || r.AllSame() {
		t.Errorf("%+v", r)
	}
	// An artifact that read what is not the state's is told from one that is behind.
	r = edit(func(s State) { fig(s, "an earlier one") })
	wantCauses(t, "out of date", r.Causes, "inputs: reads another version of all of 1, behind 0")
	r = edit(func(s State) { s.Stages["draw/i=0001"] = made("draw'", "f1", `{}`) })
	if s := summary(r.Causes); !strings.HasPrefix(s, "impure: the same code, parameters and inputs") {
		t.Error(s)
	}
	r = edit(func(s State) {
		x := made("draw'", "f1", `{}`)
		x.Recipe.Kind, x.Recipe.Format, x.Recipe.Build = "other", "2", "askew"
		s.Stages["draw/i=0001"] = x
	})
	wantCauses(t, "kind", r.Causes, "kind: kind k is now other of 1, behind 0")
}

// Without recipes the graph alone tells what is behind what.
func TestUnknownRecipes(t *testing.T) {
	a, b := chain(3, "f1", ""), chain(3, "f2", "'")
	forget := func(s State) {
		for name, x := range s.Stages {
			x.Recipe = Recipe{Inputs: x.Recipe.Inputs}
			s.Stages[name] = x
		}
	}
	forget(a)
	wantCauses(t, "one side", Compare(a, b).Causes, "unknown: what the earlier artifact was made of is not known of 3, behind 5")
	forget(b)
	wantCauses(t, "both", Compare(a, b).Causes, "unknown: what the earlier artifact was made of is not known of 3, behind 5")
	b = chain(3, "f2", "'")
	for name, x := range b.Stages {
		x.Recipe.Manifest = nil
		b.Stages[name] = x
	}
	wantCauses(t, "no manifests", Compare(chain(3, "f1", ""), b).Causes,
		"code: code of kind k, of which the sources are not known of 3, behind 5")
}

// Every stage that differs is under a cause, whatever of the recipes is known. Seeds are fixed.
func TestEveryStageHasACause(t *testing.T) {
	for k := range 200 {
		a, b := chain(5, "f1", ""), chain(5, "f2", "'")
		n := 0
		for _, s := range []State{a, b} {
			for name, x := range s.Stages {
				n++
				switch (len(name)*7 + int(name[len(name)-1]) + k*n) % 5 {
				case 0:
					x.Recipe = Recipe{}
				case 1:
					x.Recipe.HasInputs = false
				case 2:
					x.Recipe.Manifest = nil
				}
				s.Stages[name] = x
			}
		}
		r := Compare(a, b)
		under := make(map[string]bool)
		for _, c := range r.Causes {
			for _, s := range append(slices.Clone(c.Stages), c.Behind...) {
				under[s] = true
			}
		}
		for _, s := range r.Differ {
			if !under[s] {
				t.Fatalf("%d: %s is under no cause of\n%s", k, s, summary(r.Causes))
			}
		}
	}
}

func exact(v float64) pipeline.Quantity { return between(v, math.NaN(), math.NaN()) }

func between(v, lo, hi float64) pipeline.Quantity {
	return quantity.New("q", pipeline.Plain("a number"), v, lo, hi)
}

func none() pipeline.Quantity {
	nan := math.NaN()
	return pipeline.Quantity{Name: "q", Text: pipeline.Plain("a number"), Value: nan, Lo: nan, Hi: nan, None: pipeline.Plain("why")}
}

func TestQuantities(t *testing.T) {
	inf := math.Inf(1)
	for name, c := range map[string]struct {
		a, b  pipeline.Quantity
		want  Change // empty if they are equal
		shift float64
	}{
		"equal":             {between(1, 0, 2), between(1, 0, 2), "", 0},
		"none twice":        {none(), none(), "", 0},
		"beyond both":       {between(1, 0.5, 1.5), between(3, 2, 4), Beyond, 2},
		"towards each":      {between(1, -9, 1.5), between(3, 2, 14), Beyond, 2},
		"downwards":         {between(3, 2, 9), between(1, 0.5, 2), Beyond, 2},
		"in one":            {between(1, -1, 3), between(2, 1.9, 2.1), Within, 0.5},
		"the interval":      {between(1, 0, 2), between(1, 0.5, 2), Within, 0},
		"open":              {between(1, 0, inf), between(100, 99, 101), Within, 0},
		"open, the other":   {between(1, -inf, 2), between(4, 3, 5), Beyond, 3},
		"exact":             {exact(1), exact(2), Exact, 0},
		"in the last digit": {exact(1), exact(1 + 1e-12), Digits, 0},
		"from exact":        {exact(1), between(2, 1.5, 2.5), Beyond, 2},
		"none":              {exact(1), none(), Vanished, 0},
		"a number":          {none(), exact(1), Appeared, 0},
	} {
		r := Compare(State{Figures: map[string][]pipeline.Quantity{"f": {c.a}}},
			State{Figures: map[string][]pipeline.Quantity{"f": {c.b}}})
		switch {
		case c.want == "" && (len(r.Quantities) > 0 || r.Equal != 1):
			t.Errorf("%s: %+v", name, r.Quantities)
		case c.want == "":
		case len(r.Quantities) != 1 || r.Quantities[0].Change != c.want || math.Abs(r.Quantities[0].Shift-c.shift) > 1e-12:
			t.Errorf("%s: %+v, want %s %g", name, r.Quantities, c.want, c.shift)
		}
	}
}

func TestQuantitiesInOrder(t *testing.T) {
	named := func(name string, q pipeline.Quantity) pipeline.Quantity { q.Name = name; return q }
	a := State{Figures: map[string][]pipeline.Quantity{
		"f": {named("little", between(1, 0, 2)), named("far", between(1, 0.9, 1.1)), named("gone", exact(1)),
			named("farther", between(1, 0.9, 1.1)), named("exact", exact(1))},
		"old": {exact(1)}, "unread": nil, "empty": {},
	}}
	b := State{Figures: map[string][]pipeline.Quantity{
		"f": {named("little", between(1.5, 0, 2)), named("far", between(2, 1.9, 2.1)), named("new", exact(1)),
			named("farther", between(9, 8.9, 9.1)), named("exact", exact(2))},
		"unread": {exact(1)}, "empty": nil, "young": {exact(1)},
	}}
	r := Compare(a, b)
	var got []string
	for _, q := range r.Quantities {
		got = append(got, fmt.Sprintf("%s/%s %s", q.Figure, q.Name, q.Change))
	}
	if want := []string{"f/farther beyond", "f/far beyond", "f/exact exact", "f/little within", "f/gone gone", "old/q gone",
		"f/new new", "young/q new"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if !slices.Equal(r.UnreadA, []string{"unread"}) || !slices.Equal(r.UnreadB, []string{"empty"}) {
		t.Errorf("unread %q and %q", r.UnreadA, r.UnreadB)
	}
}
