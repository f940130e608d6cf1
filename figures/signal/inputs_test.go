package signal

import (
	"math"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
)

// good has inputs with which the figure can be drawn: theory at two α, the null model at both,
// with many shares at α = 3, and two descents there.
func good() pipeline.Inputs {
	return pipeline.Inputs{
		figurestest.Stage("descent", "descent", runOf(1), runOf(2)),
		figurestest.Stage("theory-signal", "start/3", lawOf("init", 3)),
		figurestest.Stage("theory-signal", "start/8", lawOf("init", 8)),
		figurestest.Stage("theory-signal", "threshold/3", lawOf("threshold", 3)),
		figurestest.Stage("dynamics", "null/3", nullOf(900, 3, 0.01)),
		figurestest.Stage("dynamics", "null/3,shares", nullOf(500, 3, 0.01, 0.1, 0.3)),
		figurestest.Stage("dynamics", "null/8", nullOf(500, 8, 0.01)),
	}
}

// lawOf is uniform from −1 to 1, the bulk from −1 to 3, beside an atom of weight ¼ at −2.
func lawOf(at string, alpha float64) lawRow {
	l := lawRow{At: at, Loss: "ell", A: 1, Alpha: alpha, Share: 0.01,
		BelowZero: estimate{0.625}, Lowest: estimate{0.3}, Atoms: []atom{{estimate{-2}, estimate{0.25}}}}
	for i := range 200 {
		x := -1 + 0.02*(float64(i)+0.5)
		rho := 0.0
		if x < 1 {
			rho = 0.375
		}
		l.Lambda, l.Rho, l.Bulk = append(l.Lambda, x), append(l.Rho, rho), append(l.Bulk, 0.25)
		l.Weight = append(l.Weight, 0.02)
	}
	return l
}

// runOf has ten lines of weight 0.1 from −1, at the start and at t = 10.
func runOf(seed int64) runRow {
	r := runRow{N: 80, M: 240, Asked: 3, Loss: "ell", A: 1}
	var lines []line
	for i := range 10 {
		lines = append(lines, line{-1 + 0.3*float64(i) + 0.01*float64(seed), 0.1})
	}
	for _, t := range []float64{0, 1, 10} {
		r.Observed = append(r.Observed, observed{T: t, Signal: lines})
	}
	r.Observed[1].Signal = nil
	return r
}

// nullOf loses its outlier at t = 1.
func nullOf(n int64, alpha float64, shares ...float64) nullRow {
	r := nullRow{N: n, Alpha: alpha, Loss: "ell", A: 1, Runs: 4, Lost: true, TBBP: 0.9, TBBPLo: 0.8, TBBPHi: 1.1}
	for _, t := range []float64{0, 0.1, 1, 10, 100} {
		w := 0.5 / (1 + t)
		s := nullState{T: t, Edge: -1, LambdaStar: -1, BelowZero: w, BelowZeroLo: 0.9 * w, BelowZeroHi: 1.1 * w}
		if t < 1 {
			s.Outlier, s.LambdaStar, s.Q2 = true, -2, 0.2
		}
		for _, q := range shares {
			v := math.Sqrt(q)
			s.Lowest = append(s.Lowest, lowest{q, -1 + 4*q, v, 0.9 * v, 1.1 * v})
		}
		r.Times = append(r.Times, s)
	}
	return r
}
