package dynamics

import (
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/contract"
	"zerotohero/stages/students"
)

// accepts wants descents of this loss, all alike, at one N and α, on instances of the null
// model that are among the inputs.
func accepts(p Params, in []*pipeline.Stage) error {
	descents := pipeline.StagesOf("descent", in)
	if err := contract.SameLoss(p.Loss, descents); err != nil {
		return err
	}
	for _, b := range contract.Blocks(pipeline.StagesOf("instance", in)...) {
		if !b.Null {
			return pipeline.BadInput(b.Stage,
				"it is not of the null model: its labels depend on X, and its runs leave the equator; "+
					"set null = true in that family")
		}
	}
	if err := contract.Instances(in); err != nil {
		return err
	}
	if err := contract.SameProtocol(descents); err != nil {
		return err
	}
	blocks := contract.Blocks(descents...)
	seeds := 0
	for _, b := range blocks {
		if f := blocks[0]; b.N != f.N || b.M() != f.M() {
			return pipeline.BadInput(b.Stage,
				"it has N = %d, M = %d, and %s has N = %d, M = %d; give each a stage of its own",
				b.N, b.M(), f.Stage.Name, f.N, f.M())
		}
		seeds += b.Seeds.Len()
	}
	if err := contract.DistinctInstances("descends on", blocks); err != nil {
		return err
	}
	first := pipeline.ParamsOf[students.Keep](descents[0]).Keep
	for _, d := range descents {
		if keep := pipeline.ParamsOf[students.Keep](d).Keep; len(keep) == 0 || !slices.Equal(keep, first) {
			return pipeline.BadInput(d,
				"it keeps students at t = %v, and %s at %v; "+
					"give the descents of a stage the same keep, with at least one time", keep, descents[0].Name, first)
		}
	}
	if seeds < 2 {
		return pipeline.BadInput(descents[0], "it is on one instance, and a bootstrap needs 2 at least; add seeds")
	}
	return nil
}

// acceptsTransition wants states of one loss and method, each N and α once.
func acceptsTransition(_ TransitionParams, in []*pipeline.Stage) error {
	if err := contract.SameProtocol(in); err != nil {
		return err
	}
	return contract.DistinctSizes(in)
}
