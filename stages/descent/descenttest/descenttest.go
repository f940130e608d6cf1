// Package descenttest has what tests of descents share: small problems, and inputs of
// instances for pipelinetest. Tests import the methods and losses that they name.
package descenttest

import (
	"math"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/loss"
	"zerotohero/stages/loss/ell"
)

// Ell is the loss ℓ_a.
func Ell(t testing.TB, a float64) loss.Loss {
	t.Helper()
	l, err := ell.New(ell.Params{A: a})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Instances computes a block of instances as an input of descents.
func Instances(t testing.TB, n int, alpha float64, first, last int64) pipeline.Input {
	t.Helper()
	return pipelinetest.Stage(t, instance.Kind, map[string]any{
		"N": int64(n), "alpha": alpha, "seeds": pipeline.Range{First: first, Last: last},
	})
}

// A Sample is a problem in parts: labels that come from a signal, with a random start.
type Sample struct {
	X         []float32 // M×N
	Y, Signal []float64
	W         []float64 // start number 0 of the seed
}

// NewSample draws one.
func NewSample(n, m int, seed int64) Sample {
	s := Sample{X: instance.DrawX(seed, n, m), Y: make([]float64, m), Signal: make([]float64, n), W: make([]float64, n)}
	random.New("signal", seed, 0).Sphere(s.Signal)
	for i := range s.Y {
		for j, v := range s.Signal {
			s.Y[i] += float64(s.X[i*n+j]) * v / math.Sqrt(float64(n))
		}
	}
	random.New("start", seed, 0).Sphere(s.W)
	return s
}

// Problem is the problem with a loss.
func (s Sample) Problem(t testing.TB, l loss.Loss) *descent.Problem {
	t.Helper()
	p, err := descent.NewProblem(s.X, s.Y, s.Signal, l)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Follow runs one descent from W.
func (s Sample) Follow(t testing.TB, l loss.Loss, p descent.Params,
	begin func() (descent.Method, error)) *descent.Trajectory {
	t.Helper()
	all, err := descent.Follow(t.Context(), p, begin, s.Problem(t, l),
		[]descent.Start{{Fill: func(w []float64) { copy(w, s.W) }}})
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// Reopen makes the problem of a block's first instance, with ℓ_1.
func Reopen(t testing.TB, in pipeline.Input) *descent.Problem {
	t.Helper()
	rows := pipelinetest.Rows[instance.Instance](t, in)
	x, err := rows[0].X(nil)
	if err != nil {
		t.Fatal(err)
	}
	problem, err := descent.NewProblem(x, rows[0].Y, rows[0].Signal, Ell(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	return problem
}

// Distance is the RMS over components of v − w.
func Distance(v, w []float64) float64 {
	sum := 0.0
	for j := range v {
		sum += (v[j] - w[j]) * (v[j] - w[j])
	}
	return math.Sqrt(sum / float64(len(v)))
}
