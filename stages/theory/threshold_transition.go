package theory

import (
	"fmt"
	"slices"

	"zerotohero/stages/loss"
)

// thresholdTransitions are the values of α in [lo, hi] at which the outlier along
// the signal appears at threshold states, α E[y²ℓ″/(1+χℓ″)] = μ (physics.md 2c),
// ascending in α. It is an error if the range is not 0 < lo < hi < ∞.
func thresholdTransitions(l loss.Loss, lo, hi float64) ([]Transition, error) {
	if err := checkRange(lo, hi); err != nil {
		return nil, err
	}
	s, err := newSolver(l)
	if err != nil {
		return nil, err
	}
	first, err := s.firstState()
	if err != nil {
		return nil, err
	}
	// States are followed to the largest α first and from there through the whole range,
	// with a margin because α on the coarse curve is inexact.
	const margin = 1.1
	before, a := first, first
	for 1/a.m.a < margin*hi && first.x[0]-a.x[0] < chiRange {
		b, ok := s.nextState(before, a, -chiStep)
		if !ok {
			break
		}
		before, a = a, b
	}
	before = a
	var found []Transition
	for 1/a.m.a > lo/margin && a.x[0]-first.x[0] < chiRange {
		b, ok := s.nextState(before, a, chiStep)
		if !ok {
			break
		}
		if (a.m.t > a.m.r) != (b.m.t > b.m.r) {
			tr, err := s.transition(a, b)
			if err != nil {
				return nil, err
			}
			if tr.Alpha >= lo && tr.Alpha <= hi {
				found = append(found, tr)
			}
		}
		before, a = a, b
	}
	slices.Reverse(found)
	return found, nil
}

// transition solves for the transition between two neighbouring states.
func (s *solver) transition(a, b solution) (Transition, error) {
	fa, fb := atTransition(a.x, a.m), atTransition(b.x, b.m)
	share := fa / (fa - fb)
	start := unknowns{a.x[0] + share*(b.x[0]-a.x[0]), a.x[1] + share*(b.x[1]-a.x[1])}
	t, shift, ok := s.polish(start, atTransition)
	if !ok {
		if t, shift, ok = s.polish(s.bisect(a, b, atTransition), atTransition); !ok {
			return Transition{}, fmt.Errorf(
				"theory: the transition of %s at threshold states near alpha = %.4g does not converge",
				s.prox.l.Name, 1/a.m.a)
		}
	}
	return Transition{Alpha: t.Alpha, Err: shift, Edge: Sharp, G: t.Chi, Appears: a.m.t < a.m.r}, nil
}
