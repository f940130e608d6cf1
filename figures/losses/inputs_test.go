package losses

import (
	"math"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/recovery"
	"zerotohero/pipeline"
)

// good has inputs with which the figure can be drawn.
func good() pipeline.Inputs {
	return pipeline.Inputs{
		figurestest.Stage("finitesize", "sizes/a=1", lossCurvesOf(1, 3, 64, 128, 256)...),
		figurestest.Stage("finitesize", "sizes/a=3", lossCurvesOf(3, 3.6, 64, 128)...),
		figurestest.TransitionAt(1), figurestest.TransitionAt(3), figurestest.ThresholdAt(1),
		figurestest.ThresholdAt(3),
	}
}

// lossCurvesOf has α50 = at at every N but the last, which is not identified.
func lossCurvesOf(a, at float64, sizes ...int64) []recovery.Curve {
	var out []recovery.Curve
	for i, n := range sizes {
		c := recovery.Curve{N: n, Loss: "ell", A: a, Method: "flow", From: "random", Identified: i < 2,
			Alpha50: at, Alpha50Lo: at - 0.1, Alpha50Hi: at + 0.2, Width: 20 / float64(n)}
		for k := range 9 {
			alpha := at - 2 + 0.5*float64(k)
			p := 1 / (1 + math.Exp(-(alpha-at)/c.Width))
			c.Points = append(c.Points, recovery.Rate{Alpha: alpha, Trials: 50, P: p, Lo: max(0, p-0.1),
				Hi: min(1, p+0.1)})
		}
		out = append(out, c)
	}
	return out
}
