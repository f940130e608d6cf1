package figures

import (
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
)

// pathOf is a descent whose overlap rises from 0.1 at about t = 1 + seed.
func pathOf(seed, n, m int64, outcome, method string, evaluations int64) pathRow {
	d := pathRow{Seed: seed, N: n, M: m, Loss: "ell", A: 1, From: "random", Method: method, Outcome: outcome, Evaluations: evaluations}
	final := map[string]float64{"recovered": 1, "trapped": 0.3, "unresolved": 0.5}[outcome]
	for k := range 40 {
		t := 0.01 * math.Pow(10, float64(k)/10)
		o := 0.1 + (final-0.1)*t/(t+float64(1+seed))
		d.Trace = append(d.Trace, pathStep{T: t, Energy: 2*(1-o) + 1/(1+10*t), Overlap: o})
	}
	return d
}

var courseTimes = []float64{0, 0.1, 1, 10, 100, 1e9}

// statesOf are the Hessians of pathOf: n−1 eigenvalues on a semicircle that rises with
// its edge, and an outlier below it before t = 1.
func statesOf(d pathRow) (out []stateRow) {
	for k, t := range courseTimes {
		edge := []float64{-8, -4, -1, -0.1, -0.05, 0.01}[k]
		s := stateRow{Seed: d.Seed, Start: d.Start, N: d.N, M: d.M, Loss: d.Loss, A: d.A, T: t, Reached: min(t, 80),
			Overlap: overlapAt(d.Trace, t), Mu: 1 + 0.1*float64(d.Seed)}
		if t == 1e9 && d.Outcome == "recovered" {
			s.Overlap = 0.999
		}
		for i := range d.N - 1 {
			s.Eigenvalues = append(s.Eigenvalues, edge+2-2*math.Cos(math.Pi*(float64(i)+0.5)/float64(d.N-1)))
		}
		s.Lowest = []stateLow{{0.01}}
		if t < 1 {
			s.Eigenvalues[0], s.Lowest[0].Overlap = edge-0.5, 0.3+0.01*float64(d.Seed)
		}
		out = append(out, s)
	}
	return out
}

// nullOfCourse loses the direction at t = 0.8.
func nullOfCourse(n int64, alpha float64) courseRow {
	r := courseRow{N: n, Alpha: alpha, Loss: "ell", A: 1, Runs: 6, Instances: 6, Lost: true, TBBP: 0.8, TBBPLo: 0.5, TBBPHi: math.Inf(1), W: 2, WLo: 1.9, WHi: 2.2}
	for k, t := range courseTimes[:5] {
		edge := []float64{-8, -4, -1, -0.1, -0.05}[k]
		q2 := max(0, 0.3*(1-t))
		r.Times = append(r.Times, courseState{T: t, Edge: edge, EdgeLo: edge - 0.1, EdgeHi: edge + 0.1,
			LambdaStar: edge - q2, LambdaStarLo: edge - q2 - 0.1, LambdaStarHi: edge - q2 + 0.1, Q2: q2, Q2Lo: 0.9 * q2, Q2Hi: 1.1 * q2})
	}
	return r
}

// circlesOf is a descent with a softest direction of overlap q2 at the start.
func circlesOf(seed int64, q2, overlap float64) (out []circleRow) {
	for k, t := range []float64{0, 1, 1e9} {
		for _, direction := range []string{"softest", "signal"} {
			c := circleRow{Seed: seed, N: 30, M: 90, Loss: "ell", A: 1, From: "random", T: t, Reached: min(t, 50),
				Overlap: []float64{0.1, 0.2, overlap}[k], Direction: direction, Q2: []float64{q2, q2 / 2, 0.01}[k], Curvature: float64(2*k - 1)}
			for i := -4; i <= 4; i++ {
				x := math.Pi / 8 * float64(i)
				c.Angles, c.Energies = append(c.Angles, x), append(c.Energies, 1+c.Curvature*(1-math.Cos(x)))
			}
			if direction == "softest" || overlap < 1 || k < 2 {
				out = append(out, c)
			}
		}
	}
	return out
}

