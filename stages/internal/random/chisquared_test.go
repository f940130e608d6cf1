package random

import (
	"math"
	"sort"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The distance of Kolmogorov and Smirnov from gonum's distribution, for 20,000 numbers
// each: √n D > 2.7 with probability 1e-6.
func TestChiSquared(t *testing.T) {
	const n = 20_000
	for _, k := range []int{1, 2, 3, 17, 1000, 1_000_000} {
		s := New("chisquared", 1, int64(k))
		x := make([]float64, n)
		for i := range x {
			x[i] = s.ChiSquared(k)
		}
		sort.Float64s(x)
		d := 0.0
		for i, v := range x {
			p := distuv.ChiSquared{K: float64(k)}.CDF(v)
			d = math.Max(d, math.Max(p-float64(i)/n, float64(i+1)/n-p))
		}
		if d*math.Sqrt(n) > 2.7 {
			t.Errorf("%d degrees of freedom: √n D = %.2f", k, d*math.Sqrt(n))
		}
	}
	if x := New("chisquared", 1, 0).ChiSquared(0); x != 0 {
		t.Errorf("no degrees of freedom: %v", x)
	}
}
