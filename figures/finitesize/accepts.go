package finitesize

import (
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants one stage, which has one row.
func (params) Accepts(in []*pipeline.Stage) error {
	if len(in) > 1 {
		return pipeline.BadInput(in[1], "the figure shows one input of kind scaling, and %s is one too; give it one "+
			"of them", in[0].Name)
	}
	return nil
}
