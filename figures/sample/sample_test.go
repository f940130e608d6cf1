package sample

import (
	"math"
	"slices"
	"testing"
)

// Wilson's interval for 2 of 10 as tabulated by Brown, Cai and DasGupta (2001) and by R's
// prop.test(2, 10, correct = FALSE): 0.0567 to 0.5098.
func TestWilson(t *testing.T) {
	if lo, hi := Wilson(2, 10); math.Abs(lo-0.0567) > 5e-5 || math.Abs(hi-0.5098) > 5e-5 {
		t.Errorf("2 of 10: %v to %v", lo, hi)
	}
	if lo, hi := Wilson(0, 5); lo != 0 || hi > 0.5 {
		t.Errorf("0 of 5: %v to %v", lo, hi)
	}
}

// The ranks are those of the tables of the sign test, such as Conover's: the interval
// of 20 values is from the 6th to the 15th. At 1000 the approximation takes over.
func TestMedianRank(t *testing.T) {
	for n, want := range map[int]int{0: 0, 5: 0, 6: 1, 9: 2, 20: 6, 25: 8, 1000: 469, 1001: 469} {
		if got := MedianRank(n); got != want {
			t.Errorf("%d values: rank %d, want %d", n, got, want)
		}
	}
	if mid, lo, hi := Median([]float64{6, 2, 4, 1, 5, 3}); mid != 3.5 || lo != 1 || hi != 6 {
		t.Errorf("median %g [%g, %g]", mid, lo, hi)
	}
	if mid, lo, hi := Median([]float64{2, 1}); mid != 1.5 || !math.IsInf(lo, -1) || !math.IsInf(hi, 1) {
		t.Errorf("of two: %g [%g, %g]", mid, lo, hi)
	}
}

func TestMeanError(t *testing.T) {
	if mean, err := MeanError([]float64{1, 2, 3}); mean != 2 || math.Abs(err-1/math.Sqrt(3)) > 1e-15 {
		t.Errorf("%g ± %g, want 2 ± 1/√3", mean, err)
	}
	if mean, err := MeanError([]float64{5}); mean != 5 || err != 0 {
		t.Errorf("of one value: %g ± %g", mean, err)
	}
}

func TestPerInstance(t *testing.T) {
	if got := PerInstance([]int64{2, 1, 2}, []float64{1, 5, 2}); !slices.Equal(got, []float64{5, 1.5}) {
		t.Error(got)
	}
}
