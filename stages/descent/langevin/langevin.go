// Package langevin is Langevin dynamics on the sphere, at a constant temperature or one that
// falls to 0.
package langevin

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/internal/noise"
	"zerotohero/stages/descent/internal/phases"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/internal/vector"
)

func init() {
	pipeline.Register("langevin", "Langevin dynamics at a temperature that falls to 0, then gradient flow", New)
}

// Params are the parameters of the dynamics.
type Params struct {
	Eta         float64 `param:"eta" default:"0.02" help:"step in time"`
	Temperature float64 `param:"temperature" default:"0.1" help:"T of the law exp(−L/T) at the start, at least 0; it falls linearly to 0 at the time until, and stays if that is 0"`
	Seed        int     `param:"seed" default:"1" help:"of the noise"`
	phases.Params
}

// Validate checks step, temperature and what comes after.
func (p Params) Validate() error {
	if !(p.Eta > 0) {
		return pipeline.BadParam("eta", "%v must be positive", p.Eta)
	}
	if !(p.Temperature >= 0) || math.IsInf(p.Temperature, 1) {
		return pipeline.BadParam("temperature", "%v must not be negative, and finite", p.Temperature)
	}
	return p.Params.Validate()
}

// NeedsWholeX refuses instances whose X is deferred: noise has a part along every direction.
func (Params) NeedsWholeX() {}

// New makes the method for one descent.
func New(p Params) (descent.Method, error) { return p.Then(&method{p: p}) }

// A method makes Euler's steps of dw = −G dt + √(2T) dB on the sphere, with B Brownian motion
// there,
//
//	w ← √N·(w − ηG + √(2Tη) Pξ)/‖…‖,   ξ ~ N(0, I),
//
// P being the projection on the tangent space at w. For small η the law of w tends to that
// with density exp(−L/T) on the sphere ‖w‖² = N. At T = 0 it is gradient descent, to the bit.
type method struct {
	p      Params
	stream *random.Source
	xi     []float64
	steps  int64
	at     *descent.Evaluation
}

func (m *method) Start(e *descent.Evaluation, _ float64) {
	m.at, m.xi = e, make([]float64, len(e.W))
	m.stream = noise.Stream("langevin", m.p.Seed, e.W)
}

func (m *method) Ask(w []float64) descent.Request {
	for j, v := range m.at.W {
		w[j] = v - float64(m.p.Eta*m.at.G[j])
	}
	if sigma := math.Sqrt(2 * m.p.Eta * m.temperature()); sigma > 0 {
		for j := range m.xi {
			m.xi[j] = m.stream.Normal()
		}
		along := vector.Dot(m.xi, m.at.W) / float64(m.at.N)
		vector.AddScaled(m.xi, -along, m.at.W)
		vector.AddScaled(w, sigma, m.xi)
	}
	descent.ToSphere(w, m.at.N)
	return descent.State
}

// temperature is that of the next step.
func (m *method) temperature() float64 {
	if m.p.Until == 0 {
		return m.p.Temperature
	}
	return m.p.Temperature * math.Max(0, 1-m.time()/m.p.Until)
}

func (m *method) time() float64 { return float64(float64(m.steps) * m.p.Eta) }

func (m *method) Tell(e *descent.Evaluation) (t float64, reached bool) {
	m.at = e
	m.steps++
	return m.time(), true
}

// Cost is evaluations of a descent.
func (p Params) Cost(q instance.Params, maxTime float64) float64 {
	return p.Params.Cost(1/p.Eta, q, maxTime)
}
