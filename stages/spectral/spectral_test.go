package spectral_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/internal/vector"
	"zerotohero/stages/loss"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/loss/losstest"
	_ "zerotohero/stages/loss/pseudohuber"
	"zerotohero/stages/spectral"
	_ "zerotohero/stages/spectral/averaged"
	_ "zerotohero/stages/spectral/inithessian"
	_ "zerotohero/stages/spectral/optimal"
)

func instances(t *testing.T, n int, alpha float64, first, last int64) []instance.Instance {
	t.Helper()
	return pipelinetest.Run[instance.Instance](t, instance.Kind,
		map[string]any{"N": int64(n), "alpha": alpha, "seeds": pipeline.Range{First: first, Last: last}})
}

// block is an input of instances.
func block(rows []instance.Instance) pipeline.Input {
	return pipelinetest.Input("instance/test", "instance", nil, rows)
}

func compute(t *testing.T, rows []instance.Instance, values map[string]any) []spectral.Row {
	t.Helper()
	return pipelinetest.Run[spectral.Row](t, spectral.Kind, values, block(rows))
}

// yOnly is the overlap² that physics.md 2 gives for weights that depend on y alone,
// without μ: at the root g of D(g) = α E[(y²−1)s/(1+gs)] + 1/g below the edge, found by
// bisection, with the trapezoidal rule over y. It is 0 if there is no outlier.
func yOnly(alpha float64, s func(y float64) float64, gMax float64) float64 {
	const h, end = 1e-3, 9
	moment := func(f func(y float64) float64) float64 {
		sum := 0.0
		for y := h / 2; y < end; y += h {
			sum += f(y) * math.Exp(-y*y/2)
		}
		return alpha * sum * h * math.Sqrt(2/math.Pi)
	}
	a := func(g float64) float64 {
		return moment(func(y float64) float64 { r := g * s(y) / (1 + g*s(y)); return r * r })
	}
	d := func(g float64) float64 {
		return 1/g + moment(func(y float64) float64 { return (y*y - 1) * s(y) / (1 + g*s(y)) })
	}
	root := func(f func(g float64) bool, hi float64) float64 {
		lo := 0.0
		for range 50 {
			if g := (lo + hi) / 2; f(g) {
				lo = g
			} else {
				hi = g
			}
		}
		return lo
	}
	edge := root(func(g float64) bool { return a(g) < 1 }, gMax)
	if d(edge) >= 0 {
		return 0
	}
	g := root(func(g float64) bool { return d(g) > 0 }, edge)
	b := moment(func(y float64) float64 { r := y * g * s(y) / (1 + g*s(y)); return r * r })
	return (1 - a(g)) / (1 - a(g) + b)
}

func meanQ2(rows []spectral.Row) (mean, se float64) {
	k := float64(len(rows))
	for _, r := range rows {
		mean += r.Q2 / k
	}
	for _, r := range rows {
		se += (r.Q2 - mean) * (r.Q2 - mean)
	}
	return mean, math.Sqrt(se / k / (k - 1))
}

// Overlaps against N → ∞, for ℓ_1. Over 16 instances, 5 standard errors are left
// with probability 2e-4 (Student's t of 15 degrees of freedom), 6e-4 in all; 5/N is for
// the difference between N = 256 and ∞.
func TestTheory(t *testing.T) {
	optimal := func(y float64) float64 { return 1/(y*y) - 1 }
	averaged := func(y float64) float64 { return (6 - 2*y*y) / (1 + y*y) }
	for _, c := range []struct {
		estimator string
		alpha     float64
		want      float64
	}{
		{"hessian", 3, 0.28381}, // physics.md 2a
		{"averaged", 3, yOnly(3, averaged, 0.5)},
		{"optimal", 1.5, yOnly(1.5, optimal, 1)},
	} {
		const n = 256
		mean, se := meanQ2(compute(t, instances(t, n, c.alpha, 1, 16), map[string]any{"estimator": c.estimator}))
		if math.Abs(mean-c.want) > 5*se+5./n {
			t.Errorf("%s, alpha %v: overlap² %.4f ± %.4f, want %.4f", c.estimator, c.alpha, mean, se, c.want)
		}
	}
	// On either side of the thresholds, 2 and 1/2: exact for both (physics.md 2b).
	for _, q := range []float64{yOnly(1.9, averaged, 0.5), yOnly(0.49, optimal, 1)} {
		if q != 0 {
			t.Errorf("the theory of this test has an outlier below the threshold, overlap² %v", q)
		}
	}
}

