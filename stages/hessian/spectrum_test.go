package hessian

import (
	"math"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/loss"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/loss/losstest"
	_ "zerotohero/stages/loss/plain"
)

func ell(t testing.TB, a float64) loss.Loss {
	t.Helper()
	l := losstest.New(t, "ell", losstest.Values{"a": a})
	return l
}

// a problem of n and m with a random student.
func problem(seed int64, n, m int) (x []float32, y, w, signal []float64) {
	x = instance.DrawX(seed, n, m)
	w, signal = make([]float64, n), make([]float64, n)
	random.New("hessian test w", seed, 0).Sphere(w)
	random.New("hessian test signal", seed, 0).Sphere(signal)
	return x, activations(x, signal), w, signal
}

func activations(x []float32, w []float64) []float64 {
	n := len(w)
	out := make([]float64, len(x)/n)
	for i := range out {
		for j := range n {
			out[i] += float64(x[i*n+j]) * w[j] / math.Sqrt(float64(n))
		}
	}
	return out
}

// gradient is the spherical gradient G of physics.md 1 at w.
func gradient(x []float32, y, w []float64, l loss.Loss) []float64 {
	n := len(w)
	g := make([]float64, n)
	for i, yhat := range activations(x, w) {
		for j := range g {
			g[j] += l.D1(y[i], yhat) * float64(x[i*n+j]) / math.Sqrt(float64(n))
		}
	}
	floats.AddScaled(g, -floats.Dot(g, w)/float64(n), w)
	return g
}