func spectralInputs() pipeline.Inputs {
	var out pipeline.Inputs
	for k, name := range []string{"hessian", "averaged", "optimal"} {
		var rows []spectralRow
		for _, n := range []int64{20, 40} {
			for seed := range int64(4) {
				for alpha := range int64(4) {
					rows = append(rows, spectralRow{Seed: seed, N: n, M: (1 + alpha) * n, Loss: "ell", A: 1, Estimator: name,
						Q2: 0.2*float64(k) + 0.1*float64(alpha) + 0.01*float64(seed)})
				}
			}
		}
		out = append(out, stage("spectral", "start/"+name, rows...))
	}
	for k, at := range []string{"init", "averaged", "optimal", "wide"} {
		r := spectralTheory{At: at, Loss: "ell", A: 1}
		for i := range 20 {
			alpha := 0.5 + 0.25*float64(i)
			r.Alphas, r.Outlier, r.Q2 = append(r.Alphas, alpha), append(r.Outlier, i > k), append(r.Q2, max(0, 1-(0.6+0.25*float64(k))/alpha))
		}
		out = append(out, stage("theory-outlier", "outlier/"+at, r))
	}
	for _, from := range []string{"random", "hessian", "averaged", "optimal"} {
		s := sizeOf(64)
		s.From = from
		out = append(out, stage("finitesize", "sizes/"+from, s))
	}
	lone := sizeOf(1024) // larger, but with one kind of start
	return append(out, stage("finitesize", "sizes/large", lone))
}

// outcomesOf gives a descent a letter: r(ecovered), t(rapped), u(nresolved).
func outcomesOf(method string, m, evaluations int64, letters string) (out []pathRow) {
	for i, l := range letters {
		out = append(out, pathOf(int64(i), 40, m, map[rune]string{'r': "recovered", 't': "trapped", 'u': "unresolved"}[l], method, evaluations+int64(i)))
	}
	return out
}

// withCourses adds inputs with which the figures of descents in time and of spectral
// starts can be drawn.
func withCourses(good map[string]pipeline.Inputs) map[string]pipeline.Inputs {
	var paths []pathRow
	var states []stateRow
	for i, p := range outcomesOf("flow", 120, 100, "rrrrttttu") {
		p.Seed = int64(i + 1)
		paths, states = append(paths, p), append(states, statesOf(p)...)
	}
	slices.Reverse(states)
	descents := pipeline.Inputs{stage("descent", "path", paths...), stage("hessian", "state", states...)}
	threshold := semicircle(3, true)
	threshold.At = "threshold"
	good["phases"] = append(slices.Clone(descents), stage("theory-density", "density/init", semicircle(3, true)), stage("theory-density", "density/threshold", threshold),
		transitionAt(1), thresholdAt(1))
	good["dynamics"] = append(slices.Clone(descents), stage("dynamics", "null/500", nullOfCourse(500, 3)), stage("dynamics", "null/60", nullOfCourse(60, 3)))
	var circles []circleRow
	for seed, overlap := range []float64{0.3, 0.3, 0.3, 1, 1} {
		circles = append(circles, circlesOf(int64(seed), 0.1+0.1*float64(seed), overlap)...)
	}
	good["curvature"] = pipeline.Inputs{stage("landscape", "circles", circles...)}
	good["spectral"] = spectralInputs()
	good["flow-vs-gd"] = pipeline.Inputs{
		stage("descent", "flow/2", outcomesOf("flow", 80, 100, "rrttrttu")...),
		stage("descent", "gd/2", outcomesOf("gd", 80, 1000, "rrttrrtt")...),
		stage("descent", "flow/4", outcomesOf("flow", 160, 100, "rrrr")...),
		stage("descent", "gd/4", append(outcomesOf("gd", 160, 1000, "rrrt"), pathOf(99, 40, 160, "trapped", "gd", 5))...),
	}
	return good
}

// number is a quantity of a figure by its name.
func number(d Drawing, name string) (Quantity, error) {
	for _, q := range d.Numbers {
		if q.Name == name {
			return q, nil
		}
	}
	return Quantity{}, fmt.Errorf("the figure has no number %s", name)
}
