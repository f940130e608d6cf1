package theory

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Constant is the weight of a Wishart matrix, whose spectrum is known.
func constant(s float64) Weight {
	same := func(_, _ float64) float64 { return s }
	return Weight{Name: "constant", S: same, Inf: s, Sup: s, Scale: 1, Even: true, YOnly: true}
}

func spectrumOf(t testing.TB, w Weight, g Grid) *Spectrum {
	t.Helper()
	law, err := labelLaw(g)
	if err != nil {
		t.Fatal(err)
	}
	sp, err := NewSpectrum(law, w)
	if err != nil {
		t.Fatal(err)
	}
	return sp
}

// The edges of Marchenko–Pastur are (√α∓1)², shifted by −μ, those of −XᵀX/N its
// mirror image; for α < 1 the left edge is the atom at −μ.
func TestMarchenkoPasturEdges(t *testing.T) {
	const mu = 0.7
	for _, alpha := range []float64{0.3, 1.5, 4} {
		sp := spectrumOf(t, constant(1), Grid{Scale: 1})
		lo, hi := math.Pow(math.Sqrt(alpha)-1, 2)-mu, math.Pow(math.Sqrt(alpha)+1, 2)-mu
		right, err := sp.RightEdge(alpha, mu)
		if err != nil || math.Abs(right.Lambda-hi) > 1e-12 || right.Kind != Sharp || right.G >= 0 {
			t.Errorf("alpha = %v: right edge %+v, %v, want %v", alpha, right, err, hi)
		}
		left, err := sp.Edge(alpha, mu)
		want, kind := lo, Sharp
		if alpha < 1 {
			want, kind = -mu, AtAtom
		}
		if err != nil || math.Abs(left.Lambda-want) > 1e-12 || left.Kind != kind {
			t.Errorf("alpha = %v: left edge %+v, %v, want %v %s", alpha, left, err, want, kind)
		}
		neg := spectrumOf(t, constant(-1), Grid{Scale: 1})
		left, err = neg.Edge(alpha, -mu)
		if err != nil || math.Abs(left.Lambda+hi) > 1e-12 || left.Kind != Sharp {
			t.Errorf("alpha = %v: left edge of the mirror image %+v, %v, want %v", alpha, left, err, -hi)
		}
	}
}

// The numbers are those of physics.md 2a, printed to five decimals.
func TestInitAnchors(t *testing.T) {
	p := problem(t, AtInit, "ell", 1, 0)
	for _, c := range []struct{ alpha, edge, lambda, overlap float64 }{
		{2, math.NaN(), -8.26674, 0.14949},
		{3, -11.10621, -11.24834, 0.28381},
	} {
		sp, mu, err := p.Spectrum(c.alpha)
		if err != nil {
			t.Fatal(err)
		}
		o, err := sp.Outlier(c.alpha, mu)
		if err != nil || !o.Exists {
			t.Fatalf("alpha = %v: %+v, %v", c.alpha, o, err)
		}
		if math.Abs(o.Edge.Lambda-c.edge) > 1e-5 || math.Abs(o.Lambda-c.lambda) > 1e-5 ||
			math.Abs(o.Overlap-c.overlap) > 1e-5 {
			t.Errorf("alpha = %v: edge %v, λ* %v, q² %v; want %+v", c.alpha, o.Edge.Lambda, o.Lambda, o.Overlap, c)
		}
	}
}

// On a sharp edge q² grows from 0 at the transition, on a smooth one it jumps
// (physics.md 2): at 1e-4 above it, q² is of order 1e-4 or stays of order 1.
func TestOverlapAtTransition(t *testing.T) {
	for _, c := range []struct {
		a        float64
		min, max float64
	}{{1, 1e-6, 1e-2}, {2, 0.05, 1}} {
		p := problem(t, AtInit, "ell", c.a, 0)
		alpha := transitions(t, p, 0.5, 5)[0].Alpha * (1 + 1e-4)
		sp, mu, err := p.Spectrum(alpha)
		if err != nil {
			t.Fatal(err)
		}
		if o, err := sp.Outlier(alpha, mu); err != nil || !(o.Overlap > c.min && o.Overlap < c.max) {
			t.Errorf("a = %v: q² = %v, %v, want in (%v, %v)", c.a, o.Overlap, err, c.min, c.max)
		}
	}
}