func must(t testing.TB, x []float32, y, w []float64, l loss.Loss, lowest int) *Spectrum {
	t.Helper()
	s, err := At(x, y, w, l, lowest)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The matrix in the tangent basis is the derivative of the gradient along it, by
// central differences on the sphere; also where the reflection is at its extremes.
func TestFiniteDifferences(t *testing.T) {
	const n, m = 8, 30
	x, y, w, _ := problem(1, n, m)
	axis := make([]float64, n)
	axis[0] = -math.Sqrt(n)
	other := make([]float64, n)
	other[3] = math.Sqrt(n)
	plain := losstest.New(t, "plain", nil)
	for _, l := range []loss.Loss{ell(t, 1), ell(t, 0.1), plain} {
		for _, w := range [][]float64{w, axis, other} {
			h, err := newTangent(w)
			if err != nil {
				t.Fatal(err)
			}
			var s Spectrum
			matrix, err := h.hessian(x, y, l, &s)
			if err != nil {
				t.Fatal(err)
			}
			if want := mean(l.Value, y, activations(x, w), n); math.Abs(s.Energy-want) > 1e-12*want {
				t.Errorf("%s: energy %v, want %v", l.Name, s.Energy, want)
			}
			size := 0.0
			for _, v := range matrix.Data {
				size = max(size, math.Abs(v))
			}
			const step = 1e-5
			for k := range n - 1 {
				unit := make([]float64, n-1)
				unit[k] = 1
				q := h.embed(unit)
				if math.Abs(floats.Dot(q, w)) > 1e-14 || math.Abs(floats.Norm(q, 2)-1) > 1e-14 {
					t.Fatalf("basis vector %d is no unit vector orthogonal to w", k)
				}
				slope := gradient(x, y, along(w, q, step), l)
				floats.Sub(slope, gradient(x, y, along(w, q, -step), l))
				floats.Scale(1/(2*step), slope)
				for j := k; j < n-1; j++ {
					unit := make([]float64, n-1)
					unit[j] = 1
					// Truncation is step² times a third derivative, rounding 1e-16/step,
					// each of the size of the entries.
					if got, want := matrix.Data[j*(n-1)+k], floats.Dot(h.embed(unit),
						slope); math.Abs(got-want) > 1e-8*size {
						t.Errorf("%s: H[%d,%d] = %v, differences give %v", l.Name, j, k, got, want)
					}
				}
			}
		}
	}
}

// along is the point of the sphere at w + step q, scaled.
func along(w, q []float64, step float64) []float64 {
	out := slices.Clone(w)
	floats.AddScaled(out, step, q)
	floats.Scale(math.Sqrt(float64(len(w)))/floats.Norm(out, 2), out)
	return out
}

func mean(f func(y, yhat float64) float64, y, yhat []float64, n int) float64 {
	sum := 0.0
	for i := range y {
		sum += f(y[i], yhat[i]) / float64(n)
	}
	return sum
}

// formed is P[...]P in R^N, entry by entry from its definition.
func formed(l loss.Loss, x []float32, y, w []float64, mu float64) *mat.SymDense {
	n, m, yhat := len(w), len(y), activations(x, w)
	project := mat.NewDense(n, n, nil)
	inner := mat.NewDense(n, n, nil)
	for j := range n {
		for k := range n {
			delta := 0.0
			if j == k {
				delta = 1
			}
			project.Set(j, k, delta-w[j]*w[k]/float64(n))
			h := -mu * delta
			for i := range m {
				h += l.D2(y[i], yhat[i]) * float64(x[i*n+j]) * float64(x[i*n+k]) / float64(n)
			}
			inner.Set(j, k, h)
		}
	}
	var full mat.Dense
	full.Product(project, inner, project)
	symmetric := mat.NewSymDense(n, nil)
	for j := range n {
		for k := range j + 1 {
			symmetric.SetSym(j, k, (full.At(j, k)+full.At(k, j))/2)
		}
	}
	return symmetric
}

// The spectrum against gonum's full eigendecomposition of the matrix formed, which has
// one more eigenvalue, 0 along w; and overlaps against their definition with that
// decomposition's vectors.
func TestBruteForce(t *testing.T) {
	const n, m = 150, 300 // several blocks, the last ones not full
	x, y, w, signal := problem(2, n, m)
	l := ell(t, 1)
	s := must(t, x, y, w, l, 8)
	mu := mean(func(y, u float64) float64 { return l.D1(y, u) * u }, y, activations(x, w), n)
	if math.Abs(s.Mu-mu) > 1e-12*math.Abs(mu) {
		t.Errorf("μ = %v, want %v", s.Mu, mu)
	}
	var reference mat.EigenSym
	if !reference.Factorize(formed(l, x, y, w, mu), true) {
		t.Fatal("the reference failed")
	}
	var vectors mat.Dense
	reference.VectorsTo(&vectors)
	// Entries are of order 10 and carry a few rounding units each.
	const tol = 1e-12
	overlap := floats.Dot(w, signal) / n
	next := 0
	for k, want := range reference.Values(nil) {
		v := mat.Col(nil, k, &vectors)
		if math.Abs(floats.Dot(v, w)) > 0.5*math.Sqrt(n) {
			continue // along w
		}
		if got := s.Eigenvalues[next]; math.Abs(got-want) > tol*100 {
			t.Errorf("eigenvalue %d is %v, want %v", next, got, want)
		}
		if next < len(s.Lowest) {
			p := s.Lowest[next]
			q := floats.Dot(v, signal)
			// Vectors turn by rounding over the gap, above 1e-2 here.
			got, want := Overlap(p.Vector, w, signal), q*q/(n*(1-overlap*overlap))
			if p.Lambda != s.Eigenvalues[next] || math.Abs(got-want) > 1e-10 {
				t.Errorf("pair %d: λ = %v, overlap %v, want %v, %v", next, p.Lambda, got, s.Eigenvalues[next], want)
			}
		}
		next++
	}
	if next != n-1 || len(s.Eigenvalues) != n-1 {
		t.Errorf("%d eigenvalues, %d in the reference, want %d", len(s.Eigenvalues), next, n-1)
	}
}

// Σ λ = (1/N) Σ ℓ” (‖x‖² − ŷ²) − (N−1) μ; ℓ” ≥ −2 bounds λ + μ from below by
// −2 times the largest eigenvalue of Σ x xᵀ/N; and ±w have one spectrum.
func TestIdentities(t *testing.T) {
	for seed := range int64(3) {
		const n, m = 100, 250
		x, y, w, _ := problem(10+seed, n, m)
		l := ell(t, 0.3)
		s := must(t, x, y, w, l, 0)
		yhat := activations(x, w)
		want, size := -(n-1)*s.Mu, 0.0
		for i, v := range yhat {
			norm := 0.0
			for _, e := range x[i*n : (i+1)*n] {
				norm += float64(e) * float64(e)
			}
			term := l.D2(y[i], v) * (norm - v*v) / n
			want += term
			size += math.Abs(term)
		}
		if got := floats.Sum(s.Eigenvalues); math.Abs(got-want) > 1e-12*size {
			t.Errorf("trace %v, want %v", got, want)
		}
		wishart := must(t, x, y, w, flat(1), 0)
		if least := -2*wishart.Eigenvalues[n-2] - s.Mu; s.Eigenvalues[0] < least {
			t.Errorf("lowest eigenvalue %v, below the bound %v", s.Eigenvalues[0], least)
		}
		// s ≡ −2 reaches it.
		if got := must(t, x, y, w, flat(-2), 0).Eigenvalues[0] / wishart.Eigenvalues[n-2]; math.Abs(got+2) > 1e-12 {
			t.Errorf("constant curvature −2 gives %v times the largest eigenvalue of curvature 1", got)
		}
		minus := slices.Clone(w)
		floats.Scale(-1, minus)
		for i, v := range must(t, x, y, minus, l, 0).Eigenvalues {
			if math.Abs(v-s.Eigenvalues[i]) > 1e-11 {
				t.Errorf("eigenvalue %d is %v at −w, %v at w", i, v, s.Eigenvalues[i])
			}
		}
	}
}

// flat is a "loss" of constant curvature and nothing else: the Hessian is Wishart.
func flat(s float64) loss.Loss {
	zero := func(y, yhat float64) float64 { return 0 }
	return loss.Loss{Name: "flat", Value: zero, D1: zero, D2: func(y, yhat float64) float64 { return s }, InfD2: s}
}

// Marchenko and Pastur: for s ≡ 1 the eigenvalues fill ((√α−1)², (√α+1)²) with
// density √((λ−λ₋)(λ₊−λ))/(2πλ).
func TestMarchenkoPastur(t *testing.T) {
	const n, alpha = 300, 3.
	x, y, w, _ := problem(3, n, int(alpha*n))
	values := must(t, x, y, w, flat(1), 0).Eigenvalues
	lo, hi := math.Pow(math.Sqrt(alpha)-1, 2), math.Pow(math.Sqrt(alpha)+1, 2)
	// Johnstone (2001): the extreme eigenvalues lie off the edges, outwards, by
	// Tracy–Widom variables of β = 1 in units of (√α±1)|1±α^(-1/2)|^(1/3) N^(-2/3);
	// these lie outside (−6, 5) with probability below 1e-5.
	unit := func(sign float64) float64 {
		return (math.Sqrt(alpha) + sign) * math.Cbrt(1+sign/math.Sqrt(alpha)) * math.Pow(n, -2./3)
	}
	low, high := (lo-values[0])/unit(-1), (values[n-2]-hi)/unit(1)
	if low < -6 || low > 5 || high < -6 || high > 5 {
		t.Errorf("eigenvalues from %v to %v, edges %v, %v: %v and %v units off",
			values[0], values[n-2], lo, hi, low, high)
	}
	const grid = 3000
	cdf, i, distance := 0.0, 0, 0.0
	for k := range grid {
		lambda := lo + (hi-lo)*(float64(k)+0.5)/grid
		for i < len(values) && values[i] < lambda {
			i++
		}
		rho := math.Sqrt((lambda-lo)*(hi-lambda)) / (2 * math.Pi * lambda) * (hi - lo) / grid
		distance = max(distance, math.Abs(cdf+rho/2-float64(i)/float64(n-1)))
		cdf += rho
	}
	// Eigenvalues are rigid: their counting function is off by O(√ln N) of N.
	if math.Abs(cdf-1) > 1e-4 || distance > 4./n {
		t.Errorf("distance of the distributions %v, mass %v", distance, cdf)
	}
}

// At the signal μ and the energy vanish, the Hessian is positive semidefinite, and
// the mean eigenvalue is α E[4y²/(1+y²)] = 4α(1 − √(π/2) e^(1/2) erfc(1/√2)).
func TestAtSignal(t *testing.T) {
	const n, m = 20, 20000
	x, y, _, signal := problem(4, n, m)
	l := ell(t, 1)
	for _, sign := range []float64{1, -1} {
		w := slices.Clone(signal)
		floats.Scale(sign, w)
		s := must(t, x, y, w, l, 2)
		if math.Abs(s.Mu) > 1e-9 || s.Energy > 1e-9 || s.Eigenvalues[0] <= 0 {
			t.Errorf("μ = %g, energy %g, lowest %v", s.Mu, s.Energy, s.Eigenvalues[0])
		}
		if q := Overlap(s.Lowest[0].Vector, w, signal); !math.IsNaN(q) {
			t.Errorf("an overlap with nothing is %v", q)
		}
		want := float64(m) / n * 4 * (1 - math.Sqrt(math.Pi/2)*math.Exp(0.5)*math.Erfc(math.Sqrt(0.5)))
		got := floats.Sum(s.Eigenvalues) / (n - 1)
		// 4y²/(1+y²) lies in (0,4) with mean 1.38, so its standard deviation is at most
		// √(1.38·2.62) = 1.9, and over m terms the mean's is at most 1 % of it. Five of
		// these are allowed: probability 6e-7.
		if math.Abs(got/want-1) > 0.05 {
			t.Errorf("mean eigenvalue %v, expected %v", got, want)
		}
	}
	// With fewer measurements than dimensions it has null directions, and no negative.
	s := must(t, x[:10*n], y[:10], signal, l, 0)
	if s.Eigenvalues[0] < -1e-12 || s.Eigenvalues[n-12] > 1e-12 || s.Eigenvalues[n-11] < 1e-6 {
		t.Errorf("rank is not 10: %v", s.Eigenvalues)
	}
}

// gonum multiplies matrices on all processors it is given; the result does not
// depend on their number.
func TestProcessors(t *testing.T) {
	x, y, w, _ := problem(6, 330, 500)
	l := ell(t, 1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := must(t, x, y, w, l, 8)
	runtime.GOMAXPROCS(4)
	if four := must(t, x, y, w, l, 8); !reflect.DeepEqual(one, four) {
		t.Error("the spectrum depends on the number of processors")
	}
}

func TestAtErrors(t *testing.T) {
	x, y, w, _ := problem(5, 6, 12)
	l := ell(t, 1)
	long := slices.Clone(w)
	floats.Scale(1.001, long)
	bad := slices.Clone(w)
	bad[2] = math.NaN()
	broken := flat(math.Inf(1))
	for name, err := range map[string]error{
		"shape": second(At(x[1:], y, w, l, 1)), "norm": second(At(x, y, long, l, 1)),
		"NaN": second(At(x, y, bad, l, 1)),
		"N=1": second(At(x[:3], y[:3], []float64{1}, l, 1)), "curvature": second(At(x, y, w, broken, 1)),
		"empty": second(At(nil, nil, nil, l, 1)),
	} {
		if err == nil {
			t.Errorf("%s is no error", name)
		}
	}
	if s := must(t, x, y, w, l, 100); len(s.Lowest) != 5 {
		t.Errorf("%d pairs of 5 eigenvalues", len(s.Lowest))
	}
	if s := must(t, x[:12], y[:2], w, l, 3); len(s.Eigenvalues) != 5 {
		t.Errorf("%d eigenvalues with 2 measurements", len(s.Eigenvalues))
	}
}

func second(_ *Spectrum, err error) error { return err }
