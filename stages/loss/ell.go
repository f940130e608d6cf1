//pipeline:variant loss=ell

package loss

import "fmt"

func init() {
	register("ell", "ℓ_a(y,ŷ) = ½(ŷ²−y²)²/(a+y²), the paper's family, a > 0", newEll)
}

// newEll is the paper's loss ℓ_a (physics.md 1). Its curvature has infimum −2,
// approached at ŷ = 0 as y → ∞.
func newEll(a float64) (Loss, error) {
	if a <= 0 {
		return Loss{}, fmt.Errorf("loss ell: a = %v must be positive", a)
	}
	return Loss{
		Name: fmt.Sprintf("ell(a=%v)", a),
		Value: func(y, yhat float64) float64 {
			d := (yhat - y) * (yhat + y)
			return 0.5 * d * d / (a + float64(y*y))
		},
		D1: func(y, yhat float64) float64 {
			return 2 * yhat * ((yhat - y) * (yhat + y)) / (a + float64(y*y))
		},
		D2: func(y, yhat float64) float64 {
			return (float64(6*yhat*yhat) - float64(2*y*y)) / (a + float64(y*y))
		},
		InfD2: -2,
	}, nil
}
