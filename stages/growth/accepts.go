package growth

import (
	"zerotohero/pipeline"
	"zerotohero/stages/contract"
	"zerotohero/stages/outcome"
)

// accepts wants descents of one loss and method from random starts, where there is a
// signal, each once, on two instances at least of every N and α.
func accepts(_ Params, in []*pipeline.Stage) error {
	if err := contract.SameProtocol(in); err != nil {
		return err
	}
	if from := contract.ProtocolOf(in[0]).From; from != outcome.FromRandom {
		return pipeline.BadInput(in[0], "its starts are %s, whose overlap is not small; "+
			"growth from a random start needs descents without a spectral input",
			from)
	}
	blocks := contract.Blocks(in...)
	type size struct{ n, m int }
	seeds := make(map[size]int)
	for _, b := range blocks {
		if b.Null {
			return pipeline.BadInput(b.Stage,
				"it descends on instances of the null model, which have no signal to grow towards; "+
					"it needs null = false")
		}
		seeds[size{b.N, b.M()}] += b.Seeds.Len()
	}
	for _, b := range blocks {
		if seeds[size{b.N, b.M()}] < 2 {
			return pipeline.BadInput(b.Stage,
				"it has the only instance of N = %d, M = %d, and a bootstrap needs 2 at least; add seeds", b.N, b.M())
		}
	}
	return contract.DistinctInstances("descends on", blocks)
}

// acceptsLaw wants growth of one loss and method, each N and α once, of the same
// statistic, with as many resamples, at the level of this stage.
func acceptsLaw(p LawParams, in []*pipeline.Stage) error {
	first := pipeline.ParamsOf[settings](in[0])
	for _, s := range in {
		m := pipeline.ParamsOf[settings](s)
		if m.Confidence != p.Confidence {
			return pipeline.BadInput(s, "it has intervals at the level %v, this stage %v; "+
				"give both the same confidence",
				m.Confidence, p.Confidence)
		}
		if m != first {
			return pipeline.BadInput(s,
				"it has %d resamples of the statistic %s, and %s has %d of %s; give both the same",
				m.Resamples, m.Statistic, in[0].Name, first.Resamples, first.Statistic)
		}
	}
	if err := contract.SameProtocol(in); err != nil {
		return err
	}
	return contract.DistinctSizes(in)
}
