package hessian

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/students"
)

const testN, testM = 12, 30

// sample makes instances, and descents that took two starts on each and kept
// students at times 0 and 2 before they ended at 5.
func sample(t *testing.T, seeds ...int64) (instances []instance.Instance, descents []students.Descent) {
	t.Helper()
	l := ell(t, 1)
	for _, seed := range seeds {
		x, y, _, signal := problem(seed, testN, testM)
		instances = append(instances, instance.Instance{
			Seed: seed, N: testN, M: testM, Alpha: 2.5, Signal: signal, Y: y,
			Fingerprint: instance.Fingerprint(x, testN),
		})
		for start := range int64(2) {
			w := make([][]float64, 3)
			for k := range w {
				w[k] = make([]float64, testN)
				random.New("hessian test path", 10*seed+start, int64(k)).Sphere(w[k])
			}
			descents = append(descents, students.Descent{
				Seed: seed, Start: start, N: testN, M: testM, Alpha: 2.5, AlphaAsked: 2.48, Loss: "ell", A: 1, T: 5,
				Energy: mean(l.Value, y, activations(x, w[2]), testN), Student: w[2],
				Kept: []students.Kept{{T: 0, Student: w[0]}, {T: 2, Student: w[1]}, {T: 5, Student: w[2]}},
			})
		}
	}
	return instances, descents
}

func TestRun(t *testing.T) {
	instances, descents := sample(t, 4, 7)
	p := pipelinetest.Resolve[Params](t, Kind, map[string]any{"times": []any{0.0, 2.0, 9.0}})
	rows := pipelinetest.Run[Row](t, Kind, p, pipelinetest.Input("descent/x", "descent", nil, descents),
		pipelinetest.Input("instance/x", "instance", nil, instances))
	if len(rows) != 2*2*3 {
		t.Fatalf("%d rows", len(rows))
	}
	l := ell(t, 1)
	for i, r := range rows {
		d, k := descents[i/3], i%3
		w := d.Kept[k].Student
		inst := instances[i/6]
		if r.Seed != d.Seed || r.Start != d.Start || r.T != p.Times[k] || r.Reached != []float64{0, 2, 5}[k] ||
			r.N != testN || r.M != testM || r.AlphaAsked != 2.48 {
			t.Errorf("row %d: %+v", i, r)
		}
		s := must(t, instance.DrawX(d.Seed, testN, testM), inst.Y, w, l, 8)
		m := 0.0
		for j := range w {
			m += w[j] * inst.Signal[j] / testN
		}
		if math.Abs(r.Overlap-math.Abs(m)) > 1e-14 || r.Energy != s.Energy || r.Mu != s.Mu ||
			!slices.Equal(r.Eigenvalues, s.Eigenvalues) {
			t.Errorf("row %d: %+v", i, r)
		}
		if len(r.Lowest) != 8 || r.Lowest[0].Lambda != s.Eigenvalues[0] ||
			r.Lowest[0].Overlap != Overlap(s.Lowest[0].Vector, w, inst.Signal) {
			t.Errorf("row %d: lowest %+v", i, r.Lowest)
		}
	}
	// Cut into other inputs in another order, the rows are the same.
	slices.Reverse(descents)
	again := pipelinetest.Run[Row](t, Kind, p, pipelinetest.Input("instance/b", "instance", nil, instances[1:]),
		pipelinetest.Input("descent/a", "descent", nil, descents[1:]),
		pipelinetest.Input("instance/a", "instance", nil, instances[:1]),
		pipelinetest.Input("descent/b", "descent", nil, descents[:1]))
	if !reflect.DeepEqual(again, rows) {
		t.Error("rows depend on the order of the inputs")
	}
}

// Package students finds what is wrong with inputs.
func TestErrors(t *testing.T) {
	instances, descents := sample(t, 4)
	null := slices.Clone(instances)
	null[0].Y = slices.Clone(null[0].Y)
	null[0].Y[3] += 1
	_, err := pipelinetest.Compute(t.Context(), Kind, nil, pipelinetest.Input("descent/x", "descent", nil, descents),
		pipelinetest.Input("instance/x", "instance", nil, null))
	if err == nil || !strings.Contains(err.Error(), "descent/x: descent of seed 4, start 0 ended at L/N") {
		t.Errorf("labels of another instance: %v", err)
	}
	for _, v := range []map[string]any{
		{"loss": "none"}, {"a": -1.0}, {"times": []any{-1.0}}, {"times": []any{1.0, 1.0}},
	} {
		if _, err := Kind.Resolve(v); err == nil {
			t.Errorf("%v is valid", v)
		}
	}
}

// Starts of the descents and the size of the instances enter the estimate.
func TestCost(t *testing.T) {
	type descentParams struct {
		Starts int `param:"starts" default:"1"`
	}
	descentKind := pipeline.Define(pipeline.Definition[descentParams, struct{}]{Name: "descent"})
	at := func(n, starts int) pipeline.Cost {
		inst := pipeline.NewStage("instance/x",
			instance.Kind, instance.Params{N: n, Alpha: 3, Seeds: pipeline.Range{First: 1, Last: 10}})
		desc := pipeline.NewStage("descent/x", descentKind, descentParams{starts}, inst)
		return pipeline.NewStage("hessian/x", Kind, pipelinetest.Resolve[Params](t, Kind, nil), desc, inst).Cost()
	}
	one, big, many := at(500, 1), at(1000, 1), at(1000, 5)
	if r := big.Seconds / one.Seconds; r < 4 || r > 8 || big.Bytes <= one.Bytes {
		t.Errorf("twice the N costs %v times as long, %d and %d bytes", r, one.Bytes, big.Bytes)
	}
	if r := many.Seconds / big.Seconds; r < 3 || r > 5 {
		t.Errorf("five starts cost %v times as long", r)
	}
}

// BenchmarkAt times a whole spectrum with the lowest 8 pairs, and the part of it
// that forms the matrix, at α = 3.
func BenchmarkAt(b *testing.B) {
	l := ell(b, 1)
	for _, n := range []int{256, 512, 1000} {
		x, y, w, _ := problem(1, n, 3*n)
		b.Run(fmt.Sprintf("form/N=%d", n), func(b *testing.B) {
			for b.Loop() {
				h, err := newTangent(w)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := h.hessian(x, y, l, new(Spectrum)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("all/N=%d", n), func(b *testing.B) {
			for b.Loop() {
				must(b, x, y, w, l, lowest)
			}
		})
	}
}
