package losses

import (
	"cmp"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants curves by one method and from one kind of start, each N of a loss once, of
// no more losses than the page has room for, and a transition of each loss to be searched for.
func (params) Accepts(in []*pipeline.Stage) error {
	sizes := pipeline.StagesOf("finitesize", in)
	if err := cmp.Or(inputs.OneMethod(sizes), inputs.OneStart(sizes),
		inputs.OnceN(sizes, inputs.LossWords)); err != nil {
		return err
	}
	names := make(map[string]bool)
	for _, s := range sizes {
		if names[inputs.LossWords(s)] = true; len(names) > maxLosses {
			return pipeline.BadInput(s, "it is for the loss number %d, and the figure has room for %d; leave some out",
				len(names), maxLosses)
		}
	}
	searched := append(inputs.At("init", "theory-transition", in), inputs.At("threshold", "theory-transition", in)...)
	return inputs.HasTheory(sizes, searched, "theory-transition at init or threshold")
}
