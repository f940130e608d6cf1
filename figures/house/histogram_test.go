package house

import (
	"fmt"
	"testing"
)

func TestDensityHasAreaOne(t *testing.T) {
	s := Density([]float64{0, 0.5, 1, 1.5, 2}, []float64{0, 1, 2}, Blue)
	if got := fmt.Sprint(s.Height); got != "[0.4 0.6]" {
		t.Error(got)
	}
}
