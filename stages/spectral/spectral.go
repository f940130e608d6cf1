// Package spectral computes spectral estimates of the signal, to start descents from
// (physics.md 2b and 3): eigenvectors of the lowest eigenvalue of
//
//	(1/N) Σ_i s_i x_i x_iᵀ,
//
// the weights s_i being those of an estimator. Each is a package of its own:
// inithessian, averaged and optimal.
//
// Nothing is formed: the Lanczos method needs products with the matrix only, one pass
// over X each. Results are the same to the bit on every platform.
package spectral

import (
	"context"
	"fmt"
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/contract"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/gram"
	"zerotohero/stages/internal/lanczos"
	"zerotohero/stages/internal/vector"
	"zerotohero/stages/loss"
)

// Kind computes an estimate for every instance of a block. A descent that has stages of
// this kind among its inputs starts from their students.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name:    "spectral",
	Doc:     "spectral estimates of the signal, as starts of descents",
	Reads:   []pipeline.Read{pipeline.Reads[instance.Instance]("instance")},
	Accepts: func(_ Params, in []*pipeline.Stage) error { return contract.Dense(in) },
	Cost:    cost,
	Run:     run,
})

// Params are the parameters of Kind.
type Params struct {
	Estimator pipeline.Chosen[Estimator] `param:"estimator" default:"hessian" help:"which weights"`
	Steps     int                        `param:"steps" default:"3000" help:"Lanczos steps after which the stage fails"`
}

// Validate checks each parameter.
func (p Params) Validate() error {
	if p.Steps < 1 {
		return pipeline.BadParam("steps", "%d must be at least 1", p.Steps)
	}
	return nil
}

// A Row is the estimate of one instance from one start.
type Row struct {
	Seed       int64     `arrow:"seed" doc:"of the instance"`
	Start      int64     `arrow:"start" doc:"number of the random point on this instance, from 0"`
	N          int64     `arrow:"n" doc:"dimension N"`
	M          int64     `arrow:"m" doc:"number of measurements M"`
	Alpha      float64   `arrow:"alpha" doc:"signal-to-noise ratio M/N"`
	AlphaAsked float64   `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Loss       string    `arrow:"loss" doc:"name of the loss; empty if the estimator does not depend on it"`
	A          float64   `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it, or if the estimator does not depend on it"`
	Estimator  string    `arrow:"estimator" doc:"name of the spectral estimator"`
	Mu         float64   `arrow:"mu" doc:"radial multiplier μ at the random point; 0 unless the estimator is hessian"`
	Lambda     float64   `arrow:"lambda" doc:"lowest eigenvalue"`
	Gap        float64   `arrow:"gap" doc:"distance to the next eigenvalue"`
	Residual   float64   `arrow:"residual" doc:"‖Av − λv‖ of the unit eigenvector v"`
	Overlap    float64   `arrow:"overlap" doc:"m = |w·w*|/N of the student"`
	Q2         float64   `arrow:"q2" doc:"(v·w*)²/‖Pw*‖² of the unit eigenvector v, P on the space that it is sought in: m², but for hessian the tangent space at the random point"`
	Student    []float64 `arrow:"student" doc:"w = √N v, N components; the largest in size is positive"`
}

// An Estimator gives the matrix of which the lowest eigenvector is the estimate. To add
// one, copy optimal/optimal.go, a package that registers one, and import yours in main.go.
type Estimator struct {
	Loss    loss.Choice // that it depends on; of none, the zero value
	Starts  int         // estimates an instance; more than 1 if it depends on a random point
	Weights func(p Problem, start int64) Weights
}

// A Problem is an instance.
type Problem struct {
	Seed int64
	N    int
	X    []float32 // M×N, row-major
	Y    []float64 // M, the labels
}

// Weights are the matrix (1/N) Σ_i s_i x_i x_iᵀ − μ, on all of R^N or, with a normal, on
// the space orthogonal to it.
type Weights struct {
	S      []float64 // M
	Mu     float64
	Normal []float64 // N components of norm 1, or nil
}

