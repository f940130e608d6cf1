package figurestest

import (
	"math"
	"slices"

	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
)

// PathOf is a descent whose overlap rises from 0.1 at about t = 1 + seed.
func PathOf(seed, n, m int64, outcome, method string, evaluations int64) trajectory.Descent {
	d := trajectory.Descent{Seed: seed, N: n, M: m, AlphaAsked: float64(m) / float64(n), Loss: "ell", A: 1,
		From: "random", Method: method, Outcome: outcome,
		Evaluations: evaluations}
	final := map[string]float64{"recovered": 1, "trapped": 0.3, "unresolved": 0.5}[outcome]
	for k := range 40 {
		t := 0.01 * math.Pow(10, float64(k)/10)
		o := 0.1 + (final-0.1)*t/(t+float64(1+seed))
		d.Trace = append(d.Trace, trajectory.Step{T: t, Energy: 2*(1-o) + 1/(1+10*t), Overlap: o})
	}
	return d
}

// StateTimes are the times of the Hessians of StatesOf.
var StateTimes = []float64{0, 0.1, 1, 10, 100, 1e9}

// StatesOf are the Hessians of PathOf: n−1 eigenvalues on a semicircle that rises with
// its edge, and an outlier below it before t = 1.
func StatesOf(d trajectory.Descent) (out []trajectory.State) {
	for k, t := range StateTimes {
		edge := []float64{-8, -4, -1, -0.1, -0.05, 0.01}[k]
		s := trajectory.State{Seed: d.Seed, Start: d.Start, N: d.N, M: d.M, Loss: d.Loss, A: d.A, T: t,
			Reached: min(t, 80),
			Overlap: trajectory.OverlapAt(d.Trace, t), Mu: 1 + 0.1*float64(d.Seed)}
		if t == 1e9 && d.Outcome == "recovered" {
			s.Overlap = 0.999
		}
		for i := range d.N - 1 {
			s.Eigenvalues = append(s.Eigenvalues, edge+2-2*math.Cos(math.Pi*(float64(i)+0.5)/float64(d.N-1)))
		}
		s.Lowest = []trajectory.Low{{Overlap: 0.01}}
		if t < 1 {
			s.Eigenvalues[0], s.Lowest[0].Overlap = edge-0.5, 0.3+0.01*float64(d.Seed)
		}
		out = append(out, s)
	}
	return out
}

// OutcomesOf gives a descent a letter: r(ecovered), t(rapped), u(nresolved).
func OutcomesOf(method string, m, evaluations int64, letters string) (out []trajectory.Descent) {
	for i, l := range letters {
		out = append(out, PathOf(int64(i), 40, m, map[rune]string{'r': "recovered", 't': "trapped",
			'u': "unresolved"}[l], method, evaluations+int64(i)))
	}
	return out
}

// Ensemble has nine descents at α = 3 with their Hessians: four recovered, four trapped
// and one unresolved.
func Ensemble() pipeline.Inputs {
	var paths []trajectory.Descent
	var states []trajectory.State
	for i, p := range OutcomesOf("flow", 120, 100, "rrrrttttu") {
		p.Seed = int64(i + 1)
		paths, states = append(paths, p), append(states, StatesOf(p)...)
	}
	slices.Reverse(states)
	return pipeline.Inputs{Stage("descent", "path", paths...), Stage("hessian", "state", states...)}
}
