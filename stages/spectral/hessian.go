//pipeline:variant estimator=hessian

package spectral

import (
	"math"

	"zerotohero/stages/internal/kernel"
	"zerotohero/stages/internal/random"
)

func init() {
	register("hessian", estimator{random: true, ofLoss: true, weights: hessianWeights})
}

// hessianWeights are those of the spherical Hessian of physics.md 1 at the point from
// which the descent of that number starts when its start is random.
func hessianWeights(p problem, start int64) weights {
	w := make([]float64, p.n)
	random.New("start", p.seed, start).Sphere(w)
	yhat := make([]float64, len(p.y))
	kernel.Products(p.x, [][]float64{w}, [][]float64{yhat})
	root := math.Sqrt(float64(p.n))
	s := make([]float64, len(p.y))
	mu := 0.0
	for i, y := range p.y {
		yhat[i] /= root
		s[i] = p.loss.D2(y, yhat[i])
		mu += float64(p.loss.D1(y, yhat[i]) * yhat[i])
	}
	norm := math.Sqrt(dot(w, w))
	for j := range w {
		w[j] /= norm
	}
	return weights{s, mu / float64(p.n), w}
}
