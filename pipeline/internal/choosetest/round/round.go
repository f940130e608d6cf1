// Package round registers the shape of that name.
package round

import (
	"zerotohero/pipeline"
	"zerotohero/pipeline/internal/choosetest"
)

func init() { pipeline.Register("round", "a disc", shape) }

// Params are a disc's.
type Params struct {
	Radius float64 `param:"radius" default:"1"`
}

// Validate wants a positive radius.
func (p Params) Validate() error {
	if !(p.Radius > 0) {
		return pipeline.BadParam("radius", "%v must be positive", p.Radius)
	}
	return nil
}

func shape(p Params) (choosetest.Shape, error) {
	return choosetest.Shape{Area: 3 * p.Radius * p.Radius}, nil
}
