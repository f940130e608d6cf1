package report

import (
	"fmt"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/spec"
)

// A finding is one of the paper with the quantities of the profile.
type finding struct {
	Parts []part
	Stale bool // not all of its quantities are up to date
}

// A part is words, or a quantity of a figure.
type part struct {
	Words    string
	Quantity *pipeline.Quantity // nil for words
	Figure   string
}

// findings are those of the paper, and what others are about that there is no number of
// yet. In a figure that is up to date a quantity that does not exist is an error.
func (src Source) findings(figures []*figure) (out []finding, missing []string, err error) {
	for _, said := range src.Paper.Findings {
		var f finding
		whole := true
		for _, p := range said.Parts {
			if p.Figure == "" {
				f.Parts = append(f.Parts, part{Words: p.Words})
				continue
			}
			of := figures[slices.IndexFunc(figures, func(f *figure) bool { return f.name == p.Figure })]
			k := slices.IndexFunc(of.Quantities, func(q pipeline.Quantity) bool { return q.Name == p.Quantity })
			switch {
			case k >= 0:
				f.Parts = append(f.Parts, part{Quantity: &of.Quantities[k], Figure: p.Figure})
				f.Stale = f.Stale || of.stale
			case of.item.Status == engine.Fresh:
				return nil, nil, fmt.Errorf("%s: figure %s has no quantity %s; %s",
					said.At, p.Figure, p.Quantity, spec.Hint(p.Quantity, names(of.Quantities)))
			default:
				missing, whole = append(missing, p.Figure+"/"+p.Quantity), false
			}
		}
		if whole {
			out = append(out, f)
		}
	}
	return out, missing, nil
}

func names(quantities []pipeline.Quantity) []string {
	var out []string
	for _, q := range quantities {
		out = append(out, q.Name)
	}
	return out
}
