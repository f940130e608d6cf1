package figures

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/hessian"
	"zerotohero/stages/scaling"
	"zerotohero/stages/spectral"
	"zerotohero/stages/theory"
)

// reads checks that rows of a stage have the columns that a figure reads.
func reads[Row, Stage any](t *testing.T) {
	t.Helper()
	table, err := artifact.New(make([]Stage, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := artifact.Rows[Row](table); err != nil {
		t.Errorf("%T from %T: %v", *new(Row), *new(Stage), err)
	}
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	reads[outlierRow, theory.OutlierRow](t)
	reads[transitionRow, theory.TransitionRow](t)
	reads[thresholdDensity, theory.DensityRow](t)
	reads[estimateRow, spectral.Row](t)
	reads[nullRow, dynamics.TransitionRow](t)
	reads[trappedRow, dynamics.Row](t)
	reads[trappedSpectrum, hessian.Row](t)
	reads[scalingRow, scaling.Row](t)
	reads[lossCurve, finitesize.Row](t)
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
			out = append(out, estimateRow{Seed: seed, N: n, M: int64(math.Round(alpha * float64(n))), Alpha: alpha, Loss: "ell", A: a,
				Estimator: "hessian", Q2: min(1, max(0, 1-1.5/alpha)+rng.Float64()*4/math.Sqrt(float64(n)))})
		}
	}
	return out
}

func thresholdAt(a float64) pipeline.Input {
	return stage("theory-transition", fmt.Sprintf("threshold/a=%g", a),
		testTransition{At: "threshold", Loss: "ell", A: a, Found: true, Alpha: 7 + 0.6*math.Log(a), Edge: "sharp"})
}

func nullOf(a float64, n int64) nullRow {
	alpha := 6.5 + 0.5*math.Log(a)
	return nullRow{N: n, Loss: "ell", A: a, Identified: true, Alpha: alpha, Lo: alpha - 0.2, Hi: alpha + 0.3}
}

// trappedOf has laws that decrease on a line from 1 to 2, with n bins.
func trappedOf(n int64, alpha float64) trappedRow {
	r := trappedRow{N: n, Alpha: alpha, Loss: "ell", A: 1, Instances: 6, Runs: 12,
		Trapped:   trappedState{Energy: 1.3, Edge: -0.1, EdgeLo: -0.2, EdgeHi: 0, D: 0.1, DLo: -0.1, DHi: 0.3},
		Threshold: thresholdState{Found: true, Energy: 1.2, D: 0.2}}
	for _, c := range [][2]float64{{0, math.Inf(1)}, {1.5, math.Inf(1)}, {0, 0.5}, {0.5, 1.5}} {
		r.Labels = append(r.Labels, labelOf("yhat", c[0], c[1], 80))
	}
	r.Labels = append(r.Labels, labelOf("s", 0, math.Inf(1), 80))
	return r
}

func labelOf(of string, lo, hi float64, bins int) labelLaw {
	l := labelLaw{Of: of, YLo: lo, YHi: hi, Edges: []float64{1}, Distance: 0.02, Noise: 0.01}
	for i := range bins {
		l.Edges = append(l.Edges, 1+float64(i+1)/float64(bins))
		v := 1.5 - float64(i)/float64(bins)
		l.Simulation, l.Theory = append(l.Simulation, v+0.1*float64(i%2)), append(l.Theory, v)
	}
	return l
}

func trappedSpectraOf(rng *rand.Rand, n int64, alpha, t float64) []trappedSpectrum {
	var out []trappedSpectrum
	for seed := range int64(4) {
		h := trappedSpectrum{Seed: seed, N: n, M: int64(math.Round(alpha * float64(n))), Loss: "ell", A: 1, T: t}
		for i := range n - 1 {
			h.Eigenvalues = append(h.Eigenvalues, 2-2*math.Cos(math.Pi*(float64(i)+rng.Float64())/float64(n)))
		}
		out = append(out, h)
	}
	return out
}

func thresholdDensityOf(alpha float64) testDensity {
	d := semicircle(alpha, false)
	d.At = "threshold"
	for i := range d.Lambda {
		d.Lambda[i] += 3 // from 0 to 4
	}
	return d
}

