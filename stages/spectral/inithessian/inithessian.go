// Package inithessian estimates the signal by the Hessian at a random start: what a
// descent from there meets first.
package inithessian

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/internal/kernel"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/internal/vector"
	"zerotohero/stages/loss"
	"zerotohero/stages/spectral"
)

func init() {
	pipeline.Register("hessian", "the Hessian at a random start: ℓ”(y_i, ŷ_i) less μ, in the tangent space", New)
}

// Params are the parameters of the estimator.
type Params struct {
	Loss   loss.Choice `param:"loss" default:"ell" help:"the loss"`
	Starts int         `param:"starts" default:"1" help:"random points an instance, those of a descent's random starts"`
}

// Validate checks the number of starts.
func (p Params) Validate() error {
	if p.Starts < 1 {
		return pipeline.BadParam("starts", "%d must be at least 1", p.Starts)
	}
	return nil
}

// New makes the estimator.
func New(p Params) (spectral.Estimator, error) {
	l, err := p.Loss.New()
	if err != nil {
		return spectral.Estimator{}, err
	}
	return spectral.Estimator{Loss: p.Loss, Starts: p.Starts,
		Weights: func(q spectral.Problem, start int64) spectral.Weights {
			return weights(l, q, start)
		}}, nil
}

// weights are those of the spherical Hessian of physics.md 1 at the point from
// which the descent of that number starts when its start is random.
func weights(l loss.Loss, p spectral.Problem, start int64) spectral.Weights {
	w := make([]float64, p.N)
	random.New("start", p.Seed, start).Sphere(w)
	yhat := make([]float64, len(p.Y))
	kernel.Products(p.X, [][]float64{w}, [][]float64{yhat})
	root := math.Sqrt(float64(p.N))
	s := make([]float64, len(p.Y))
	mu := 0.0
	for i, y := range p.Y {
		yhat[i] /= root
		s[i] = l.D2(y, yhat[i])
		mu += float64(l.D1(y, yhat[i]) * yhat[i])
	}
	norm := math.Sqrt(vector.Dot(w, w))
	for j := range w {
		w[j] /= norm
	}
	return spectral.Weights{S: s, Mu: mu / float64(p.N), Normal: w}
}
