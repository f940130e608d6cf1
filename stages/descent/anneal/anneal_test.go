package anneal_test

import (
	"math"
	"strings"
	"testing"

	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/anneal"
	"zerotohero/stages/descent/descenttest"
	"zerotohero/stages/outcome"
)

// With a constant step it is gradient descent, with times that are sums: they are the same,
// and with them the students, where the step is a power of 2.
func TestConstantStep(t *testing.T) {
	in := descenttest.Instances(t, 12, 3, 1, 2)
	values := map[string]any{"method": "gd", "eta": 0x1p-6}
	want := pipelinetest.Run[descent.Descent](t, descent.Kind, values, in)
	values["method"], values["decay"] = "anneal", 0.0
	for i, got := range pipelinetest.Run[descent.Descent](t, descent.Kind, values, in) {
		if descenttest.Distance(got.Student, want[i].Student) != 0 || got.T != want[i].T {
			t.Errorf("seed %d: L/N = %v at t = %v, and by gd %v at %v", got.Seed, got.Energy, got.T, want[i].Energy,
				want[i].T)
		}
	}
}

// The step is eta/(1 + t/decay): times are those of the recurrence, and a state is where one
// step of that size from the state before leads.
func TestDecay(t *testing.T) {
	q := descenttest.Quadratic{1, 2, 3}
	m, err := anneal.New(anneal.Params{Eta: 0.4, Decay: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	want, at := 0.0, descent.NewEvaluation(3)
	copy(at.W, []float64{1, 1, 1})
	descenttest.Drive(t, m, q.Evaluate, at.W, 50, func(time float64, e *descent.Evaluation) {
		q.Evaluate(at)
		step := 0.4 / (1 + want/0.5)
		want += step
		for j, g := range at.G {
			at.W[j] -= step * g
		}
		descent.ToSphere(at.W, 3)
		if math.Abs(time-want) > 1e-13 || descenttest.Distance(at.W, e.W) > 1e-13 {
			t.Errorf("t = %v at %v, want t = %v at %v", time, e.W, want, at.W)
		}
	})
	// ∫ (1 + t/decay) dt/eta = 50 steps, up to the rule of the rectangle.
	if n := (want + want*want/2/0.5) / 0.4; math.Abs(n-50) > 3 {
		t.Errorf("50 steps lead to t = %v", want)
	}
}

// A step far beyond what is stable hops about until it has fallen, and flow then ends in a
// trap or recovers.
func TestLargeStep(t *testing.T) {
	in := descenttest.Instances(t, 24, 3, 1, 4)
	for _, d := range pipelinetest.Run[descent.Descent](t, descent.Kind,
		map[string]any{"method": "anneal", "eta": 5.0, "decay": 0.1, "until": 20.0}, in) {
		if d.Outcome != outcome.Recovered && d.Outcome != outcome.Trapped || d.Evaluations > 20_000 {
			t.Errorf("seed %d: %s at t = %v after %d evaluations", d.Seed, d.Outcome, d.T, d.Evaluations)
		}
	}
}

func TestParamErrors(t *testing.T) {
	for _, c := range []struct {
		param string
		value float64
	}{{"eta", 0}, {"decay", -1}, {"decay", math.NaN()}, {"until", -1}, {"tol", 2}} {
		_, err := descent.Kind.Resolve(map[string]any{"method": "anneal", c.param: c.value})
		if err == nil || !strings.HasPrefix(err.Error(), c.param+": ") {
			t.Errorf("%s = %v: %v", c.param, c.value, err)
		}
	}
}
