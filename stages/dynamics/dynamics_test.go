package dynamics

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	descents "zerotohero/stages/descent"
	_ "zerotohero/stages/descent/flow"
	_ "zerotohero/stages/descent/gd"
	"zerotohero/stages/instance"
	_ "zerotohero/stages/instance/dense"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/labels"
	"zerotohero/stages/loss"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/loss/losstest"
	"zerotohero/stages/students"
)

func ell(t *testing.T) loss.Loss {
	t.Helper()
	l := losstest.New(t, "ell", losstest.Values{"a": 1.0})
	return l
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s = %.6g, want %.6g within %.2g", what, got, want, tol)
	}
}

// The labels of a random start have a known law: physics.md 2a gives edge, outlier
// and overlap for a = 1, α = 3.
func TestRandomStart(t *testing.T) {
	const n, seeds = 1000, 8
	instances := pipelinetest.Stage(t, instance.Kind,
		map[string]any{"N": int64(n), "alpha": 3.0, "null": true, "seeds": pipeline.Range{First: 1, Last: seeds}})
	kept := pipelinetest.Stage(t, descents.Kind, map[string]any{"budget": int64(1)}, instances)
	r := pipelinetest.Run[Row](t, Kind, nil, instances, kept)[0]
	if r.Runs != seeds || r.Instances != seeds || r.Unresolved != 0 || r.N != n || r.Alpha != 3 || len(r.Times) != 1 {
		t.Fatalf("%+v", r)
	}
	s := r.Times[0]
	if !s.Outlier || s.EdgeKind != "sharp" {
		t.Errorf("outlier %v, edge %s", s.Outlier, s.EdgeKind)
	}
	// The half-widths of the 95 % intervals are 2σ as the bootstrap estimates it; three of
	// them miss with a probability of about 1e-5 each, allowing for the 8 instances.
	for _, c := range []struct {
		what               string
		got, lo, hi, exact float64
		widest             float64
	}{
		{"edge", s.Edge, s.EdgeLo, s.EdgeHi, -11.10621, 0.4},
		{"lambda*", s.LambdaStar, s.LambdaStarLo, s.LambdaStarHi, -11.24834, 0.4},
		{"q2", s.Q2, s.Q2Lo, s.Q2Hi, 0.28381, 0.1},
		{"weight below 0", s.BelowZero, s.BelowZeroLo, s.BelowZeroHi, 0.91344, 0.05},
		{"weight at the lowest", s.Lowest[0].Weight, s.Lowest[0].Lo, s.Lowest[0].Hi, 0.33818, 0.1},
	} {
		half := 0.5 * (c.hi - c.lo)
		near(t, c.what, c.got, c.exact, 3*half)
		if !(half > 0 && half < c.widest && c.lo <= c.got && c.got <= c.hi) {
			t.Errorf("%s = %v in [%v, %v]", c.what, c.got, c.lo, c.hi)
		}
	}
	// E ℓ = ½E(ŷ²−y²)²/(1+y²) and μ by quadrature (theory); both are means over 24000 labels.
	law := startLaw(t)
	near(t, "energy", s.Energy, law.Energy(ell(t), 3), 0.2)
	near(t, "mu", s.Mu, law.Mu(ell(t), 3), 0.7)
	if r.TrappedRuns != 0 || len(r.Trapped.DResampled) != 0 || r.Threshold.Found || !math.IsNaN(r.Trapped.D) ||
		!math.IsNaN(r.Trapped.BelowZero) {
		t.Errorf("a trapped state without trapped runs: %+v", r.Trapped)
	}
	if r.Lost || !math.IsInf(r.TBBP, 1) || r.W != 0 {
		t.Errorf("t_bbp = %v, W = %v from a single time", r.TBBP, r.W)
	}
}

func TestShares(t *testing.T) {
	_, err := Kind.Resolve(map[string]any{"shares": []any{0.1, 1.0}})
	if err == nil || !strings.Contains(err.Error(), "shares: holds 1, which is not between 0 and 1") {
		t.Error(err)
	}
}

