package code

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"
)

// A Change is a difference between two manifests.
type Change struct {
	Unit    Unit
	Name    string // stages/descent.run, or the path of a file, package or module
	Package string // import path, of a declaration or a file

	// Old and New are the sums before and after, of a module its version; none where there is
	// no such thing. Declarations of one name, which different platforms have, are one change.
	Old, New []string
}

// A Unit is what changes as a whole.
type Unit string

const (
	OfDeclaration Unit = "declaration"
	OfFile        Unit = "file"
	OfPackage     Unit = "package" // that counts for one manifest only, or whose declarations are not listed
	OfModule      Unit = "module"
)

// How says in a word what became of it.
func (c Change) How() string {
	switch {
	case len(c.Old) == 0:
		return "new"
	case len(c.New) == 0:
		return "gone"
	}
	return "changed"
}

func (c Change) String() string {
	switch how := c.How(); {
	case how != "changed":
		return c.Name + " is " + how
	case c.Unit == OfModule:
		return fmt.Sprintf("%s %s is now %s", c.Name, c.Old[0], c.New[0])
	}
	return c.Name + " changed"
}

// Changes says what differs between an earlier manifest of a stage and its present
// one, a line each; see Compare.
func Changes(old, now Manifest) []string {
	var out []string
	for _, c := range Compare(old, now) {
		out = append(out, c.String())
	}
	return out
}

// Compare lists what differs between an earlier manifest and a later one: declarations and
// files where both have them, else packages, and modules.
func Compare(old, now Manifest) []Change {
	var out []Change
	before := make(map[string]Package, len(old.Packages))
	for _, p := range old.Packages {
		before[p.Path] = p
	}
	after := make(map[string]Package, len(now.Packages))
	for _, p := range now.Packages {
		after[p.Path] = p
	}
	for path := range union(before, after) {
		a, hadIt := before[path]
		b, hasIt := after[path]
		switch {
		case hadIt && hasIt && a.Sum == b.Sum:
		case len(a.Declarations) > 0 && len(b.Declarations) > 0:
			out = append(out, changes(OfDeclaration, path, a.declarations(), b.declarations())...)
			out = append(out, changes(OfFile, path, a.files(), b.files())...)
		default:
			out = append(out, changes(OfPackage, "", one(path, a.Sum), one(path, b.Sum))...)
		}
	}
	was, is := make(map[string][]string), make(map[string][]string)
	for _, m := range old.Modules {
		was[m.Path] = []string{m.Version}
	}
	for _, m := range now.Modules {
		is[m.Path] = []string{m.Version}
	}
	out = append(out, changes(OfModule, "", was, is)...)
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// one is a single sum, none if that is empty.
func one(name, sum string) map[string][]string {
	if sum == "" {
		return nil
	}
	return map[string][]string{name: {sum}}
}

// changes compares sums by name.
func changes(unit Unit, pkg string, was, is map[string][]string) []Change {
	var out []Change
	for name := range union(was, is) {
		if !slices.Equal(was[name], is[name]) {
			out = append(out, Change{unit, name, pkg, was[name], is[name]})
		}
	}
	return out
}

// declarations gives the sums of what counts of a package, by names as stages/descent.run.
func (p Package) declarations() map[string][]string {
	out := make(map[string][]string)
	for _, d := range p.Declarations {
		name := path.Dir(d.File) + "." + d.Name
		out[name] = append(out[name], d.Sum)
	}
	for _, sums := range out {
		sort.Strings(sums)
	}
	return out
}

func (p Package) files() map[string][]string {
	out := make(map[string][]string)
	for _, f := range p.Files {
		out[f.Name] = []string{f.Sum}
	}
	return out
}

func union[V any](a, b map[string]V) map[string]bool {
	out := make(map[string]bool, len(a)+len(b))
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}
