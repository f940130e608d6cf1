package descent_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	_ "zerotohero/stages/descent/gd"
	"zerotohero/stages/instance"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/outcome"
)

// Rates of recovery of ℓ_1 at N = 128 by gradient flow over 1000 instances, from
// physics.md 3. At η = 0.05 gradient descent has the same rates within the errors
// of 1000 instances. Here over 60, with bounds of 4 standard deviations, of both
// numbers and 0.015 for the step: failure probability 2e-4 in all for a correct code.
func TestRecoveryRate(t *testing.T) {
	const instancesEach = 60
	for _, c := range []struct{ alpha, want float64 }{{2.5, 0.23}, {3, 0.58}, {4, 0.90}} {
		recovered := 0.0
		for _, d := range pipelinetest.Run[descent.Descent](t, descent.Kind, map[string]any{"eta": 0.05},
			descenttest.Instances(t, 128, c.alpha, 1, instancesEach)) {
			if d.Outcome != outcome.Recovered && d.Outcome != outcome.Trapped {
				t.Errorf("alpha %v, seed %d: %s after t = %v", c.alpha, d.Seed, d.Outcome, d.T)
			}
			if d.Outcome == outcome.Recovered {
				recovered += 1. / instancesEach
			}
		}
		sd := math.Sqrt(c.want*(1-c.want)/instancesEach + c.want*(1-c.want)/1000)
		if math.Abs(recovered-c.want) > 4*sd+0.015 {
			t.Errorf("alpha %v: recovered %.3f, want %.2f", c.alpha, recovered, c.want)
		}
	}
}

// The rows say what the states are, for each way in which a descent can end.
func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		outcome string
		alpha   float64
		values  map[string]any
	}{
		{outcome.Recovered, 12, nil}, // far above every transition
		{outcome.Trapped, 1.1, nil},  // m ≥ 0.99 needs about as many equations as unknowns
		{outcome.Unresolved, 3, map[string]any{"budget": int64(7)}},
		{outcome.Unresolved, 3, map[string]any{"max_time": 0.11}},
		{outcome.Diverged, 3, map[string]any{"eta": 1e200}}, // ‖w − ηG‖² overflows in the first step
	} {
		in := descenttest.Instances(t, 48, c.alpha, 1, 1)
		d := pipelinetest.Run[descent.Descent](t, descent.Kind, c.values, in)[0]
		if d.Outcome != c.outcome {
			t.Errorf("%v: %s, want %s", c.values, d.Outcome, c.outcome)
			continue
		}
		last := d.Trace[len(d.Trace)-1]
		if d.Trace[0].T != 0 || last != (descent.Record{d.T, d.Energy, d.Overlap, d.Gradient}) {
			t.Errorf("%s: the trace goes from t = %v to %v, the last state is at %v",
				c.outcome, d.Trace[0].T, last, d.T)
		}
		for i, r := range d.Trace {
			if !(r.Energy >= 0 && r.Gradient >= 0 && r.Overlap >= 0 && r.Overlap < 1.0000001) ||
				math.IsInf(r.Energy+r.Gradient, 0) {
				t.Errorf("%s: trace %d is %+v", c.outcome, i, r)
			}
			if i > 1 && i < len(d.Trace)-1 && r.T < d.Trace[i-1].T*descent.DecadeRoot(12)*(1-1e-15) {
				t.Errorf("%s: records at %v and %v", c.outcome, d.Trace[i-1].T, r.T)
			}
		}
		ok := false
		switch c.outcome {
		case outcome.Recovered:
			ok = d.Overlap >= 0.99 && d.Trace[len(d.Trace)-2].Overlap < 0.99
		case outcome.Trapped:
			ok = d.Overlap < 0.99 && d.Gradient < 1e-10
		case outcome.Unresolved:
			ok = d.Evaluations == 7 && d.Steps == 6 && math.Abs(d.T-6*0.02) < 1e-12
		case outcome.Diverged:
			ok = d.Evaluations == 2 && d.Steps == 0 && d.T == 0 && reflect.DeepEqual(d.Student, d.Kept[0].Student)
		}
		if !ok || d.N != 48 || d.M != int64(math.Round(48*c.alpha)) || d.Alpha != float64(d.M)/48 ||
			d.AlphaAsked != c.alpha {
			t.Errorf("%s: the row does not show it: %+v", c.outcome, d)
		}
		problem := descenttest.Reopen(t, in)
		e := &descent.Evaluation{W: d.Student, G: make([]float64, 48)}
		if err := problem.Evaluate(e); err != nil {
			t.Fatal(err)
		}
		if e.Energy != d.Energy || e.Overlap != d.Overlap || e.Gradient != d.Gradient {
			t.Errorf("%s: energy, overlap and gradient are not those of the student", c.outcome)
		}
	}
}

