package scaling

import (
	"encoding/json"
	"math"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/internal/random"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/theory"
)

// defaults are the parameters that a stage of a kind would write.
func defaults(t *testing.T, k *pipeline.Kind) json.RawMessage {
	t.Helper()
	p, err := k.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pipeline.NewStage("x", k, p).Canonical()
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
				d := descent.Descent{Seed: seed, N: 64 << i, Alpha: alpha, Loss: "ell", A: 1, From: "random",
					Method: "gd", Outcome: "trapped"}
				if alpha > threshold {
					d.Outcome = "recovered"
				}
				descents = append(descents, d)
			}
		}
	}
	rates := pipelinetest.Stage(t, finitesize.Kind, map[string]any{"resamples": int64(199)},
		pipelinetest.Input("descent/x", "descent", nil, descents))
	at := theory.TransitionRow{At: "threshold", Loss: "ell", A: 1, Found: true, Alpha: 7.09396}
	var states []dynamics.Row
	for _, g := range escape(2, 3, 4, 4.5) {
		states = append(states,
			dynamics.Row{N: g.N, Alpha: g.Alpha, Loss: "ell", A: 1, Lost: true, W: g.W, WLo: g.WLo, WHi: g.WHi})
	}
	row := one(t, pipelinetest.Run[Row](t, Kind, nil, rates,
		pipelinetest.Input("transition/x", "theory-transition",
			defaults(t, theory.TransitionKind), []theory.TransitionRow{at}),
		pipelinetest.Input("dynamics/x", "dynamics", defaults(t, dynamics.Kind), states)))
	for i, s := range row.Sizes {
		// 60 thresholds of standard deviation 0.3π/√3 put α50 within 0.07 standard error.
		if !s.Used || !s.WidthUsed || !s.PredictedIdentified || math.Abs(s.Alpha50-centre[i]) > 0.3 {
			t.Errorf("%+v", s)
		}
	}
	if row.Threshold != 7.09396 || !row.Models[0].Identified || math.IsNaN(row.Collapse.Quality) ||
		math.IsNaN(row.CollapseLaw.Quality) {
		t.Errorf("%+v", row)
	}
}
