package basin

import (
	"reflect"

	"zerotohero/pipeline"
	"zerotohero/stages/contract"
)

// acceptsEdge wants descents made alike, on instances each once.
func acceptsEdge(_ EdgeParams, in []*pipeline.Stage) error {
	for _, s := range in {
		if s.Kind.Name != in[0].Kind.Name {
			continue
		}
		if a, b := in[0].Params, s.Params; !reflect.DeepEqual(a, b) {
			return pipeline.BadInput(s, "its parameters are %+v, and those of %s are %+v; give each its own basin-edge stage", b,
				in[0].Name, a)
		}
	}
	return contract.DistinctInstances("descends on", contract.Blocks(in...))
}
