package flow

// A stage holds the coefficients of one stage of a Runge–Kutta–Chebyshev step from
// w with step h and slope F: in displacements d_j = w_j − w, with d_0 = 0,
//
//	d_1 = h·onLast·F(w)
//	d_j = last·d_{j−1} + beforeLast·d_{j−2} + h·onLast·F(w_{j−1}) + h·onFirst·F(w)
//
// They are μ_j, ν_j, μ̃_j and γ̃_j of the paper; there is a fifth for w itself, which
// displacements do without.
type stage struct {
	last, beforeLast, onLast, onFirst float64
}

// damping is the paper's ε. It lowers the maxima of the stability polynomial inside
// the stable interval from 1 to about 1 − ε/3, for 2 % of its length.
const damping = 2. / 13

// chebyshev fills in the coefficients of the second-order method with
// s = len(stages) ≥ 2 stages of Sommeijer, Shampine and Verwer (1997), whose
// stability polynomial is
//
//	P_s(z) = 1 − b T_s(w0) + b T_s(w0 + w1 z),   b = T_s''(w0)/T_s'(w0)²,
//	w0 = 1 + ε/s²,   w1 = T_s'(w0)/T_s''(w0),
//
// with |P_s(z)| ≤ 1 for −0.65(s²−1) ≤ z ≤ 0. The paper's hyperbolic functions are
// replaced by the recurrences of the Chebyshev polynomials T_j and their
// derivatives, which are all positive and grow with j at w0 > 1: no digits are lost.
func chebyshev(stages []stage) {
	s := len(stages)
	w0 := 1 + damping/float64(s*s)
	top := chebyshevAt(w0)
	for range s - 1 {
		top.next(w0)
	}
	w1 := top.d1 / top.d2

	c := chebyshevAt(w0)
	b := 1 / (4 * w0 * w0) // b_0 = b_1 = b_2
	before, last := b, b   // b_{j−2}, b_{j−1}
	stages[0] = stage{onLast: b * w1}
	for j := 2; j <= s; j++ {
		a := 1 - float64(last*c.t) // a_{j−1}
		c.next(w0)
		b = c.d2 / (c.d1 * c.d1)
		onLast := 2 * w1 * b / last
		stages[j-1] = stage{
			last:       2 * w0 * b / last,
			beforeLast: -b / before,
			onLast:     onLast,
			onFirst:    -a * onLast,
		}
		before, last = last, b
	}
}

// chebyshevPolynomials are T_j, T_j' and T_j” at a point, and those of degree j−1.
type chebyshevPolynomials struct {
	t, d1, d2                   float64
	tBefore, d1Before, d2Before float64
}

// chebyshevAt gives those of degree 1 at x.
func chebyshevAt(x float64) chebyshevPolynomials {
	return chebyshevPolynomials{t: x, d1: 1, tBefore: 1}
}

// next goes on to the next degree, by T_{j+1} = 2x T_j − T_{j−1} and its derivatives.
func (c *chebyshevPolynomials) next(x float64) {
	*c = chebyshevPolynomials{
		t:       float64(2*x*c.t) - c.tBefore,
		d1:      float64(2*x*c.d1) + float64(2*c.t) - c.d1Before,
		d2:      float64(2*x*c.d2) + float64(4*c.d1) - c.d2Before,
		tBefore: c.t, d1Before: c.d1, d2Before: c.d2,
	}
}
