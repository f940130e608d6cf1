// Package spec reads a paper written as data, paper.toml, and makes it the graph
// of its stages.
//
// A grid is a product of axes, or a union of products. A family is a kind spread
// over the points of a grid, one stage a point, or a single stage. A family's
// inputs are the stages of other families that agree with it on every axis both
// have: all of them where they share none.
//
// A profile is the paper with changes: it overrides axes of grids, keys of stages
// and the inputs of figures, and may have grids, stages and figures of its own. A
// grid that is a union, here or there, is replaced as a whole.
//
//	default-profile = "main"
//
//	[grid.walks]                # [[grid.walks]] several times: a union
//	steps = [64, 128]
//	bias  = [0.0, 0.5]
//	seeds = "1..400 by 50"      # blocks 1-50, 51-100, ...
//
//	[stage.walk]
//	kind = "walk"
//	each = "walks"              # over = ["steps"]: its projection onto these axes
//	from = ["lattice"]
//	rate = 0.02                 # any other key is a parameter of the kind
//
//	[figure]
//	spread = ["fit"]            # a stage figure/spread of kind figure
//
//	[report]                    # what the page of all figures says besides
//	title    = "Random walks"
//	abstract = "What this is about."
//	findings = ["A walk of 64 steps gets {spread/distance-steps=64} far."]
//
//	[report.titles]
//	spread = "Distance against steps"
//
//	[profile.main]
//
//	[profile.smoke.grid.walks]
//	steps = [32]                # bias and seeds as above
//
//	[profile.smoke.stage.walk]
//	rate = 0.05
//
//	[profile.long.stage.far]    # in this profile alone
//	kind = "walk"
//	steps = 4096
//	seeds = "1..10"
//	from = ["lattice"]
//
//	[profile.long.figure]
//	distance = ["far"]
package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"zerotohero/pipeline"
)

const (
	defaultKey  = "default-profile"
	figureKind  = "figure" // the kind of every figure, and the folder of its name
	figureParam = "figure" // the parameter that gets the figure's name

	// What to write, in errors: names in capitals stand for those of the paper.
	exampleTable = "[profile.NAME]"

	// Beyond these a file is a slip, and an error better than an exhausted machine.
	maxBytes = 1 << 20
	maxEdges = 10_000_000
)

// A Paper is a parsed paper.toml, checked except for what only the kinds can tell.
type Paper struct {
	file     string
	root     *node
	profiles []string
	byName   map[string]*profile
	standard string
	report   Report
	named    []mention  // figures in the report
	settings []*setting // of the command line
}

// A profile is the paper with one profile's changes.
type profile struct {
	figures  []string  // as written
	grids    []*grid   // as written
	families []*family // each after those it reads; figures last
	written  []*family // as written, without figures
}

// A family is a kind and the points over which it is spread.
type family struct {
	name   string
	figure string // the figure's name, if it is one
	node   *node
	kind   *node // a string; nil for a figure
	grid   *grid // nil when it is a single stage
	axes   []int // indices in the grid's axes
	from   []*node
	fromAt *node // where inputs are listed, or would be
	params []*node
}

// Parse reads a paper and checks every profile of it. The name stands in errors,
// which are of the form "paper.toml:12: what is wrong; what to do". Settings, as in
// "walk.rate=0.05", give parameters of families other values, in all profiles.
func Parse(name string, data []byte, settings ...string) (*Paper, error) {
	p := &Paper{file: name, byName: make(map[string]*profile)}
	for i, text := range settings {
		s, err := readSetting(text, -1-i)
		if err != nil {
			return nil, err
		}
		p.settings = append(p.settings, s)
	}
	if len(data) > maxBytes {
		return nil, p.errorLine(1, "the file has %d bytes, more than %d; write axes as ranges or split it",
			len(data), maxBytes)
	}
	var tree map[string]any
	if _, err := toml.Decode(string(data), &tree); err != nil {
		line, msg := 1, err.Error()
		var pe toml.ParseError
		if errors.As(err, &pe) {
			line = max(pe.Position.Line, 1)
			msg = fmt.Sprintf("%s (column %d)", strings.TrimSuffix(pe.Message, "."), pe.Position.Col)
		}
		return nil, p.errorLine(line, "not valid TOML: %s; correct this line or the one before", msg)
	}
	p.root = build("", tree, scan(string(data)), 1)
	if err := p.readTop(); err != nil {
		return nil, err
	}
	for _, n := range p.root.get("profile").children() {
		pr, err := p.readProfile(n)
		if err != nil {
			return nil, err
		}
		p.profiles = append(p.profiles, n.name)
		p.byName[n.name] = pr
	}
	return p, p.checkSettings()
}

