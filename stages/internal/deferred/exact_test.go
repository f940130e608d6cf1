package deferred_test

import (
	"fmt"
	"math"
	"testing"

	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	_ "zerotohero/stages/descent/flow"
	_ "zerotohero/stages/descent/gd"
	"zerotohero/stages/internal/deferred"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/loss"
)

// descend follows one descent with ℓ_1 on a matrix.
func descend(t testing.TB, x *deferred.Matrix, values map[string]any) *descent.Trajectory {
	t.Helper()
	p := pipelinetest.Resolve[descent.Params](t, descent.Kind, values)
	problem := descent.NewDeferredProblem(x, descenttest.Ell(t, 1), p.Budget)
	all, err := descent.Follow(t.Context(), p, p.Method.New, problem, []descent.Start{{Fill: x.Start}})
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func newMatrix(t testing.TB, p deferred.Params) *deferred.Matrix {
	t.Helper()
	x, err := deferred.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func dot(v, w []float64) float64 {
	sum := 0.0
	for i := range v {
		sum += v[i] * w[i]
	}
	return sum
}

func axpy(a float64, v, w []float64) {
	for i := range v {
		w[i] += a * v[i]
	}
}

// orthonormal is count random orthonormal vectors of n components.
func orthonormal(n, count int) [][]float64 {
	v := make([][]float64, count)
	for k := range v {
		v[k] = make([]float64, n)
		random.New("orthonormal", int64(n), int64(k)).Sphere(v[k])
		for range 2 {
			for _, u := range v[:k] {
				axpy(-dot(u, v[k]), u, v[k])
			}
		}
		scale := 1 / math.Sqrt(dot(v[k], v[k]))
		for i := range v[k] {
			v[k][i] *= scale
		}
	}
	return v
}

// complete is X as a whole, rows of N: Σ_j a_j v_jᵀ + (I − UUᵀ) Z (I − VVᵀ) with Z standard
// normal.
func complete(images, left, v [][]float64) [][]float64 {
	n, m := len(v[0]), len(images[0])
	z := make([][]float64, n) // columns
	for j := range z {
		z[j] = make([]float64, m)
		source := random.New("completion", 1, int64(j))
		for i := range z[j] {
			z[j][i] = source.Normal()
		}
		for range 2 {
			for _, u := range left {
				axpy(-dot(u, z[j]), u, z[j])
			}
		}
	}
	x := make([][]float64, m)
	for i := range x {
		x[i] = make([]float64, n)
		for j := range z {
			x[i][j] = z[j][i]
		}
		for _, v := range v[:len(images)] {
			axpy(-dot(v, x[i]), v, x[i])
		}
		for j, a := range images {
			axpy(a[i], v[j], x[i])
		}
	}
	return x
}

// dense is a problem whose X is of float64.
type dense struct {
	x         [][]float64 // rows
	y, signal []float64
	loss      loss.Loss
}

// evaluate is physics.md 1, and H d for a direction d.
func (p dense) evaluate(e *descent.Evaluation) {
	n := float64(e.N)
	at := e.W
	if e.Request == descent.Curvature {
		at = e.State.W
	}
	e.Energy, e.Mu = 0, 0
	clear(e.G)
	for i, x := range p.x {
		yhat := dot(x, at) / math.Sqrt(n)
		e.Energy += p.loss.Value(p.y[i], yhat) / n
		e.Mu += p.loss.D1(p.y[i], yhat) * yhat / n
		if e.Request == descent.Curvature {
			axpy(p.loss.D2(p.y[i], yhat)*dot(x, e.W)/n, x, e.G)
		} else {
			axpy(p.loss.D1(p.y[i], yhat)/math.Sqrt(n), x, e.G)
		}
	}
	axpy(-e.Mu, e.W, e.G)
	if e.Request == descent.Curvature {
		axpy(-dot(e.G, at)/n, at, e.G)
	}
	e.Overlap, e.Gradient = math.Abs(dot(e.W, p.signal))/n, dot(e.G, e.G)/n
}

// states follows a method from w through a number of states.
func (p dense) states(m descent.Method, w []float64, count int) (states []descent.Record, student []float64) {
	at, next := descent.NewEvaluation(len(w)), descent.NewEvaluation(len(w))
	copy(at.W, w)
	p.evaluate(at)
	states = append(states, descent.Record{Energy: at.Energy, Overlap: at.Overlap, Gradient: at.Gradient})
	for m.Start(at, 0); len(states) < count; {
		next.Request, next.State = m.Ask(next.W), at
		p.evaluate(next)
		if t, reached := m.Tell(next); reached {
			at, next = next, at
			states = append(states, descent.Record{T: t, Energy: at.Energy, Overlap: at.Overlap, Gradient: at.Gradient})
		}
	}
	return states, at.W
}

// What has been drawn of X, with any directions for its basis and the rest of X drawn
// afresh, is a matrix on which the same descent, by way of all of X, takes the same course.
// Rounding, 1e-15, grows with the Lyapunov exponents, a factor of 1e4 within these times at
// most.
func TestSameAsDense(t *testing.T) {
	for _, c := range []struct {
		method  string
		n, m    int
		null    bool
		budget  int64
		spanned int // directions at the end
	}{
		{"gd", 48, 144, false, 40, 42},
		{"gd", 48, 144, true, 40, 42},
		{"gd", 48, 144, false, 80, 48}, // all of R^N
		{"flow", 48, 144, false, 40, 42},
		{"flow", 48, 144, true, 40, 42},
		{"flow", 48, 144, false, 80, 48},
		{"flow", 48, 144, true, 80, 48},
		{"gd", 48, 20, false, 60, 22}, // all of R^M
		{"flow", 48, 20, true, 60, 22},
		{"gd", 300, 2200, false, 40, 42}, // blocks of rows
		{"flow", 2, 5, false, 20, 2},
		{"gd", 3, 5, false, 20, 3},
	} {
		t.Run(fmt.Sprintf("%s/N=%d/M=%d/null=%v/%d", c.method, c.n, c.m, c.null, c.budget), func(t *testing.T) {
			x := newMatrix(t, deferred.Params{N: c.n, M: c.m, Seed: 3, Null: c.null, Wide: true})
			values := map[string]any{"method": c.method, "budget": c.budget, "per_decade": int64(1000), "floor": 0.0}
			got := descend(t, x, values)
			images, left := x.Known()
			if len(images) != c.spanned || len(left) != c.spanned-2 {
				t.Errorf("%d directions and %d vectors on the left, want %d directions", len(images), len(left), c.spanned)
			}
			v := orthonormal(c.n, c.n)
			p := dense{complete(images, left, v), x.Labels(), make([]float64, c.n), descenttest.Ell(t, 1)}
			axpy(math.Sqrt(float64(c.n)), v[0], p.signal)
			for i, row := range p.x {
				if y := dot(row, v[0]); !c.null && math.Abs(y-p.y[i]) > 1e-13 {
					t.Fatalf("label %d is %v, and %v on all of X", i, p.y[i], y)
				}
			}
			m, err := pipelinetest.Resolve[descent.Params](t, descent.Kind, values).Method.New()
			if err != nil {
				t.Fatal(err)
			}
			start := make([]float64, len(got.At.W))
			x.Start(start)
			states, w := p.states(m, combine(start, v), int(got.Steps)+1)
			compare(t, got.Trace, states)
			if off := descenttest.Distance(combine(got.At.W, v), w); !(off < 1e-9) {
				t.Errorf("the last student is off by %v", off)
			}
		})
	}
}

// combine is the vector with these components along the v.
func combine(components []float64, v [][]float64) []float64 {
	w := make([]float64, len(v))
	for j, c := range components {
		axpy(c, v[j], w)
	}
	return w
}

func compare(t *testing.T, got, want []descent.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d states, want %d", len(got), len(want))
	}
	near := func(what string, i int, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 1e-9*(1+math.Abs(want))) {
			t.Fatalf("state %d: %s = %v, on all of X %v", i, what, got, want)
		}
	}
	for i, r := range got {
		near("t", i, r.T, want[i].T)
		near("energy", i, r.Energy, want[i].Energy)
		near("overlap", i, r.Overlap, want[i].Overlap)
		near("‖G‖²/N", i, r.Gradient, want[i].Gradient)
	}
}
