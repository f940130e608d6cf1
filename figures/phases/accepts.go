package phases

import (
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants descents with a signal and their Hessians, of no more sizes than the page
// has room for, at each size at t = 0 and two more times at least, and with a density at
// a random start for that loss and α.
func (params) Accepts(in []*pipeline.Stage) error {
	spectra, err := trajectory.Accepts(in)
	if err != nil {
		return err
	}
	bySize := make(map[inputs.Size][]*pipeline.Stage)
	blocks := inputs.BlocksOf(spectra...)
	for _, b := range blocks {
		if bySize[b.Size] = append(bySize[b.Size], b.Stage); len(bySize) > maxPhases {
			return pipeline.BadInput(b.Stage, "it is of the size (N, M) number %d, and the figure has room for %d; "+
				"leave some out", len(bySize), maxPhases)
		}
	}
	for _, b := range blocks {
		if times := inputs.AllTimes(bySize[b.Size]); len(times) < 3 || times[0] != 0 {
			return pipeline.BadInput(b.Stage, "the spectra at %s are at the times %v, and the figure shows the "+
				"start, the plateau and the end; give its parameter times 0 and two more at least",
				inputs.SizeWords(b.Size), times)
		}
	}
	about := inputs.LossOf(spectra[0])
	theory := slices.DeleteFunc(inputs.At("init", "theory-density", in),
		func(s *pipeline.Stage) bool { return !inputs.IsOf(s, about) })
	return inputs.HasAlpha(blocks, theory, "theory-density at init for the "+inputs.LossWords(spectra[0]))
}
