package theory

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"zerotohero/stages/internal/quadrature"
	"zerotohero/stages/loss"
)

func newLoss(t testing.TB, name string, a float64) loss.Loss {
	t.Helper()
	l, err := choose(t, name, a).New()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func threshold(t testing.TB, l loss.Loss, alpha float64) Threshold {
	t.Helper()
	states, err := ThresholdStates(l, alpha)
	if err != nil {
		t.Fatal(err)
	}
	return states[0]
}

func thresholdBBP(t testing.TB, l loss.Loss) Transition {
	t.Helper()
	ts, err := thresholdTransitions(l, 0.5, 200)
	if err != nil {
		t.Fatal(err)
	}
	if len(ts) != 1 {
		t.Fatalf("%s: %d transitions, want 1: %+v", l.Name, len(ts), ts)
	}
	return ts[0]
}

// The numbers are those of physics.md 2c, from an independent quadrature, to the
// digits printed there.
func TestThresholdAnchors(t *testing.T) {
	near := func(name string, got, want, tol float64) {
		t.Helper()
		if !(math.Abs(got/want-1) <= tol) {
			t.Errorf("%s = %.9g, want %v", name, got, want)
		}
	}
	l := newLoss(t, "ell", 1)
	tr := thresholdBBP(t, l)
	near("α of ℓ_1", tr.Alpha, 7.09396, 1e-5)
	st := threshold(t, l, tr.Alpha)
	near("χ", st.Chi, 0.307609, 1e-5)
	near("z", st.Z, 0.550168, 1e-5)
	near("μ", st.Mu, 0.943993, 1e-5)
	near("energy", st.Energy, 1.300775, 1e-5)
	if math.Abs(st.D) > 1e-8 || !tr.Appears || !(tr.Err <= 1e-6*tr.Alpha) {
		t.Errorf("D = %v at the transition %+v", st.D, tr)
	}

	l = newLoss(t, "plain", 1)
	tr = thresholdBBP(t, l)
	near("α of plain", tr.Alpha, 13.853, 0.5e-3/13.853)
	st = threshold(t, l, tr.Alpha)
	near("χ", st.Chi, 0.0580626, 1e-5)
	near("z", st.Z, 0.0712177, 1e-5)
	if !(tr.Err <= 1e-6*tr.Alpha) {
		t.Errorf("error of α of plain: %v", tr.Err)
	}
}

// Where the proximal map does not jump, which for ℓ_a means 2χ ≤ 1, both formulas
// for μ agree and the left edge of the law's bulk sits at 0 with g = χ (physics.md
// 2c). Edge finds g by another route, from the nodes; its λ is −1/g plus sums of
// that size, hence 1e-8/χ.
func TestMarginality(t *testing.T) {
	for _, c := range []struct{ a, alpha float64 }{{1, 6}, {1, 8}, {1, 40}, {0.01, 4}, {10, 40}} {
		p := problem(t, AtThreshold, "ell", c.a, 0)
		st := threshold(t, p.Loss, c.alpha)
		if 2*st.Chi > 1 {
			t.Fatalf("%+v: χ = %v has jumps", c, st.Chi)
		}
		if math.Abs(st.MuEdge-st.Mu) > 1e-8*math.Max(1, math.Abs(st.Mu)) {
			t.Errorf("%+v: μ = %v and %v", c, st.Mu, st.MuEdge)
		}
		sp, mu, err := p.Spectrum(c.alpha)
		if err != nil {
			t.Fatal(err)
		}
		e, err := sp.Edge(c.alpha, mu)
		if err != nil || math.Abs(e.Lambda) > 1e-8/st.Chi || math.Abs(e.G/st.Chi-1) > 1e-7 || e.Kind != Sharp {
			t.Errorf("%+v: edge %+v, %v, want 0 with g = %v", c, e, err, st.Chi)
		}
		if got := sp.Law.Energy(p.Loss, c.alpha); math.Abs(got/st.Energy-1) > 1e-8 {
			t.Errorf("%+v: energy of the law %v, of the state %v", c, got, st.Energy)
		}
		var mass, second float64
		for k, w := range sp.Law.P {
			mass += w
			second += w * sp.Law.Perp2[k]
		}
		if math.Abs(mass-1) > 1e-10 || math.Abs(second-1) > 1e-10 {
			t.Errorf("%+v: the law has mass %v and E[y²] = %v", c, mass, second)
		}
	}
}

// With jumps the two formulas differ, by a few per cent for the plain loss at its
// transition (physics.md 2c), and the edge by as much.
func TestJumpShare(t *testing.T) {
	p := problem(t, AtThreshold, "plain", 1, 0)
	const alpha = 13.853
	st := threshold(t, p.Loss, alpha)
	if share := st.MuEdge/st.Mu - 1; share < 0.005 || share > 0.05 {
		t.Errorf("μ = %v and %v", st.Mu, st.MuEdge)
	}
	sp, mu, err := p.Spectrum(alpha)
	if err != nil {
		t.Fatal(err)
	}
	if e, err := sp.Edge(alpha, mu); err != nil || math.Abs(e.Lambda-(st.MuEdge-st.Mu)) > 1e-6 {
		t.Errorf("edge %+v, %v, want %v", e, err, st.MuEdge-st.Mu)
	}
}

// a·ℓ_a is the plain loss up to a relative y²/a, so that α_BBP tends to the plain
// loss's like 1/a, and χ and z, which scale like 1/ℓ, to a times the plain loss's.
func TestPlainLimit(t *testing.T) {
	plain := thresholdBBP(t, newLoss(t, "plain", 1))
	gap := func(a float64) float64 {
		tr := thresholdBBP(t, newLoss(t, "ell", a))
		if math.Abs(tr.G/(a*plain.G)-1) > 10/a {
			t.Errorf("a = %v: χ/a = %v, plain χ = %v", a, tr.G/a, plain.G)
		}
		return a * (plain.Alpha - tr.Alpha)
	}
	// The next order is 1/a² with a factor of order ten.
	if g3, g4 := gap(1e3), gap(1e4); math.Abs(g3/g4-1) > 0.02 {
		t.Errorf("a·(α_plain−α_a) = %v at a = 1e3, %v at 1e4", g3, g4)
	}
}

// Continuation and a cold start end in the same state, to the accuracy of Newton's
// last step.
func TestContinuation(t *testing.T) {
	l := newLoss(t, "ell", 1)
	var alphas []float64
	for alpha := 2.2; alpha < 30; alpha *= 1.15 {
		alphas = append(alphas, alpha)
	}
	followed, err := ThresholdStates(l, alphas...)
	if err != nil {
		t.Fatal(err)
	}
	for i, alpha := range alphas {
		f := followed[i]
		if math.Abs(f.Alpha/alpha-1) > 1e-9 {
			t.Errorf("asked for alpha = %v, got %v", alpha, f.Alpha)
		}
		if i%4 != 0 {
			continue
		}
		if c := threshold(t, l, alpha); math.Abs(f.Chi/c.Chi-1) > 1e-8 || math.Abs(f.Z/c.Z-1) > 1e-8 {
			t.Errorf("alpha = %v: (χ, z) = (%v, %v) followed, (%v, %v) cold", alpha, f.Chi, f.Z, c.Chi, c.Z)
		}
	}
}

// Cold starts succeed over the whole range for losses of very different scale.
func TestColdStarts(t *testing.T) {
	for _, l := range []loss.Loss{newLoss(t, "ell", 0.01), newLoss(t, "ell", 1e4), newLoss(t, "plain", 1)} {
		for _, alpha := range []float64{1.2, 2, 6, 100, 1e4} {
			st := threshold(t, l, alpha)
			if !(st.Chi > 0 && st.Z > 0 && st.Energy > 0) || math.Abs(st.Alpha/alpha-1) > 1e-9 {
				t.Errorf("%s at alpha = %v: %+v", l.Name, alpha, st)
			}
		}
	}
}

// The moments by plain integration over the field t, with the proximal point found
// by brute force. Where u has no jump both are smooth, and 120 Gauss points a
// direction leave 1e-9; with jumps plain integration over y is good to 1e-3 only.
func TestMomentsBruteForce(t *testing.T) {
	for _, c := range []struct{ chi, z, tol float64 }{{0.3, 0.55, 1e-7}, {0.7, 2, 3e-3}} {
		l := newLoss(t, "ell", 1)
		s, err := newSolver(l)
		if err != nil {
			t.Fatal(err)
		}
		got := s.moments(unknowns{math.Log(c.chi), math.Log(c.z)}, fineNodes, 0)
		r, err := quadrature.Composite([]float64{0, 0.5, 1, 2, 3, 4.5, 6, 9}, 16, 0)
		if err != nil {
			t.Fatal(err)
		}
		var want moments
		for i, y := range r.X {
			var at moments
			var norm float64
			for j, field := range r.X {
				u, m := bruteProximal(l, y, field, c.chi)
				w := r.W[j] * math.Exp(-field*field/2-c.z*m)
				d1, d2 := l.D1(y, u), l.D2(y, u)
				over := d2 / (1 + c.chi*d2)
				at.add(moments{q: c.chi * c.chi * d1 * d1, k: over, t: y * y * over, r: d1 * u, e: l.Value(y, u)}, w)
				norm += w
			}
			want.add(at, 2*r.W[i]*quadrature.Normal(y)/norm)
		}
		for _, p := range [][2]float64{{got.q, want.q}, {got.k, want.k}, {got.t, want.t}, {got.r, want.r}, {got.e, want.e}} {
			if math.Abs(p[0]-p[1]) > c.tol*(1+math.Abs(p[1])) {
				t.Errorf("χ = %v: moments %+v, by brute force %+v", c.chi, got, want)
				break
			}
		}
	}
}

// Work is shared among cores, its sums are not.
func TestIndependentOfCores(t *testing.T) {
	l := newLoss(t, "ell", 1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := threshold(t, l, 5)
	runtime.GOMAXPROCS(3)
	if three := threshold(t, l, 5); three != one {
		t.Errorf("%+v on one core, %+v on three", one, three)
	}
}

func TestThresholdErrors(t *testing.T) {
	l := newLoss(t, "ell", 1)
	for _, c := range []struct {
		alpha float64
		want  string
	}{{0, "alpha = 0"}, {-1, "alpha = -1"}, {math.NaN(), "alpha = NaN"}, {0.9, "no threshold state"}} {
		if _, err := ThresholdStates(l, c.alpha); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("alpha = %v: error %v", c.alpha, err)
		}
	}
	if _, err := thresholdTransitions(l, 3, 2); err == nil || !strings.Contains(err.Error(), "range") {
		t.Errorf("reversed range: error %v", err)
	}
	if ts, err := thresholdTransitions(l, 2, 7); err != nil || len(ts) != 0 {
		t.Errorf("no transition lies in [2, 7]: %+v, %v", ts, err)
	}
}

func BenchmarkThresholdState(b *testing.B) {
	l := newLoss(b, "ell", 1)
	for b.Loop() {
		if _, err := ThresholdStates(l, 5); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkThresholdTransition(b *testing.B) {
	for _, name := range []string{"ell", "plain"} {
		b.Run(name, func(b *testing.B) {
			l := newLoss(b, name, 1)
			for b.Loop() {
				if tr := thresholdBBP(b, l); tr.Err > 1e-6*tr.Alpha {
					b.Fatal(tr)
				}
			}
		})
	}
}
