package main

import (
	"bytes"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/descent"
	"zerotohero/stages/instance"
	"zerotohero/stages/loss"
	"zerotohero/stages/loss/losstest"
	"zerotohero/stages/outcome"
	"zerotohero/stages/spectral"
	"zerotohero/stages/theory"
)

// These tests are about all losses, methods and estimators that the program has.

// A package that registers a choice is one that main.go imports.
func TestEveryChoiceIsImported(t *testing.T) {
	known := make(map[string]bool)
	for _, list := range [][]pipeline.NamedChoice{pipeline.Choices[loss.Loss](), pipeline.Choices[descent.Method](), pipeline.Choices[spectral.Estimator]()} {
		for _, c := range list {
			known[c.Package] = true
			if c.Doc == "" {
				t.Errorf("%s says nothing of %s", c.Package, c.Name)
			}
		}
	}
	err := fs.WalkDir(sources, "stages", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(sources, name)
		if pkg := "zerotohero/" + path.Dir(name); bytes.Contains(text, []byte("\tpipeline.Register(")) && !known[pkg] {
			t.Errorf("%s registers what the program does not have; import %s in main.go", name, pkg)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A loss is what package loss says, and the theory answers for it at every place or says
// why it does not.
func TestEveryLoss(t *testing.T) {
	for _, c := range pipeline.Choices[loss.Loss]() {
		losstest.Check(t, c.Name)
		for _, at := range theory.Places() {
			p, err := theory.NewProblem(at, losstest.Choose(t, c.Name, nil), 0)
			if err != nil {
				if !strings.Contains(err.Error(), "no finite edge") && !strings.Contains(err.Error(), "takes its a from the loss") {
					t.Errorf("%s at %s: %v", c.Name, at, err)
				}
				continue
			}
			if _, err := p.Transitions(0.5, 30); err != nil {
				t.Errorf("%s at %s: %v", c.Name, at, err)
			}
		}
	}
}

func compute[T any](t *testing.T, k *pipeline.Kind, values map[string]any, in ...pipeline.Input) (pipeline.Input, []T) {
	t.Helper()
	p, err := k.Resolve(values)
	if err != nil {
		t.Fatal(err)
	}
	table, err := pipeline.NewStage(k.Name, k, p).Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := artifact.Rows[T](table)
	if err != nil {
		t.Fatal(err)
	}
	return pipeline.Input{Stage: k.Name, Kind: k.Name, Open: func() (*artifact.Table, error) { return table, nil }}, rows
}

// By every method, descents on every loss come to an end, as they do alone, at a smaller
// loss than at the start.
func TestEveryMethod(t *testing.T) {
	block := map[string]any{"N": int64(24), "alpha": 3.0, "seeds": pipeline.Range{First: 1, Last: 2}}
	both, _ := compute[instance.Instance](t, instance.Kind, block)
	block["seeds"] = pipeline.Range{First: 2, Last: 2}
	one, _ := compute[instance.Instance](t, instance.Kind, block)
	for _, m := range pipeline.Choices[descent.Method]() {
		for _, l := range pipeline.Choices[loss.Loss]() {
			values := map[string]any{"method": m.Name, "loss": l.Name, "starts": int64(2), "budget": int64(3000)}
			_, rows := compute[descent.Descent](t, descent.Kind, values, both)
			_, alone := compute[descent.Descent](t, descent.Kind, values, one)
			for i, d := range rows {
				first, last := d.Trace[0], d.Trace[len(d.Trace)-1]
				if err := outcome.Check(d.Outcome); err != nil || d.Method != m.Name || d.Loss != l.Name {
					t.Errorf("%s on %s: %v, row of %s on %s", m.Name, l.Name, err, d.Method, d.Loss)
				}
				if d.Outcome != outcome.Diverged && !(last.Energy < first.Energy) {
					t.Errorf("%s on %s, seed %d: %s, from L/N = %v to %v", m.Name, l.Name, d.Seed, d.Outcome, first.Energy, last.Energy)
				}
				if d.Seed == 2 && !slices.Equal(d.Student, alone[i-2].Student) {
					t.Errorf("%s on %s: a descent ends elsewhere in company than alone", m.Name, l.Name)
				}
			}
		}
	}
}

// Every estimator gives students that a descent starts from.
func TestEveryEstimator(t *testing.T) {
	in, _ := compute[instance.Instance](t, instance.Kind, map[string]any{"N": int64(24), "alpha": 3.0, "seeds": pipeline.Range{First: 1, Last: 2}})
	for _, e := range pipeline.Choices[spectral.Estimator]() {
		given, rows := compute[spectral.Row](t, spectral.Kind, map[string]any{"estimator": e.Name}, in)
		_, descents := compute[descent.Descent](t, descent.Kind, map[string]any{"budget": int64(1)}, in, given)
		for i, r := range rows {
			norm := 0.0
			for _, v := range r.Student {
				norm += v * v
			}
			if r.Estimator != e.Name || math.Abs(norm-24) > 1e-9 || descents[i].From != e.Name || !slices.Equal(descents[i].Student, r.Student) {
				t.Errorf("%s: ‖w‖² = %v, descent from %s", e.Name, norm, descents[i].From)
			}
		}
	}
}
