package nesterov_test

import (
	"math"
	"math/cmplx"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	_ "zerotohero/stages/descent/flow"
	"zerotohero/stages/descent/internal/inertia"
	"zerotohero/stages/descent/nesterov"
)

// Without momentum it is gradient descent, to the bit.
func TestNoMomentum(t *testing.T) {
	in := descenttest.Instances(t, 12, 3, 1, 2)
	values := map[string]any{"method": "gd", "eta": 0.03}
	want := pipelinetest.Run[descent.Descent](t, descent.Kind, values, in)
	values["method"], values["momentum"] = "nesterov", 0.0
	for i, got := range pipelinetest.Run[descent.Descent](t, descent.Kind, values, in) {
		if !slices.Equal(got.Student, want[i].Student) || !slices.Equal(got.Trace, want[i].Trace) {
			t.Errorf("seed %d: L/N = %v at t = %v, and by gd %v at %v", got.Seed, got.Energy, got.T, want[i].Energy,
				want[i].T)
		}
	}
}

// Near the minimum of a quadratic it converges as its recurrence in one direction does, with
// the largest eigenvalue of
//
//	x_{k+1} = (1 + β)(1 − ηh) x_k − β(1 − ηh) x_{k−1}
//
// for a curvature h. At these momenta that is a pair of complex ones, so that the distance
// oscillates, and the logarithm of the factor is met to a part of 0.03.
func TestConvergence(t *testing.T) {
	q := descenttest.Quadratic{1, 1.5, 4, 9}
	for _, beta := range []float64{0.5, 0.8, 0.95} {
		m, err := nesterov.New(nesterov.Params{Params: inertia.Params{Eta: 0.1, Momentum: beta}})
		if err != nil {
			t.Fatal(err)
		}
		x := 0.1 * (q[1] - q[0])
		b, c := (1+beta)*(1-x), beta*(1-x)
		root := cmplx.Sqrt(complex(b*b-4*c, 0))
		want := math.Max(cmplx.Abs(complex(b, 0)+root), cmplx.Abs(complex(b, 0)-root)) / 2
		got := q.Rate(t, m, []float64{1.9, 0.5, 0.3, math.Sqrt(0.05)}, 800, 1)
		if math.Abs(math.Log(got)/math.Log(want)-1) > 0.03 {
			t.Errorf("momentum %v: a factor of %v a step, want %v", beta, got, want)
		}
	}
}

// Time is that of gradient flow: with momentum 0.5 and small steps students are where flow
// has them at t = 1, up to a distance that goes with the step.
func TestTime(t *testing.T) {
	in := descenttest.Instances(t, 12, 3, 1, 1)
	at := func(values map[string]any) []float64 {
		values["max_time"], values["budget"] = 1.0, int64(1_000_000)
		return pipelinetest.Run[descent.Descent](t, descent.Kind, values, in)[0].Student
	}
	flow := at(map[string]any{"method": "flow", "tol": 1e-6})
	coarse := descenttest.Distance(flow, at(map[string]any{"method": "nesterov", "momentum": 0.5, "eta": 1. / 256}))
	fine := descenttest.Distance(flow, at(map[string]any{"method": "nesterov", "momentum": 0.5, "eta": 1. / 2048}))
	if fine > coarse/6 || fine > 0.02 {
		t.Errorf("off by %v at η = 1/256, %v at 1/2048", coarse, fine)
	}
}

func TestParamErrors(t *testing.T) {
	for _, c := range []struct {
		param string
		value float64
	}{{"eta", 0}, {"eta", math.NaN()}, {"momentum", -0.1}, {"momentum", 1}, {"momentum", math.NaN()}} {
		_, err := descent.Kind.Resolve(map[string]any{"method": "nesterov", c.param: c.value})
		if err == nil || !strings.HasPrefix(err.Error(), c.param+": ") {
			t.Errorf("%s = %v: %v", c.param, c.value, err)
		}
	}
}
