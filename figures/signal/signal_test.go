package signal

import (
	"math"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/descent"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "signal", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "signal", nil, "inputs")
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[lawRow, theory.SignalRow](t)
	figurestest.Reads[runRow, descent.Descent](t)
	figurestest.Reads[nullRow, dynamics.Row](t)
}

// The measure of lawOf is ¼ at −2 and ⅜(x+1) from −1 to 1.
func TestDistribution(t *testing.T) {
	l := lawOf("init", 3)
	for _, c := range []struct{ x, signal, bulk float64 }{
		{-3, 0, 0}, {-1.5, 0.25, 0}, {0, 0.625, 0.25}, {1, 1, 0.5}, {2.5, 1, 0.875},
	} {
		// A node's half of a step of 0.02.
		if got := l.signal().at(c.x); math.Abs(got-c.signal) > 0.01 {
			t.Errorf("signal below %v: %v, want %v", c.x, got, c.signal)
		}
		if got := l.bulk().at(c.x); math.Abs(got-c.bulk) > 0.01 {
			t.Errorf("bulk below %v: %v, want %v", c.x, got, c.bulk)
		}
	}
	if q := l.signal().quantile(0.625); math.Abs(q) > 0.02 {
		t.Errorf("0.625 are below %v", q)
	}
	// A matrix of rank below N has the rest in its kernel.
	for i := range l.Bulk {
		l.Bulk[i] *= 0.5
	}
	l.Mu = -0.5
	if got := l.bulk().at(0.6); math.Abs(got-0.7) > 0.01 {
		t.Errorf("with a kernel of ½ at 0.5, below 0.6: %v, want 0.7", got)
	}
}

// Chebyshev, Markov and Stieltjes: the weight below a point between two lines is at least that of
// all lines there but the last, at most that with the next; on a line half of it is in doubt.
func TestWeightOfLines(t *testing.T) {
	lines := []line{{-2, 0.2}, {-1, 0.3}, {1, 0.4}, {2, 0.1}}
	for _, c := range []struct{ x, v, lo, hi float64 }{
		{0, 0.525, 0.2, 0.9}, {-3, 0, 0, 0.2}, {-1, 0.35, 0, 0.5}, {3, 0.95, 0.9, 1},
	} {
		v, lo, hi := below(lines, c.x)
		if math.Abs(v-c.v) > 1e-12 || math.Abs(lo-c.lo) > 1e-12 || math.Abs(hi-c.hi) > 1e-12 {
			t.Errorf("below %v: %v [%v, %v], want %+v", c.x, v, lo, hi, c)
		}
	}
}

func TestNumbers(t *testing.T) {
	_, n := figurestest.Described(t, "signal", good())
	nan := math.NaN()
	figurestest.Near(t, n["t-bbp-alpha=3"], 0.9, 0.8, 1.1)
	figurestest.Near(t, n["below-zero-start-alpha=3"], 0.625, nan, nan)
	figurestest.Near(t, n["below-zero-after-alpha=3"], 0.25, 0.225, 0.275)
	figurestest.Near(t, n["lowest-end-alpha=8"], 0.1, 0.09, 0.11)
	figurestest.Near(t, n["below-zero-late-alpha=3"], 0.5/11, 0.45/11, 0.55/11)
	// Three and a part of lines lie below 0: −0.99, −0.69, −0.39, −0.09 of the first run.
	figurestest.Near(t, n["below-zero-late-simulation"], 0.35+0.1*0.085/0.3, 0.3, 0.5)
	figurestest.Near(t, n["q2-start-simulation"], 0.1, 0.1, 0.1)
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	all := good()
	never := nullOf(500, 3, 0.02)
	never.Lost, never.TBBP, never.TBBPLo, never.TBBPHi = false, math.Inf(1), math.Inf(1), math.Inf(1)
	short := runOf(1)
	short.Observed = short.Observed[:1]
	odd := nullOf(500, 3, 0.01)
	odd.Times = odd.Times[:3]
	bare := lawOf("init", 3)
	bare.Atoms = nil
	for _, c := range []struct {
		what  string
		in    pipeline.Inputs
		words []string
	}{
		{"one run, no threshold state", pipeline.Inputs{figurestest.Stage("descent", "descent", runOf(1)), all[1],
			all[5]}, []string{"1 descent with"}},
		{"ended before", pipeline.Inputs{figurestest.Stage("descent", "descent", short), all[1], all[3], all[5]},
			[]string{"at the start and later"}},
		{"never lost, another share", pipeline.Inputs{all[0], all[1], figurestest.Stage("dynamics", "null", never)},
			[]string{"t_BBP = none (the outlier is never lost)", "none (that share was not asked for)"}},
		{"no null model then", pipeline.Inputs{all[0], all[1], figurestest.Stage("dynamics", "null", odd)},
			[]string{"none (the null model has no state at that time)"}},
		{"no outlier", pipeline.Inputs{all[0], figurestest.Stage("theory-signal", "start", bare), all[5]},
			[]string{"none (theory has no outlier)"}},
		{"an alpha of theory alone", append(all[:2:2], all[2], all[5]), []string{"none (there is no null model) at α = 8"}},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "signal", c.in, c.words...) })
	}
}

func TestUnusableInputIsAnError(t *testing.T) {
	all := good()
	dark := runOf(1)
	dark.Observed[0].Signal = nil
	cut := lawOf("init", 3)
	cut.Rho = cut.Rho[:5]
	other := nullOf(500, 3, 0.01)
	other.A = 2
	large := runOf(1)
	large.N, large.M = 160, 480
	for _, c := range []struct {
		in   pipeline.Inputs
		want string
	}{
		{append(all[1:], figurestest.Stage("descent", "dark", dark)), "dark"},
		{append(pipeline.Inputs{figurestest.Stage("theory-signal", "cut", cut)}, all...), "cut"},
		{append(pipeline.Inputs{figurestest.Stage("descent", "large", large)}, all...), "one size"},
		{append(all[:4:4], figurestest.Stage("dynamics", "other", other)), "other"},
		{append(all[:1:1], all[2], all[6]), "is at alpha = 3"},
	} {
		figurestest.Refused(t, "signal", c.in, c.want)
	}
}
