// Package spectral computes spectral estimates of the signal, to start descents from
// (physics.md 2b and 3): eigenvectors of the lowest eigenvalue of
//
//	(1/N) Σ_i s_i x_i x_iᵀ,
//
// the weights s_i being those of an estimator,
//
//   - hessian: s_i = ℓ”(y_i, ŷ_i) at a random point, in its tangent space, less the
//     multiplier μ: the Hessian that a descent from there meets first;
//   - averaged: s_i = E ℓ”(y_i, ŷ) over ŷ ~ N(0,1);
//   - optimal: s_i = 1/y_i² − 1, of the lowest threshold and largest overlap (Mondelli
//     and Montanari 2018; Luo, Alghamdi and Lu 2019), in a bounded form.
//
// Nothing is formed: the Lanczos method needs products with the matrix only, one pass
// over X each. Results are the same to the bit on every platform.
package spectral

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/gram"
	"zerotohero/stages/internal/lanczos"
	"zerotohero/stages/loss"
)

// Kind computes an estimate for every instance of a block. A descent that has stages of
// this kind among its inputs starts from their students.
var Kind = pipeline.Define(pipeline.Definition[Params]{
	Name:     "spectral",
	Doc:      "spectral estimates of the signal, as starts of descents",
	Requires: []string{"instance"},
	Cost:     cost,
	Run:      run,
})

// Params are the parameters of Kind.
type Params struct {
	Estimator string  `param:"estimator" default:"hessian" help:"hessian: at a random point; averaged: of the student-averaged Hessian; optimal: of 1/y²−1"`
	Loss      string  `param:"loss" default:"ell" help:"family of the loss; optimal does not depend on it"`
	A         float64 `param:"a" default:"1" help:"parameter of the loss"`
	Starts    int     `param:"starts" default:"1" help:"random points an instance, those of a descent's random starts; 1 unless the estimator is hessian"`
	Steps     int     `param:"steps" default:"3000" help:"Lanczos steps after which the stage fails"`
}

// Validate checks each parameter and that the estimator has several starts to give.
func (p Params) Validate() error {
	e, err := lookup(p.Estimator)
	if err != nil {
		return err
	}
	if _, err := loss.New(p.Loss, p.A); err != nil {
		return pipeline.BadParam("loss", "%v", err)
	}
	if p.Starts < 1 {
		return pipeline.BadParam("starts", "%d must be at least 1", p.Starts)
	}
	if p.Starts > 1 && !e.random {
		return pipeline.BadParam("starts", "is %d, but the estimator %s gives one start an instance; only hessian has several", p.Starts, p.Estimator)
	}
	if p.Steps < 1 {
		return pipeline.BadParam("steps", "%d must be at least 1", p.Steps)
	}
	return nil
}

// A Row is the estimate of one instance from one start.
type Row struct {
	Seed      int64     `arrow:"seed" doc:"of the instance"`
	Start     int64     `arrow:"start" doc:"number of the random point on this instance, from 0"`
	N         int64     `arrow:"n" doc:"dimension N"`
	M         int64     `arrow:"m" doc:"number of measurements M"`
	Alpha     float64   `arrow:"alpha" doc:"signal-to-noise ratio M/N"`
	Loss      string    `arrow:"loss" doc:"family of the loss; empty if the estimator does not depend on it"`
	A         float64   `arrow:"a" doc:"parameter of the loss; 0 if the estimator does not depend on it"`
	Estimator string    `arrow:"estimator" doc:"which weights: hessian, averaged or optimal"`
	Mu        float64   `arrow:"mu" doc:"radial multiplier μ at the random point; 0 unless the estimator is hessian"`
	Lambda    float64   `arrow:"lambda" doc:"lowest eigenvalue"`
	Gap       float64   `arrow:"gap" doc:"distance to the next eigenvalue"`
	Residual  float64   `arrow:"residual" doc:"‖Av − λv‖ of the unit eigenvector v"`
	Overlap   float64   `arrow:"overlap" doc:"m = |w·w*|/N of the student"`
	Q2        float64   `arrow:"q2" doc:"(v·w*)²/‖Pw*‖² of the unit eigenvector v, P on the space that it is sought in: m², but for hessian the tangent space at the random point"`
	Student   []float64 `arrow:"student" doc:"w = √N v, N components; the largest in size is positive"`
}

// An estimator gives the weights of a problem. Each is registered by its file.
type estimator struct {
	random  bool // it depends on a random point
	ofLoss  bool // it depends on the loss
	weights func(p problem, start int64) weights
}

