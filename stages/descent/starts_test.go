package descent_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	"zerotohero/stages/instance"
	"zerotohero/stages/outcome"
)

// An estimate is a row of an artifact of kind spectral, as descents read it.
type estimate struct {
	Seed      int64     `arrow:"seed"`
	Start     int64     `arrow:"start"`
	N         int64     `arrow:"n"`
	M         int64     `arrow:"m"`
	Loss      string    `arrow:"loss"`
	A         float64   `arrow:"a"`
	Estimator string    `arrow:"estimator"`
	Student   []float64 `arrow:"student"`
}

// estimates are students near the signal, at overlap 0.9 with it, one an instance.
func estimates(t *testing.T, in pipeline.Input) []estimate {
	t.Helper()
	block := pipelinetest.Rows[instance.Instance](t, in)
	var out []estimate
	for _, inst := range block {
		w := make([]float64, inst.N)
		descent.RandomStart(100+inst.Seed, 0, w)
		along := 0.0
		for j, v := range w {
			along += v * inst.Signal[j] / float64(inst.N)
		}
		for j := range w {
			w[j] = 0.9*inst.Signal[j] + math.Sqrt(1-0.81)*(w[j]-along*inst.Signal[j])/math.Sqrt(1-along*along)
		}
		out = append(out, estimate{Seed: inst.Seed, N: inst.N, M: inst.M, Loss: "ell", A: 1, Estimator: "hessian",
			Student: w})
	}
	return out
}

func TestSpectralStarts(t *testing.T) {
	in := descenttest.Instances(t, 32, 4, 1, 3)
	rows := estimates(t, in)
	// In another order and cut into two inputs.
	descents := pipelinetest.Run[descent.Descent](t, descent.Kind, nil, in,
		pipelinetest.Input("spectral/b", "spectral", nil, rows[2:]), pipelinetest.Input("spectral/a", "spectral",
			nil, rows[:2]))
	for k, d := range descents {
		if d.From != "hessian" || !slices.Equal(d.Kept[0].Student, rows[k].Student) ||
			math.Abs(d.Trace[0].Overlap-0.9) > 1e-12 {
			t.Errorf("seed %d, from %s, starts at overlap %v", d.Seed, d.From, d.Trace[0].Overlap)
		}
		// At α = 4, far above the transitions, 0.9 is in the signal's basin.
		if d.Outcome != outcome.Recovered {
			t.Errorf("seed %d: %s", d.Seed, d.Outcome)
		}
	}
	// Without them starts are the random ones.
	w := make([]float64, 32)
	for _, d := range pipelinetest.Run[descent.Descent](t, descent.Kind, map[string]any{"budget": int64(1)}, in) {
		if descent.RandomStart(d.Seed, 0, w); d.From != "random" || !reflect.DeepEqual(d.Student, w) {
			t.Errorf("seed %d: from %s", d.Seed, d.From)
		}
	}
}

func TestSpectralErrors(t *testing.T) {
	in := descenttest.Instances(t, 16, 2, 1, 2)
	rows := estimates(t, in)
	edit := func(f func(*estimate)) []estimate {
		out := slices.Clone(rows)
		f(&out[1])
		return out
	}
	for _, c := range []struct {
		want   string
		rows   []estimate
		values map[string]any
	}{
		{"no spectral estimate of N = 16, M = 32, seed 2, start 0", rows[:1], nil},
		{"start 1 is among the inputs; add", rows, map[string]any{"starts": int64(2)}},
		{"a second start 0", append(rows[:2:2], rows...), nil},
		{"must be equal", rows, map[string]any{"a": 2.0}},
		{"must be equal", edit(func(s *estimate) { s.Loss = "plain" }), nil},
		{"15 components", edit(func(s *estimate) { s.Student = s.Student[1:] }), nil},
		{"‖w‖²", edit(func(s *estimate) { s.Student = make([]float64, 16) }), nil},
	} {
		given := pipelinetest.Input("spectral/x", "spectral", nil, c.rows)
		if _, err := pipelinetest.Compute(t.Context(), descent.Kind, c.values, in, given); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
	// Of an estimator that does not depend on the loss, any will do.
	free := slices.Clone(rows)
	for i := range free {
		free[i].Loss, free[i].A = "", 0
	}
	given := pipelinetest.Input("spectral/x", "spectral", nil, free)
	if _, err := pipelinetest.Compute(t.Context(), descent.Kind, map[string]any{"a": 2.0}, in, given); err != nil {
		t.Error(err)
	}
}
