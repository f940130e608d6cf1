// Package kick is gradient flow with one step along the softest direction of the Hessian on
// its way.
package kick

import (
	"errors"
	"iter"
	"math"
	"runtime"

	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/flow"
	"zerotohero/stages/descent/internal/phases"
	"zerotohero/stages/internal/lanczos"
	"zerotohero/stages/internal/vector"
)

func init() {
	pipeline.Register("kick", "gradient flow, with one step along the softest direction at t_kick", New)
}

// Params are when and how far.
type Params struct {
	TKick  float64 `param:"t_kick" default:"0" help:"time of the kick; a descent that ends before has none"`
	Length float64 `param:"length" default:"0.5" help:"of the step, in units of ‖w‖ = √N"`
	flow.Params
}

// Validate checks them, and the tolerance of the flow.
func (p Params) Validate() error {
	if !(p.TKick >= 0) {
		return pipeline.BadParam("t_kick", "%v must not be negative", p.TKick)
	}
	if !(p.Length >= 0) || math.IsInf(p.Length, 1) {
		return pipeline.BadParam("length", "%v must not be negative, and finite", p.Length)
	}
	return p.Params.Validate()
}

// NeedsWholeX refuses instances whose X is deferred: Lanczos' method starts with a vector at random.
func (Params) NeedsWholeX() {}

// New makes the method for one descent.
func New(p Params) (descent.Method, error) {
	after, err := flow.New(p.Params)
	if err != nil {
		return nil, err
	}
	kick := &method{length: p.Length, after: after}
	if p.TKick == 0 {
		return kick, nil
	}
	before, err := flow.New(p.Params)
	if err != nil {
		return nil, err
	}
	return phases.New(before, p.TKick, kick), nil
}

// angle bounds that between the softest eigenvector and what is taken for it.
const angle = 1e-4

// A method makes the step w ← √N·(w + l√N v)/‖…‖, v being the eigenvector of the Hessian's
// lowest eigenvalue with ‖v‖ = 1 and −G·v ≥ 0, the side to which the loss falls. It takes no
// time. Then comes the method after.
//
// The eigenvector is Lanczos', who asks for products with the Hessian in his own loop: he runs
// as a coroutine, of which ask takes the next vector to be multiplied.
type method struct {
	length float64
	after  descent.Method

	at     *descent.Evaluation
	end    float64
	search *search
	ask    func() (v []float64, more bool)
	v      []float64 // the vector that is being multiplied, nil if the search is over
	kicked bool
}

// A search is what both sides of the coroutine know.
type search struct {
	product []float64
	softest []float64 // nil until it is found, or if it is not
}

var errStopped = errors.New("the descent is over")

func (m *method) Start(e *descent.Evaluation, end float64) {
	m.at, m.end = e, end
	m.search = &search{product: make([]float64, len(e.W))}
	next, stop := iter.Pull(m.search.vectors(e.W))
	// A descent may run out of budget while the coroutine waits.
	runtime.AddCleanup(m, func(stop func()) { stop() }, stop)
	m.ask = next
	m.v, _ = next()
}

// vectors are those that Lanczos' method wants to be multiplied, at the state w.
func (s *search) vectors(w []float64) iter.Seq[[]float64] {
	radial := make([]float64, len(w))
	for j, v := range w {
		radial[j] = v / math.Sqrt(float64(len(w)))
	}
	return func(yield func([]float64) bool) {
		pairs, err := lanczos.Lowest(lanczos.Problem{N: len(radial), Orthogonal: [][]float64{radial}, Pairs: 1,
			Tol: angle,
			Apply: func(dst, v []float64) error {
				if !yield(v) {
					return errStopped
				}
				copy(dst, s.product)
				return nil
			}})
		if err == nil {
			s.softest = pairs[0].Vector
		}
	}
}

func (m *method) Ask(w []float64) descent.Request {
	switch {
	case m.kicked:
		return m.after.Ask(w)
	case m.v != nil:
		// A direction is of RMS 1.
		scale := math.Sqrt(float64(m.at.N))
		for j, v := range m.v {
			w[j] = float64(scale * v)
		}
		return descent.Curvature
	}
	m.displace(w)
	return descent.State
}

// displace fills w with the point behind the step. Without eigenvector, which a Hessian that
// is not finite has none of, no point is.
func (m *method) displace(w []float64) {
	v := m.search.softest
	if v == nil {
		w[0] = math.NaN()
		return
	}
	step := m.length * math.Sqrt(float64(m.at.N))
	if vector.Dot(m.at.G, v) > 0 {
		step = -step
	}
	copy(w, m.at.W)
	vector.AddScaled(w, step, v)
	descent.ToSphere(w, m.at.N)
}

func (m *method) Tell(e *descent.Evaluation) (t float64, reached bool) {
	switch {
	case m.kicked:
		return m.after.Tell(e)
	case m.v != nil:
		scale := math.Sqrt(float64(m.at.N))
		for j, g := range e.G {
			m.search.product[j] = g / scale
		}
		m.v, _ = m.ask()
		return 0, false
	}
	m.kicked = true
	m.after.Start(e, m.end)
	return 0, true
}
