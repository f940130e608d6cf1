package trajectory

import (
	"cmp"
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// Accepts wants what [Ensembles] joins: descents with a signal for one loss, by one method
// and each once, and the Hessians of these, each time once. It returns the stages of the
// Hessians.
func Accepts(in []*pipeline.Stage) ([]*pipeline.Stage, error) {
	paths, spectra := pipeline.StagesOf("descent", in), pipeline.StagesOf("hessian", in)
	blocks := inputs.BlocksOf(paths...)
	if err := cmp.Or(inputs.OneLoss(slices.Concat(paths, spectra)), inputs.OneMethod(paths), inputs.Signal(blocks),
		inputs.Once(blocks)); err != nil {
		return nil, err
	}
	for _, s := range spectra {
		for _, d := range pipeline.StagesOf("descent", s.Inputs) {
			if !slices.Contains(paths, d) {
				return nil, pipeline.BadInput(s, "it is about the descents of %s, which the figure does not have; "+
					"add that family to its inputs", d.Name)
			}
		}
	}
	return spectra, inputs.OnceEach(spectra, inputs.TimesOf)
}
