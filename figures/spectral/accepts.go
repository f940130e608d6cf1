package spectral

import (
	"cmp"
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants curves and estimates for one loss, the curves by one method, each N from a
// kind of start once, and theory for matrices that estimators are of.
func (params) Accepts(in []*pipeline.Stage) error {
	sizes := pipeline.StagesOf("finitesize", in)
	estimates := pipeline.StagesOf("spectral", in)
	if err := cmp.Or(inputs.OneLoss(slices.Concat(sizes, estimates)), inputs.OneMethod(sizes)); err != nil {
		return err
	}
	const outlier = "theory-outlier"
	for _, s := range pipeline.StagesOf(outlier, in) {
		if !slices.ContainsFunc(estimators,
			func(e estimator) bool { return e.at != "" && len(inputs.At(e.at, outlier, []*pipeline.Stage{s})) > 0 }) {
			return pipeline.BadInput(s, "the matrix that it is about is none of an estimator, and the figure shows "+
				"those at init, averaged, optimal and wide; leave it out")
		}
	}
	return inputs.OnceN(sizes, func(s *pipeline.Stage) string { return "starts " + inputs.StartOf(s) })
}
