package growth

import (
	"math"
	"slices"

	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/portable"
	"zerotohero/stages/outcome"
)

// A Recovery is when runs recover. A share of them may never do.
type Recovery struct {
	P10      float64 `arrow:"p10" doc:"time by which a tenth of all runs is recovered; +Inf if that many never are, as far as is known"`
	P10Lo    float64 `arrow:"p10_lo" doc:"lower end of its interval"`
	P10Hi    float64 `arrow:"p10_hi" doc:"upper end of its interval; can be +Inf"`
	Median   float64 `arrow:"median" doc:"time by which half of all runs is recovered; +Inf likewise"`
	MedianLo float64 `arrow:"median_lo" doc:"lower end of its interval; can be +Inf"`
	MedianHi float64 `arrow:"median_hi" doc:"upper end of its interval; can be +Inf"`

	OfRecovered    float64 `arrow:"median_of_recovered" doc:"median time of those that recovered; NaN if none"`
	OfRecoveredP90 float64 `arrow:"p90_of_recovered" doc:"time after which the last tenth of these came"`
}

// A step is the estimate from a time of recoveries to the next.
type step struct {
	t         float64
	p, lo, hi float64
}

// A curve is the estimate of P(not recovered by t).
type curve struct {
	steps []step
	times []exit // ascending
}

// An exit is when a run leaves those at risk, +Inf if never, and how.
type exit struct {
	t         float64
	instance  int
	recovered bool
	trapped   float64 // when it was, or +Inf
}

// survival is the Kaplan–Meier estimate, with intervals that know of instances.
func survival(s *sample, runs []descent, level confidence.Level) curve {
	var c curve
	risk := make([]float64, len(s.instances)) // how many of each instance are at risk
	for k, u := range s.instances {
		for _, i := range u.runs {
			e := exit{t: math.Inf(1), instance: k, trapped: math.Inf(1)}
			switch d := runs[i]; d.Outcome {
			case outcome.Recovered:
				e.t, e.recovered = d.T, true
			case outcome.Unresolved:
				e.t = d.T
			case outcome.Trapped:
				e.trapped = d.T
			}
			risk[k]++
			c.times = append(c.times, e)
		}
	}
	slices.SortStableFunc(c.times, func(a, b exit) int {
		switch {
		case a.t < b.t:
			return -1
		case a.t > b.t:
			return 1
		}
		return 0
	})
	z := level.Z()
	u := make([]float64, len(risk)) // Σ u_i of each instance
	p := 1.0
	for i := 0; i < len(c.times) && !math.IsInf(c.times[i].t, 1); {
		t, atRisk := c.times[i].t, float64(len(c.times)-i)
		events := make([]float64, len(risk))
		d, leaving := 0.0, make([]int, 0, 1)
		// Of those who leave at one time, the censored are still at risk of it.
		for ; i < len(c.times) && c.times[i].t == t; i++ {
			if c.times[i].recovered {
				events[c.times[i].instance]++
				d++
			}
			leaving = append(leaving, c.times[i].instance)
		}
		if d > 0 {
			p *= (atRisk - d) / atRisk
			v := 0.0
			for k := range u {
				u[k] += (risk[k]-events[k])/(atRisk-d) - risk[k]/atRisk
				v += float64(u[k] * u[k])
			}
			v *= float64(len(u)) / float64(len(u)-1)
			c.steps = append(c.steps, band(t, p, v, z))
		}
		for _, k := range leaving {
			risk[k]--
		}
	}
	return c
}

// band is p at t with its interval, v being the variance of ln p.
func band(t, p, v, z float64) step {
	s := step{t, p, math.NaN(), math.NaN()}
	if p > 0 {
		log := portable.Log(p)
		f := portable.Exp(z * math.Sqrt(v) / log) // of −ln p, below 1
		s.lo, s.hi = portable.Exp(log/f), portable.Exp(log*f)
	}
	return s
}

// mark fills in the estimate at the times of points.
func (c curve) mark(points []Point) {
	at := step{p: 1, lo: math.NaN(), hi: math.NaN()}
	next := 0
	for k := range points {
		pt := &points[k]
		for ; next < len(c.steps) && c.steps[next].t <= pt.T; next++ {
			at = c.steps[next]
		}
		pt.NotRecovered, pt.NotRecoveredLo, pt.NotRecoveredHi = at.p, at.lo, at.hi
		for _, e := range c.times {
			if e.t >= pt.T {
				pt.AtRisk++
			}
			if e.recovered && e.t <= pt.T {
				pt.Recovered++
			}
			if e.trapped <= pt.T {
				pt.Trapped++
			}
		}
	}
}

// first is the first time at which a share q is recovered, +Inf if never. The interval is
// of the times at which q lies within that of the curve (Brookmeyer and Crowley 1982).
func (c curve) first(q float64) (t, lo, hi float64) {
	t, lo, hi = math.Inf(1), math.Inf(1), math.Inf(1)
	for _, s := range slices.Backward(c.steps) {
		const rounding = 1e-12 // of a product of shares
		if s.p <= 1-q+rounding {
			t = s.t
		}
		if s.lo <= 1-q || s.p == 0 {
			lo = s.t
		}
		if s.hi <= 1-q {
			hi = s.t
		}
	}
	return t, lo, hi
}

// recovery sums up the times.
func (c curve) recovery(runs []descent) Recovery {
	var r Recovery
	r.P10, r.P10Lo, r.P10Hi = c.first(0.1)
	r.Median, r.MedianLo, r.MedianHi = c.first(0.5)
	times := ends(runs, outcome.Recovered)
	r.OfRecovered, r.OfRecoveredP90 = median(times), math.NaN()
	if n := len(times); n > 0 {
		r.OfRecoveredP90 = times[(9*n+9)/10-1]
	}
	return r
}

// ends are the times at which runs had an outcome, ascending.
func ends(runs []descent, of string) []float64 {
	var t []float64
	for _, d := range runs {
		if d.Outcome == of {
			t = append(t, d.T)
		}
	}
	slices.Sort(t)
	return t
}

// median is of ascending numbers; NaN if there are none.
func median(x []float64) float64 {
	n := len(x)
	if n == 0 {
		return math.NaN()
	}
	return (x[(n-1)/2] + x[n/2]) / 2
}
