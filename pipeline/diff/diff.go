// Package diff says what differs between two states of a pipeline, and why.
//
// A state is what the artifacts of a profile were at some time, in a store, a lock or a
// revision. A stage differs if its artifact does. Why is in what the artifacts were made of,
// their recipes: a difference of its own, in code, parameters or which inputs it reads, is a
// cause; a stage whose inputs alone differ is behind the causes of these. That a cause made a
// difference is not known, only that nothing else can have: of a stage with two causes it was
// one of them, or both.
package diff

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/store"
)

// A State is what there was of a profile.
type State struct {
	Stages map[string]Stage // by name

	// Figures are the numbers of the figures among the stages, by their names without the family:
	// nil where they are not known, and not nil where there are none.
	Figures map[string][]pipeline.Quantity
}

// A Stage is one in a state.
type Stage struct {
	Digest digest.Artifact
	Recipe Recipe
}

// A Recipe is what an artifact was made of. What is empty in it is not known.
type Recipe struct {
	Kind, Format, Build string
	Params              []byte // canonical
	Code                digest.Code
	Manifest            *code.Manifest
	HasInputs           bool // Inputs are known, which may be none; else they are presumed
	Inputs              []store.ActionInput
}

// OfAction is the recipe in a record.
func OfAction(a *store.Action, m *code.Manifest) Recipe {
	return Recipe{Kind: a.Kind, Format: a.Format, Build: a.Build.Identity, Params: a.Params, Code: a.Code, Manifest: m,
		HasInputs: true, Inputs: a.Inputs}
}

// A Report is what differs between an earlier state, A, and a later one, B. Lists of stages are
// sorted.
type Report struct {
	Same   int
	Differ []string
	Gone   []string // in A only
	New    []string // in B only
	Moved  []Rename // have the same artifact under another name

	Causes  []Cause // of what differs, the one with most stages first
	Without []Cause // differences in what the same artifacts were made of: they had no effect

	Quantities []Quantity // that differ, those that moved most for their intervals first
	Equal      int        // quantities that do not

	// Unread are figures of which the numbers are not known.
	UnreadA, UnreadB []string
}

// AllSame reports whether both states have the same artifacts under the same names, and
// the same numbers.
func (r *Report) AllSame() bool {
	return len(r.Differ)+len(r.Gone)+len(r.New)+len(r.Moved)+len(r.Quantities) == 0
}

// A Rename is a stage that has the artifact of another name.
type Rename struct{ Old, New string }

// A Cause is why artifacts differ.
type Cause struct {
	What    engine.Cause
	Code    []code.Change // if that is CodeChanged, and the sources are known
	Details []string      // else, in words
	Stages  []string      // of which it is a cause
	Behind  []string      // others that differ because of these
}

// Causes that are not those of a plan.
const (
	KindChanged engine.Cause = "kind"
	Unknown     engine.Cause = "unknown" // the recipe of one artifact is not known
	Impure      engine.Cause = "impure"  // the recipes are equal
)

