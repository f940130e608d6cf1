package theory

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/portable"
)

// A sample is a state on the coarse quadrature.
type sample struct {
	x place
	m moments
}

const (
	stride = 0.5  // steps of the walk in ln χ
	farOff = 10.0 // the walk ends this far from its start in ln χ

	walking = 0.02 // to which stationarity holds on the walk
	tight   = 1e-4 // and where a start must be closer
)

// bracket returns neighbouring states of the walk with a larger and a smaller α,
// a at the smaller χ.
func (s *solver) bracket(alpha float64) (a, b sample, err error) {
	first, err := s.first()
	if err != nil {
		return a, b, err
	}
	// α falls as χ grows.
	step := stride
	if 1/first.m.a < alpha {
		step = -stride
	}
	before, from := first, first
	for math.Abs(from.x[0]-first.x[0]) < farOff {
		next, ok := s.beyond(before, from, step)
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
	return a, b, fmt.Errorf("theory: no threshold state of %s at alpha = %v: states were followed as far as alpha = %.4g", s.prox.l.Name, alpha, 1/from.m.a)
}

// first is where walks start.
func (s *solver) first() (sample, error) {
	start, ok := s.on(portable.Log(s.unit), -portable.Log(s.unit), walking)
	if !ok {
		return start, fmt.Errorf("theory: no threshold state of %s found near chi = %.4g", s.prox.l.Name, s.unit)
	}
	return start, nil
}

// beyond is the state a step in ln χ away from one of the walk, given the one
// before that.
func (s *solver) beyond(before, from sample, step float64) (sample, bool) {
	slope := -1.0
	if dx := from.x[0] - before.x[0]; dx != 0 {
		slope = (from.x[1] - before.x[1]) / dx
	}
	return s.on(from.x[0]+step, from.x[1]+slope*step, walking)
}

// on returns the state at ln χ on the coarse quadrature, near lnZ, where
// stationarity holds to tol; ok is false if it has no root in z.
func (s *solver) on(lnChi, lnZ, tol float64) (sample, bool) {
	var last sample
	f := func(lnZ float64) float64 {
		x := place{lnChi, lnZ}
		last = sample{x, s.moments(x, coarseNodes, 0)}
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

// between solves eq on the curve of states between two of them by bracketing.
func (s *solver) between(a, b sample, eq equation) place {
	at := func(lnChi float64) (sample, float64) {
		share := (lnChi - a.x[0]) / (b.x[0] - a.x[0])
		c, _ := s.on(lnChi, a.x[1]+share*(b.x[1]-a.x[1]), tight)
		return c, eq(c.x, c.m)
	}
	var last sample
	f := func(lnChi float64) float64 {
		var v float64
		last, v = at(lnChi)
		return v
	}
	looseRoot(f, a.x[0], b.x[0], eq(a.x, a.m), eq(b.x, b.m), tight)
	return last.x
}
