package landscape

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	descents "zerotohero/stages/descent"
	_ "zerotohero/stages/descent/flow"
	"zerotohero/stages/hessian"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/internal/vector"
	"zerotohero/stages/loss"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/loss/losstest"
	"zerotohero/stages/outcome"
	"zerotohero/stages/students"
)

func instances(t *testing.T, n int, alpha float64, first, last int64) []instance.Instance {
	t.Helper()
	return pipelinetest.Run[instance.Instance](t, instance.Kind,
		map[string]any{"N": int64(n), "alpha": alpha, "seeds": pipeline.Range{First: first, Last: last}})
}

func one(t *testing.T) loss.Loss {
	t.Helper()
	l := losstest.New(t, "ell", losstest.Values{"a": 1.0})
	return l
}

// energy is L/N of any w, by definition.
func energy(l loss.Loss, x []float32, y, w []float64) float64 {
	sum := 0.0
	for i, label := range y {
		h := 0.0
		for j, v := range w {
			h += float64(x[i*len(w)+j]) * v
		}
		sum += l.Value(label, h/math.Sqrt(float64(len(w))))
	}
	return sum / float64(len(w))
}

// sample makes an instance, and a descent on it that kept students at times 0 and 2, the
// second at a negative product with the signal, before it ended at 5.
func sample(t *testing.T, seed int64) (instance.Instance, students.Descent) {
	t.Helper()
	const n = 14
	inst := instances(t, n, 3, seed, seed)[0]
	w := make([][]float64, 3)
	for k := range w {
		w[k] = make([]float64, n)
		random.New("landscape test", seed, int64(k)).Sphere(w[k])
		if product := vector.Dot(w[k], inst.Signal); (product < 0) != (k == 1) {
			vector.Scale(-1, w[k])
		}
	}
	x := instance.DrawX(seed, n, int(inst.M))
	return inst, students.Descent{
		Seed: seed, N: n, M: inst.M, Alpha: 3, AlphaAsked: 2.99, Loss: "ell", A: 1, From: "random", T: 5,
		Energy: energy(one(t), x, inst.Y, w[2]), Student: w[2],
		Kept: []students.Kept{{T: 0, Student: w[0]}, {T: 2, Student: w[1]}, {T: 5, Student: w[2]}},
	}
}

// Circles against their definition: points formed in R^N, the softest direction and its
// eigenvalue from the dense spectrum of package hessian.
func TestCircles(t *testing.T) {
	inst, d := sample(t, 3)
	const n = 14
	l, x := one(t), instance.DrawX(3, n, int(inst.M))
	rows := pipelinetest.Run[Row](t, Kind,
		map[string]any{"times": []any{0.0, 2.0, 9.0}, "points": int64(7), "angle": math.Pi},
		pipelinetest.Input("descent/x", "descent", nil, []students.Descent{d}),
		pipelinetest.Input("instance/x", "instance", nil, []instance.Instance{inst}))
	if len(rows) != 6 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, r := range rows {
		k := i / 2
		w := d.Kept[k].Student
		if r.Seed != 3 || r.N != n || r.M != 42 || r.AlphaAsked != 2.99 || r.From != "random" ||
			r.T != []float64{0, 2, 9}[k] || r.Reached != []float64{0, 2, 5}[k] ||
			r.Direction != []string{toSoftest, toSignal}[i%2] {
			t.Errorf("row %d: %+v", i, r)
		}
		target := slices.Clone(inst.Signal)
		if k == 1 {
			vector.Scale(-1, target)
		}
		m := vector.Dot(w, target) / n
		toward := slices.Clone(target)
		vector.AddScaled(toward, -m, w)
		v, q2 := slices.Clone(toward), 1.0
		if r.Direction == toSoftest {
			v, q2 = softest(t, i, r, x, inst, w)
			if vector.Dot(v, toward) < 0 {
				vector.Scale(-1, v)
			}
		}
		if math.Abs(r.Q2-q2) > 1e-5 || math.Abs(r.Overlap-m) > 1e-14 {
			t.Errorf("row %d: overlaps %v, %v, want %v, %v", i, r.Q2, r.Overlap, q2, m)
		}
		vector.Scale(math.Sqrt(n/vector.Dot(v, v)), v)
		at := func(theta float64) (e, overlap float64) {
			u := make([]float64, n)
			vector.AddScaled(u, math.Cos(theta), w)
			vector.AddScaled(u, math.Sin(theta), v)
			return energy(l, x, inst.Y, u), math.Abs(vector.Dot(u, target)) / n
		}
		if len(r.Angles) != 15 || r.Angles[7] != 0 || math.Abs(r.Angles[14]-math.Pi) > 1e-15 {
			t.Errorf("row %d: angles %v", i, r.Angles)
		}
		for j, theta := range r.Angles {
			// A direction off by 1e-6 moves the energy by as much of its size.
			if e, overlap := at(theta); math.Abs(r.Energies[j]-e) > 1e-5*(1+e) ||
				math.Abs(r.Overlaps[j]-overlap) > 1e-5 {
				t.Errorf("row %d, angle %v: L/N = %v, overlap %v; want %v, %v",
					i, theta, r.Energies[j], r.Overlaps[j], e, overlap)
			}
		}
		checkDerivatives(t, i, r, func(theta float64) float64 { e, _ := at(theta); return e })
		if r.Direction == toSignal {
			checkMeetsSignal(t, i, r, inst, d, m)
		}
	}
}

