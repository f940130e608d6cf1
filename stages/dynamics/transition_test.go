package dynamics

import (
	"math"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/random"
)

// trappedAt makes a row whose D has the given value, and resamples scattered about it:
// by shared, the same at all α, and by own.
func trappedAt(n int64, alpha, d, shared, own float64) trapped {
	r := trapped{N: n, Alpha: alpha, AlphaAsked: alpha - 0.001, Loss: "ell",
		A: 1, TrappedRuns: 8, Trapped: trappedState{D: d}}
	common, single := random.New("dynamics test shared", 0, 0), random.New("dynamics test own", int64(1000*alpha), 0)
	for range 2000 {
		r.Trapped.Drawn = append(r.Trapped.Drawn, d+shared*common.Normal()+own*single.Normal())
	}
	return r
}

// D = (6.6−α)/2 with scatter: the transition is 6.6, and its error twice that of the
// line at its zero.
func TestTransitionError(t *testing.T) {
	// The first lies outside the window, and on no line.
	alphas := []float64{4, 6, 6.3, 6.6, 6.9, 7.2}
	for _, c := range []struct{ shared, own, want float64 }{
		{0, 0.05, 2 * 0.05 / math.Sqrt(5)}, // mean of five
		{0.05, 0.0001, 2 * 0.05},           // one number for all
	} {
		var rows []trapped
		for _, a := range alphas {
			d := (6.6 - a) / 2
			if a == 4 {
				d = 5
			}
			rows = append(rows, trappedAt(500, a, d, c.shared, c.own))
		}
		got := transition(TransitionParams{confidence.Level{Confidence: 0.95}, 0.12}, rows)
		if !got.Identified {
			t.Fatal(got.Reason)
		}
		for k, pt := range got.Points {
			if pt.Fitted != (k > 0) {
				t.Errorf("α = %v: fitted %v", pt.Alpha, pt.Fitted)
			}
		}
		near(t, "alpha", got.Alpha, 6.6, 1e-9)
		near(t, "slope", got.Slope, -0.5, 1e-9)
		near(t, "chi²", got.ChiSquare, 0, 1e-9)
		// 2000 resamples give percentiles to about 3 %; 15 % is five of that.
		near(t, "error", got.Error, c.want, 0.15*c.want)
		near(t, "interval", got.Hi-got.Lo, 2*1.96*c.want, 0.15*4*c.want)
	}
}

func TestTransitionNotIdentified(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		reason string
		rows   []trapped
	}{
		{"needs one", []trapped{trappedAt(500, 6, 1, 0, 0.1)}},
		{"needs one", []trapped{trappedAt(500, 6, 1, 0, 0.1), {N: 500, Alpha: 7, Trapped: trappedState{D: nan}}}},
		{"lies below", []trapped{trappedAt(500, 6, -1, 0, 0.1), trappedAt(500, 7, -2, 0, 0.1)}},
		{"lies above", []trapped{trappedAt(500, 6, 2, 0, 0.1), trappedAt(500, 7, 1, 0, 0.1)}},
		{"rises", []trapped{trappedAt(500, 6, -1, 0, 0.1), trappedAt(500, 7, 1, 0, 0.1)}},
		{"widen window", []trapped{trappedAt(500, 4, 1, 0, 0.1), trappedAt(500, 8, -1, 0, 0.1)}},
		{"slope", []trapped{trappedAt(500, 6.2, 0.01, 0, 0.1), trappedAt(500, 6.4, -0.01, 0, 0.1),
			trappedAt(500, 6.6, 1, 0, 0.1)}},
		{"too few", []trapped{{N: 500, Alpha: 6, Trapped: trappedState{D: 0.1, Drawn: []float64{0, 1}}},
			trappedAt(500, 6.2, -1, 0, 0.1)}},
	} {
		got := transition(TransitionParams{confidence.Level{Confidence: 0.95}, 0.12}, c.rows)
		if got.Identified || !strings.Contains(got.Reason, c.reason) || !math.IsNaN(got.Alpha) ||
			!math.IsNaN(got.Lo) || len(got.Points) != len(c.rows) {
			t.Errorf("want a reason with %q, got %+v", c.reason, got)
		}
	}
	// Scatter as large as the fall of D leaves the interval open.
	open := transition(TransitionParams{confidence.Level{Confidence: 0.95}, 0.12},
		[]trapped{trappedAt(500, 6.3, 0.1, 0, 1), trappedAt(500, 6.6, -0.1, 0, 1)})
	if !open.Identified || !math.IsInf(open.Lo, -1) || !math.IsInf(open.Hi, 1) {
		t.Errorf("%+v", open)
	}
}

