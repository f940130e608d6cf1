// Package phases makes one method of descent of two, the second of which goes on from where
// the first has come to at a given time.
package phases

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/flow"
	"zerotohero/stages/descent/gd"
	"zerotohero/stages/instance"
)

// Params are when gradient flow takes over, and its tolerance.
type Params struct {
	Until float64 `param:"until" default:"0" help:"time from which the descent goes on by gradient flow, to a trap or to recovery; 0 for never"`
	flow.Params
}

// Validate checks both.
func (p Params) Validate() error {
	if !(p.Until >= 0) {
		return pipeline.BadParam("until", "%v must not be negative", p.Until)
	}
	return p.Params.Validate()
}

// Cost is evaluations of a descent whose first method takes a number of them for a unit of
// time.
func (p Params) Cost(each float64, q instance.Params, maxTime float64) float64 {
	if p.Until == 0 || maxTime > 0 && maxTime <= p.Until {
		return gd.Params{Eta: 1 / each}.Cost(q, maxTime)
	}
	return p.Until*each + p.Params.Cost(q, maxTime)
}

// Then is a method up to the first of its states at time until or later, and from there
// gradient flow.
func (p Params) Then(first descent.Method) (descent.Method, error) {
	if p.Until == 0 {
		return first, nil
	}
	second, err := flow.New(p.Params)
	if err != nil {
		return nil, err
	}
	return New(first, p.Until, second), nil
}

// New is the first method up to the first of its states at time until or later, and the
// second from there. Steps of any length are told to end there.
func New(first descent.Method, until float64, second descent.Method) descent.Method {
	return &method{now: first, until: until, second: second}
}

type method struct {
	now    descent.Method
	until  float64
	second descent.Method // nil once it is there
	end    float64        // time that no step goes beyond, 0 for none
	offset float64        // time at which the clock of the method that is there was 0
	left   float64        // time from then to the end, 0 for none
}

func (m *method) Start(e *descent.Evaluation, end float64) {
	m.end, m.left = end, m.until
	if end > 0 {
		m.left = math.Min(end, m.until)
	}
	m.now.Start(e, m.left)
}

func (m *method) Ask(w []float64) descent.Request { return m.now.Ask(w) }

func (m *method) Tell(e *descent.Evaluation) (t float64, reached bool) {
	own, reached := m.now.Tell(e)
	t = m.offset + own
	switch {
	case !reached:
		return 0, false
	case m.second == nil:
		// The sum may round to just below the end, and no step be left to get there.
		if m.end > 0 && own >= m.left {
			t = math.Max(t, m.end)
		}
	case t >= m.until && e.Finite():
		m.now, m.second, m.offset, m.left = m.second, nil, t, 0
		if m.end > t {
			m.left = m.end - t
		}
		m.now.Start(e, m.left)
	}
	return t, true
}
