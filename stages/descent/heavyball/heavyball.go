// Package heavyball is gradient descent with momentum (B. T. Polyak 1964).
package heavyball

import (
	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/internal/inertia"
)

func init() {
	pipeline.Register("heavyball", "gradient descent with momentum, the heavy ball of Polyak", New)
}

// Params are step and momentum.
type Params struct{ inertia.Params }

// New makes the method for one descent.
func New(p Params) (descent.Method, error) { return &method{p: p.Params}, nil }

// A method makes, with v tangent to the sphere at w and 0 at the start,
//
//	v ← βv − ηG(w),   w ← √N·(w + v)/‖w + v‖,
//
// after which v is projected on the tangent space there. With β = 0 it is gradient descent,
// to the bit.
type method struct {
	p     inertia.Params
	v     inertia.Velocity
	steps int64
	at    *descent.Evaluation
}

func (m *method) Start(e *descent.Evaluation, _ float64) {
	m.at, m.v = e, make(inertia.Velocity, len(e.W))
}

func (m *method) Ask(w []float64) descent.Request {
	m.v.Kick(m.p, m.at)
	for j, v := range m.at.W {
		w[j] = v + m.v[j]
	}
	descent.ToSphere(w, m.at.N)
	return descent.State
}

func (m *method) Tell(e *descent.Evaluation) (t float64, reached bool) {
	m.at = e
	m.v.Carry(e.W, e.N)
	m.steps++
	return m.p.Time(m.steps), true
}
