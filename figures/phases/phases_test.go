package phases

import (
	"math"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/spectrum"
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "phases", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "phases", nil, "inputs")
}

func good() pipeline.Inputs {
	threshold := figurestest.Semicircle(3, true)
	threshold.At = "threshold"
	return append(figurestest.Ensemble(),
		figurestest.Stage("theory-density", "density/init", figurestest.Semicircle(3, true)),
		figurestest.Stage("theory-density", "density/threshold", threshold),
		figurestest.TransitionAt(1), figurestest.ThresholdAt(1))
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[spectrum.Theory, theory.DensityRow](t)
}

func TestNumbers(t *testing.T) {
	_, n := figurestest.Described(t, "phases", good())
	nan := math.NaN()
	// Four of eight that are resolved; Wilson's interval is symmetric there, with
	// half width z/√(n+z²)/2.
	figurestest.Near(t, n["recovered-alpha=3"], 0.5, 0.2152, 0.7848)
	figurestest.Near(t, n["outlier-start-alpha=3"], 1, 0.7009, 1)
	figurestest.Near(t, n["outlier-end-alpha=3"], 0, 0, 0.4345)
	// The edge has come to 3% of −8 at t = 10.
	figurestest.Near(t, n["t-arrival-alpha=3"], 10, nan, nan)
	figurestest.Near(t, n["q2-start-theory-alpha=3"], 0.3, nan, nan)
}

func TestPartialDataIsDrawn(t *testing.T) {
	one := figurestest.OutcomesOf("flow", 80, 100, "t")[0]
	figurestest.Drawn(t, "phases", pipeline.Inputs{
		figurestest.Stage("descent", "path", one), figurestest.Stage("hessian", "state", figurestest.StatesOf(one)...),
		figurestest.Stage("theory-density", "density", figurestest.Semicircle(2, false)), figurestest.TransitionAt(2),
	})
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	of := func(outcomes string, change func(*trajectory.Descent,
		[]trajectory.State) []trajectory.State) pipeline.Inputs {
		var paths []trajectory.Descent
		var states []trajectory.State
		for _, p := range figurestest.OutcomesOf("flow", 120, 100, outcomes) {
			s := change(&p, figurestest.StatesOf(p))
			paths, states = append(paths, p), append(states, s...)
		}
		return pipeline.Inputs{
			figurestest.Stage("descent", "path", paths...), figurestest.Stage("hessian", "state", states...),
			figurestest.Stage("theory-density", "density", figurestest.Semicircle(3, false)),
			figurestest.Stage("theory-transition", "transition/none",
				figurestest.Transition{At: "init", Loss: "ell", A: 1}),
		}
	}
	as := func(_ *trajectory.Descent, s []trajectory.State) []trajectory.State { return s }
	// At large α all have left the plateau by the first time after the start.
	gone := func(_ *trajectory.Descent, s []trajectory.State) []trajectory.State {
		for k := range s[1:] {
			s[k+1].Overlap, s[k+1].Lowest[0].Overlap = 1, math.NaN()
		}
		return s
	}
	signal := func(_ *trajectory.Descent, s []trajectory.State) []trajectory.State {
		for k := range s {
			s[k].Overlap, s[k].Lowest[0].Overlap = 1, math.NaN()
		}
		return s
	}
	diverged := func(d *trajectory.Descent, s []trajectory.State) []trajectory.State {
		d.Outcome, d.Trace = "diverged", []trajectory.Step{{Energy: 2},
			{T: 1, Energy: math.Inf(1), Overlap: math.NaN()}}
		return s
	}
	for _, c := range []struct {
		what  string
		in    pipeline.Inputs
		words []string
	}{
		{"all leave the plateau at once", of("rrrrrrr", gone),
			[]string{"Share with an outlier on arrival: none (no descent is on the plateau) at α = 3"}},
		{"all start in the signal", of("rr", signal), []string{"outlier on arrival: none"}},
		{"all diverged", of("tttt", diverged), []string{"resolved descents, with 95% Wilson intervals: 0"}},
		{"all unresolved", of("uuu", as), []string{"none (no descent is resolved)"}},
		{"one seed", of("u", as), []string{"none (no descent is resolved)"}},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "phases", c.in, c.words...) })
	}
	_, n := figurestest.Described(t, "phases", of("rrrrrrr", gone))
	for _, name := range []string{"t-arrival-alpha=3", "outlier-arrival-alpha=3", "q2-arrival-alpha=3",
		"outlier-end-alpha=3", "q2-start-theory-alpha=3"} {
		if n[name].None == "" {
			t.Errorf("%s is %+v", name, n[name])
		}
	}
}

func TestUnusableInputIsAnError(t *testing.T) {
	all := good()
	path := figurestest.OutcomesOf("flow", 120, 100, "r")
	path[0].Seed = 50
	alien, few := figurestest.StatesOf(path[0]), figurestest.StatesOf(path[0])[:2]
	for _, c := range []struct {
		in   pipeline.Inputs
		want string
	}{
		{append(all[:1:1], figurestest.Stage("hessian", "state/alien", alien...)), "state/alien"},
		{append(all[:2:2], figurestest.Stage("theory-density", "density", figurestest.Semicircle(5, false)),
			figurestest.TransitionAt(1)), "alpha = 3"},
		{append(all[2:], figurestest.Stage("descent", "path/few", path...),
			figurestest.Stage("hessian", "state/few", few...)), "two more"},
	} {
		figurestest.Refused(t, "phases", c.in, c.want)
	}
}
