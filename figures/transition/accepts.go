package transition

import (
	"cmp"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants estimates by the estimator hessian, those of a loss on each instance once,
// and of each loss one theory at a random start.
func (params) Accepts(in []*pipeline.Stage) error {
	estimates := pipeline.StagesOf("spectral", in)
	for _, s := range estimates {
		if e := inputs.EstimatorOf(s); e != "hessian" {
			return pipeline.BadInput(s, "it is of the estimator %s, and the figure is about the Hessian at random "+
				"points; leave it out", e)
		}
	}
	theory := inputs.At("init", "theory-outlier", in)
	if n := len(theory); n == 0 || n > maxOverlapPanels {
		return pipeline.BadInput(pipeline.StagesOf("theory-outlier", in)[0],
			"it and the others of its kind are %d stages at init, and the figure has a panel for each, one to %d; "+
				"give it as many", n, maxOverlapPanels)
	}
	for i, s := range theory {
		for _, before := range theory[:i] {
			if inputs.IsOf(s, inputs.LossOf(before)) {
				return pipeline.BadInput(s, "it is for %s, and so is %s; give the figure one of them",
					inputs.LossWords(s), before.Name)
			}
		}
	}
	return cmp.Or(inputs.HasTheory(estimates, theory, "theory-outlier at init"),
		inputs.OnceEach(estimates, func(s *pipeline.Stage) []string { return []string{inputs.LossWords(s)} }))
}
