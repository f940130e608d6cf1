package students

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/loss"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/loss/losstest"
)

const testN, testM = 12, 30

// keep is what descents have among their parameters.
var keep = map[string]any{"keep": []float64{0, 2, 5}}

func ell(t *testing.T) loss.Choice {
	t.Helper()
	return losstest.Choose(t, "ell", losstest.Values{"a": 1.0})
}

// sample makes instances, and descents that took two starts on each and kept students at
// times 0 and 2 before they ended at 5.
func sample(t *testing.T, seeds ...int64) (instances []instance.Instance, descents []Descent) {
	t.Helper()
	l := losstest.New(t, "ell", losstest.Values{"a": 1.0})
	for _, seed := range seeds {
		x := instance.DrawX(seed, testN, testM)
		signal := make([]float64, testN)
		random.New("students test signal", seed, 0).Sphere(signal)
		y := activations(x, signal)
		instances = append(instances, instance.Instance{
			Seed: seed, N: testN, M: testM, Alpha: 2.5, Signal: signal, Y: y,
			Fingerprint: instance.Fingerprint(x, testN),
		})
		for start := range int64(2) {
			w := make([][]float64, 3)
			for k := range w {
				w[k] = make([]float64, testN)
				random.New("students test path", 10*seed+start, int64(k)).Sphere(w[k])
			}
			d := Descent{
				Seed: seed, Start: start, N: testN, M: testM, Alpha: 2.5, Loss: "ell", A: 1, From: "random", T: 5,
				Student: w[2], Kept: []Kept{{0, w[0]}, {2, w[1]}, {5, w[2]}},
			}
			for i, yhat := range activations(x, w[2]) {
				d.Energy += l.Value(y[i], yhat) / testN
			}
			descents = append(descents, d)
		}
	}
	return instances, descents
}

// activations are x_i·w/√N by definition.
func activations(x []float32, w []float64) []float64 {
	h := make([]float64, len(x)/len(w))
	for i := range h {
		for j, c := range w {
			h[i] += float64(x[i*len(w)+j]) * c
		}
		h[i] /= math.Sqrt(float64(len(w)))
	}
	return h
}

