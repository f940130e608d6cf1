package bootstrap

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
	if lo, hi := Percentiles(x, 0.95); lo != 5 || hi != 195 {
		t.Errorf("[%v, %v], want [5, 195]", lo, hi)
	}
	if lo, hi := Outermost(x, y, 0.95); lo != 5 || hi != 1194 {
		t.Errorf("[%v, %v], want [5, 1194]", lo, hi)
	}
	if !slices.Equal(x, kept) {
		t.Error("the resamples were reordered")
	}
	if lo, hi := Percentiles([]float64{math.Inf(1), 3, math.Inf(-1)}, 0.5); !math.IsInf(lo, -1) || !math.IsInf(hi, 1) {
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
		if err := Validate(c.confidence, c.resamples); (err == nil) != c.ok {
			t.Errorf("%v, %d resamples: %v", c.confidence, c.resamples, err)
		}
	}
}
