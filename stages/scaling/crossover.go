package scaling

import (
	"fmt"
	"math"
	"slices"

	"zerotohero/stages/internal/portable"
)

// A crossover is W of the null model, α ascending.
type crossover []growth

// sizes are the N that it comes from, ascending.
func (c crossover) sizes() []int64 {
	var out []int64
	for _, g := range c {
		out = append(out, g.N)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// predict fills in α_c of one N.
func (c crossover) predict(s *Size) {
	nan := math.NaN()
	s.Predicted, s.PredictedLo, s.PredictedHi, s.PredictedGrid = nan, nan, nan, nan
	if len(c) == 0 {
		s.PredictedReason = "no dynamics among the inputs"
		return
	}
	level := portable.Log(float64(s.N)) / 2
	s.PredictedLo, s.PredictedHi = c.band(level)
	var alpha, w []float64
	for _, g := range c {
		if g.Lost {
			alpha, w = append(alpha, g.Alpha), append(w, g.W)
		}
	}
	if len(alpha) < 2 {
		s.PredictedReason = fmt.Sprintf("the outlier is lost at %d of %d α; a curve needs 2", len(alpha), len(c))
		return
	}
	smooth := newCubic(alpha, w)
	at := smooth.crossings(level)
	last := len(alpha) - 1
	switch {
	case len(at) > 1:
		s.PredictedReason = fmt.Sprintf("W crosses ½ ln N = %.4g %d times, from α = %.4g to %.4g; "+
			"give the null model more seeds", level, len(at), at[0], at[len(at)-1])
	case len(at) == 0 && w[0] >= level:
		s.PredictedReason = fmt.Sprintf("½ ln N = %.4g lies below W at all α, from %v on", level, alpha[0])
	case len(at) == 0 || w[last] < level:
		s.PredictedReason = fmt.Sprintf("½ ln N = %.4g lies above W at α = %v, "+
			"the largest at which the outlier is lost", level, alpha[last])
	default:
		s.PredictedIdentified, s.Predicted = true, at[0]
		if straight := newLinear(alpha, w).crossings(level); len(straight) > 0 {
			s.PredictedGrid = math.Abs(at[0] - straight[0])
		}
	}
}

// band is the hull of the α at which the level lies within the intervals of W:
// from where their upper ends first reach it, to where their lower ends last do.
func (c crossover) band(level float64) (lo, hi float64) {
	var alpha, upper, least []float64
	for _, g := range c {
		alpha, least = append(alpha, g.Alpha), append(least, g.WLo)
		if g.Lost {
			upper = append(upper, g.WHi)
		} else {
			upper = append(upper, math.Inf(1))
		}
	}
	last := len(alpha) - 1
	lo, hi = math.Inf(-1), math.Inf(1)
	switch k := slices.IndexFunc(upper, func(w float64) bool { return w >= level }); {
	case k < 0:
		lo = alpha[last] // reached beyond it, if anywhere
	case k > 0 && math.IsInf(upper[k], 1):
		lo = alpha[k-1] // reached at once, as far as is known
	case k > 0:
		for k < last && !math.IsInf(upper[k+1], 1) {
			k++
		}
		lo = newCubic(alpha[:k+1], upper[:k+1]).crossings(level)[0]
	}
	if least[last] < level {
		return lo, hi
	}
	if at := newCubic(alpha, least).crossings(level); len(at) > 0 {
		return lo, at[len(at)-1]
	}
	return lo, alpha[0] // reached before it
}

// A cubic is a piecewise cubic Hermite curve that is monotone wherever its points are.
type cubic struct {
	x, y, slope []float64
	straight    bool
}

// newCubic interpolates points of ascending x by the slopes of Fritsch and Butland
// (SIAM J. Sci. Stat. Comput. 5 (1984) 300) inside, and one-sided three-point slopes
// at the ends, limited to keep the curve monotone, as in PCHIP (SLATEC).
func newCubic(x, y []float64) cubic {
	n := len(x)
	c := cubic{x: x, y: y, slope: make([]float64, n)}
	secant := func(i int) float64 { return (y[i+1] - y[i]) / (x[i+1] - x[i]) }
	switch n {
	case 1:
		return c
	case 2:
		c.slope[0], c.slope[1] = secant(0), secant(0)
		return c
	}
	for i := 1; i < n-1; i++ {
		a, b := secant(i-1), secant(i)
		if !(a*b > 0) {
			continue
		}
		h0, h1 := x[i]-x[i-1], x[i+1]-x[i]
		w0, w1 := 2*h1+h0, h1+2*h0
		c.slope[i] = (w0 + w1) / (w0/a + w1/b)
	}
	c.slope[0] = endSlope(x[1]-x[0], x[2]-x[1], secant(0), secant(1))
	c.slope[n-1] = endSlope(x[n-1]-x[n-2], x[n-2]-x[n-3], secant(n-2), secant(n-3))
	return c
}

// endSlope is the slope at an end from the two secants next to it, a being the near one.
func endSlope(h0, h1, a, b float64) float64 {
	s := (float64((2*h0+h1)*a) - float64(h0*b)) / (h0 + h1)
	switch {
	case !(s*a > 0):
		return 0
	case !(a*b > 0) && math.Abs(s) > 3*math.Abs(a):
		return 3 * a
	}
	return s
}

// newLinear interpolates by straight lines.
func newLinear(x, y []float64) cubic { return cubic{x: x, y: y, straight: true} }

// at evaluates the curve on segment i.
func (c cubic) at(i int, x float64) float64 {
	h := c.x[i+1] - c.x[i]
	t := (x - c.x[i]) / h
	dy := c.y[i+1] - c.y[i]
	if c.straight {
		return c.y[i] + float64(t*dy)
	}
	s0, s1 := h*c.slope[i], h*c.slope[i+1]
	// y0 + t(s0 + t((3Δ − 2s0 − s1) + t(s0 + s1 − 2Δ)))
	inner := (float64(3*dy) - 2*s0 - s1) + float64(t*(s0+s1-2*dy))
	return c.y[i] + float64(t*(s0+float64(t*inner)))
}

// crossings are the x at which the curve changes between y < level and y ≥ level.
func (c cubic) crossings(level float64) []float64 {
	var out []float64
	for i := 0; i+1 < len(c.x); i++ {
		below := c.y[i] < level
		if below == (c.y[i+1] < level) {
			continue
		}
		same := func(x float64) bool { return (c.at(i, x) < level) == below }
		out = append(out, bisect(same, c.x[i], c.x[i+1]))
	}
	return out
}
