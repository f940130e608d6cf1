// Package optimal is the spectral estimator of the lowest threshold and largest overlap
// (Mondelli and Montanari 2018; Luo, Alghamdi and Lu 2019), in a bounded form.
package optimal

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/spectral"
)

func init() {
	pipeline.Register("optimal", "1/y_i² − 1, of the lowest threshold and largest overlap", New)
}

// Params are none: it does not depend on the loss.
type Params struct{}

// Cost is Lanczos steps in dimension n.
func (Params) Cost(n float64) (steps float64) { return 16 * math.Sqrt(n) }

// New makes the estimator.
func New(Params) (spectral.Estimator, error) {
	return spectral.Estimator{Starts: 1, Weights: weights}, nil
}

// floor bounds the weights of optimal by 1e4.
const floor = 1e-4

// weights are s(y) = (1−y²)/(floor+y²), those of the optimal
// estimator, 1/y² − 1 (physics.md 2b), in the limit floor → 0.
//
// The unbounded weights are the negative of Luo, Alghamdi and Lu's T = 1 − 1/y², whose
// highest eigenvector is meant. A large weight makes the eigenvector all but orthogonal
// to its x_i, and how large has no further effect: a measurement enters outlier and
// overlap through gs/(1+gs) alone (physics.md 2), g of order 1, which
// tends to 1. At y = 0 the bound moves it by floor, and elsewhere by less, so that
// overlaps move by a part of order 1e-4 or less, as the transition does, from 1/2 to
// (1+floor)/2 exactly. Without a bound the largest weight of M = 3000 measurements is
// near 1e7, and 1e13 in one instance of a thousand: the lowest eigenvalue, −1, would be
// lost in its rounding.
func weights(p spectral.Problem, _ int64) spectral.Weights {
	s := make([]float64, len(p.Y))
	for i, y := range p.Y {
		square := float64(y * y)
		s[i] = (1 - square) / (floor + square)
	}
	return spectral.Weights{S: s}
}
