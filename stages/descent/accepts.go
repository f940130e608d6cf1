package descent

import (
	"zerotohero/pipeline"
	"zerotohero/stages/contract"
)

// accepts wants instances each once, and spectral starts of this loss, one set for every
// instance and enough of them, if there are any.
func accepts(p Params, in []*pipeline.Stage) error {
	instances := contract.Blocks(pipeline.StagesOf("instance", in)...)
	if err := contract.DistinctInstances("has", instances); err != nil {
		return err
	}
	given := pipeline.StagesOf("spectral", in)
	if len(given) == 0 {
		return nil
	}
	if err := contract.SameLoss(p.Loss, given); err != nil {
		return err
	}
	for _, s := range given {
		// Estimators without the parameter give one start an instance.
		if starts := max(1, pipeline.ParamsOf[startsParams](s).Starts); starts < p.Starts {
			return pipeline.BadInput(s,
				"it gives starts = %d an instance, and this stage takes starts = %d; "+
					"give it as many, or take fewer here", starts, p.Starts)
		}
	}
	blocks := contract.Blocks(given...)
	if err := contract.DistinctInstances("starts on", blocks); err != nil {
		return err
	}
	if b, missing := contract.Missing(instances, blocks); missing {
		return pipeline.BadInput(b.Stage,
			"no spectral estimates of its instances, %v, are among the inputs; "+
				"add the spectral family of these instances", b)
	}
	return nil
}

type startsParams struct {
	Starts int `json:"starts"`
}
