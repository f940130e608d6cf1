package thresholdstates

import (
	"math"
	"math/rand/v2"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/spectrum"
	"zerotohero/pipeline"
)

// good has inputs with which the figure can be drawn.
func good() pipeline.Inputs {
	rng := rand.New(rand.NewPCG(5, 6))
	return pipeline.Inputs{
		figurestest.Stage("theory-density", "density/7", thresholdDensityOf(7)),
		figurestest.Stage("dynamics", "dynamics/6", trappedOf(2000, 6)),
		figurestest.Stage("dynamics", "dynamics/7", trappedOf(60, 7)),
		figurestest.Stage("hessian", "hessian/7", append(trappedSpectraOf(rng, 60, 7, 0),
			trappedSpectraOf(rng, 60, 7, 1e6)...)...),
	}
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

func trappedSpectraOf(rng *rand.Rand, n int64, alpha, t float64) []spectrum.Measured {
	var out []spectrum.Measured
	for seed := range int64(4) {
		h := spectrum.Measured{Seed: seed, N: n, M: int64(math.Round(alpha * float64(n))), Loss: "ell", A: 1, T: t}
		for i := range n - 1 {
			h.Eigenvalues = append(h.Eigenvalues, 2-2*math.Cos(math.Pi*(float64(i)+rng.Float64())/float64(n)))
		}
		out = append(out, h)
	}
	return out
}

func thresholdDensityOf(alpha float64) figurestest.Density {
	d := figurestest.Semicircle(alpha, false)
	d.At = "threshold"
	for i := range d.Lambda {
		d.Lambda[i] += 3 // from 0 to 4
	}
	return d
}
