package descent

import (
	"context"
	"math"
	"testing"
)

// midpoint is the explicit midpoint rule for dw/dt = −G: a method with an
// intermediate evaluation, of second order in its step. It also rejects its first
// step, which a controller of steps may do.
type midpoint struct {
	h         float64
	t         float64
	at        *Evaluation
	slope     []float64
	halfway   bool
	hesitated bool
}

func (m *midpoint) start(e *Evaluation) { m.at = e }

func (m *midpoint) ask(w []float64) (state bool) {
	h, g := m.h, m.slope
	if m.halfway = !m.halfway; m.halfway {
		h, g = m.h/2, m.at.G
	}
	for j, v := range m.at.W {
		w[j] = v - float64(h*g[j])
	}
	toSphere(w)
	return !m.halfway
}

func (m *midpoint) tell(e *Evaluation) (float64, bool) {
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
	p := resolve(t, map[string]any{"max_time": 1.0})
	run := func(m method) *trajectory {
		problem, _ := sample(t, 32, 96, 6, ell(t, 1))
		all, err := descend(context.Background(), p, family{new: func(Params) method { return m }}, problem, beginnings(1, 0, randomStarts(6)))
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	flow := run(&midpoint{h: 0x1p-9})
	if flow.steps != 1<<9 || flow.evaluations != 1+2+2<<9 || flow.t != 1 {
		t.Errorf("midpoint rule: %d steps, %d evaluations, t = %v", flow.steps, flow.evaluations, flow.t)
	}
	coarse := distance(run(&gd{eta: 0x1p-7}).at.W, flow.at.W)
	fine := distance(run(&gd{eta: 0x1p-8}).at.W, flow.at.W)
	if math.Abs(coarse/fine-2) > 0.25 || fine > 0.02 {
		t.Errorf("off by %v at η = 1/128 and %v at 1/256", coarse, fine)
	}
	better := distance(run(&midpoint{h: 0x1p-8}).at.W, flow.at.W)
	if better > fine/10 {
		t.Errorf("the midpoint rule is off by %v at h = 1/256", better)
	}
}
