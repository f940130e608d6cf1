package signal

import (
	"cmp"
	"math"
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants all for one loss: descents of one size with the signal's lines at the start
// and later, theory at a random start for their α, each α once, and the null model at that α.
func (params) Accepts(in []*pipeline.Stage) error {
	type params struct {
		At     string    `json:"at"`
		Signal []float64 `json:"signal"`
	}
	descents := pipeline.StagesOf("descent", in)
	blocks, err := inputs.OneSize(descents)
	if err := cmp.Or(inputs.OneLoss(in), err, inputs.Once(blocks), inputs.Signal(blocks)); err != nil {
		return err
	}
	for _, s := range descents {
		if t := pipeline.ParamsOf[params](s).Signal; len(t) < 2 || t[0] != 0 {
			return pipeline.BadInput(s, "it has the lines of the signal at t = %v, and the figure shows the start and a "+
				"later time; give its parameter signal 0 and another", t)
		}
	}
	theory := pipeline.StagesOf("theory-signal", in)
	for i, s := range theory {
		for _, before := range theory[:i] {
			if pipeline.ParamsOf[params](s).At == pipeline.ParamsOf[params](before).At &&
				inputs.AlphaOf(s) == inputs.AlphaOf(before) {
				return pipeline.BadInput(s, "it is for alpha = %v, and so is %s; give the figure one of them",
					inputs.AlphaOf(s), before.Name)
			}
		}
	}
	start := inputs.At("init", "theory-signal", in)
	if n := len(start); n > mostAlpha {
		return pipeline.BadInput(start[mostAlpha], "it is alpha number %d at init, and the figure has room for %d",
			mostAlpha+1, mostAlpha)
	}
	if err := inputs.HasAlpha(blocks[:1], start, "theory-signal at init"); err != nil {
		return err
	}
	null := inputs.BlocksOf(pipeline.StagesOf("dynamics", in)...)
	here := func(b inputs.Block) bool { // as far as M can be rounded
		a := blocks[0]
		return math.Abs(b.Alpha()-a.Alpha()) <= 0.5/float64(a.N)+0.5/float64(b.N)
	}
	if !slices.ContainsFunc(null, here) {
		return pipeline.BadInput(descents[0], "it is at alpha = %v, and no input of kind dynamics is; add one",
			blocks[0].Alpha())
	}
	return nil
}
