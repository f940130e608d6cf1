// Package gd is gradient descent.
package gd

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/instance"
)

func init() {
	pipeline.Register("gd", "gradient descent with step eta, projected to the sphere", New)
}

// Params are the parameters of gradient descent.
type Params struct {
	Eta float64 `param:"eta" default:"0.02" help:"step of gd; unstable above 2 over the largest eigenvalue of the Hessian"`
}

// Validate checks the step.
func (p Params) Validate() error {
	if !(p.Eta > 0) {
		return pipeline.BadParam("eta", "%v must be positive", p.Eta)
	}
	return nil
}

// New makes the method for one descent.
func New(p Params) (descent.Method, error) { return &method{eta: p.Eta}, nil }

// A method is gradient descent with a fixed step, w ← √N·(w − ηG)/‖w − ηG‖; time is η
// times the number of steps (physics.md 1).
type method struct {
	eta   float64
	steps int64
	at    *descent.Evaluation
}

func (m *method) Start(e *descent.Evaluation, _ float64) { m.at = e }

func (m *method) Ask(w []float64) descent.Request {
	for j, v := range m.at.W {
		w[j] = v - float64(m.eta*m.at.G[j])
	}
	descent.ToSphere(w, m.at.N)
	return descent.State
}

func (m *method) Tell(e *descent.Evaluation) (t float64, reached bool) {
	m.at = e
	m.steps++
	return float64(float64(m.steps) * m.eta), true
}

// Cost is evaluations of a descent. It follows what was measured for ℓ_1 at η = 0.02, α
// from 2 to 5 and N from 64 to 512, within a factor of 3: a trapped student takes a time
// of 10·N^0.6, and recovery, which is fast, takes over around α = 1.2 + 0.35·ln N.
func (p Params) Cost(q instance.Params, maxTime float64) float64 {
	n := float64(q.N)
	time := 10 * math.Pow(n, 0.6)
	if !q.Null {
		time /= 1 + math.Pow(q.Alpha/(1.2+0.35*math.Log(n)), 5)
	}
	if maxTime > 0 {
		time = math.Min(time, maxTime)
	}
	return time / p.Eta
}
