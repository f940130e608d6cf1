package quadrature

import (
	"math"
	"testing"
)

func integrate(r *Rule, f func(float64) float64) float64 {
	var sum float64
	for k, x := range r.X {
		sum += r.W[k] * f(x)
	}
	return sum
}

// The moments of the half normal are known in closed form. The tail cut off at 9
// weighs 1e-19 and the rule's own error is far below rounding of the sum of some
// hundred terms, hence 1e-13.
func TestNormalMoments(t *testing.T) {
	r, err := Composite(Geometric(0.1, 3, 1.5, 9), 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range map[int]float64{0: 0.5, 2: 0.5, 4: 1.5, 6: 7.5, 1: 1 / math.Sqrt(2*math.Pi)} {
		got := integrate(r, func(x float64) float64 { return math.Pow(x, float64(k)) * Normal(x) })
		if math.Abs(got-want) > 1e-13*math.Max(1, want) {
			t.Errorf("moment %d is %v, want %v", k, got, want)
		}
	}
}

// E[1/(s²+x²)] = √(π/2)·exp(s²/2)·erfc(s/√2)/s has poles at ±is. The nearest
// pole of every panel lies outside its Bernstein ellipse of parameter 2+√3, so ten
// nodes leave (2+√3)^-20 = 4e-12 relative, and halving the panels rounding only.
func TestNearbyPole(t *testing.T) {
	for _, s := range []float64{1, 0.1, 1e-3} {
		want := math.Sqrt(math.Pi/2) * math.Exp(s*s/2) * math.Erfc(s/math.Sqrt2) / s
		for refine, tol := range []float64{2e-11, 1e-13} {
			r, err := Composite(Geometric(s, 3, 1.5, 9), 10, refine)
			if err != nil {
				t.Fatal(err)
			}
			got := 2 * integrate(r, func(x float64) float64 { return Normal(x) / (s*s + x*x) })
			if math.Abs(got/want-1) > tol {
				t.Errorf("s=%v refine=%d: %v, want %v", s, refine, got, want)
			}
		}
	}
}

func TestCellsTile(t *testing.T) {
	r, err := Composite([]float64{0, 1, 4}, 7, 1)
	if err != nil {
		t.Fatal(err)
	}
	if r.Len() != 28 || r.Lo[0] != 0 || r.Hi[27] != 4 {
		t.Fatalf("%d nodes over [%v, %v], want 28 over [0, 4]", r.Len(), r.Lo[0], r.Hi[r.Len()-1])
	}
	for k := range r.X {
		if r.X[k] <= r.Lo[k] || r.X[k] >= r.Hi[k] {
			t.Errorf("node %d = %v is outside its cell [%v, %v]", k, r.X[k], r.Lo[k], r.Hi[k])
		}
		if k > 0 && r.Lo[k] != r.Hi[k-1] {
			t.Errorf("cell %d starts at %v, its predecessor ends at %v", k, r.Lo[k], r.Hi[k-1])
		}
		// Rounding of a running sum of up to seven weights of order 1.
		if math.Abs(r.Hi[k]-r.Lo[k]-r.W[k]) > 1e-14 {
			t.Errorf("cell %d has length %v, weight %v", k, r.Hi[k]-r.Lo[k], r.W[k])
		}
	}
}

func TestErrors(t *testing.T) {
	for _, breaks := range [][]float64{nil, {1}, {0, math.NaN()}, {0, math.Inf(1)}, {1, 0}} {
		if _, err := Composite(breaks, 5, 0); err == nil {
			t.Errorf("Composite(%v) gave no error", breaks)
		}
	}
	if _, err := Composite([]float64{0, 1}, 5, -1); err == nil {
		t.Error("refine = -1 gave no error")
	}
	if r, err := Composite([]float64{0, 0, 1}, 5, 0); err != nil || r.Len() != 5 {
		t.Errorf("an empty panel should add nothing: %v, %v", r, err)
	}
}