// Compare compares two states.
func Compare(a, b State) *Report {
	r := &Report{}
	c := &comparison{a: a, b: b, readers: make(map[string][]string)}
	var same []string
	for _, name := range slices.Sorted(maps.Keys(a.Stages)) {
		switch in, ok := b.Stages[name]; {
		case !ok:
			r.Gone = append(r.Gone, name)
		case in.Digest != a.Stages[name].Digest:
			r.Differ = append(r.Differ, name)
		default:
			same = append(same, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Stages)) {
		if _, ok := a.Stages[name]; !ok {
			r.New = append(r.New, name)
		}
	}
	r.Same = len(same)
	c.renames(r)
	r.Causes = c.causes(r.Differ)
	r.Without = c.without(same, r.Causes)
	r.quantities(a, b)
	return r
}

// renames takes the stages that only their name tells from another off the lists of the gone
// and the new.
func (c *comparison) renames(r *Report) {
	gone := make(map[digest.Artifact][]string)
	for _, name := range r.Gone {
		d := c.a.Stages[name].Digest
		gone[d] = append(gone[d], name)
	}
	moved := make(map[string]bool)
	for _, name := range r.New {
		d := c.b.Stages[name].Digest
		if old := gone[d]; len(old) > 0 {
			r.Moved = append(r.Moved, Rename{old[0], name})
			gone[d] = old[1:]
			moved[old[0]], moved[name] = true, true
		}
	}
	isMoved := func(name string) bool { return moved[name] }
	r.Gone, r.New = slices.DeleteFunc(r.Gone, isMoved), slices.DeleteFunc(r.New, isMoved)
}

// A comparison finds causes.
type comparison struct {
	a, b    State
	readers map[string][]string // of a stage that differs, those that differ and read it
}

// causes are those of stages that differ.
func (c *comparison) causes(differ []string) []Cause {
	differs := make(map[string]bool)
	for _, name := range differ {
		differs[name] = true
	}
	g := &gathering{atoms: make(map[string]*atom)}
	for _, name := range differ {
		a, b := c.a.Stages[name], c.b.Stages[name]
		own := differences(name, a.Recipe, b.Recipe)
		behind := false
		for _, in := range c.inputsThatDiffer(name, a.Recipe, b.Recipe, &own) {
			if !differs[in] {
				own = append(own, inputAtom(name, in, "reads another version of"))
				continue
			}
			behind = true
			c.readers[in] = append(c.readers[in], name)
		}
		if len(own) == 0 && !behind {
			own = append(own, unexplained(name, a.Recipe, b.Recipe))
		}
		g.add(name, own)
	}
	out := g.causes()
	for k := range out {
		out[k].Behind = c.behind(out[k].Stages)
	}
	slices.SortStableFunc(out, func(x, y Cause) int {
		return cmp.Or(cmp.Compare(len(y.Stages)+len(y.Behind), len(x.Stages)+len(x.Behind)),
			strings.Compare(string(x.What), string(y.What)), slices.Compare(x.words(), y.words()))
	})
	return out
}

// behind are the stages that differ by inputs because of some others, these left out.
func (c *comparison) behind(stages []string) []string {
	seen := make(map[string]bool)
	for _, s := range stages {
		seen[s] = true
	}
	var out []string
	for queue := slices.Clone(stages); len(queue) > 0; queue = queue[1:] {
		for _, reader := range c.readers[queue[0]] {
			if !seen[reader] {
				seen[reader] = true
				out = append(out, reader)
				queue = append(queue, reader)
			}
		}
	}
	slices.Sort(out)
	return out
}

// inputsThatDiffer are the names of inputs whose artifacts differ as they were read, which need
// not be what a state has of them now. Inputs that only one of the recipes has become
// differences of the stage's own.
func (c *comparison) inputsThatDiffer(name string, a, b Recipe, own *[]atom) []string {
	if !a.HasInputs || !b.HasInputs {
		return c.presumed(a, b)
	}
	old, now := unmatched(a.Inputs, b.Inputs), unmatched(b.Inputs, a.Inputs)
	var out []string
	for _, in := range slices.Sorted(maps.Keys(old)) {
		if _, ok := now[in]; !ok {
			*own = append(*own, inputAtom(name, in, "no longer reads"))
			continue
		}
		out = append(out, in)
	}
	for _, in := range slices.Sorted(maps.Keys(now)) {
		if _, ok := old[in]; !ok {
			*own = append(*own, inputAtom(name, in, "now reads"))
		}
	}
	return out
}

// unmatched are the inputs whose artifact is not among some others, under any name.
func unmatched(in, others []store.ActionInput) map[string]bool {
	left := make(map[digest.Artifact]int)
	for _, x := range others {
		left[x.Digest]++
	}
	out := make(map[string]bool)
	for _, x := range in {
		if left[x.Digest]--; left[x.Digest] < 0 {
			out[x.Stage] = true
		}
	}
	return out
}

// presumed are the inputs that differ of a stage of which one recipe at most tells the inputs:
// those of the other are taken to have had the same names.
func (c *comparison) presumed(a, b Recipe) []string {
	known := a.Inputs
	if b.HasInputs || len(known) == 0 {
		known = b.Inputs
	}
	var out []string
	for _, in := range known {
		x, before := c.a.Stages[in.Stage]
		y, after := c.b.Stages[in.Stage]
		if before && after && x.Digest != y.Digest {
			out = append(out, in.Stage)
		}
	}
	return out
}

// without are the differences behind stages that are the same, but for those that had an effect
// elsewhere.
func (c *comparison) without(same []string, effective []Cause) []Cause {
	counted := make(map[string]bool)
	for _, x := range effective {
		for _, change := range x.Code {
			counted[changeKey(change)] = true
		}
	}
	g := &gathering{atoms: make(map[string]*atom)}
	for _, name := range same {
		own := differences(name, c.a.Stages[name].Recipe, c.b.Stages[name].Recipe)
		g.add(name, slices.DeleteFunc(own, func(x atom) bool { return counted[x.key] }))
	}
	return g.causes()
}
