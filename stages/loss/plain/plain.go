// Package plain is the unnormalised loss of phase retrieval.
package plain

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

func init() {
	pipeline.Register("plain", "½(ŷ²−y²)², the a→∞ limit of ℓ_a up to a scale; no parameter", New)
}

// Params are none.
type Params struct{}

// New is the loss (physics.md 1). Its curvature is unbounded below, so its bulk at
// random init has no finite left edge.
func New(Params) (loss.Loss, error) {
	return loss.Loss{
		Name: "plain",
		Value: func(y, yhat float64) float64 {
			d := (yhat - y) * (yhat + y)
			return float64(0.5 * d * d)
		},
		D1:    func(y, yhat float64) float64 { return float64(2 * yhat * ((yhat - y) * (yhat + y))) },
		D2:    func(y, yhat float64) float64 { return float64(6*yhat*yhat) - float64(2*y*y) },
		InfD2: math.Inf(-1),
	}, nil
}
