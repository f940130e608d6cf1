package growth

import (
	"cmp"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants one stage of each kind, all of them about one loss, method and kind of start.
func (params) Accepts(in []*pipeline.Stage) error {
	for _, kind := range []string{"growth", "growth-law", "scaling"} {
		if of := pipeline.StagesOf(kind, in); len(of) > 1 {
			return pipeline.BadInput(of[1], "the figure shows one input of kind %s, and %s is one too; "+
				"give it one of them", kind, of[0].Name)
		}
	}
	return cmp.Or(inputs.OneLoss(in), inputs.OneMethod(in), inputs.OneStart(in))
}
