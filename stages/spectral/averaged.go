//pipeline:variant estimator=averaged

package spectral

func init() {
	register("averaged", estimator{ofLoss: true, weights: averagedWeights})
}

// averagedWeights are s(y) = E ℓ”(y,ŷ) over ŷ ~ N(0,1) (physics.md 2b),
// (6−2y²)/(a+y²) for ℓ_a. The average has no tangent space, and its μ, a multiple of the
// identity, is left out.
func averagedWeights(p problem, _ int64) weights {
	rule := gaussianRule()
	s := make([]float64, len(p.y))
	for i, y := range p.y {
		sum := float64(rule[0] * p.loss.D2(y, 0))
		for k, weight := range rule[1:] {
			u := float64(k+1) / perUnit
			sum += float64(weight * (p.loss.D2(y, u) + p.loss.D2(y, -u)))
		}
		s[i] = sum
	}
	return weights{s: s}
}

const (
	perUnit = 64                             // nodes a unit of ŷ
	reach   = 9                              // P(|ŷ| > 9) = 2e-19
	ratio   = 0.9998779371377774412748698166 // of neighbouring weights at 0, exp(−1/(2·64²))
)

// gaussianRule gives the weights of the trapezoidal rule for E over N(0,1) at ŷ = 0 and
// at ±k/64 on either side. For a function analytic within distance d of the real axis
// its error is of order exp(−128πd), 1e-6 at d = 0.035; for ℓ_a, whose ℓ” is a
// polynomial in ŷ, it is rounding, whatever a. The weights exp(−ŷ²/2) come by products
// alone, the same to the bit everywhere, and are normalised.
func gaussianRule() []float64 {
	w := make([]float64, reach*perUnit+1)
	total := 0.0
	value, step := 1.0, ratio
	for k := range w {
		w[k] = value
		total += value
		if k > 0 {
			total += value
		}
		value *= step
		step *= float64(ratio * ratio)
	}
	for k := range w {
		w[k] /= total
	}
	return w
}