// Below the threshold of weak recovery, α = 1/2, the overlap² vanishes with N. Means over
// 24 instances must differ by 3 standard errors, which they do by about 6: failure
// probability 1e-3.
func TestBelowThreshold(t *testing.T) {
	at := func(n int) (mean, se float64) {
		return meanQ2(compute(t, instances(t, n, 0.3, 1, 24), map[string]any{"estimator": "optimal"}))
	}
	small, se1 := at(40)
	large, se2 := at(400)
	if small-large < 3*math.Hypot(se1, se2) {
		t.Errorf("overlap² %.4f ± %.4f at N = 40, %.4f ± %.4f at N = 400", small, se1, large, se2)
	}
}

// formed is an estimator's matrix without −μ, by definition, and μ. Of one on the tangent
// space at w, w itself is an eigenvector of an eigenvalue far above the others.
func formed(l loss.Loss, x []float32, labels, w []float64, weight func(y, yhat float64) float64,
	tangent bool) (a *mat.SymDense, mu float64) {
	n := len(w)
	root := math.Sqrt(float64(n))
	a = mat.NewSymDense(n, nil)
	for i, y := range labels {
		row := make([]float64, n)
		yhat := 0.0
		for j := range n {
			row[j] = float64(x[i*n+j])
			yhat += row[j] * w[j] / root
		}
		if tangent {
			mu += l.D1(y, yhat) * yhat / float64(n)
			// P x = x − ŷ w/√N.
			for j := range n {
				row[j] -= yhat * w[j] / root
			}
		}
		a.SymRankOne(a, weight(y, yhat)/float64(n), mat.NewVecDense(n, row))
	}
	if tangent {
		a.SymRankOne(a, 1e3, mat.NewVecDense(n, w))
	}
	return a, mu
}

// Each estimator against its matrix, formed by definition and decomposed by gonum: for
// optimal with the unbounded weights.
func TestBruteForce(t *testing.T) {
	const n, alpha = 30, 2.5
	l := losstest.New(t, "ell", losstest.Values{"a": 0.7})
	for _, inst := range instances(t, n, alpha, 1, 3) {
		x := instance.DrawX(inst.Seed, n, int(inst.M))
		w := make([]float64, n)
		random.New("start", inst.Seed, 0).Sphere(w)
		for _, c := range []struct {
			estimator string
			weight    func(y, yhat float64) float64
			// Residuals within 1e-6 of the gap allow vectors such an angle; the bound of
			// optimal's weights, 1e-4, some times that.
			tolerance float64
		}{
			{"hessian", l.D2, 2e-6},
			{"averaged", func(y, _ float64) float64 { return (6 - 2*y*y) / (0.7 + y*y) }, 2e-6},
			{"optimal", func(y, _ float64) float64 { return 1/(y*y) - 1 }, 2e-3},
		} {
			tangent := c.estimator == "hessian"
			a, mu := formed(l, x, inst.Y, w, c.weight, tangent)
			how := map[string]any{"estimator": c.estimator}
			if c.estimator != "optimal" {
				how["a"] = 0.7
			}
			var f mat.EigenSym
			if !f.Factorize(a, true) {
				t.Fatal("the reference failed")
			}
			var vectors mat.Dense
			f.VectorsTo(&vectors)
			values, v := f.Values(nil), mat.Col(nil, 0, &vectors)
			r := compute(t, []instance.Instance{inst}, how)[0]
			size := math.Abs(values[0]) + math.Abs(mu)
			if math.Abs(r.Lambda-(values[0]-mu)) > c.tolerance*size ||
				math.Abs(r.Gap-(values[1]-values[0])) > c.tolerance*size || math.Abs(r.Mu-mu) > 1e-12*size {
				t.Errorf("%s: λ = %v, gap %v, μ = %v; want %v, %v, %v",
					c.estimator, r.Lambda, r.Gap, r.Mu, values[0]-mu, values[1]-values[0], mu)
			}
			m, q := vector.Dot(v, inst.Signal)/math.Sqrt(n), vector.Dot(w, inst.Signal)/n
			want := m * m
			if tangent {
				want /= 1 - q*q
			}
			if 1-math.Abs(vector.Dot(v, r.Student))/math.Sqrt(n) > c.tolerance*c.tolerance+1e-14 ||
				math.Abs(r.Overlap-math.Abs(m)) > 2*c.tolerance || math.Abs(r.Q2-want) > 4*c.tolerance {
				t.Errorf("%s: product with the eigenvector %v, overlap %v, overlap² %v; want %v, %v",
					c.estimator, vector.Dot(v, r.Student)/math.Sqrt(n), r.Overlap, r.Q2, math.Abs(m), want)
			}
		}
	}
}

