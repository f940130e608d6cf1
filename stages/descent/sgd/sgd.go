// Package sgd is stochastic gradient descent in mini-batches.
package sgd

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
	pipeline.Register("sgd", "stochastic gradient descent in mini-batches, then gradient flow", New)
}

// Params are the parameters of stochastic gradient descent.
type Params struct {
	Eta      float64 `param:"eta" default:"0.02" help:"step in time, that of gradient descent"`
	Fraction float64 `param:"fraction" default:"0.1" help:"share of the measurements in a batch, above 0 and at most 1, rounded to one over a whole number"`
	Seed     int     `param:"seed" default:"1" help:"of the order of the batches"`
	phases.Params
}

// Validate checks step, fraction and what comes after.
func (p Params) Validate() error {
	if !(p.Eta > 0) {
		return pipeline.BadParam("eta", "%v must be positive", p.Eta)
	}
	if !(p.Fraction > 0 && p.Fraction <= 1) {
		return pipeline.BadParam("fraction", "%v must be above 0 and at most 1", p.Fraction)
	}
	return p.Params.Validate()
}

// NeedsWholeX refuses instances whose X is deferred: batches are of measurements in no order.
func (Params) NeedsWholeX() {}

// New makes the method for one descent.
func New(p Params) (descent.Method, error) { return p.Then(&method{p: p}) }

// Batches is how many batches there are of m measurements: 1/fraction, rounded.
func (p Params) Batches(m int) int { return int(math.Round(min(1/p.Fraction, float64(m)))) }

// A method cuts the M measurements, which are in no order, into K batches of successive
// ones, and goes through them in an order that it draws for each epoch. A step is
//
//	w ← √N·(w − ηG)/‖w − ηG‖,   G = (M/M_k) G_k,
//
// G_k being the part of the spherical gradient that the M_k measurements of batch k make; the mean
// of G over an epoch's batches is the gradient. States are the ends of epochs, where all
// measurements are looked at; the time is η times the number of steps. With one batch it
// is gradient descent, to the bit.
//
// A problem evaluates the first measurements of all, so that a batch takes the difference
// of two evaluations, or one if it is the first: a pass over X on average, where the
// batch itself is 1/K of one.
type method struct {
	p       Params
	stream  *random.Source
	batches int
	all     int // measurements

	at    *descent.Evaluation // the state where the epoch began
	other *descent.Evaluation // which points between states are evaluated in, nil before it is known
	w, g  []float64           // where the epoch has come to, and what is known of the batch's part
	order []int               // of the batches that are left of the epoch, the last of which is next
	below bool                // measurements before the batch are being evaluated
	steps int64
}

func (m *method) Start(e *descent.Evaluation, _ float64) {
	m.at, m.all = e, e.M
	m.stream = noise.Stream("sgd", m.p.Seed, e.W)
	m.batches = max(1, m.p.Batches(m.all))
	m.w, m.g = append(m.w[:0], e.W...), make([]float64, len(e.G))
	if m.batches == 1 {
		m.step(e.G, 1)
		return
	}
	m.draw()
}

// draw draws the order of the next epoch (Fisher and Yates).
func (m *method) draw() {
	m.order = m.order[:0]
	for k := range m.batches {
		j := int(m.stream.Uniform() * float64(k+1))
		m.order = append(m.order, k)
		m.order[k], m.order[j] = m.order[j], m.order[k]
	}
}

// bounds are the measurements of the batch that is next: from lo to before hi.
func (m *method) bounds() (lo, hi int) {
	k := m.order[len(m.order)-1]
	return k * m.all / m.batches, (k + 1) * m.all / m.batches
}

func (m *method) Ask(w []float64) descent.Request {
	copy(w, m.w)
	if m.other == nil && m.batches > 1 {
		return descent.Gradient // to know it; of all measurements
	}
	if len(m.order) == 0 {
		if m.other != nil {
			m.other.M = m.all
		}
		return descent.State
	}
	lo, hi := m.bounds()
	if m.other.M = hi; m.below {
		m.other.M = lo
	}
	return descent.Gradient
}

func (m *method) Tell(e *descent.Evaluation) (t float64, reached bool) {
	switch {
	case len(m.order) == 0:
		m.at, m.other = e, m.at
		m.steps += int64(m.batches)
		if m.batches == 1 {
			copy(m.w, e.W)
			m.step(e.G, 1)
		} else {
			copy(m.w, e.W)
			m.draw()
		}
		return float64(float64(m.steps) * m.p.Eta), true
	case m.other == nil:
		m.other = e
		return 0, false
	}
	lo, hi := m.bounds()
	if !m.below {
		copy(m.g, e.G)
		if m.below = lo > 0; m.below {
			return 0, false
		}
	} else {
		vector.AddScaled(m.g, -1, e.G)
		m.below = false
	}
	m.order = m.order[:len(m.order)-1]
	m.step(m.g, float64(m.all)/float64(hi-lo))
	return 0, false
}

// step goes along a part of the gradient, scaled.
func (m *method) step(g []float64, scale float64) {
	for j := range m.w {
		m.w[j] -= float64(float64(m.p.Eta*scale) * g[j])
	}
	descent.ToSphere(m.w, m.at.N)
}

// Cost is evaluations of a descent.
func (p Params) Cost(q instance.Params, maxTime float64) float64 {
	return p.Params.Cost(2/p.Eta, q, maxTime)
}

// Passes is how many passes over X a descent on m measurements takes that made so many states
// and evaluations of the gradient, if a batch costs its share of one, and each epoch another
// for its state.
func (p Params) Passes(m int, steps, evaluations int64) float64 {
	batches := int64(p.Batches(m))
	if batches <= 1 {
		return float64(evaluations)
	}
	epochs := steps
	if p.Until > 0 {
		epochs = int64(min(float64(steps), math.Ceil(p.Until/float64(float64(batches)*p.Eta))))
	}
	return float64(evaluations - 1 - epochs*(2*batches-2))
}
