package sgd_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	"zerotohero/stages/descent/sgd"
	"zerotohero/stages/outcome"
)

const testN, testM = 12, 36

// follow runs a descent by values of parameters on the instances of two seeds.
func follow(t *testing.T, values map[string]any) []descent.Descent {
	t.Helper()
	return pipelinetest.Run[descent.Descent](t, descent.Kind, values, descenttest.Instances(t, testN, testM/testN, 1, 2))
}

// A batch of all measurements makes gradient descent, to the bit.
func TestWholeBatch(t *testing.T) {
	values := map[string]any{"method": "gd", "max_time": 3.0, "keep": []any{0.5, 3.0}}
	want := follow(t, values)
	values["method"], values["fraction"] = "sgd", 1.0
	for i, got := range follow(t, values) {
		if !slices.Equal(got.Student, want[i].Student) || !slices.Equal(got.Trace, want[i].Trace) ||
			got.Evaluations != want[i].Evaluations {
			t.Errorf("seed %d: t = %v, L/N = %v, and by gd t = %v, L/N = %v", got.Seed, got.T, got.Energy,
				want[i].T, want[i].Energy)
		}
	}
}

// epoch is one by the definition, from sums over the rows of each batch in a given order.
func epoch(s descenttest.Sample, order []int, eta float64) []float64 {
	w := slices.Clone(s.W)
	for _, k := range order {
		lo, hi := k*testM/len(order), (k+1)*testM/len(order)
		g, mu := make([]float64, testN), 0.0
		for i := lo; i < hi; i++ {
			row, yhat := s.X[i*testN:][:testN], 0.0
			for j, x := range row {
				yhat += float64(x) * w[j] / math.Sqrt(testN)
			}
			d1 := 2 * yhat * (yhat*yhat - s.Y[i]*s.Y[i]) / (1 + s.Y[i]*s.Y[i])
			mu += d1 * yhat / testN
			for j, x := range row {
				g[j] += d1 * float64(x) / math.Sqrt(testN)
			}
		}
		for j := range w {
			w[j] -= eta * testM / float64(hi-lo) * (g[j] - mu*w[j])
		}
		descent.ToSphere(w, testN)
	}
	return w
}

// An epoch against the definition: it is that in one of the orders of the batches, to
// rounding, and the seed decides in which. With seven batches of 36 they are unequal.
func TestEpoch(t *testing.T) {
	s := descenttest.NewSample(testN, testM, 5)
	for _, fraction := range []float64{1. / 3, 1. / 4, 1. / 5} {
		orders := permutations(int(math.Round(1 / fraction)))
		seen := make(map[string]bool)
		for seed := range 6 {
			p := sgd.Params{Eta: 0.01, Fraction: fraction, Seed: seed}
			m, err := sgd.New(p)
			if err != nil {
				t.Fatal(err)
			}
			limit := pipelinetest.Resolve[descent.Params](t, descent.Kind, map[string]any{"max_time": 0.001})
			all, err := descent.Follow(t.Context(), limit, func() (descent.Method, error) { return m, nil },
				s.Problem(t, descenttest.Ell(t, 1)),
				[]descent.Start{{M: testM, Fill: func(w []float64) { copy(w, s.W) }}})
			if err != nil {
				t.Fatal(err)
			}
			matches := 0
			for _, order := range orders {
				if descenttest.Distance(epoch(s, order, 0.01), all[0].At.W) < 1e-13 {
					matches++
					seen[fmt.Sprint(order)] = true
				}
			}
			if want := 0.01 * float64(len(orders[0])); matches != 1 || math.Abs(all[0].T-want) > 1e-15 {
				t.Errorf("fraction %v, seed %d: an epoch is that in %d orders, ends at t = %v", fraction, seed, matches,
					all[0].T)
			}
		}
		if len(seen) < 3 {
			t.Errorf("fraction %v: six seeds have %d orders", fraction, len(seen))
		}
	}
}

func permutations(k int) (out [][]int) {
	if k == 0 {
		return [][]int{nil}
	}
	for _, p := range permutations(k - 1) {
		for i := range k {
			out = append(out, slices.Insert(slices.Clone(p), i, k-1))
		}
	}
	return out
}

// Small steps follow gradient flow: the distance between students of both at t = 0.5 goes with the step.
func TestSmallSteps(t *testing.T) {
	at := func(values map[string]any) []float64 {
		values["max_time"], values["budget"] = 0.5, int64(1_000_000)
		return follow(t, values)[0].Student
	}
	flow := at(map[string]any{"method": "flow", "tol": 1e-6})
	coarse := descenttest.Distance(flow, at(map[string]any{"method": "sgd", "fraction": 0.25, "eta": 1. / 512}))
	fine := descenttest.Distance(flow, at(map[string]any{"method": "sgd", "fraction": 0.25, "eta": 1. / 4096}))
	if fine > coarse/4 || fine > 0.02 {
		t.Errorf("off by %v at η = 1/512, %v at 1/4096", coarse, fine)
	}
}

// From the time until on it is flow, which ends in a trap or recovers; batches of one
// measurement are the smallest.
func TestUntil(t *testing.T) {
	for _, fraction := range []float64{0.3, 1e-9} {
		for _, d := range follow(t, map[string]any{"method": "sgd", "fraction": fraction, "eta": 0.005, "until": 1.0}) {
			if d.Outcome != outcome.Recovered && d.Outcome != outcome.Trapped || d.Evaluations > 20_000 || !(d.T > 1) {
				t.Errorf("fraction %v, seed %d: %s at t = %v after %d evaluations", fraction, d.Seed, d.Outcome, d.T,
					d.Evaluations)
			}
		}
	}
}

func TestParamErrors(t *testing.T) {
	for _, c := range []struct {
		param string
		value any
	}{{"fraction", 0.0}, {"fraction", -0.1}, {"fraction", 1.5}, {"fraction", math.NaN()}, {"eta", 0.0},
		{"until", -1.0}, {"tol", 0.0}} {
		_, err := descent.Kind.Resolve(map[string]any{"method": "sgd", c.param: c.value})
		if err == nil || !strings.Contains(err.Error(), c.param) {
			t.Errorf("%s = %v: %v", c.param, c.value, err)
		}
	}
	if p := (sgd.Params{Fraction: 0.07}); p.Batches(100) != 14 || p.Batches(3) != 3 {
		t.Errorf("batches of a share of %v: %d and %d", p.Fraction, p.Batches(100), p.Batches(3))
	}
}
