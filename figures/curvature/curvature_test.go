package curvature

import (
	"math"
	"strings"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/landscape"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "curvature", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "curvature", nil, "inputs")
}

// good has three descents that end trapped and two that recover.
func good() pipeline.Inputs {
	var circles []circleRow
	for seed, overlap := range []float64{0.3, 0.3, 0.3, 1, 1} {
		circles = append(circles, circlesOf(int64(seed), 0.1+0.1*float64(seed), overlap)...)
	}
	return pipeline.Inputs{figurestest.Stage("landscape", "circles", circles...)}
}

// circlesOf is a descent with a softest direction of overlap q2 at the start.
func circlesOf(seed int64, q2, overlap float64) (out []circleRow) {
	for k, t := range []float64{0, 1, 1e9} {
		for _, direction := range []string{"softest", "signal"} {
			c := circleRow{Seed: seed, N: 30, M: 90, Loss: "ell", A: 1, From: "random", T: t, Reached: min(t, 50),
				Overlap: []float64{0.1, 0.2, overlap}[k], Direction: direction, Q2: []float64{q2, q2 / 2, 0.01}[k], Curvature: float64(2*k - 1)}
			for i := -4; i <= 4; i++ {
				x := math.Pi / 8 * float64(i)
				c.Angles, c.Energies = append(c.Angles, x), append(c.Energies, 1+c.Curvature*(1-math.Cos(x)))
			}
			if direction == "softest" || overlap < 1 || k < 2 {
				out = append(out, c)
			}
		}
	}
	return out
}

// The descent shown is the median one of its outcome.
func TestTypicalWalk(t *testing.T) {
	d, err := figure(good())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(d.Caption, "trapped (seed 1, of 3 such) and one that ended recovered (seed 3, of 2 such)") {
		t.Error(d.Caption)
	}
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[circleRow, landscape.Row](t)
}

func TestPartialDataIsDrawn(t *testing.T) {
	figurestest.Drawn(t, "curvature", pipeline.Inputs{figurestest.Stage("landscape", "circles", circlesOf(1, 0.2, 1)...)})
}

func TestUnusableInputIsAnError(t *testing.T) {
	twice := circlesOf(0, 0.1, 0.3)
	figurestest.Refused(t, "curvature", append(good(), figurestest.Stage("landscape", "circles/twice", twice...)), "circles")
	figurestest.Refused(t, "curvature", pipeline.Inputs{figurestest.Stage("landscape", "circles/odd", twice[1])}, "circles/odd")
}