// Real descents of a small system, for the behaviour that is known at any size.
func TestDescents(t *testing.T) {
	values := map[string]any{"N": int64(60), "alpha": 3.0, "null": true, "seeds": pipeline.Range{First: 1, Last: 4}}
	instances := pipelinetest.Stage(t, instance.Kind, values)
	how := map[string]any{"method": "flow", "starts": int64(2), "keep": []any{0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 1e6}}
	done := pipelinetest.Stage(t, descents.Kind, how, instances)
	few := map[string]any{"resamples": int64(60)}
	r := pipelinetest.Run[Row](t, Kind, few, instances, done)[0]
	if r.Runs+r.Recovered != 8 || r.TrappedRuns != r.Runs || r.Instances != 4 || len(r.Trapped.DResampled) != 60 {
		t.Fatalf("%d runs, %d recovered, %d trapped, %d instances, %d resamples",
			r.Runs, r.Recovered, r.TrappedRuns, r.Instances, len(r.Trapped.DResampled))
	}
	for k, s := range r.Times[1:] {
		if s.Energy > r.Times[k].Energy {
			t.Errorf("the energy rises from t = %v to %v", r.Times[k].T, s.T)
		}
	}
	// Every descent has ended at 1e6: its last state stands for that time, with the same
	// labels and the same resamples.
	last := r.Times[len(r.Times)-1]
	last.T = r.Trapped.T
	if !reflect.DeepEqual(last, r.Trapped) {
		t.Errorf("the last time is not the trapped state:\n%+v\n%+v", last, r.Trapped)
	}
	// physics.md: at α = 3 the outlier is there at the start (α > 1.13) and lost in the
	// trapped state (α < 6.6).
	if !r.Times[0].Outlier || r.Trapped.Outlier || !r.Lost || !(r.TBBP > 0 && r.TBBP < 10) || !(r.W > 0) {
		t.Errorf("outlier %v at the start and %v at the end, t_bbp = %v, W = %v",
			r.Times[0].Outlier, r.Trapped.Outlier, r.TBBP, r.W)
	}
	if !r.Threshold.Found || len(r.Labels) != len(classes)+1 {
		t.Errorf("threshold state %+v with %d marginals", r.Threshold, len(r.Labels))
	}

	// Kept only early on, the trajectory still ends in the trapped state.
	early := pipelinetest.Stage(t, descents.Kind,
		map[string]any{"method": "flow", "starts": int64(2), "keep": []any{0.0, 0.1}}, instances)
	e := pipelinetest.Run[Row](t, Kind, few, instances, early)[0]
	if !e.Lost || !(e.TBBP > 0.1 && e.TBBP < e.Trapped.T) || !(e.TBBPGrid > 0) ||
		!reflect.DeepEqual(e.Trapped, r.Trapped) {
		t.Errorf("t_bbp = %v ± %v with times 0, 0.1 and the end at %v", e.TBBP, e.TBBPGrid, e.Trapped.T)
	}

	// One stage for each instance in another order gives the same row.
	var cut []pipeline.Input
	for seed := int64(4); seed >= 1; seed-- {
		values["seeds"] = pipeline.Range{First: seed, Last: seed}
		one := pipelinetest.Stage(t, instance.Kind, values)
		cut = append(cut, pipelinetest.Stage(t, descents.Kind, how, one), one)
	}
	if again := pipelinetest.Run[Row](t, Kind, few, cut...)[0]; !reflect.DeepEqual(again, r) {
		t.Error("the row depends on how the inputs are cut")
	}
}

// small makes instances of the null model and descents on them that end at time 5.
func small(t *testing.T, seeds ...int64) (instances []instance.Instance, done []students.Descent) {
	t.Helper()
	const n, m = 40, 120
	for _, seed := range seeds {
		x := instance.DrawX(seed, n, m)
		y := make([]float64, m)
		src := random.New("dynamics test y", seed, 0)
		for i := range y {
			y[i] = src.Normal()
		}
		instances = append(instances,
			instance.Instance{Seed: seed, N: n, M: m, Alpha: 3, Signal: make([]float64, n), Y: y,
				Fingerprint: instance.Fingerprint(x, n)})
		d := students.Descent{Seed: seed, N: n, M: m, Alpha: 3, AlphaAsked: 2.99, Loss: "ell", A: 1, Method: "gd",
			Outcome: "trapped", T: 5}
		for k := range 3 {
			w := make([]float64, n)
			random.New("dynamics test w", seed, int64(k)).Sphere(w)
			d.Kept = append(d.Kept, students.Kept{T: float64(k), Student: w})
			d.Student = w
		}
		d.Energy = labels.New(ell(t), y, activations(x, &d)[3], n).Energy
		done = append(done, d)
	}
	return instances, done
}

