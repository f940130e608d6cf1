package dynamics

import "math"

// A curve is D at the edge and λ* at times t, ascending; all are taken as linear
// between times.
type curve struct{ t, d, lambda []float64 }

func (c *curve) add(t, d, lambda float64) {
	c.t, c.d, c.lambda = append(c.t, t), append(c.d, d), append(c.lambda, lambda)
}

// thinned leaves out every other time, but neither the first nor the last.
func (c curve) thinned() curve {
	var out curve
	for k := range c.t {
		if k%2 == 0 || k == len(c.t)-1 {
			out.add(c.t[k], c.d[k], c.lambda[k])
		}
	}
	return out
}

// A growth is how long the overlap with a signal would grow along the null model, and
// by how much (physics.md 2d).
type growth struct {
	lost float64 // t_BBP, first time with D ≥ 0; +Inf if there is none
	w    float64 // W = ∫|λ*|dt up to then, or up to the last time
}

// growth integrates along the curve. An outlier at λ* > 0 is a direction that
// contracts; it adds nothing.
func (c curve) growth() growth {
	g := growth{lost: math.Inf(1)}
	for k, t := range c.t {
		rate := math.Max(0, -c.lambda[k])
		switch {
		case k == 0 && c.d[0] >= 0:
			g.lost = t
			return g
		case k == 0:
			continue
		}
		span, before := t-c.t[k-1], math.Max(0, -c.lambda[k-1])
		share := 1.0
		if c.d[k] >= 0 {
			share = c.d[k-1] / (c.d[k-1] - c.d[k])
			g.lost = c.t[k-1] + share*span
		}
		g.w += share * span * (before + 0.5*share*(rate-before))
		if c.d[k] >= 0 {
			return g
		}
	}
	return g
}
