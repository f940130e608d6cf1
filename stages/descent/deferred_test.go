package descent

import (
	"math"
	"strings"
	"testing"

	"zerotohero/stages/internal/deferred"
	"zerotohero/stages/internal/random"
)

// The derivative of the gradient along a direction is the Hessian's product with it
// (physics.md 1), but for what it has along w, up to the third derivatives that the probe
// meets.
func TestCurvature(t *testing.T) {
	const n, m = 20, 60
	p, at := sample(t, n, m, 5, ell(t, 1))
	if err := p.Evaluate(at); err != nil {
		t.Fatal(err)
	}
	dot := func(v, w []float64) float64 {
		sum := 0.0
		for j := range v {
			sum += v[j] * w[j]
		}
		return sum
	}
	tangent := func(v []float64) {
		along := dot(v, at.W) / n
		for j, w := range at.W {
			v[j] -= along * w
		}
	}
	e := NewEvaluation(n)
	random.New("direction", 5, 0).Sphere(e.W)
	tangent(e.W)
	want := make([]float64, n)
	for i := range m {
		row := make([]float64, n)
		for j := range row {
			row[j] = float64(p.x[i*n+j])
		}
		c := p.loss.D2(p.y[i], dot(row, at.W)/math.Sqrt(n)) * dot(row, e.W) / n
		for j := range want {
			want[j] += c * row[j]
		}
	}
	for j := range want {
		want[j] -= at.Mu * e.W[j]
	}
	tangent(want)
	e.Request, e.State = Curvature, at
	if err := p.Evaluate(e); err != nil {
		t.Fatal(err)
	}
	tangent(e.G)
	for j := range want {
		if math.Abs(e.G[j]-want[j]) > 1e-5*math.Sqrt(dot(want, want)) {
			t.Errorf("component %d is %v, want %v", j, e.G[j], want[j])
		}
	}
}

// A point of a deferred problem is on all measurements, and there is room for the
// evaluations that were asked for.
func TestDeferredErrors(t *testing.T) {
	x, err := deferred.New(deferred.Params{N: 30, M: 60, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := NewDeferredProblem(x, ell(t, 1), 2)
	e := p.newEvaluation()
	x.Start(e.W)
	e.M = 59
	if err := p.Evaluate(e); err == nil || !strings.Contains(err.Error(), "59 of the 60 measurements") {
		t.Errorf("59 of 60 measurements: %v", err)
	}
	e.M = 60
	for k := range 3 {
		e.W[0] += float64(k)
		ToSphere(e.W, e.N)
		if err := p.Evaluate(e); (err == nil) != (k < 2) || err != nil && !strings.Contains(err.Error(), "make room") {
			t.Errorf("evaluation %d of 2: %v", k+1, err)
		}
	}
}
