// Package code computes the code digest of a kind of stage: one hash of all that
// its results can depend on in the sources, read from a file system that the
// binary carries, so that it is the same wherever the binary runs.
//
// The digest covers the kind's package and what it imports inside the module,
// without the engine and without tests: each Go file as its syntax tree (see
// encode), assembly and embedded files by content, and the versions of the
// external modules reached. It covers files of every platform alike. The Go
// version and the standard library are not in it.
//
// A file that begins with the line
//
//	//pipeline:variant NAME=VALUE
//
// enters the digest only of stages whose parameter NAME is VALUE, so a loss or a
// figure added in a file of its own leaves the rest as it was. Nothing outside
// the variant may refer to what such a file declares; the package checks this,
// since otherwise a stage could run code that its digest does not cover.
package code

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"sync"
)

// version is hashed first. It changes when the meaning of a digest does, and
// then every stage runs again.
const version = "code digest 1"

// A Digest says which code computes a stage. Its slices are sorted by name and
// shared between callers, who must not write to them.
type Digest struct {
	Sum      string    `json:"sum"` // hex SHA-256 of the rest
	Packages []Package `json:"packages"`
	Modules  []Module  `json:"modules"`
}

// A Package is a package of the module and the files of it that count.
type Package struct {
	Path  string `json:"path"` // import path
	Sum   string `json:"sum"`
	Files []File `json:"files,omitempty"`
}

// A File is one file of a package, or one that the package embeds.
type File struct {
	Name string `json:"name"` // relative to the module's root
	Sum  string `json:"sum"`
}

// A Module is an external module that a package reaches.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"` // with what replaces it, if go.mod says so
}

// A Tree computes digests over one set of sources. It is safe for concurrent
// use. The sources must not change during its life.
type Tree struct {
	src fs.FS
	mod *module

	// mu guards what follows. Misses are computed under it too: they are a few
	// milliseconds for each package, once in the life of a binary.
	mu       sync.Mutex
	packages map[string]*loaded // by import path
	variants map[string]*reach  // by import path
	digests  map[string]Digest  // by import path and choice of variants
}

// loaded is the memoised outcome of reading a package.
type loaded struct {
	*pkg
	err error
}

// reach is what a package's digest can depend on among parameters.
type reach struct {
	names  []string                   // sorted
	values map[string]map[string]bool // the values that files are written for, by name
}

// Load reads go.mod and the table of external packages from src, whose paths are
// relative to the module's root. Packages are read when a digest needs them.
func Load(src fs.FS) (*Tree, error) {
	mod, err := readModule(src)
	if err != nil {
		return nil, err
	}
	return &Tree{
		src:      src,
		mod:      mod,
		packages: make(map[string]*loaded),
		variants: make(map[string]*reach),
		digests:  make(map[string]Digest),
	}, nil
}

// Digest is the code digest of the kind declared in the package with this import
// path, for a stage with these parameters (a string parameter as it is, without
// quotes). Of the parameters only those that variant files name matter. Where
// one of these is missing from params, the files of all its values count: a
// stage that cannot choose may use any.
func (t *Tree) Digest(path string, params map[string]string) (Digest, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, err := t.reach(path)
	if err != nil {
		return Digest{}, fmt.Errorf("code digest of %s: %w", path, err)
	}
	var key strings.Builder
	key.WriteString(path)
	for _, name := range r.names {
		value, given := params[name]
		// Values for which no file is written all select the same code.
		if given && !r.values[name][value] {
			value = ""
		}
		fmt.Fprintf(&key, "\x00%t%s", given, value)
	}
	if d, ok := t.digests[key.String()]; ok {
		return d, nil
	}
	d, err := t.digest(path, params)
	if err != nil {
		return Digest{}, fmt.Errorf("code digest of %s: %w", path, err)
	}
	t.digests[key.String()] = d
	return d, nil
}

// reach finds which variants there are in the closure of a package, all of them
// included. A choice of variants only makes the closure smaller, so the digest
// depends on no other parameter.
func (t *Tree) reach(path string) (*reach, error) {
	if r, ok := t.variants[path]; ok {
		return r, nil
	}
	closure, err := t.closure(path, func(*source) bool { return true })
	if err != nil {
		return nil, err
	}
	r := &reach{values: make(map[string]map[string]bool)}
	for _, p := range closure {
		for _, f := range p.files {
			v := f.variant
			if v.name == "" {
				continue
			}
			if r.values[v.name] == nil {
				r.values[v.name] = make(map[string]bool)
				r.names = append(r.names, v.name)
			}
			r.values[v.name][v.value] = true
		}
	}
	sort.Strings(r.names)
	t.variants[path] = r
	return r, nil
}