// Profiles lists the profiles as written.
func (p *Paper) Profiles() []string { return append([]string(nil), p.profiles...) }

// DefaultProfile is the profile that the file's default-profile names.
func (p *Paper) DefaultProfile() string { return p.standard }

// Figures lists a profile's figures as written, without the folder figure/; the empty
// name is the default profile.
func (p *Paper) Figures(profile string) []string {
	pr, err := p.profile(profile)
	if err != nil {
		return nil
	}
	return slices.Clone(pr.figures)
}

// A Family is what people need to know of a family of stages.
type Family struct {
	Name string
	Kind string
	Doc  string   // the kind's; empty if there is no such kind
	Axes []string // none when it is a single stage
	From []string
}

// Families lists a profile's families as written, without figures.
func (p *Paper) Families(profile string, kinds []*pipeline.Kind) ([]Family, error) {
	pr, err := p.profile(profile)
	if err != nil {
		return nil, err
	}
	var out []Family
	for _, f := range pr.written {
		info := Family{Name: f.name, Kind: f.kindName(), Axes: f.axisNames(), From: f.inputs()}
		if k := kindOf(kinds, info.Kind); k != nil {
			info.Doc = k.Doc
		}
		out = append(out, info)
	}
	return out, nil
}

// profile finds a profile; the empty name is the default one.
func (p *Paper) profile(name string) (*profile, error) {
	if name == "" {
		name = p.standard
	}
	pr := p.byName[name]
	if pr == nil {
		return nil, p.errorAt(p.root.get("profile"), "no profile is called %s; %s", name, Hint(name, p.profiles))
	}
	return pr, nil
}

func (p *Paper) readTop() error {
	known := append([]string{defaultKey, "grid", "stage", "figure", "report", "profile"}, writables()...)
	for _, n := range p.root.nodes {
		switch n.name {
		case defaultKey:
			s, err := p.text(n, "NAME")
			if err != nil {
				return err
			}
			p.standard = s
		case "grid", "stage", "figure", "profile":
			if n.name == "profile" && !n.isTable {
				return p.errorAt(n, "profile holds the tables of the profiles; "+
					"name the default one with %s and write %s", defaultKey, exampleTable)
			}
			if err := p.checkTable(n, "tables such as ["+n.name+"]"); err != nil {
				return err
			}
		case "report":
			if err := p.readReport(n); err != nil {
				return err
			}
		default:
			if !slices.Contains(known, n.name) {
				return p.errorAt(n, "unknown key %s; %s", n.name, Hint(n.name, known))
			}
			if err := p.checkTable(n, "tables such as ["+n.name+".NAME]"); err != nil {
				return err
			}
		}
	}
	profiles := p.root.get("profile")
	for _, n := range profiles.children() {
		if err := p.checkName(n, "a profile"); err != nil {
			return err
		}
		// A profile and a family each have a folder of that name in the store's view.
		if n.name == figureKind || p.root.get("stage").get(n.name) != nil {
			return p.errorAt(n, "profile %s has the name of a stage; call it something else", n.name)
		}
		if err := p.checkTable(n, "[profile."+n.name+"]"); err != nil {
			return err
		}
		if err := p.checkChanges(n); err != nil {
			return err
		}
	}
	at := p.root.get(defaultKey)
	if at == nil {
		return p.errorLine(1, "%s is missing; write %s = \"NAME\" at the top and %s",
			defaultKey, defaultKey, exampleTable)
	}
	if profiles.get(p.standard) == nil {
		return p.errorAt(at, "no profile is called %s; write [profile.%s], or choose: %s",
			p.standard, p.standard, Hint(p.standard, profiles.names()))
	}
	return nil
}

