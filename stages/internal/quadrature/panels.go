// Package quadrature is composite Gauss–Legendre integration over panels, for
// integrands that vary on a small scale near the origin and carry Gaussian tails
// (physics.md 4). The rule of each panel is gonum's.
package quadrature

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"

	"zerotohero/stages/internal/portable"
)

// A Rule is a quadrature: the integral of f is the sum of W[k]·f(X[k]). X is
// ascending. Node k stands for the cell [Lo[k], Hi[k]]; its length is W[k], the
// cells of neighbouring nodes touch, and X[k] lies inside.
type Rule struct {
	X, W, Lo, Hi []float64
}

// Len is the number of nodes.
func (r *Rule) Len() int { return len(r.X) }

// A Legendre is the Gauss–Legendre rule of a fixed order on [−1, 1], kept so that
// many panels share it.
type Legendre struct {
	x, w []float64
}

// NewLegendre returns the rule with n nodes; n below 1 is taken as 1.
func NewLegendre(n int) *Legendre {
	n = max(n, 1)
	g := &Legendre{make([]float64, n), make([]float64, n)}
	quad.Legendre{}.FixedLocations(g.x, g.w, -1, 1)
	// gonum lists the nodes from right to left.
	slices.Reverse(g.x)
	slices.Reverse(g.w)
	return g
}

// Append adds the panel [a, b] to r. A panel that is empty or reversed adds nothing.
func (g *Legendre) Append(r *Rule, a, b float64) {
	if !(b > a) {
		return
	}
	h, lo := 0.5*(b-a), a
	for k, x := range g.x {
		w := h * g.w[k]
		hi := lo + w
		if k == len(g.x)-1 {
			hi = b
		}
		r.X = append(r.X, a+h*(x+1))
		r.W = append(r.W, w)
		r.Lo = append(r.Lo, lo)
		r.Hi = append(r.Hi, hi)
		lo = hi
	}
}

// Composite returns the rule with n nodes on each of the panels between
// consecutive breakpoints (ascending), every panel first cut into 2^refine equal
// parts. The error of an integral is estimated by its change from one refine to
// the next. It is an error if breaks has fewer than two entries, one that is not
// finite, or one below its predecessor.
func Composite(breaks []float64, n, refine int) (*Rule, error) {
	if len(breaks) < 2 {
		return nil, fmt.Errorf("quadrature: %d breakpoints, want at least 2", len(breaks))
	}
	if refine < 0 || refine > 12 {
		return nil, fmt.Errorf("quadrature: refine = %d is outside 0..12", refine)
	}
	parts := 1 << refine
	g := NewLegendre(n)
	total := (len(breaks) - 1) * parts * len(g.x)
	r := &Rule{
		X: make([]float64, 0, total), W: make([]float64, 0, total),
		Lo: make([]float64, 0, total), Hi: make([]float64, 0, total),
	}
	for i, b := range breaks {
		if math.IsNaN(b) || math.IsInf(b, 0) {
			return nil, fmt.Errorf("quadrature: breakpoint %d is %v", i, b)
		}
		if i == 0 {
			continue
		}
		a := breaks[i-1]
		if b < a {
			return nil, fmt.Errorf("quadrature: breakpoint %d = %v lies below its predecessor %v", i, b, a)
		}
		for p := range parts {
			lo := a + (b-a)*float64(p)/float64(parts)
			hi := a + (b-a)*float64(p+1)/float64(parts)
			if p == parts-1 {
				hi = b
			}
			g.Append(r, lo, hi)
		}
	}
	return r, nil
}

// Geometric returns breakpoints of [0, end] that grow by the factor ratio from
// 0, scale/2 up, with no panel longer than widest. An integrand with poles at
// distance scale from the origin is resolved by them with a fixed number of nodes
// a panel, whatever the scale. Arguments that are not positive, or ratio ≤ 1,
// yield the single panel [0, end].
func Geometric(scale, ratio, widest, end float64) []float64 {
	breaks := []float64{0}
	if scale > 0 && ratio > 1 && widest > 0 {
		for x := scale / 2; x < end*(1-1e-9); {
			breaks = append(breaks, x)
			x = math.Min(ratio*x, x+widest)
		}
	}
	return append(breaks, end)
}

// Normal is the density of the standard normal at x.
func Normal(x float64) float64 {
	return portable.Exp(-0.5*x*x) / math.Sqrt(2*math.Pi)
}
