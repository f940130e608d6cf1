package scaling

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/internal/random"
)

// atLevel is what inputs have among their parameters.
var atLevel = map[string]any{"confidence": 0.95}

// one is the only row of an artifact.
func one(t *testing.T, rows []Row) Row {
	t.Helper()
	if len(rows) != 1 {
		t.Fatal(len(rows), "rows")
	}
	return rows[0]
}

// checkExact wants laws without a residual.
func checkExact(t *testing.T, laws ...Model) {
	t.Helper()
	for _, m := range laws {
		if !m.Identified || m.Chi2 > 1e-9 {
			t.Errorf("%+v", m)
		}
	}
}

func TestRun(t *testing.T) {
	sizes := curves(random.New("scaling test run", 1, 0), 200)
	sizes = append(sizes, size{N: 2048, Loss: "ell", A: 1, Method: "gd", From: "random", Reason: "no descent recovered",
		Alpha50: math.NaN(), Alpha50Lo: math.NaN(), Alpha50Hi: math.NaN(), Width: math.NaN(), WidthLo: math.NaN(),
		WidthHi: math.NaN()})
	open := sizes[0]
	open.N, open.Alpha50Lo, open.WidthLo = 32, math.Inf(-1), 0
	few, many := pipelinetest.Input("finitesize/few", "finitesize", atLevel, sizes[:2]),
		pipelinetest.Input("finitesize/many", "finitesize", atLevel, append(slices.Clone(sizes[2:]), open))
	at := pipelinetest.Input("theory-transition/all", "theory-transition", atLevel, []transition{
		{At: "init", Loss: "ell", A: 1, Found: true, Alpha: 1.13485},
		{At: "threshold", Loss: "ell", A: 1, Found: true, Alpha: 7},
		{At: "threshold", Loss: "ell", A: 2, Found: true, Alpha: 9},
		{At: "wide", Loss: "ell", A: 1, Found: true, Alpha: 1},
	})
	w := pipelinetest.Input("dynamics/w", "dynamics", atLevel, escape(1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5))
	other := escape(3)
	other[0].N, other[0].W, other[0].WLo, other[0].WHi = 64, 9, 9, 9
	coarse := pipelinetest.Input("dynamics/coarse", "dynamics", atLevel, other)
	p := map[string]any{"resamples": int64(199), "least": int64(16)}
	content := pipelinetest.Bytes(t, Kind, p, few, many, at, w, coarse)
	if again := pipelinetest.Bytes(t, Kind, p, coarse, w, at, many, few); !bytes.Equal(content, again) {
		t.Error("the order of the inputs is in the artifact")
	}
	row := one(t, pipelinetest.Run[Row](t, Kind, p, few, many, at, w, coarse))
	if row.Loss != "ell" || row.A != 1 || row.Method != "gd" || row.From != "random" || row.Init != 1.13485 ||
		row.Threshold != 7 {
		t.Errorf("%+v", row)
	}
	var used []int64
	for _, s := range row.Sizes {
		if s.Used {
			used = append(used, s.N)
		}
		if s.Used == (s.Reason != "") || s.WidthUsed == (s.WidthReason != "") ||
			s.PredictedIdentified == math.IsNaN(s.Predicted) || s.PredictedIdentified == (s.PredictedReason != "") {
			t.Errorf("%+v", s)
		}
	}
	if !slices.Equal(used, []int64{64, 128, 256, 512, 1024}) || len(row.Sizes) != 7 {
		t.Errorf("used %v of %d", used, len(row.Sizes))
	}
	// The small null model at α = 3 is passed over for the large one.
	if s := row.Sizes[2]; s.N != 128 || math.Abs(s.Predicted-7*(1-math.Pow(128, -1.0/6))) > 3e-3 {
		t.Errorf("%+v", s)
	}
	checkExact(t, row.Models[0], row.Models[2], row.WidthLaw) // as α50 and width are here
	if len(row.Models) != 4 || row.Comparisons[2].Preferred != "log-threshold" || row.Preferred != "undecided" ||
		row.Reason == "" {
		t.Errorf("%+v", row.Comparisons)
	}
	// The size without a curve and the one with open ends have a rescaling by the laws;
	// the former has no points.
	if n := len(row.Collapse.Points); n != 66 || len(row.CollapseLaw.Points) != 66 {
		t.Errorf("%d and %d points", n, len(row.CollapseLaw.Points))
	}
	if len(row.Notes) == 0 || !strings.Contains(strings.Join(row.Notes, "\n"), "5 of 7 sizes") {
		t.Errorf("notes %q", row.Notes)
	}
}

