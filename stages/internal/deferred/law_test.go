package deferred_test

import (
	"flag"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	"zerotohero/stages/internal/deferred"
	"zerotohero/stages/outcome"
)

var descents = flag.Int("descents", 120, "`number` of descents for each rate of recovery")

// Once all directions are there, X in their basis is standard normal, whatever they are of,
// a descent here and more when that has ended: Tr XᵀX and Tr (XᵀX)² have the means MN and
// MN(M+N+1), within 5 standard errors of what is seen over matrices, failure probability
// 2e-6 in all.
func TestLaw(t *testing.T) {
	const n, m, matrices = 20, 50, 400
	var mean, square [2]float64
	for seed := range int64(matrices) {
		x := newMatrix(t, deferred.Params{N: n, M: m, Seed: seed, Null: seed%2 == 1, Wide: seed%4 > 1})
		last := descend(t, x, map[string]any{"method": "gd", "budget": int64(n)}).At.W
		for range n {
			err := x.Sweep([][]float64{last}, func(first int, h [][]float64) {
				for i := range h[0] {
					h[0][i] = float64((first + i) % 7)
				}
				h[0][int(seed)%m] = 0
				seed++
			}, make([]float64, n))
			if err != nil {
				t.Fatal(err)
			}
		}
		images, _ := x.Known()
		if len(images) != n {
			t.Fatalf("seed %d: %d directions", seed, len(images))
		}
		var trace [2]float64
		for _, a := range images {
			trace[0] += dot(a, a)
			for _, b := range images {
				trace[1] += dot(a, b) * dot(a, b)
			}
		}
		for i, v := range trace {
			mean[i] += v / matrices
			square[i] += v * v / matrices
		}
	}
	for i, want := range []float64{m * n, m * n * (m + n + 1)} {
		off := math.Sqrt((square[i] - mean[i]*mean[i]) / matrices)
		if math.Abs(mean[i]-want) > 5*off {
			t.Errorf("Tr (XᵀX)^%d has mean %v ± %v, want %v", i+1, mean[i], off, want)
		}
	}
}

// Starts are uniform on the sphere: N m² has mean 1, and labels are standard normal.
func TestStartAndLabels(t *testing.T) {
	const n, matrices = 30, 2000
	for _, null := range []bool{false, true} {
		overlap, labels, cross := 0.0, 0.0, 0.0
		for seed := range int64(matrices) {
			x := newMatrix(t, deferred.Params{N: n, M: 10, Seed: seed, Null: null})
			w := make([]float64, n)
			x.Start(w)
			if norm := dot(w, w); math.Abs(norm-n) > 1e-12*n {
				t.Fatalf("‖w‖² = %v", norm)
			}
			images, _ := x.Known()
			overlap += w[0] * w[0] / matrices
			labels += dot(x.Labels(), x.Labels()) / matrices
			cross += dot(x.Labels(), images[0]) / matrices
		}
		// 5 standard deviations; the variances are 2(1−3/(N+2))·…< 2, 20 and 10.
		if math.Abs(overlap-1) > 5*math.Sqrt(2./matrices) || math.Abs(labels-10) > 5*math.Sqrt(20./matrices) {
			t.Errorf("null %v: N m² has mean %v, ‖y‖² %v", null, overlap, labels)
		}
		if want := map[bool]float64{false: 10, true: 0}[null]; math.Abs(cross-want) > 5*math.Sqrt(20./matrices) {
			t.Errorf("null %v: y·Xw*/√N has mean %v, want %v", null, cross, want)
		}
	}
}

