package theory

import "math"

// findRoot returns a zero of f between a and b, where f takes the values fa and fb
// of opposite sign, to the last bits of the abscissa. It is Chandrupatla's method
// (Adv. Eng. Software 28, 1997): inverse quadratic interpolation where that is
// safe, bisection elsewhere.
func findRoot(f func(float64) float64, a, b, fa, fb float64) float64 {
	if fa == 0 {
		return a
	}
	if fb == 0 {
		return b
	}
	t := 0.5
	for range 200 {
		x := a + t*(b-a)
		fx := f(x)
		c, fc := a, fa
		if (fx > 0) != (fa > 0) {
			c, fc = b, fb
			b, fb = a, fa
		}
		a, fa = x, fx
		best := a
		if math.Abs(fb) < math.Abs(fa) {
			best = b
		}
		tol := 2.4e-16 * math.Abs(best)
		share := tol / math.Abs(b-a)
		if share > 0.5 || fx == 0 || a == b {
			return best
		}
		xi, phi := (a-b)/(c-b), (fa-fb)/(fc-fb)
		t = 0.5
		if phi*phi < xi && (1-phi)*(1-phi) < 1-xi {
			t = fa/(fb-fa)*fc/(fb-fc) + (c-a)/(b-a)*fa/(fc-fa)*fb/(fc-fb)
		}
		t = math.Min(1-share, math.Max(share, t))
	}
	return a
}
