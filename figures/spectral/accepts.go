package spectral

import (
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants curves and estimates for one loss, the curves by one method, each N from a
// kind of start once, and of the N shown from a start that the figure knows.
func (params) Accepts(in []*pipeline.Stage) error {
	sizes := inputs.Of("finitesize", in)
	if err := inputs.OneLoss(append(sizes[:len(sizes):len(sizes)], inputs.Of("spectral", in)...)); err != nil {
		return err
	}
	if err := inputs.OneMethod(sizes); err != nil {
		return err
	}
	if err := inputs.OnceN(sizes, func(s *pipeline.Stage) string { return "starts " + inputs.StartOf(s) }); err != nil {
		return err
	}
	var all []int64
	bySize := make(map[int64][]*pipeline.Stage)
	for _, s := range sizes {
		for _, n := range inputs.NsOf(s) {
			all, bySize[n] = append(all, n), append(bySize[n], s)
		}
	}
	size := commonSize(all)
	if !slices.ContainsFunc(bySize[size], func(s *pipeline.Stage) bool {
		return slices.ContainsFunc(estimators, func(e estimator) bool { return e.name == inputs.StartOf(s) })
	}) {
		return pipeline.BadInput(sizes[0], "neither it nor another has descents of N = %d, which most families have, from a start that the figure knows; add such a family", size)
	}
	return nil
}
