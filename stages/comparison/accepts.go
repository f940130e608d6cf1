package comparison

import (
	"zerotohero/pipeline"
	"zerotohero/stages/contract"
)

// accepts wants descents of one loss and kind of start, each by several methods and
// by each once, of which one is the reference, on instances with a signal.
func accepts(p Params, in []*pipeline.Stage) error {
	descents := pipeline.StagesOf("descent", in)
	by := make(map[string][]*pipeline.Stage)
	var order []string
	first := contract.ProtocolOf(descents[0])
	for _, s := range descents {
		q := contract.ProtocolOf(s)
		if q.From != first.From || !contract.IsOf(s, first.Loss) {
			return pipeline.BadInput(s, "it has %v, and %s has %v; what is compared must be alike but for the method", q,
				descents[0].Name, first)
		}
		name := q.Method.String()
		if by[name] == nil {
			order = append(order, name)
		}
		by[name] = append(by[name], s)
	}
	var references []string
	for _, name := range order {
		blocks := contract.Blocks(by[name]...)
		for _, b := range blocks {
			if b.Null {
				return pipeline.BadInput(b.Stage, "it descends on instances of the null model, where no descent recovers; "+
					"a comparison needs null = false")
			}
		}
		if err := contract.DistinctInstances("descends by "+name+" on", blocks); err != nil {
			return err
		}
		if pipeline.ParamsOf[MethodParams](by[name][0]).Method == p.Reference {
			references = append(references, name)
		}
	}
	if len(references) != 1 {
		return pipeline.BadInput(nil, "the reference is to be the method %s, and %d of the methods among the inputs, %v, "+
			"are; give descents by one", p.Reference, len(references), order)
	}
	return acceptsVariants(order, by)
}

// acceptsVariants wants variants of a method to differ in what tells them apart.
func acceptsVariants(order []string, by map[string][]*pipeline.Stage) error {
	seen := make(map[MethodParams]string)
	for _, name := range order {
		k := pipeline.ParamsOf[MethodParams](by[name][0])
		if before := seen[k]; before != "" {
			return pipeline.BadInput(by[name][0], "it is by %s, and others by %s, which a comparison cannot tell apart; give "+
				"it one of them", name, before)
		}
		seen[k] = name
	}
	return nil
}
