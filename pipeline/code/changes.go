package code

import (
	"fmt"
	"path"
	"sort"
)

// Changes says what differs between an earlier manifest of a stage and its present
// one, a line each: declarations and files where both have them, else packages,
// and modules.
func Changes(old, now Manifest) []string {
	var out []string
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
		case hadIt && hasIt && len(a.Declarations) > 0 && len(b.Declarations) > 0:
			out = append(out, changes(a.sums(), b.sums())...)
		default:
			out = append(out, changes(
				map[string]string{path: a.Sum},
				map[string]string{path: b.Sum})...)
		}
	}
	was, is := make(map[string]string), make(map[string]string)
	for _, m := range old.Modules {
		was[m.Path] = m.Version
	}
	for _, m := range now.Modules {
		is[m.Path] = m.Version
	}
	for path := range union(was, is) {
		switch {
		case was[path] == is[path]:
		case was[path] != "" && is[path] != "":
			out = append(out, fmt.Sprintf("%s %s is now %s", path, was[path], is[path]))
		default:
			out = append(out, changes(
				map[string]string{path: was[path]},
				map[string]string{path: is[path]})...)
		}
	}
	sort.Strings(out)
	return out
}

// changes compares sums by name; an empty sum is none.
func changes(was, is map[string]string) []string {
	var out []string
	for name := range union(was, is) {
		switch {
		case was[name] == is[name]:
		case was[name] == "":
			out = append(out, name+" is new")
		case is[name] == "":
			out = append(out, name+" is gone")
		default:
			out = append(out, name+" changed")
		}
	}
	return out
}

// sums gives what counts of a package, declarations as stages/descent.run. Those of one
// name, which different platforms have, are taken together.
func (p Package) sums() map[string]string {
	out := make(map[string]string)
	for _, d := range p.Declarations {
		out[path.Dir(d.File)+"."+d.Name] += d.Sum
	}
	for _, f := range p.Files {
		out[f.Name] = f.Sum
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
