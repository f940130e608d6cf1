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
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/instance"
	"zerotohero/stages/loss"
)

// Kind computes Hessian spectra along descents.
var Kind = pipeline.Define(pipeline.Definition[Params]{
	Name:     "hessian",
	Doc:      "spectra of the spherical Hessian at the students that descents kept",
	Requires: []string{"descent", "instance"},
	Cost:     cost,
	Run:      run,
})

// Params are the parameters of Kind.
type Params struct {
	Loss  string    `param:"loss" default:"ell" help:"family of the loss; that of the descent"`
	A     float64   `param:"a" default:"1" help:"parameter of the loss; that of the descent"`
	Times []float64 `param:"times" default:"0" help:"times of the descent, each among those in its parameter keep; its last state stands for later ones"`
}

// Validate checks the loss and the times.
func (p Params) Validate() error {
	if _, err := loss.New(p.Loss, p.A); err != nil {
		return pipeline.BadParam("loss", "%v", err)
	}
	if len(p.Times) == 0 {
		return pipeline.BadParam("times", "is empty; give at least one time, 0 being the start")
	}
	for i, t := range p.Times {
		if !(t >= 0) {
			return pipeline.BadParam("times", "holds %v; times start at 0", t)
		}
		if slices.Contains(p.Times[:i], t) {
			return pipeline.BadParam("times", "holds %v twice", t)
		}
	}
	return nil
}

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
	Loss        string     `arrow:"loss" doc:"family of the loss"`
	A           float64    `arrow:"a" doc:"parameter of the loss"`
	T           float64    `arrow:"t" doc:"time asked for"`
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

func run(ctx context.Context, p Params, in pipeline.Inputs) (*artifact.Table, error) {
	l, err := loss.New(p.Loss, p.A)
	if err != nil {
		return nil, err
	}
	instances, err := readInstances(in.Of("instance"))
	if err != nil {
		return nil, err
	}
	descents, err := readDescents(p, in.Of("descent"))
	if err != nil {
		return nil, err
	}
	var out []Row
	var drawn key
	var x []float32
	for i := range descents {
		d := &descents[i]
		k := key{d.N, d.M, d.Seed}
		problem, ok := instances[k]
		if !ok {
			return nil, fmt.Errorf("%s has no instance of N = %d, M = %d, seed %d among the inputs; add the instance family that it descends on", d, d.N, d.M, d.Seed)
		}
		if x == nil || k != drawn {
			x, drawn = instance.DrawX(d.Seed, int(d.N), int(d.M)), k
			if f := instance.Fingerprint(x); f != problem.Fingerprint {
				return nil, fmt.Errorf("%s: X drawn for seed %d has fingerprint %s, the instance's is %s; run the instance stage again", d, d.Seed, f, problem.Fingerprint)
			}
		}
		if err := d.check(x, problem.Y, l); err != nil {
			return nil, err
		}
		for _, t := range p.Times {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			reached, w, err := d.at(t)
			if err != nil {
				return nil, err
			}
			r, err := row(x, problem, w, l)
			if err != nil {
				return nil, fmt.Errorf("%s, t = %v: %w", d, t, err)
			}
			r.Seed, r.Start, r.N, r.M, r.Alpha, r.Loss, r.A = d.Seed, d.Start, d.N, d.M, d.Alpha, d.Loss, d.A
			r.T, r.Reached = t, reached
			out = append(out, r)
		}
	}
	return artifact.New(out)
}

func row(x []float32, problem instance.Instance, w []float64, l loss.Loss) (Row, error) {
	s, err := At(x, problem.Y, w, l, lowest)
	if err != nil {
		return Row{}, err
	}
	var dot float64
	for j, v := range w {
		dot += v * problem.Signal[j]
	}
	r := Row{Overlap: math.Abs(dot) / float64(len(w)), Energy: s.Energy, Mu: s.Mu, Eigenvalues: s.Eigenvalues}
	for _, pair := range s.Lowest {
		r.Lowest = append(r.Lowest, Extremal{pair.Lambda, Overlap(pair.Vector, w, problem.Signal)})
	}
	return r, nil
}

// cost was measured on one core of an AMD EPYC (2025) between N = 256 and 1000.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	// Any descent has its number of starts in its parameters; its package is not
	// imported for it, since its code has no part in a spectrum.
	starts := 1.0
	var descents struct {
		Starts float64 `json:"starts"`
	}
	for _, s := range in {
		if s.Kind.Name == "descent" && json.Unmarshal(s.Canonical(), &descents) == nil {
			starts = max(starts, descents.Starts)
		}
	}
	c := pipeline.Cost{Seconds: 0.1, Bytes: 32 << 20}
	for _, s := range in {
		i, ok := s.Params.(instance.Params)
		if !ok {
			continue
		}
		n, m := float64(i.N), float64(i.M())
		spectra := starts * float64(len(p.Times))
		c.Seconds += float64(i.Seeds.Len()) * (25e-9*m*n + spectra*(3e-11*m*n*n+5e-10*n*n*n))
		// X, the matrix and one not yet collected; the eigensolver's workspace; what is
		// read and written, each as Go values, Arrow columns and bytes.
		c.Bytes = max(c.Bytes, 32<<20+int64(4*m*n+16*n*n+600*n+24*float64(i.Seeds.Len())*(m+n+spectra*3*n)))
	}
	return c
}
