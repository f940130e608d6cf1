package thresholdstates

import (
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants one density at threshold, and for its loss and α a stage of dynamics, and
// spectra of the null model of one N at a time after the end of every descent.
func (params) Accepts(in []*pipeline.Stage) error {
	theory := inputs.At("threshold", "theory-density", in)
	if len(theory) != 1 {
		return pipeline.BadInput(pipeline.StagesOf("theory-density", in)[0],
			"it and the others of its kind are %d stages at threshold, and the figure shows one alpha; give it one",
			len(theory))
	}
	about, alpha := inputs.LossOf(theory[0]), inputs.AlphaOf(theory[0])
	here := func(kind string) (out []inputs.Block) {
		for _, b := range inputs.BlocksOf(pipeline.StagesOf(kind, in)...) {
			if inputs.IsOf(b.Stage, about) && b.Has(alpha) {
				out = append(out, b)
			}
		}
		return out
	}
	if here("dynamics") == nil {
		return pipeline.BadInput(theory[0], "it is for the loss %v at alpha = %v, and no input of kind dynamics is; "+
			"add one", about, alpha)
	}
	return acceptsSpectra(here("hessian"), inputs.AllTimes(pipeline.StagesOf("hessian", in)), theory[0])
}

// acceptsSpectra checks the spectra of the loss and α shown. They are shown at the last of
// all times. That a time is after the last that a descent keeps tells that it is after
// the end of the descent: a Hessian fails otherwise.
func acceptsSpectra(here []inputs.Block, times []float64, theory *pipeline.Stage) error {
	type params struct {
		Keep []float64 `json:"keep"`
	}
	end := times[len(times)-1]
	var shown []inputs.Block
	for _, b := range here {
		if !b.Null {
			return pipeline.BadInput(b.Stage, "its instances are not of the null model, and the figure shows "+
				"threshold states of that; give it a family on instances with null = true")
		}
		if !slices.Contains(inputs.TimesOf(b.Stage), end) {
			continue
		}
		shown = append(shown, b)
		if a := shown[0]; b.N != a.N {
			return pipeline.BadInput(b.Stage, "it is at N = %d, and %s at N = %d; the figure shows spectra of one N: "+
				"leave one of the two out", b.N, a.Stage.Name, a.N)
		}
		for _, d := range pipeline.StagesOf("descent", b.Stage.Inputs) {
			if keep := pipeline.ParamsOf[params](d).Keep; end == 0 || len(keep) > 0 && end <= keep[len(keep)-1] {
				return pipeline.BadInput(b.Stage, "the last of its times, %v, may lie before the end of its "+
					"descents, which keep students at t = %v, and the figure shows where they end; add a later time "+
					"such as 1e6 to its parameter times", end, keep)
			}
		}
	}
	if shown == nil {
		return pipeline.BadInput(theory, "it is for %s at alpha = %v, and no input of kind hessian has the end of "+
			"descents there; add spectra of the null model", inputs.LossWords(theory), inputs.AlphaOf(theory))
	}
	return nil
}
