package finitesize

import (
	"math"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
)

// good has inputs with which the figure can be drawn.
func good() pipeline.Inputs {
	return pipeline.Inputs{figurestest.Stage("scaling", "scaling", scalingOf())}
}

// scalingOf has α50 = 5 − 10/ln N with a power law that follows it closely.
func scalingOf() scalingRow {
	r := scalingRow{Loss: "ell", A: 1, Method: "flow", Init: 1.13485, Threshold: 7.09396,
		Models: []scalingLaw{
			{Name: "log", Identified: true, Chi2: 3.1, Dof: 3,
				Parameters: []lawParameter{{"alpha_inf", 5, 4.6, 5.5}, {"c", -10, -12, -8}}},
			{Name: "power", Identified: true, Chi2: 2.9, Dof: 2,
				Parameters: []lawParameter{{"alpha_inf", 4.2, 3.8, math.Inf(1)}, {"c", -6, -9, -4},
					{"b", 0.3, 0, 0.6}}},
			{Name: "log-threshold", Identified: true, Chi2: 30, Dof: 4,
				Parameters: []lawParameter{{"c", -18, -19, -17}}},
		},
		Comparisons: []lawComparison{{First: "log", Second: "power", DeltaAIC: 1.8, DeltaAICc: 2.5,
			Preferred: "undecided"}},
		WidthLaw: scalingLaw{Name: "width", Identified: true,
			Parameters: []lawParameter{{"w0", 2, 1.5, 2.5}, {"nu", 0.3, 0.25, 0.35}}},
		Collapse: collapsedCurves{Identified: true, Quality: 1.07, Compared: 40},
	}
	for k, n := range []int64{64, 128, 256, 512, 1024} {
		at, w := 5-10/math.Log(float64(n)), 2*math.Pow(float64(n), -0.3)
		s := scalingSize{N: n, Alpha50: at, Lo: at - 0.1, Hi: at + 0.1, Width: w, WidthLo: 0.9 * w, WidthHi: 1.1 * w,
			PredictedIdentified: k > 1, Predicted: at + 0.4, PredictedLo: at + 0.2, PredictedHi: at + 0.7}
		if k == 2 {
			s.PredictedLo = math.Inf(-1)
		}
		if k < 2 {
			s.Predicted, s.PredictedLo, s.PredictedHi = math.NaN(), math.NaN(), math.NaN()
		}
		r.Sizes = append(r.Sizes, s)
		for j := range 9 {
			x := float64(j) - 4
			p := 1 / (1 + math.Exp(-x))
			r.Collapse.Points = append(r.Collapse.Points, collapsedPoint{n, x, p, max(0, p-0.1), min(1, p+0.1)})
		}
	}
	return r
}
