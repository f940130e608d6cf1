package spec

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"zerotohero/pipeline"
)

// Graph makes the stages of a profile; the empty name is the default profile.
// The same paper, profile and kinds give the same stages in the same order.
func (p *Paper) Graph(profile string, kinds []*pipeline.Kind) (*pipeline.Graph, error) {
	pr, err := p.profile(profile)
	if err != nil {
		return nil, err
	}
	written, err := p.readWritten()
	if err != nil {
		return nil, err
	}
	if err := p.checkKinds(pr, kinds, written); err != nil {
		return nil, err
	}
	b := &builder{paper: p, written: written, made: make(map[string]*made)}
	for _, f := range pr.families {
		if err := b.add(f, kindOf(kinds, f.kindName())); err != nil {
			return nil, err
		}
		if err := b.checkCosts(f); err != nil {
			return nil, err
		}
	}
	if err := p.checkMentions(); err != nil {
		return nil, err
	}
	g, err := pipeline.NewGraph(b.stages)
	if err != nil {
		return nil, p.errorLine(1, "%v", err)
	}
	return g, nil
}

// checkKinds wants every key of a family to be a parameter of its kind. It wants
// every axis to do something for a family spread over it: to set a parameter, or
// to select among inputs for which it does something. One that does neither is
// misspelt.
func (p *Paper) checkKinds(pr *profile, kinds []*pipeline.Kind, written []written) error {
	var names []string
	for _, k := range kinds {
		names = append(names, k.Name)
	}
	working := make(map[string][]string) // a family's axes that do something
	works := make(map[*grid]map[string]bool)
	known := make(map[*grid][]string) // names that would do something
	for _, f := range pr.families {
		k := kindOf(kinds, f.kindName())
		if k == nil {
			return p.errorAt(f.kindAt(), "no kind is called %s; %s", f.kindName(), Hint(f.kindName(), names))
		}
		fields := paramNames(k, written)
		for _, n := range f.params {
			if !slices.Contains(fields, n.name) {
				keys := append(fields, "kind", "each", "over", "from")
				return p.errorAt(n, "stage %s has no key %s, nor has its kind %s such a parameter; %s",
					f.name, n.name, k.Name, Hint(n.name, keys))
			}
		}
		if f.grid == nil {
			continue
		}
		if works[f.grid] == nil {
			works[f.grid] = make(map[string]bool)
		}
		for _, in := range f.inputs() {
			fields = append(fields, working[in]...)
		}
		for _, name := range fields {
			if !slices.Contains(known[f.grid], name) {
				known[f.grid] = append(known[f.grid], name)
			}
		}
		for _, axis := range f.axisNames() {
			if slices.Contains(fields, axis) {
				working[f.name] = append(working[f.name], axis)
				works[f.grid][axis] = true
			}
		}
	}
	for _, g := range pr.grids {
		if works[g] == nil {
			return p.errorAt(g.node, "no stage is spread over grid %s; give one each = %q or remove the grid",
				g.node.name, g.node.name)
		}
		for _, axis := range g.axes {
			if !works[g][axis] {
				return p.errorAt(g.axisNode(axis), "axis %s of grid %s sets no parameter and selects no input of a "+
					"stage spread over it; %s", axis, g.node.name, Hint(axis, known[g]))
			}
		}
	}
	return nil
}

// axisNode is where the axis is first written.
func (g *grid) axisNode(axis string) *node {
	if !g.node.isList {
		return g.node.get(axis)
	}
	for _, t := range g.node.nodes {
		if a := t.get(axis); a != nil {
			return a
		}
	}
	return g.node
}

