package confidence

import (
	"math"
	"slices"
	"testing"
)

// Of 199 values the 95 % interval leaves out the 4 outermost on either side, as
// 200·0.025 = 5 is the rank of its ends.
func TestPercentiles(t *testing.T) {
	var x, y []float64
	for k := range 199 {
		x, y = append(x, float64(1+k*70%199)), append(y, float64(1000+k*31%199)) // 70 and 31 are coprime to 199
	}
	kept := slices.Clone(x)
	if lo, hi := (Level{0.95}).Percentiles(x); lo != 5 || hi != 195 {
		t.Errorf("[%v, %v], want [5, 195]", lo, hi)
	}
	if lo, hi := (Level{0.95}).Outermost(x, y); lo != 5 || hi != 1194 {
		t.Errorf("[%v, %v], want [5, 1194]", lo, hi)
	}
	if !slices.Equal(x, kept) {
		t.Error("the resamples were reordered")
	}
	if lo, hi := (Level{0.5}).Percentiles([]float64{math.Inf(1), 3, math.Inf(-1)}); !math.IsInf(lo, -1) ||
		!math.IsInf(hi, 1) {
		t.Errorf("[%v, %v] of infinite ends", lo, hi)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		confidence float64
		resamples  int
		ok         bool
	}{
		{0.95, 1000, true}, {0.5, 3, true}, {0.5, 2, false}, {0.95, 10, false},
		{0, 1000, false}, {1, 1000, false}, {math.NaN(), 1000, false},
	} {
		if err := (Bootstrap{Level: Level{c.confidence}, Resamples: c.resamples}).Validate(); (err == nil) != c.ok {
			t.Errorf("%v, %d resamples: %v", c.confidence, c.resamples, err)
		}
	}
}

// z of 95 % intervals to 17 digits, from tables.
func TestZ(t *testing.T) {
	if z := (Level{0.95}).Z(); math.Abs(z-1.9599639845400542) > 1e-15 {
		t.Errorf("z = %v", z)
	}
}

// Newcombe (1998), Table I, method 3: 95 % score intervals to four decimals.
func TestWilsonPublished(t *testing.T) {
	level := Level{0.95}
	for _, c := range []struct{ r, n, lo, hi float64 }{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
	} {
		lo, hi := level.Wilson(c.r/c.n, c.n)
		if math.Abs(lo-c.lo) > 5.1e-5 || math.Abs(hi-c.hi) > 5.1e-5 {
			t.Errorf("Wilson(%v/%v) = %.4f, %.4f; published %v, %v", c.r, c.n, lo, hi, c.lo, c.hi)
		}
	}
	if _, hi := level.Wilson(1, 7); hi != 1 {
		t.Errorf("the upper end at p = 1 is %v", hi)
	}
}
