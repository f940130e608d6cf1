// Package gram multiplies by weighted Gram matrices of the measurements without
// forming them: Hessians and spectral estimators (physics.md 1 and 2b).
package gram

import (
	"fmt"

	"zerotohero/stages/internal/kernel"
)

// A Matrix is (1/N) Σ_i s_i x_i x_iᵀ − μ. It is not safe for concurrent use.
type Matrix struct {
	x       []float32 // M×N, row-major
	weights []float64 // s, M
	mu      float64

	v, g [1][]float64
}

// New takes X, M rows of N, row-major, the M weights and μ. It keeps the slices. A
// weight that is not finite is an error.
func New(x []float32, weights []float64, mu float64) (*Matrix, error) {
	for i, s := range weights {
		if s-s != 0 {
			return nil, fmt.Errorf("the weight of measurement %d is %v, which is not finite", i, s)
		}
	}
	if mu-mu != 0 {
		return nil, fmt.Errorf("the multiplier μ is %v, which is not finite", mu)
	}
	return &Matrix{x: x, weights: weights, mu: mu}, nil
}

// Apply sets dst to the product with v, N components each, in one pass over X; the same
// to the bit on every platform.
func (m *Matrix) Apply(dst, v []float64) error {
	if len(m.x) != len(m.weights)*len(v) {
		return fmt.Errorf("a matrix of %d entries does not go with %d weights and vectors of %d components",
			len(m.x), len(m.weights), len(v))
	}
	clear(dst)
	m.v[0], m.g[0] = v, dst
	err := kernel.Sweep(m.x, m.v[:], m.g[:], func(first int, h [][]float64) {
		for i, product := range h[0] {
			h[0][i] = float64(m.weights[first+i] * product)
		}
	})
	n := float64(len(v))
	for j, c := range v {
		dst[j] = dst[j]/n - float64(m.mu*c)
	}
	return err
}
