package gram

import (
	"math"
	"testing"

	"zerotohero/stages/internal/random"
)

// The product against the matrix formed entry by entry.
func TestApply(t *testing.T) {
	const n, m, mu = 7, 23, 0.3
	s := random.New("gram test", 1, 0)
	x := make([]float32, n*m)
	for i := range x {
		x[i] = float32(s.Normal())
	}
	weights := make([]float64, m)
	for i := range weights {
		weights[i] = s.Normal()
	}
	v, got := make([]float64, n), make([]float64, n)
	s.Sphere(v)
	matrix, err := New(x, weights, mu)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // what dst held before plays no part
		if err := matrix.Apply(got, v); err != nil {
			t.Fatal(err)
		}
	}
	for j := range n {
		want := -mu * v[j]
		for k := range n {
			entry := 0.0
			for i, w := range weights {
				entry += w * float64(x[i*n+j]) * float64(x[i*n+k]) / n
			}
			want += entry * v[k]
		}
		if math.Abs(got[j]-want) > 1e-13 {
			t.Errorf("component %d is %v, want %v", j, got[j], want)
		}
	}
	if matrix.Apply(got[:6], v[:6]) == nil {
		t.Error("a vector too short is no error")
	}
	if _, err := New(x, []float64{math.Inf(1)}, 0); err == nil {
		t.Error("an infinite weight is no error")
	}
	if _, err := New(x, nil, math.NaN()); err == nil {
		t.Error("a multiplier that is no number is no error")
	}
}
