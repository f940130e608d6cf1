// Package basin asks how close to the signal a descent must start to recover it: descents from
// points that have a given overlap with the signal and are random otherwise, and the overlap
// from which half of them recover (physics.md 2j).
package basin

import (
	"context"
	"fmt"
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/contract"
	"zerotohero/stages/descent"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/internal/vector"
	"zerotohero/stages/loss"
)

// Kind descends from starts at chosen overlaps on every instance of a block.
var Kind = pipeline.Define(pipeline.Definition[Params, Descent]{
	Name:    "basin",
	Doc:     "descents from starts at chosen overlaps with the signal",
	Reads:   []pipeline.Read{pipeline.Reads[instance.Instance]("instance")},
	Accepts: accepts,
	Cost:    cost,
	Run:     run,
})

// Params say from where and how to descend.
type Params struct {
	Overlaps []float64                       `param:"start_overlap" default:"0.05,0.1,0.2,0.3,0.4,0.5,0.6,0.8" help:"overlaps of the starts with the signal, ascending from 0 to below 1"`
	Loss     loss.Choice                     `param:"loss" default:"ell" help:"the loss"`
	Method   pipeline.Chosen[descent.Method] `param:"method" default:"flow" help:"how the trajectory is followed"`
	Starts   int                             `param:"starts" default:"1" help:"directions orthogonal to the signal, in each of which there is a start at each overlap"`
	Floor    float64                         `param:"floor" default:"1e-10" help:"‖G‖²/N below which a student is trapped"`
	Budget   int                             `param:"budget" default:"200000" help:"gradient evaluations after which a descent is given up as unresolved"`
	MaxTime  float64                         `param:"max_time" default:"0" help:"time after which a descent is given up as unresolved; 0 for no limit"`
}

// descents are these parameters as those of a descent.
func (p Params) descents() descent.Params {
	return descent.Params{Loss: p.Loss, Method: p.Method, Starts: p.Starts, Floor: p.Floor, Budget: p.Budget,
		MaxTime: p.MaxTime, PerDecade: 1, Lines: 1}
}

// Validate checks each parameter.
func (p Params) Validate() error {
	for i, m := range p.Overlaps {
		if !(m >= 0 && m < 1) || i > 0 && !(m > p.Overlaps[i-1]) {
			return pipeline.BadParam("start_overlap", "%v must ascend from 0 to below 1", p.Overlaps)
		}
	}
	if len(p.Overlaps) == 0 {
		return pipeline.BadParam("start_overlap", "is empty; give the overlaps that are meant")
	}
	return p.descents().Validate()
}

// A Descent is one row of the artifact.
type Descent struct {
	Seed         int64   `arrow:"seed" doc:"of the instance"`
	Start        int64   `arrow:"start" doc:"number of the direction orthogonal to the signal, from 0"`
	N            int64   `arrow:"n" doc:"dimension N"`
	M            int64   `arrow:"m" doc:"number of measurements M"`
	Alpha        float64 `arrow:"alpha" doc:"signal-to-noise ratio M/N"`
	AlphaAsked   float64 `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Loss         string  `arrow:"loss" doc:"name of the loss"`
	A            float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	Method       string  `arrow:"method" doc:"how the trajectory was followed"`
	StartOverlap float64 `arrow:"start_overlap" doc:"m = |w·w*|/N of the start"`
	Outcome      string  `arrow:"outcome" doc:"recovered, trapped, unresolved or diverged"`
	T            float64 `arrow:"t" doc:"time of the last state"`
	Evaluations  int64   `arrow:"evaluations" doc:"of the gradient, the one at the start included"`
	Energy       float64 `arrow:"energy" doc:"L/N of the last state"`
	Overlap      float64 `arrow:"overlap" doc:"m of the last state"`
}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Descent, error) {
	l, err := p.Loss.New()
	if err != nil {
		return nil, err
	}
	var rows []Descent
	var x []float32 // of one instance after another
	err = instance.Each(in, func(stage string, inst instance.Instance) error {
		var err error
		if x, err = inst.X(x); err != nil {
			return fmt.Errorf("%s: seed %d: %w", stage, inst.Seed, err)
		}
		problem, err := descent.NewProblem(x, inst.Y, inst.Signal, l)
		if err != nil {
			return fmt.Errorf("%s: seed %d: %w", stage, inst.Seed, err)
		}
		var from []descent.Start
		for k := range p.Starts {
			for _, m := range p.Overlaps {
				from = append(from, descent.Start{M: int(inst.M), Fill: func(w []float64) {
					fill(w, inst.Signal, m, random.New("start", inst.Seed, int64(k)))
				}})
			}
		}
		done, err := descent.Follow(ctx, p.descents(), p.Method.New, problem, from)
		if err != nil {
			return fmt.Errorf("%s: seed %d: %w", stage, inst.Seed, err)
		}
		for i, tr := range done {
			rows = append(rows, Descent{Seed: inst.Seed, Start: int64(i / len(p.Overlaps)), N: inst.N, M: inst.M,
				Alpha: inst.Alpha, AlphaAsked: inst.AlphaAsked, Loss: loss.Label(p.Loss), A: loss.A(p.Loss),
				Method:       p.Method.Name,
				StartOverlap: p.Overlaps[i%len(p.Overlaps)], Outcome: tr.Outcome, T: tr.T, Evaluations: tr.Evaluations,
				Energy: tr.At.Energy, Overlap: tr.At.Overlap})
		}
		return nil
	})
	return rows, err
}

// fill fills w with √N·(m e + √(1−m²) u), e along the signal and u uniform on the unit sphere
// orthogonal to it: the direction of a random start's part there.
func fill(w, signal []float64, m float64, stream *random.Source) {
	n := float64(len(w))
	stream.Sphere(w)
	vector.AddScaled(w, -vector.Dot(w, signal)/n, signal)
	vector.Scale(math.Sqrt(n*(1-float64(m*m))/vector.Dot(w, w)), w)
	vector.AddScaled(w, m, signal)
	descent.ToSphere(w, len(w))
}

// accepts wants instances that have all of X and a signal, each once, and a method that works
// on them.
func accepts(_ Params, in []*pipeline.Stage) error {
	if err := contract.Dense(in); err != nil {
		return err
	}
	blocks := contract.Blocks(in...)
	for _, b := range blocks {
		if b.Null {
			return pipeline.BadInput(b.Stage, "its instances are of the null model, which have no signal to start near; "+
				"this kind needs null = false")
		}
	}
	return contract.DistinctInstances("has", blocks)
}

// cost is that of descents, of which those of an instance share their passes.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	evaluations := 1000.0
	c, ok := p.Method.Params().(interface {
		Cost(q instance.Params, maxTime float64) float64
	})
	var seconds, matrix, instances, made float64
	for _, q := range instance.ParamsOf(in) {
		n, m, seeds := float64(q.N), float64(q.M()), float64(q.Seeds.Len())
		if ok {
			evaluations = min(float64(p.Budget), c.Cost(q, p.MaxTime))
		}
		descents := seeds * float64(p.Starts*len(p.Overlaps))
		seconds += 0.7*descents*evaluations*(1e-6+10e-9*n+m*(6e-9+0.07e-9*n)) + seeds*5e-9*m*n
		matrix = max(matrix, 4*m*n+float64(p.Starts*len(p.Overlaps))*80*n)
		instances += seeds * (600 + 8*(m+n))
		made += descents * 250
	}
	return pipeline.NewCost(seconds, 56<<20+matrix+2*instances+4*made)
}
