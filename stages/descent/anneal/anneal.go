// Package anneal is gradient descent whose step is large at first and falls.
package anneal

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/internal/phases"
	"zerotohero/stages/instance"
)

func init() {
	pipeline.Register("anneal", "gradient descent with a large step that falls, then gradient flow", New)
}

// Params are the parameters of gradient descent with such a step.
type Params struct {
	Eta   float64 `param:"eta" default:"0.2" help:"the first step; a large one is unstable along stiff directions, and hops across them"`
	Decay float64 `param:"decay" default:"1" help:"time t at which the step has fallen to a half, as eta/(1 + t/decay); 0 for a constant step"`
	phases.Params
}

// Validate checks the step and what comes after.
func (p Params) Validate() error {
	if !(p.Eta > 0) {
		return pipeline.BadParam("eta", "%v must be positive", p.Eta)
	}
	if !(p.Decay >= 0) {
		return pipeline.BadParam("decay", "%v must not be negative", p.Decay)
	}
	return p.Params.Validate()
}

// New makes the method for one descent.
func New(p Params) (descent.Method, error) { return p.Then(&method{p: p}) }

// A method is gradient descent, w ← √N·(w − ηG)/‖w − ηG‖, with the step η = eta/(1 + t/decay)
// at time t, the sum of the steps before.
type method struct {
	p    Params
	t    float64
	step float64 // the one being made
	at   *descent.Evaluation
}

func (m *method) Start(e *descent.Evaluation, _ float64) { m.at = e }

func (m *method) Ask(w []float64) descent.Request {
	m.step = m.p.Eta
	if m.p.Decay > 0 {
		m.step /= 1 + m.t/m.p.Decay
	}
	for j, v := range m.at.W {
		w[j] = v - float64(m.step*m.at.G[j])
	}
	descent.ToSphere(w, m.at.N)
	return descent.State
}

func (m *method) Tell(e *descent.Evaluation) (t float64, reached bool) {
	m.at = e
	// A step below the rounding of the time must not stop it.
	m.t = math.Max(m.t+m.step, math.Nextafter(m.t, math.Inf(1)))
	return m.t, true
}

// Cost is evaluations of a descent; steps that fall take t + t²/(2 decay) over eta to a time t.
func (p Params) Cost(q instance.Params, maxTime float64) float64 {
	each := 1 / p.Eta
	if p.Decay > 0 {
		each *= 1 + p.Until/(2*p.Decay)
	}
	return p.Params.Cost(each, q, maxTime)
}
