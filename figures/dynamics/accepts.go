package dynamics

import (
	"cmp"
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants descents with a signal, their Hessians and the null model for one loss, of
// no more sizes with a null model at their α than the page has room for.
func (params) Accepts(in []*pipeline.Stage) error {
	_, err := trajectory.Accepts(in)
	if err := cmp.Or(err, inputs.OneLoss(in)); err != nil {
		return err
	}
	null := inputs.BlocksOf(pipeline.StagesOf("dynamics", in)...)
	spectra := pipeline.StagesOf("hessian", in)
	shown := make(map[inputs.Size]bool)
	for _, b := range inputs.BlocksOf(spectra...) {
		if slices.ContainsFunc(null,
			func(n inputs.Block) bool { return matches(b.Size, n.N, float64(n.M)/float64(n.N)) }) {
			shown[b.Size] = true
		}
	}
	if n := len(shown); n == 0 || n > maxColumns {
		return pipeline.BadInput(spectra[0],
			"%d values of alpha have inputs of the kinds hessian and dynamics both, and the figure has room for 1 to "+
				"%d; give it as many", n, maxColumns)
	}
	return nil
}
