package losstest

import (
	"math"
	"testing"
)

// A derivative is found on whatever scale a function varies, and the error is what it is
// said to be, up to a factor of ten for luck.
func TestDifference(t *testing.T) {
	for _, b := range []float64{1e-6, 1e-4, 1e-2, 1, 100} {
		for _, x := range []float64{0, 1e-3, 0.03, 0.5, 4} {
			got, off := difference(func(u float64) float64 { return math.Log(u*u + b) }, x)
			want := 2 * x / (x*x + b)
			if math.Abs(got-want) > 10*off+1e-12 || off > 2e-9*(1+1/math.Sqrt(b)) {
				t.Errorf("ln(u²+%v) at %v: %v ± %.1g, want %v", b, x, got, off, want)
			}
		}
	}
}
