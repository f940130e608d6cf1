package comparison

import (
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	kind "zerotohero/stages/descent"
	_ "zerotohero/stages/descent/anneal"
	_ "zerotohero/stages/descent/flow"
	_ "zerotohero/stages/descent/gd"
	_ "zerotohero/stages/descent/heavyball"
	_ "zerotohero/stages/descent/kick"
	_ "zerotohero/stages/descent/langevin"
	"zerotohero/stages/instance"
	_ "zerotohero/stages/instance/dense"
	"zerotohero/stages/internal/random"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/outcome"
)

var alphas = []float64{2, 2.5, 3, 3.5, 4}

// logistic makes descents of seeds that each recover above a threshold in α of its own, which
// is logistic about 3 with width 0.4 and shifted, and has normal noise besides.
func logistic(seeds int, shift, noise float64) []descent {
	thresholds, noises := random.New("comparison test", 1, 0), random.New("comparison noise", int64(1000*shift), 0)
	var out []descent
	for k := range seeds {
		u := thresholds.Uniform()
		at := 3 + shift + 0.4*math.Log(u/(1-u)) + noise*noises.Normal()
		for _, a := range alphas {
			d := descent{Seed: int64(k), N: 64, M: int64(64 * a), Alpha: a, AlphaAsked: a, Loss: "ell", A: 1,
				From:    "random",
				Outcome: outcome.Trapped, Steps: 50, Evaluations: int64(100 + k),
				Trace: []record{{0, 0.1}, {1, 0.2}, {3, 0.4}}}
			if a > at {
				d.Outcome = outcome.Recovered
			}
			out = append(out, d)
		}
	}
	return out
}

func by(method string, rows []descent) pipeline.Input {
	return pipelinetest.Input("descent/"+method, "descent", map[string]any{"method": method, "t_kick": 0.0}, rows)
}

func compareWith(t *testing.T, other []descent, more ...pipeline.Input) Row {
	t.Helper()
	in := append([]pipeline.Input{by("flow", logistic(200, 0, 0)), by("kick", other)}, more...)
	rows := pipelinetest.Run[Row](t, Kind, map[string]any{"resamples": int64(199)}, in...)
	if len(rows) != 2 || !rows[0].Reference || rows[1].Reference || rows[1].Method != "kick" {
		t.Fatalf("%d rows: %+v", len(rows), rows)
	}
	return rows[1]
}

// The shift is that of the thresholds, as the interval says, which is much narrower than those
// of both α50 together because of the pairs; alike they are alike to the bit. The seeds are
// fixed; an interval at 95 % would fail for one in twenty.
func TestShift(t *testing.T) {
	r := compareWith(t, logistic(200, -0.4, 0.1))
	if !(r.ShiftLo < -0.4 && -0.4 < r.ShiftHi) || math.Abs(r.Shift+0.4) > 0.1 || r.Pairs != 1000 {
		t.Errorf("a shift of %v [%v, %v] over %d pairs", r.Shift, r.ShiftLo, r.ShiftHi, r.Pairs)
	}
	if wide := r.Alpha50Hi - r.Alpha50Lo; !(r.ShiftHi-r.ShiftLo < wide) {
		t.Errorf("an interval of %v, and of %v for α50", r.ShiftHi-r.ShiftLo, wide)
	}
	same := compareWith(t, logistic(200, 0, 0))
	if same.Shift != 0 || same.ShiftLo != 0 || same.ShiftHi != 0 || same.Gain != 0 || same.Only+same.OnlyReference != 0 {
		t.Errorf("alike: %+v", same)
	}
}

// Pairs, gain and what only one recovers, against counts; unresolved ones and those without a
// partner are not paired.
func TestPairs(t *testing.T) {
	reference, other := logistic(200, 0, 0), logistic(150, 0.1, 0.3)
	for i := range other {
		if i%7 == 0 {
			other[i].Outcome = outcome.Unresolved
		}
	}
	other = slices.DeleteFunc(other, func(d descent) bool { return d.Alpha == 2 && d.Seed < 20 })
	var n, only, onlyReference int64
	for _, d := range other {
		i := slices.IndexFunc(reference, func(r descent) bool { return r.Seed == d.Seed && r.Alpha == d.Alpha })
		if d.Outcome == outcome.Unresolved {
			continue
		}
		n++
		a, b := d.Outcome == outcome.Recovered, reference[i].Outcome == outcome.Recovered
		if a && !b {
			only++
		}
		if b && !a {
			onlyReference++
		}
	}
	slices.Reverse(other) // rows come in any order
	r := compareWith(t, other)
	gain := float64(only-onlyReference) / float64(n)
	if r.Pairs != n || r.Only != only || r.OnlyReference != onlyReference || r.Gain != gain || only == 0 ||
		!(r.GainLo <= gain && gain <= r.GainHi && r.GainHi-r.GainLo < 0.2) {
		t.Errorf("%d pairs, %d and %d, gain %v [%v, %v]; want %d, %d and %d, gain %v", r.Pairs, r.Only, r.OnlyReference,
			r.Gain, r.GainLo, r.GainHi, n, only, onlyReference, gain)
	}
}

