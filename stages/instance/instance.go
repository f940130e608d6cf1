// Package instance draws instances of phase retrieval: a signal, a sensing
// matrix and the labels (physics.md 1).
//
// Where the matrix is deferred nothing is drawn here: signal, labels and X are drawn by
// the descent on the instance, as it asks for them, and an instance is its name.
package instance

import (
	"context"
	"math"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/internal/random"
)

// Kind is the kind of stage that draws a block of instances, one for each seed.
var Kind = pipeline.Define(pipeline.Definition[Params, Instance]{
	Name: "instance",
	Doc:  "instances of phase retrieval: signal, labels and fingerprint of the sensing matrix",
	Cost: cost,
	Run:  run,
})

// Params say which instances.
type Params struct {
	N     int            `param:"N" help:"dimension of the signal, at least 2"`
	Alpha float64        `param:"alpha" help:"signal-to-noise ratio; there are M = round(alpha N) measurements"`
	Seeds pipeline.Range `param:"seeds" help:"block of seeds, one instance each"`
	Null  bool           `param:"null" default:"false" help:"null model: labels drawn N(0,1) independently of X"`

	Matrix pipeline.Chosen[Matrix] `param:"matrix" default:"dense" help:"how X is had"`
}

// A Matrix says how X is had. Each way is a package of its own, which registers it.
type Matrix struct {
	// Deferred X is drawn by a descent as it is asked for, exactly in law, and gone with
	// it: nothing that needs all of X can be computed. Otherwise X is drawn as a whole, and
	// again wherever it is needed.
	Deferred bool

	// Wide is for a deferred matrix whose vectors are stored as float64.
	Wide bool
}

const (
	maxSize = 1 << 34 // of M·N: X in the memory of a descent is 4 bytes an entry
	maxRows = 1 << 31 // of M where X is deferred
)

// Validate checks N ≥ 2 and 1 ≤ M.
func (p Params) Validate() error {
	if p.N < 2 {
		return pipeline.BadParam("N", "%d is too small; the sphere needs a dimension of at least 2", p.N)
	}
	if !(p.Alpha > 0) {
		return pipeline.BadParam("alpha", "%v must be positive", p.Alpha)
	}
	m := math.Round(p.Alpha * float64(p.N))
	if m < 1 {
		return pipeline.BadParam("alpha", "%v leaves no measurement at N = %d; take at least %v",
			p.Alpha, p.N, 1/float64(p.N))
	}
	deferred := p.Deferred()
	if !deferred && m*float64(p.N) > maxSize {
		return pipeline.BadParam("alpha", "M = %v measurements at N = %d are more than fit into memory; "+
			"with matrix = \"deferred\" descents do without X as a whole", m, p.N)
	}
	if deferred && m > maxRows {
		return pipeline.BadParam("alpha", "M = %v measurements at N = %d are more than fit into memory", m, p.N)
	}
	if p.Seeds.First < 0 || p.Seeds.Last < p.Seeds.First {
		return pipeline.BadParam("seeds", "%v is not a block of seeds like 1..50", p.Seeds)
	}
	if most := max(m, float64(p.N)); !deferred && float64(p.Seeds.Len()) > artifact.MaxValues/most {
		return pipeline.BadParam("seeds",
			"%v is %d instances of %.0f numbers, more than the %d numbers that an artifact holds; "+
				"make the blocks smaller, as in \"1..100 by 10\"",
			p.Seeds, p.Seeds.Len(), most, artifact.MaxValues)
	}
	return nil
}

// ParamsOf lists the parameters of those stages that are of this kind.
func ParamsOf(stages []*pipeline.Stage) []Params {
	var out []Params
	for _, s := range stages {
		if p, ok := s.Params.(Params); ok {
			out = append(out, p)
		}
	}
	return out
}

// Each calls visit for every instance among the inputs, with the name of its stage. It
// stops at the first error.
func Each(in pipeline.Inputs, visit func(stage string, inst Instance) error) error {
	for _, input := range in.Of("instance") {
		rows, err := pipeline.Rows[Instance](input)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := visit(input.Stage, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// M is the number of measurements, round(αN).
func (p Params) M() int { return int(math.Round(p.Alpha * float64(p.N))) }

// Deferred says whether X is.
func (p Params) Deferred() bool {
	m, err := p.Matrix.New()
	return err == nil && m.Deferred
}

// An Instance is one row of the artifact. X is not in it, but can be drawn again, unless
// it is deferred: then signal, labels and fingerprint are empty.
type Instance struct {
	Seed        int64     `arrow:"seed" doc:"names the instance among those of its N, alpha and null"`
	N           int64     `arrow:"n" doc:"dimension N"`
	M           int64     `arrow:"m" doc:"number of measurements M"`
	Alpha       float64   `arrow:"alpha" doc:"signal-to-noise ratio M/N, after rounding to whole M"`
	AlphaAsked  float64   `arrow:"alpha_asked" doc:"the parameter alpha, before rounding to whole M"`
	Null        bool      `arrow:"null" doc:"whether it is of the null model"`
	Deferred    bool      `arrow:"deferred" doc:"whether X is drawn by the descent; signal, labels and fingerprint are then empty"`
	Wide        bool      `arrow:"wide" doc:"whether a deferred X is stored as float64"`
	Signal      []float64 `arrow:"signal" doc:"w*, N components, uniform on the sphere ‖w*‖² = N"`
	Y           []float64 `arrow:"y" doc:"teacher pre-activations y_i = x_i·w*/√N, M of them; in the null model independent N(0,1)"`
	Fingerprint string    `arrow:"fingerprint" doc:"SHA-256 of the CRC-32C of the rows of X, all as little-endian words of four bytes"`
}

// cost was measured on one core of an AMD EPYC (2025): 6 ns an entry of X to draw,
// multiply and hash it.
func cost(p Params, _ []*pipeline.Stage) pipeline.Cost {
	m, n, seeds := float64(p.M()), float64(p.N), float64(p.Seeds.Len())
	if p.Deferred() {
		m, n = 0, 0
	}
	// The rows of the artifact as Go values, as Arrow columns and as bytes.
	return pipeline.NewCost(seeds*m*(0.25e-6+6e-9*n), 42<<20+4*seeds*(250+8*(m+n)))
}

func run(ctx context.Context, p Params, _ pipeline.Inputs) ([]Instance, error) {
	matrix, err := p.Matrix.New()
	if err != nil {
		return nil, err
	}
	rows := make([]Instance, 0, p.Seeds.Len())
	for seed := p.Seeds.First; seed <= p.Seeds.Last; seed++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := Instance{
			Seed:       seed,
			N:          int64(p.N),
			M:          int64(p.M()),
			Alpha:      float64(p.M()) / float64(p.N),
			AlphaAsked: p.Alpha,
			Null:       p.Null,
			Deferred:   matrix.Deferred,
			Wide:       matrix.Wide,
		}
		if !r.Deferred {
			r.draw()
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// draw goes through X row by row and keeps none of it.
func (r *Instance) draw() {
	n, seed := int(r.N), r.Seed
	r.Signal, r.Y = make([]float64, n), make([]float64, r.M)
	random.New(streamOf("signal", n), seed, 0).Sphere(r.Signal)
	null := random.New(streamOf("null", n), seed, 0)
	row, print := make([]float32, n), newFingerprint()
	for i := range r.Y {
		Row(row, seed, i)
		print.add(row)
		if r.Null {
			r.Y[i] = null.Normal()
		} else {
			r.Y[i] = label(row, r.Signal)
		}
	}
	r.Fingerprint = print.String()
}