// scalingOf has α50 = 5 − 10/ln N with a power law that follows it closely.
func scalingOf() scalingRow {
	r := scalingRow{Loss: "ell", A: 1, Method: "flow", Init: 1.13485, Threshold: 7.09396,
		Models: []scalingLaw{
			{Name: "log", Identified: true, Chi2: 3.1, Dof: 3, Parameters: []lawParameter{{"alpha_inf", 5, 4.6, 5.5}, {"c", -10, -12, -8}}},
			{Name: "power", Identified: true, Chi2: 2.9, Dof: 2, Parameters: []lawParameter{{"alpha_inf", 4.2, 3.8, math.Inf(1)}, {"c", -6, -9, -4}, {"b", 0.3, 0, 0.6}}},
			{Name: "log-threshold", Identified: true, Chi2: 30, Dof: 4, Parameters: []lawParameter{{"c", -18, -19, -17}}},
		},
		Comparisons: []lawComparison{{First: "log", Second: "power", DeltaAIC: 1.8, DeltaAICc: 2.5, Preferred: "undecided"}},
		WidthLaw:    scalingLaw{Name: "width", Identified: true, Parameters: []lawParameter{{"w0", 2, 1.5, 2.5}, {"nu", 0.3, 0.25, 0.35}}},
		Collapse:    collapsedCurves{Identified: true, Quality: 1.07, Compared: 40, Chi2: 50, Dof: 45},
	}
	for k, n := range []int64{64, 128, 256, 512, 1024} {
		at, w := 5-10/math.Log(float64(n)), 2*math.Pow(float64(n), -0.3)
		s := scalingSize{N: n, Alpha50: at, Lo: at - 0.1, Hi: at + 0.1, Width: w, WidthLo: 0.9 * w, WidthHi: 1.1 * w, Used: true,
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

// lossCurvesOf has α50 = at at every N but the last, which is not identified.
func lossCurvesOf(a, at float64, sizes ...int64) []lossCurve {
	var out []lossCurve
	for i, n := range sizes {
		c := lossCurve{N: n, Loss: "ell", A: a, Method: "flow", From: "random", Identified: i < 2,
			Alpha50: at, Alpha50Lo: at - 0.1, Alpha50Hi: at + 0.2, Width: 20 / float64(n)}
		for k := range 9 {
			alpha := at - 2 + 0.5*float64(k)
			p := 1 / (1 + math.Exp(-(alpha-at)/c.Width))
			c.Points = append(c.Points, lossPoint{alpha, 50, 0, p, max(0, p-0.1), min(1, p+0.1)})
		}
		out = append(out, c)
	}
	return out
}

// withTheory adds inputs with which the figures of transitions, trapped states and
// finite size can be drawn.
func withTheory(good map[string]pipeline.Inputs) map[string]pipeline.Inputs {
	rng := rand.New(rand.NewPCG(5, 6))
	good["transition"] = pipeline.Inputs{
		stage("theory-outlier", "outlier/a=2", outlierOf(2, 1.65)),
		stage("theory-outlier", "outlier/a=1", outlierOf(1, 1.15)),
		stage("spectral", "spectral/a=1", append(estimatesOf(rng, 1, 400), estimatesOf(rng, 1, 64)...)...),
		stage("spectral", "spectral/a=2", estimatesOf(rng, 2, 400)...),
	}
	null := pipeline.Inputs{stage("dynamics-transition", "null/a=1", nullOf(1, 500), nullOf(1, 2000)), stage("dynamics-transition", "null/a=3", nullOf(3, 500))}
	for k := range 9 {
		a := math.Pow(10, float64(k-4)/2)
		null = append(null, transitionAt(a), thresholdAt(a))
	}
	good["thresholds"] = null
	good["threshold-states"] = pipeline.Inputs{
		stage("theory-density", "density/7", thresholdDensityOf(7)),
		stage("dynamics", "dynamics/6", trappedOf(2000, 6)),
		stage("dynamics", "dynamics/7", trappedOf(60, 7)),
		stage("hessian", "hessian/7", append(trappedSpectraOf(rng, 60, 7, 0), trappedSpectraOf(rng, 60, 7, 1e6)...)...),
	}
	good["finite-size"] = pipeline.Inputs{stage("scaling", "scaling", scalingOf())}
	good["losses"] = pipeline.Inputs{
		stage("finitesize", "sizes/a=1", lossCurvesOf(1, 3, 64, 128, 256)...),
		stage("finitesize", "sizes/a=3", lossCurvesOf(3, 3.6, 64, 128)...),
		transitionAt(1), transitionAt(3), thresholdAt(1), thresholdAt(3),
	}
	return good
}
