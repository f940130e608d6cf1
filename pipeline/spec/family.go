package spec

import (
	"strings"

	"zerotohero/pipeline"
)

// spread finds a family's grid and axes.
func (p *Paper) spread(f *family, eachAt, overAt *node, over []*node, grids []*grid) error {
	var known []string
	for _, g := range grids {
		known = append(known, g.node.name)
		if g.node.name == eachAt.value {
			f.grid = g
		}
	}
	if f.grid == nil {
		name := eachAt.value.(string)
		return p.errorAt(eachAt, "no grid is called %s; %s", name, Hint(name, known))
	}
	keep := make(map[int]bool)
	for _, o := range over {
		name := o.value.(string)
		at := f.grid.at(name)
		if at < 0 {
			return p.errorAt(o, "grid %s (line %d) has no axis %s; %s",
				f.grid.node.name, f.grid.node.line, name, Hint(name, f.grid.axes))
		}
		keep[at] = true
	}
	if overAt != nil && len(over) == 0 {
		return p.errorAt(overAt, "over is empty; list axes of grid %s, or remove each and over for a single stage",
			f.grid.node.name)
	}
	// Axes stay in the grid's order, so that the order in over names no new stages.
	for i := range f.grid.axes {
		if overAt == nil || keep[i] {
			f.axes = append(f.axes, i)
		}
	}
	for _, k := range f.params {
		for _, axis := range f.axisNames() {
			if k.name == axis {
				return p.errorAt(k, "%s is given here and is an axis of grid %s (line %d) too; remove one of them",
					k.name, f.grid.node.name, f.grid.node.line)
			}
		}
	}
	return nil
}

// sortFamilies puts each family after those it reads.
func (p *Paper) sortFamilies(pr *profile) error {
	byName := make(map[string]*family)
	var known []string
	for _, f := range pr.written {
		byName[f.name] = f
		known = append(known, f.name)
	}
	for _, f := range pr.families {
		for _, in := range f.from {
			name := in.value.(string)
			if byName[name] == nil {
				who := "stage " + f.name
				if f.figure != "" {
					who = "figure " + f.figure
				}
				return p.errorAt(in, "%s asks for family %s, which no stage makes; %s", who, name, Hint(name, known))
			}
		}
	}
	var sorted []*family
	const onPath, done = 1, 2
	state := make(map[*family]int)
	var path []string
	var visit func(f *family) error
	visit = func(f *family) error {
		state[f] = onPath
		path = append(path, f.name)
		for _, in := range f.from {
			g := byName[in.value.(string)]
			switch state[g] {
			case onPath:
				for path[0] != g.name {
					path = path[1:]
				}
				return p.errorAt(in, "a cycle: %s; remove one of these from a list of inputs",
					strings.Join(append(path, g.name), " needs "))
			case done:
				continue
			}
			if err := visit(g); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		state[f] = done
		sorted = append(sorted, f)
		return nil
	}
	for _, f := range pr.families {
		if state[f] != done {
			if err := visit(f); err != nil {
				return err
			}
		}
	}
	pr.families = sorted
	return nil
}

func (f *family) kindName() string {
	if f.figure != "" {
		return figureKind
	}
	return f.kind.value.(string)
}

// kindAt is where an error about the kind points.
func (f *family) kindAt() *node {
	if f.kind == nil {
		return f.node
	}
	return f.kind
}

func (f *family) inputs() []string {
	var out []string
	for _, n := range f.from {
		out = append(out, n.value.(string))
	}
	return out
}

func (f *family) axisNames() []string {
	var out []string
	for _, a := range f.axes {
		out = append(out, f.grid.axes[a])
	}
	return out
}

// points lists where the family has a stage; a single stage has one point without axes.
func (f *family) points() []point {
	if f.grid == nil {
		return []point{nil}
	}
	return project(f.grid.points, f.axes)
}

// stageName writes "family/N=128,alpha=3,seeds=1-50".
func stageName(family string, axes []string, pt point) string {
	at := assignments(axes, pt)
	if at == "" {
		return family
	}
	return family + "/" + at
}

func assignments(axes []string, pt point) string {
	var b strings.Builder
	for i, a := range axes {
		if pt[i].raw == nil {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(a)
		b.WriteByte('=')
		b.WriteString(pt[i].text)
	}
	return b.String()
}

func kindOf(kinds []*pipeline.Kind, name string) *pipeline.Kind {
	for _, k := range kinds {
		if k.Name == name {
			return k
		}
	}
	return nil
}
