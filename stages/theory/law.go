// Package theory computes what happens at large N: bulk, outlier and transitions
// of the Hessian for a law of labels, and threshold states (physics.md 2).
//
// A [Law] is a joint law of the teacher's and the student's pre-activations. Law
// and [Weight] together make a [Spectrum], and everything about the matrix
// (1/N) Σ s_i x_i x_iᵀ − μ is computed from that. Numbers are functions of the
// arguments alone: sums run in a fixed order and nothing is drawn.
package theory

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/quadrature"
	"zerotohero/stages/loss"
)

const (
	reach      = 9.0   // Gaussians are cut off here; 1e-19 lies beyond
	panelRatio = 3.0   // growth of the panels away from the origin
	panelWidth = 1.5   // longest panel
	panelNodes = 10    // nodes a panel before refinement
	negligible = 1e-24 // nodes lighter than this are dropped
	minLabels  = 100   // fewest labels of an empirical law
)

// A Law is a joint law of (y, ŷ) as weighted nodes: the expectation of f is
// Σ P[k]·f(Y[k], Yhat[k]), and P sums to 1. By the symmetry of y, laws made by
// quadrature keep y > 0 only, and ŷ > 0 only where the grid says even.
type Law struct {
	Name    string
	Y, Yhat []float64
	P       []float64
	// Perp2[k] is y_⊥², the square of the label along the part of the signal
	// orthogonal to the student (y² at overlap 0).
	Perp2 []float64
	// YLo..UHi bound the cell of the plane that node k stands for; nil for a
	// sample, whose nodes are atoms.
	YLo, YHi, ULo, UHi []float64

	// clipped says that the law leaves out labels where s is lowest, so that the
	// nodes bound s below and not the weight's infimum over the plane.
	clipped bool
}

// A Grid sets the quadrature of a law.
type Grid struct {
	Scale  float64 // length that the panels next to y = 0 and ŷ = 0 must resolve
	Refine int     // every panel is cut into 2^Refine parts; 0 gives about 1e-9
	Even   bool    // the weight is even in ŷ, so that half the nodes suffice
}

// GridFor is the grid that resolves the weight w.
func GridFor(w Weight, refine int) Grid {
	return Grid{Scale: w.Scale, Refine: refine, Even: w.Even}
}

func (g Grid) halfLine() (*quadrature.Rule, error) {
	if !(g.Scale > 0) {
		return nil, fmt.Errorf("theory: scale of the grid = %v must be positive", g.Scale)
	}
	return quadrature.Composite(quadrature.Geometric(g.Scale, panelRatio, panelWidth, reach), panelNodes, g.Refine)
}

// OverlapLaw is the law at a point that has overlap m with the signal and is
// random otherwise: y and ŷ are standard normals of correlation m, and
// y_⊥ = (y−mŷ)/√(1−m²) (physics.md 2). It is an error if |m| ≥ 1.
func OverlapLaw(m float64, g Grid) (*Law, error) {
	if !(math.Abs(m) < 1) {
		return nil, fmt.Errorf("theory: overlap m = %v must have |m| < 1", m)
	}
	ys, err := g.halfLine()
	if err != nil {
		return nil, err
	}
	l := &Law{Name: "random start"}
	if m != 0 {
		l.Name = fmt.Sprintf("overlap %v", m)
	}
	sigma := math.Sqrt((1 - m) * (1 + m))
	half, err := g.halfLine()
	if err != nil {
		return nil, err
	}
	us := half
	for i, y := range ys.X {
		py := 2 * ys.W[i] * quadrature.Normal(y)
		switch {
		case m != 0:
			us, err = quadrature.Composite(shiftedBreaks(m*y, sigma, g.Scale), panelNodes, g.Refine)
			if err != nil {
				return nil, err
			}
		case !g.Even && i == 0:
			us = mirrored(half)
		}
		fold := 1.0
		if m == 0 && g.Even {
			fold = 2
		}
		for j, u := range us.X {
			perp := (y - m*u) / sigma
			p := fold * py * us.W[j] * quadrature.Normal((u-m*y)/sigma) / sigma
			if p < negligible {
				continue
			}
			l.add(y, u, p, perp*perp)
			l.addCell(ys.Lo[i], ys.Hi[i], us.Lo[j], us.Hi[j])
		}
	}
	l.normalise()
	return l, nil
}

// shiftedBreaks covers centre ± reach·sigma with panels at most panelWidth·sigma
// long, fine around 0.
func shiftedBreaks(centre, sigma, scale float64) []float64 {
	lo, hi := centre-reach*sigma, centre+reach*sigma
	width := panelWidth * sigma
	var right, left []float64
	if hi > 0 {
		right = quadrature.Geometric(scale, panelRatio, width, hi)
	}
	if lo < 0 {
		left = quadrature.Geometric(scale, panelRatio, width, -lo)
	}
	var breaks []float64
	for i := len(left) - 1; i >= 0; i-- {
		if -left[i] < hi {
			breaks = append(breaks, -left[i])
		}
	}
	if hi <= 0 {
		return append(breaks, hi)
	}
	if lo > 0 {
		breaks = append(breaks, lo)
	}
	for _, b := range right {
		if b > lo && (len(breaks) == 0 || b > breaks[len(breaks)-1]) {
			breaks = append(breaks, b)
		}
	}
	return breaks
}

