package theory

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/portable"
	"zerotohero/stages/loss"
)

// A Threshold is a threshold state: the 1RSB approximation, at zero temperature and
// on the equator, to where descent gets stuck (physics.md 2c; Sarao Mannelli et al.,
// arXiv:2006.06997).
type Threshold struct {
	Alpha  float64
	Chi, Z float64 // χ and z, with the dimension of 1/ℓ
	Mu     float64 // μ = α E[ℓ'u]

	// MuEdge is −1/χ + α E[ℓ″/(1+χℓ″)], the μ at which the left edge of this law's
	// bulk sits at 0. It equals Mu unless the proximal map jumps, as for the plain
	// loss, where 1RSB is not consistent and the two differ by the jump's share.
	MuEdge float64
	Energy float64 // loss per dimension, α E[ℓ]

	// D is α E[y²ℓ″/(1+χℓ″)] − μ, negative where the outlier along the signal exists.
	D float64

	// Err is the largest relative change of χ, z, μ and the energy when every panel
	// of the quadrature is halved.
	Err float64
}

// A solver finds threshold states of one loss.
type solver struct {
	prox  proximal
	scale float64 // of ℓ″ next to the axes
	unit  float64 // a typical χ
}

func newSolver(l loss.Loss) (*solver, error) {
	s := &solver{prox: newProximal(l, 1), scale: scaleOf(l.D2)}
	law, err := OverlapLaw(0, Grid{Scale: s.scale})
	if err != nil {
		return nil, err
	}
	s.unit = 1 / law.Mean(func(y, u float64) float64 { return math.Abs(l.D2(y, u)) })
	return s, nil
}

// unknowns are (ln χ, ln z).
type unknowns [2]float64

func (s *solver) law(x unknowns, nodes, refine int) *thresholdLaw {
	p := s.prox
	p.chi = portable.Exp(x[0])
	return newThresholdLaw(p, portable.Exp(x[1]), s.scale, nodes, refine)
}

func (s *solver) moments(x unknowns, nodes, refine int) moments {
	return s.law(x, nodes, refine).moments()
}

// stationarity is the equation α E[(χℓ')²] = χ/(χ+z) with α from marginality, as
// the logarithm of the ratio of its sides.
func stationarity(x unknowns, m moments) float64 {
	return portable.Log(m.q / m.a * (1 + portable.Exp(x[1]-x[0])))
}

// state makes a Threshold of the moments at a solution.
func state(x unknowns, m moments) Threshold {
	chi, alpha := portable.Exp(x[0]), 1/m.a
	return Threshold{
		Alpha: alpha, Chi: chi, Z: portable.Exp(x[1]),
		Mu:     alpha * m.r,
		MuEdge: alpha*m.k - 1/chi,
		Energy: alpha * m.e,
		D:      alpha * (m.t - m.r),
	}
}

// ThresholdStates finds the threshold state of l at each alpha, in the order given,
// each starting from the one before where that is close. It is an error if an alpha
// is not positive or lies below the range where states exist.
func ThresholdStates(l loss.Loss, alphas ...float64) ([]Threshold, error) {
	for _, alpha := range alphas {
		if err := checkAlpha(alpha); err != nil {
			return nil, err
		}
	}
	s, err := newSolver(l)
	if err != nil {
		return nil, err
	}
	var out []Threshold
	for i, alpha := range alphas {
		if i > 0 && math.Abs(portable.Log(alpha/out[i-1].Alpha)) < 0.2 {
			start := unknowns{portable.Log(out[i-1].Chi), portable.Log(out[i-1].Z)}
			if t, _, ok := s.polish(start, atAlpha(alpha)); ok {
				out = append(out, t)
				continue
			}
		}
		t, err := s.coldStart(alpha)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// Law is the law of labels at the state of l, for a [Spectrum]; every panel of the
// quadrature is cut into 2^refine parts. By the symmetry of even losses it keeps
// ŷ > 0 only. The state must be one of l.
func (t Threshold) Law(l loss.Loss, refine int) (*Law, error) {
	s, err := newSolver(l)
	if err != nil {
		return nil, err
	}
	law := &Law{Name: fmt.Sprintf("threshold state at alpha = %v", t.Alpha), clipped: true}
	sp := s.law(unknowns{portable.Log(t.Chi), portable.Log(t.Z)}, fineNodes, refine)
	for i, y := range sp.labels.X {
		sp.atLabel(y)
		for _, n := range sp.node {
			p := sp.labels.W[i] * n.weight
			if p < negligible {
				continue
			}
			law.add(y, n.u, p, y*y)
			law.addCell(sp.labels.Lo[i], sp.labels.Hi[i], n.lo, n.hi)
		}
	}
	return law, nil
}

// An equation is what besides stationarity fixes a state.
type equation func(x unknowns, m moments) float64

// atAlpha asks for marginality at a given α.
func atAlpha(alpha float64) equation {
	return func(_ unknowns, m moments) float64 { return portable.Log(alpha * m.a) }
}

// atTransition asks for D = 0 (physics.md 2c).
func atTransition(_ unknowns, m moments) float64 {
	return (m.t - m.r) / (math.Abs(m.t) + math.Abs(m.r))
}

// polish solves stationarity and eq from start, with every panel of the quadrature
// halved, and returns with the state the change of α that the halving made.
func (s *solver) polish(start unknowns, eq equation) (t Threshold, shift float64, ok bool) {
	var jac jacobian
	coarse, m, ok := s.newton(start, eq, 0, &jac)
	if !ok {
		return t, 0, false
	}
	before := state(coarse, m)
	fine, m, ok := s.newton(coarse, eq, 1, &jac)
	if !ok {
		return t, 0, false
	}
	t = state(fine, m)
	for _, pair := range [][2]float64{
		{t.Chi, before.Chi}, {t.Z, before.Z}, {t.Mu, before.Mu}, {t.Energy, before.Energy},
	} {
		t.Err = math.Max(t.Err, math.Abs(pair[1]/pair[0]-1))
	}
	return t, math.Abs(t.Alpha - before.Alpha), true
}

// coldStart finds the state at alpha without a neighbouring one: it follows the curve of
// states until alpha lies between two of them.
func (s *solver) coldStart(alpha float64) (Threshold, error) {
	a, b, err := s.bracket(alpha)
	if err != nil {
		return Threshold{}, err
	}
	share := portable.Log(alpha*a.m.a) / portable.Log(a.m.a/b.m.a)
	start := unknowns{a.x[0] + share*(b.x[0]-a.x[0]), a.x[1] + share*(b.x[1]-a.x[1])}
	t, _, ok := s.polish(start, atAlpha(alpha))
	if ok && t.Chi > 0.9*portable.Exp(a.x[0]) && t.Chi < 1.1*portable.Exp(b.x[0]) {
		return t, nil
	}
	start = s.bisect(a, b, atAlpha(alpha))
	if t, _, ok := s.polish(start, atAlpha(alpha)); ok {
		return t, nil
	}
	return Threshold{}, fmt.Errorf("theory: the equations of the threshold state of %s at alpha = %v do not converge",
		s.prox.l.Name, alpha)
}
