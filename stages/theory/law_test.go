package theory

import (
	"math"
	"strings"
	"testing"
)

// Moments of correlated normals, E[y⁴ŷ²] = 3+12m² among them, are exact up to the
// cut at 9 and rounding of 1e4 terms.
func TestOverlapLawMoments(t *testing.T) {
	for _, m := range []float64{0, 0.3, -0.9, 0.999} {
		for _, even := range []bool{false, true} {
			if even && m != 0 {
				continue
			}
			l, err := OverlapLaw(m, Grid{Scale: 0.1, Even: even})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				f    func(y, u float64) float64
				want float64
			}{
				{func(y, u float64) float64 { return u * u }, 1},
				{func(y, u float64) float64 { return y * y * y * y * u * u }, 3 + 12*m*m},
				{func(y, u float64) float64 { return y * y * u * u * u * u }, 3 + 12*m*m},
			} {
				if got := l.Mean(c.f); math.Abs(got/c.want-1) > 1e-10 {
					t.Errorf("m = %v: moment %v, want %v", m, got, c.want)
				}
			}
			var perp float64
			for k, p := range l.P {
				perp += p * l.Perp2[k]
			}
			if math.Abs(perp-1) > 1e-10 {
				t.Errorf("m = %v: E[y_⊥²] = %v", m, perp)
			}
		}
	}
}

// E[ℓ'ŷ] = E[2ŷ²(ŷ²−y²)/(a+y²)] = 2E[(3−y²)/(a+y²)] and E[ℓ] =
// E[(3−2y²+y⁴)/(2(a+y²))] at a random start; with I = E[1/(1+y²)] =
// √(π/2)e^½erfc(1/√2), a = 1: 2(4I−1) and (6I−2)/2, as y⁴−2y²+3 = (y²+1)(y²−3)+6.
func TestMuEnergy(t *testing.T) {
	l := problem(t, AtInit, "ell", 1, 0)
	law, err := OverlapLaw(0, GridFor(l.weight, 1))
	if err != nil {
		t.Fatal(err)
	}
	i := math.Sqrt(math.Pi/2) * math.Exp(0.5) * math.Erfc(1/math.Sqrt2)
	if got, want := law.Mu(l.Loss, 3), 3*2*(4*i-1); math.Abs(got-want) > 1e-10 {
		t.Errorf("μ = %v, want %v", got, want)
	}
	if got, want := law.Energy(l.Loss, 3), 3*(6*i-2)/2; math.Abs(got-want) > 1e-10 {
		t.Errorf("energy = %v, want %v", got, want)
	}
}

func TestLawErrors(t *testing.T) {
	good := make([]float64, 100)
	bad := append([]float64(nil), good...)
	bad[7] = math.NaN()
	inf := append([]float64(nil), good...)
	inf[8] = math.Inf(1)
	for _, c := range []struct {
		y, u []float64
		m    float64
		want string
	}{
		{good[:99], good[:99], 0, "too few"},
		{good, good[:99], 0, "99 of ŷ"},
		{bad, good, 0, "y[7] = NaN"},
		{good, inf, 0, "ŷ[8] = +Inf"},
		{good, good, -1, "m = -1"},
	} {
		if _, err := EmpiricalLaw(c.y, c.u, c.m); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	if _, err := OverlapLaw(1.5, Grid{Scale: 1}); err == nil {
		t.Error("m = 1.5 gave a law")
	}
	if _, err := OverlapLaw(0, Grid{}); err == nil || !strings.Contains(err.Error(), "scale") {
		t.Errorf("scale = 0: error %v", err)
	}
	law, err := EmpiricalLaw(good, good, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewSpectrum(law, optimal()); err == nil || !strings.Contains(err.Error(), "y = 0") {
		t.Errorf("s = 1/0: error %v", err)
	}
}
