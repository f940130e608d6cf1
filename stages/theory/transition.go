package theory

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/portable"
)

// A Transition is a value of α at which the outlier along the signal leaves the
// left edge of the bulk, D(g_edge) = 0 (physics.md 2).
type Transition struct {
	Alpha   float64
	Err     float64 // change of Alpha when every panel of the quadrature is halved
	Edge    EdgeKind
	G       float64 // Stieltjes transform at the edge
	Appears bool    // the outlier exists just above Alpha; if not, just below
}

// transitions returns all transitions in [lo, hi] of a spectrum whose law does not
// depend on α, in ascending order, with Err left 0. It is an error if the range is
// not 0 < lo < hi < ∞, or if s has no lower bound.
//
// μ cancels in D = 1/g + α E[(y_⊥²−1)s/(1+gs)]. On a sharp edge α = 1/A₁(g) with
// A₁ = A/α, which increases with g, so that every solution is a zero of
//
//	f(g) = A₁(g) + g E[(y_⊥²−1)s/(1+gs)],    0 < g ≤ g_max.
//
// On a smooth edge g = g_max is fixed and D is linear in α; that solution counts
// where α A₁(g_max) ≤ 1, below every sharp one.
func (sp *Spectrum) transitions(lo, hi float64) ([]Transition, error) {
	if err := checkRange(lo, hi); err != nil {
		return nil, err
	}
	if math.IsInf(sp.inf, -1) {
		return nil, noEdge(sp.Weight.Name, sp.Law.Name)
	}
	var found []Transition
	gMax := sp.gMax()
	if !math.IsInf(gMax, 1) {
		m := sp.sums(gMax)
		if alpha := -1 / (gMax * (m.t1 - m.s1)); m.ok && alpha >= lo && alpha <= hi && alpha*m.a1 <= 1+marginal {
			found = append(found, Transition{Alpha: alpha, Edge: Smooth, G: gMax, Appears: true})
		}
	}
	for _, t := range sp.sharpTransitions(lo, hi) {
		// A transition at A(g_max) = 1 solves both equations.
		if len(found) > 0 && math.Abs(t.Alpha-found[0].Alpha) <= 1e-9*t.Alpha {
			continue
		}
		found = append(found, t)
	}
	return found, nil
}

func checkRange(lo, hi float64) error {
	if !(lo > 0 && hi > lo) || math.IsInf(hi, 0) {
		return fmt.Errorf("theory: range of alpha [%v, %v] must have 0 < lo < hi < ∞", lo, hi)
	}
	return nil
}

// sharpTransitions scans f of [Spectrum.Transitions] over the g that belong to
// [lo, hi], from large g (small α) to small.
func (sp *Spectrum) sharpTransitions(lo, hi float64) []Transition {
	gHi, aMax := sp.sharpG(lo)
	if math.IsInf(gHi, 1) {
		if gHi, aMax = sp.sharpG(hi); math.IsInf(gHi, 1) {
			return nil
		}
		// Between them A(∞) passes 1; beyond 1e6 g_edge the density of s at 0
		// alone decides.
		gHi *= 1e6
	}
	if gHi == sp.gMax() && aMax/lo*hi <= 1 {
		return nil // smooth on the whole range
	}
	gLo, _ := sp.sharpG(hi)
	f := func(g float64) float64 {
		m := sp.sums(g)
		return m.a1 + g*(m.t1-m.s1)
	}
	var found []Transition
	grid := scanGrid(gLo, gHi)
	b, fb := grid[0], f(grid[0])
	for _, a := range grid[1:] {
		fa := f(a)
		if fb == 0 || (fa > 0) != (fb > 0) && !math.IsNaN(fa) && !math.IsNaN(fb) && fa != 0 {
			g := findRoot(f, a, b, fa, fb)
			if alpha := 1 / sp.sums(g).a1; alpha >= lo*(1-1e-12) && alpha <= hi*(1+1e-12) {
				// Smaller g is larger α; the outlier exists where f < 0.
				found = append(found, Transition{Alpha: alpha, Edge: Sharp, G: g, Appears: fa < 0})
			}
		}
		b, fb = a, fa
	}
	return found
}

// scanGrid descends from hi to lo, logarithmically and with extra points next to
// hi, where α changes fastest with g.
func scanGrid(lo, hi float64) []float64 {
	var grid []float64
	for _, x := range []float64{0, 1e-9, 1e-7, 1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2} {
		if g := hi * (1 - x); g > lo {
			grid = append(grid, g)
		}
	}
	const perDecade = 24
	n := int(math.Ceil(perDecade*portable.Log(hi/lo)/math.Ln10)) + 1
	for i := 1; i <= n; i++ {
		if g := hi * portable.Pow(lo/hi, float64(i)/float64(n)); g < grid[len(grid)-1] {
			grid = append(grid, g)
		}
	}
	return grid
}

// refined solves on two grids, reports the finer one's solutions, and takes the
// distance to the coarser one's as their error.
func refined(w Weight, law func(Grid) (*Law, error), lo, hi float64) ([]Transition, error) {
	var levels [2][]Transition
	for refine := range levels {
		ly, err := law(GridFor(w, refine))
		if err != nil {
			return nil, err
		}
		sp, err := NewSpectrum(ly, w)
		if err != nil {
			return nil, err
		}
		if levels[refine], err = sp.transitions(lo, hi); err != nil {
			return nil, err
		}
	}
	fine := levels[1]
	for i := range fine {
		fine[i].Err = math.Inf(1)
		for _, c := range levels[0] {
			fine[i].Err = math.Min(fine[i].Err, math.Abs(c.Alpha-fine[i].Alpha))
		}
	}
	return fine, nil
}
