package equator

import (
	"math"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/basin"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) { figurestest.SameBesideOthers(t, "equator", good()) }

func TestNeedsInputs(t *testing.T) { figurestest.Refused(t, "equator", nil, "inputs") }

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[theoryRow, theory.OverlapRow](t)
	figurestest.Reads[edge, basin.Edge](t)
}

func edgeAt(n int64, alpha, half float64) edge {
	e := edge{N: n, Alpha: alpha, AlphaAsked: alpha, Loss: "ell", A: 1, Method: "flow", Instances: 50, Identified: true,
		Half: half, HalfLo: half - 0.05, HalfHi: half + 0.05}
	for _, m := range []float64{0.1, 0.5, 0.9} {
		e.Points = append(e.Points, rate{m, 50, m, m - 0.1, min(1, m+0.1)})
	}
	return e
}

func undetermined(n int64, alpha float64) edge {
	e := edgeAt(n, alpha, math.NaN())
	e.Identified, e.Reason = false, "all recover"
	return e
}

func good() pipeline.Inputs {
	return pipeline.Inputs{
		figurestest.Stage("theory-overlap", "theory", theoryRow{0.9, "ell", 1, false, 0, []follow{{3, false, 0}}},
			theoryRow{0, "ell", 1, true, 1.13, []follow{{3, true, 0.28}}}, theoryRow{0.5, "ell", 1, true, 1.38,
				[]follow{{3, true, 0.18}}}),
		figurestest.Stage("basin-edge", "edges", edgeAt(64, 2, 0.3), edgeAt(64, 3, 0.1), edgeAt(256, 2, 0.35),
			undetermined(256, 3)),
	}
}

func TestCaptionQuotesItsNumbers(t *testing.T) {
	figurestest.Quotes(t, "equator", good(), "from α_BBP = 1.13 at m = 0 to 1.38 at m = 0.5",
		"an overlap of 0.350 [0.300, 0.400] at α = 2 (N = 256)", "on 50 instances at each α")
	_, by := figurestest.Described(t, "equator", good())
	if by["half-alpha=3-N=256"].None != "all recover" || by["half-alpha=3-N=64"].Value != 0.1 ||
		by["alpha-bbp-m=0.9"].None == "" ||
		by["q2-m=0.5-alpha=3"].Value != 0.18 || by["q2-m=0.9-alpha=3"].None == "" {
		t.Errorf("%+v", by)
	}
}

func TestNones(t *testing.T) {
	lost := edge{N: 64, Alpha: 2, AlphaAsked: 2, Loss: "ell", A: 1, Method: "flow", Reason: "none is resolved",
		Half:   math.NaN(),
		HalfLo: math.NaN(), HalfHi: math.NaN(), Points: []rate{{0.1, 0, math.NaN(), 0, 1}}}
	figurestest.Nones(t, "equator", pipeline.Inputs{
		figurestest.Stage("theory-overlap", "theory", theoryRow{0.9, "ell", 1, false, 0, nil}),
		figurestest.Stage("basin-edge", "edges", lost)},
		"at no α")
	open := edgeAt(64, 2, 0.3)
	open.HalfLo, open.HalfHi = math.Inf(-1), math.Inf(1)
	figurestest.Drawn(t, "equator", pipeline.Inputs{good()[0], figurestest.Stage("basin-edge", "edges", open)})
}

func TestUnusableInputIsAnError(t *testing.T) {
	figurestest.Refused(t, "equator", append(good(), figurestest.Stage("basin-edge", "again", edgeAt(64, 2,
		0.3))), "N = 64, α = 2")
	other := edgeAt(64, 2, 0.3)
	other.A = 2
	figurestest.Refused(t, "equator", pipeline.Inputs{good()[0], figurestest.Stage("basin-edge", "odd", other)}, "odd")
}
