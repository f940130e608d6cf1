// Package square registers the shape of that name and, with one package for both kinds of
// choice, a colour.
package square

import (
	"errors"

	"zerotohero/pipeline"
	"zerotohero/pipeline/internal/choosetest"
)

func init() {
	pipeline.Register("square", "four sides", shape)
	pipeline.Register("grey", "no colour", func(struct{}) (choosetest.Colour, error) { return "grey", nil })
}

// Params are a square's.
type Params struct {
	Side   float64                            `param:"side"`
	Colour pipeline.Chosen[choosetest.Colour] `param:"colour" default:"grey"`
}

func shape(p Params) (choosetest.Shape, error) {
	if p.Side > 1e6 {
		return choosetest.Shape{}, errors.New("too large")
	}
	return choosetest.Shape{Area: p.Side * p.Side}, nil
}

// Again registers what may not be.
func Again() { pipeline.Register("round", "another disc", shape) }
