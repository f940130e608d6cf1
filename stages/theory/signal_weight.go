package theory

import (
	"math"

	"zerotohero/stages/internal/portable"
)

// A SignalWeight is the weight of the signal's spectral measure (physics.md 2e) below an
// eigenvalue, with its derivatives with the law of labels and with μ. That the eigenvalue which a
// share of all lies below changes with the law is in them.
type SignalWeight struct {
	UpTo, Weight float64   // the eigenvalue, and the weight below it
	ByP          []float64 // by the probability p of each node of the law, at constant p·y_⊥²
	ByPerp2      []float64 // by its p·y_⊥²
	ByMu         float64
}

// SignalBelow is the weight of the signal below lambda at alpha and mu. It leaves out the
// density, on which [Spectrum.Signal] spends its time, and is accurate to 1e-5. Errors are
// those of Signal.
func (sp *Spectrum) SignalBelow(alpha, mu, lambda float64) (SignalWeight, error) {
	m, err := newSignal(sp, alpha, mu)
	if err != nil {
		return SignalWeight{}, err
	}
	w, at := m.differentiate(sp, lambda+mu)
	w.ByMu = m.density(at)
	return w, nil
}

// SignalLowest is the weight at the lowest share of all eigenvalues, 0 < share < 1, as
// SignalBelow is that below an eigenvalue.
func (sp *Spectrum) SignalLowest(alpha, mu, share float64) (SignalWeight, error) {
	m, err := newSignal(sp, alpha, mu)
	if err != nil {
		return SignalWeight{}, err
	}
	if err := checkShare(share); err != nil {
		return SignalWeight{}, err
	}
	zeta, kernel := m.bulk.quantile(share, 1e-9)
	w, at := m.differentiate(sp, zeta)
	if kernel || imag(at.g) == 0 {
		return w, nil // no density there, and ζ does not move
	}
	// The CDF is stationary in g: with the law it changes by −(α/π) E arg(1+gs), and ζ follows.
	ratio := m.density(at) / (imag(at.g) / math.Pi)
	for k, s := range sp.s {
		w.ByP[k] += ratio * alpha / math.Pi * math.Atan2(imag(at.g)*s, 1+real(at.g)*s)
	}
	return w, nil
}

func (m *Signal) density(p point) float64 { return imag(1/m.inverse(p)) / math.Pi }

// differentiate gives the weight below ζ with its derivatives at constant ζ, and the
// solution there. With S = 1/D and g of F(g) = 0
//
//	d(weight) = (1/π) ∫ Re dD/D² dη,  dD = α y_⊥² s/(1+gs) + (∂D/∂g) dg,  dg = α s/(1+gs) / (∂F/∂g)
func (m *Signal) differentiate(sp *Spectrum, zeta float64) (SignalWeight, point) {
	b, alpha := m.bulk, complex(m.bulk.alpha, 0)
	w := SignalWeight{UpTo: zeta - b.mu, ByP: make([]float64, len(sp.s)), ByPerp2: make([]float64, len(sp.s))}
	var sum float64
	var last point
	b.upwards(zeta, coarse, func(weight float64, z, g complex128) {
		s1, s2 := m.perp.stieltjes(g)
		d := alpha*s1 - z
		_, df := b.residual(z, g)
		sum += weight * real(1/d)
		direct := complex(weight/math.Pi, 0) * alpha / (d * d)
		through := direct * -alpha * s2 / df
		for k, s := range sp.s {
			t := complex(s, 0) / complex(1+real(g)*s, imag(g)*s)
			w.ByPerp2[k] += real(direct)*real(t) - imag(direct)*imag(t)
			w.ByP[k] += real(through)*real(t) - imag(through)*imag(t)
		}
		last.g = g
	})
	w.Weight = 0.5 - sum/math.Pi
	return w, b.solve(zeta, &last)
}

// below is the weight below ζ and half that at ζ. It integrates the Stieltjes transform S
// along the line from ζ upwards, where that is smooth: for a mass at x, the integral of
// Re 1/(x−ζ−iη) over η > 0 is ±π/2, the sign that of x−ζ.
func (m *Signal) below(zeta float64) float64 {
	var sum float64
	m.bulk.upwards(zeta, fine, func(weight float64, z, g complex128) { sum += weight * real(1/m.inverseAt(z, g)) })
	return 0.5 - sum/math.Pi
}

// A line is how a line in the upper half plane is sampled: at η in geometric progression
// around the scale of ζ. As a function of ln η an integrand is analytic up to ±iπ/2, so that the
// trapezoidal rule leaves exp(−π²/step); the ends leave the inverse of highest and lowest.
type line struct{ step, highest, lowest float64 }

var fine, coarse = line{0.4, 1e10, 1e-20}, line{0.7, 1e6, 1e-6}

// upwards visits points z = ζ+iη, from above, with g there and the weight of dη.
func (b *bulk) upwards(zeta float64, l line, visit func(weight float64, z, g complex128)) {
	unit := math.Abs(zeta) + b.scale
	shrink := portable.Exp(-l.step)
	g := -1 / complex(zeta, l.highest*unit)
	before := g * complex(shrink, 0)
	for eta := l.highest * unit; eta > l.lowest*unit; eta *= shrink {
		z := complex(zeta, eta)
		guess := g * g / before
		if imag(guess) <= 0 {
			guess = g
		}
		before = g
		if next, ok := b.newton(z, guess); ok {
			g = next
		}
		visit(l.step*eta, z, g)
	}
}

func (m *Signal) lowest(share float64) (lambda, weight float64) {
	zeta, _ := m.bulk.quantile(share, 0)
	return zeta - m.bulk.mu, m.below(zeta)
}

// quantile is where the CDF is a share of all, up to a tolerance. If that is next to ζ = 0, in
// the kernel of a matrix of rank below N or in a divergence of the density, it is above.
func (b *bulk) quantile(share, tolerance float64) (zeta float64, kernel bool) {
	zeta, kernel = b.search(share, tolerance, true)
	// Near the atoms of a sample a search from point to point can end on another branch.
	if !kernel && math.Abs(b.solve(zeta, nil).cdf-share) > 1e-7 {
		zeta, kernel = b.search(share, tolerance, false)
	}
	return zeta, kernel
}

// search looks for a quantile, each solution found from the one before if they are to be
// linked.
func (b *bulk) search(share, tolerance float64, linked bool) (zeta float64, kernel bool) {
	from := func(p point) *point {
		if linked {
			return &p
		}
		return nil
	}
	starts := b.breaks()
	l := b.solve(starts[0], nil)
	r := l
	for _, z := range starts[1:] {
		if r = b.after(from(l), z, l.cdf); r.cdf >= share {
			break
		}
		l = r
	}
	if l.zeta < 0 && r.zeta > 0 {
		return r.zeta, true
	}
	near := r
	return findRoot(func(zeta float64) float64 {
		near = b.between(zeta, from(near), l.cdf, r.cdf)
		if miss := near.cdf - share; math.Abs(miss) > tolerance {
			return miss
		}
		return 0
	}, l.zeta, r.zeta, l.cdf-share, r.cdf-share), false
}
