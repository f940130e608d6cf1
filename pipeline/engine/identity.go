package engine

import (
	"slices"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/digest"
)

// Identities tell the stages of a plan apart by all that their artifacts follow from: kind, code,
// parameters and build, and the identities of their inputs. Unlike a key, which has the contents of inputs,
// an identity is known before these are computed. Equal identities have equal keys; the converse does not
// hold.
func (e *Engine) Identities(p *Plan) map[*pipeline.Stage]digest.Key {
	out := make(map[*pipeline.Stage]digest.Key, len(p.Items))
	for _, i := range p.Items {
		inputs := make([]digest.Artifact, len(i.Stage.Inputs))
		for k, in := range i.Stage.Inputs {
			inputs[k] = digest.Artifact(out[in])
		}
		slices.Sort(inputs)
		out[i.Stage] = keyOf(artifact.Format, e.build.Identity, i.Stage.Kind.Name, i.Code, i.Params, inputs)
	}
	return out
}
