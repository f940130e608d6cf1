package scaling

import (
	"context"
	"math"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/descent"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/internal/random"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/theory"
)

// of is an artifact with the parameters that a stage of the kind would write.
func of(t *testing.T, k *pipeline.Kind, table *artifact.Table) pipeline.Input {
	t.Helper()
	p, err := k.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	table.Params = pipeline.NewStage("x", k, p).Canonical()
	return pipeline.Input{Stage: k.Name, Kind: k.Name, Open: func() (*artifact.Table, error) { return table, nil }}
}

// made is a table of rows of another package.
func made[T any](t *testing.T, rows ...T) *artifact.Table {
	t.Helper()
	table, err := artifact.New(rows)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// The artifacts of the other kinds as they are: descents drawn from logistic curves
// at α50 = 2.5, 3 and 3.3 go through finitesize, and its α50 come out in the row.
func TestStages(t *testing.T) {
	centre := []float64{2.5, 3, 3.3}
	var descents []descent.Descent
	stream := random.New("scaling test stages", 1, 0)
	for i, c := range centre {
		for seed := range int64(60) {
			u := stream.Uniform()
			threshold := c + 0.3*math.Log(u/(1-u))
			for alpha := 1.5; alpha <= 4.5; alpha += 0.5 {
				d := descent.Descent{Seed: seed, N: 64 << i, Alpha: alpha, Loss: "ell", A: 1, From: "random", Method: "gd", Outcome: "trapped"}
				if alpha > threshold {
					d.Outcome = "recovered"
				}
				descents = append(descents, d)
			}
		}
	}
	p, err := finitesize.Kind.Resolve(map[string]any{"resamples": int64(199)})
	if err != nil {
		t.Fatal(err)
	}
	rates, err := pipeline.NewStage("fit", finitesize.Kind, p).Run(context.Background(),
		pipeline.Inputs{{Stage: "d", Kind: "descent", Open: func() (*artifact.Table, error) { return made(t, descents...), nil }}})
	if err != nil {
		t.Fatal(err)
	}
	at := theory.TransitionRow{At: "threshold", Loss: "ell", A: 1, Found: true, Alpha: 7.09396}
	var states []dynamics.Row
	for _, g := range escape(2, 3, 4, 4.5) {
		states = append(states, dynamics.Row{N: g.N, Alpha: g.Alpha, Loss: "ell", A: 1, Lost: true, W: g.W, WLo: g.WLo, WHi: g.WHi})
	}
	row := rowOf(t, encoded(t, params(t, nil), of(t, finitesize.Kind, rates),
		of(t, theory.TransitionKind, made(t, at)), of(t, dynamics.Kind, made(t, states...))))
	for i, s := range row.Sizes {
		// 60 thresholds of standard deviation 0.3π/√3 put α50 within 0.07 standard error.
		if !s.Used || !s.WidthUsed || !s.PredictedIdentified || math.Abs(s.Alpha50-centre[i]) > 0.3 {
			t.Errorf("%+v", s)
		}
	}
	if row.Threshold != 7.09396 || !row.Models[0].Identified || math.IsNaN(row.Collapse.Quality) || math.IsNaN(row.CollapseLaw.Quality) {
		t.Errorf("%+v", row)
	}
}