// Without anything else, and with nothing identified, the row still says why.
func TestNothingIdentified(t *testing.T) {
	none := size{N: 2048, Loss: "ell", A: 1, Method: "gd", From: "random", Reason: "no descent recovered",
		Alpha50: math.NaN(), Alpha50Lo: math.NaN(), Alpha50Hi: math.NaN(),
		Width: math.NaN(), WidthLo: math.NaN(), WidthHi: math.NaN()}
	row := one(t, pipelinetest.Run[Row](t, Kind, map[string]any{"resamples": int64(199), "least": int64(16)},
		pipelinetest.Input("finitesize/none", "finitesize", atLevel, []size{none})))
	if row.Preferred != "undecided" || row.Reason == "" || row.Collapse.Reason == "" ||
		row.CollapseLaw.Reason == "" || row.WidthLaw.Reason == "" {
		t.Errorf("%+v", row)
	}
}

func TestRunErrors(t *testing.T) {
	sizes := curves(random.New("scaling test errors", 1, 0), 20)
	good := pipelinetest.Input("finitesize/good", "finitesize", atLevel, sizes[1:])
	plain := slices.Clone(sizes[:1])
	plain[0].Loss = "plain"
	spectral := slices.Clone(sizes[:1])
	spectral[0].From = "hessian"
	single := slices.Clone(sizes[:1])
	single[0].N = 1
	rough := pipelinetest.Input("finitesize/rough", "finitesize", map[string]any{"confidence": 0.9}, sizes[:1])
	nan := escape(3)
	nan[0].WLo = math.NaN()
	of2 := escape(3)
	of2[0].A = 2
	for _, c := range []struct {
		name string
		in   []pipeline.Input
		want string
	}{
		{"nothing", nil, "no sizes"},
		{"empty", []pipeline.Input{pipelinetest.Input("finitesize/x", "finitesize", atLevel, []size{})}, "no sizes"},
		{"twice", []pipeline.Input{good,
			pipelinetest.Input("finitesize/again", "finitesize", atLevel, sizes[2:3])}, "N = 256"},
		{"losses", []pipeline.Input{good,
			pipelinetest.Input("finitesize/plain", "finitesize", atLevel, plain)}, "of its own"},
		{"starts", []pipeline.Input{good,
			pipelinetest.Input("finitesize/spectral", "finitesize", atLevel, spectral)}, "starts hessian"},
		{"dynamics of spectral starts",
			[]pipeline.Input{pipelinetest.Input("finitesize/spectral", "finitesize", atLevel, spectral),
				pipelinetest.Input("dynamics/x", "dynamics", atLevel, escape(3))}, "random starts"},
		{"N = 1", []pipeline.Input{pipelinetest.Input("finitesize/one", "finitesize", atLevel, single)},
			"finitesize/one"},
		{"level", []pipeline.Input{rough}, "level 0.9"},
		{"no transition of the loss", []pipeline.Input{good,
			pipelinetest.Input("theory-transition/x", "theory-transition",
				atLevel, []transition{{At: "init", Loss: "ell", A: 2, Found: true, Alpha: 1.7}})}, "a = 1"},
		{"two transitions", []pipeline.Input{good,
			pipelinetest.Input("theory-transition/x", "theory-transition",
				atLevel, []transition{
					{At: "init", Loss: "ell", A: 1, Found: true, Alpha: 1.1},
					{At: "init", Loss: "ell", A: 1, Found: true, Alpha: 1.2},
				})}, "give one"},
		{"dynamics of another loss", []pipeline.Input{good,
			pipelinetest.Input("dynamics/x", "dynamics", atLevel, of2)}, "a = 2"},
		{"dynamics twice", []pipeline.Input{good,
			pipelinetest.Input("dynamics/x", "dynamics", atLevel, escape(3, 3))}, "α = 3"},
		{"no W", []pipeline.Input{good, pipelinetest.Input("dynamics/x", "dynamics", atLevel, nan)}, "dynamics/x"},
	} {
		_, err := pipelinetest.Compute(t.Context(), Kind, nil, c.in...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := pipelinetest.Compute(ctx, Kind, nil, good); err != context.Canceled {
		t.Errorf("after a cancel: %v", err)
	}
}

func TestParams(t *testing.T) {
	for name, value := range map[string]any{"confidence": 1.0, "least": int64(1), "window": 0.0,
		"resamples": int64(38)} {
		if _, err := Kind.Resolve(map[string]any{name: value}); err == nil ||
			!strings.HasPrefix(err.Error(), name+":") {
			t.Errorf("%s = %v: %v", name, value, err)
		}
	}
}
