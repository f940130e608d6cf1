package success

import (
	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants curves for one loss, by one method and from one kind of start, each N once,
// and the transition of that loss at a random start to be searched for.
func (params) Accepts(in []*pipeline.Stage) error {
	sizes := pipeline.StagesOf("finitesize", in)
	if err := inputs.OneLoss(sizes); err != nil {
		return err
	}
	if err := inputs.OneMethod(sizes); err != nil {
		return err
	}
	if err := inputs.OneStart(sizes); err != nil {
		return err
	}
	if err := inputs.OnceN(sizes, inputs.LossWords); err != nil {
		return err
	}
	return inputs.HasTheory(sizes, inputs.At("init", "theory-transition", in), "theory-transition at init")
}
