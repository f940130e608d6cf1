package curvature

import (
	"cmp"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants circles for one loss, of one size and at the same times, which the page has
// room for, of each instance once.
func (params) Accepts(in []*pipeline.Stage) error {
	blocks, err := inputs.OneSize(in)
	if err := cmp.Or(inputs.OneLoss(in), err, inputs.Once(blocks)); err != nil {
		return err
	}
	if n := len(inputs.TimesOf(in[0])); n > mostViews {
		return pipeline.BadInput(in[0], "it is at %d times, and the figure has room for %d; leave some out of its "+
			"parameter times", n, mostViews)
	}
	return inputs.Agree(in, "list of times", inputs.TimesOf)
}
