// Package inertia is what methods of descent with momentum share: their parameters, and the
// velocity on the sphere.
package inertia

import (
	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/gd"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/vector"
)

// Params are step and momentum.
type Params struct {
	Eta      float64 `param:"eta" default:"0.02" help:"step along the gradient"`
	Momentum float64 `param:"momentum" default:"0.9" help:"share of the velocity that a step keeps, from 0 to below 1"`
}

// Validate checks both.
func (p Params) Validate() error {
	if !(p.Eta > 0) {
		return pipeline.BadParam("eta", "%v must be positive", p.Eta)
	}
	if !(p.Momentum >= 0 && p.Momentum < 1) {
		return pipeline.BadParam("momentum", "%v must be at least 0 and below 1", p.Momentum)
	}
	return nil
}

// Time is that of a state: η/(1−β) a step, so that for small steps it is the time of the
// gradient flow that they follow.
func (p Params) Time(steps int64) float64 {
	return float64(float64(steps)*p.Eta) / (1 - p.Momentum)
}

// Cost is evaluations of a descent: those of gradient descent at the speed of the flow.
func (p Params) Cost(q instance.Params, maxTime float64) float64 {
	return gd.Params{Eta: p.Eta / (1 - p.Momentum)}.Cost(q, maxTime)
}

// A Velocity is the displacement v of the last step, tangent to the sphere where it led.
type Velocity []float64

// Kick makes v ← βv − ηG of a velocity at the state e.
func (v Velocity) Kick(p Params, e *descent.Evaluation) {
	for j, g := range e.G {
		v[j] = float64(p.Momentum*v[j]) - float64(p.Eta*g)
	}
}

// Carry takes v to the tangent space at a point w, ‖w‖² = n: the part along w is dropped.
func (v Velocity) Carry(w []float64, n int) {
	along := vector.Dot(v, w) / float64(n)
	vector.AddScaled(v, -along, w)
}
