package theory

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// moment is ∫λ^k dν.
func (m *Signal) moment(k float64) float64 {
	var sum float64
	for i, x := range m.Lambda {
		sum += m.Weight[i] * m.Rho[i] * math.Pow(x, k)
	}
	for _, a := range m.Atoms {
		sum += a.Weight.Value * math.Pow(a.Lambda.Value, k)
	}
	return sum
}

func signalOf(t *testing.T, p Problem, alpha float64) (*Spectrum, float64, *Signal) {
	t.Helper()
	sp, mu, err := p.spectrum(alpha, densityGrid(p.weight))
	if err != nil {
		t.Fatal(err)
	}
	m, err := sp.Signal(alpha, mu)
	if err != nil {
		t.Fatal(err)
	}
	return sp, mu, m
}

// With s = 1 the matrix does not know the signal: its measure is the spectral density,
// Marchenko–Pastur's in closed form, and a kernel holds the share of it that it has of all
// directions. Tolerances are those of TestMarchenkoPastur.
func TestSignalOfConstantWeights(t *testing.T) {
	const mu = -0.4
	for _, alpha := range []float64{0.3, 1.5, 4} {
		m, err := spectrumOf(t, constant(1), Grid{Scale: 1}).Signal(alpha, mu)
		if err != nil {
			t.Fatal(err)
		}
		lo, hi := math.Pow(math.Sqrt(alpha)-1, 2), math.Pow(math.Sqrt(alpha)+1, 2)
		for i, x := range m.Lambda {
			z := x + mu
			want := math.Sqrt(math.Max(0, (hi-z)*(z-lo))) / (2 * math.Pi * z)
			if math.Abs(m.Rho[i]-want) > 1e-6*(1+want) {
				t.Errorf("alpha = %v: density %v at %v, want %v", alpha, m.Rho[i], x, want)
			}
		}
		if alpha > 1 && len(m.Atoms) != 0 {
			t.Errorf("alpha = %v: atoms %v", alpha, m.Atoms)
		}
		if alpha < 1 {
			if len(m.Atoms) != 1 || math.Abs(m.Atoms[0].Weight.Value-(1-alpha)) > 1e-7 || m.Atoms[0].Lambda.Value != -mu {
				t.Fatalf("alpha = %v: atoms %v", alpha, m.Atoms)
			}
			// Nothing lies below the kernel, and all of it below a little more.
			below, above := m.Below(-mu).Value, m.Below(-mu+lo/2).Value
			if math.Abs(below) > 1e-7 || math.Abs(above-(1-alpha)) > 1e-7 {
				t.Errorf("alpha = %v: weight %v below the kernel, %v with it", alpha, below, above)
			}
		}
	}
}

