package theory

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// checkShape verifies what every density promises: order, CDF from 0 to 1, and
// CDF consistent with the sum of the masses before each point, to one point's mass.
// Over the stretch next to 0, where nothing is sampled, CDF knows the mass.
func checkShape(t *testing.T, d *Density) {
	t.Helper()
	var sum float64
	atoms := d.Atoms
	for i, x := range d.Lambda {
		if i > 0 && (x <= d.Lambda[i-1] || d.CDF[i] < d.CDF[i-1]-1e-12) {
			t.Fatalf("point %d: λ %v after %v, CDF %v after %v", i, x, d.Lambda[i-1], d.CDF[i], d.CDF[i-1])
		}
		for len(atoms) > 0 && atoms[0].Lambda < x {
			sum += atoms[0].Mass
			atoms = atoms[1:]
		}
		own := d.Weight[i] * d.Rho[i]
		// 1e-4 covers the stretch next to 0 where nothing is sampled.
		if math.Abs(sum+own/2-d.CDF[i]) > own/2+1e-4 {
			t.Fatalf("point %d, λ = %v: CDF %v, mass before it %v, its own %v", i, x, d.CDF[i], sum, own)
		}
		sum += own
	}
	if math.Abs(d.Mass-1) > 1e-6 || math.Abs(d.CDF[len(d.CDF)-1]-1) > 1e-6 {
		t.Errorf("mass %v, CDF from %v to %v", d.Mass, d.CDF[0], d.CDF[len(d.CDF)-1])
	}
}

// stieltjes is ∫ρ(λ)/(λ−z)dλ with atoms.
func (d *Density) stieltjes(z float64) float64 {
	var sum float64
	for i, x := range d.Lambda {
		sum += d.Weight[i] * d.Rho[i] / (x - z)
	}
	for _, a := range d.Atoms {
		sum += a.Mass / (a.Lambda - z)
	}
	return sum
}

// With s = 1 the density is Marchenko–Pastur's, in closed form; the solver knows
// nothing of it. Newton stops at 1e-12 of g; near an edge ρ is the root of a small
// difference, whence the 1e-6 absolute.
func TestMarchenkoPastur(t *testing.T) {
	const mu = -0.4
	for _, alpha := range []float64{0.3, 1.5, 4} {
		d, err := spectrumOf(t, constant(1), Grid{Scale: 1}).Density(alpha, mu)
		if err != nil {
			t.Fatal(err)
		}
		checkShape(t, d)
		lo, hi := math.Pow(math.Sqrt(alpha)-1, 2), math.Pow(math.Sqrt(alpha)+1, 2)
		for i, x := range d.Lambda {
			z := x + mu
			want := math.Sqrt(math.Max(0, (hi-z)*(z-lo))) / (2 * math.Pi * z)
			if math.Abs(d.Rho[i]-want) > 1e-6*(1+want) {
				t.Errorf("alpha = %v: ρ(%v) = %v, want %v", alpha, x, d.Rho[i], want)
			}
		}
		if alpha < 1 && (len(d.Atoms) != 1 || math.Abs(d.Atoms[0].Mass-(1-alpha)) > 1e-12 || d.Atoms[0].Lambda != -mu) {
			t.Errorf("alpha = %v: atoms %v", alpha, d.Atoms)
		}
	}
}

// s = erf(y/√2) is uniform on (0,1), so that λ(g) = −1/g + α(1−log(1+g)/g)/g in
// closed form, and the Stieltjes transform of the density at that λ must be g.
// The pieces' linear densities are exact here, the panels leave 1e-6.
func TestUniformWeights(t *testing.T) {
	s := func(y, _ float64) float64 { return math.Erf(math.Abs(y) / math.Sqrt2) }
	w := Weight{Name: "uniform", S: s, Inf: 0, Sup: 1, Scale: 1, Even: true, YOnly: true}
	for _, alpha := range []float64{0.5, 3} {
		d, err := spectrumOf(t, w, densityGrid(w)).Density(alpha, 0)
		if err != nil {
			t.Fatal(err)
		}
		checkShape(t, d)
		for _, g := range []float64{0.1, 0.3, 0.6} {
			z := -1/g + alpha*(1-math.Log1p(g)/g)/g
			if got := d.stieltjes(z); math.Abs(got/g-1) > 2e-6 {
				t.Errorf("alpha = %v: transform at %v is %v, want %v", alpha, z, got, g)
			}
		}
	}
}

