package finitesize

import (
	"zerotohero/pipeline"
	"zerotohero/stages/contract"
)

// accepts wants descents of one loss, method and kind of start, each once, where there is
// a signal to recover.
func accepts(_ Params, in []*pipeline.Stage) error {
	if err := contract.SameProtocol(in); err != nil {
		return err
	}
	blocks := contract.Blocks(in...)
	for _, b := range blocks {
		if b.Null {
			return pipeline.BadInput(b.Stage,
				"it descends on instances of the null model, which have no signal in their labels; "+
					"a rate of recovery needs null = false")
		}
	}
	return contract.DistinctInstances("descends on", blocks)
}