// What the measure must have whatever its shape. Its first moments are those of
// elementary probability: e'He and e'H²e = (e'He)² + Σ over directions across e of
// ((1/N) Σ_i s_i y_i x_i)², for the unit vector e along the signal. Pieces of the law of s
// keep its means, so that the first is good to what the panels leave, and the second to
// the width of the pieces where s is large. Its atom below the bulk is the outlier, to the
// resolution of the law.
func TestSignalMoments(t *testing.T) {
	for _, c := range []struct {
		at       string
		a, alpha float64
		m        float64
	}{
		{AtInit, 1, 3, 0}, {AtInit, 1, 1, 0}, {AtInit, 1, 1.13485, 0}, {AtInit, 1, 0.5, 0}, {AtInit, 0.01, 3, 0},
		{AtInit, 2, 1.6, 0}, {AtInit, 1, 3, 0.4}, {AtThreshold, 1, 6, 0}, {AtThreshold, 1, 7.09396, 0},
		{AtThreshold, 1, 8, 0}, {AtWide, 0.5, 2, 0}, {AtWide, 1, 0.25, 0}, {AtWide, 10, 4.1, 0},
		{AtAveraged, 1, 3, 0}, {AtInit, 10, 0.3, 0},
	} {
		sp, mu, m := signalOf(t, problem(t, c.at, "ell", c.a, c.m), c.alpha)
		if got := m.moment(1); math.Abs(got-m.Mean) > 1e-3*(1+math.Abs(m.Mean)) {
			t.Errorf("%+v: mean %v, want %v", c, got, m.Mean)
		}
		second := m.Mean * m.Mean
		for k, p := range sp.Law.P {
			second += c.alpha * p * sp.Law.Perp2[k] * sp.s[k] * sp.s[k]
		}
		if got := m.moment(2); math.Abs(got/second-1) > 2e-3 {
			t.Errorf("%+v: second moment %v, want %v", c, got, second)
		}
		o, err := sp.Outlier(c.alpha, mu)
		if err != nil {
			t.Fatal(err)
		}
		if o.Exists {
			a := m.Atoms[0]
			if math.Abs(a.Lambda.Value-o.Lambda) > 1e-4*(1+math.Abs(o.Lambda)) || math.Abs(a.Weight.Value-o.Overlap) > 1e-4 {
				t.Errorf("%+v: atom %v, outlier at %v with q² = %v", c, a, o.Lambda, o.Overlap)
			}
			if got := m.Below((o.Lambda + o.Edge.Lambda) / 2).Value; math.Abs(got-a.Weight.Value) > 1e-8 {
				t.Errorf("%+v: weight %v below the bulk, that of the atom is %v", c, got, a.Weight.Value)
			}
		}
		// The lowest eigenvalues reach into the bulk, and the rest is above.
		upTo, weight, err := m.Lowest(0.3)
		if err != nil || !(upTo.Value > o.Edge.Lambda) ||
			math.Abs(m.Below(upTo.Value).Value-weight.Value) > 1e-8 && upTo.Value != -mu {
			t.Errorf("%+v: weight %v up to %v, %v", c, weight, upTo, err)
		}
	}
}

// Before the transition on a sharp edge there is no atom and the whole weight is in the
// bulk. On a smooth edge a peak is left in the bulk's tail, where at 0.95 α_BBP a bulk of
// any practical size has no eigenvalue.
func TestSignalBeforeTransition(t *testing.T) {
	if _, _, m := signalOf(t, problem(t, AtInit, "ell", 1, 0), 1.1); len(m.Atoms) != 0 {
		t.Errorf("sharp edge: atoms %v", m.Atoms)
	}
	sp, mu, m := signalOf(t, problem(t, AtInit, "ell", 2, 0), 1.6)
	e, err := sp.Edge(1.6, mu)
	if err != nil || len(m.Atoms) != 1 || m.Atoms[0].Lambda.Value < e.Lambda || m.Atoms[0].Weight.Value < 0.05 {
		t.Errorf("smooth edge: atoms %v, edge %+v, %v", m.Atoms, e, err)
	}
}