// The curvature of ℓ_a is unbounded above under Gaussian labels.
func TestUnboundedEdges(t *testing.T) {
	sp, mu, err := problem(t, AtInit, "ell", 1, 0).Spectrum(2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sp.RightEdge(2, mu); err == nil || !strings.Contains(err.Error(), "no finite edge") {
		t.Errorf("right edge: error %v", err)
	}
	if sp.HasRightEdge() {
		t.Error("an unbounded bulk has a right edge")
	}
	if _, err := sp.Edge(0, mu); err == nil || !strings.Contains(err.Error(), "alpha = 0") {
		t.Errorf("alpha = 0: error %v", err)
	}
}

// instance draws labels and the projected Hessian of a random student: by
// rotation invariance the signal is the first axis and the student the second,
// which the projection drops.
func instance(l Weight, d1 func(y, u float64) float64, n, m int, rng *rand.Rand) (y, u []float64, h *mat.SymDense) {
	x, sx := mat.NewDense(m, n-1, nil), mat.NewDense(m, n-1, nil)
	y, u = make([]float64, m), make([]float64, m)
	var mu float64
	for i := range m {
		row := x.RawRowView(i)
		for j := range row {
			row[j] = rng.NormFloat64()
		}
		y[i], u[i] = row[0], rng.NormFloat64()
		s := l.S(y[i], u[i]) / float64(n)
		for j, v := range row {
			sx.RawRowView(i)[j] = s * v
		}
		mu += d1(y[i], u[i]) * u[i] / float64(n)
	}
	var prod mat.Dense
	prod.Mul(x.T(), sx)
	h = mat.NewSymDense(n-1, nil)
	for i := range n - 1 {
		for j := i; j < n-1; j++ {
			h.SetSym(i, j, prod.At(i, j))
		}
		h.SetSym(i, i, prod.At(i, i)-mu)
	}
	return y, u, h
}

// Each instance is compared with the theory for its own labels, which removes most
// of its scatter. Mean differences over 24 instances vanish within four standard
// errors (failure probability 1e-4 for two variables) plus the O(1/N) of mean
// values: 1/N of |λ*| and of q² = 1.
func TestOutlierAgainstSimulation(t *testing.T) {
	const n, alpha, runs = 150, 6.0, 24
	p := problem(t, AtInit, "ell", 1, 0)
	rng := rand.New(rand.NewPCG(1, 2))
	var lambda, overlap [runs]float64 // simulation minus theory
	var size float64
	for r := range runs {
		y, u, h := instance(p.weight, p.Loss.D1, n, alpha*n, rng)
		law, err := EmpiricalLaw(y, u, 0)
		if err != nil {
			t.Fatal(err)
		}
		sp, err := NewSpectrum(law, p.weight)
		if err != nil {
			t.Fatal(err)
		}
		o, err := sp.Outlier(alpha, law.Mu(p.Loss, alpha))
		if err != nil || !o.Exists {
			t.Fatal(o, err)
		}
		var eig mat.EigenSym
		if !eig.Factorize(h, true) {
			t.Fatal("no eigenvalues")
		}
		var v mat.Dense
		eig.VectorsTo(&v)
		lambda[r] = eig.Values(nil)[0] - o.Lambda
		overlap[r] = v.At(0, 0)*v.At(0, 0) - o.Overlap
		size = math.Max(size, math.Abs(o.Lambda))
	}
	for _, c := range []struct {
		name  string
		diff  [runs]float64
		scale float64
	}{{"λ*", lambda, size}, {"q²", overlap, 1}} {
		var mean, sq float64
		for _, v := range c.diff {
			mean += v / runs
		}
		for _, v := range c.diff {
			sq += (v - mean) * (v - mean)
		}
		se := math.Sqrt(sq / (runs - 1) / runs)
		t.Logf("%s: simulation minus theory %.4f ± %.4f", c.name, mean, se)
		if math.Abs(mean) > 4*se+c.scale/n {
			t.Errorf("%s: simulation minus theory %.4f ± %.4f", c.name, mean, se)
		}
	}
}
