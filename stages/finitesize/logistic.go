package finitesize

import (
	"math"

	"zerotohero/stages/internal/portable"
)

// A logistic is the fitted curve: both ranges are points when the likelihood has
// a maximum that rises with α, and reason is then empty. Otherwise reason says
// why not, and the ranges what the likelihood leaves open.
type logistic struct {
	alpha50, width interval
	reason         string
}

// fitLogistic maximises Σ_j r_j ln P_j + (n_j−r_j) ln(1−P_j), where
// P_j = 1/(1+exp(−(α_j−alpha50)/width)), n are trials and r the recovered among
// them; α ascends.
func fitLogistic(alpha, trials, recovered []float64) logistic {
	inf := math.Inf(1)
	// First and last α with a success and with a failure.
	firstS, lastS, firstF, lastF := inf, -inf, inf, -inf
	resolved := 0
	for j, a := range alpha {
		if trials[j] > 0 {
			resolved++
		}
		if recovered[j] > 0 {
			firstS, lastS = min(firstS, a), a
		}
		if recovered[j] < trials[j] {
			firstF, lastF = min(firstF, a), a
		}
	}
	open, positive := interval{-inf, inf}, interval{0, inf}
	switch {
	case resolved == 0:
		return logistic{open, positive, "no descent was resolved"}
	case lastS == -inf:
		return logistic{interval{lastF, inf}, positive, "no descent recovered"}
	case lastF == -inf:
		return logistic{interval{-inf, firstS}, positive, "every resolved descent recovered"}
	case resolved == 1:
		return logistic{open, positive, "only one α has resolved descents"}
	case lastF <= firstS:
		return logistic{interval{lastF, firstS}, interval{0, 0}, "separated: fewer than two α have both outcomes"}
	case lastS <= firstF:
		return logistic{open, positive, "recovery falls with α"}
	}
	a, w, ok := newton(alpha, trials, recovered)
	if !ok {
		return logistic{open, positive, "the likelihood is too flat for its maximum to be found"}
	}
	if !(w > 0) || math.IsInf(w, 1) {
		return logistic{open, positive, "recovery does not rise with α"}
	}
	return logistic{interval{a, a}, interval{w, w}, ""}
}

// newton finds the maximum of the likelihood, which is concave in the
// coefficients of the log odds c0 + c1 (α−mean)/scale and has one when the
// outcomes overlap. The width has the sign of c1.
func newton(alpha, trials, recovered []float64) (alpha50, width float64, ok bool) {
	var n, mean, scale float64
	for j, a := range alpha {
		n += trials[j]
		mean += trials[j] * a
	}
	mean /= n
	for j, a := range alpha {
		scale += trials[j] * (a - mean) * (a - mean)
	}
	scale = math.Sqrt(scale / n)

	likelihood := func(c0, c1 float64) float64 {
		var sum float64
		for j, a := range alpha {
			eta := c0 + c1*(a-mean)/scale
			// ln(1+e^η) without overflow.
			sum += recovered[j]*eta - trials[j]*(max(eta, 0)+portable.Log(1+portable.Exp(-math.Abs(eta))))
		}
		return sum
	}
	var c0, c1 float64
	now := likelihood(c0, c1)
	for range 100 {
		var g0, g1, h00, h01, h11 float64
		for j, a := range alpha {
			x := (a - mean) / scale
			p := 1 / (1 + portable.Exp(-(c0 + c1*x)))
			d, w := recovered[j]-trials[j]*p, trials[j]*p*(1-p)
			g0 += d
			g1 += d * x
			h00 += w
			h01 += w * x
			h11 += w * x * x
		}
		det := h00*h11 - h01*h01
		d0, d1 := (h11*g0-h01*g1)/det, (h00*g1-h01*g0)/det
		gain := (g0*d0 + g1*d1) / 2 // of the quadratic model, in units of ln L
		if !(det > 0) || math.IsNaN(gain) || math.IsInf(gain, 0) {
			return 0, 0, false
		}
		// Halving keeps far steps from overshooting; next to the maximum the full
		// step is taken though rounding hides its gain.
		step := 1.0
		for gain > 1e-8 && step > 1e-10 && !(likelihood(c0+step*d0, c1+step*d1) > now) {
			step /= 2
		}
		c0, c1 = c0+step*d0, c1+step*d1
		now = likelihood(c0, c1)
		if gain < 1e-12 {
			return mean - scale*c0/c1, scale / c1, true
		}
	}
	return 0, 0, false
}
