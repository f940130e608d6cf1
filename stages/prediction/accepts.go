package prediction

import (
	"zerotohero/pipeline"
	"zerotohero/stages/contract"
)

func blocksOf(s *pipeline.Stage) []contract.Block { return contract.Blocks(s) }

// accepts wants the Hessians of descents of one loss, method and kind of start, towards a
// signal, and these descents.
func accepts(_ Params, in []*pipeline.Stage) error {
	if err := contract.SameProtocol(in); err != nil {
		return err
	}
	hessians := contract.Blocks(pipeline.StagesOf("hessian", in)...)
	descents := contract.Blocks(pipeline.StagesOf("descent", in)...)
	for _, b := range hessians {
		if b.Null {
			return pipeline.BadInput(b.Stage, "it is of the null model, where no descent recovers; it needs null = false")
		}
	}
	if b, missing := contract.Missing(hessians, descents); missing {
		return pipeline.BadInput(b.Stage, "it has Hessians of %v, whose descents are not all among the inputs; "+
			"add the family that it is of", b)
	}
	if err := contract.DistinctInstances("has Hessians of", hessians); err != nil {
		return err
	}
	return contract.DistinctInstances("descends on", descents)
}
