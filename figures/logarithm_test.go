package figures

import (
	"math"
	"testing"

	"gonum.org/v1/plot"
)

func TestLogarithm(t *testing.T) {
	// Rounding of x−1 or 1/x−1 leaves an absolute error of a rounding unit, and the
	// functions of package math a relative one of about as much.
	for x := -300.0; x <= 300; x += 0.37 {
		v := math.Pow(10, x)
		if got, want := log(v), math.Log(v); math.Abs(got-want) > 1e-15*max(0.5, math.Abs(want)) {
			t.Errorf("log(%g) = %v, want %v", v, got, want)
		}
		if got, want := exp(x), math.Exp(x); math.Abs(got-want) > 2e-15*want {
			t.Errorf("exp(%g) = %v, want %v", x, got, want)
		}
		if got, want := (logScale{}).Normalize(1e-3, 1e4, v), (plot.LogScale{}).Normalize(1e-3, 1e4, v); math.Abs(got-want) > 1e-15*max(1, math.Abs(want))*4 {
			t.Errorf("the place of %g is %v, want %v", v, got, want)
		}
	}
	// Ticks take the floor of exact powers' logarithms up to 1e-9.
	for k := -300; k <= 300; k++ {
		if got := log10(math.Pow10(k)); math.Abs(got-float64(k)) > 1e-12 {
			t.Errorf("log10(1e%d) = %v", k, got)
		}
	}
	for _, x := range []float64{math.Inf(1), 1000} {
		if exp(-x) != 0 || exp(x) != math.Inf(1) {
			t.Errorf("exp at ±%v: %v, %v", x, exp(-x), exp(x))
		}
	}
}
