package figures

import (
	"math"
	"strings"
	"testing"

	"zerotohero/pipeline"
)

func TestThresholdsQuoteTheNullModel(t *testing.T) {
	in := goodInputs()["thresholds"]
	lost := nullOf(0.1, 500)
	lost.Identified, lost.Alpha, lost.Lo, lost.Hi = false, math.NaN(), math.NaN(), math.NaN()
	open := nullOf(0.3, 500)
	open.Lo, open.Hi = math.Inf(-1), math.Inf(1)
	in = append(in, stage("dynamics-transition", "null/a=0.1", lost, open))
	caption, n := described(t, "thresholds", in)
	if q := n["alpha-bbp-ts-null-n=2000-ell-a=1"]; q.Value != 6.5 || q.Lo != 6.3 || q.Hi != 6.8 {
		t.Errorf("%+v", q)
	}
	// thresholdAt(1) is at 7; there is none at a = 3, on which nothing is made up.
	if q := n["alpha-bbp-ts-1rsb-ell-a=1"]; q.Value != 7 {
		t.Errorf("%+v", q)
	}
	if _, ok := n["alpha-bbp-ts-1rsb-ell-a=3"]; ok {
		t.Error("1RSB at a = 3")
	}
	if !strings.Contains(caption, "1 estimate of the null model not shown") {
		t.Error(caption)
	}
	if _, err := drawWith("thresholds", in); err != nil {
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

func TestThresholdsRefuse(t *testing.T) {
	good := goodInputs()["thresholds"]
	refused(t, "thresholds", good[2:], "dynamics-transition")
	refused(t, "thresholds", good[:4], "two values of a")
	other := nullOf(1, 500)
	other.Loss = "plain"
	refused(t, "thresholds", append(pipeline.Inputs{stage("dynamics-transition", "null/odd", other)}, good...), "null/odd")
	upside := nullOf(1, 500)
	upside.Lo = 9
	refused(t, "thresholds", append(pipeline.Inputs{stage("dynamics-transition", "null/odd", upside)}, good...), "null/odd")
	twice := testTransition{At: "threshold", Loss: "ell", A: 1, Found: true, Alpha: 99}
	refused(t, "thresholds", append(pipeline.Inputs{stage("theory-transition", "threshold/odd", twice)}, good...), "threshold/odd")
}
