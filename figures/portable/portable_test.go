package portable

import (
	"math"
	"testing"
)

func TestLogarithm(t *testing.T) {
	// Rounding of x−1 or 1/x−1 leaves an absolute error of a rounding unit, and the
	// functions of package math a relative one of about as much.
	for x := -300.0; x <= 300; x += 0.37 {
		v := math.Pow(10, x)
		if got, want := Log(v), math.Log(v); math.Abs(got-want) > 1e-15*max(0.5, math.Abs(want)) {
			t.Errorf("log(%g) = %v, want %v", v, got, want)
		}
		if got, want := Exp(x), math.Exp(x); math.Abs(got-want) > 2e-15*want {
			t.Errorf("exp(%g) = %v, want %v", x, got, want)
		}
	}
	// Ticks take the floor of exact powers' logarithms up to 1e-9.
	for k := -300; k <= 300; k++ {
		if got := Log10(math.Pow10(k)); math.Abs(got-float64(k)) > 1e-12 {
			t.Errorf("log10(1e%d) = %v", k, got)
		}
	}
	for _, x := range []float64{math.Inf(1), 1000} {
		if Exp(-x) != 0 || Exp(x) != math.Inf(1) {
			t.Errorf("exp at ±%v: %v, %v", x, Exp(-x), Exp(x))
		}
	}
}
