package descent

import (
	"cmp"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants descents for one loss, by one method and of one size.
func (params) Accepts(in []*pipeline.Stage) error {
	_, err := inputs.OneSize(in)
	return cmp.Or(inputs.OneLoss(in), inputs.OneMethod(in), err)
}