// checkMeetsSignal wants the circle of row i towards the signal to meet it, where the
// energy vanishes; m is the overlap of the student.
func checkMeetsSignal(t *testing.T, i int, r Row, inst instance.Instance, d students.Descent, m float64) {
	t.Helper()
	single := pipelinetest.Run[Row](t, Kind,
		map[string]any{"times": []any{r.T}, "points": int64(1), "angle": math.Acos(m)},
		pipelinetest.Input("descent/x", "descent", nil, []students.Descent{d}),
		pipelinetest.Input("instance/x", "instance", nil, []instance.Instance{inst}))[1]
	if single.Energies[2] > 1e-20 || math.Abs(single.Overlaps[2]-1) > 1e-14 {
		t.Errorf("row %d: at the signal L/N = %v, overlap %v", i, single.Energies[2], single.Overlaps[2])
	}
}

// softest is the direction and its overlap by package hessian, with whose eigenvalue the
// curvature of row i is compared.
func softest(t *testing.T, i int, r Row, x []float32, inst instance.Instance, w []float64) (v []float64, q2 float64) {
	t.Helper()
	spectrum, err := hessian.At(x, inst.Y, w, one(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	pair := spectrum.Lowest[0]
	// The eigenvalue's error is that of the vector, 1e-6, squared, times the spectrum's width.
	if math.Abs(r.Curvature-pair.Lambda) > 1e-9 {
		t.Errorf("row %d: curvature %v, lowest eigenvalue %v", i, r.Curvature, pair.Lambda)
	}
	return pair.Vector, hessian.Overlap(pair.Vector, w, inst.Signal)
}

// checkDerivatives compares the slope and the curvature of row i with differences of the
// energy along its circle.
func checkDerivatives(t *testing.T, i int, r Row, energy func(theta float64) float64) {
	t.Helper()
	// Central differences are off by h²/6 = 2e-7 of the third derivative and h²/12 of the
	// fourth, which are some hundreds here, and by 1e-16/h² = 1e-10 of the energy.
	const h = 1e-3
	plus, zero, minus := energy(h), energy(0), energy(-h)
	if slope := (plus - minus) / (2 * h); math.Abs(r.Slope-slope) > 1e-3 {
		t.Errorf("row %d: slope %v, differences give %v", i, r.Slope, slope)
	}
	if second := (plus - 2*zero + minus) / (h * h); math.Abs(r.Curvature-second) > 1e-3 {
		t.Errorf("row %d: curvature %v, differences give %v", i, r.Curvature, second)
	}
}

// At the signal itself no direction leads there; all energies but that are positive.
func TestAtSignal(t *testing.T) {
	inst, d := sample(t, 5)
	d.Student, d.Kept, d.Energy, d.T = slices.Clone(inst.Signal), nil, 0, 0
	vector.Scale(-1, d.Student)
	rows := pipelinetest.Run[Row](t, Kind, nil, pipelinetest.Input("descent/x", "descent", nil, []students.Descent{d}),
		pipelinetest.Input("instance/x", "instance", nil, []instance.Instance{inst}))
	if len(rows) != 1 || rows[0].Direction != toSoftest || !math.IsNaN(rows[0].Q2) || rows[0].Curvature <= 0 ||
		rows[0].Energies[45] > 1e-20 {
		t.Fatalf("%+v", rows)
	}
}

// Cosines and sines against the library's; each point may add two roundings.
func TestCircle(t *testing.T) {
	for _, reach := range []float64{1e-3, 0.5, math.Pi / 2, 3, math.Pi} {
		for _, points := range []int{1, 2, 45, 1000} {
			c := newCircle(reach, points)
			for k, theta := range c.angle {
				if tol := 4e-16 * float64(points+8); math.Abs(c.cos[k]-math.Cos(theta)) > tol ||
					math.Abs(c.sin[k]-math.Sin(theta)) > tol {
					t.Errorf("%v: %v, %v", theta, c.cos[k], c.sin[k])
				}
			}
			if math.Abs(c.angle[2*points]-reach) > 1e-15*reach || c.angle[0] != -c.angle[2*points] {
				t.Errorf("angles from %v to %v, want ±%v", c.angle[0], c.angle[2*points], reach)
			}
		}
	}
}

// At the start the softest direction knows the signal, by q² = 0.24 at α = 2.7 for ℓ_1
// and N → ∞ (physics.md 2); in the traps where descents end it has forgotten. Of 24
// instances at N = 128 about 13 trap, whose means are 0.26 ± 0.05 at the start and
// 0.02 ± 0.01 at the end: with probability below 1e-3 the second is above half the first.
func TestForgetting(t *testing.T) {
	block := instances(t, 128, 2.7, 1, 24)
	in := pipelinetest.Input("instance/x", "instance", nil, block)
	ran := pipelinetest.Run[descents.Descent](t, descents.Kind, map[string]any{"method": "flow"}, in)
	trapped := slices.DeleteFunc(ran, func(d descents.Descent) bool { return d.Outcome != outcome.Trapped })
	rows := pipelinetest.Run[Row](t, Kind, map[string]any{"times": []any{0.0, 1e9}, "points": int64(1)}, in,
		pipelinetest.Input("descent/x", "descent", nil, trapped))
	var first, last float64
	for _, r := range rows {
		switch {
		case r.Direction == toSoftest && r.T == 0:
			first += r.Q2 / float64(len(trapped))
			if r.Curvature >= 0 {
				t.Errorf("seed %d: lowest curvature %v at the start", r.Seed, r.Curvature)
			}
		case r.Direction == toSoftest:
			last += r.Q2 / float64(len(trapped))
			if r.Curvature < -1e-3 || math.Abs(r.Slope) > 1e-4 {
				t.Errorf("seed %d: slope %v and lowest curvature %v in a trap", r.Seed, r.Slope, r.Curvature)
			}
		}
	}
	if last > first/2 {
		t.Errorf("%d trapped, overlap² %.3f at the start, %.3f at the end", len(trapped), first, last)
	}
}

func TestRun(t *testing.T) {
	var block []instance.Instance
	var list []students.Descent
	for seed := range int64(3) {
		inst, d := sample(t, 20+seed)
		other := d
		other.Start = 1
		block, list = append(block, inst), append(list, d, other)
	}
	whole := pipelinetest.Run[Row](t, Kind, nil, pipelinetest.Input("descent/x", "descent", nil, list),
		pipelinetest.Input("instance/x", "instance", nil, block))
	slices.Reverse(list)
	again := pipelinetest.Run[Row](t, Kind, nil, pipelinetest.Input("instance/b", "instance", nil, block[1:]),
		pipelinetest.Input("descent/b", "descent", nil, list[:2]),
		pipelinetest.Input("descent/a", "descent", nil, list[2:]),
		pipelinetest.Input("instance/a", "instance", nil, block[:1]))
	if len(whole) != 12 || !reflect.DeepEqual(whole, again) {
		t.Error("rows depend on the order of the inputs")
	}
}

// Package students finds what is wrong with inputs.
func TestErrors(t *testing.T) {
	inst, d := sample(t, 4)
	null := inst
	null.Y = slices.Clone(inst.Y)
	null.Y[3]++
	_, err := pipelinetest.Compute(t.Context(), Kind, nil,
		pipelinetest.Input("descent/x", "descent", nil, []students.Descent{d}),
		pipelinetest.Input("instance/x", "instance", nil, []instance.Instance{null}))
	if err == nil || !strings.Contains(err.Error(), "descent/x: descent of seed 4, start 0 ended at L/N") {
		t.Errorf("labels of another instance: %v", err)
	}
	for _, v := range []map[string]any{
		{"loss": "none"}, {"a": -1.0}, {"times": []any{-1.0}}, {"times": []any{1.0, 1.0}},
		{"angle": 0.0}, {"angle": 4.0}, {"points": int64(0)},
	} {
		if _, err := Kind.Resolve(v); err == nil {
			t.Errorf("%v is valid", v)
		}
	}
}
