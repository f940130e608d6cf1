package theory

import (
	"fmt"
	"math"
)

// A Spectrum is a law of labels with the weights s at its nodes: what the bulk and
// the outliers of (1/N) Σ s_i x_i x_iᵀ − μ depend on, besides α and μ
// (physics.md 2). The direction weight is y_⊥²; the student's own direction is
// projected out of the Hessian, so that at any overlap one direction is left that
// the labels single out.
type Spectrum struct {
	Law    *Law
	Weight Weight

	s []float64 // at the nodes of the law

	inf, sup float64 // of s under the law; for a sample, its own where the weight has none
}

// NewSpectrum evaluates the weight on the law. It is an error if a value of s is
// not finite.
func NewSpectrum(law *Law, w Weight) (*Spectrum, error) {
	sp := &Spectrum{Law: law, Weight: w, s: make([]float64, len(law.Y))}
	lo, hi := math.Inf(1), math.Inf(-1)
	for k := range law.Y {
		v := w.S(law.Y[k], law.Yhat[k])
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("theory: weight s = %v at y = %v, ŷ = %v (%s)", v, law.Y[k], law.Yhat[k], w.Name)
		}
		sp.s[k] = v
		lo, hi = math.Min(lo, v), math.Max(hi, v)
	}
	sp.inf, sp.sup = math.Min(w.Inf, lo), math.Max(w.Sup, hi)
	if law.clipped {
		sp.inf = lo
	}
	if law.empirical() {
		if math.IsInf(w.Inf, -1) {
			sp.inf = lo
		}
		if math.IsInf(w.Sup, 1) {
			sp.sup = hi
		}
	}
	return sp, nil
}

// mirror is the spectrum of −s, whose left edge is the right edge of sp, negated.
func (sp *Spectrum) mirror() *Spectrum {
	m := *sp
	m.s = make([]float64, len(sp.s))
	for k, v := range sp.s {
		m.s[k] = -v
	}
	m.inf, m.sup = -sp.sup, -sp.inf
	return &m
}

// gMax is where the Stieltjes transform left of the bulk stops: −1/inf s, +Inf if
// no s is negative.
func (sp *Spectrum) gMax() float64 {
	if sp.inf >= 0 {
		return math.Inf(1)
	}
	return -1 / sp.inf
}

// sums are the expectations that every formula of physics.md 2 is made of, at one
// g, without their factor α.
type sums struct {
	s1 float64 // E[s/(1+gs)]
	a1 float64 // E[(gs/(1+gs))²]
	t1 float64 // E[y_⊥² s/(1+gs)]
	b1 float64 // E[y_⊥² (gs/(1+gs))²]
	ok bool    // 1+gs > 0 at every node
}

func (sp *Spectrum) sums(g float64) sums {
	var s1, a1, t1, b1 float64
	p, d := sp.Law.P, sp.Law.Perp2
	d = d[:len(p)]
	ok := true
	for k, s := range sp.s[:len(p)] {
		den := 1 + g*s
		if den <= 0 {
			ok = false
		}
		r := s / den
		q := p[k] * r
		s1 += q
		a1 += q * r
		t1 += q * d[k]
		b1 += q * r * d[k]
	}
	return sums{s1, a1 * g * g, t1, b1 * g * g, ok}
}

// Lambda is λ(g) = −1/g + α E[s/(1+gs)] − μ, the inverse of the Stieltjes transform
// g = lim (1/N) Tr (H−λ)⁻¹ outside the bulk (physics.md 2).
func (sp *Spectrum) Lambda(g, alpha, mu float64) float64 {
	return -1/g + alpha*sp.sums(g).s1 - mu
}

// A is A(g) = α E[(gs/(1+gs))²]; +Inf where g lies beyond a pole.
func (sp *Spectrum) A(g, alpha float64) float64 {
	m := sp.sums(g)
	if !m.ok || math.IsNaN(m.a1) {
		return math.Inf(1)
	}
	return alpha * m.a1
}

// D is D(g) = α E[y_⊥² s/(1+gs)] − μ − λ(g); μ cancels in it.
func (sp *Spectrum) D(g, alpha float64) float64 {
	m := sp.sums(g)
	return 1/g + alpha*(m.t1-m.s1)
}

func checkAlpha(alpha float64) error {
	if !(alpha > 0) || math.IsInf(alpha, 0) {
		return fmt.Errorf("theory: alpha = %v must be positive and finite", alpha)
	}
	return nil
}
