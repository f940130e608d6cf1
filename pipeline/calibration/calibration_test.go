package calibration

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

type params struct {
	N     int            `param:"N"`
	Seeds pipeline.Range `param:"seeds" default:"1-2"`
}

func (p params) Validate() error {
	if p.N < 0 {
		return pipeline.BadParam("N", "is %d", p.N)
	}
	return nil
}

type row struct {
	X int64 `arrow:"x" doc:"a number"`
}

func compute(context.Context, params, pipeline.Inputs) ([]row, error) { return nil, nil }

// The estimate is N seconds, and those of the inputs.
func cost(p params, in []*pipeline.Stage) pipeline.Cost {
	seconds := float64(p.N)
	for _, s := range in {
		seconds += float64(s.Params.(params).N)
	}
	return pipeline.Cost{Seconds: seconds, Bytes: 1}
}

var (
	draw = pipeline.Define(pipeline.Definition[params, row]{Name: "draw", Cost: cost, Run: compute})
	sum  = pipeline.Define(pipeline.Definition[params, row]{
		Name: "sum", Cost: cost, Run: compute, Reads: []pipeline.Read{pipeline.Reads[row]("draw").OrNone()}})
)

func stage(k *pipeline.Kind, family string, n int, in ...*pipeline.Stage) *pipeline.Stage {
	p := params{N: n, Seeds: pipeline.Range{First: 1, Last: 2}}
	return pipeline.NewStage(fmt.Sprintf("%s/N=%d", family, n), k, p, in...)
}

// taken are measurements of n stages of a family, each off by a factor and noise.
func taken(r *rand.Rand, k *pipeline.Kind, family string, n int, factor, noise float64) []Measurement {
	var out []Measurement
	for range n {
		s := stage(k, family, 1+r.IntN(100))
		out = append(out, Measurement{Stage: s, Seconds: s.Cost().Seconds * factor * math.Exp(noise*r.NormFloat64())})
	}
	return out
}

// The standard error of the logarithm is at most that of a median, about 1.3 σ/√n: with weights, n of
// 400 counts as at least 300, and the tolerance is five times that. The mean of exp(σz), winsorized at
// z = ±0.674, is exp(0.13 σ²) at most. Of a fifth of wild ones, the upper quartile is that of 0.75·1.25 of the others,
// 1.53 σ, and the lower that of 0.25·1.25, -0.49 σ; their mean is below exp(0.6 σ).
func TestFactor(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 16))
	const noise = 0.4
	for _, c := range []struct {
		factor float64
		wild   int
	}{{0.3, 0}, {1, 0}, {5, 0}, {2, 100}} {
		m := taken(r, draw, "a", 400, c.factor, noise)
		m = append(m, taken(r, draw, "a", c.wild, c.factor*100, noise)...)
		f := New(m, "").Of(stage(draw, "a", 1000))
		shift := 5*1.3*noise/math.Sqrt(300) + 0.13*noise*noise
		if c.wild > 0 {
			shift += 0.6 * noise
		}
		if off := math.Abs(math.Log(f.Value / c.factor)); off > shift || f.Stages != 400+c.wild {
			t.Errorf("%+v: %+v", c, f)
		}
	}
}

// Nine of ten others are within the spread: of 2000, with a standard error of 0.7 % here and some 1.5 %
// for the quantiles of 400, between 82 and 98 %.
func TestSpread(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 16))
	f := New(taken(r, draw, "a", 400, 2, 0.5), "").Of(stage(draw, "a", 5))
	within := 0
	for _, m := range taken(r, draw, "a", 2000, 2, 0.5) {
		if x := m.Seconds / m.Stage.Cost().Seconds; f.Low <= x && x <= f.High {
			within++
		}
	}
	if within < 1640 || within > 1960 {
		t.Errorf("%d of 2000 are within %+v", within, f)
	}
}

