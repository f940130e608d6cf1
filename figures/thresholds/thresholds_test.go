package thresholds

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/figures/inputs"
	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "thresholds", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "thresholds", nil, "inputs")
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[nullRow, dynamics.TransitionRow](t)
	figurestest.Reads[inputs.Transition, theory.TransitionRow](t)
}

func TestThresholdsQuoteTheNullModel(t *testing.T) {
	in := good()
	lost := nullOf(0.1, 500)
	lost.Identified, lost.Alpha, lost.Lo, lost.Hi = false, math.NaN(), math.NaN(), math.NaN()
	open := nullOf(0.3, 500)
	open.Lo, open.Hi = math.Inf(-1), math.Inf(1)
	in = append(in, figurestest.Stage("dynamics-transition", "null/a=0.1", lost, open))
	caption, n := figurestest.Described(t, "thresholds", in)
	if q := n["alpha-bbp-ts-null-n=2000-ell-a=1"]; q.Value != 6.5 || q.Lo != 6.3 || q.Hi != 6.8 {
		t.Errorf("%+v", q)
	}
	// ThresholdAt(1) is at 7; there is none at a = 3, on which nothing is made up.
	if q := n["alpha-bbp-ts-1rsb-ell-a=1"]; q.Value != 7 {
		t.Errorf("%+v", q)
	}
	if _, ok := n["alpha-bbp-ts-1rsb-ell-a=3"]; ok {
		t.Error("1RSB at a = 3")
	}
	if !strings.Contains(caption, "1 estimate of the null model not shown") {
		t.Error(caption)
	}
	if _, err := figurestest.Render("thresholds", in); err != nil {
		t.Error(err)
	}
}

// Of descents that are not trapped the last time with a transition is shown.
func TestTimesOfDescentsThatAreNotTrapped(t *testing.T) {
	nan := math.NaN()
	free, ended := nullOf(1, 9000), nullOf(1, 250)
	free.Identified, free.Alpha, free.Lo, free.Hi = false, nan, nan, nan
	free.Points = []nullPoint{{0}, {0}}
	free.Times = []nullTime{{0, true, 1.2, 1.1, 1.3}, {1, true, 3, 2.9, 3.2}, {5, false, nan, nan, nan},
		{40, true, 6, 5.9, 6.1}, {65, false, nan, nan, nan}}
	ended.Points, ended.Times = []nullPoint{{3}}, []nullTime{{40, true, 5.8, 5.5, 6.1}}
	in := append(good(), figurestest.Stage("dynamics-transition", "null/more", free, ended))
	caption, n := figurestest.Described(t, "thresholds", in)
	figurestest.Near(t, n["alpha-bbp-ts-null-n=9000-t=40-ell-a=1"], 6, 5.9, 6.1)
	figurestest.Near(t, n["alpha-bbp-ts-null-n=9000-t=1-ell-a=1"], 3, 2.9, 3.2)
	if q := n["alpha-bbp-ts-null-n=9000-ell-a=1"]; q.None != "no descent is trapped in the time simulated" {
		t.Errorf("%+v", q)
	}
	for _, want := range []string{"so that it may still move: $6.00$ [$5.90$, $6.10$] at $t = 40$",
		"(b) The same at $a = 1$", "and in trapped states."} {
		if !strings.Contains(caption, want) {
			t.Errorf("%q, want %q", caption, want)
		}
	}
	if strings.Contains(caption, "not shown") {
		t.Error(caption)
	}
	if _, err := figurestest.Render("thresholds", in); err != nil {
		t.Error(err)
	}
}

func TestBoundaryIsStraightInLog(t *testing.T) {
	b := boundary{a: []float64{0.01, 1, 10}, alpha: []float64{1, 3, 7}}
	for a, want := range map[float64]float64{0.01: 1, 0.1: 2, 1: 3, math.Sqrt(10): 5, 10: 7} {
		if got := b.at(a); math.Abs(got-want) > 1e-12 {
			t.Errorf("at %g: %g, want %g", a, got, want)
		}
	}
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	nan := math.NaN()
	lost := nullOf(1, 500)
	lost.Identified, lost.Alpha, lost.Lo, lost.Hi = false, nan, nan, nan
	open := nullOf(1, 500)
	open.Lo, open.Hi = math.Inf(-1), math.Inf(1)
	search := func(at string, found ...bool) (out pipeline.Inputs) {
		for k, f := range found {
			r := figurestest.Transition{At: at, Loss: "ell", A: math.Pow(10, float64(k)), Edge: "sharp"}
			if f {
				r.Found, r.Alpha = true, 2
			}
			out = append(out, figurestest.Stage("theory-transition", fmt.Sprintf("%s/%d", at, k), r))
		}
		return out
	}
	null := func(r nullRow) pipeline.Inputs {
		return pipeline.Inputs{figurestest.Stage("dynamics-transition", "null", r)}
	}
	for _, c := range []struct {
		what  string
		in    pipeline.Inputs
		words []string
	}{
		{"nothing found", slices.Concat(search("init", false, false), search("threshold", false, false), null(lost)),
			[]string{"its least value here is none (theory finds no transition)", "by 1RSB: none", "null model: none"}},
		{"one found", slices.Concat(search("init", true, false), search("threshold", false, true), null(open)), nil},
		{"no threshold", slices.Concat(search("init", true, true), search("threshold", false, false), null(open)),
			[]string{"by 1RSB: none"}},
		{"no simulation", slices.Concat(search("init", true, true), search("threshold", true, true), null(lost)),
			[]string{"null model: none", "1 estimate of the null model not shown"}},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "thresholds", c.in, c.words...) })
	}
	_, n := figurestest.Described(t, "thresholds", slices.Concat(search("init", false, false),
		search("threshold", false, false), null(lost)))
	for _, name := range []string{"alpha-bbp-init-least", "alpha-bbp-ts-1rsb", "alpha-bbp-ts-null-n=500-ell-a=1"} {
		if n[name].None == "" {
			t.Errorf("%s is %+v", name, n[name])
		}
	}
}

func TestThresholdsRefuse(t *testing.T) {
	all := good()
	figurestest.Refused(t, "thresholds", all[2:], "dynamics-transition")
	figurestest.Refused(t, "thresholds", all[:4], "two values of a")
	other := nullOf(1, 500)
	other.Loss = "plain"
	figurestest.Refused(t, "thresholds",
		append(pipeline.Inputs{figurestest.Stage("dynamics-transition", "null/odd", other)}, all...), "null/odd")
	upside := nullOf(1, 500)
	upside.Lo = 9
	figurestest.Refused(t, "thresholds",
		append(pipeline.Inputs{figurestest.Stage("dynamics-transition", "null/odd", upside)}, all...), "null/odd")
	twice := figurestest.Transition{At: "threshold", Loss: "ell", A: 1, Found: true, Alpha: 99}
	figurestest.Refused(t, "thresholds",
		append(pipeline.Inputs{figurestest.Stage("theory-transition", "threshold/odd", twice)}, all...),
		"threshold/odd")
}
