// Package averaged estimates the signal by the Hessian averaged over the student.
package averaged

import (
	"zerotohero/pipeline"
	"zerotohero/stages/loss"
	"zerotohero/stages/spectral"
)

func init() {
	pipeline.Register("averaged", "the student-averaged Hessian: E ℓ”(y_i, ŷ) over ŷ ~ N(0,1)", New)
}

// Params are the parameters of the estimator.
type Params struct {
	Loss loss.Choice `param:"loss" default:"ell" help:"the loss"`
}

// New makes the estimator.
func New(p Params) (spectral.Estimator, error) {
	l, err := p.Loss.New()
	if err != nil {
		return spectral.Estimator{}, err
	}
	return spectral.Estimator{Loss: p.Loss, Starts: 1, Weights: func(q spectral.Problem, _ int64) spectral.Weights {
		return weights(l, q.Y)
	}}, nil
}

// weights are s(y) = E ℓ”(y,ŷ) over ŷ ~ N(0,1) (physics.md 2b),
// (6−2y²)/(a+y²) for ℓ_a. The average has no tangent space, and its μ, a multiple of the
// identity, is left out.
func weights(l loss.Loss, labels []float64) spectral.Weights {
	rule := gaussianRule()
	s := make([]float64, len(labels))
	for i, y := range labels {
		sum := float64(rule[0] * l.D2(y, 0))
		for k, weight := range rule[1:] {
			u := float64(k+1) / perUnit
			sum += float64(weight * (l.D2(y, u) + l.D2(y, -u)))
		}
		s[i] = sum
	}
	return spectral.Weights{S: s}
}

const (
	perUnit = 64                             // nodes a unit of ŷ
	reach   = 9                              // P(|ŷ| > 9) = 2e-19
	ratio   = 0.9998779371377774412748698166 // of neighbouring weights at 0, exp(−1/(2·64²))
)

// gaussianRule gives the weights of the trapezoidal rule for E over N(0,1) at ŷ = 0 and
// at ±k/64 on either side. For a function analytic within distance d of the real axis
// its error is of order exp(−128πd), 1e-6 at d = 0.035; for ℓ_a, whose ℓ” is a
// polynomial in ŷ, it is rounding, whatever a. The weights exp(−ŷ²/2) come by products
// alone, the same to the bit everywhere, and are normalised.
func gaussianRule() []float64 {
	w := make([]float64, reach*perUnit+1)
	total := 0.0
	value, step := 1.0, ratio
	for k := range w {
		w[k] = value
		total += value
		if k > 0 {
			total += value
		}
		value = float64(value * step)
		step *= float64(ratio * ratio)
	}
	for k := range w {
		w[k] /= total
	}
	return w
}
