package dynamics

import (
	"math"
	"testing"
)

// D = t − 2 and λ* = t − 3: everything is linear, and the integral of |λ*| up to 2 is 4.
func TestGrowthLinear(t *testing.T) {
	var c curve
	for _, x := range []float64{0, 0.5, 0.9, 1.7, 2.6, 4} {
		c.add(x, x-2, x-3)
	}
	for _, c := range []curve{c, c.thinned()} {
		g := c.growth()
		near(t, "t_bbp", g.lost, 2, 1e-15)
		near(t, "W", g.w, 4, 1e-14)
	}
}

// λ* = −e^(−t), D = e^(-1) − e^(−t): t_BBP = 1 and W = 1 − 1/e, from above by the
// trapezoids, with a quarter of the error on half the steps.
func TestGrowthConverges(t *testing.T) {
	at := func(steps int) (curve, growth) {
		var c curve
		for k := range steps + 1 {
			x := 2 * float64(k) / float64(steps)
			c.add(x, math.Exp(-1)-math.Exp(-x), -math.Exp(-x))
		}
		return c, c.growth()
	}
	exact := 1 - math.Exp(-1)
	c, fine := at(40)
	_, coarse := at(20)
	if half := c.thinned().growth(); half != coarse {
		t.Errorf("every other time gives %+v, half as many %+v", half, coarse)
	}
	near(t, "t_bbp", fine.lost, 1, 1e-3)
	near(t, "the error of W over a third of w_grid", (fine.w-exact)/((coarse.w-fine.w)/3), 1, 0.05)
}

func TestGrowthEnds(t *testing.T) {
	never := curve{[]float64{0, 1, 3}, []float64{-1, -1, -1}, []float64{-2, -1, 1}}
	if g := never.growth(); !math.IsInf(g.lost, 1) || g.w != 1.5+1 {
		t.Errorf("%+v of an outlier that is never lost", g)
	}
	none := curve{[]float64{0, 1}, []float64{0.1, -1}, []float64{-2, -1}}
	if g := none.growth(); g.lost != 0 || g.w != 0 {
		t.Errorf("%+v without an outlier at the start", g)
	}
}
