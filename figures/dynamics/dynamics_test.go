package dynamics

import (
	"math"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/dynamics"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "dynamics", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "dynamics", nil, "inputs")
}

// good has the null model at two sizes, of which the larger is shown.
func good() pipeline.Inputs {
	return append(figurestest.Ensemble(), figurestest.Stage("dynamics", "null/500", nullOf(500, 3)), figurestest.Stage("dynamics", "null/60", nullOf(60, 3)))
}

// nullOf loses the direction at t = 0.8.
func nullOf(n int64, alpha float64) nullRow {
	r := nullRow{N: n, Alpha: alpha, Loss: "ell", A: 1, Runs: 6, Instances: 6, Lost: true, TBBP: 0.8, TBBPLo: 0.5, TBBPHi: math.Inf(1), W: 2, WLo: 1.9, WHi: 2.2}
	for k, t := range figurestest.StateTimes[:5] {
		edge := []float64{-8, -4, -1, -0.1, -0.05}[k]
		q2 := max(0, 0.3*(1-t))
		r.Times = append(r.Times, nullState{T: t, Edge: edge, EdgeLo: edge - 0.1, EdgeHi: edge + 0.1,
			LambdaStar: edge - q2, LambdaStarLo: edge - q2 - 0.1, LambdaStarHi: edge - q2 + 0.1, Q2: q2, Q2Lo: 0.9 * q2, Q2Hi: 1.1 * q2})
	}
	return r
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[nullRow, dynamics.Row](t)
}

func TestNumbers(t *testing.T) {
	_, n := figurestest.Described(t, "dynamics", good())
	figurestest.Near(t, n["t-bbp-alpha=3"], 0.8, 0.5, math.Inf(1))
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
	} {
		figurestest.Refused(t, "dynamics", c.in, c.want)
	}
}
