package bestloss

import (
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/recovery"
	"zerotohero/pipeline"
	"zerotohero/stages/theory/best"
)

func TestSameBesideOthers(t *testing.T) { figurestest.SameBesideOthers(t, "best-loss", good()) }

func TestNeedsInputs(t *testing.T) { figurestest.Refused(t, "best-loss", nil, "inputs") }

func TestColumnsAreThoseOfStages(t *testing.T) { figurestest.Reads[bestRow, best.Row](t) }

func row(at, loss string, lowest float64) bestRow {
	return bestRow{at, loss, []string{"a"}, true, []float64{1.5}, []bool{false}, lowest, 0.01,
		[]try{{[]float64{0.1}, lowest + 1}, {[]float64{1}, lowest + 0.1}, {[]float64{10}, lowest + 2}}}
}

func curve(loss string, a, half float64) recovery.Curve {
	return recovery.Curve{N: 64, Loss: loss, A: a, Method: "flow", From: "random", Identified: true, Alpha50: half,
		Alpha50Lo: half - 0.1, Alpha50Hi: half + 0.1, Width: 1, WidthLo: 0.9, WidthHi: 1.1}
}

func good() pipeline.Inputs {
	return pipeline.Inputs{
		figurestest.Stage("theory-best", "one", row("init", "ell", 1)),
		figurestest.Stage("theory-best", "two", row("threshold", "ell", 6)),
		figurestest.Stage("theory-best", "three", row("init", "pseudohuber", 0.9)),
		figurestest.Stage("theory-best", "four", bestRow{"init", "robust", []string{"b", "a"}, true, []float64{0.5, 2},
			[]bool{true, false}, 0.8, 0.01, []try{{[]float64{0.5, 1}, 1}, {[]float64{1, 1}, 0.9}, {[]float64{1, 10}, 2}}}),
		figurestest.Stage("finitesize", "two", curve("robust(b=0.5)", 2, 3.2), curve("robust(b=3)", 0.1, 2.2)),
		figurestest.Stage("finitesize", "fit", curve("ell", 1, 3), curve("ell", 0.1, 2.5), curve("pseudohuber", 1, 2.8),
			curve("plain", 0, 6)),
	}
}

func TestCaptionQuotesItsNumbers(t *testing.T) {
	figurestest.Quotes(t, "best-loss", good(), "of its classes: ℓ_a, pseudo-Huber and robust",
		"lowest at a random start 1.000 [0.990, 1.010] at a = 1.5", "α₅₀ 2.50 [2.40, 2.60] at a = 0.1",
		"of the threshold states none (no transition was found)",
		"robust: lowest at a random start 0.800 [0.790, 0.810] at b = 0.5, a = 2 (b at an end of the range",
		"α₅₀ 2.20 [2.10, 2.30] at b = 3, a = 0.1, of those measured",
		"robust comes lowest at a random start, ℓ_a in the threshold states and robust in α₅₀")
}

// A class of which a parameter is not varied has only the curves with that value.
func TestPartOfAClass(t *testing.T) {
	in := pipeline.Inputs{figurestest.Stage("theory-best", "one", row("init", "robust(b=3)", 1)),
		figurestest.Stage("finitesize", "fit", curve("robust(b=0.5)", 2, 2.2), curve("robust(b=3)", 0.1, 3.2))}
	figurestest.Quotes(t, "best-loss", in, "of its classes: robust, b = 3", "α₅₀ 3.20 [3.10, 3.30] at a = 0.1")
}

func TestRefuses(t *testing.T) {
	in := good()
	other := row("init", "ell", 1)
	other.Vary = []string{"b"}
	in[0] = figurestest.Stage("theory-best", "one", other)
	figurestest.Refused(t, "best-loss", in, "add it to vary")
	in[0] = figurestest.Stage("theory-best", "one", row("optimal", "ell", 1))
	figurestest.Refused(t, "best-loss", in, "leave it out")
	in[0] = in[1]
	figurestest.Refused(t, "best-loss", in, "once more")
}