// The overlap is that at t_BBP of the largest N, between records linear in t, and after the
// end that of the end; where t_BBP is unknown there is none.
func TestOverlap(t *testing.T) {
	other := logistic(200, 0, 0)
	for i := range other {
		if other[i].Seed%2 == 0 {
			other[i].Trace = []record{{0, 0.7}, {0.5, 0.7}}
		}
	}
	r := compareWith(t, other, pipelinetest.Input("dynamics/x", "dynamics", nil, []nullRow{
		{100, 3, "ell", 1, 9}, {200, 3, "ell", 1, 2}, {200, 2.5, "ell", 1, math.Inf(1)}, {200, 2, "ell", 7, 2}}))
	for _, q := range r.Points {
		want := math.NaN()
		if q.Alpha == 3 {
			want = math.Sqrt((0.3*0.3 + 0.7*0.7) / 2)
		}
		if !(math.Abs(q.Overlap-want) < 1e-12 && q.OverlapLo < want && want < q.OverlapHi) &&
			!(math.IsNaN(want) && math.IsNaN(q.Overlap)) || (q.Alpha == 2.5) != math.IsInf(q.TBBP, 1) {
			t.Errorf("α = %v: %v [%v, %v] at t = %v, want %v", q.Alpha, q.Overlap, q.OverlapLo, q.OverlapHi, q.TBBP, want)
		}
	}
}

// Passes are the evaluations, but for batches: with 10 batches and 50 epochs of 19
// evaluations of parts and one of all, after two at the start.
func TestPasses(t *testing.T) {
	d := descent{M: 640, Steps: 50, Evaluations: 2 + 50*20}
	if got := (contender{MethodParams: MethodParams{Method: "sgd", Eta: 0.01, Fraction: 0.1}}).passes(d); got != 1+2*50 {
		t.Errorf("%v passes of sgd", got)
	}
	// Half of the states are of the flow that follows.
	if got := (contender{MethodParams: MethodParams{Method: "sgd", Eta: 0.01, Fraction: 0.1,
		Until: 2.5}}).passes(d); got != 1002-1-25*18 {
		t.Errorf("%v passes of sgd and flow", got)
	}
	r := compareWith(t, logistic(200, 0, 0))
	if p := r.PassesRecovered; p.Descents+r.PassesTrapped.Descents != 1000 || !(p.Lo > 100 && p.Lo < p.Median &&
		p.Median < p.Hi) {
		t.Errorf("%+v and %+v", p, r.PassesTrapped)
	}
}

// What cannot be compared is an error, before anything is computed.
func TestAccepts(t *testing.T) {
	stage := func(name string, values, of map[string]any) *pipeline.Stage {
		block := map[string]any{"N": int64(16), "alpha": 3.0, "seeds": pipeline.Range{First: 1, Last: 4}}
		for k, v := range of {
			block[k] = v
		}
		p, err := instance.Kind.Resolve(block)
		if err != nil {
			t.Fatal(err)
		}
		q, err := kind.Kind.Resolve(values)
		if err != nil {
			t.Fatal(err)
		}
		return pipeline.NewStage(name, kind.Kind, q, pipeline.NewStage("instance", instance.Kind, p))
	}
	flow := stage("flow", map[string]any{"method": "flow"}, nil)
	null := map[string]any{"null": true}
	for want, in := range map[string][]*pipeline.Stage{
		"":                 {flow, stage("gd", map[string]any{"method": "gd"}, nil)},
		"2 of the methods": {flow, stage("b", map[string]any{"method": "flow", "tol": 0.1}, nil)},
		"0 of the methods": {stage("gd", map[string]any{"method": "gd"}, nil)},
		"must be alike":    {flow, stage("gd", map[string]any{"method": "gd", "a": 2.0}, nil)},
		"null model":       {flow, stage("gd", map[string]any{"method": "gd"}, null)},
		"and so does flow": {flow, stage("again", map[string]any{"method": "flow"}, nil)},
		"a comparison cannot tell apart": {flow, stage("a", map[string]any{"method": "kick", "tol": 0.1}, nil),
			stage("b", map[string]any{"method": "kick"}, nil)},
	} {
		p, err := Kind.Resolve(nil)
		if err != nil {
			t.Fatal(err)
		}
		err = pipeline.NewStage("compare", Kind, p, in...).Check()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestErrors(t *testing.T) {
	for want, in := range map[string][]pipeline.Input{
		"which is the reference": {by("kick", logistic(3, 0, 0))},
		"give each once":         {by("flow", logistic(3, 0, 0)), by("flow", logistic(3, 0, 0))},
		"no descents":            {by("flow", nil)},
	} {
		if _, err := pipelinetest.Compute(t.Context(), Kind, nil, in...); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
