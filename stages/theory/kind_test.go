package theory

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/pipelinetest"
)

// stage runs a kind twice and checks that the bytes agree.
func stage[R any](t *testing.T, k *pipeline.Kind, values map[string]any) R {
	t.Helper()
	encoded := pipelinetest.Bytes(t, k, values)
	if !bytes.Equal(encoded, pipelinetest.Bytes(t, k, values)) {
		t.Errorf("%s %v: two runs differ", k.Name, values)
	}
	table, err := artifact.Parse(encoded)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range table.Columns() {
		if c.Doc == "" {
			t.Errorf("%s: column %s has no doc", k.Name, c.Name)
		}
	}
	rows, err := artifact.Rows[R](table)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows[0]
}

func TestTransitionKind(t *testing.T) {
	row := stage[TransitionRow](t, TransitionKind, map[string]any{"at": AtAveraged, "a": 0.01})
	// (3+a)/2 exactly, see TestAveragedExact; then it vanishes and comes back.
	if !row.Found || math.Abs(row.Alpha-1.505) > 1e-8 || row.Edge != "smooth" ||
		len(row.Others) != 2 || row.Others[1].Edge != "sharp" {
		t.Errorf("%+v", row)
	}
	row = stage[TransitionRow](t, TransitionKind, map[string]any{"at": AtThreshold, "loss": "plain"})
	if !row.Found || math.Abs(row.Alpha-13.853) > 0.5e-3 || len(row.Others) != 0 {
		t.Errorf("plain loss at threshold states: %+v", row)
	}
	row = stage[TransitionRow](t, TransitionKind, map[string]any{"to": 1.0})
	if row.Found || row.Alpha != 0 || row.Loss != "ell" || row.At != AtInit {
		t.Errorf("no transition below 1: %+v", row)
	}
}

func TestDensityKind(t *testing.T) {
	row := stage[DensityRow](t, DensityKind, map[string]any{"alpha": 3.0})
	// physics.md 2a.
	if row.EdgeKind != "sharp" || !row.Outlier ||
		math.Abs(row.LambdaStar+11.24834) > 1e-5 || math.Abs(row.Q2-0.28381) > 1e-5 {
		t.Errorf("edge %v %s, outlier %v %v %v", row.Edge, row.EdgeKind, row.Outlier, row.LambdaStar, row.Q2)
	}
	if n := len(row.Lambda); n == 0 || len(row.Rho) != n || len(row.Weight) != n || len(row.CDF) != n ||
		math.Abs(row.Mass-1) > 1e-6 {
		t.Errorf("%d points, mass %v", n, row.Mass)
	}
	row = stage[DensityRow](t, DensityKind, map[string]any{"alpha": 8.0, "at": AtThreshold})
	if !row.Outlier || math.Abs(row.Edge) > 1e-7 || !(row.LambdaStar < 0) || math.Abs(row.Mass-1) > 1e-6 {
		t.Errorf("threshold state: edge %v, outlier %v at %v, mass %v", row.Edge, row.Outlier, row.LambdaStar, row.Mass)
	}
	row = stage[DensityRow](t, DensityKind, map[string]any{"alpha": 0.5, "at": AtWide, "a": 3.0})
	if row.Outlier || !math.IsNaN(row.LambdaStar) || row.Q2 != 0 || row.Mu != 0 ||
		len(row.Atoms) != 1 || row.Atoms[0].Mass != 0.5 {
		t.Errorf("wide student below its transition: outlier %v %v %v, atoms %v", row.Outlier, row.LambdaStar, row.Q2, row.Atoms)
	}
}

func TestSignalKind(t *testing.T) {
	row := stage[SignalRow](t, SignalKind, map[string]any{"alpha": 3.0})
	// physics.md 2a and 2e.
	near := func(what string, e Estimate, want, tolerance float64) {
		t.Helper()
		if !(math.Abs(e.Value-want) <= tolerance && e.Error <= tolerance) {
			t.Errorf("%s: %+v, want %v", what, e, want)
		}
	}
	if len(row.Atoms) != 1 {
		t.Fatalf("atoms %+v", row.Atoms)
	}
	near("λ*", row.Atoms[0].Lambda, -11.24834, 1e-4)
	near("q²", row.Atoms[0].Weight, 0.28381, 1e-5)
	near("weight below 0", row.BelowZero, 0.91344, 1e-5)
	near("lowest weight", row.Lowest, 0.33818, 1e-5)
	near("lowest eigenvalues", row.UpTo, -10.7664, 1e-4)
	n := len(row.Lambda)
	if n == 0 || len(row.Rho) != n || len(row.Bulk) != n || len(row.Weight) != n || math.Abs(row.Mass-1) > 1e-6 {
		t.Errorf("%d points, mass %v", n, row.Mass)
	}
	row = stage[SignalRow](t, SignalKind, map[string]any{"alpha": 6.0, "at": AtThreshold, "share": 0.1})
	near("weight below 0 at threshold states", row.BelowZero, 0, 1e-5)
	if len(row.Atoms) != 0 || !(row.Lowest.Value > 0.1) {
		t.Errorf("threshold state before the transition: atoms %v, lowest weight %v", row.Atoms, row.Lowest)
	}
}

func TestKindErrors(t *testing.T) {
	for _, c := range []struct {
		k      *pipeline.Kind
		values map[string]any
		want   string
	}{
		{TransitionKind, map[string]any{"at": "start"}, "at: "},
		{TransitionKind, map[string]any{"loss": "el"}, "loss: "},
		{TransitionKind, map[string]any{"loss": "plain"}, "no finite edge"},
		{TransitionKind, map[string]any{"a": 0.0}, "a: "},
		{TransitionKind, map[string]any{"from": 0.0}, "from: "},
		{TransitionKind, map[string]any{"from": 2.0, "to": 1.0}, "to: "},
		{DensityKind, map[string]any{"alpha": 0.0}, "alpha: "},
		{DensityKind, map[string]any{}, "alpha: "},
		{DensityKind, map[string]any{"alpha": 1.0, "loss": "plain"}, "no finite edge"},
		{SignalKind, map[string]any{"alpha": -1.0}, "alpha: "},
		{SignalKind, map[string]any{"alpha": 1.0, "share": 1.0}, "share: "},
		{SignalKind, map[string]any{"alpha": 1.0, "at": "start"}, "at: "},
	} {
		if _, err := c.k.Resolve(c.values); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: error %v, want one with %q", c.k.Name, c.values, err, c.want)
		}
	}
}
