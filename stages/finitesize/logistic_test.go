package finitesize

import (
	"math"
	"testing"

	"zerotohero/stages/internal/random"
)

// near checks a relative agreement; want is not 0.
func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got/want-1) <= tol) {
		t.Errorf("%s = %v, want %v within %v", what, got, want, tol)
	}
}

// Bliss (1935), beetles against log dose of CS2, as in Dobson, An Introduction to
// Generalized Linear Models: b0 = −60.717, b1 = 34.270 by logistic regression.
func TestFitPublished(t *testing.T) {
	f := fitLogistic(
		[]float64{1.6907, 1.7242, 1.7552, 1.7842, 1.8113, 1.8369, 1.8610, 1.8839},
		[]float64{59, 60, 62, 56, 63, 59, 62, 60},
		[]float64{6, 13, 18, 28, 52, 53, 61, 60})
	if f.reason != "" {
		t.Fatal(f.reason)
	}
	// The published coefficients have five digits.
	near(t, "width", f.width.lo, 1/34.270, 2e-5)
	near(t, "alpha50", f.alpha50.lo, 60.717/34.270, 2e-5)
}

// The maximum beats a fine grid around it, and the grid's best lies next to it.
func TestFitBruteForce(t *testing.T) {
	alpha := []float64{1, 2, 3, 4}
	trials, recovered := []float64{20, 5, 20, 11}, []float64{1, 3, 12, 10}
	f := fitLogistic(alpha, trials, recovered)
	if f.reason != "" {
		t.Fatal(f.reason)
	}
	likelihood := func(a50, width float64) float64 {
		sum := 0.0
		for j, a := range alpha {
			p := 1 / (1 + math.Exp(-(a-a50)/width))
			sum += recovered[j]*math.Log(p) + (trials[j]-recovered[j])*math.Log(1-p)
		}
		return sum
	}
	best, bestA, bestW := math.Inf(-1), 0.0, 0.0
	const step = 0.002
	for a := 1.5; a < 3.5; a += step {
		for w := 0.2; w < 1.5; w += step {
			if l := likelihood(a, w); l > best {
				best, bestA, bestW = l, a, w
			}
		}
	}
	if at := likelihood(f.alpha50.lo, f.width.lo); at < best {
		t.Errorf("ln L = %v at the fit, %v on the grid", at, best)
	}
	// The likelihood's correlation of the two parameters is small here: its best
	// grid point is one of the fit's neighbours.
	if math.Abs(bestA-f.alpha50.lo) > 2*step || math.Abs(bestW-f.width.lo) > 2*step {
		t.Errorf("fit (%v, %v), grid (%v, %v)", f.alpha50.lo, f.width.lo, bestA, bestW)
	}
}

func TestFitNotIdentified(t *testing.T) {
	inf := math.Inf(1)
	open, positive := interval{-inf, inf}, interval{0, inf}
	for _, c := range []struct {
		name              string
		trials, recovered []float64
		alpha50, width    interval
	}{
		{name: "no trials", trials: []float64{0, 0, 0}, recovered: []float64{0, 0, 0}, alpha50: open, width: positive},
		{name: "separable", trials: []float64{9, 0, 9}, recovered: []float64{0, 0, 9}, alpha50: interval{1, 3},
			width: interval{0, 0}},
		{name: "quasi-separable", trials: []float64{9, 9, 9}, recovered: []float64{0, 4, 9}, alpha50: interval{2, 2},
			width: interval{0, 0}},
		{name: "none recovered", trials: []float64{9, 9, 0}, recovered: []float64{0, 0, 0}, alpha50: interval{2, inf},
			width: positive},
		{name: "all recovered", trials: []float64{0, 9, 9}, recovered: []float64{0, 9, 9}, alpha50: interval{-inf, 2},
			width: positive},
		{name: "one α", trials: []float64{0, 9, 0}, recovered: []float64{0, 4, 0}, alpha50: open, width: positive},
		{name: "separable, falling", trials: []float64{9, 9, 9}, recovered: []float64{9, 4, 0}, alpha50: open,
			width: positive},
		{name: "falling", trials: []float64{9, 9, 9}, recovered: []float64{8, 4, 1}, alpha50: open, width: positive},
	} {
		f := fitLogistic([]float64{1, 2, 3}, c.trials, c.recovered)
		if f.reason == "" {
			t.Errorf("%s: identified, %+v", c.name, f)
			continue
		}
		if f.alpha50 != c.alpha50 || f.width != c.width {
			t.Errorf("%s: alpha50 in %v, width in %v; want %v, %v", c.name, f.alpha50, f.width, c.alpha50, c.width)
		}
	}
}

// Far, steep and lopsided data have overlapping outcomes, so the maximum exists
// and its gradient vanishes: Σ (r − nP) = Σ (r − nP) α = 0.
func TestFitConverges(t *testing.T) {
	stream := random.New("finitesize test converge", 1, 0)
	found := 0
	for range 2000 {
		alpha := make([]float64, 6)
		trials, recovered := make([]float64, 6), make([]float64, 6)
		centre, width := 0.5+5*stream.Uniform(), math.Exp(-4+4*stream.Uniform())
		n := math.Floor(math.Exp(9 * stream.Uniform()))
		for j := range alpha {
			alpha[j] = float64(j + 1)
			trials[j] = n
			p := 1 / (1 + math.Exp(-(alpha[j]-centre)/width))
			recovered[j] = min(n, math.Floor(n*p+2*stream.Uniform()))
		}
		f := fitLogistic(alpha, trials, recovered)
		if f.alpha50.lo != f.alpha50.hi || f.reason != "" {
			continue
		}
		found++
		var g0, g1 float64
		for j, a := range alpha {
			d := recovered[j] - trials[j]/(1+math.Exp(-(a-f.alpha50.lo)/f.width.lo))
			g0 += d
			g1 += d * a
		}
		// Rounding: sums of terms up to 6n, with the argument of exp a few tens.
		if tol := 1e-9 * (1 + n); math.Abs(g0) > tol || math.Abs(g1) > 10*tol {
			t.Fatalf("gradient (%g, %g) at the maximum for %v of %v", g0, g1, recovered, trials)
		}
	}
	// The seed is fixed: this guards against a test that tests nothing.
	if found < 300 {
		t.Errorf("only %d of 2000 data sets were identified", found)
	}
}
