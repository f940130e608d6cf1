package descent

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/instance"
)

// changed is an input with other rows.
func changed(t *testing.T, in pipeline.Input, change func(r *instance.Instance)) pipeline.Input {
	t.Helper()
	rows, err := pipeline.Rows[instance.Instance](in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		change(&rows[i])
	}
	table, err := artifact.New(rows)
	if err != nil {
		t.Fatal(err)
	}
	in.Open = func() (*artifact.Table, error) { return table, nil }
	return in
}

// Instances at several α that share passes over X, more descents than fit into one, end
// as each does alone, whatever the order of the inputs.
func TestNest(t *testing.T) {
	for _, method := range []string{"gd", "flow"} {
		values := map[string]any{"method": method, "starts": int64(7)}
		alone := make(map[[3]int64]Descent)
		var in []pipeline.Input
		for _, alpha := range []float64{3, 1.5, 5} {
			in = append(in, instances(t, 16, alpha, 7, 8))
			for _, d := range compute(t, in[len(in)-1], values) {
				alone[[3]int64{d.Seed, d.M, d.Start}] = d
			}
		}
		rows := computeAll(t, values, in...)
		if len(rows) != len(alone) {
			t.Fatalf("%d descents together, %d alone", len(rows), len(alone))
		}
		for i, d := range rows {
			if want := alone[[3]int64{d.Seed, d.M, d.Start}]; !reflect.DeepEqual(d, want) {
				t.Errorf("%s, seed %d, M = %d, start %d: not as alone", method, d.Seed, d.M, d.Start)
			}
			if d.Seed != int64(7+i/21) || d.Start != int64(i%7) {
				t.Errorf("row %d is of seed %d, start %d", i, d.Seed, d.Start)
			}
		}
	}
}

// Labels of the null model are no continuation of a signal's: another nest, with the
// same seed. A start on them ends otherwise.
func TestNestsApart(t *testing.T) {
	in := instances(t, 16, 3, 7, 7)
	null := changed(t, instances(t, 16, 3, 7, 7), func(r *instance.Instance) {
		for i := range r.Y {
			r.Y[i] = -r.Y[i] / 2
		}
	})
	all, err := nested(pipeline.Inputs{in, null})
	if err != nil || len(all) != 2 {
		t.Fatalf("%d nests, error %v", len(all), err)
	}
	rows := computeAll(t, nil, in, null)
	if a, b := compute(t, in, nil), compute(t, null, nil); !reflect.DeepEqual(rows, append(a, b...)) {
		t.Error("together they end otherwise than alone")
	}
}

// Every instance of a nest is checked, not the largest alone.
func TestNestIsChecked(t *testing.T) {
	in := instances(t, 8, 2, 3, 3)
	for want, spoil := range map[string]func(*instance.Instance){
		"instance/test: seed 3: drawn again, X has fingerprint": func(r *instance.Instance) { r.Fingerprint = "0123" },
		"instance/test: seed 3: n = 8 and m = 8, but":           func(r *instance.Instance) { r.Y = r.Y[1:] },
	} {
		small := changed(t, instances(t, 8, 1, 3, 3), spoil)
		_, err := pipeline.NewStage("descent", Kind, resolve(t, nil)).Run(context.Background(), pipeline.Inputs{in, small})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// On some of the measurements, a point is evaluated as on those alone.
func TestEvaluateSome(t *testing.T) {
	large, e := sample(t, 20, 60, 4, ell(t, 1))
	const m = 33
	small, err := NewProblem(large.x[:m*20], large.y[:m], large.signal, large.loss)
	if err != nil {
		t.Fatal(err)
	}
	alone, part, all := newEvaluation(20), newEvaluation(20), newEvaluation(20)
	copy(alone.W, e.W)
	copy(part.W, e.W)
	copy(all.W, e.W)
	part.M = m
	if err := small.Evaluate(alone); err != nil {
		t.Fatal(err)
	}
	if err := large.Evaluate(part, all); err != nil {
		t.Fatal(err)
	}
	if err := large.Evaluate(e); err != nil {
		t.Fatal(err)
	}
	part.M = 0
	if !reflect.DeepEqual(part, alone) || !reflect.DeepEqual(all, e) {
		t.Error("side by side, two points on other measurements come out otherwise")
	}
	part.M = 61
	if err := large.Evaluate(part); err == nil {
		t.Error("more measurements than there are gave no error")
	}
}
