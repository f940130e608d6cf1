// Package pseudohuber is ℓ_a made robust. It is not in the paper.
package pseudohuber

import (
	"fmt"
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

func init() {
	pipeline.Register("pseudohuber", "(a+y²)(√(1+r²)−1) with r = (ŷ²−y²)/(a+y²), ℓ_a made robust, a > 0", New)
}

// Params are the parameters of the family.
type Params struct {
	A float64 `param:"a" default:"1" help:"scale of y² in the residual's denominator, a > 0"`
}

// Validate checks a.
func (p Params) Validate() error {
	if !(p.A > 0) || math.IsInf(p.A, 0) {
		return pipeline.BadParam("a", "%v must be positive and finite", p.A)
	}
	return nil
}

// New is the pseudo-Huber function of the residual r = (ŷ²−y²)/(a+y²), with
// the weight that makes it ℓ_a for small r. For large |ŷ| it
// grows like ŷ², not ŷ⁴, so that its curvature is bounded for all a together, and a
// descent no stiffer for small a than for large.
//
// With q = √(1+r²), ℓ' = 2ŷr/q and ℓ” = 2r/q + 4ŷ²/((a+y²)q³). The first term
// increases with ŷ² and the second is not negative, so that the infimum is that of the
// first: −√2, approached at ŷ = 0 as y → ∞, r → −1.
func New(p Params) (loss.Loss, error) {
	a := p.A
	root := func(y, yhat float64) (c, r, q float64) {
		c = a + float64(y*y)
		r = (yhat - y) * (yhat + y) / c
		return c, r, math.Sqrt(1 + float64(r*r))
	}
	return loss.Loss{
		Name: fmt.Sprintf("pseudohuber(a=%v)", a),
		Value: func(y, yhat float64) float64 {
			// √(1+r²) − 1 without cancellation.
			c, r, q := root(y, yhat)
			return c * r * r / (1 + q)
		},
		D1: func(y, yhat float64) float64 {
			_, r, q := root(y, yhat)
			return 2 * yhat * r / q
		},
		D2: func(y, yhat float64) float64 {
			c, r, q := root(y, yhat)
			return 2*r/q + 4*yhat*yhat/(c*q*q*q)
		},
		InfD2: -math.Sqrt2,
	}, nil
}
