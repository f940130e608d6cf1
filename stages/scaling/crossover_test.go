package scaling

import (
	"math"
	"strings"
	"testing"
)

// escape is a W that diverges at α = 7: W = −3 ln(1 − α/7), so that α_c of N is
// 7·(1 − N^(−1/6)).
func escape(alpha ...float64) crossover {
	var out crossover
	for _, a := range alpha {
		w := -3 * math.Log(1-a/7)
		out = append(out, growth{N: 4096, Alpha: a, Loss: "ell", A: 1, Lost: true, W: w, WLo: 0.9 * w, WHi: 1.1 * w})
	}
	return out
}

func at(c crossover, n int64) Size {
	s := Size{N: n}
	c.predict(&s)
	return s
}

func TestPredicted(t *testing.T) {
	c := escape(1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5)
	for _, n := range []int64{64, 128, 256, 512, 1024} {
		s := at(c, n)
		level := math.Log(float64(n)) / 2
		inverse := func(w float64) float64 { return 7 * (1 - math.Exp(-w/3)) }
		// A slope is the harmonic mean of two secants that differ by d = W″h, hence short
		// by d²/4W′: 0.04 at α = 5, where W″ = 0.75 and W′ = 1.5. A slope's error moves W
		// by h/8 of it between points, and α_c by that over W′: 2e-3.
		if want := inverse(level); !s.PredictedIdentified || math.Abs(s.Predicted-want) > 3e-3 {
			t.Errorf("N = %d: %v, want %v (%s)", n, s.Predicted, want, s.PredictedReason)
		}
		// The band is W times 0.9 and 1.1, whose inverses are as smooth.
		if lo, hi := inverse(level/1.1), inverse(level/0.9); math.Abs(s.PredictedLo-lo) > 3e-3 ||
			math.Abs(s.PredictedHi-hi) > 3e-3 {
			t.Errorf("N = %d: [%v, %v], want [%v, %v]", n, s.PredictedLo, s.PredictedHi, lo, hi)
		}
		// A chord of a convex W lies above it by up to W″h²/8 = 0.03 at α = 5, over W′ = 1.5.
		// At N = 64 the crossing is at a point of the grid, α = 3.5.
		if !(s.PredictedGrid > 0 && s.PredictedGrid < 0.025) && n != 64 {
			t.Errorf("N = %d: grid %v", n, s.PredictedGrid)
		}
	}
}

func TestNotPredicted(t *testing.T) {
	inf := math.Inf(1)
	falling := escape(2, 2.5, 3, 3.5, 4)
	falling[2].W = 0.9 // 1.33 before it, 1.68 in its place
	held := escape(2, 3, 4, 5)
	held[2].Lost, held[3].Lost = false, false
	for _, c := range []struct {
		name   string
		curve  crossover
		n      int64
		lo, hi float64
		reason string
	}{
		{name: "none", curve: nil, n: 64, lo: math.NaN(), hi: math.NaN(), reason: "no dynamics"},
		{name: "below", curve: escape(4, 5), n: 64, lo: -inf, hi: 4, reason: "below W"},
		{name: "above", curve: escape(1, 2), n: 64, lo: 2, hi: inf, reason: "above W"},
		{name: "one", curve: escape(2), n: 64, lo: 2, hi: inf, reason: "a curve needs 2"},
		// Open to below only: the lower end of W crosses, the upper is above at once.
		{name: "partly", curve: escape(3, 3.5, 4), n: 24, lo: -inf, hi: 7 * (1 - math.Exp(-math.Log(24)/6/0.9)),
			reason: "below W"},
		// W is at least 2.54 at α = 4, which is beyond ½ ln 64 = 2.08 even when less a tenth.
		{name: "not lost", curve: held, n: 64, lo: 3, hi: 7 * (1 - math.Exp(-math.Log(64)/6/0.9)),
			reason: "the largest at which the outlier is lost"},
	} {
		s := at(c.curve, c.n)
		same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 0.05 }
		if s.PredictedIdentified || !math.IsNaN(s.Predicted) || !strings.Contains(s.PredictedReason, c.reason) ||
			!same(s.PredictedLo, c.lo) || !same(s.PredictedHi, c.hi) {
			t.Errorf("%s: %v in [%v, %v], want [%v, %v]; %s",
				c.name, s.Predicted, s.PredictedLo, s.PredictedHi, c.lo, c.hi, s.PredictedReason)
		}
	}
	if s := at(falling, 11); s.PredictedIdentified || !strings.Contains(s.PredictedReason, "3 times") ||
		!(s.PredictedLo < s.PredictedHi) {
		t.Errorf("crossed again: %+v", s)
	}
}

// The curve passes through its points and is monotone where they are, for points
// that make other cubics overshoot (Fritsch and Carlson 1980, RPN 14).
func TestCubicMonotone(t *testing.T) {
	x := []float64{7.99, 8.09, 8.19, 8.7, 9.2, 10, 12, 15, 20}
	y := []float64{0, 2.76429e-5, 4.37498e-2, 0.169183, 0.469428, 0.943740, 0.998636, 0.999919, 0.999994}
	c := newCubic(x, y)
	before := y[0]
	for i := 0; i+1 < len(x); i++ {
		for k := 0; k <= 100; k++ {
			v := c.at(i, x[i]+(x[i+1]-x[i])*float64(k)/100)
			if v < before-1e-15 {
				t.Fatalf("falls on segment %d", i)
			}
			before = v
		}
		if math.Abs(before-y[i+1]) > 1e-15 {
			t.Errorf("at %v: %v, want %v", x[i+1], before, y[i+1])
		}
	}
	// Parabolas are followed at the ends, by three-point slopes.
	c = newCubic([]float64{1, 2, 4}, []float64{1, 4, 16})
	if c.slope[0] != 2 || c.slope[2] != 8 {
		t.Errorf("slopes %v of x²", c.slope)
	}
}