// A weights is the matrix (1/N) Σ_i s_i x_i x_iᵀ − μ, on all of R^N or, with a normal, on
// the space orthogonal to it.
type weights struct {
	s      []float64 // M
	mu     float64
	normal []float64 // N components of norm 1, or nil
}

var estimators = map[string]estimator{}

func register(name string, e estimator) { estimators[name] = e }

func lookup(name string) (estimator, error) {
	e, ok := estimators[name]
	if ok {
		return e, nil
	}
	var names []string
	for known := range estimators {
		names = append(names, known)
	}
	sort.Strings(names)
	return estimator{}, pipeline.BadParam("estimator", "unknown estimator %q; known are %s", name, strings.Join(names, ", "))
}

// A problem is an instance with a loss.
type problem struct {
	seed int64
	n    int
	x    []float32 // M×N, row-major
	y    []float64 // M
	loss loss.Loss
}

func run(ctx context.Context, p Params, in pipeline.Inputs) (*artifact.Table, error) {
	l, err := loss.New(p.Loss, p.A)
	if err != nil {
		return nil, err
	}
	e, err := lookup(p.Estimator)
	if err != nil {
		return nil, err
	}
	var rows []Row
	var x []float32 // of one instance after another
	for _, input := range in.Of("instance") {
		instances, err := pipeline.Rows[instance.Instance](input)
		if err != nil {
			return nil, err
		}
		for _, inst := range instances {
			if x, err = inst.X(x); err != nil {
				return nil, fmt.Errorf("%s: seed %d: %w", input.Stage, inst.Seed, err)
			}
			problem := problem{inst.Seed, int(inst.N), x, inst.Y, l}
			for start := range int64(p.Starts) {
				r, err := estimate(ctx, p, e, problem, inst, start)
				if err != nil {
					return nil, fmt.Errorf("%s: seed %d, start %d: %w", input.Stage, inst.Seed, start, err)
				}
				rows = append(rows, r)
			}
		}
	}
	return artifact.New(rows)
}

// angle bounds that between the eigenvector and what is taken for it, far below what
// N^(-1/2) makes of its overlap.
const angle = 1e-6

func estimate(ctx context.Context, p Params, e estimator, q problem, inst instance.Instance, start int64) (Row, error) {
	m := e.weights(q, start)
	matrix, err := gram.New(q.x, m.s, m.mu)
	if err != nil {
		return Row{}, err
	}
	task := lanczos.Problem{N: q.n, Pairs: 2, Tol: angle, Limit: p.Steps, Seed: q.seed, Apply: func(dst, v []float64) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return matrix.Apply(dst, v)
	}}
	if m.normal != nil {
		task.Orthogonal = [][]float64{m.normal}
	}
	pairs, err := lanczos.Lowest(task)
	if err != nil {
		return Row{}, err
	}
	r := Row{
		Seed: inst.Seed, Start: start, N: inst.N, M: inst.M, Alpha: inst.Alpha, Estimator: p.Estimator,
		Mu: m.mu, Lambda: pairs[0].Value, Residual: pairs[0].Residual, Student: student(pairs[0].Vector),
	}
	if e.ofLoss {
		r.Loss, r.A = p.Loss, p.A
	}
	if len(pairs) > 1 {
		r.Gap = pairs[1].Value - pairs[0].Value
	}
	n := float64(q.n)
	r.Overlap = math.Abs(dot(r.Student, inst.Signal)) / n
	rest := n
	if m.normal != nil {
		along := dot(m.normal, inst.Signal)
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

func dot(x, y []float64) float64 {
	sum := 0.0
	for j, v := range x {
		sum += float64(v * y[j])
	}
	return sum
}

// cost was measured on one core of an AMD EPYC (2025) between N = 128 and 1024.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	var seconds, matrix, instances, made float64
	for _, s := range in {
		q, ok := s.Params.(instance.Params)
		if !ok {
			continue
		}
		n, m, seeds := float64(q.N), float64(q.M()), float64(q.Seeds.Len())
		steps := min(n, 7*math.Sqrt(n))
		if p.Estimator == "optimal" {
			steps = min(n, 16*math.Sqrt(n))
		}
		each := steps * (3e-6 + m*(12e-9+0.15e-9*n) + 0.5e-9*steps*n)
		seconds += seeds * (5e-9*m*n + float64(p.Starts)*each)
		matrix = max(matrix, 4*m*n+8*n*steps)
		instances = max(instances, seeds*(250+8*(m+n)))
		made += seeds * float64(p.Starts) * (300 + 8*n)
	}
	// Instances as Go values, as Arrow columns and as bytes, and so for the estimates, of
	// which the collector leaves as many again.
	return pipeline.NewCost(seconds, 40<<20+matrix+2*instances+4*made)
}