// paramNames are the parameters that a stage of a kind may have.
func paramNames(k *pipeline.Kind, written []written) []string {
	var out []string
	for _, f := range k.Fields() {
		out = append(out, f.Name)
	}
	for _, name := range writtenParams(k, written) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// A builder makes stages family by family, inputs first.
type builder struct {
	paper   *Paper
	written []written
	stages  []*pipeline.Stage
	made    map[string]*made // by family
	edges   int
}

// made is a family's stages, each at its point.
type made struct {
	kind   *pipeline.Kind
	axes   []string
	points []point
	stages []*pipeline.Stage
}

func (b *builder) add(f *family, k *pipeline.Kind) error {
	m := &made{kind: k, axes: f.axisNames(), points: f.points()}
	joins := make([]*join, len(f.from))
	for i, in := range f.from {
		from := b.made[in.value.(string)]
		joins[i] = newJoin(in.value.(string), from, m.axes)
	}
	values, err := b.constants(f, k)
	if err != nil {
		return err
	}
	names := paramNames(k, b.written)
	settable := make([]bool, len(m.axes))
	for i, a := range m.axes {
		settable[i] = slices.Contains(names, a)
	}
	for _, pt := range m.points {
		name := stageName(f.name, m.axes, pt)
		for i, a := range m.axes {
			if settable[i] {
				values[a] = pt[i].raw
			}
			if pt[i].raw == nil {
				delete(values, a)
			}
		}
		err := b.unknownChoice(k, values)
		var params any
		if err == nil {
			params, err = k.Resolve(b.complete(k, values))
		}
		if err != nil {
			return b.paramError(f, k, name, m.axes, pt, err)
		}
		var inputs []*pipeline.Stage
		for i, j := range joins {
			found := j.find(pt)
			if len(found) == 0 {
				return b.paper.errorAt(f.from[i], "stage %s finds no input in family %s: it has no stage with %s; "+
					"give both grids these values, or take %s out of from", name, j.family, j.wanted(pt), j.family)
			}
			if b.edges += len(found); b.edges > maxEdges {
				return b.paper.errorAt(f.from[i], "the stages have more than %d inputs in all; "+
					"spread %s over axes that %s has", maxEdges, f.name, j.family)
			}
			inputs = append(inputs, found...)
		}
		s := pipeline.NewStage(name, k, params, inputs...)
		if err := s.Check(); err != nil {
			return b.inputError(f, k, s, m.axes, pt, err)
		}
		m.stages = append(m.stages, s)
	}
	b.stages = append(b.stages, m.stages...)
	b.made[f.name] = m
	return nil
}

// checkCosts wants the family's stages to be such as a computer could compute.
func (b *builder) checkCosts(f *family) error {
	for _, s := range b.made[f.name].stages {
		if err := s.Cost().Check(); err != nil {
			return b.paper.errorAt(f.node, "stage %s (kind %s): %v", s.Name, s.Kind.Name, err)
		}
	}
	return nil
}

// constants are the parameters that all stages of a family have.
func (b *builder) constants(f *family, k *pipeline.Kind) (map[string]any, error) {
	values := make(map[string]any)
	if f.figure != "" {
		values[figureParam] = f.figure
	}
	for _, n := range f.params {
		values[n.name] = n.value
		text, ok := n.value.(string)
		field := fieldOf(k, n.name)
		if !ok || field == nil || field.Type != reflect.TypeFor[pipeline.Range]() {
			continue
		}
		ranges, is, err := parseBlocks(text)
		switch {
		case err != nil:
			return nil, b.paper.errorAt(n, "%s: %v", n.name, err)
		case len(ranges) > 1:
			return nil, b.paper.errorAt(n, "%s: %q is %d blocks and a stage takes one; make it an axis of a grid",
				n.name, text, len(ranges))
		case is:
			values[n.name] = ranges[0]
		}
	}
	return values, nil
}

func fieldOf(k *pipeline.Kind, name string) *pipeline.Field {
	for _, f := range k.Fields() {
		if f.Name == name {
			return &f
		}
	}
	return nil
}

// paramError places an error of Resolve: at the key or the axis value that set
// the parameter, else at the family, where a missing one would be added.
func (b *builder) paramError(f *family, k *pipeline.Kind, stage string, axes []string, pt point, err error) error {
	var pe *pipeline.ParamError
	if !errors.As(err, &pe) {
		return b.paper.errorAt(f.node, "%s: %v", stage, err)
	}
	line, given := f.node.line, f.figure != ""
	for _, n := range f.params {
		if n.name == pe.Param {
			line, given = n.line, true
		}
	}
	for i, a := range axes {
		if a == pe.Param && pt[i].raw != nil {
			line, given = pt[i].line, true
		}
	}
	msg := pe.Msg
	field := fieldOf(k, pe.Param)
	switch {
	case field == nil || strings.Contains(msg, ";"): // the kind says what to do
	case f.figure != "" && pe.Param == figureParam:
		msg += "; change its name in [figure]"
	case !given && !field.HasDef:
		msg += fmt.Sprintf("; write %s = … in [stage.%s] or make it an axis", pe.Param, f.name)
	case !given:
		msg += fmt.Sprintf("; it has its default, %s: write %s = … in [stage.%s]", field.Default, pe.Param, f.name)
	case field.Help != "":
		msg += fmt.Sprintf("; change it (%s: %s)", pe.Param, field.Help)
	default:
		msg += "; change it"
	}
	return b.paper.errorLine(line, "%s: %s: %s", stage, pe.Param, msg)
}

// inputError places an error of Check: a parameter's where paramError does, an input's
// at its family in from.
func (b *builder) inputError(f *family, k *pipeline.Kind, s *pipeline.Stage, axes []string, pt point, err error) error {
	var ie *pipeline.InputError
	if !errors.As(err, &ie) {
		return b.paramError(f, k, s.Name, axes, pt, err)
	}
	at := f.fromAt
	for _, n := range f.from {
		if family, _, _ := strings.Cut(ie.Stage, "/"); n.value == family {
			at = n
		}
	}
	return b.paper.errorAt(at, "stage %s (kind %s): %v", s.Name, k.Name, ie)
}

// A join finds the stages of a family that agree with a point on the axes that
// both have.
type join struct {
	family  string
	axes    []string // those that both have
	indices []int    // of them in the point
	index   map[string][]*pipeline.Stage
}

func newJoin(family string, from *made, axes []string) *join {
	j := &join{family: family, index: make(map[string][]*pipeline.Stage)}
	var there []int
	for i, a := range axes {
		for k, other := range from.axes {
			if a == other {
				j.axes = append(j.axes, a)
				j.indices = append(j.indices, i)
				there = append(there, k)
			}
		}
	}
	for i, pt := range from.points {
		key := pt.project(there).key()
		j.index[key] = append(j.index[key], from.stages[i])
	}
	return j
}

func (j *join) find(pt point) []*pipeline.Stage {
	return j.index[pt.project(j.indices).key()]
}

func (j *join) wanted(pt point) string {
	return assignments(j.axes, pt.project(j.indices))
}