// Left of the bulk the Stieltjes transform of the density must invert λ(g), which
// comes from the nodes of another grid without pieces and bins. A difference in g
// is a shift of λ by (1−A)/g² times it; spreading nodes over s and binning may
// shift the spectrum by 3e-5 of its own scale 1/g there.
func TestDensityInvertsLambda(t *testing.T) {
	for _, c := range []struct {
		at       string
		a, alpha float64
		m        float64
	}{
		{AtInit, 1, 0.5, 0}, {AtInit, 0.01, 3, 0}, {AtInit, 1, 3, 0.4},
		{AtAveraged, 1, 3, 0}, {AtWide, 0.5, 2, 0}, {AtOptimal, 1, 0.4, 0},
	} {
		p := problem(t, c.at, "ell", c.a, c.m)
		sp, mu, err := p.Spectrum(c.alpha)
		if err != nil {
			t.Fatal(err)
		}
		e, err := sp.Edge(c.alpha, mu)
		if err != nil {
			t.Fatal(err)
		}
		d, err := p.Density(c.alpha)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		checkShape(t, d)
		if d.Lambda[0] < e.Lambda-1e-2*math.Abs(e.Lambda) {
			t.Errorf("%+v: density from %v, edge at %v", c, d.Lambda[0], e.Lambda)
		}
		for _, share := range []float64{0.2, 0.5, 0.9} {
			g := share * e.G
			z := sp.Lambda(g, c.alpha, mu)
			if got := d.stieltjes(z); math.Abs(got/g-1)*(1-sp.A(g, c.alpha)) > 3e-5 {
				t.Errorf("%+v: transform at %v is %v, want %v", c, z, got, g)
			}
		}
	}
}

// The eigenvalues of one Hessian against the density of its own labels' law. Given
// the labels, eigenvalues are rigid: their counting function departs from N·CDF by
// a few at most, and the outlier and the largest weights, each on its own far
// above the bulk, count for one each; hence 6/N.
func TestDensityAgainstEigenvalues(t *testing.T) {
	const n, alpha = 1000, 3
	p := problem(t, AtInit, "ell", 1, 0)
	y, u, h := instance(p.weight, p.Loss.D1, n, alpha*n, rand.New(rand.NewPCG(3, 4)))
	var eig mat.EigenSym
	if !eig.Factorize(h, false) {
		t.Fatal("no eigenvalues")
	}
	values := eig.Values(nil)
	law, err := EmpiricalLaw(y, u, 0)
	if err != nil {
		t.Fatal(err)
	}
	sp, err := NewSpectrum(law, p.weight)
	if err != nil {
		t.Fatal(err)
	}
	d, err := sp.Density(alpha, law.Mu(p.Loss, alpha))
	if err != nil {
		t.Fatal(err)
	}
	var worst float64
	k := 0
	for i, x := range d.Lambda {
		for k < len(values) && values[k] <= x {
			k++
		}
		worst = math.Max(worst, math.Abs(float64(k)/float64(len(values))-d.CDF[i]))
	}
	t.Logf("Kolmogorov distance %.2f/N", worst*n)
	if worst > 6.0/n {
		t.Errorf("Kolmogorov distance %v, want below 6/N", worst)
	}
}

// Next to λ = −μ the density of these diverges or nearly so, and Newton started from
// afar finds roots that are not the limit from above.
func TestDensityBesideDivergence(t *testing.T) {
	for a, alphas := range map[float64][]float64{1: {3.29, 3.3, 3.8, 4.1}, 0.01: {1.3, 2.1, 2.2}} {
		l := newLoss(t, "ell", a)
		law, err := OverlapLaw(0, densityGrid(Curvature(l)))
		if err != nil {
			t.Fatal(err)
		}
		sp, err := NewSpectrum(law, Curvature(l))
		if err != nil {
			t.Fatal(err)
		}
		for _, alpha := range alphas {
			d, err := sp.Density(alpha, law.Mu(l, alpha))
			if err != nil {
				t.Errorf("a = %v, α = %v: %v", a, alpha, err)
				continue
			}
			checkShape(t, d)
		}
	}
}

func TestDensityErrors(t *testing.T) {
	sp := spectrumOf(t, constant(1), Grid{Scale: 1})
	if _, err := sp.Density(-1, 0); err == nil || !strings.Contains(err.Error(), "alpha") {
		t.Errorf("alpha = −1: error %v", err)
	}
	if _, err := sp.Density(1, math.NaN()); err == nil || !strings.Contains(err.Error(), "mu") {
		t.Errorf("mu = NaN: error %v", err)
	}
}
