// Package toss declares the kind of stage that tosses a coin.
package toss

import (
	"context"
	"math/rand/v2"

	"zerotohero/pipeline"
)

// Params of a stage.
type Params struct {
	Bias   float64        `param:"bias" help:"probability of heads"`
	Tosses int            `param:"tosses" default:"100" help:"tosses of each seed"`
	Seeds  pipeline.Range `param:"seeds"`
}

// Validate wants a probability and at least one toss.
func (p Params) Validate() error {
	switch {
	case p.Bias < 0 || p.Bias > 1:
		return pipeline.BadParam("bias", "is %v and must be in [0, 1]", p.Bias)
	case p.Tosses < 1:
		return pipeline.BadParam("tosses", "is %d and must be at least 1", p.Tosses)
	}
	return nil
}

// A Row is the tosses of a seed.
type Row struct {
	Seed   int64 `arrow:"seed" unit:"1" doc:"of the generator"`
	Heads  int64 `arrow:"heads" unit:"1" doc:"tosses that showed heads"`
	Tosses int64 `arrow:"tosses" unit:"1" doc:"tosses in all"`
}

// Kind tosses a coin.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{Name: "toss", Doc: "tosses of a coin", Run: run})

func run(_ context.Context, p Params, _ pipeline.Inputs) ([]Row, error) {
	var rows []Row
	for seed := p.Seeds.First; seed <= p.Seeds.Last; seed++ {
		r := Row{Seed: seed, Tosses: int64(p.Tosses)}
		rng := rand.New(rand.NewPCG(uint64(seed), 0))
		for range p.Tosses {
			if rng.Float64() < p.Bias {
				r.Heads++
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}
