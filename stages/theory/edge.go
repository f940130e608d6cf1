package theory

import (
	"fmt"
	"math"
)

// An EdgeKind says how the density of the bulk ends.
type EdgeKind string

const (
	Sharp  EdgeKind = "sharp"  // A = 1 at the edge, density like a square root
	Smooth EdgeKind = "smooth" // A < 1 up to g_max, density below any power
	// AtAtom is the edge of a matrix of low rank without curvature on that side:
	// the bulk ends in the atom at −μ.
	AtAtom EdgeKind = "atom"
)

// An Edge is an end of the bulk (physics.md 2).
type Edge struct {
	Lambda float64  // position
	G      float64  // Stieltjes transform there, negative at a right edge, ±Inf at an atom
	Kind   EdgeKind // how it ends
	AMax   float64  // A at the last g of the branch; +Inf if it diverges
}

// marginal is how far above 1 A(g_max) may lie by rounding for an edge still to be
// smooth; the optimal estimator's transition sits at exactly 1.
const marginal = 1e-10

// Edge is the left edge of the bulk at alpha and mu. It is an error if alpha is not
// positive, or if s has no lower bound, in which case there is no finite edge.
func (sp *Spectrum) Edge(alpha, mu float64) (Edge, error) {
	if err := checkAlpha(alpha); err != nil {
		return Edge{}, err
	}
	if math.IsInf(sp.inf, -1) {
		return Edge{}, noEdge(sp.Weight.Name, sp.Law.Name)
	}
	gMax := sp.gMax()
	g, aMax := sp.sharpG(alpha)
	switch {
	case g < gMax:
		return Edge{sp.Lambda(g, alpha, mu), g, Sharp, aMax}, nil
	case math.IsInf(gMax, 1):
		return Edge{-mu, gMax, AtAtom, aMax}, nil
	}
	return Edge{sp.Lambda(gMax, alpha, mu), gMax, Smooth, aMax}, nil
}

func noEdge(weight, law string) error {
	return fmt.Errorf("theory: the bulk has no finite edge, because the weights s are unbounded on that side (%s, %s)",
		weight, law)
}

// HasRightEdge reports whether the bulk ends on the right.
func (sp *Spectrum) HasRightEdge() bool { return !math.IsInf(sp.sup, 1) }

// RightEdge is the right edge of the bulk; an error if s has no upper bound, as
// the curvature of ℓ_a under Gaussian labels.
func (sp *Spectrum) RightEdge(alpha, mu float64) (Edge, error) {
	e, err := sp.mirror().Edge(alpha, -mu)
	e.Lambda, e.G = -e.Lambda, -e.G
	return e, err
}

// sharpG returns the root of A(g) = 1, or g_max if A stays below 1, and A(g_max).
func (sp *Spectrum) sharpG(alpha float64) (g, aMax float64) {
	gMax := sp.gMax()
	hi := gMax
	if math.IsInf(gMax, 1) {
		// A tends to α P(s≠0), from below.
		for k, s := range sp.s {
			if s != 0 {
				aMax += alpha * sp.Law.P[k]
			}
		}
		if aMax <= 1+marginal {
			return gMax, aMax
		}
		for hi = 1; sp.A(hi, alpha) <= 1; hi *= 4 {
			if hi > 1e30 {
				return gMax, aMax
			}
		}
	} else {
		aMax = sp.A(gMax, alpha)
		if aMax <= 1+marginal {
			return gMax, aMax
		}
	}
	return sp.solveA(1/alpha, hi), aMax
}

// solveA returns g in (0, hi) with E[(gs/(1+gs))²] = target, which lies below the
// value at hi.
func (sp *Spectrum) solveA(target, hi float64) float64 {
	// A runs over many orders of magnitude and may be infinite at hi; this
	// function of it is bounded and has the same root.
	f := func(g float64) float64 {
		a := sp.A(g, 1)
		if math.IsInf(a, 1) {
			return 1
		}
		r := math.Sqrt(a / target)
		return (r - 1) / (r + 1)
	}
	lo := hi / 2
	flo, fhi := f(lo), f(hi)
	for flo > 0 {
		hi, fhi = lo, flo
		lo /= 4
		flo = f(lo)
	}
	return findRoot(f, lo, hi, flo, fhi)
}