// checkChanges wants what a profile has to change something, or to be whole.
func (p *Paper) checkChanges(profile *node) error {
	sections := []string{"grid", "stage", "figure"}
	for _, section := range profile.nodes {
		example := fmt.Sprintf("[profile.%s.%s.NAME]", profile.name, section.name)
		switch section.name {
		case "grid", "stage":
		case "figure":
			example = fmt.Sprintf("[profile.%s.figure]", profile.name)
		default:
			return p.errorAt(section, "unknown key %s in profile %s; %s",
				section.name, profile.name, Hint(section.name, sections))
		}
		if err := p.checkTable(section, example); err != nil {
			return err
		}
	}
	stages, grids := p.root.get("stage"), p.root.get("grid")
	var each []any
	for _, n := range stages.changed(profile.get("stage")) {
		if g := n.get("each"); g != nil {
			each = append(each, g.value)
		}
	}
	for _, n := range profile.get("stage").children() {
		switch {
		case p.root.get("profile").get(n.name) != nil:
			return p.errorAt(n, "stage %s has the name of a profile; call it something else", n.name)
		case stages.get(n.name) == nil && n.isTable && n.get("kind") == nil:
			return p.errorAt(n, "profile %s overrides stage %s, which does not exist, "+
				"and without a kind it is no new one; %s", profile.name, n.name, Hint(n.name, stages.names()))
		}
	}
	for _, n := range profile.get("grid").children() {
		if grids.get(n.name) == nil && !slices.Contains(each, any(n.name)) {
			return p.errorAt(n, "profile %s overrides grid %s, which does not exist, "+
				"and no stage is spread over a new one; %s", profile.name, n.name, Hint(n.name, grids.names()))
		}
	}
	return nil
}

// readProfile joins the paper and one profile's changes.
func (p *Paper) readProfile(changes *node) (*profile, error) {
	pr := &profile{}
	for _, n := range p.root.get("grid").changed(changes.get("grid")) {
		if err := p.checkName(n, "a grid"); err != nil {
			return nil, err
		}
		if !n.isTable && !n.isList {
			return nil, p.errorAt(n, "%s is not a table; write [grid.%s] with axes in it", n.name, n.name)
		}
		g, err := p.readGrid(n)
		if err != nil {
			return nil, err
		}
		pr.grids = append(pr.grids, g)
	}
	for _, n := range p.root.get("stage").changed(changes.get("stage")) {
		if err := p.checkTable(n, "[stage."+n.name+"]"); err != nil {
			return nil, err
		}
		f, err := p.readFamily(p.set(n), pr.grids)
		if err != nil {
			return nil, err
		}
		pr.written = append(pr.written, f)
	}
	pr.families = pr.written[:len(pr.written):len(pr.written)]
	for _, n := range p.root.get("figure").changed(changes.get("figure")) {
		if err := p.checkName(n, "a figure"); err != nil {
			return nil, err
		}
		from, err := p.texts(n, "FAMILY")
		if err != nil {
			return nil, err
		}
		pr.figures = append(pr.figures, n.name)
		pr.families = append(pr.families, &family{
			name: figureKind + "/" + n.name, figure: n.name, node: n, from: from, fromAt: n,
		})
	}
	return pr, p.sortFamilies(pr)
}

func (p *Paper) readFamily(n *node, grids []*grid) (*family, error) {
	if err := p.checkName(n, "a stage"); err != nil {
		return nil, err
	}
	if n.name == figureKind {
		return nil, p.errorAt(n, "stage %s has the name of the figures' folder; call it something else", n.name)
	}
	f := &family{name: n.name, node: n, fromAt: n}
	var over []*node
	var overAt, eachAt *node
	var err error
	for _, k := range n.nodes {
		switch k.name {
		case "kind":
			f.kind = k
			_, err = p.text(k, "KIND")
		case "each":
			eachAt = k
			_, err = p.text(k, "GRID")
		case "over":
			overAt = k
			over, err = p.texts(k, "AXIS")
		case "from":
			f.fromAt = k
			f.from, err = p.texts(k, "FAMILY")
		default:
			f.params = append(f.params, k)
		}
		if err != nil {
			return nil, err
		}
	}
	if f.kind == nil {
		return nil, p.errorAt(n, "stage %s has no kind; write kind = \"KIND\"", n.name)
	}
	if eachAt == nil {
		if overAt != nil {
			return nil, p.errorAt(overAt, "over names axes of the grid in each, and stage %s has no each; "+
				"write each = \"GRID\" or remove over", n.name)
		}
		return f, nil
	}
	return f, p.spread(f, eachAt, overAt, over, grids)
}
