package theory

import (
	"math"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/loss/losstest"
	_ "zerotohero/stages/loss/plain"
	_ "zerotohero/stages/loss/pseudohuber"
)

// choose is a loss at a, or one that has no parameter.
func choose(t testing.TB, name string, a float64) loss.Choice {
	t.Helper()
	if name == "plain" {
		return losstest.Choose(t, name, nil)
	}
	return losstest.Choose(t, name, losstest.Values{"a": a})
}

func problem(t testing.TB, at, name string, a, m float64) Problem {
	t.Helper()
	p, err := NewProblem(at, choose(t, name, a), m)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func transitions(t testing.TB, p Problem, lo, hi float64) []Transition {
	t.Helper()
	ts, err := p.Transitions(lo, hi)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

// The numbers are those of physics.md 2a, six printed digits from an independent
// quadrature.
func TestInitTransitionAnchors(t *testing.T) {
	for _, c := range []struct {
		a, alpha float64
		edge     EdgeKind
	}{{0.01, 2.85075, Sharp}, {1, 1.13485, Sharp}, {2, 1.69042, Smooth}} {
		ts := transitions(t, problem(t, AtInit, "ell", c.a, 0), 0.1, 100)
		if len(ts) != 1 {
			t.Errorf("a = %v: %d transitions, want 1: %+v", c.a, len(ts), ts)
			continue
		}
		got := ts[0]
		if math.Abs(got.Alpha/c.alpha-1) > 1e-5 || got.Edge != c.edge || !got.Appears {
			t.Errorf("a = %v: %+v, want %v on a %s edge", c.a, got, c.alpha, c.edge)
		}
		if !(got.Err <= 1e-6*got.Alpha) {
			t.Errorf("a = %v: the quadrature's error is %v", c.a, got.Err)
		}
	}
}

// α_BBP = (1+a)/2 exactly on a smooth edge (physics.md 2b). The ten-point rule
// leaves 1e-11 relative on each panel.
func TestWideStudentExact(t *testing.T) {
	for _, a := range []float64{0.01, 0.1, 1, 4, 50} {
		ts := transitions(t, problem(t, AtWide, "ell", a, 0), 0.01, 100)
		if len(ts) != 1 || math.Abs(ts[0].Alpha/((1+a)/2)-1) > 1e-9 || ts[0].Edge != Smooth {
			t.Errorf("a = %v: %+v, want (1+a)/2 on a smooth edge", a, ts)
		}
	}
}

// The averaged weight is −2 + (6+2a)/(a+y²), twice the wide student's shape: on
// its smooth edge g = 1/2, 1+gs = (3+a)/(a+y²), and E[(y²−1)(a+y²)] = 2 makes
// D = 2 − 4α/(3+a), so that α_BBP = (3+a)/2 while A ≤ 1 there:
// A = α E[((3−y²)/(3+a))²] = 6α/(3+a)² gives a ≥ 0, always.
func TestAveragedExact(t *testing.T) {
	for _, a := range []float64{0.01, 1, 4, 50} {
		ts := transitions(t, problem(t, AtAveraged, "ell", a, 0), 0.01, 100)
		if len(ts) == 0 || math.Abs(ts[0].Alpha/((3+a)/2)-1) > 1e-9 || ts[0].Edge != Smooth {
			t.Errorf("a = %v: %+v, want (3+a)/2 on a smooth edge first", a, ts)
		}
	}
}

// Weak recovery by the optimal estimator starts at 1/2, where its smooth edge turns
// sharp (Mondelli and Montanari 2018); one solution is found there, not two.
func TestOptimalEstimator(t *testing.T) {
	ts := transitions(t, problem(t, AtOptimal, "ell", 1, 0), 0.01, 100)
	if len(ts) != 1 || math.Abs(ts[0].Alpha-0.5) > 1e-9 {
		t.Errorf("%+v, want one transition at 1/2", ts)
	}
}

// With a small, the averaged matrix gains, loses and regains its outlier. Between
// solutions found by scanning g, the outlier itself must exist or not accordingly.
func TestAllTransitionsFound(t *testing.T) {
	for _, at := range []string{AtInit, AtAveraged, AtWide} {
		for _, a := range []float64{0.01, 0.1, 1, 2} {
			p := problem(t, at, "ell", a, 0)
			ts := transitions(t, p, 0.2, 20)
			for alpha := 0.25; alpha < 20; alpha *= 1.3 {
				exists := false
				for _, x := range ts {
					if x.Alpha < alpha {
						exists = x.Appears
					}
				}
				sp, mu, err := p.Spectrum(alpha)
				if err != nil {
					t.Fatal(err)
				}
				o, err := sp.Outlier(alpha, mu)
				if err != nil || o.Exists != exists {
					t.Errorf("%s, a = %v, alpha = %v: outlier %v, error %v; transitions %+v", at, a, alpha, o.Exists, err, ts)
				}
			}
		}
	}
}

// Outside the solutions nothing is invented.
func TestNoTransitionInRange(t *testing.T) {
	p := problem(t, AtInit, "ell", 1, 0)
	for _, r := range [][2]float64{{0.1, 1.1}, {1.2, 50}} {
		if ts := transitions(t, p, r[0], r[1]); len(ts) != 0 {
			t.Errorf("range %v: %+v, want none", r, ts)
		}
	}
}

// The transition at overlap m tends to the one at 0 smoothly in m², so that at
// m = 0.01 they differ by about 1e-4.
func TestOverlapTransition(t *testing.T) {
	at := func(m float64) float64 {
		return transitions(t, problem(t, AtInit, "ell", 1, m), 0.5, 3)[0].Alpha
	}
	zero, small, twice := at(0), at(0.01), at(0.02)
	if d := small - zero; math.Abs(d) > 1e-3 || math.Abs((twice-zero)/d-4) > 0.05 {
		t.Errorf("alpha at m = 0, 0.01, 0.02: %v, %v, %v; want a quadratic", zero, small, twice)
	}
	if minus := at(-0.01); math.Abs(minus-small) > 1e-10 {
		t.Errorf("alpha at m = −0.01 is %v, at 0.01 %v", minus, small)
	}
}

func TestProblemErrors(t *testing.T) {
	for _, c := range []struct {
		at, loss string
		a, m     float64
		want     string
	}{
		{"start", "ell", 1, 0, "init, "},
		{AtWide, "plain", 0, 0, "plain has none"},
		{AtInit, "ell", 1, 1, "m = 1"},
		{AtInit, "ell", 1, math.NaN(), "m = NaN"},
		{AtWide, "ell", 1, 0.5, "m = 0.5"},
		{AtInit, "plain", 1, 0, "no finite edge"},
		{AtAveraged, "plain", 1, 0, "no finite edge"},
	} {
		_, err := NewProblem(c.at, choose(t, c.loss, c.a), c.m)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	p := problem(t, AtInit, "ell", 1, 0)
	for _, r := range [][2]float64{{0, 1}, {2, 1}, {-1, 1}, {1, math.Inf(1)}, {math.NaN(), 1}} {
		if _, err := p.Transitions(r[0], r[1]); err == nil || !strings.Contains(err.Error(), "range") {
			t.Errorf("range %v: error %v", r, err)
		}
	}
	for _, alpha := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, _, err := p.Spectrum(alpha); err == nil || !strings.Contains(err.Error(), "alpha") {
			t.Errorf("alpha = %v: error %v", alpha, err)
		}
		if _, err := p.Density(alpha); err == nil {
			t.Errorf("alpha = %v: a density", alpha)
		}
	}
}

// Every registered loss works at every matrix, or says why not.
func TestEveryLoss(t *testing.T) {
	for _, l := range pipeline.Choices[loss.Loss]() {
		name := l.Name
		for _, at := range Matrices() {
			p, err := NewProblem(at, losstest.Choose(t, name, nil), 0)
			if err != nil {
				if !strings.Contains(err.Error(), "no finite edge") && !strings.Contains(err.Error(), "takes its a from the loss") {
					t.Errorf("%s at %s: %v", name, at, err)
				}
				continue
			}
			if _, err := p.Transitions(0.5, 30); err != nil {
				t.Errorf("%s at %s: %v", name, at, err)
			}
		}
	}
}

func BenchmarkTransition(b *testing.B) {
	for _, c := range []struct {
		name string
		a    float64
	}{{"sharp", 1}, {"smooth", 2}, {"small-a", 0.01}} {
		b.Run(c.name, func(b *testing.B) {
			p := problem(b, AtInit, "ell", c.a, 0)
			for b.Loop() {
				if ts, err := p.Transitions(0.1, 100); err != nil || !(ts[0].Err <= 1e-6*ts[0].Alpha) {
					b.Fatal(ts, err)
				}
			}
		})
	}
}