// A loss that stops being finite after a while leaves the last finite state, and
// one that never is leaves finite numbers.
func TestDiverged(t *testing.T) {
	p := pipelinetest.Resolve[descent.Params](t, descent.Kind, map[string]any{"keep": []any{0.0, 0.06, 1.0}})
	for _, good := range []int{0, 1, 5} {
		sample, l := descenttest.NewSample(20, 60, 4), descenttest.Ell(t, 1)
		value, calls := l.Value, 0
		l.Value = func(y, yhat float64) float64 {
			if calls++; calls > good*60 {
				return math.Inf(1)
			}
			return value(y, yhat)
		}
		tr := sample.Follow(t, l, p, p.Method.New)
		if tr.Outcome != outcome.Diverged || tr.Evaluations != int64(good)+1 || tr.Steps != int64(max(good-1, 0)) {
			t.Errorf("%d finite evaluations: %s after %d, %d steps", good, tr.Outcome, tr.Evaluations, tr.Steps)
		}
		if !tr.At.Finite() || len(tr.Kept) != 3 || tr.Kept[2].T != tr.T {
			t.Errorf("%d finite evaluations: last state %+v, kept %d", good, tr.At, len(tr.Kept))
		}
		if good > 0 {
			e := &descent.Evaluation{W: tr.At.W, G: make([]float64, 20)}
			calls = 0
			if err := sample.Problem(t, l).Evaluate(e); err != nil || e.Energy != tr.At.Energy {
				t.Errorf("%d finite evaluations: energy %v, want %v (%v)", good, tr.At.Energy, e.Energy, err)
			}
		}
	}
}

// At η = 0.005, far below 2/λ_max, gradient descent lowers the energy at every step.
func TestEnergyDecreases(t *testing.T) {
	for _, d := range pipelinetest.Run[descent.Descent](t, descent.Kind,
		map[string]any{"eta": 0.005, "per_decade": int64(1000), "max_time": 20.0},
		descenttest.Instances(t, 64, 3, 1, 5)) {
		for i := 1; i < len(d.Trace); i++ {
			if d.Trace[i].Energy >= d.Trace[i-1].Energy {
				t.Errorf("seed %d: energy %v at t = %v, %v at %v",
					d.Seed, d.Trace[i-1].Energy, d.Trace[i-1].T, d.Trace[i].Energy, d.Trace[i].T)
			}
		}
	}
}

// Students are kept as the recursion of physics.md 1, written out, gives them; at
// the start and at the end too.
func TestKept(t *testing.T) {
	in := descenttest.Instances(t, 24, 3, 2, 2)
	keep := []any{0.0, 0.03125, 0.25, 0.265625, 1e9}
	d := pipelinetest.Run[descent.Descent](t, descent.Kind,
		map[string]any{"eta": 0.03125, "keep": keep, "max_time": 2.0}, in)[0]
	problem := descenttest.Reopen(t, in)
	e := descent.NewEvaluation(24)
	copy(e.W, d.Kept[0].Student)
	for step := 0; ; step++ {
		for k, at := range []int{0, 1, 8, -1, int(d.Steps)} {
			if at == step && !reflect.DeepEqual(e.W, d.Kept[k].Student) {
				t.Errorf("the student kept at %v is not that of step %d", d.Kept[k].T, step)
			}
		}
		if step == int(d.Steps) {
			break
		}
		if err := problem.Evaluate(e); err != nil {
			t.Fatal(err)
		}
		norm := 0.0
		for j := range e.W {
			e.W[j] -= float64(0.03125 * e.G[j])
			norm += float64(e.W[j] * e.W[j])
		}
		scale := math.Sqrt(24 / norm)
		for j := range e.W {
			e.W[j] *= scale
		}
	}
	for k, want := range []float64{0, 0.03125, 0.25, 0.265625, d.T} {
		if d.Kept[k].T != want {
			t.Errorf("kept at %v, want %v", d.Kept[k].T, want)
		}
	}
	// Halfway between two steps: their mean, up to the curvature over half a step.
	finer := pipelinetest.Run[descent.Descent](t, descent.Kind,
		map[string]any{"eta": 0.03125 / 2, "keep": keep, "max_time": 2.0}, in)[0]
	gap := descenttest.Distance(d.Kept[3].Student, finer.Kept[3].Student)
	if gap > 2*descenttest.Distance(d.Kept[2].Student, finer.Kept[2].Student) {
		t.Errorf("between steps the student is off by %v", gap)
	}
	other := pipelinetest.Run[descent.Descent](t, descent.Kind, map[string]any{"eta": 0.03125, "max_time": 2.0}, in)[0]
	if other.Kept = d.Kept; !reflect.DeepEqual(other, d) {
		t.Error("what is kept changes the descent")
	}
}

