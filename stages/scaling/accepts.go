package scaling

import (
	"reflect"

	"zerotohero/pipeline"
	"zerotohero/stages/contract"
	"zerotohero/stages/outcome"
)

type atParams struct {
	At string `json:"at"`
}

type methodParams struct {
	Method string `json:"method"`
}

// accepts wants finite sizes of one loss, method and kind of start, each N once; and
// transitions and dynamics of the same loss, with intervals at the level of this stage.
func accepts(p Params, in []*pipeline.Stage) error {
	sizes, dynamics := pipeline.StagesOf("finitesize", in), pipeline.StagesOf("dynamics", in)
	for _, s := range append(sizes[:len(sizes):len(sizes)], dynamics...) {
		if c := pipeline.ParamsOf[level](s).Confidence; c != p.Confidence {
			return pipeline.BadInput(s,
				"it has intervals at the level %v, this stage %v; give both the same confidence", c, p.Confidence)
		}
	}
	protocol := contract.ProtocolOf(sizes[0])
	if err := acceptsSizes(sizes); err != nil {
		return err
	}
	if err := acceptsTransitions(protocol, pipeline.StagesOf("theory-transition", in)); err != nil {
		return err
	}
	if len(dynamics) > 0 && protocol.From != outcome.FromRandom {
		return pipeline.BadInput(dynamics[0],
			"it predicts a crossover for random starts, and these sizes have starts %s; "+
				"take dynamics out of the inputs", protocol.From)
	}
	if err := contract.SameLoss(protocol.Loss, dynamics); err != nil {
		return err
	}
	return contract.DistinctSizes(dynamics)
}

func acceptsSizes(sizes []*pipeline.Stage) error {
	first := contract.ProtocolOf(sizes[0])
	at := make(map[int]*pipeline.Stage)
	for _, s := range sizes {
		// Sizes may be computed to different tolerances: of methods, names are compared.
		p := contract.ProtocolOf(s)
		if !reflect.DeepEqual(p.Loss, first.Loss) || p.From != first.From || method(s) != method(sizes[0]) {
			return pipeline.BadInput(s, "it has %v, and %s has %v; give each combination a scaling stage of its own",
				p, sizes[0].Name, first)
		}
		for _, b := range contract.Blocks(pipeline.StagesOf("descent", s.Inputs)...) {
			if before := at[b.N]; before != nil && before != s {
				return pipeline.BadInput(s, "it has N = %d, and so has %s; one stage takes each size once",
					b.N, before.Name)
			}
			at[b.N] = s
		}
	}
	return nil
}

// method is the name of the method of a finitesize stage's descents.
func method(s *pipeline.Stage) string {
	for _, d := range pipeline.StagesOf("descent", s.Inputs) {
		return pipeline.ParamsOf[methodParams](d).Method
	}
	return ""
}

// acceptsTransitions wants one of this loss, at a random start or at threshold states;
// others are passed over, so that a family of stages over a can be given as it is.
func acceptsTransitions(protocol contract.Protocol, in []*pipeline.Stage) error {
	for _, s := range in {
		if at := pipeline.ParamsOf[atParams](s).At; contract.IsOf(s, protocol.Loss) &&
			(at == "init" || at == "threshold") {
			return nil
		}
	}
	if len(in) > 0 {
		return pipeline.BadInput(in[0],
			"neither it nor another theory-transition input is of loss %v at init or threshold; "+
				"add one that is, or take them out", protocol.Loss)
	}
	return nil
}
