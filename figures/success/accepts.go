package success

import (
	"cmp"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants curves for one loss, by one method and from one kind of start, each N once,
// and the transition of that loss at a random start to be searched for.
func (params) Accepts(in []*pipeline.Stage) error {
	sizes := pipeline.StagesOf("finitesize", in)
	return cmp.Or(inputs.OneLoss(sizes), inputs.OneMethod(sizes), inputs.OneStart(sizes),
		inputs.OnceN(sizes, inputs.LossWords),
		inputs.HasTheory(sizes, inputs.At("init", "theory-transition", in), "theory-transition at init"))
}
