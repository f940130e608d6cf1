package portable

import (
	"math"
	"testing"
)

// Quantiles to 20 digits by mpmath 1.3, at the float64 nearest to
// what is written.
func TestQuantile(t *testing.T) {
	for _, c := range []struct{ p, want float64 }{
		{0x1p-53, -8.2095361516013868556}, // the smallest Uniform
		{0x1p-50, -7.9560381254815309622},
		{1e-10, -6.3613409024040561991},
		{1e-5, -4.2648907939228246102},
		{0.001, -3.0902323061678135354},
		{0.0625, -1.5341205443525463117},
		{0.0749, -1.4402382675279636631}, // either side of the first
		{0.075, -1.4395314709384559349},  // change of approximation
		{0.25, -0.6744897501960817432},
		{0.3, -0.52440051270804081597},
		{0.4999, -0.00025066283008800749239},
		{0.5, 0},
		{0.6, 0.25334710313579974132},
		{0.75, 0.6744897501960817432},
		{0.99, 2.3263478740408407676},
		{0.999999, 4.7534243088170877657},
	} {
		// AS 241 claims 1e-16; rounding of its two polynomials adds a few ulp.
		if got := NormalQuantile(c.p); math.Abs(got-c.want) > 1e-15*math.Abs(c.want) {
			t.Errorf("NormalQuantile(%v) = %.17g, want %.17g", c.p, got, c.want)
		}
	}
}

// The quantile inverts the distribution function over its whole range. In a tail
// dp/p = x² dx/x at most, so that 1e-15 in x is 1e-13 in p; the rest is Erfc's.
func TestQuantileInvertsDistribution(t *testing.T) {
	for i := range 4000 {
		p := math.Exp(-36 * float64(i+1) / 4000)
		if p > 0.5 {
			continue
		}
		if got := math.Erfc(-NormalQuantile(p)/math.Sqrt2) / 2; math.Abs(got-p) > 2e-13*p {
			t.Fatalf("Φ(NormalQuantile(%v)) = %v", p, got)
		}
	}
}

func TestQuantileOutside(t *testing.T) {
	for _, p := range []float64{0, 1, -0.1, 1.1, math.Inf(1), math.NaN()} {
		if got := NormalQuantile(p); got == got {
			t.Errorf("NormalQuantile(%v) = %v, want NaN", p, got)
		}
	}
}