// mirrored extends a rule on [0, b] to [−b, b].
func mirrored(r *quadrature.Rule) *quadrature.Rule {
	n := r.Len()
	full := &quadrature.Rule{}
	for k := n - 1; k >= 0; k-- {
		full.X, full.W = append(full.X, -r.X[k]), append(full.W, r.W[k])
		full.Lo, full.Hi = append(full.Lo, -r.Hi[k]), append(full.Hi, -r.Lo[k])
	}
	full.X, full.W = append(full.X, r.X...), append(full.W, r.W...)
	full.Lo, full.Hi = append(full.Lo, r.Lo...), append(full.Hi, r.Hi...)
	return full
}

// labelLaw is the law of y ~ N(0,1) alone, for weights that do not depend on ŷ
// (physics.md 2b); ŷ is 0 at its nodes.
func labelLaw(g Grid) (*Law, error) {
	ys, err := g.halfLine()
	if err != nil {
		return nil, err
	}
	l := &Law{Name: "labels"}
	for i, y := range ys.X {
		p := 2 * ys.W[i] * quadrature.Normal(y)
		if p < negligible {
			continue
		}
		l.add(y, 0, p, y*y)
		l.addCell(ys.Lo[i], ys.Hi[i], 0, 0)
	}
	l.normalise()
	return l, nil
}

// EmpiricalLaw is the law of labels seen in a simulation at overlap m: y and yhat
// have one entry a measurement, of one or several runs (physics.md 2d). Slices of
// different lengths, fewer than 100 labels, a label that is not finite, or |m| ≥ 1
// are errors. The slices are copied.
func EmpiricalLaw(y, yhat []float64, m float64) (*Law, error) {
	switch {
	case len(y) != len(yhat):
		return nil, fmt.Errorf("theory: %d values of y but %d of ŷ", len(y), len(yhat))
	case len(y) < minLabels:
		return nil, fmt.Errorf("theory: %d labels are too few for an empirical law, want at least %d",
			len(y), minLabels)
	case !(math.Abs(m) < 1):
		return nil, fmt.Errorf("theory: overlap m = %v must have |m| < 1", m)
	}
	l := &Law{Name: fmt.Sprintf("sample of %d labels", len(y))}
	sigma := math.Sqrt((1 - m) * (1 + m))
	p := 1 / float64(len(y))
	for i := range y {
		if math.IsNaN(y[i]) || math.IsInf(y[i], 0) {
			return nil, fmt.Errorf("theory: label y[%d] = %v is not finite", i, y[i])
		}
		if math.IsNaN(yhat[i]) || math.IsInf(yhat[i], 0) {
			return nil, fmt.Errorf("theory: label ŷ[%d] = %v is not finite", i, yhat[i])
		}
		perp := (y[i] - m*yhat[i]) / sigma
		l.add(y[i], yhat[i], p, perp*perp)
	}
	return l, nil
}

// empirical reports whether the law is a sample, not a quadrature.
func (l *Law) empirical() bool { return l.YLo == nil }

// Mean is E f(y, ŷ).
func (l *Law) Mean(f func(y, yhat float64) float64) float64 {
	var sum float64
	for k, p := range l.P {
		sum += p * f(l.Y[k], l.Yhat[k])
	}
	return sum
}

// Mu is the radial multiplier μ = α E[ℓ' ŷ] (physics.md 1).
func (l *Law) Mu(ls loss.Loss, alpha float64) float64 {
	return alpha * l.Mean(func(y, u float64) float64 { return ls.D1(y, u) * u })
}

// Energy is the loss per dimension, L/N = α E[ℓ].
func (l *Law) Energy(ls loss.Loss, alpha float64) float64 { return alpha * l.Mean(ls.Value) }

func (l *Law) add(y, u, p, perp2 float64) {
	l.Y, l.Yhat = append(l.Y, y), append(l.Yhat, u)
	l.P, l.Perp2 = append(l.P, p), append(l.Perp2, perp2)
}

func (l *Law) addCell(ylo, yhi, ulo, uhi float64) {
	l.YLo, l.YHi = append(l.YLo, ylo), append(l.YHi, yhi)
	l.ULo, l.UHi = append(l.ULo, ulo), append(l.UHi, uhi)
}

// normalise removes the quadrature's error of total mass.
func (l *Law) normalise() {
	var sum float64
	for _, p := range l.P {
		sum += p
	}
	for k := range l.P {
		l.P[k] /= sum
	}
}
