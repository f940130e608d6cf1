package spec

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"zerotohero/pipeline"
)

// What a program has a form for may be written down in a paper, in a table such as
// [loss.cauchy] at the top. A stage or grid with loss = "cauchy" then has the parameters that
// the form makes of that table, where it gives no values of its own.

// written are the tables of a paper that write alternatives down, by what they are.
type written struct {
	of     pipeline.Writable
	values map[string]map[string]any // of parameters, by the alternative's name
}

// writables are the keys at the top that hold such tables.
func writables() []string {
	var out []string
	for _, w := range pipeline.Writables() {
		out = append(out, w.What)
	}
	return out
}

// readWritten reads and checks all such tables.
func (p *Paper) readWritten() ([]written, error) {
	var out []written
	for _, w := range pipeline.Writables() {
		section := p.root.get(w.What)
		if section == nil {
			continue
		}
		all := written{w, make(map[string]map[string]any)}
		for _, n := range section.children() {
			if err := p.checkName(n, "a "+w.What); err != nil {
				return nil, err
			}
			if err := p.checkTable(n, "["+w.What+"."+n.name+"]"); err != nil {
				return nil, err
			}
			values, err := w.Read(n.name, n.table())
			if err != nil {
				return nil, p.writtenError(n, w.Key, fmt.Sprintf("%s %s", w.What, n.name), err)
			}
			all.values[n.name] = values
		}
		out = append(out, all)
	}
	return out, nil
}

// table is a table as TOML decodes it.
func (n *node) table() map[string]any {
	out := make(map[string]any)
	for _, k := range n.nodes {
		out[k.name] = k.value
		if k.isTable {
			out[k.name] = k.table()
		}
	}
	return out
}

// writtenError places an error about a table at the line of the entry that it is about.
func (p *Paper) writtenError(n *node, key, what string, err error) error {
	var te *pipeline.TextError
	var pe *pipeline.ParamError
	at := n
	switch {
	case errors.As(err, &te):
		entry := te.Entry
		if len(entry) == 0 {
			entry = []string{key}
		}
		for _, k := range entry {
			if below := at.get(k); below != nil {
				at = below
			}
		}
		if len(te.Entry) > 0 {
			what += ", " + te.Entry[len(te.Entry)-1]
		}
	case errors.As(err, &pe):
		if below := n.get(pe.Param); below != nil {
			at = below
		}
	}
	return p.errorAt(at, "%s: %v", what, err)
}

// complete adds to the values of a stage's parameters those of what they choose that is
// written down in the paper.
func (b *builder) complete(k *pipeline.Kind, values map[string]any) map[string]any {
	for _, w := range b.written {
		for _, f := range k.Fields() {
			name, ok := values[f.Name].(string)
			if !ok || !w.of.Chooses(f) || w.values[name] == nil {
				continue
			}
			all := maps.Clone(w.values[name])
			maps.Copy(all, values)
			values = all
		}
	}
	return values
}

// unknownChoice is the error of a name that neither the program nor the paper has, where the paper
// writes some down: a kind knows the program's alone.
func (b *builder) unknownChoice(k *pipeline.Kind, values map[string]any) error {
	for _, w := range b.written {
		for _, f := range k.Fields() {
			name, ok := values[f.Name].(string)
			if !ok || !w.of.Chooses(f) {
				continue
			}
			known := append(f.Choices(), slices.Sorted(maps.Keys(w.values))...)
			if !slices.Contains(known, name) && values[w.of.Key] == nil {
				return pipeline.BadParam(f.Name, "unknown %s %q; %s; [%s.%s] would write it down", w.of.What, name,
					Hint(name, known), w.of.What, name)
			}
		}
	}
	return nil
}

// writtenParams are the parameters beside those that the kind declares, of what is written down
// and its parameters can choose.
func writtenParams(k *pipeline.Kind, all []written) []string {
	var out []string
	for _, w := range all {
		for _, f := range k.Fields() {
			if !w.of.Chooses(f) {
				continue
			}
			for _, values := range w.values {
				for name := range values {
					if name != w.of.Key {
						out = append(out, name)
					}
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Written are the parameters of what the paper writes down in the tables of a key at the
// top, by name.
func (p *Paper) Written(what string) (map[string]map[string]any, error) {
	all, err := p.readWritten()
	for _, w := range all {
		if w.of.What == what {
			return w.values, err
		}
	}
	return nil, err
}
