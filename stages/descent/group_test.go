package descent_test

import (
	"reflect"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	_ "zerotohero/stages/descent/flow"
	"zerotohero/stages/instance"
)

// changed is an input with other rows.
func changed(t *testing.T, in pipeline.Input, change func(r *instance.Instance)) pipeline.Input {
	t.Helper()
	rows := pipelinetest.Rows[instance.Instance](t, in)
	for i := range rows {
		change(&rows[i])
	}
	return pipelinetest.Input(in.Stage, in.Kind, nil, rows)
}

// Instances at several α that share passes over X, more descents than fit into one, end
// as each does alone, whatever the order of the inputs.
func TestGroup(t *testing.T) {
	for _, method := range []string{"gd", "flow"} {
		values := map[string]any{"method": method, "starts": int64(7)}
		alone := make(map[[3]int64]descent.Descent)
		var in []pipeline.Input
		for _, alpha := range []float64{3, 1.5, 5} {
			in = append(in, descenttest.Instances(t, 16, alpha, 7, 8))
			for _, d := range pipelinetest.Run[descent.Descent](t, descent.Kind, values, in[len(in)-1]) {
				alone[[3]int64{d.Seed, d.M, d.Start}] = d
			}
		}
		rows := pipelinetest.Run[descent.Descent](t, descent.Kind, values, in...)
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

// Labels of the null model are no continuation of a signal's: another group, with the
// same seed. A start on them ends otherwise.
func TestGroupsApart(t *testing.T) {
	in := descenttest.Instances(t, 16, 3, 7, 7)
	null := changed(t, descenttest.Instances(t, 16, 3, 7, 7), func(r *instance.Instance) {
		for i := range r.Y {
			r.Y[i] = -r.Y[i] / 2
		}
	})
	groups, err := descent.Groups(pipeline.Inputs{in, null})
	if err != nil || groups != 2 {
		t.Fatalf("%d groups, error %v", groups, err)
	}
	rows := pipelinetest.Run[descent.Descent](t, descent.Kind, nil, in, null)
	if a, b := pipelinetest.Run[descent.Descent](t, descent.Kind, nil, in), pipelinetest.Run[descent.Descent](t,
		descent.Kind, nil, null); !reflect.DeepEqual(rows, append(a, b...)) {
		t.Error("together they end otherwise than alone")
	}
}

// Every instance of a group is checked, not the largest alone.
func TestGroupIsChecked(t *testing.T) {
	in := descenttest.Instances(t, 8, 2, 3, 3)
	for want, spoil := range map[string]func(*instance.Instance){
		"instance/test: seed 3: drawn again, X has fingerprint": func(r *instance.Instance) { r.Fingerprint = "0123" },
		"instance/test: seed 3: n = 8 and m = 8, but":           func(r *instance.Instance) { r.Y = r.Y[1:] },
	} {
		small := changed(t, descenttest.Instances(t, 8, 1, 3, 3), spoil)
		_, err := pipelinetest.Compute(t.Context(), descent.Kind, nil, in, small)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
