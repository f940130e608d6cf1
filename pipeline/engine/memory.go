package engine

import (
	"fmt"

	"zerotohero/pipeline"
)

// A MemoryError lists stages of which each alone is estimated at more memory than a run may
// use.
type MemoryError struct {
	Limit  int64             // bytes
	Stages []*pipeline.Stage // in the plan's order

	items []*Item // of the plan
}

func (e *MemoryError) Error() string {
	first := e.Stages[0]
	text := fmt.Sprintf("%s needs about %d bytes of memory, more than the %d that a run may use",
		first.Name, first.Cost().Bytes, e.Limit)
	if n := len(e.Stages); n > 1 {
		text += fmt.Sprintf("; so do %d more stages", n-1)
	}
	return text
}

// TooLarge lists the stages that are planned to run and are estimated at more than limit
// bytes of memory each; nil if there are none, or no limit, 0.
func (p *Plan) TooLarge(limit int64) *MemoryError {
	if limit <= 0 {
		return nil
	}
	var large []*pipeline.Stage
	for _, i := range p.Items {
		if i.Status == Run && i.Stage.Cost().Bytes > limit {
			large = append(large, i.Stage)
		}
	}
	if large == nil {
		return nil
	}
	return &MemoryError{limit, large, p.Items}
}

// NeededBy names the stages that need this one and that no other stage reads: the
// figures, as a rule.
func (e *MemoryError) NeededBy(s *pipeline.Stage) []string {
	needs := map[*pipeline.Stage]bool{s: true}
	read := make(map[*pipeline.Stage]bool)
	for _, i := range e.items { // inputs come first
		for _, in := range i.Stage.Inputs {
			if needs[in] {
				needs[i.Stage] = true
				read[in] = true
			}
		}
	}
	var out []string
	for _, i := range e.items {
		if i.Stage != s && needs[i.Stage] && !read[i.Stage] {
			out = append(out, i.Stage.Name)
		}
	}
	return out
}
