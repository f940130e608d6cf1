package transition

import (
	"math"
	"math/rand/v2"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
)

// good has inputs with which the figure can be drawn.
func good() pipeline.Inputs {
	rng := rand.New(rand.NewPCG(5, 6))
	return pipeline.Inputs{
		figurestest.Stage("theory-outlier", "outlier/a=2", outlierOf(2, 1.65)),
		figurestest.Stage("theory-outlier", "outlier/a=1", outlierOf(1, 1.15)),
		figurestest.Stage("spectral", "spectral/a=1", append(estimatesOf(rng, 1, 400), estimatesOf(rng, 1, 64)...)...),
		figurestest.Stage("spectral", "spectral/a=2", estimatesOf(rng, 2, 400)...),
	}
}

// outlierOf has q² = 1 − at/α beyond α = at, less what it starts with on a sharp edge.
func outlierOf(a, at float64) outlierRow {
	r := outlierRow{At: "init", Loss: "ell", A: a}
	edge := "sharp"
	if a > 1.2 {
		edge = "smooth"
	}
	for k := range 41 {
		alpha := 0.5 + 0.1*float64(k)
		q2 := 0.0
		if alpha > at {
			if q2 = 1 - at/alpha; edge == "smooth" {
				q2 = 0.1 + 0.8*q2
			}
		}
		r.Alphas, r.EdgeKind = append(r.Alphas, alpha), append(r.EdgeKind, edge)
		r.Outlier, r.Q2 = append(r.Outlier, alpha > at), append(r.Q2, q2)
	}
	return r
}

func estimatesOf(rng *rand.Rand, a float64, n int64) []estimateRow {
	var out []estimateRow
	for k := range 6 {
		alpha := 0.6 + 0.6*float64(k)
		for seed := range int64(8) {
			out = append(out, estimateRow{Seed: seed, N: n, M: int64(math.Round(alpha * float64(n))), AlphaAsked: alpha,
				Loss: "ell", A: a,
				Estimator: "hessian", Q2: min(1, max(0, 1-1.5/alpha)+rng.Float64()*4/math.Sqrt(float64(n)))})
		}
	}
	return out
}
