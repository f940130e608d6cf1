package theory

import (
	"math"
	"testing"

	"zerotohero/stages/loss"
)

// bruteProximal is argmin_u [ℓ(y,u) + (u−t)²/(2χ)] and the minimum, for ℓ ≥ 0:
// every local minimum on a fine grid is polished and the lowest kept.
func bruteProximal(l loss.Loss, y, t, chi float64) (u, m float64) {
	value := func(u float64) float64 { return l.Value(y, u) + (u-t)*(u-t)/(2*chi) }
	slope := func(u float64) float64 { return l.D1(y, u) + (u-t)/chi }
	// A minimum costs no more than u = t does.
	radius := 1.01*math.Sqrt(2*chi*math.Max(0, l.Value(y, t))) + 1e-9*(1+math.Abs(t))
	const points = 1000
	u, m = t, math.Inf(1)
	a, fa := t-radius, slope(t-radius)
	for i := 1; i <= points; i++ {
		b := t - radius + 2*radius*float64(i)/points
		fb := slope(b)
		if fa <= 0 && fb >= 0 {
			x := a
			if fa != 0 || fb == 0 {
				x = findRoot(slope, a, b, fa, fb)
			}
			if v := value(x); v < m {
				u, m = x, v
			}
		}
		a, fa = b, fb
	}
	return u, m
}

// rough is a loss with many wells, uneven in ŷ unless shift is 0.
func rough(shift float64) loss.Loss {
	return loss.Loss{
		Name: "rough",
		Value: func(y, u float64) float64 {
			return 0.5*(u*u-y*y)*(u*u-y*y)/(1+y*y) + 0.3*(1-math.Cos(4*(u-shift)))
		},
		D1: func(y, u float64) float64 {
			return 2*u*(u*u-y*y)/(1+y*y) + 1.2*math.Sin(4*(u-shift))
		},
		D2: func(y, u float64) float64 {
			return (6*u*u-2*y*y)/(1+y*y) + 4.8*math.Cos(4*(u-shift))
		},
		InfD2: -6.8,
	}
}

// Every field's proximal point, found by brute force, lies on a branch, and every
// point of a branch is the proximal point of its own field.
func TestBranches(t *testing.T) {
	for _, l := range []loss.Loss{
		newLoss(t, "ell", 1), newLoss(t, "ell", 0.01), newLoss(t, "plain", 1), rough(0), rough(0.4),
	} {
		for _, chi := range []float64{0.05, 0.3, 0.9, 5} {
			p := newProximal(l, chi)
			for _, y := range []float64{0, 0.1, 0.7, 1.5, 4} {
				bs := p.branches(y)
				for field := -5.0; field <= 5; field += 0.37 {
					if field < 0 && p.even {
						continue
					}
					u, _ := bruteProximal(l, y, field, chi)
					on := false
					for _, b := range bs {
						// Ends of jumps are polished to rounding, brute-force minima to
						// the root of it.
						on = on || u >= b.lo-1e-6 && u <= b.hi+1e-6
					}
					if !on {
						t.Errorf("%s, χ = %v, y = %v, t = %v: u = %v is on none of %v", l.Name, chi, y, field, u, bs)
					}
				}
				for _, b := range bs {
					for _, share := range []float64{0.01, 0.3, 0.8} {
						u := b.lo + share*(b.hi-b.lo)
						field := p.field(y, u)
						if math.Abs(field) > reach {
							continue
						}
						if v, _ := bruteProximal(l, y, field, chi); math.Abs(u-v) > 1e-6*(1+math.Abs(u)) {
							t.Errorf("%s, χ = %v, y = %v: u = %v of %v, but t = %v goes to %v", l.Name, chi, y, u, b, field, v)
						}
					}
				}
			}
		}
	}
}

// A loss with many wells, even or not, has threshold states as well. Marginality
// and stationarity hold by construction; the law's own edge comes from its nodes.
func TestThresholdOfAnyLoss(t *testing.T) {
	for _, shift := range []float64{0, 0.4} {
		l := rough(shift)
		const alpha = 8
		st := threshold(t, l, alpha)
		law, err := st.Law(l, 1)
		if err != nil {
			t.Fatal(err)
		}
		sp, err := NewSpectrum(law, Curvature(l))
		if err != nil {
			t.Fatal(err)
		}
		e, err := sp.Edge(alpha, st.Mu)
		if err != nil || math.Abs(e.G/st.Chi-1) > 1e-4 || math.Abs(e.Lambda-(st.MuEdge-st.Mu)) > 1e-3/st.Chi {
			t.Errorf("shift %v: edge %+v, %v at %+v", shift, e, err, st)
		}
	}
}