// Rates of recovery are those of 1000 dense matrices each (physics.md 3), within 4 standard
// deviations of both numbers, failure probability 4e-4 in all.
func TestRecoveryRate(t *testing.T) {
	for _, c := range []struct {
		n           int
		alpha, want float64
	}{{128, 2.5, 0.23}, {128, 3, 0.58}, {128, 4, 0.90}, {256, 2.5, 0.138}, {256, 3, 0.504}, {256, 3.5, 0.795}} {
		count := float64(*descents)
		recovered := 0.0
		for seed := range int64(*descents) {
			x := newMatrix(t, deferred.Params{N: c.n, M: int(c.alpha * float64(c.n)), Seed: seed})
			tr := descend(t, x, map[string]any{"method": "flow"})
			switch tr.Outcome {
			case outcome.Recovered:
				recovered += 1 / count
			case outcome.Trapped:
			default:
				t.Errorf("N %v, alpha %v, seed %d: %s after t = %v", c.n, c.alpha, seed, tr.Outcome, tr.T)
			}
		}
		off := math.Sqrt(c.want * (1 - c.want) * (1/count + 1./1000))
		t.Logf("N %v, alpha %v: %.4f of %v recover, %v of dense ones; standard error %.4f", c.n, c.alpha, recovered, count,
			c.want, off)
		if math.Abs(recovered-c.want) > 4*off {
			t.Errorf("N %v, alpha %v: %.4f of %v recover, want %v", c.n, c.alpha, recovered, count, c.want)
		}
	}
}

// The outlier of the Hessian at a random start, its overlap with the signal, and the edge
// of the bulk, by Lanczos' method from the signal on, against the anchors of physics.md 2a.
// Sums over M labels scatter like N^(−1/2), and with them all three by a few times that; the
// second Ritz value is above the edge by about (π/2T)² times the width of the spectrum, 60.
func TestOutlierAtStart(t *testing.T) {
	n, steps := 100_000, 110
	if testing.Short() {
		n = 20_000
	}
	x := newMatrix(t, deferred.Params{N: n, M: 3 * n, Seed: 1})
	h, q := lanczos(t, x, steps)
	var eigen mat.EigenSym
	if !eigen.Factorize(h, true) {
		t.Fatal("no eigenvalues")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	overlap := 0.0
	for j := range steps {
		overlap += vectors.At(j, 0) * q[j][0]
	}
	outlier, edge, q2 := eigen.Values(nil)[0], eigen.Values(nil)[1], overlap*overlap
	t.Logf("λ* = %.5f, λ₋ = %.5f, q² = %.5f", outlier, edge, q2)
	scatter := 8 / math.Sqrt(float64(n))
	for _, c := range []struct {
		name              string
		got, want, excess float64
	}{
		{"λ*", outlier, -11.24834, 0},
		{"q²", q2, 0.28381, 0},
		{"λ₋", edge, -11.10621, 0.012},
	} {
		if c.got < c.want-scatter || c.got > c.want+scatter+c.excess {
			t.Errorf("%s = %.5f, theory %v", c.name, c.got, c.want)
		}
	}
}

// lanczos takes a number of steps with the Hessian at the start: the tridiagonal matrix,
// and the vectors of its basis, the first of them along the signal.
func lanczos(t *testing.T, x *deferred.Matrix, steps int) (h *mat.SymDense, q [][]float64) {
	t.Helper()
	problem := descent.NewDeferredProblem(x, descenttest.Ell(t, 1), steps+1)
	evaluation := func() *descent.Evaluation {
		return &descent.Evaluation{N: x.N(), W: make([]float64, steps+3), G: make([]float64, steps+3)}
	}
	at, d := evaluation(), evaluation()
	x.Start(at.W)
	if err := problem.Evaluate(at); err != nil {
		t.Fatal(err)
	}
	d.Request, d.State = descent.Curvature, at
	next := func(v []float64) float64 { // adds what is new of it
		for range 2 {
			axpy(-dot(v, at.W)/float64(x.N()), at.W, v)
			for _, u := range q {
				axpy(-dot(u, v), u, v)
			}
		}
		norm, u := math.Sqrt(dot(v, v)), make([]float64, len(v))
		axpy(1/norm, v, u)
		q = append(q, u)
		return norm
	}
	signal := make([]float64, steps+3)
	signal[0] = 1
	next(signal)
	h = mat.NewSymDense(steps, nil)
	for j := range steps {
		copy(d.W, q[j])
		if err := problem.Evaluate(d); err != nil {
			t.Fatal(err)
		}
		h.SetSym(j, j, dot(q[j], d.G))
		if norm := next(d.G); j+1 < steps {
			h.SetSym(j, j+1, norm)
		}
	}
	return h, q
}
