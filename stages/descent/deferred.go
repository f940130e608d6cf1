package descent

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/deferred"
	"zerotohero/stages/loss"
)

// NewDeferredProblem is a problem whose X is drawn as one descent asks for it, which starts
// where x.Start says. Methods, recorder and convergence do not see the difference: points
// and gradients are components in an orthonormal basis of R^N that grows by one vector an
// evaluation, so that lengths and products of vectors are what they are. Components are 0
// beyond the vectors that there are; there is room for those of a number of evaluations.
//
// A matrix is of one descent, as its basis is of what that has asked for, in this order.
func NewDeferredProblem(x *deferred.Matrix, l loss.Loss, evaluations int) *Problem {
	n := x.N()
	root := math.Sqrt(float64(n))
	p := &Problem{loss: l, n: n, drawn: x, y: x.Labels(), scale: 1 / root}
	p.signal = make([]float64, min(n-2, evaluations)+2)
	p.signal[0] = root
	return p
}

// newEvaluation makes room for an evaluation of the problem.
func (p *Problem) newEvaluation() *Evaluation {
	e := NewEvaluation(len(p.signal))
	e.N = p.n
	return e
}

// evaluateDrawn does the work of Evaluate, a point at a time.
func (p *Problem) evaluateDrawn(at []*Evaluation) error {
	for _, e := range at {
		if e.M != 0 && e.M != len(p.y) {
			return fmt.Errorf("a point is to have %d of the %d measurements, but a deferred matrix has all of them", e.M, len(p.y))
		}
		if e.Request == Curvature {
			if err := p.hessianVector(e); err != nil {
				return err
			}
			continue
		}
		p.at, p.first = append(p.at[:0], e), 0
		if err := p.drawn.Sweep([][]float64{e.W}, p.coefficients, e.G); err != nil {
			return err
		}
		p.project(e)
	}
	return nil
}

// hessianVector makes G = H d of a direction d = W (physics.md 1), tangent to the sphere
// as d is. A difference of two gradients would do as well in a single product, but what is
// multiplied by Xᵀ then differs by 1e-7, and the basis would be lost in rounding.
func (p *Problem) hessianVector(e *Evaluation) error {
	s := e.State
	err := p.drawn.Sweep([][]float64{s.W, e.W}, func(first int, h [][]float64) {
		y := p.y[first:][:len(h[0])]
		for i, product := range h[0] {
			h[0][i] = p.loss.D2(y[i], product*p.scale) * h[1][i]
		}
	}, e.G)
	if err != nil {
		return err
	}
	n, along := float64(p.n), 0.0
	for j, d := range e.W {
		e.G[j] = e.G[j]/n - float64(s.Mu*d)
		along += float64(e.G[j] * s.W[j])
	}
	along /= n
	square := 0.0
	for j, w := range s.W {
		e.G[j] -= float64(along * w)
		square += float64(e.G[j] * e.G[j])
	}
	e.Overlap, e.Gradient = 0, square/n
	return nil
}
