package flow

import (
	"math"
	"testing"

	"zerotohero/stages/descent"
	"zerotohero/stages/internal/random"
)

// The estimate against the power method in exact derivatives, run for long, at a
// point where the Hessian diag(λ) − μ of rayleigh on the tangent space has no simple
// form. It comes from below, close where the largest eigenvalue stands apart, and
// within 30 % where others are near; then it is raised by 1.1.
func TestRadius(t *testing.T) {
	const n = 50
	for _, c := range []struct {
		top, least float64
	}{{120, 1.05}, {49 * 49 / 40., 0.77}} {
		r := make(rayleigh, n)
		for k := range r {
			r[k] = float64(k*k) / 40
		}
		r[n-1] = c.top
		m, e := &method{tol: 1e-3, share: mostShare}, descent.NewEvaluation(n)
		random.New("start", 3, 0).Sphere(e.W)
		r.evaluate(e)
		m.Start(e, 0)
		for next := descent.NewEvaluation(n); m.radius.estimating; {
			next.Request, next.State = m.Ask(next.W), e
			r.evaluate(next)
			m.Tell(next)
		}
		v, want := make([]float64, n), 0.0
		random.New("vector", 3, 0).Sphere(v)
		for range 3000 {
			along := 0.0
			for k := range v {
				v[k] *= r[k] - e.Mu
				along += v[k] * e.W[k] / n
			}
			want = 0
			for k := range v {
				v[k] -= along * e.W[k]
				want += v[k] * v[k] / n
			}
			want = math.Sqrt(want)
			descent.ToSphere(v, n)
		}
		if got := m.radius.value; got < c.least*want || got > 1.1*want*1.001 {
			t.Errorf("top %v: spectral radius %v, estimated at %v", c.top, want, got)
		}
	}
}
