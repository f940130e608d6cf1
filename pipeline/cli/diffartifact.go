package cli

import (
	"fmt"
	"io"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/compare"
	"zerotohero/pipeline/diff"
)

// maxColumns is how many columns of two artifacts are listed unless all are asked for.
const maxColumns = 20

// artifacts compares two artifacts: what they were made of, their numbers if they are figures,
// and column by column.
func (d *differ) artifacts(out io.Writer, a, b *side, all, asJSON bool) (same bool, err error) {
	// A stage of one name in both states, so that they can be compared as any.
	name := a.piece.title()
	var tables [2]*artifact.Table
	for k, s := range []*side{a, b} {
		if tables[k], err = s.piece.read(); err != nil {
			return false, err
		}
		s.state = s.piece.state(name, tables[k])
	}
	r := diff.Compare(*a.state, *b.state)
	columns := compare.Tables(tables[0], tables[1])
	same = a.piece.digest == b.piece.digest
	if asJSON {
		return same, writeJSON(out, artifactsReport(a, b, r, columns))
	}
	w := &diffWriter{out: out, a: a, b: b, all: all}
	w.sides()
	if same {
		w.printf("\nthe same artifact, %s\n", a.piece.digest)
		return true, nil
	}
	w.why(r)
	lines := columns.Lines()
	w.printf("\nwhat\n")
	for k, line := range lines {
		if k == w.upTo(maxColumns, len(lines)) {
			w.printf("  and %d more; --all lists them\n", len(lines)-k)
			break
		}
		w.printf("  %s\n", line)
	}
	if len(r.Quantities)+r.Equal > 0 {
		w.quantities(r)
	}
	return false, nil
}

// read reads the artifact, which must be whole.
func (p *piece) read() (*artifact.Table, error) {
	data, err := p.store.Get(p.digest)
	if err != nil {
		return nil, err
	}
	t, err := artifact.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.title(), err)
	}
	return t, nil
}

// state is one with the artifact as its only stage.
func (p *piece) state(name string, t *artifact.Table) *diff.State {
	recipe := diff.Recipe{Kind: t.Kind, Params: t.Params} // as the artifact itself says
	if p.action != nil {
		var m *code.Manifest
		m, _ = p.store.Code(p.action.Code)
		recipe = diff.OfAction(p.action, m)
	}
	s := &diff.State{Stages: map[string]diff.Stage{name: {Digest: p.digest, Recipe: recipe}}}
	if x, err := artifact.Rows[pipeline.Export](t); err == nil && len(x) == 1 {
		s.Figures = map[string][]pipeline.Quantity{figureName(name): append([]pipeline.Quantity{}, x[0].Quantities...)}
	}
	return s
}