// Of a few stages the factor is drawn to that of the kind, and without any it is that.
func TestFewStages(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 16))
	m := taken(r, draw, "a", 1000, 4, 0)
	one := stage(draw, "b", 7)
	m = append(m, Measurement{Stage: one, Seconds: 7 * 32})
	c := New(m, "")
	all := math.Log(4) * 998 / 1000 // of some 900 effective stages, drawn to 1 by two
	for _, x := range []struct {
		s    *pipeline.Stage
		want float64
		n, k int
	}{
		{stage(draw, "a", 3), 4, 1000, 1001},
		{stage(draw, "c", 3), 4, 0, 1001},
		{one, math.Exp((math.Log(32) + 2*math.Log(4)) / 3), 1, 1001},
		{stage(sum, "c", 3), math.Exp(all), 0, 0},
	} {
		if f := c.Of(x.s); math.Abs(math.Log(f.Value/x.want)) > 0.01 || f.Stages != x.n || f.OfKind != x.k {
			t.Errorf("%s: %+v, want %v", x.s.Name, f, x.want)
		}
	}
	for _, c := range []*Calibration{nil, New(nil, "x"), {}} {
		if f := c.Of(one); f.Value != 1 || f.Low != 1.0/3 || f.High != 3 || c.Stages() != 0 {
			t.Errorf("without measurements: %+v", f)
		}
	}
}

func TestMachines(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 16))
	slow, fast := taken(r, draw, "a", 1000, 8, 0), taken(r, draw, "a", 1000, 2, 0)
	for k := range slow {
		slow[k].Machine, fast[k].Machine = "go", "avx512"
	}
	both := slices.Concat(slow, fast)
	for machine, want := range map[string]float64{"go": 8, "avx512": 2} {
		if f := New(both, machine).Of(slow[0].Stage); math.Abs(f.Value/want-1) > 0.01 {
			t.Errorf("%s: %+v", machine, f)
		}
	}
	if f := New(both, "").Of(slow[0].Stage); f.Low > 2.01 || f.High < 7.99 {
		t.Errorf("of both: %+v", f)
	}
	if n := New(both, "avx2").Stages(); n != 2000 {
		t.Errorf("a machine without measurements has %d", n)
	}
}

// A record is one of a stage, after its inputs.
func record(s *pipeline.Stage, seconds float64, start int, in ...store.ActionInput) store.Record {
	return store.Record{Action: &store.Action{
		Stage: s.Name, Kind: s.Kind.Name, Params: s.Canonical(), Inputs: in, Machine: "go",
		Output: input(s).Digest, Start: time.Unix(int64(start), 0), Seconds: seconds,
	}}
}

func input(s *pipeline.Stage) store.ActionInput {
	return store.ActionInput{Stage: s.Name, Digest: digest.Artifact(digest.Hex([]byte(s.Name)))}
}

func TestMeasurements(t *testing.T) {
	a, b := stage(draw, "a", 3), stage(draw, "b", 4)
	total := stage(sum, "total", 10, a, b)
	later := record(a, 30, 7)
	renamed := input(b)
	renamed.Stage = "called/otherwise"
	odd := record(stage(draw, "odd", 1), 1, 1)
	odd.Action.Params = []byte(`{"N": 1, "seeds": "1-2", "gone": 5}`)
	invalid := record(stage(draw, "invalid", 1), 1, 1)
	invalid.Action.Params = []byte(`{"N": -1}`)
	broken := record(stage(draw, "broken", 1), 1, 1)
	broken.Action.Params = []byte(`{`)
	range2 := record(stage(draw, "range", 1), 1, 1)
	range2.Action.Params = []byte(`{"N": 1, "seeds": "2-1"}`)
	edited := record(stage(draw, "edited", 1), 1, 1)
	edited.Err = errors.New("its checksum is not that of its content")
	gone := record(stage(draw, "other", 1), 1, 1)
	gone.Action.Kind = "gone"
	circle := record(stage(sum, "circle", 1), 1, 1, input(stage(sum, "circle", 1)))
	got := Measurements([]store.Record{
		later, record(total, 50, 3, input(a), renamed), record(a, 9, 1), record(b, 5, 2),
		odd, invalid, broken, range2, edited, gone, circle,
		record(stage(sum, "orphan", 1), 1, 4, store.ActionInput{Stage: "nowhere", Digest: "ff"}),
		{Err: errors.New("it is no record")}, record(stage(draw, "none", 2), 0, 5),
	}, []*pipeline.Kind{draw, sum})
	var text []string
	for _, m := range got {
		text = append(text, fmt.Sprintf("%s %v of %v by %s", m.Stage.Name, m.Seconds, m.Stage.Cost().Seconds, m.Machine))
	}
	want := []string{"b/N=4 5 of 4 by go", "total/N=10 50 of 17 by go", "a/N=3 30 of 3 by go"}
	if !slices.Equal(text, want) {
		t.Errorf("%q, want %q", text, want)
	}
}
