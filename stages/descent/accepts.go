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
	if err := acceptsMatrix(p, instances, len(given) > 0); err != nil {
		return err
	}
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

// acceptsMatrix wants one descent, from a random start, on an instance whose X is deferred,
// and no observations on others.
func acceptsMatrix(p Params, instances []contract.Block, spectral bool) error {
	for _, b := range instances {
		switch {
		case !b.Deferred() && len(p.Signal) > 0:
			return pipeline.BadInput(b.Stage, "its X is not deferred, and the parameter signal = %v is for descents "+
				"whose X is; of others the kind hessian has the spectrum", p.Signal)
		case b.Null && len(p.Signal) > 0:
			return pipeline.BadInput(b.Stage, "it is of the null model, whose labels know of no signal, "+
				"and this stage takes signal = %v; take it out, or instances with null = false", p.Signal)
		case b.Deferred() && needsWholeX(p):
			return pipeline.BadInput(b.Stage, "its X is deferred, and the method %s needs all of X: it goes where no "+
				"product with X has led, or by part of the measurements; take instances with matrix = \"dense\"",
				p.Method.Name)
		case b.Deferred() && p.Starts > 1:
			return pipeline.BadInput(b.Stage, "its X is deferred, and so of one descent, "+
				"and this stage takes starts = %d; take 1, and more seeds", p.Starts)
		case b.Deferred() && spectral:
			return pipeline.BadInput(b.Stage, "its X is deferred, and spectral starts need all of X; "+
				"take instances with matrix = \"dense\"")
		}
	}
	return nil
}

type startsParams struct {
	Starts int `json:"starts"`
}

// needsWholeX says whether the method cannot do with an X that is deferred. The parameters of
// one that cannot have a method of that name.
func needsWholeX(p Params) bool {
	_, needs := p.Method.Params().(interface{ NeedsWholeX() })
	return needs
}
