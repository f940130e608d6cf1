package predictors

import (
	"math"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/prediction"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) { figurestest.SameBesideOthers(t, "predictors", good()) }

func TestNeedsInputs(t *testing.T) { figurestest.Refused(t, "predictors", nil, "inputs") }

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[row, prediction.Row](t)
	figurestest.Reads[density, theory.DensityRow](t)
	figurestest.Reads[nullRow, dynamics.Row](t)
}

func rowAt(t, score float64) row {
	near := func(v float64) estimate { return estimate{v, v - 0.1, v + 0.1} }
	r := row{N: 64, Asked: 3, Loss: "ell", A: 1, Method: "flow", T: t, Runs: 40, Instances: 20, Recovered: 19,
		Identified: true}
	for name := range what {
		r.Predictors = append(r.Predictors, predictor{name, near(0.4), near(0.2), near(score), near(0.8)})
	}
	return r
}

// uniform is a density of ½ on [−1, 1], half of it below 0, and an atom of no mass.
func uniform(at string) density {
	return density{At: at, Loss: "ell", A: 1, Alpha: 3, Lambda: []float64{-1, 0.5, 1}, Rho: []float64{0.5, 0.5, 0.5},
		Weight: []float64{0.5, 1, 0.5}, CDF: []float64{0, 0.75, 1}, Atoms: []atom{{7, 0}}}
}

func good() pipeline.Inputs {
	other := uniform("threshold")
	other.Alpha = 8
	return pipeline.Inputs{
		figurestest.Stage("prediction", "prediction", rowAt(20, 0.5), rowAt(0.1, 0.1), rowAt(1, 0.3)),
		figurestest.Stage("theory-density", "density", uniform("init"), other),
		figurestest.Stage("dynamics", "null", nullRow{100, 3, "ell", 1, 9, 8, 10}, nullRow{200, 3, "ell", 1, 0.9, 0.8, 1}),
	}
}

// Scores are those at the time nearest to t_BBP of the largest null model.
func TestCaptionQuotesItsNumbers(t *testing.T) {
	figurestest.Quotes(t, "predictors", good(), "19 recovered of 40 descents on 20 instances", "0.90 [0.80, 1.00] of the",
		"At t = 1 the", "0.30 [0.20, 0.40] and 0.80 [0.70, 0.90] by the overlap of the student")
	_, by := figurestest.Described(t, "predictors", good())
	for name, want := range map[string]float64{"index-start": 0.5, "trace-start": 0.25, "score-time": 1} {
		if got := by[name].Value; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if _, ok := by["index-threshold"]; ok {
		t.Error("the threshold state of another α is shown")
	}
}

func TestNothingToPredict(t *testing.T) {
	in := good()
	r := rowAt(1, math.NaN())
	nan := estimate{math.NaN(), math.NaN(), math.NaN()}
	r.Identified, r.Reason = false, "no descent under way recovers"
	for i := range r.Predictors {
		r.Predictors[i].MeanRecovered, r.Predictors[i].Score, r.Predictors[i].AUC = nan, nan, nan
	}
	in[0] = figurestest.Stage("prediction", "prediction", r)
	figurestest.Drawn(t, "predictors", in)
	figurestest.Nones(t, "predictors", in, "no descent under way recovers")
}
