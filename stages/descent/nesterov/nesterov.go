// Package nesterov is Nesterov's accelerated gradient descent, with constant momentum
// (Yu. Nesterov 1983; Introductory Lectures on Convex Optimization, 2.2).
package nesterov

import (
	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/internal/inertia"
)

func init() {
	pipeline.Register("nesterov", "accelerated gradient descent of Nesterov, with constant momentum", New)
}

// Params are step and momentum.
type Params struct{ inertia.Params }

// New makes the method for one descent.
func New(p Params) (descent.Method, error) { return &method{p: p.Params}, nil }

// A method has for states the points w at which Nesterov's scheme takes gradients, those
// that look ahead: with x' = w − ηG(w), v' = x' − x and w' = x' + βv',
//
//	v ← βv − ηG(w),   w ← √N·(w + βv − ηG(w))/‖…‖,
//
// and v is projected on the tangent space there. So a step costs one evaluation. At a trap
// w and x are one. With β = 0 it is gradient descent, to the bit.
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
		w[j] = v + (float64(m.p.Momentum*m.v[j]) - float64(m.p.Eta*m.at.G[j]))
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
