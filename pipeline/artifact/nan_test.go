package artifact

import (
	"bytes"
	"math"
	"testing"
)

// A NaN is one, whatever bits the processor gave it: those of 0/0 differ between processors.
func TestOneNaN(t *testing.T) {
	type row struct {
		X    float64     `arrow:"x"`
		Y    float32     `arrow:"y"`
		List []float64   `arrow:"list"`
		Deep [][]float64 `arrow:"deep"`
	}
	make := func(x float64) []byte {
		list := []float64{1, x, 2}
		table, err := New([]row{{x, float32(x), list, [][]float64{list, {x}}}})
		if err != nil {
			t.Fatal(err)
		}
		data, err := table.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if math.Float64bits(list[1]) != math.Float64bits(x) {
			t.Error("the row has changed")
		}
		return data
	}
	if !bytes.Equal(make(math.NaN()), make(math.Float64frombits(0xfff8000000000000))) {
		t.Error("two NaNs give other bytes")
	}
}
