package bestloss

import (
	"cmp"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants curves by one method and from one kind of start, each N of a loss once.
func (params) Accepts(in []*pipeline.Stage) error {
	sizes := pipeline.StagesOf("finitesize", in)
	return cmp.Or(inputs.OneMethod(sizes), inputs.OneStart(sizes), inputs.OnceN(sizes, inputs.LossWords))
}
