package dynamics

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/line"
)

// A zero is the α at which D at the edge falls through zero, or the reason why it is not
// known: then its numbers are NaN.
type zero struct {
	reason           string
	alpha            float64
	err, lo, hi      float64 // ± one standard error, and the interval
	slope, chiSquare float64 // of the line
	fitted           []bool  // whether a state takes part in the line
}

// zero fits a line in α to D of states, at α in ascending order, around where it changes sign.
func (p TransitionParams) zero(alpha []float64, states []trappedState) zero {
	nan := math.NaN()
	z := zero{alpha: nan, err: nan, lo: nan, hi: nan, slope: nan, chiSquare: nan, fitted: make([]bool, len(states))}
	var all samples
	for k, s := range states {
		all.add(alpha[k], s)
	}
	crossing, reason := all.crossing()
	if z.reason = reason; reason != "" {
		return z
	}
	var near samples
	for k, s := range states {
		if math.Abs(alpha[k]-crossing) <= p.Window*crossing {
			z.fitted[k] = near.add(alpha[k], s)
		}
	}
	z.reason = z.fit(p, near, crossing)
	return z
}

// samples are D against α, ascending, with the resamples of each.
type samples struct {
	points []line.Point
	drawn  [][]float64
}

// add takes a state in if its D has an error, and says so.
func (s *samples) add(alpha float64, of trappedState) bool {
	sigma := stat.StdDev(of.Drawn, nil)
	if !(sigma > 0) {
		return false
	}
	s.points = append(s.points, line.Point{X: alpha, Y: of.D, Sigma: sigma})
	s.drawn = append(s.drawn, of.Drawn)
	return true
}

// crossing is where D falls through zero first, interpolated between neighbouring α;
// or there is a reason why it does not.
func (s *samples) crossing() (alpha float64, reason string) {
	if len(s.points) < 2 {
		return 0, fmt.Sprintf("%d alpha with at least two runs there; a transition needs one on either side",
			len(s.points))
	}
	for k, p := range s.points[1:] {
		if before := s.points[k]; before.Y >= 0 && p.Y < 0 {
			return before.X + (p.X-before.X)*before.Y/(before.Y-p.Y), ""
		}
	}
	// What does not fall through zero is negative up to some α and positive from there.
	first, last := s.points[0], s.points[len(s.points)-1]
	switch {
	case last.Y < 0:
		return 0, fmt.Sprintf("D is negative at all alpha from %v to %v: the transition lies below", first.X, last.X)
	case first.Y >= 0:
		return 0, fmt.Sprintf("D is positive at all alpha from %v to %v: the transition lies above, or there is none",
			first.X, last.X)
	}
	return 0, fmt.Sprintf("D rises through zero between alpha = %v and %v and does not fall again", first.X, last.X)
}

// fit fills in the zero, or says why there is none.
func (z *zero) fit(p TransitionParams, s samples, crossing float64) (reason string) {
	resamples := math.MaxInt
	for _, d := range s.drawn {
		resamples = min(resamples, len(d))
	}
	switch {
	case len(s.points) < 2:
		return fmt.Sprintf("D crosses zero near alpha = %.4g, with %d alpha within a share %v of it; "+
			"add some there, or widen window", crossing, len(s.points), p.Window)
	case p.Rank(resamples) < 1:
		return fmt.Sprintf("%d bootstrap resamples are too few for percentiles at confidence %v; "+
			"raise resamples of the dynamics stages", resamples, p.Confidence)
	}
	f := line.Fit(s.points)
	first, last := s.points[0].X, s.points[len(s.points)-1].X
	if a := f.Zero(); !(f.B < 0) || a < first || a > last {
		return fmt.Sprintf("a line through D from alpha = %v to %v has slope %.3g and its zero at %.4g; "+
			"take alpha closer to the transition, or more runs", first, last, f.B, a)
	}
	z.alpha, z.slope, z.chiSquare = f.Zero(), f.B, f.ChiSquare
	z.bounds(p, s, resamples)
	return ""
}

// bounds fits the resamples. One whose line does not fall leaves the zero open.
func (z *zero) bounds(p TransitionParams, s samples, resamples int) {
	var lows, highs []float64
	points := slices.Clone(s.points)
	for b := range resamples {
		for k := range points {
			points[k].Y = s.drawn[k][b]
		}
		f := line.Fit(points)
		lo, hi := math.Inf(-1), math.Inf(1)
		if f.B < 0 {
			lo, hi = f.Zero(), f.Zero()
		}
		lows, highs = append(lows, lo), append(highs, hi)
	}
	z.lo, z.hi = p.Outermost(lows, highs)
	lo, hi := confidence.Level{Confidence: 0.6827}.Outermost(lows, highs) // ± one standard error
	z.err = 0.5 * (hi - lo)
}
