package growth

import (
	"math"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	growthstage "zerotohero/stages/growth"
	"zerotohero/stages/scaling"
)

func TestSameBesideOthers(t *testing.T) { figurestest.SameBesideOthers(t, "growth", good()) }

func TestNeedsInputs(t *testing.T) { figurestest.Refused(t, "growth", nil, "inputs") }

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[overlapRow, growthstage.Row](t)
	figurestest.Reads[lawRow, growthstage.LawRow](t)
	figurestest.Reads[scalingRow, scaling.Row](t)
}

// rowOf grows like t^κ to t = 100, of 40 runs of which a quarter recover and half are trapped.
func rowOf(n int64, alpha, kappa float64) overlapRow {
	r := overlapRow{N: n, Alpha: alpha, Loss: "ell", A: 1, Method: "flow",
		Runs: 40, Recovered: 10, Trapped: 20, Unresolved: 10, Trapping: trapping{Median: 30, Lo: 20, Hi: 40}}
	for _, t := range []float64{0, 1, 10, 100} {
		s := math.Pow(max(t, 1), 2*kappa)
		r.Points = append(r.Points, point{T: t, Sigma2: s, Sigma2Lo: 0.8 * s, Sigma2Hi: 1.2 * s, Linear: t < 100,
			NotRecovered: 1 - t/400, NotRecoveredLo: 0.9 - t/400, NotRecoveredHi: 1})
	}
	return r
}

func good() pipeline.Inputs {
	nan := math.NaN()
	return pipeline.Inputs{
		figurestest.Stage("growth", "growth",
			rowOf(64, 3, 0.2), rowOf(256, 3, 0.2), rowOf(256, 4, 0.5), rowOf(64, 4, 0.5)),
		figurestest.Stage("growth-law", "law", lawRow{
			Kappas: []exponent{{true, "", 3, 256, 0.2, 0.1, 0.3, 0}, {true, "", 3, 64, 0.4, 0.3, 0.5, 0},
				{false, "it is short", 4, 256, nan, nan, nan, nan}},
			Zero:  crossing{true, "", 2.5, 2.4, math.Inf(1)},
			Traps: []exponent{{true, "", 3, 0, 0.7, 0.6, 0.8, nan}},
			Half:  crossing{false, "it lies beyond", nan, nan, nan},
			Crossovers: []crossover{{64, crossing{true, "", 2.6, 2.5, 2.7}},
				{256, crossing{false, "it lies beyond", nan, nan, nan}}},
			Size: exponent{true, "", nan, 0, 0.1, -0.1, 0.3, nan},
		}),
		figurestest.Stage("scaling", "scaling", scalingRow{Sizes: []measuredSize{
			{64, 2.8, 2.7, 2.9, 3, 2.9, 3.1, true}, {256, 3, 2.9, math.Inf(1), nan, nan, nan, false}}}),
	}
}

// A caption quotes the numbers as they are listed, of the largest N for an α.
func TestCaptionQuotesItsNumbers(t *testing.T) {
	figurestest.Quotes(t, "growth", good(), "lines for N = 256, circles for N = 64", "0.20 [0.10, 0.30] at α = 3",
		"recovered at α = 3", "30 [20, 40] for N = 256", "0.70 [0.60, 0.80] at α = 3", "none (it lies beyond)")
}

// What is not determined is said in place of a drawing.
func TestNothingIsDrawn(t *testing.T) {
	short := exponent{Reason: "it is short", Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
	none := crossing{Reason: "it is short", Alpha: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
	empty := overlapRow{N: 64, Alpha: 3, Loss: "ell", A: 1, Method: "flow", Runs: 4, Unresolved: 4}
	figurestest.Drawn(t, "growth", pipeline.Inputs{
		figurestest.Stage("growth", "growth", empty),
		figurestest.Stage("growth-law", "law", lawRow{Zero: none, Half: none, Size: short}),
		figurestest.Stage("scaling", "scaling", scalingRow{}),
	})
}
