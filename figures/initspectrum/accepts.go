package initspectrum

import (
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants Hessians at t = 0 for one loss, at each α of one N and on each instance
// once, and one density at a random start for each α, which the page has room for.
func (params) Accepts(in []*pipeline.Stage) error {
	theory, measured := inputs.At("init", "theory-density", in), pipeline.StagesOf("hessian", in)
	if n := len(theory); n == 0 || n > maxAlphas {
		return pipeline.BadInput(pipeline.StagesOf("theory-density", in)[0],
			"it and the others of its kind are %d stages at init, one for each alpha, and the figure has room for 1 "+
				"to %d; give it as many", n, maxAlphas)
	}
	if err := inputs.OneLoss(append(theory[:len(theory):len(theory)], measured...)); err != nil {
		return err
	}
	for i, s := range theory {
		for _, before := range theory[:i] {
			if inputs.AlphaOf(s) == inputs.AlphaOf(before) {
				return pipeline.BadInput(s, "it is for alpha = %v, and so is %s; give the figure one of them",
					inputs.AlphaOf(s), before.Name)
			}
		}
	}
	for _, s := range measured {
		if times := inputs.TimesOf(s); !slices.Contains(times, 0) {
			return pipeline.BadInput(s, "it is at the times %v, and the figure shows t = 0; add 0 to its parameter "+
				"times, or leave it out", times)
		}
	}
	blocks := inputs.BlocksOf(measured...)
	if err := inputs.HasAlpha(blocks, theory, "theory-density at init"); err != nil {
		return err
	}
	for _, t := range theory {
		here := slices.DeleteFunc(slices.Clone(blocks), func(b inputs.Block) bool { return !b.Has(inputs.AlphaOf(t)) })
		for _, b := range here {
			if a := here[0]; b.N != a.N {
				return pipeline.BadInput(b.Stage, "it is at N = %d, and %s at N = %d, both at alpha = %v; the figure "+
					"shows one N for each alpha: leave one of the two out", b.N, a.Stage.Name, a.N, inputs.AlphaOf(t))
			}
		}
	}
	return inputs.Once(blocks)
}