func TestLeftOut(t *testing.T) {
	keep := map[string]any{"keep": []float64{0, 1, 2}}
	instances, done := small(t, 1, 2, 3, 4, 5, 6)
	in := pipelinetest.Input("instance/x", "instance", map[string]any{"null": true}, instances)
	done[1].Outcome, done[1].T = "unresolved", 2 // stands for all times, but is not trapped
	done[2].Outcome, done[2].T = "unresolved", 1.5
	done[3].Outcome = "diverged"
	done[5].Outcome = "recovered"
	r := pipelinetest.Run[Row](t, Kind, nil, in, pipelinetest.Input("descent/x", "descent", keep, done))[0]
	if r.AlphaAsked != 2.99 || r.Runs != 3 || r.Instances != 3 || r.TrappedRuns != 2 || r.Unresolved != 1 ||
		r.Diverged != 1 || r.Recovered != 1 {
		t.Errorf("%d runs of %d instances, %d trapped; left out %d, %d, %d",
			r.Runs, r.Instances, r.TrappedRuns, r.Unresolved, r.Diverged, r.Recovered)
	}
	alone := pipelinetest.Run[Row](t, Kind, nil, in,
		pipelinetest.Input("descent/x", "descent", keep, []students.Descent{done[0], done[1], done[4]}))[0]
	if !reflect.DeepEqual(r.Times, alone.Times) || !reflect.DeepEqual(r.Trapped, alone.Trapped) {
		t.Error("descents that are left out have a part in the states")
	}
}

func TestErrors(t *testing.T) {
	instances, done := small(t, 1, 2)
	keep, null := map[string]any{"keep": []float64{0, 1, 2}}, map[string]any{"null": true}
	labels := pipelinetest.Input("instance/x", "instance", null, instances)
	paths := pipelinetest.Input("descent/x", "descent", keep, done)
	edited := func(f func(d *students.Descent)) pipeline.Input {
		rows := slices.Clone(done)
		f(&rows[1])
		return pipelinetest.Input("descent/x", "descent", keep, rows)
	}
	for _, c := range []struct {
		want string
		in   []pipeline.Input
	}{
		{"not of the null model",
			[]pipeline.Input{pipelinetest.Input("instance/x", "instance", map[string]any{"null": false}, instances),
				paths}},
		{"not readable", []pipeline.Input{pipelinetest.Input("instance/x", "instance", "", instances), paths}},
		{"second instance of seed 1", []pipeline.Input{labels,
			pipelinetest.Input("instance/y", "instance", null, instances[:1]), paths}},
		{"no instance of N = 40",
			[]pipeline.Input{pipelinetest.Input("instance/x", "instance", null, instances[:1]), paths}},
		{"they must be equal", []pipeline.Input{labels, edited(func(d *students.Descent) { d.A = 2 })}},
		{"the same keep", []pipeline.Input{labels, pipelinetest.Input("descent/x", "descent", keep, done[:1]),
			pipelinetest.Input("descent/y", "descent", map[string]any{"keep": []float64{0}}, done[1:])}},
		{"with at least one time", []pipeline.Input{labels,
			pipelinetest.Input("descent/x", "descent", map[string]any{"keep": []float64{}}, done)}},
		{"each descent once", []pipeline.Input{labels, paths,
			pipelinetest.Input("descent/y", "descent", keep, done[1:])}},
		{"a stage of its own", []pipeline.Input{labels, edited(func(d *students.Descent) { d.Method = "flow" })}},
		{"do not go together", []pipeline.Input{labels, edited(func(d *students.Descent) { d.Kept = d.Kept[:2] })}},
		{"unknown outcome", []pipeline.Input{labels, edited(func(d *students.Descent) { d.Outcome = "asleep" })}},
		{"at least 2 instances",
			[]pipeline.Input{labels, edited(func(d *students.Descent) { d.Outcome = "diverged" })}},
		{"instances that it descends on", []pipeline.Input{labels, edited(func(d *students.Descent) { d.Energy++ })}},
		{"hold no descents", []pipeline.Input{labels}},
	} {
		if _, err := pipelinetest.Compute(t.Context(), Kind, nil, c.in...); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
	wrong := slices.Clone(instances)
	wrong[0].Fingerprint = "0"
	other := pipelinetest.Input("instance/x", "instance", null, wrong)
	if _, err := pipelinetest.Compute(t.Context(), Kind, nil, other, paths); err == nil ||
		!strings.Contains(err.Error(), "fingerprint") {
		t.Errorf("another X: %v", err)
	}
	for _, values := range []map[string]any{{"loss": "none"}, {"a": -1.0}, {"confidence": 1.0},
		{"resamples": int64(10)}} {
		if _, err := Kind.Resolve(values); err == nil {
			t.Error(fmt.Sprint(values, " passed"))
		}
	}
}
