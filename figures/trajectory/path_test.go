package trajectory

import (
	"math"
	"testing"
)

func TestOverlapBetweenRecords(t *testing.T) {
	trace := []Step{{T: 0, Overlap: 9}, {T: 1, Overlap: 0.1}, {T: 100, Overlap: 0.5}}
	for at, want := range map[float64]float64{0.5: 0.1, 1: 0.1, 10: 0.3, 100: 0.5, 1e4: 0.5} {
		if got := OverlapAt(trace, at); math.Abs(got-want) > 1e-12 {
			t.Errorf("m(%g) = %g, want %g", at, got, want)
		}
	}
}