func (t *Tree) digest(path string, params map[string]string) (Digest, error) {
	keep := func(f *source) bool {
		value, given := params[f.variant.name]
		return f.variant.name == "" || !given || value == f.variant.value
	}
	closure, err := t.closure(path, keep)
	if err != nil {
		return Digest{}, err
	}
	var d Digest
	modules := make(map[string]string)
	all := sha256.New()
	fmt.Fprintln(all, version)
	for _, p := range closure {
		part := p.part(keep)
		d.Packages = append(d.Packages, part)
		fmt.Fprintf(all, "package %q %s\n", part.Path, part.Sum)
		for _, f := range p.files {
			if !keep(f) {
				continue
			}
			for _, imp := range f.imports {
				if t.mod.origin(imp) != external {
					continue
				}
				if err := t.mod.reached(imp, modules); err != nil {
					return Digest{}, fmt.Errorf("%s imports %s: %w", f.name, imp, err)
				}
			}
		}
	}
	for path, version := range modules {
		d.Modules = append(d.Modules, Module{path, version})
	}
	sort.Slice(d.Modules, func(i, j int) bool { return d.Modules[i].Path < d.Modules[j].Path })
	for _, m := range d.Modules {
		fmt.Fprintf(all, "module %q %q\n", m.Path, m.Version)
	}
	d.Sum = hex.EncodeToString(all.Sum(nil))
	return d, nil
}

// closure returns the package and those it imports in the module through the
// files that keep accepts, the engine left out, sorted by import path.
func (t *Tree) closure(path string, keep func(*source) bool) ([]*pkg, error) {
	switch t.mod.origin(path) {
	case local:
	case engine:
		return nil, fmt.Errorf("the package belongs to the engine, which no digest covers; declare the kind outside %s", t.mod.engine())
	default:
		return nil, fmt.Errorf("not a package of module %s", t.mod.path)
	}
	var out []*pkg
	seen := make(map[string]bool)
	var visit func(path string) error
	visit = func(path string) error {
		if seen[path] {
			return nil
		}
		seen[path] = true
		p, err := t.load(path)
		if err != nil {
			return err
		}
		out = append(out, p)
		for _, f := range p.files {
			if !keep(f) {
				continue
			}
			for _, imp := range f.imports {
				if t.mod.origin(imp) != local {
					continue
				}
				if err := visit(imp); err != nil {
					return fmt.Errorf("%s imports %s: %w", f.name, imp, err)
				}
			}
		}
		return nil
	}
	if err := visit(path); err != nil {
		return nil, err
	}
	sort.Slice(out, func(i, j int) bool { return out[i].path < out[j].path })
	return out, nil
}

// load reads a package once.
func (t *Tree) load(path string) (*pkg, error) {
	l, ok := t.packages[path]
	if !ok {
		p, err := readPackage(t.src, path, t.mod.dir(path))
		l = &loaded{p, err}
		t.packages[path] = l
	}
	return l.pkg, l.err
}

// part hashes the files of a package that keep accepts and what they embed.
func (p *pkg) part(keep func(*source) bool) Package {
	sums := make(map[string]string)
	for _, f := range p.files {
		if keep(f) {
			sums[f.name] = f.sum
		}
	}
	// An embedded file counts by content even if it is a Go file of the package
	// as well: the program can then see its comments.
	for _, f := range p.files {
		if keep(f) {
			for _, e := range f.embeds {
				sums[e.Name] = e.Sum
			}
		}
	}
	out := Package{Path: p.path}
	for name, sum := range sums {
		out.Files = append(out.Files, File{name, sum})
	}
	sort.Slice(out.Files, func(i, j int) bool { return out.Files[i].Name < out.Files[j].Name })
	h := sha256.New()
	for _, f := range out.Files {
		fmt.Fprintf(h, "%q %s\n", f.Name, f.Sum)
	}
	out.Sum = hex.EncodeToString(h.Sum(nil))
	return out
}