func TestTransitionRun(t *testing.T) {
	at := func(r trapped) pipeline.Input { return pipelinetest.Input("dynamics/x", "dynamics", nil, []trapped{r}) }
	in := []pipeline.Input{at(trappedAt(200, 7, -0.2, 0, 0.01)), at(trappedAt(100, 7, -0.1, 0, 0.01)),
		at(trappedAt(200, 6, 0.2, 0, 0.01)), at(trappedAt(100, 6, 0.3, 0, 0.01))}
	rows := pipelinetest.Run[TransitionRow](t, TransitionKind, nil, in...)
	if len(rows) != 2 || rows[0].N != 100 || rows[1].N != 200 || rows[0].Points[0].Alpha != 6 ||
		rows[0].Points[0].AlphaAsked != 6-0.001 {
		t.Fatalf("%+v", rows)
	}
	near(t, "N = 100", rows[0].Alpha, 6.75, 1e-9)
	near(t, "N = 200", rows[1].Alpha, 6.5, 1e-9)
	for want, other := range map[string]trapped{
		"each once":  trappedAt(200, 7, 1, 0, 0.1),
		"of its own": {N: 200, Alpha: 8, Loss: "ell", A: 2},
	} {
		_, err := pipelinetest.Compute(t.Context(), TransitionKind,
			TransitionParams{confidence.Level{Confidence: 0.95}, 0.12}, append(in[:4:4], at(other))...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	if _, err := TransitionKind.Resolve(map[string]any{"confidence": 0.0}); err == nil {
		t.Error("confidence 0 passed")
	}
	if _, err := TransitionKind.Resolve(map[string]any{"window": 0.0}); err == nil {
		t.Error("window 0 passed")
	}
	if _, err := artifact.New(rows); err != nil {
		t.Error(err)
	}
}

// What is found of trapped states is found of the states at each time that all α have, also
// where no run is trapped.
func TestTransitionInTime(t *testing.T) {
	var rows []trapped
	for k, a := range []float64{6, 6.3, 6.6, 6.9, 7.2} {
		early, late := trappedAt(500, a, (6.3-a)/2, 0, 0.05).Trapped, trappedAt(500, a, (6.6-a)/2, 0, 0.05).Trapped
		early.T, late.T = 10, 100
		rows = append(rows, trapped{N: 500, Alpha: a, Loss: "ell", A: 1, Times: []trappedState{early, late}})
		if k == 0 {
			rows[0].Times = append(rows[0].Times, trappedState{T: 200})
		}
	}
	p := TransitionParams{confidence.Level{Confidence: 0.95}, 0.12}
	got := transition(p, rows)
	if got.Identified || !strings.Contains(got.Reason, "0 alpha with at least two runs there") || len(got.Times) != 2 {
		t.Fatalf("%+v", got)
	}
	for k, want := range []TransitionTime{{T: 10, Alpha: 6.3}, {T: 100, Alpha: 6.6}} {
		at := got.Times[k]
		if !at.Identified || at.T != want.T {
			t.Errorf("t = %v: %+v", want.T, at)
		}
		near(t, "alpha", at.Alpha, want.Alpha, 1e-9)
		// Percentiles of 2000 resamples, as above.
		near(t, "interval", at.Hi-at.Lo, 2*1.96*at.Error, 0.15*4*at.Error)
	}
}
