package growth

import (
	"fmt"
	"math"
	"slices"

	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/portable"
)

// A profile is a quantity against α, ascending, with its resamples.
type profile struct {
	alpha, y []float64
	drawn    [][]float64
}

func (c *profile) add(alpha, y float64, drawn []float64) {
	c.alpha, c.y, c.drawn = append(c.alpha, alpha), append(c.y, y), append(c.drawn, drawn)
}

// resample is y of one resample.
func (c *profile) resample(b int) []float64 {
	y := make([]float64, len(c.drawn))
	for k := range y {
		y[k] = c.drawn[k][b]
	}
	return y
}

// rise finds the first of neighbouring points between which y rises through 0, and how
// often it does.
func rise(y []float64) (first, times int) {
	first = -1
	for k := range y[1:] {
		if y[k] < 0 && y[k+1] >= 0 {
			if times++; times == 1 {
				first = k
			}
		}
	}
	return first, times
}

// between is where the line through points k and k+1 is 0.
func (c *profile) between(k int, y []float64) float64 {
	return c.alpha[k] + float64((c.alpha[k+1]-c.alpha[k])*(y[k]/(y[k]-y[k+1])))
}

// crossing is the α at which the quantity, called what, rises through 0.
func (c *profile) crossing(level confidence.Level, what string) Crossing {
	out := Crossing{Alpha: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
	n := len(c.alpha)
	if n < 2 {
		out.Reason = fmt.Sprintf("%s is known at %d α; a crossing takes 2", what, n)
		return out
	}
	c.bounds(level, &out)
	k, times := rise(c.y)
	switch {
	case times == 1:
		out.Identified, out.Alpha = true, c.between(k, c.y)
	case times > 1:
		out.Reason = fmt.Sprintf("%s rises through 0 %d times from α = %v to %v", what, times, c.alpha[0], c.alpha[n-1])
	case slices.Max(c.y) >= 0 && slices.Min(c.y) < 0:
		out.Reason = fmt.Sprintf("%s falls from α = %v to %v", what, c.alpha[0], c.alpha[n-1])
	case c.y[n-1] < 0:
		out.Reason = fmt.Sprintf("%s is still negative at α = %v, the largest at which it is known", what, c.alpha[n-1])
	default:
		out.Reason = fmt.Sprintf("%s is positive from α = %v on, the smallest at which it is known", what, c.alpha[0])
	}
	return out
}

// bounds fills in the interval.
func (c *profile) bounds(level confidence.Level, out *Crossing) {
	var lows, highs []float64
	n := len(c.alpha)
	for b := range c.drawn[0] {
		y := c.resample(b)
		lo, hi := math.Inf(-1), math.Inf(1)
		if k, times := rise(y); times > 0 {
			lo = c.between(k, y)
			hi = lo
		} else {
			out.Open++
			switch { // what falls leaves both ends open
			case slices.Max(y) < 0:
				lo = c.alpha[n-1]
			case slices.Min(y) >= 0:
				hi = c.alpha[0]
			}
		}
		lows, highs = append(lows, lo), append(highs, hi)
	}
	out.Lo, out.Hi = level.Outermost(lows, highs)
}

// A hinge is y = slope·max(0, x − zero).
type hinge struct{ zero, slope, chi2 float64 }

// fitHinge finds the hinge of least χ², x ascending, with its zero from the first x to
// before the last: for each pair of neighbours the line through the points above, if its
// zero lies between them, and the line from each point itself.
func fitHinge(x, y, weights []float64) hinge {
	best := hinge{math.NaN(), math.NaN(), math.Inf(1)}
	below := 0.0 // χ² of the points before k, which the hinge has at 0
	for k := range len(x) - 1 {
		var s, sx, sy, sxx, sxy float64 // x is counted from the zero tried first
		for j := k + 1; j < len(x); j++ {
			w, dx := weights[j], x[j]-x[k]
			s += w
			sx += float64(w * dx)
			sy += float64(w * y[j])
			sxx += float64(float64(w*dx) * dx)
			sxy += float64(float64(w*dx) * y[j])
		}
		below += float64(weights[k] * y[k] * y[k])
		try := func(zero, slope float64) {
			h := hinge{x[k] + zero, slope, below}
			for j := k + 1; j < len(x); j++ {
				r := y[j] - float64(slope*(x[j]-x[k]-zero))
				h.chi2 += float64(weights[j] * r * r)
			}
			if slope > 0 && h.chi2 < best.chi2 {
				best = h
			}
		}
		try(0, sxy/sxx)
		if det := float64(s*sxx) - float64(sx*sx); len(x)-k > 2 {
			slope := (float64(s*sxy) - float64(sx*sy)) / det
			zero := (float64(slope*sx) - sy) / float64(s*slope)
			if zero > 0 && zero < x[k+1]-x[k] {
				try(zero, slope)
			}
		}
	}
	return best
}

// vanish fits where κ vanishes.
func (row *LawRow) vanish(p LawParams, kappas []Exponent) {
	row.Slope, row.Chi2 = math.NaN(), math.NaN()
	row.Zero = Crossing{Alpha: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
	var c profile
	var weights []float64
	for _, e := range kappas {
		if e.Error > 0 {
			c.add(e.Alpha, e.Value, e.drawn)
			weights = append(weights, 1/float64(e.Error*e.Error))
		}
	}
	n := len(c.alpha)
	if n < 3 {
		row.Zero.Reason = fmt.Sprintf("κ has an error at %d α; the hinge takes 3", n)
		return
	}
	var lows, highs []float64
	for b := range c.drawn[0] {
		h := fitHinge(c.alpha, c.resample(b), weights)
		lo, hi := h.zero, h.zero
		switch {
		case math.IsNaN(h.zero): // κ rises nowhere
			row.Zero.Open++
			lo, hi = c.alpha[0], math.Inf(1)
		case h.zero == c.alpha[0]:
			row.Zero.Open++
			lo = math.Inf(-1)
		}
		lows, highs = append(lows, lo), append(highs, hi)
	}
	row.Zero.Lo, row.Zero.Hi = p.Outermost(lows, highs)
	h := fitHinge(c.alpha, c.y, weights)
	switch {
	case math.IsNaN(h.zero):
		row.Zero.Reason = fmt.Sprintf("κ does not rise from α = %v to %v", c.alpha[0], c.alpha[n-1])
	case h.zero == c.alpha[0]:
		row.Zero.Reason = fmt.Sprintf("κ is positive from α = %v on, the smallest at which it is known", c.alpha[0])
	default:
		row.Zero.Identified, row.Zero.Alpha = true, h.zero
		row.Slope, row.Chi2, row.Dof = h.slope, h.chi2, int64(n-2)
	}
}

// medianGaussian is the median of |x| of a standard normal x.
func medianGaussian() float64 { return portable.NormalQuantile(0.75) }

// crossovers finds α_c of each N.
func (row *LawRow) crossovers(p LawParams, sizes []size) {
	var ns []int64
	for _, s := range sizes {
		ns = append(ns, s.N)
	}
	for _, n := range slices.Compact(slices.Sorted(slices.Values(ns))) {
		row.Crossovers = append(row.Crossovers, crossover(p, n, byAlpha(sizes)))
	}
}

// crossover is α_c of one N.
func crossover(p LawParams, n int64, alphas [][]size) Crossover {
	var c profile
	var beyond []float64
	target := logN(n)/2 + portable.Log(p.Reached/medianGaussian())
	for _, of := range alphas {
		var own, grown *size
		for k := range of {
			if of[k].N == n {
				own = &of[k]
			}
			if grown == nil && of[k].Growth.Identified {
				grown = &of[k]
			}
		}
		if own == nil || grown == nil || !own.trapped() || own.Trapping.Median < grown.Growth.From {
			continue
		}
		g := grown.Growth
		y := portable.Log(g.Sigma) + float64(g.Kappa*portable.Log(own.Trapping.Median/g.Mid)) - target
		drawn := make([]float64, len(g.Drawn))
		mid := portable.Log(g.Mid)
		for b, l := range g.Drawn {
			drawn[b] = l.LogSigma + float64(l.Kappa*(own.Trapping.Drawn[b]-mid)) - target
		}
		c.add(of[0].AlphaAsked, y, drawn)
		beyond = append(beyond, max(1, own.Trapping.Median/g.To))
	}
	out := Crossover{N: n, Alphas: int64(len(c.alpha)), Beyond: math.NaN(), Shift: math.NaN()}
	out.Crossing = c.crossing(p.Level, "ln of the overlap when trapped less ln of that to be reached")
	if out.Crossing.Identified {
		k, _ := rise(c.y)
		out.Beyond = max(beyond[k], beyond[k+1])
		out.Shift = (c.alpha[k+1] - c.alpha[k]) / (c.y[k+1] - c.y[k])
	}
	return out
}
