package prediction

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"zerotohero/stages/internal/portable"
	"zerotohero/stages/internal/vector"
)

// A regression gives the odds of recovery: c[0] + Σ_k c[k+1] (x_k − mean_k)/sd_k.
type regression struct{ c, mean, sd []float64 }

// p is the probability of recovery.
func (r regression) p(x []float64) float64 { return sigmoid(vector.Dot(r.c, r.row(x))) }

// above is how far its log odds are above those at the means.
func (r regression) above(x []float64) float64 { return vector.Dot(r.c[1:], r.row(x)[1:]) }

// row is what the coefficients multiply. A predictor that does not vary says nothing.
func (r regression) row(x []float64) []float64 {
	out := append(make([]float64, 0, len(x)+1), 1)
	for k, v := range x {
		z := 0.0
		if r.sd[k] > 0 {
			z = (v - r.mean[k]) / r.sd[k]
		}
		out = append(out, z)
	}
	return out
}

// regress fits the odds to x, a row for each descent: the maximum of the likelihood times
// exp(−Σ_{k≥1} c_k²/2), which is log-concave, by Newton's method with halved steps. Both
// outcomes must occur.
func regress(x [][]float64, recovered []bool) regression {
	n := float64(len(x))
	r := regression{mean: make([]float64, len(x[0])), sd: make([]float64, len(x[0]))}
	for k := range r.mean {
		for _, row := range x {
			r.mean[k] += row[k] / n
		}
		for _, row := range x {
			d := row[k] - r.mean[k]
			r.sd[k] += float64(d*d) / n
		}
		r.sd[k] = math.Sqrt(r.sd[k])
		if r.sd[k] < 1e-12*math.Abs(r.mean[k]) { // rounding
			r.sd[k] = 0
		}
	}
	rows := make([][]float64, len(x))
	for i := range x {
		rows[i] = r.row(x[i])
	}
	r.c = make([]float64, len(r.mean)+1)
	best := posterior(rows, recovered, r.c)
	for range 50 {
		step := newton(rows, recovered, r.c)
		moved := false
		for range 40 {
			next := make([]float64, len(r.c))
			copy(next, r.c)
			vector.AddScaled(next, 1, step)
			if v := posterior(rows, recovered, next); v > best {
				r.c, best, moved = next, v, true
				break
			}
			vector.Scale(0.5, step)
		}
		if !moved {
			break
		}
	}
	return r
}

// posterior is the logarithm of the likelihood with its factor.
func posterior(rows [][]float64, recovered []bool, c []float64) float64 {
	sum := 0.0
	for i, z := range rows {
		eta := vector.Dot(c, z)
		if !recovered[i] {
			eta = -eta
		}
		sum += logSigmoid(eta)
	}
	return sum - vector.Dot(c[1:], c[1:])/2
}

// newton is the step to the maximum of the quadratic that agrees with the posterior at c.
func newton(rows [][]float64, recovered []bool, c []float64) []float64 {
	k := len(c)
	gradient := mat.NewVecDense(k, nil)
	curvature := mat.NewSymDense(k, nil)
	for j := 1; j < k; j++ {
		gradient.SetVec(j, -c[j])
		curvature.SetSym(j, j, 1)
	}
	for i, z := range rows {
		p := sigmoid(vector.Dot(c, z))
		residual := -p
		if recovered[i] {
			residual = 1 - p
		}
		for j := range k {
			gradient.SetVec(j, gradient.AtVec(j)+float64(residual*z[j]))
			for l := j; l < k; l++ {
				curvature.SetSym(j, l, curvature.At(j, l)+float64(p*(1-p)*z[j])*z[l])
			}
		}
	}
	var factors mat.Cholesky
	var step mat.VecDense
	if !factors.Factorize(curvature) || factors.SolveVecTo(&step, gradient) != nil {
		return make([]float64, k) // flat to rounding: this is the maximum
	}
	return step.RawVector().Data
}

func sigmoid(eta float64) float64 {
	if eta < 0 {
		e := portable.Exp(eta)
		return e / (1 + e)
	}
	return 1 / (1 + portable.Exp(-eta))
}

// logSigmoid is ln(1/(1+e^(−η))), without overflow.
func logSigmoid(eta float64) float64 {
	if eta < 0 {
		return eta - portable.Log(1+portable.Exp(eta))
	}
	return -portable.Log(1 + portable.Exp(-eta))
}