// What rows say, and that each is the same alone and in a block.
func TestRows(t *testing.T) {
	block := instances(t, 20, 2.99, 4, 6)
	values := map[string]any{"starts": int64(2), "loss": "pseudohuber", "a": 0.5}
	rows := compute(t, block, values)
	if len(rows) != 6 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, r := range rows {
		if r.Seed != int64(4+i/2) || r.Start != int64(i%2) || r.N != 20 || r.M != 60 || r.Alpha != 3 ||
			r.AlphaAsked != 2.99 || r.Estimator != "hessian" || r.Loss != "pseudohuber" || r.A != 0.5 {
			t.Errorf("row %d: %+v", i, r)
		}
		if alone := compute(t, block[i/2:i/2+1], values)[i%2]; !reflect.DeepEqual(alone, r) {
			t.Errorf("row %d differs alone and in a block", i)
		}
		w := make([]float64, 20)
		random.New("start", r.Seed, r.Start).Sphere(w)
		if along := vector.Dot(w, r.Student) / 20; math.Abs(along) > 1e-14 {
			t.Errorf("row %d is not orthogonal to the random point: %v", i, along)
		}
		if norm := vector.Dot(r.Student, r.Student) / 20; math.Abs(norm-1) > 1e-14 {
			t.Errorf("row %d: ‖w‖² is %v N", i, norm)
		}
		if lo, hi := slices.Min(r.Student), slices.Max(r.Student); hi < -lo {
			t.Errorf("row %d has the wrong sign", i)
		}
	}
	if reflect.DeepEqual(rows[0].Student, rows[1].Student) {
		t.Error("two starts give one student")
	}
	if r := compute(t, block, map[string]any{"estimator": "optimal"})[0]; r.Loss != "" || r.A != 0 || r.Mu != 0 {
		t.Errorf("optimal does not depend on the loss: %+v", r)
	}
}

func TestErrors(t *testing.T) {
	good := instances(t, 20, 3, 1, 1)
	edit := func(f func(*instance.Instance)) []instance.Instance {
		out := slices.Clone(good)
		f(&out[0])
		return out
	}
	for _, c := range []struct {
		want   string
		rows   []instance.Instance
		values map[string]any
	}{
		{`estimator: unknown estimator "best"; known are averaged (`, good, map[string]any{"estimator": "best"}},
		{"starts: is a parameter of estimator hessian, and estimator is optimal here",
			good, map[string]any{"estimator": "optimal", "starts": int64(2)}},
		{"starts: 0", good, map[string]any{"starts": int64(0)}},
		{"steps: 0", good, map[string]any{"steps": int64(0)}},
		{"a: is a parameter of estimator averaged, hessian", good, map[string]any{"estimator": "optimal", "a": 1.0}},
		{"loss:", good, map[string]any{"loss": "none"}},
		{"seed 1, start 0: lanczos: 2 eigenpairs have not converged after 3 steps",
			good, map[string]any{"steps": int64(3)}},
		{"fingerprint", edit(func(i *instance.Instance) { i.Fingerprint = "00" }), nil},
		{"the signal has 19 components", edit(func(i *instance.Instance) { i.Signal = i.Signal[1:] }), nil},
		{"the weight of measurement 0",
			edit(func(i *instance.Instance) { i.Y = append([]float64{math.NaN()}, i.Y[1:]...) }), nil},
	} {
		if _, err := pipelinetest.Compute(t.Context(), spectral.Kind, c.values, block(c.rows)); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
}

// The bits on which descents from these starts rest.
func TestGolden(t *testing.T) {
	block := instances(t, 32, 2, 1, 1)
	for estimator, want := range map[string]float64{
		"hessian": 0x1.57392873adc85p+01, "averaged": 0x1.2bd5ca72fe5a4p-01, "optimal": 0x1.43ed5ee6b0995p+00,
	} {
		if r := compute(t, block, map[string]any{"estimator": estimator})[0]; r.Student[0] != want {
			t.Errorf("%s: first component %x", estimator, r.Student[0])
		}
	}
}
