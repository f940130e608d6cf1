// Package vector has what gonum.org/v1/gonum/floats has, where results must be the same
// to the bit however they are compiled: gonum's assembly sums in another order.
package vector

// Dot is Σ_j x_j y_j, in ascending order of j. y is as long as x.
func Dot(x, y []float64) float64 {
	sum := 0.0
	for j, v := range x {
		sum += float64(v * y[j])
	}
	return sum
}

// AddScaled adds a·x to dst, which is as long.
func AddScaled(dst []float64, a float64, x []float64) {
	for j, v := range x {
		dst[j] += float64(a * v)
	}
}

// Scale multiplies dst by a.
func Scale(a float64, dst []float64) {
	for j := range dst {
		dst[j] *= a
	}
}
