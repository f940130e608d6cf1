package theory

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/portable"
)

// A solution of stationarity, on the coarse quadrature and to looseTolerance.
type solution struct {
	x unknowns
	m moments
}

const (
	chiStep  = 0.5  // step of the continuation in ln χ
	chiRange = 10.0 // it ends this far from its start in ln χ

	looseTolerance = 0.02 // of stationarity on the curve of states
	tightTolerance = 1e-4 // the same where a start of Newton's method must be closer
)

// bracket follows the curve of states to two neighbours that have α between theirs, a at
// the smaller χ and larger α.
func (s *solver) bracket(alpha float64) (a, b solution, err error) {
	first, err := s.firstState()
	if err != nil {
		return a, b, err
	}
	// α falls as χ grows.
	step := chiStep
	if 1/first.m.a < alpha {
		step = -chiStep
	}
	before, from := first, first
	for math.Abs(from.x[0]-first.x[0]) < chiRange {
		next, ok := s.nextState(before, from, step)
		if !ok {
			break
		}
		before, from = from, next
		if (1/from.m.a < alpha) == (step > 0) {
			if step > 0 {
				return before, from, nil
			}
			return from, before, nil
		}
	}
	return a, b, fmt.Errorf(
		"theory: no threshold state of %s at alpha = %v: states were followed as far as alpha = %.4g",
		s.prox.l.Name, alpha, 1/from.m.a)
}

// firstState is where the continuation starts.
func (s *solver) firstState() (solution, error) {
	start, ok := s.atChi(portable.Log(s.unit), -portable.Log(s.unit), looseTolerance)
	if !ok {
		return start, fmt.Errorf("theory: no threshold state of %s found near chi = %.4g", s.prox.l.Name, s.unit)
	}
	return start, nil
}

// nextState extrapolates from two neighbouring states to ln χ a step further and solves
// for z there.
func (s *solver) nextState(before, from solution, step float64) (solution, bool) {
	slope := -1.0
	if dx := from.x[0] - before.x[0]; dx != 0 {
		slope = (from.x[1] - before.x[1]) / dx
	}
	return s.atChi(from.x[0]+step, from.x[1]+slope*step, looseTolerance)
}

// atChi solves stationarity for z at ln χ to tol, from lnZ on; ok is false if it has no
// root in z.
func (s *solver) atChi(lnChi, lnZ, tol float64) (solution, bool) {
	var last solution
	f := func(lnZ float64) float64 {
		x := unknowns{lnChi, lnZ}
		last = solution{x, s.moments(x, coarseNodes, 0)}
		return stationarity(x, last.m)
	}
	// stationarity rises with z, as half of ln z or so.
	a, fa := lnZ, f(lnZ)
	step := math.Min(2, math.Max(-2, -2*fa))
	for range 40 {
		if math.Abs(fa) < tol {
			return last, true
		}
		b := a + step
		fb := f(b)
		switch {
		case math.IsNaN(fb):
			return last, false
		case (fa > 0) != (fb > 0):
			looseRoot(f, a, b, fa, fb, tol)
			return last, true
		}
		a, fa, step = b, fb, 1.5*step
	}
	return last, false
}

// looseRoot runs regula falsi (Illinois) between a and b, where f takes values fa
// and fb of opposite sign, until f is below tol; the last abscissa tried is the root.
func looseRoot(f func(float64) float64, a, b, fa, fb, tol float64) {
	for range 60 {
		if math.Abs(fb) < tol {
			return
		}
		x := b - fb*(b-a)/(fb-fa)
		fx := f(x)
		if (fx > 0) != (fb > 0) {
			a, fa = b, fb
		} else {
			fa *= 0.5
		}
		b, fb = x, fx
	}
}

// bisect solves eq on the curve of states between two of them, where it changes sign.
func (s *solver) bisect(a, b solution, eq equation) unknowns {
	at := func(lnChi float64) (solution, float64) {
		share := (lnChi - a.x[0]) / (b.x[0] - a.x[0])
		c, _ := s.atChi(lnChi, a.x[1]+share*(b.x[1]-a.x[1]), tightTolerance)
		return c, eq(c.x, c.m)
	}
	var last solution
	f := func(lnChi float64) float64 {
		var v float64
		last, v = at(lnChi)
		return v
	}
	looseRoot(f, a.x[0], b.x[0], eq(a.x, a.m), eq(b.x, b.m), tightTolerance)
	return last.x
}
