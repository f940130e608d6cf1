// Package hessian computes spectra of the spherical Hessian (physics.md 1),
//
//	H(w) = P[(1/N) Σ_i ℓ''_i x_i x_iᵀ − μ I]P,   μ = (1/N) Σ_i ℓ'_i ŷ_i,
//
// P projecting out w: all N−1 eigenvalues, and the lowest few eigenvectors.
//
// The projection is exact. A Householder reflection takes w to the first axis, the
// matrix loses its first row and column, and is of order N−1; there is no spurious
// eigenvalue along w to be told from the others.
//
// Results are the same to the bit on every run, with every kernel, and, built with
// the Makefile's flags, on every platform.
package hessian

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
	"zerotohero/stages/students"
)

// Kind computes Hessian spectra along descents.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name:    "hessian",
	Doc:     "spectra of the spherical Hessian at the students that descents kept",
	Reads:   students.Reads,
	Accepts: Params.Accepts,
	Cost:    cost,
	Run:     run,
})

// Params are the parameters of Kind.
type Params struct{ students.Selection }

// lowest is the number of eigenpairs kept: the outlier and some of the bulk, to see
// the gap between them.
const lowest = 8

// A Row is one descent at one time.
type Row struct {
	Seed        int64      `arrow:"seed" doc:"of the instance"`
	Start       int64      `arrow:"start" doc:"number of the descent on its instance"`
	N           int64      `arrow:"n" doc:"dimension"`
	M           int64      `arrow:"m" doc:"measurements"`
	Alpha       float64    `arrow:"alpha" doc:"M/N"`
	AlphaAsked  float64    `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Loss        string     `arrow:"loss" doc:"name of the loss"`
	A           float64    `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	T           float64    `arrow:"t" doc:"time asked for; +Inf for the end of the descent"`
	Reached     float64    `arrow:"reached" doc:"time of the student: t, or that of the descent's last state if it is earlier"`
	Overlap     float64    `arrow:"overlap" doc:"m = |w·w*|/N"`
	Energy      float64    `arrow:"energy" doc:"L/N"`
	Mu          float64    `arrow:"mu" doc:"radial multiplier μ"`
	Eigenvalues []float64  `arrow:"eigenvalues" doc:"N−1 of the spherical Hessian, ascending"`
	Lowest      []Extremal `arrow:"lowest" doc:"the lowest few eigenpairs"`
}

// An Extremal is an eigenpair at the lower end of the spectrum.
type Extremal struct {
	Lambda  float64 `arrow:"lambda" doc:"eigenvalue"`
	Overlap float64 `arrow:"overlap" doc:"(v·w*)²/(N(1−m²)), 0 to 1, of the unit eigenvector v; NaN at w = ±w*"`
}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Row, error) {
	var out []Row
	err := p.Each(ctx, in, func(s students.Student) error {
		r, err := row(s.Problem, s.W)
		if err != nil {
			return err
		}
		d := s.Descent
		r.Seed, r.Start, r.N, r.M, r.Alpha, r.AlphaAsked = d.Seed, d.Start, d.N, d.M, d.Alpha, d.AlphaAsked
		r.Loss, r.A, r.T, r.Reached = d.Loss, d.A, s.T, s.Reached
		out = append(out, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func row(p *students.Problem, w []float64) (Row, error) {
	s, err := At(p.X, p.Y, w, p.Loss, lowest)
	if err != nil {
		return Row{}, err
	}
	r := Row{Overlap: math.Abs(floats.Dot(w, p.Signal)) / float64(len(w)), Energy: s.Energy, Mu: s.Mu,
		Eigenvalues: s.Eigenvalues}
	for _, pair := range s.Lowest {
		r.Lowest = append(r.Lowest, Extremal{pair.Lambda, Overlap(pair.Vector, w, p.Signal)})
	}
	return r, nil
}

// cost was measured on one core of an AMD EPYC (2025) between N = 256 and 1000.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	load := students.LoadOf(in)
	var seconds, matrices, rows float64
	for _, i := range instance.ParamsOf(in) {
		n, m := float64(i.N), float64(i.M())
		spectra := float64(i.Seeds.Len()) * load.Descents * p.Visits(load)
		seconds += float64(i.Seeds.Len())*5e-9*m*n + spectra*(80e-6+50e-9*n*n+3e-11*m*n*n+5e-10*n*n*n)
		// X, the matrix and one not yet collected; the eigensolver's workspace.
		matrices = max(matrices, 4*m*n+16*n*n+600*n)
		rows += spectra * (500 + 8*n)
	}
	// What is made, as Go values, as Arrow columns and as bytes.
	return pipeline.NewCost(seconds, 40<<20+load.Bytes+matrices+3.5*rows)
}
