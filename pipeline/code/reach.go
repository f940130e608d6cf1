package code

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/token"
	"slices"
	"sort"
	"strings"
)

// A reach finds the declarations that count for one digest.
type reach struct {
	tree     *Tree
	packages map[string]*pkg
	counted  map[*declaration]bool
	queue    []*declaration // counted, and not followed yet
	selected map[string]bool
	types    []reachedType
	native   map[*pkg]bool // a function without a body is reached
}

// A reachedType is a type that a reached declaration declares.
type reachedType struct {
	of   *pkg
	name string
}

func newReach(t *Tree) *reach {
	return &reach{
		tree:     t,
		packages: make(map[string]*pkg),
		counted:  make(map[*declaration]bool),
		selected: make(map[string]bool),
		native:   make(map[*pkg]bool),
	}
}

// load takes in a package and those that it imports, with what runs when they are
// initialised.
func (r *reach) load(path string) error {
	if r.packages[path] != nil {
		return nil
	}
	p, err := r.tree.load(path)
	if err != nil {
		return err
	}
	r.packages[path] = p
	for _, imp := range p.imports {
		if r.tree.mod.origin(imp.path) != local {
			continue
		}
		if err := r.load(imp.path); err != nil {
			return fmt.Errorf("%s imports %s: %w", imp.file, imp.path, err)
		}
		if name := r.packages[imp.path].name; imp.guessed != "" && imp.guessed != name {
			return fmt.Errorf("%s imports %s, whose name is %s: code digests follow names, and take it for %s; "+
				"import it as %s %q",
				imp.file, imp.path, name, imp.guessed, name, imp.path)
		}
	}
	for _, d := range p.declarations {
		if d.initial {
			r.count(d)
		}
	}
	return nil
}

// enter counts a function of a package, or all of the package.
func (r *reach) enter(path, function string) error {
	p := r.packages[path]
	if function == "" {
		for _, d := range p.declarations {
			r.count(d)
		}
		return nil
	}
	if len(p.byName[function]) == 0 {
		return fmt.Errorf("there is no function %s among its sources in the binary", function)
	}
	r.name(p, function)
	return nil
}

func (r *reach) count(d *declaration) {
	if !r.counted[d] {
		r.counted[d] = true
		r.queue = append(r.queue, d)
	}
}

// name counts what a package declares under a name.
func (r *reach) name(p *pkg, name string) {
	for _, d := range p.byName[name] {
		r.count(d)
	}
}

// planning are methods that only planning calls, unless reached code selects them.
var planning = map[string]bool{"Validate": true, "Accepts": true, "Cost": true}

// follow counts what is reached from all that counts so far.
func (r *reach) follow() {
	for len(r.queue) > 0 {
		d := r.queue[len(r.queue)-1]
		r.queue = r.queue[:len(r.queue)-1]
		for _, name := range d.names {
			if d.isType {
				r.reachType(d.of, name)
			}
		}
		if d.bodyless {
			r.native[d.of] = true
		}
		for _, name := range d.local {
			r.name(d.of, name)
		}
		for _, q := range d.qualified {
			if p := r.packages[q.path]; p != nil {
				r.name(p, q.name)
			}
		}
		for _, name := range d.selected {
			r.selectName(name)
		}
	}
}

func (r *reach) reachType(p *pkg, name string) {
	r.types = append(r.types, reachedType{p, name})
	for _, m := range p.methods[name] {
		if token.IsExported(m.method) && !planning[m.method] || r.selected[m.method] {
			r.count(m)
		}
	}
}

func (r *reach) selectName(name string) {
	if r.selected[name] {
		return
	}
	r.selected[name] = true
	if token.IsExported(name) && !planning[name] {
		return // counted with their types
	}
	for _, t := range r.types {
		for _, m := range t.of.methods[t.name] {
			if m.method == name {
				r.count(m)
			}
		}
	}
}

// part lists what counts of a package: what runs at initialisation in its order, the rest
// by name.
func (r *reach) part(p *pkg) Package {
	out := Package{Path: p.path}
	h := sha256.New()
	files := make(map[string]string)
	for _, d := range p.declarations {
		if !r.counted[d] {
			continue
		}
		if d.initial {
			fmt.Fprintf(h, "initial %q %s\n", d.name, d.sum)
		}
		out.Declarations = append(out.Declarations, Declaration{d.name, d.file, d.sum})
		for _, e := range d.embeds {
			files[e.Name] = e.Sum
		}
	}
	sort.SliceStable(out.Declarations, func(i, j int) bool {
		a, b := out.Declarations[i], out.Declarations[j]
		return strings.Compare(a.Name, b.Name) < 0 || a.Name == b.Name && a.Sum < b.Sum
	})
	for _, d := range out.Declarations {
		fmt.Fprintf(h, "%q %s\n", d.Name, d.Sum)
	}
	if r.native[p] {
		for _, f := range p.native {
			files[f.Name] = f.Sum
		}
	}
	for name, sum := range files {
		out.Files = append(out.Files, File{name, sum})
	}
	slices.SortFunc(out.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range out.Files {
		fmt.Fprintf(h, "file %q %s\n", f.Name, f.Sum)
	}
	out.Sum = hex.EncodeToString(h.Sum(nil))
	return out
}