// A descent does not depend on the block it is in, nor on how many starts there
// are; there are more here than go into one pass.
func TestBlocks(t *testing.T) {
	values := map[string]any{"starts": int64(20), "max_time": 3.0}
	block := pipelinetest.Run[descent.Descent](t, descent.Kind, values, descenttest.Instances(t, 16, 3, 7, 9))
	if len(block) != 60 {
		t.Fatalf("%d rows", len(block))
	}
	var single []descent.Descent
	for seed := int64(7); seed <= 9; seed++ {
		single = append(single,
			pipelinetest.Run[descent.Descent](t, descent.Kind, values, descenttest.Instances(t, 16, 3, seed, seed))...)
	}
	if !reflect.DeepEqual(block, single) {
		t.Error("a block differs from its instances one by one")
	}
	values["starts"] = int64(3)
	few := pipelinetest.Run[descent.Descent](t, descent.Kind, values, descenttest.Instances(t, 16, 3, 7, 7))
	if !reflect.DeepEqual(block[:3], few) {
		t.Error("a start depends on how many there are")
	}
	if reflect.DeepEqual(few[0].Kept[0], few[1].Kept[0]) || reflect.DeepEqual(block[0].Kept[0], block[20].Kept[0]) {
		t.Error("two descents have one start")
	}
}

// A start is uniform on the sphere: its overlap with w*, squared and times N, has
// mean 1 and variance 2(N−1)/(N+2) < 2. Over 400 starts, within 5 standard deviations:
// failure probability below 1e-5 (the tail is that of a χ² of 400 degrees).
func TestStart(t *testing.T) {
	const n, starts = 32, 400
	mean := 0.0
	for _, d := range pipelinetest.Run[descent.Descent](t, descent.Kind,
		map[string]any{"starts": int64(starts), "budget": int64(1)}, descenttest.Instances(t, n, 1, 1, 1)) {
		mean += n * d.Overlap * d.Overlap / starts
	}
	if math.Abs(mean-1) > 5*math.Sqrt(2./starts) {
		t.Errorf("N m² = %v on average", mean)
	}
}

// The bits of one descent, on every platform and with every kernel.
func TestGolden(t *testing.T) {
	d := pipelinetest.Run[descent.Descent](t, descent.Kind, nil, descenttest.Instances(t, 37, 3, 1, 1))[0]
	got := []float64{float64(d.Steps), d.T, d.Energy, d.Overlap, d.Gradient, d.Student[36]}
	want := []float64{0x1.44ap+11, 0x1.9f851eb851eb8p+05, 0x1.8e7b30f922bf5p-03, 0x1.0ce0e2462f08fp-01,
		0x1.b627d49916c74p-34, -0x1.1ec792cef5f3p-01}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("N = 37, alpha = 3, seed 1: %x", got)
	}
}

