package growth

import (
	"math"
	"testing"

	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/portable"
	"zerotohero/stages/outcome"
)

// ended are runs that end at times, negative for those that are not recovered by then:
// the outcome is one of a censored run.
func ended(other string, starts int, times ...float64) []descent {
	var out []descent
	for i, t := range times {
		for k := range starts {
			d := descent{Seed: int64(i), Start: int64(k), N: 1e6, Alpha: 3, Outcome: outcome.Recovered, T: t}
			if t < 0 {
				d.Outcome, d.T = other, -t
			}
			out = append(out, follow(d, func(float64) float64 { return 1 }))
		}
	}
	return out
}

// Remission of leukaemia under 6-mercaptopurine in weeks (Freireich et al. 1963), as in
// Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data.
var remission = []float64{6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35}

// The published estimate and Greenwood's standard errors. With one run an instance the
// variance here is Greenwood's times K/(K−1) = 21/20; with three that agree it is the same.
func TestKaplanMeier(t *testing.T) {
	published := []struct{ t, p, se float64 }{
		{6, 0.857, 0.0764}, {7, 0.807, 0.0869}, {10, 0.753, 0.0963}, {13, 0.690, 0.1068}, {16, 0.627, 0.1141}, {22, 0.538, 0.1282}, {23, 0.448, 0.1346},
	}
	z := portable.NormalQuantile(0.975)
	for _, starts := range []int{1, 3} {
		runs := ended(outcome.Unresolved, starts, remission...)
		c := survival(newSample(defaults(t), runs), runs, confidence.Level{Confidence: 0.95})
		if len(c.steps) != len(published) {
			t.Fatalf("%d times of recovery", len(c.steps))
		}
		for k, want := range published {
			got := c.steps[k]
			if got.t != want.t || math.Abs(got.p-want.p) > 5.1e-4 {
				t.Errorf("P(%v) = %v, want %v at %v", got.t, got.p, want.p, want.t)
			}
			// ln(−ln p) ± z se/(p|ln p|). The published errors have three digits or more.
			f := z * want.se * math.Sqrt(21./20) / (got.p * -math.Log(got.p))
			lo, hi := math.Pow(got.p, math.Exp(f)), math.Pow(got.p, math.Exp(-f))
			if math.Abs(got.lo-lo) > 1e-3 || math.Abs(got.hi-hi) > 1e-3 {
				t.Errorf("%d starts, t = %v: [%v, %v], want [%v, %v]", starts, got.t, got.lo, got.hi, lo, hi)
			}
		}
		// Published: median 23. With Greenwood's errors the lower end is 13, as P(10) has
		// its own at 0.503; the factor 21/20 takes that to 0.496.
		if m, lo, hi := c.first(0.5); m != 23 || lo != 10 || !math.IsInf(hi, 1) {
			t.Errorf("median %v in [%v, %v]", m, lo, hi)
		}
		if q, _, _ := c.first(0.1); q != 6 {
			t.Errorf("a tenth at %v", q)
		}
		if q, lo, _ := c.first(0.9); !math.IsInf(q, 1) || !math.IsInf(lo, 1) {
			t.Errorf("nine tenths at %v, from %v on", q, lo)
		}
	}
}

// Trapped and diverged runs stay at risk: without a censored run the estimate is the share
// of all runs.
func TestNeverRecovered(t *testing.T) {
	for _, other := range []string{outcome.Trapped, outcome.Diverged} {
		runs := ended(other, 1, 1, -2, 3, -4, 5, 6, -0.5, 8, 9, -10)
		row := reduce(defaults(t), runs)
		for _, pt := range row.Points {
			by := int64(0)
			for _, end := range []float64{1, 3, 5, 6, 8, 9} {
				if end <= pt.T {
					by++
				}
			}
			if pt.Recovered != by || math.Abs(pt.NotRecovered-(1-float64(by)/10)) > 1e-12 {
				t.Errorf("t = %v: %d recovered, P = %v, want %d of 10", pt.T, pt.Recovered, pt.NotRecovered, by)
			}
			if by == 0 != math.IsNaN(pt.NotRecoveredLo) || by > 0 && !(pt.NotRecoveredLo < pt.NotRecovered &&
				pt.NotRecovered < pt.NotRecoveredHi) {
				t.Errorf("t = %v: P = %v in [%v, %v]", pt.T, pt.NotRecovered, pt.NotRecoveredLo, pt.NotRecoveredHi)
			}
		}
		r := row.Recovery
		if r.P10 != 1 || r.Median != 8 || r.OfRecovered != 5.5 || r.OfRecoveredP90 != 9 || !(r.MedianLo < 8 &&
			r.MedianHi >= 9) {
			t.Errorf("%+v", r)
		}
	}
	// All recovered: P ends at 0.
	runs := ended(outcome.Trapped, 1, 1, 2, 3, 4)
	if row := reduce(defaults(t), runs); row.Recovery.Median != 2 || !math.IsNaN(row.Trapping.Lo) ||
		row.Points[len(row.Points)-1].NotRecovered != 0.25 {
		t.Errorf("%+v, %+v", row.Recovery, row.Points[len(row.Points)-1])
	}
}

// Ranks of the interval of a median at the level 0.95, as tabulated (Conover, Practical
// Nonparametric Statistics, table A3; 40 of 100 in most).
func TestRank(t *testing.T) {
	for n, want := range map[int]int{0: 0, 5: 0, 6: 1, 8: 1, 9: 2, 10: 2, 12: 3, 15: 4, 20: 6, 25: 8, 50: 18, 100: 40} {
		if got := rank(n, confidence.Level{Confidence: 0.95}); got != want {
			t.Errorf("rank %d of %d, want %d", got, n, want)
		}
	}
	// Far beyond the range of 2^−n: n/2 − z √n/2, to a rank.
	if got, want := rank(5000, confidence.Level{Confidence: 0.95}), 2500-1.96*math.Sqrt(5000)/2; math.Abs(float64(got)-want) > 1 {
		t.Errorf("rank %d of 5000, want %v", got, want)
	}
}

func TestTrapping(t *testing.T) {
	for _, c := range []struct {
		name      string
		runs      []descent
		median    float64
		lo, hi, n float64
	}{
		{"ten", ended(outcome.Trapped, 1, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, 3), 5.5, 2, 9, 10},
		// Three that agree on each of ten instances are worth ten: ranks 2 and 9 of these.
		{"starts that agree", ended(outcome.Trapped, 3, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10), 5.5, 2, 9, 10},
		{"five", ended(outcome.Trapped, 1, -1, -2, -3, -4, -5), 3, 0, math.Inf(1), 5},
	} {
		got := trapping(newSample(defaults(t), c.runs), c.runs, defaults(t))
		if got.Median != c.median || got.Lo != c.lo || got.Hi != c.hi || math.Abs(got.Effective-c.n) > 1e-9 {
			t.Errorf("%s: %v in [%v, %v] of %v", c.name, got.Median, got.Lo, got.Hi, got.Effective)
		}
	}
	// Two unresolved runs could be the latest trapped: the upper rank is then of twelve.
	runs := append(ended(outcome.Trapped, 1, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10), ended(outcome.Unresolved, 1, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1)[10:]...)
	if got := trapping(newSample(defaults(t), runs), runs, defaults(t)); got.Lo != 2 || got.Hi < 10 {
		t.Errorf("with unresolved runs: [%v, %v]", got.Lo, got.Hi)
	}
}
