package descent

import (
	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants descents for one loss, by one method and of one size.
func (params) Accepts(in []*pipeline.Stage) error {
	if err := inputs.OneLoss(in); err != nil {
		return err
	}
	if err := inputs.OneMethod(in); err != nil {
		return err
	}
	_, err := inputs.OneSize(in)
	return err
}