// A coster is the parameters of an estimator that say how many Lanczos steps it takes in
// dimension n, for estimates of cost.
type coster interface {
	Cost(n float64) (steps float64)
}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Row, error) {
	e, err := p.Estimator.New()
	if err != nil {
		return nil, err
	}
	var rows []Row
	var x []float32 // of one instance after another
	err = instance.Each(in, func(stage string, inst instance.Instance) error {
		var err error
		if x, err = inst.X(x); err != nil {
			return fmt.Errorf("%s: seed %d: %w", stage, inst.Seed, err)
		}
		problem := Problem{inst.Seed, int(inst.N), x, inst.Y}
		for start := range int64(e.Starts) {
			r, err := estimate(ctx, p, e, problem, inst, start)
			if err != nil {
				return fmt.Errorf("%s: seed %d, start %d: %w", stage, inst.Seed, start, err)
			}
			rows = append(rows, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// angle bounds that between the eigenvector and what is taken for it, far below what
// N^(-1/2) makes of its overlap.
const angle = 1e-6

func estimate(ctx context.Context, p Params, e Estimator, q Problem, inst instance.Instance, start int64) (Row, error) {
	m := e.Weights(q, start)
	matrix, err := gram.New(q.X, m.S, m.Mu)
	if err != nil {
		return Row{}, err
	}
	task := lanczos.Problem{N: q.N, Pairs: 2, Tol: angle, Limit: p.Steps, Seed: q.Seed,
		Apply: func(dst, v []float64) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return matrix.Apply(dst, v)
		}}
	if m.Normal != nil {
		task.Orthogonal = [][]float64{m.Normal}
	}
	pairs, err := lanczos.Lowest(task)
	if err != nil {
		return Row{}, err
	}
	r := Row{
		Seed: inst.Seed, Start: start, N: inst.N, M: inst.M, Alpha: inst.Alpha, AlphaAsked: inst.AlphaAsked,
		Estimator: p.Estimator.Name,
		Loss:      loss.Label(e.Loss), A: loss.A(e.Loss), Mu: m.Mu, Lambda: pairs[0].Value, Residual: pairs[0].Residual,
		Student: student(pairs[0].Vector),
	}
	if len(pairs) > 1 {
		r.Gap = pairs[1].Value - pairs[0].Value
	}
	n := float64(q.N)
	r.Overlap = math.Abs(vector.Dot(r.Student, inst.Signal)) / n
	rest := n
	if m.Normal != nil {
		along := vector.Dot(m.Normal, inst.Signal)
		rest -= float64(along * along)
	}
	if r.Q2 = float64(r.Overlap*r.Overlap) * n / rest; !(rest > 0) {
		r.Q2 = 0
	}
	return r, nil
}

// student scales a unit vector to ‖w‖² = N, with the sign that makes its component
// largest in size, the first of such, positive: the signal has no part in it.
func student(v []float64) []float64 {
	scale, largest := math.Sqrt(float64(len(v))), 0.0
	for _, c := range v {
		if math.Abs(c) > math.Abs(largest) {
			largest = c
		}
	}
	scale = math.Copysign(scale, largest)
	w := make([]float64, len(v))
	for j, c := range v {
		w[j] = float64(scale * c)
	}
	return w
}

// cost was measured on one core of an AMD EPYC (2025) between N = 128 and 1024.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	var seconds, matrix, instances, made float64
	starts := 1.0
	if v, ok := p.Estimator.Param("starts"); ok {
		if n, ok := v.(int); ok {
			starts = float64(n)
		}
	}
	for _, q := range instance.ParamsOf(in) {
		n, m, seeds := float64(q.N), float64(q.M()), float64(q.Seeds.Len())
		steps := min(n, 7*math.Sqrt(n))
		if e, ok := p.Estimator.Params().(coster); ok {
			steps = min(n, e.Cost(n))
		}
		each := steps * (3e-6 + m*(12e-9+0.15e-9*n) + 0.5e-9*steps*n)
		seconds += seeds * (5e-9*m*n + starts*each)
		matrix = max(matrix, 4*m*n+8*n*steps)
		instances = max(instances, seeds*(250+8*(m+n)))
		made += seeds * starts * (300 + 8*n)
	}
	// Instances as Go values, as Arrow columns and as bytes, and so for the estimates, of
	// which the collector leaves as many again.
	return pipeline.NewCost(seconds, 50<<20+matrix+2*instances+4*made)
}
