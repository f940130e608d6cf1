package dynamics

import (
	"math"
	"strings"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
	"zerotohero/stages/dynamics"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "dynamics", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "dynamics", nil, "inputs")
}

// good has the null model at two sizes, of which the larger stands for infinite N.
func good() pipeline.Inputs {
	return append(figurestest.Ensemble(), figurestest.Stage("dynamics", "null/500", nullOf(500, 3)),
		figurestest.Stage("dynamics", "null/60", nullOf(60, 3)))
}

// nullOf loses the direction at t = 0.8.
func nullOf(n int64, alpha float64) nullRow {
	r := nullRow{N: n, Alpha: alpha, Loss: "ell", A: 1, Runs: 6, Lost: true, TBBP: 0.8, TBBPLo: 0.5,
		TBBPHi: math.Inf(1), W: 2, WLo: 1.9, WHi: 2.2}
	for k, t := range figurestest.StateTimes[:5] {
		edge := []float64{-8, -4, -1, -0.1, -0.05}[k]
		q2 := max(0, 0.3*(1-t))
		r.Times = append(r.Times, nullState{T: t, Outlier: q2 > 0, Edge: edge, LambdaStar: edge - q2,
			Q2: q2, Q2Lo: 0.9 * q2, Q2Hi: 1.1 * q2})
	}
	return r
}

func early() nullRow {
	r := nullOf(60, 3)
	r.TBBP, r.TBBPLo, r.TBBPHi = 0.7, 0.6, 0.75
	return r
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[nullRow, dynamics.Row](t)
}

func TestNumbers(t *testing.T) {
	in := append(good(), figurestest.Stage("dynamics", "null/100", nullOf(100, 3)),
		figurestest.Stage("dynamics", "null/90", nullOf(90, 3)))
	in[len(in)-3] = figurestest.Stage("dynamics", "null/60", early())
	caption, n := figurestest.Described(t, "dynamics", in)
	figurestest.Near(t, n["t-bbp-alpha=3"], 0.8, 0.5, math.Inf(1))
	figurestest.Near(t, n["t-bbp-alpha=3-null-n=90"], 0.8, 0.5, math.Inf(1))
	figurestest.Near(t, n["t-bbp-alpha=3-null-n=60"], 0.7, 0.6, 0.75)
	if want := "the null model at $N = 90$ and $N = 60$, at the α that were simulated there."; !strings.Contains(
		caption, want) {
		t.Errorf("%q, want %q", caption, want)
	}
}

func TestPartialDataIsDrawn(t *testing.T) {
	one := figurestest.OutcomesOf("flow", 80, 100, "t")[0]
	never := nullOf(100, 2)
	never.Lost, never.TBBP, never.TBBPHi = false, math.Inf(1), math.Inf(1)
	figurestest.Drawn(t, "dynamics", pipeline.Inputs{
		figurestest.Stage("descent", "path", one), figurestest.Stage("hessian", "state", figurestest.StatesOf(one)...),
		figurestest.Stage("dynamics", "null", never),
	})
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	never := nullOf(500, 3)
	never.TBBP, never.TBBPLo, never.TBBPHi, never.W, never.WLo, never.WHi = 0, 0, 0, 0, 0, 0
	for k := range never.Times {
		s := &never.Times[k]
		s.Outlier, s.LambdaStar, s.Q2, s.Q2Lo, s.Q2Hi = false, s.Edge, 0, 0, 0
	}
	keeps := nullOf(500, 3)
	keeps.Lost, keeps.TBBP, keeps.TBBPLo, keeps.TBBPHi = false, inf, inf, inf
	void := nullOf(500, 3)
	void.Lost, void.TBBP, void.TBBPLo, void.TBBPHi, void.W, void.WLo, void.WHi = false, inf, inf, inf, nan, nan, nan
	for k := range void.Times {
		void.Times[k] = nullState{T: void.Times[k].T, Edge: nan, LambdaStar: nan, Q2: nan, Q2Lo: nan, Q2Hi: nan}
	}
	of := func(outcomes string, times int, null nullRow) pipeline.Inputs {
		var paths []trajectory.Descent
		var states []trajectory.State
		for _, p := range figurestest.OutcomesOf("flow", 120, 100, outcomes) {
			paths, states = append(paths, p), append(states, figurestest.StatesOf(p)[:times]...)
		}
		return pipeline.Inputs{figurestest.Stage("descent", "path", paths...),
			figurestest.Stage("hessian", "state", states...), figurestest.Stage("dynamics", "null", null)}
	}
	for _, c := range []struct {
		what  string
		in    pipeline.Inputs
		words []string
	}{
		{"never an outlier", of("rrrrrrtttttt", 6, never),
			[]string{"At α = 3 t_BBP is none (there never is an outlier)"}},
		{"never lost", of("rrrrrrtttttt", 6, keeps), []string{"t_BBP is none (the outlier is never lost)"}},
		{"nothing in the null model", of("uu", 6, void), []string{"t_BBP is none"}},
		{"all recovered", of("rrrrrrr", 6, keeps), []string{"7 recovered and 0 trapped of 7"}},
		{"none recovered", of("ttttttt", 6, never), []string{"0 recovered and 7 trapped of 7"}},
		{"all unresolved", of("uuu", 6, keeps), []string{"0 recovered and 0 trapped of 3"}},
		{"one seed", of("u", 6, never), nil},
		{"the start alone", of("rt", 1, void), []string{"t_BBP is none"}},
		{"one time", of("rt", 2, nullOf(500, 3)), nil},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "dynamics", c.in, c.words...) })
	}
	_, n := figurestest.Described(t, "dynamics", of("rrrrrrr", 6, never))
	for _, name := range []string{"t-bbp-alpha=3", "w-alpha=3", "q2-start-trapped-alpha=3",
		"q2-after-recovered-alpha=3"} {
		if n[name].None == "" {
			t.Errorf("%s is %+v", name, n[name])
		}
	}
	if q := n["q2-start-recovered-alpha=3"]; q.None != "" {
		t.Errorf("%+v", q)
	}
}

func TestUnusableInputIsAnError(t *testing.T) {
	all := good()
	odd := figurestest.PathOf(60, 40, 120, "trapped", "flow", 1)
	odd.Outcome = "lost"
	for _, c := range []struct {
		in   pipeline.Inputs
		want string
	}{
		{append(all[1:], figurestest.Stage("descent", "path/odd", odd)), "lost"},
		{append(all[:1:1], all...), "path"},
		{append(all[:2:2], figurestest.Stage("dynamics", "null/4", nullOf(40, 4))), "null/4"},
		{append(all[:len(all):len(all)], figurestest.Stage("dynamics", "null/twice", nullOf(60, 3))), "null/twice"},
	} {
		figurestest.Refused(t, "dynamics", c.in, c.want)
	}
}
