package averaged

import (
	"math"
	"testing"
)

// The rule integrates polynomials, as ℓ” of ℓ_a is, and E cos(tŷ) = exp(−t²/2).
func TestGaussianRule(t *testing.T) {
	rule := gaussianRule()
	mean := func(f func(u float64) float64) float64 {
		sum := rule[0] * f(0)
		for k, w := range rule[1:] {
			u := float64(k+1) / perUnit
			sum += w * (f(u) + f(-u))
		}
		return sum
	}
	for _, c := range []struct {
		got, want float64
	}{
		{mean(func(u float64) float64 { return u * u }), 1},
		{mean(func(u float64) float64 { return u * u * u * u }), 3},
		{mean(func(u float64) float64 { return math.Pow(u, 6) }), 15},
		{mean(func(u float64) float64 { return math.Cos(5 * u) }), math.Exp(-12.5)},
	} {
		// Weight k carries k² roundings, 1e-13 in all where it counts.
		if math.Abs(c.got-c.want) > 1e-12*c.want+1e-13 {
			t.Errorf("mean %v, want %v", c.got, c.want)
		}
	}
}
