package theory

import (
	"math"
	"testing"
)

func TestCurvatureOfLosses(t *testing.T) {
	for _, c := range []struct {
		name     string
		a        float64
		inf, sup float64
	}{{"ell", 0.01, -2, math.Inf(1)}, {"ell", 50, -2, math.Inf(1)}, {"plain", 1, math.Inf(-1), math.Inf(1)}} {
		w := Curvature(newLoss(t, c.name, c.a))
		if w.Inf != c.inf || w.Sup != c.sup || !w.Even || w.YOnly {
			t.Errorf("%s, a = %v: %+v", c.name, c.a, w)
		}
		// The first panels must resolve √a, not be lost in ever finer ones.
		if root := math.Sqrt(c.a); c.name == "ell" && (w.Scale > root || w.Scale < min(root, 1)/20) {
			t.Errorf("a = %v: scale %v", c.a, w.Scale)
		}
	}
	if Curvature(rough(0.4)).Even {
		t.Error("a loss uneven in ŷ counts as even")
	}
}

// The average of ℓ″ over ŷ is (6−2y²)/(a+y²) (physics.md 2b), with the supremum
// 6/a at y = 0 and the infimum −2 at infinity. The quadrature over ŷ is exact but
// for rounding.
func TestAveragedWeight(t *testing.T) {
	for _, a := range []float64{0.01, 1, 30} {
		w, err := averaged(newLoss(t, "ell", a))
		if err != nil {
			t.Fatal(err)
		}
		for _, y := range []float64{0, 0.05, 1, 3, 8} {
			if got, want := w.S(y, 0), (6-2*y*y)/(a+y*y); math.Abs(got-want) > 1e-12*(1+6/a) {
				t.Errorf("a = %v: s(%v) = %v, want %v", a, y, got, want)
			}
		}
		if math.Abs(w.Inf+2) > 1e-12 || math.Abs(w.Sup*a/6-1) > 1e-12 || !w.YOnly {
			t.Errorf("a = %v: inf %v, sup %v", a, w.Inf, w.Sup)
		}
	}
}
