package descenttest

import (
	"math"
	"testing"

	"zerotohero/stages/descent"
)

// A Quadratic is the energy L = ½ Σ_j λ_j w_j² on the sphere ‖w‖² = N, which has its minima
// at ±√N e_1 if λ_1 is the lowest; there the Hessian has eigenvalues λ_j − λ_1.
type Quadratic []float64

// Evaluate completes an evaluation, of which W is given.
func (q Quadratic) Evaluate(e *descent.Evaluation) {
	n := float64(len(q))
	e.Energy, e.Mu, e.Gradient = 0, 0, 0
	for j, w := range e.W {
		e.Energy += q[j] * w * w / 2 / n
		e.Mu += q[j] * w * w / n
	}
	for j, w := range e.W {
		e.G[j] = (q[j] - e.Mu) * w
		e.Gradient += e.G[j] * e.G[j] / n
	}
}

// Drive takes a method from w through a number of states, and calls visit at each. It has
// evaluate for what the method asks, and no requests for curvature.
func Drive(t testing.TB, m descent.Method, evaluate func(*descent.Evaluation), w []float64, states int,
	visit func(t float64, e *descent.Evaluation)) {
	t.Helper()
	at, next := descent.NewEvaluation(len(w)), descent.NewEvaluation(len(w))
	copy(at.W, w)
	evaluate(at)
	m.Start(at, 0)
	for states > 0 {
		if next.Request = m.Ask(next.W); next.Request == descent.Curvature {
			t.Fatal("a request for curvature")
		}
		evaluate(next)
		if time, reached := m.Tell(next); reached {
			visit(time, next)
			at, next = next, at
			states--
		}
	}
}

// Rate is the factor by which a method brings a student closer to the minimum of the
// quadratic in one component, a step: of the largest distances in two windows of a quarter of
// the steps, as it may oscillate, half of the steps apart.
func (q Quadratic) Rate(t testing.TB, m descent.Method, w []float64, steps, component int) float64 {
	t.Helper()
	var early, late float64
	k := 0
	Drive(t, m, q.Evaluate, w, steps, func(_ float64, e *descent.Evaluation) {
		switch far := math.Abs(e.W[component]); {
		case k >= steps/4 && k < steps/2:
			early = max(early, far)
		case k >= 3*steps/4:
			late = max(late, far)
		}
		k++
	})
	return math.Pow(late/early, 2/float64(steps))
}
