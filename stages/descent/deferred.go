package descent

import (
	"context"
	"fmt"
	"math"
	"slices"

	"zerotohero/stages/instance"
	"zerotohero/stages/internal/deferred"
	"zerotohero/stages/internal/lanczos"
	"zerotohero/stages/labels"
	"zerotohero/stages/loss"
	"zerotohero/stages/outcome"
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
			return fmt.Errorf("a point is to have %d of the %d measurements, but a deferred matrix has all of them",
				e.M, len(p.y))
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
		yhat, curvature := p.block(h[0])
		p.loss.D2s(y, yhat, curvature)
		for i, d2 := range curvature {
			h[0][i] = d2 * h[1][i]
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

// An Observation is what is known of labels and Hessian at one time.
type Observation struct {
	T      float64        `arrow:"t" doc:"the time asked for, or that of the last state if it is earlier"`
	Energy float64        `arrow:"energy" doc:"L/N"`
	Mu     float64        `arrow:"mu" doc:"radial multiplier μ"`
	Law    []labels.Node  `arrow:"law" doc:"law of the labels, neighbouring values of s = ℓ″ merged"`
	Signal []lanczos.Line `arrow:"signal" doc:"spectral measure of the signal in the Hessian, (v_i·w*)²/N at λ_i, as so many lines with its moments; none but at the times of the parameter signal"`
}

// descendDeferred follows the descent on an instance whose X is deferred.
func descendDeferred(ctx context.Context, p Params, l loss.Loss, inst instance.Instance) ([]Descent, error) {
	x, err := deferred.New(deferred.Params{
		N: int(inst.N), M: int(inst.M), Seed: inst.Seed, Null: inst.Null, Wide: inst.Wide,
	})
	if err != nil {
		return nil, err
	}
	problem := NewDeferredProblem(x, l, p.Budget+len(p.Signal)*p.Lines)
	done, err := Follow(ctx, p, p.Method.New, problem, []Start{{Fill: x.Start}})
	if err != nil {
		return nil, err
	}
	r := row(p, inst, 0, done[0])
	r.From = outcome.FromRandom
	// Components beyond the directions that there are tell nothing.
	r.Student = r.Student[:x.Directions()]
	for i, k := range r.Kept {
		r.Kept[i].Student = slices.Clone(k.Student[:x.Directions()])
	}
	return []Descent{r}, nil
}

// observe completes the observations of a trajectory, one for each student kept and, when
// it has ended, one of its last state.
func (p *Problem) observe(tr *Trajectory, params Params) error {
	add := func(t float64, w []float64) error {
		if n := len(tr.observed); n > 0 && tr.observed[n-1].T == t {
			tr.observed = append(tr.observed, tr.observed[n-1]) // the last state, for times after it
			return nil
		}
		lines := 0
		if slices.Contains(params.Signal, t) {
			lines = params.Lines
		}
		o, err := p.observation(t, w, lines)
		tr.observed = append(tr.observed, o)
		return err
	}
	for _, k := range tr.recorder.kept[len(tr.observed):] {
		if err := add(k.T, k.Student); err != nil {
			return err
		}
	}
	if tr.Outcome == "" {
		return nil
	}
	return add(tr.T, tr.At.W)
}

func (p *Problem) observation(t float64, w []float64, lines int) (Observation, error) {
	yhat := make([]float64, len(p.y))
	if err := p.drawn.Products(w, yhat); err != nil {
		return Observation{}, err
	}
	for i := range yhat {
		yhat[i] *= p.scale
	}
	k := labels.New(p.loss, p.y, yhat, p.n)
	o := Observation{T: t, Energy: k.Energy, Mu: k.Mu, Law: k.Nodes}
	if lines == 0 {
		return o, nil
	}
	state := &Evaluation{N: p.n, W: w, Mu: k.Mu}
	radial := make([]float64, len(w))
	for j, v := range w {
		radial[j] = v * p.scale
	}
	hessian := lanczos.Problem{N: len(w), Orthogonal: [][]float64{radial}, Apply: func(dst, v []float64) error {
		clear(dst)
		return p.hessianVector(&Evaluation{N: p.n, W: v, G: dst, State: state})
	}}
	var err error
	o.Signal, err = lanczos.Measure(hessian, p.signal, lines)
	return o, err
}