// visits lists what Each visits.
func visits(t *testing.T, s Selection, in ...pipeline.Input) []Student {
	t.Helper()
	var out []Student
	var opened, own *Problem
	visit := func(s Student) error {
		// X is drawn over for the next instance.
		if s.Problem != opened {
			opened, own = s.Problem, &Problem{s.Problem.Instance, slices.Clone(s.Problem.X), s.Problem.Loss}
		}
		s.Problem = own
		out = append(out, s)
		return nil
	}
	if err := s.Each(context.Background(), in, visit); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEach(t *testing.T) {
	instances, descents := sample(t, 4, 7)
	other := descents[3]
	other.From, other.Student = "averaged", slices.Clone(other.Student)
	for j := range other.Student {
		other.Student[j] *= -1 // of the same energy
	}
	descents = append(descents, other)
	s := Selection{Loss: ell(t), Times: []float64{0, 2, 9}}
	// Cut into inputs in another order.
	shuffled := slices.Clone(descents)
	slices.Reverse(shuffled)
	for name, in := range map[string][]pipeline.Input{
		"whole": {pipelinetest.Input("descent/x", "descent", keep, descents),
			pipelinetest.Input("instance/x", "instance", nil, instances)},
		"cut": {
			pipelinetest.Input("instance/b", "instance", nil, instances[1:]),
			pipelinetest.Input("descent/a", "descent", keep, shuffled[1:]),
			pipelinetest.Input("instance/a", "instance", nil, instances[:1]),
			pipelinetest.Input("descent/b", "descent", keep, shuffled[:1]),
		},
	} {
		got := visits(t, s, in...)
		if len(got) != 5*3 {
			t.Fatalf("%s: %d visits", name, len(got))
		}
		for i, v := range got {
			// "averaged" comes before "random".
			d, k := descents[[]int{0, 1, 2, 4, 3}[i/3]], i%3
			w := [][]float64{d.Kept[0].Student, d.Kept[1].Student, d.Student}[k]
			if v.Descent.Seed != d.Seed || v.Descent.Start != d.Start || v.Descent.From != d.From ||
				v.T != s.Times[k] || v.Reached != []float64{0, 2, 5}[k] || !slices.Equal(v.W, w) ||
				!slices.Equal(v.Descent.Keep, []float64{0, 2, 5}) {
				t.Errorf("%s: visit %d: %+v", name, i, v)
			}
			if v.Problem.Seed != d.Seed || !slices.Equal(v.Problem.X, instance.DrawX(d.Seed, testN, testM)) {
				t.Errorf("%s: visit %d is on the instance of seed %d", name, i, v.Problem.Seed)
			}
			if same := i > 0 && got[i-1].Descent.Seed == d.Seed; same && v.Problem != got[i-1].Problem {
				t.Errorf("%s: X drawn again for visit %d", name, i)
			}
		}
	}
	// Products against the definition, to the rounding of 12 terms.
	p := visits(t, s, pipelinetest.Input("descent/x", "descent", keep, descents),
		pipelinetest.Input("instance/x", "instance", nil, instances))[0].Problem
	for i, h := range activations(p.X, p.Signal) {
		if got := p.Products(p.Signal)[i] / math.Sqrt(testN); math.Abs(got-h) > 1e-14*testN {
			t.Errorf("x_%d·w*/√N = %v, want %v", i, got, h)
		}
	}
}

// An error of the visitor ends the visits, and so does the context.
func TestStop(t *testing.T) {
	instances, descents := sample(t, 4)
	in := pipeline.Inputs{pipelinetest.Input("descent/x", "descent", keep, descents),
		pipelinetest.Input("instance/x", "instance", nil, instances)}
	s := Selection{Loss: ell(t), Times: []float64{0, 2}}
	full := errors.New("full")
	n := 0
	err := s.Each(context.Background(), in, func(Student) error {
		if n++; n == 4 {
			return full
		}
		return nil
	})
	if n != 4 || !errors.Is(err, full) ||
		!strings.Contains(err.Error(), "descent/x: descent of seed 4, start 1, t = 2") {
		t.Errorf("%d visits, %v", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n = 0
	err = s.Each(ctx, in, func(Student) error { n++; cancel(); return nil })
	if n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d visits, %v", n, err)
	}
}

// Without times, students are visited at all that their descent kept, and at its end.
func TestAllTimes(t *testing.T) {
	instances, descents := sample(t, 4)
	s := Selection{Loss: ell(t)}
	got := visits(t, s, pipelinetest.Input("descent/x", "descent", keep, descents),
		pipelinetest.Input("instance/x", "instance", nil, instances))
	if len(got) != 4*len(descents) || s.Visits(Load{Kept: 3}) != 4 {
		t.Fatalf("%d visits of %d descents", len(got), len(descents))
	}
	for i, v := range got {
		d, k := descents[i/4], i%4
		w := [][]float64{d.Kept[0].Student, d.Kept[1].Student, d.Student, d.Student}[k]
		if v.T != []float64{0, 2, 5, math.Inf(1)}[k] || v.Reached != []float64{0, 2, 5, 5}[k] || !slices.Equal(v.W, w) {
			t.Errorf("visit %d: t = %v, reached %v", i, v.T, v.Reached)
		}
	}
}

func TestErrors(t *testing.T) {
	instances, descents := sample(t, 4)
	other, _ := sample(t, 5)
	edit := func(f func(*Descent)) []Descent {
		out := slices.Clone(descents)
		f(&out[1])
		return out
	}
	alter := func(f func(*instance.Instance)) []instance.Instance {
		out := slices.Clone(instances)
		out[0].Y = slices.Clone(out[0].Y)
		f(&out[0])
		return out
	}
	for _, c := range []struct {
		want      string
		descents  []Descent
		instances []instance.Instance
		time      float64
	}{
		{"only at [0 2 5], and went on to t = 5; add 3 to the parameter keep", descents, instances, 3},
		{"must be equal", edit(func(d *Descent) { d.A = 2 }), instances, 0},
		{"must be equal", edit(func(d *Descent) { d.Loss = "plain" }), instances, 0},
		{"has no instance of N = 12, M = 30, seed 4", descents, other, 0},
		{"fingerprint", descents, alter(func(i *instance.Instance) { i.Fingerprint = "00" }), 0},
		{"L/N", descents, alter(func(i *instance.Instance) { i.Y[3]++ }), 0},
		{"second instance", descents, append(slices.Clone(instances), instances...), 0},
		{"29 labels", descents, alter(func(i *instance.Instance) { i.Y = i.Y[1:] }), 0},
		{"components", edit(func(d *Descent) { d.Student = d.Student[:5] }), instances, 0},
		{"‖w‖²", edit(func(d *Descent) { d.Kept = []Kept{{0, make([]float64, testN)}} }), instances, 0},
		{"no descents", nil, instances, 0},
	} {
		in := pipeline.Inputs{pipelinetest.Input("descent/x", "descent", keep, c.descents),
			pipelinetest.Input("instance/x", "instance", nil, c.instances)}
		err := Selection{Loss: ell(t), Times: []float64{c.time}}.Each(context.Background(), in,
			func(Student) error { return nil })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
	in := pipeline.Inputs{pipelinetest.Input("descent/x", "descent", "", descents)}
	if _, err := Descents(in, ell(t)); err == nil || !strings.Contains(err.Error(), "not readable") {
		t.Errorf("no parameters: %v", err)
	}
	if err := (Selection{Loss: ell(t), Times: []float64{0, 2}}).Validate(); err != nil {
		t.Error(err)
	}
	for _, times := range [][]float64{{-1}, {1, 1}, {math.NaN()}} {
		if (Selection{Loss: ell(t), Times: times}).Validate() == nil {
			t.Errorf("times %v are valid", times)
		}
	}
}

func TestLoad(t *testing.T) {
	type params struct {
		Starts    int       `param:"starts" default:"1"`
		Keep      []float64 `param:"keep" default:"0"`
		PerDecade int       `param:"per_decade" default:"12"`
	}
	kind := pipeline.Define(pipeline.Definition[params, struct{}]{Name: "descent"})
	few := pipeline.NewStage("descent/x", kind, params{1, []float64{0, 1, 2}, 12})
	many := pipeline.NewStage("descent/y", kind, params{5, nil, 12})
	block := pipeline.NewStage("instance", instance.Kind,
		instance.Params{N: 10, Alpha: 3, Seeds: pipeline.Range{First: 1, Last: 100}})
	for _, c := range []struct {
		in                   []*pipeline.Stage
		descents, kept, rows float64
	}{{nil, 1, 0, 0}, {[]*pipeline.Stage{few}, 1, 3, 0}, {[]*pipeline.Stage{few, block}, 1, 3, 100},
		{[]*pipeline.Stage{few, many, block}, 5, 3, 500}} {
		l := LoadOf(c.in)
		if l.Descents != c.descents || l.Kept != c.kept || l.Rows != c.rows || l.Rows > 0 &&
			!(l.Files > 80*l.Rows && l.Bytes > l.Files) {
			t.Errorf("%+v, want %+v", l, c)
		}
	}
}