func TestInputIsChecked(t *testing.T) {
	in := descenttest.Instances(t, 8, 2, 3, 4)
	rows := pipelinetest.Rows[instance.Instance](t, in)
	for want, spoil := range map[string]func(*instance.Instance){
		"instance/test: seed 4: drawn again, X has fingerprint": func(r *instance.Instance) { r.Fingerprint = "0123" },
		"instance/test: seed 4: n = 8 and m = 16, but":          func(r *instance.Instance) { r.Y = r.Y[1:] },
	} {
		bad := append([]instance.Instance(nil), rows...)
		spoil(&bad[1])
		spoilt := pipelinetest.Input(in.Stage, in.Kind, nil, bad)
		_, err := pipelinetest.Compute(t.Context(), descent.Kind, nil, spoilt)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	sample, l := descenttest.NewSample(20, 60, 5), descenttest.Ell(t, 1)
	value, calls := l.Value, 0
	l.Value = func(y, yhat float64) float64 {
		if calls++; calls == 10*60 {
			cancel()
		}
		return value(y, yhat)
	}
	p := pipelinetest.Resolve[descent.Params](t, descent.Kind, nil)
	_, err := descent.Follow(ctx, p, p.Method.New, sample.Problem(t, l),
		[]descent.Start{{Fill: func(w []float64) { copy(w, sample.W) }}})
	if !errors.Is(err, context.Canceled) || calls != 10*60 {
		t.Errorf("cancelled in evaluation 10, it ended with %v after %d", err, calls/60)
	}
}

func TestParamErrors(t *testing.T) {
	for _, c := range []struct {
		param string
		value any
		want  string
	}{
		{"loss", "elle", `loss: unknown loss "elle"; known are`},
		{"a", -1.0, "a: -1 must be positive"},
		{"method", "sgd", `method: unknown method "sgd"; known are`},
		{"eta", 0.0, "eta: 0 must be positive"},
		{"starts", int64(0), "starts: 0 must be at least 1"},
		{"floor", -1.0, "floor: -1 must not be negative"},
		{"budget", int64(0), "budget: 0 must be at least 1"},
		{"max_time", -1.0, "max_time: -1 must not be negative"},
		{"keep", []any{1.0, 1.0}, "keep: [1 1] must be times in ascending order"},
		{"per_decade", int64(0), "per_decade: 0 must be between"},
	} {
		if _, err := descent.Kind.Resolve(map[string]any{c.param: c.value}); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %v: %v", c.param, c.value, err)
		}
	}
}

// The estimate adds up blocks and starts, grows with N, and falls far above the
// crossover, where descents are short, but not in the null model.
func TestCost(t *testing.T) {
	cost := func(n, seeds int, alpha float64, null bool, values map[string]any) pipeline.Cost {
		in, err := instance.Kind.Resolve(map[string]any{"N": int64(n), "alpha": alpha,
			"seeds": pipeline.Range{First: 1, Last: int64(seeds)}, "null": null})
		if err != nil {
			t.Fatal(err)
		}
		return pipeline.NewStage("descent", descent.Kind,
			pipelinetest.Resolve[descent.Params](t, descent.Kind, values),
			pipeline.NewStage("instance", instance.Kind, in)).Cost()
	}
	one := cost(128, 1, 3, false, nil)
	// What any stage takes, however small, is there once.
	another := cost(128, 2, 3, false, nil).Seconds - one.Seconds
	if r := (cost(128, 50, 3, false, nil).Seconds - one.Seconds) / another; math.Abs(r-49) > 1e-9 {
		t.Errorf("49 instances more cost %v times one more", r)
	}
	if r := cost(128, 1, 3, false, map[string]any{"eta": 0.01}).Seconds / one.Seconds; r < 1.9 || r > 2 {
		t.Errorf("half the step costs %v times", r)
	}
	if r := cost(512, 1, 3, false, nil).Seconds / one.Seconds; r < 16 {
		t.Errorf("N = 512 costs %v times N = 128", r)
	}
	if cost(128, 1, 5, false, nil).Seconds > one.Seconds || cost(128, 1, 5, true, nil).Seconds < one.Seconds {
		t.Error("alpha = 5 is not cheaper with a signal and dearer without")
	}
	if got := cost(2048, 1, 4, false, nil).Bytes; got < 4*4*2048*2048 || got > 200<<20 {
		t.Errorf("N = 2048 takes %d bytes", got)
	}
}
