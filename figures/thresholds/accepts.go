package thresholds

import (
	"math"
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants transitions for one family of losses, told apart by a > 0, with at least two
// values of a at a random start and at threshold states, which have a range in common, and
// simulations for the same family.
func (params) Accepts(in []*pipeline.Stage) error {
	from, to := 0.0, math.Inf(1)
	var theory []*pipeline.Stage
	for _, matrix := range []string{"init", "threshold"} {
		here := inputs.At(matrix, "theory-transition", in)
		var as []float64
		for _, s := range here {
			as = append(as, aOf(s))
		}
		slices.Sort(as)
		if as = slices.Compact(as); len(as) < 2 {
			return pipeline.BadInput(pipeline.StagesOf("theory-transition", in)[0],
				"it and the others of its kind are at %d values of a at %s, and a curve needs two; add a family with "+
					"more", len(as), matrix)
		}
		from, to = max(from, as[0]), min(to, as[len(as)-1])
		theory = append(theory, here...)
	}
	all := append(theory, pipeline.StagesOf("dynamics-transition", in)...)
	for _, s := range all {
		if a := aOf(s); !(a > 0) {
			return pipeline.BadInput(s, "it is for %s, and the figure's axis is log a with a > 0; leave it out",
				inputs.LossWords(s))
		}
	}
	if !(to > from) {
		return pipeline.BadInput(all[0], "the transitions at init and those at threshold have no range of a in "+
			"common; give the figure one")
	}
	return inputs.Agree(all, "family of losses", familyOf)
}

// familyOf writes the loss that a stage is about, without its a.
func familyOf(s *pipeline.Stage) string {
	if c := inputs.LossOf(s); c != nil {
		return c.Except("a")
	}
	return ""
}

// aOf is the parameter a of the loss that a stage is about, 0 if it has none.
func aOf(s *pipeline.Stage) float64 {
	if c := inputs.LossOf(s); c != nil {
		v, _ := c.Param("a")
		a, _ := v.(float64)
		return a
	}
	return 0
}
