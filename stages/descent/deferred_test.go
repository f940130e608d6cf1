package descent_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/instance"
	_ "zerotohero/stages/instance/deferred"
	"zerotohero/stages/internal/lanczos"
)

// deferredInstances computes a block of instances whose X is deferred.
func deferredInstances(t *testing.T, n int, null bool, first, last int64) pipeline.Input {
	t.Helper()
	return pipelinetest.Stage(t, instance.Kind, map[string]any{
		"N": int64(n), "alpha": 3.0, "seeds": pipeline.Range{First: first, Last: last}, "null": null, "matrix": "deferred",
	})
}

// What is observed of labels belongs to the states: the energy and μ of the trace, a law that
// is one, and the spectral measure of the signal with the mean that its labels give,
// α E[y² s] − μ, to the scatter of w*ᵀHw*, and as many lines as were asked for.
func TestObservations(t *testing.T) {
	const n = 2000
	in := deferredInstances(t, n, false, 5, 6)
	values := map[string]any{
		"method": "flow", "max_time": 1.0, "keep": []any{0.0, 0.25, 3.0}, "signal": []any{0.0, 0.25}, "lines": int64(30),
	}
	for _, r := range pipelinetest.Run[descent.Descent](t, descent.Kind, values, in) {
		if r.Outcome != "unresolved" || r.T != 1 || len(r.Observed) != 4 {
			t.Fatalf("seed %d: %s at t = %v with %d observations", r.Seed, r.Outcome, r.T, len(r.Observed))
		}
		for i, want := range []float64{0, 0.25, 1, 1} {
			o := r.Observed[i]
			if o.T != want {
				t.Errorf("observation %d is at t = %v, want %v", i, o.T, want)
			}
			var p, y2, ys, weight, mean float64
			for _, k := range o.Law {
				p, y2, ys = p+k.P, y2+k.Y2, ys+k.Y2*k.S/k.P
			}
			for _, l := range o.Signal {
				weight, mean = weight+l.Weight, mean+l.Weight*l.Value
			}
			// y² averages to 1 within its standard deviation √(2/M), 0.018; 5 of these.
			if math.Abs(p-1) > 1e-12 || math.Abs(y2-1) > 0.09 {
				t.Errorf("t = %v: a law of weight %v with E[y²] = %v", o.T, p, y2)
			}
			if lines := map[bool]int{true: 30}[i < 2]; len(o.Signal) != lines {
				t.Fatalf("t = %v: %d lines, want %d", o.T, len(o.Signal), lines)
			}
			// w*ᵀHw*/N is α E[y² s] − μ for w* orthogonal to w, up to terms of the order of the
			// overlap, N^(−1/2) times what the descent has made of it, 0.05, and the merging of labels.
			if i < 2 && (math.Abs(weight-1) > 1e-10 || math.Abs(mean-(3*ys-o.Mu)) > 0.1*math.Abs(mean)) {
				t.Errorf("t = %v: lines of weight %v and mean %v, want %v", o.T, weight, mean, 3*ys-o.Mu)
			}
		}
		if end := r.Observed[3]; math.Abs(end.Energy-r.Energy) > 1e-9*r.Energy || math.Abs(r.Observed[0].Energy-r.Trace[0].Energy) > 1e-9*r.Energy {
			t.Errorf("energies %v and %v, observed %v and %v", r.Trace[0].Energy, r.Energy, r.Observed[0].Energy, end.Energy)
		}
		square := 0.0
		for _, c := range r.Student {
			square += c * c
		}
		if math.Abs(square-n) > 1e-6*n || len(r.Student) > int(r.Evaluations)+102 {
			t.Errorf("a student of %d components with ‖w‖² = %v after %d evaluations", len(r.Student), square, r.Evaluations)
		}
	}
}

// At a random start the softest line and its weight are the outlier of theory (physics.md 2a).
// λ* moves with μ, of which E[ℓ'ŷ] = E[(6−2y²)/(1+y²)] = 8 √(π/2) e^½ erfc(1/√2) − 2; apart from
// that it scatters by some N^(−1/2) times the scale of the spectrum, as the weight does: of three
// seeds at N = 20000 by 8/√N at most.
func TestSignalAtStart(t *testing.T) {
	in := pipelinetest.Stage(t, instance.Kind, map[string]any{
		"N": int64(10000), "alpha": 3.0, "seeds": pipeline.Range{First: 1, Last: 1}, "matrix": "deferred",
	})
	r := pipelinetest.Run[descent.Descent](t, descent.Kind, map[string]any{
		"budget": int64(1), "keep": []any{0.0}, "signal": []any{0.0}, "lines": int64(110),
	}, in)[0]
	softest := slices.MinFunc(r.Observed[0].Signal, func(a, b lanczos.Line) int { return int(math.Copysign(1, a.Value-b.Value)) })
	tolerance := 12 / math.Sqrt(10000)
	mu := 3 * (8*math.Sqrt(math.Pi/2)*math.Exp(0.5)*math.Erfc(math.Sqrt(0.5)) - 2)
	softest.Value += r.Observed[0].Mu - mu
	if math.Abs(softest.Value+11.24834) > tolerance || math.Abs(softest.Weight-0.28381) > tolerance {
		t.Errorf("λ* = %v with q² = %v, want -11.24834 and 0.28381", softest.Value, softest.Weight)
	}
}

// A block that was killed between descents ends with the bytes of one that was not.
func TestResumeDeferred(t *testing.T) {
	in := deferredInstances(t, 60, false, 1, 3)
	values := map[string]any{"method": "flow"}
	whole := pipelinetest.Run[descent.Descent](t, descent.Kind, values, in)
	want := pipelinetest.Bytes(t, descent.Kind, values, in)
	for _, done := range []int{1, 2} {
		ctx := pipeline.WithPartial(t.Context(), &descent.Memory{Data: descent.Encode(t, whole[:done])})
		table, err := pipelinetest.Compute(ctx, descent.Kind, values, in)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := table.Bytes(); err != nil || string(data) != string(want) {
			t.Errorf("resumed after %d descents the block has other bytes, %v", done, err)
		}
	}
}

// A run to a late time at large N is estimated at what its basis takes, and times of signal
// are among those of keep.
func TestDeferredParameters(t *testing.T) {
	in := pipeline.NewStage("instance", instance.Kind, pipelinetest.Resolve[instance.Params](t, instance.Kind, map[string]any{
		"N": int64(1_000_000), "alpha": 3.0, "seeds": pipeline.Range{First: 1, Last: 1}, "matrix": "deferred",
	}))
	bytes := func(values map[string]any) float64 {
		p := pipelinetest.Resolve[descent.Params](t, descent.Kind, values)
		return float64(pipeline.NewStage("descent", descent.Kind, p, in).Cost().Bytes)
	}
	short, long := bytes(map[string]any{"method": "flow", "max_time": 2.0}), bytes(map[string]any{"method": "flow"})
	if short < 1.5e9 || short > 6e9 || long < 100e9 {
		t.Errorf("to t = 2 it takes %v bytes, without a limit %v", short, long)
	}
	_, err := descent.Kind.Resolve(map[string]any{"keep": []any{0.0, 1.0}, "signal": []any{2.0}})
	if err == nil || !strings.Contains(err.Error(), "signal: holds 2, which is not among the times of keep") {
		t.Error(err)
	}
}
