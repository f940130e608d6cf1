package dynamicscompare

import (
	"math"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/comparison"
)

func TestSameBesideOthers(t *testing.T) { figurestest.SameBesideOthers(t, "dynamics-compare", good()) }

func TestNeedsInputs(t *testing.T) { figurestest.Refused(t, "dynamics-compare", nil, "inputs") }

func TestColumnsAreThoseOfStages(t *testing.T) { figurestest.Reads[row, comparison.Row](t) }

// of is a method at one N whose α50 differs by so much from the reference's.
func of(method string, n int64, shift float64) row {
	r := row{N: n, Loss: "ell", A: 1, From: "random", Method: method, Reference: method == "flow", Identified: true,
		Alpha50: 3 + shift, Alpha50Lo: 2.9 + shift, Alpha50Hi: 3.1 + shift, Width: 0.3, Pairs: 100, Only: 5,
		Shift: shift, ShiftLo: shift - 0.1, ShiftHi: shift + 0.1, Gain: 0.01, GainLo: 0, GainHi: 0.02,
		PassesRecovered: passes{50, 100, 60, 200}, PassesTrapped: passes{50, 300, 200, 500}}
	for _, alpha := range []float64{2, 3, 4} {
		q := point{Alpha: alpha, AlphaAsked: alpha, Trials: 40, P: 0.5, Lo: 0.4, Hi: 0.6, TBBP: math.NaN(),
			Overlap: math.NaN(), OverlapLo: math.NaN(), OverlapHi: math.NaN()}
		if alpha == 3 {
			q.TBBP, q.Overlap, q.OverlapLo, q.OverlapHi = 0.85, 0.2-shift/2, 0.15-shift/2, 0.25-shift/2
		}
		r.Points = append(r.Points, q)
	}
	return r
}

func good() pipeline.Inputs {
	late, odd := of("kick", 64, 0), of("mine", 64, 0)
	late.TKick, odd.N = 2, 16
	return pipeline.Inputs{figurestest.Stage("comparison", "compare", of("flow", 16, 0), of("flow", 64, 0),
		of("flow", 999, 0),
		of("kick", 16, -0.3), of("kick", 64, -0.5), late, of("langevin", 64, 0.4), odd)}
}

// The caption parts the methods by the sign of what their intervals leave, at the largest N that
// has others than the reference.
func TestCaptionQuotesItsNumbers(t *testing.T) {
	figurestest.Quotes(t, "dynamics-compare", good(), "for N = 64, from 40 instances",
		"smaller α than gradient flow: a kick at t = 0 (−0.50 [−0.60, −0.40]).",
		"a larger α: Langevin dynamics that cools (0.40 [0.30, 0.50])",
		"No difference is seen for a kick at t = 2 (0.00 [−0.10, 0.10])", "t_BBP = 0.85",
		"It is larger for a kick at t = 0 (0.450 [0.400, 0.500])")
	_, by := figurestest.Described(t, "dynamics-compare", good())
	for name, want := range map[string]float64{"shift-kick-t-kick=0-N=16": -0.3, "alpha50-flow-N=64": 3,
		"overlap-langevin-N=64": 0} {
		if q, ok := by[name]; !ok || math.Abs(q.Value-want) > 1e-12 {
			t.Errorf("%s is %+v, want %v", name, q, want)
		}
	}
	if _, ok := by["alpha50-flow-N=999"]; ok {
		t.Error("a size is shown that only the reference has")
	}
}

func TestNones(t *testing.T) {
	nan := math.NaN()
	none := of("kick", 64, nan)
	none.Identified, none.Alpha50, none.Gain, none.GainLo, none.GainHi, none.Pairs = false, nan, nan, nan, nan, 0
	none.Alpha50Lo, none.Alpha50Hi, none.Width = nan, nan, nan
	none.PassesRecovered, none.PassesTrapped = passes{0, nan, nan, nan}, passes{0, nan, nan, nan}
	for i := range none.Points {
		none.Points[i] = point{Alpha: none.Points[i].Alpha, AlphaAsked: none.Points[i].Alpha, Unresolved: 40,
			P: nan, Lo: nan, Hi: nan,
			TBBP: nan, Overlap: nan, OverlapLo: nan, OverlapHi: nan}
	}
	figurestest.Nones(t, "dynamics-compare", pipeline.Inputs{figurestest.Stage("comparison", "compare",
		of("flow", 64, 0), none)},
		"120 descents ran out of budget")
	reference := none
	reference.Method, reference.Reference = "flow", true
	figurestest.Nones(t, "dynamics-compare", pipeline.Inputs{figurestest.Stage("comparison", "compare", reference, none)},
		"240 descents ran out of budget", "none, since that time is not known")
	empty := none
	empty.Points = nil
	figurestest.Drawn(t, "dynamics-compare", pipeline.Inputs{figurestest.Stage("comparison", "compare",
		reference, empty)})
	open := of("kick", 64, -0.5)
	open.ShiftLo, open.ShiftHi = math.Inf(-1), math.Inf(1)
	figurestest.Drawn(t, "dynamics-compare", pipeline.Inputs{figurestest.Stage("comparison", "compare",
		of("flow", 64, 0), open)})
}

func TestUnusableInputIsAnError(t *testing.T) {
	other := of("kick", 64, 0)
	other.A = 2
	figurestest.Refused(t, "dynamics-compare", pipeline.Inputs{figurestest.Stage("comparison", "compare",
		of("flow", 64, 0)),
		figurestest.Stage("comparison", "odd", other)}, "odd")
	figurestest.Refused(t, "dynamics-compare", pipeline.Inputs{figurestest.Stage("comparison", "compare",
		of("flow", 64, 0))},
		"reference alone")
	figurestest.Refused(t, "dynamics-compare", pipeline.Inputs{figurestest.Stage("comparison", "compare",
		of("kick", 64, 0))},
		"no row of the reference")
}
