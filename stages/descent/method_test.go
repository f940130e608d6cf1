package descent_test

import (
	"math"
	"testing"

	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	"zerotohero/stages/descent/gd"
)

// midpoint is the explicit midpoint rule for dw/dt = −G: a method with an
// intermediate evaluation, of second order in its step. It also rejects its first
// step, which a controller of steps may do.
type midpoint struct {
	h         float64
	t         float64
	at        *descent.Evaluation
	slope     []float64
	halfway   bool
	hesitated bool
}

func (m *midpoint) Start(e *descent.Evaluation, _ float64) { m.at = e }

func (m *midpoint) Ask(w []float64) (state bool) {
	h, g := m.h, m.slope
	if m.halfway = !m.halfway; m.halfway {
		h, g = m.h/2, m.at.G
	}
	for j, v := range m.at.W {
		w[j] = v - float64(h*g[j])
	}
	descent.ToSphere(w)
	return !m.halfway
}

func (m *midpoint) Tell(e *descent.Evaluation) (float64, bool) {
	if m.halfway {
		m.slope = append(m.slope[:0], e.G...)
		return 0, false
	}
	if !m.hesitated {
		m.hesitated = true
		return 0, false
	}
	m.at = e
	m.t += m.h
	return m.t, true
}

// Gradient descent follows gradient flow: at t = 1 its students differ from those
// of a second-order method by an error that halves with η, within the next order in
// ηλ, λ ≈ 10 for the largest curvatures met here.
func TestDescentFollowsFlow(t *testing.T) {
	p := pipelinetest.Resolve[descent.Params](t, descent.Kind, map[string]any{"max_time": 1.0})
	run := func(m descent.Method) *descent.Trajectory {
		return descenttest.NewSample(32, 96, 6).Follow(t, descenttest.Ell(t, 1), p,
			func() (descent.Method, error) { return m, nil })
	}
	descend := func(eta float64) descent.Method {
		m, err := gd.New(gd.Params{Eta: eta})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	flow := run(&midpoint{h: 0x1p-9})
	if flow.Steps != 1<<9 || flow.Evaluations != 1+2+2<<9 || flow.T != 1 {
		t.Errorf("midpoint rule: %d steps, %d evaluations, t = %v", flow.Steps, flow.Evaluations, flow.T)
	}
	coarse := descenttest.Distance(run(descend(0x1p-7)).At.W, flow.At.W)
	fine := descenttest.Distance(run(descend(0x1p-8)).At.W, flow.At.W)
	if math.Abs(coarse/fine-2) > 0.25 || fine > 0.02 {
		t.Errorf("off by %v at η = 1/128 and %v at 1/256", coarse, fine)
	}
	better := descenttest.Distance(run(&midpoint{h: 0x1p-8}).At.W, flow.At.W)
	if better > fine/10 {
		t.Errorf("the midpoint rule is off by %v at h = 1/256", better)
	}
}