// The overlaps of all eigenvectors of one Hessian with the signal against the theory for
// its own labels, where there is an outlier and where there is none.
//
// The weight of an eigenvector at λ is r(λ)χ²/N, r the measure's density over the bulk's,
// χ² independent with one degree of freedom, as components of eigenvectors are normal; so
// that the weight above a point of the bulk has variance (2/N)∫r dν over what is above, and,
// as all of it is 1, no more than that over what is below, unless an outlier is. Fourteen
// comparisons at four standard deviations fail with probability below 1e-3.
func TestSignalAgainstEigenvectors(t *testing.T) {
	const n = 1000
	for _, alpha := range []float64{1, 3} {
		p := problem(t, AtInit, "ell", 1, 0)
		y, u, h := instance(p.weight, p.Loss.D1, n, int(alpha*n), rand.New(rand.NewPCG(5, 6)))
		law, err := EmpiricalLaw(y, u, 0)
		if err != nil {
			t.Fatal(err)
		}
		sp, err := NewSpectrum(law, p.weight)
		if err != nil {
			t.Fatal(err)
		}
		m, err := sp.Signal(alpha, law.Mu(p.Loss, alpha))
		if err != nil {
			t.Fatal(err)
		}
		// The signal is the first axis: one element of the matrix is its mean.
		if math.Abs(h.At(0, 0)-m.Mean) > 1e-9*math.Abs(m.Mean) {
			t.Errorf("alpha = %v: curvature along the signal %v, mean %v", alpha, h.At(0, 0), m.Mean)
		}
		var eig mat.EigenSym
		if !eig.Factorize(h, true) {
			t.Fatal("no eigenvectors")
		}
		values := eig.Values(nil)
		var vectors mat.Dense
		eig.VectorsTo(&vectors)
		for _, share := range []float64{0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8} {
			upTo, weight, err := m.Lowest(share)
			if err != nil {
				t.Fatal(err)
			}
			lambda, want := upTo.Value, weight.Value
			var got, below, above float64
			for k, v := range values {
				if v < lambda {
					got += vectors.At(0, k) * vectors.At(0, k)
				}
			}
			for i, x := range m.Lambda {
				if part := m.Weight[i] * m.Rho[i] * m.Rho[i] / m.Bulk[i]; m.Weight[i] == 0 || m.Bulk[i] == 0 {
					continue
				} else if x < lambda {
					below += part
				} else {
					above += part
				}
			}
			if len(m.Atoms) > 0 {
				below = math.Inf(1)
			}
			sd := math.Sqrt(2 * math.Min(below, above) / n)
			t.Logf("alpha = %v, lowest %v: weight %.4f, theory %.4f ± %.4f", alpha, share, got, want, sd)
			if math.Abs(got-want) > 4*sd {
				t.Errorf("alpha = %v, lowest %v: weight %.4f, theory %.4f ± %.4f", alpha, share, got, want, sd)
			}
		}
	}
}

// A sample of few labels has a law of atoms, and the measure its mass and moments.
func TestSignalOfSample(t *testing.T) {
	const n, alpha = 300, 3
	p := problem(t, AtInit, "ell", 1, 0)
	rng := rand.New(rand.NewPCG(7, 8))
	y, u := make([]float64, alpha*n), make([]float64, alpha*n)
	for i := range y {
		y[i], u[i] = rng.NormFloat64(), rng.NormFloat64()
	}
	law, err := EmpiricalLaw(y, u, 0)
	if err != nil {
		t.Fatal(err)
	}
	sp, err := NewSpectrum(law, p.weight)
	if err != nil {
		t.Fatal(err)
	}
	mu := law.Mu(p.Loss, alpha)
	m, err := sp.Signal(alpha, mu)
	if err != nil {
		t.Fatal(err)
	}
	o, err := sp.Outlier(alpha, mu)
	if err != nil || !o.Exists {
		t.Fatal(o, err)
	}
	// Atoms are not binned: nothing is approximated.
	if got := m.moment(1); math.Abs(got/m.Mean-1) > 1e-5 {
		t.Errorf("mean %v, want %v", got, m.Mean)
	}
	if a := m.Atoms[0]; math.Abs(a.Lambda.Value-o.Lambda) > 1e-8 || math.Abs(a.Weight.Value-o.Overlap) > 1e-8 {
		t.Errorf("atoms %v, outlier %+v", m.Atoms, o)
	}
}

func TestSignalErrors(t *testing.T) {
	sp := spectrumOf(t, constant(1), Grid{Scale: 1})
	if _, err := sp.Signal(-1, 0); err == nil || !strings.Contains(err.Error(), "alpha") {
		t.Errorf("alpha = −1: error %v", err)
	}
	if _, err := sp.Signal(1, math.NaN()); err == nil || !strings.Contains(err.Error(), "mu") {
		t.Errorf("mu = NaN: error %v", err)
	}
	m, err := sp.Signal(2, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []float64{0, 1, math.NaN()} {
		if _, _, err := m.Lowest(share); err == nil || !strings.Contains(err.Error(), "share") {
			t.Errorf("share = %v: error %v", share, err)
		}
	}
}
