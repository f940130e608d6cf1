// Package ell is the paper's family of losses ℓ_a.
package ell

import (
	"fmt"
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

func init() {
	pipeline.Register("ell", "ℓ_a(y,ŷ) = ½(ŷ²−y²)²/(a+y²), the paper's family, a > 0", New)
}

// Params are the parameters of the family.
type Params struct {
	A float64 `param:"a" default:"1" help:"scale of y² in the denominator, a > 0"`
}

// Validate checks a.
func (p Params) Validate() error {
	if !(p.A > 0) || math.IsInf(p.A, 0) {
		return pipeline.BadParam("a", "%v must be positive and finite", p.A)
	}
	return nil
}

// New is the loss ℓ_a (physics.md 1). Its curvature has infimum −2, approached at ŷ = 0
// as y → ∞.
func New(p Params) (loss.Loss, error) {
	a := p.A
	return loss.Loss{
		Name: fmt.Sprintf("ell(a=%v)", a),
		Value: func(y, yhat float64) float64 {
			d := (yhat - y) * (yhat + y)
			return 0.5 * d * d / (a + float64(y*y))
		},
		D1: func(y, yhat float64) float64 {
			return 2 * yhat * ((yhat - y) * (yhat + y)) / (a + float64(y*y))
		},
		D2: func(y, yhat float64) float64 {
			return (float64(6*yhat*yhat) - float64(2*y*y)) / (a + float64(y*y))
		},
		InfD2: -2,
	}, nil
}
