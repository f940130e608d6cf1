package theory

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"zerotohero/stages/loss"
)

// The matrices that the theory answers for, by the point at which, or the average
// over which, labels enter them.
const (
	AtInit      = "init"      // the Hessian at a random start (physics.md 2a)
	AtThreshold = "threshold" // the Hessian at threshold states (physics.md 2c)
	AtAveraged  = "averaged"  // the Hessian averaged over the student (physics.md 2b)
	AtWide      = "wide"      // the limit of wide students (physics.md 2b)
	AtOptimal   = "optimal"   // the optimal spectral estimator (physics.md 2b)
)

// Matrices lists them, the values of Problem.At.
func Matrices() []string {
	return []string{AtInit, AtThreshold, AtAveraged, AtWide, AtOptimal}
}

// A Problem is one of the matrices above for one loss. Make it with [NewProblem].
type Problem struct {
	At   string
	Loss loss.Loss
	M    float64 // overlap with the signal, of AtInit only

	weight Weight
}

// NewProblem makes the problem of a matrix, a loss and an overlap. It is an error if the
// matrix is unknown, if |m| ≥ 1, if m ≠ 0 and the matrix is not AtInit, if the loss lacks
// the parameter a that AtWide takes from it, or if the matrix has no finite left edge, as
// the Hessian of the plain loss at a random start.
func NewProblem(at string, l loss.Choice, m float64) (Problem, error) {
	p := Problem{At: at, M: m}
	if !slices.Contains(Matrices(), at) {
		return p, fmt.Errorf("theory: at = %q is unknown; known are %s", at, strings.Join(Matrices(), ", "))
	}
	if !(math.Abs(m) < 1) {
		return p, fmt.Errorf("theory: overlap m = %v must have |m| < 1", m)
	}
	if m != 0 && at != AtInit {
		return p, fmt.Errorf("theory: overlap m = %v has a meaning at %s only, not at %s", m, AtInit, at)
	}
	var err error
	if p.Loss, err = l.New(); err != nil {
		return p, err
	}
	switch at {
	case AtWide:
		if _, ok := l.Param("a"); !ok {
			return p, fmt.Errorf(
				"theory: the wide student takes its a from the loss, and %s has none; take another loss",
				l.Name)
		}
		p.weight, err = wideStudent(loss.A(l))
	case AtAveraged:
		p.weight, err = averaged(p.Loss)
	case AtOptimal:
		p.weight = optimal()
	default:
		p.weight = Curvature(p.Loss)
	}
	if err == nil && at != AtThreshold && math.IsInf(p.weight.Inf, -1) {
		err = noEdge(p.weight.Name, at)
	}
	return p, err
}

// law is the problem's law of labels on the given grid; it depends on alpha at
// threshold states only.
func (p Problem) law(alpha float64, g Grid) (*Law, error) {
	switch {
	case p.At == AtThreshold:
		states, err := ThresholdStates(p.Loss, alpha)
		if err != nil {
			return nil, err
		}
		return states[0].Law(p.Loss, g.Refine)
	case p.weight.YOnly:
		return labelLaw(g)
	}
	return OverlapLaw(p.M, g)
}

// Transitions are the transitions in [lo, hi], ascending in α, each with the error
// that halving every panel of the quadrature shows. None is no error.
func (p Problem) Transitions(lo, hi float64) ([]Transition, error) {
	if p.At == AtThreshold {
		return thresholdTransitions(p.Loss, lo, hi)
	}
	return refined(p.weight, func(g Grid) (*Law, error) { return p.law(0, g) }, lo, hi)
}

// Spectrum is the spectrum at alpha, and μ, which is 0 for the estimators of
// physics.md 2b. At threshold states where the proximal map jumps, the edge of the
// spectrum departs from 0, as [Threshold.MuEdge] says, and an outlier of the
// spectrum from the condition that [thresholdTransitions] solve.
func (p Problem) Spectrum(alpha float64) (sp *Spectrum, mu float64, err error) {
	return p.spectrum(alpha, GridFor(p.weight, 1))
}

// Density is the density of the bulk at alpha.
func (p Problem) Density(alpha float64) (*Density, error) {
	sp, mu, err := p.spectrum(alpha, densityGrid(p.weight))
	if err != nil {
		return nil, err
	}
	return sp.Density(alpha, mu)
}

// Signal is the spectral measure of the signal at alpha. Errors of its numbers are their
// differences from those on a grid with panels twice as long.
func (p Problem) Signal(alpha float64) (*Signal, error) {
	grid := densityGrid(p.weight)
	grid.Refine--
	var levels [2]*Signal
	for i := range levels {
		sp, mu, err := p.spectrum(alpha, grid)
		if err != nil {
			return nil, err
		}
		if levels[i], err = sp.Signal(alpha, mu); err != nil {
			return nil, err
		}
		grid.Refine++
	}
	levels[1].compare(levels[0])
	return levels[1], nil
}

func (p Problem) spectrum(alpha float64, g Grid) (sp *Spectrum, mu float64, err error) {
	if err := checkAlpha(alpha); err != nil {
		return nil, 0, err
	}
	law, err := p.law(alpha, g)
	if err != nil {
		return nil, 0, err
	}
	if sp, err = NewSpectrum(law, p.weight); err != nil {
		return nil, 0, err
	}
	if !p.weight.YOnly {
		mu = law.Mu(p.Loss, alpha)
	}
	return sp, mu, nil
}
