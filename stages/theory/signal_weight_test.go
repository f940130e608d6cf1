package theory

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// sampled is the spectrum of labels of a random start, and μ at alpha.
func sampled(t *testing.T, labels int, alpha float64) (*Spectrum, float64) {
	t.Helper()
	p := problem(t, AtInit, "ell", 1, 0)
	rng := rand.New(rand.NewPCG(9, 10))
	y, u := make([]float64, labels), make([]float64, labels)
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
	return sp, law.Mu(p.Loss, alpha)
}

// moved is the spectrum with another law on the same nodes: a share x of the weight of their
// second half moved to the first, and a larger y_⊥².
func moved(sp *Spectrum, x float64) *Spectrum {
	out, law := *sp, *sp.Law
	law.P, law.Perp2 = make([]float64, len(sp.Law.P)), make([]float64, len(sp.Law.P))
	for k, p := range sp.Law.P {
		law.Perp2[k] = sp.Law.Perp2[k] * (1 + 0.1*x)
		law.P[k] = p * (1 - x)
		if k < len(law.P)/2 {
			law.P[k] = p * (1 + x)
		}
	}
	out.Law = &law
	return &out
}

// The weights are those of the whole measure, and their derivatives those of differences. Of a
// difference over x = 1e-3 the share that the CDF is found to, 1e-9, leaves 1e-6 and the third
// derivative as much; the latter some 1e-4 over dμ = 1e-2 next to the edge, where the density
// changes by its size over 0.1.
func TestSignalWeights(t *testing.T) {
	const x, dmu = 1e-3, 1e-2
	for _, c := range []struct {
		alpha, lambda, share float64
	}{{1, 0, 0.01}, {3, 0, 0.01}, {3, -11, 0.3}, {8, 0, 0.01}, {0.5, 1, 0.9}} {
		sp, mu := sampled(t, 600, c.alpha)
		m, err := sp.Signal(c.alpha, mu)
		if err != nil {
			t.Fatal(err)
		}
		_, lowest, err := m.Lowest(c.share)
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range []struct {
			what   string
			want   float64
			weight func(sp *Spectrum, mu float64) (SignalWeight, error)
		}{
			{"below", m.Below(c.lambda).Value,
				func(sp *Spectrum, mu float64) (SignalWeight, error) { return sp.SignalBelow(c.alpha, mu, c.lambda) }},
			{"lowest", lowest.Value,
				func(sp *Spectrum, mu float64) (SignalWeight, error) { return sp.SignalLowest(c.alpha, mu, c.share) }},
		} {
			at := func(sp *Spectrum, mu float64) SignalWeight {
				w, err := of.weight(sp, mu)
				if err != nil {
					t.Fatal(err)
				}
				return w
			}
			w := at(sp, mu)
			if math.Abs(w.Weight-of.want) > 1e-5 {
				t.Errorf("%+v, %s: weight %v, want %v", c, of.what, w.Weight, of.want)
			}
			up, down := moved(sp, x), moved(sp, -x)
			var got float64
			for k := range sp.s {
				got += w.ByP[k]*(up.Law.P[k]-down.Law.P[k]) +
					w.ByPerp2[k]*(up.Law.P[k]*up.Law.Perp2[k]-down.Law.P[k]*down.Law.Perp2[k])
			}
			want := at(up, mu).Weight - at(down, mu).Weight
			byMu := (at(sp, mu+dmu).Weight - at(sp, mu-dmu).Weight) / (2 * dmu)
			if math.Abs(got-want)/(2*x) > 2e-5 || math.Abs(w.ByMu-byMu) > 2e-4 {
				t.Errorf("%+v, %s: changes by %v, differences %v; by mu %v, %v",
					c, of.what, got/(2*x), want/(2*x), w.ByMu, byMu)
			}
		}
	}
	sp, mu := sampled(t, 100, 3)
	if _, err := sp.SignalLowest(3, mu, 1); err == nil || !strings.Contains(err.Error(), "share") {
		t.Errorf("share = 1: error %v", err)
	}
	if _, err := sp.SignalBelow(3, math.NaN(), 0); err == nil || !strings.Contains(err.Error(), "mu") {
		t.Errorf("mu = NaN: error %v", err)
	}
}

// A share of the eigenvalues of a matrix of full rank ends where the CDF, found from far up in
// the half plane, says so.
func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		at    string
		alpha float64
	}{{AtInit, 1.5}, {AtInit, 3}, {AtThreshold, 3}, {AtThreshold, 4}, {AtThreshold, 6}} {
		sp, mu, err := problem(t, c.at, "ell", 1, 0).Spectrum(c.alpha)
		if err != nil {
			t.Fatal(err)
		}
		b, err := newBulk(sp, c.alpha, mu)
		if err != nil {
			t.Fatal(err)
		}
		for share := 0.04; share < 1; share += 0.04 {
			checkQuantile(t, b, share)
		}
	}
	// Labels as late in a descent: few are large and leave gaps in the spectrum, where there are
	// other solutions close by.
	rng := rand.New(rand.NewPCG(7, 10))
	y, u := make([]float64, 1500), make([]float64, 1500)
	for i := range y {
		y[i] = rng.NormFloat64()
		u[i] = math.Abs(y[i]) + 0.2*rng.NormFloat64()
	}
	law, err := EmpiricalLaw(y, u, 0)
	if err != nil {
		t.Fatal(err)
	}
	sp, err := NewSpectrum(law, problem(t, AtInit, "ell", 1, 0).weight)
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBulk(sp, 5, 0)
	if err != nil {
		t.Fatal(err)
	}
	for share := 0.97; share < 0.999; share += 0.003 {
		checkQuantile(t, b, share)
	}
}

func checkQuantile(t *testing.T, b *bulk, share float64) {
	t.Helper()
	zeta, kernel := b.quantile(share, 1e-9)
	if p := b.solve(zeta, nil); kernel || math.Abs(p.cdf-share) > 1e-8 {
		t.Errorf("alpha = %v, share %v: kernel %v, CDF %v at %v", b.alpha, share, kernel, p.cdf, zeta-b.mu)
	}
}
