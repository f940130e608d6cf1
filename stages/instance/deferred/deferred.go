// Package deferred is the sensing matrix that a descent draws as it asks for it, for
// dimensions at which X as a whole fits no memory (physics.md 5).
package deferred

import (
	"zerotohero/pipeline"
	"zerotohero/stages/instance"
)

func init() {
	pipeline.Register("deferred", "X drawn by the descent as it asks for it, for N up to millions",
		func(p Params) (instance.Matrix, error) {
			return instance.Matrix{Deferred: true, Wide: p.Storage == float64s}, nil
		})
}

const (
	float32s = "float32"
	float64s = "float64"
)

// Params are the parameters of a deferred matrix.
type Params struct {
	Storage string `param:"storage" default:"float32" help:"how what is known of X is stored, float32 or float64: twice the memory, and slow; the law is the same"`
}

// Validate checks the storage.
func (p Params) Validate() error {
	if p.Storage != float32s && p.Storage != float64s {
		return pipeline.BadParam("storage", "%q is neither %s nor %s", p.Storage, float32s, float64s)
	}
	return nil
}
