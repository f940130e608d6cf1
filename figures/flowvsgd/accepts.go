package flowvsgd

import (
	"cmp"
	"slices"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// params has no parameters.
type params struct{}

// Accepts wants descents by gradient flow and by gradient descent for one loss, at one N and
// from one kind of start, each once.
func (params) Accepts(in []*pipeline.Stage) error {
	byMethod := make(map[string][]*pipeline.Stage)
	for _, s := range in {
		m := inputs.MethodOf(s)
		if !slices.ContainsFunc(methods, func(known method) bool { return known.name == m }) {
			return pipeline.BadInput(s, "it descends by the method %s, and the figure compares flow and gd; leave it "+
				"out", m)
		}
		byMethod[m] = append(byMethod[m], s)
	}
	for _, m := range methods {
		if byMethod[m.name] == nil {
			return pipeline.BadInput(in[0], "it and all others descend by the method %s, and the figure compares "+
				"flow and gd; add a family of method %s on the same instances", inputs.MethodOf(in[0]), m.name)
		}
	}
	if err := cmp.Or(inputs.OneLoss(in), inputs.OneStart(in)); err != nil {
		return err
	}
	blocks := inputs.BlocksOf(in...)
	for _, b := range blocks {
		if a := blocks[0]; b.N != a.N {
			return pipeline.BadInput(b.Stage, "it is at N = %d, and %s at N = %d; the figure shows one N: leave one "+
				"of the two out", b.N, a.Stage.Name, a.N)
		}
	}
	flow, gd := inputs.BlocksOf(byMethod["flow"]...), inputs.BlocksOf(byMethod["gd"]...)
	if err := cmp.Or(inputs.Once(flow), inputs.Once(gd)); err != nil {
		return err
	}
	for _, a := range flow {
		if slices.ContainsFunc(gd, func(b inputs.Block) bool { return a.Meets(b) }) {
			return nil
		}
	}
	return pipeline.BadInput(in[0], "no instance has descents by both methods; give the figure families of methods "+
		"flow and gd on the same instances")
}
