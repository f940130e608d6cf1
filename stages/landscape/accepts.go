package landscape

import (
	"zerotohero/pipeline"
	"zerotohero/stages/students"
)

func accepts(p Params, in []*pipeline.Stage) error { return students.Accepts(p.students(), in) }
