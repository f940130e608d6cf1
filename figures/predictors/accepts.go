package predictors

import (
	"cmp"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants predictions of one loss, method and kind of start.
func (params) Accepts(in []*pipeline.Stage) error {
	of := pipeline.StagesOf("prediction", in)
	return cmp.Or(inputs.OneLoss(of), inputs.OneMethod(of), inputs.OneStart(of))
}
