package thresholds

import (
	"math"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
)

// good has inputs with which the figure can be drawn.
func good() pipeline.Inputs {
	out := pipeline.Inputs{
		figurestest.Stage("dynamics-transition", "null/a=1", nullOf(1, 500), nullOf(1, 2000)),
		figurestest.Stage("dynamics-transition", "null/a=3", nullOf(3, 500)),
	}
	for k := range 9 {
		a := math.Pow(10, float64(k-4)/2)
		out = append(out, figurestest.TransitionAt(a), figurestest.ThresholdAt(a))
	}
	return out
}

func nullOf(a float64, n int64) nullRow {
	alpha := 6.5 + 0.5*math.Log(a)
	return nullRow{N: n, Loss: "ell", A: a, Identified: true, Alpha: alpha, Lo: alpha - 0.2, Hi: alpha + 0.3}
}
