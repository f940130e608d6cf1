// Package code computes the code digest of a stage: one hash of all that its artifact
// can depend on in the sources, read from a file system that the binary carries, so that
// it is the same wherever the binary runs.
//
// The unit is the declaration: a function, method, type, variable or constant of a
// package of the module, without the engine and without tests, as its syntax tree (see
// encoder). A digest covers
//
//   - the function that computes the kind's artifacts, and what it reaches;
//   - the packages of what the stage's parameters choose: all that runs when they are
//     initialised, and what that reaches;
//   - of every package that these import: all that runs when it is initialised, and what
//     that reaches;
//   - the versions of the external modules that these packages import.
//
// What a declaration reaches is found by names alone, without types, and too much rather
// than too little: a name counts for the declarations of that name in the package,
// whether or not a local one shadows it. Of a type that is reached every exported method
// counts, since an interface or reflection may call it, and every other method whose name
// is selected somewhere in what is reached. The methods Validate, Accepts and Cost of
// parameter structs are for planning: they count only where they are selected. Files of
// every platform count alike. A variable runs at initialisation if its value is computed by a
// call that is not known to be harmless (see effects).
//
// Assembly counts with a package of which a function without a body is reached, an
// embedded file with its variable. The Go version and the standard library do not count,
// nor do arguments that only describe: the help and default of a parameter, the
// description in a call of pipeline.Register.
package code

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"zerotohero/pipeline/digest"
)

// version is hashed first. It changes when the meaning of a digest does, and
// then every stage runs again.
const version = "code digest 2"

// A Manifest lists the code that computes a stage. Its slices are sorted by name and
// shared between callers, who must not write to them.
type Manifest struct {
	Sum      digest.Code `json:"sum"` // the code digest: of the rest
	Packages []Package   `json:"packages"`
	Modules  []Module    `json:"modules"`
}

// A Package is a package of the module and what of it counts.
type Package struct {
	Path         string        `json:"path"` // import path
	Sum          string        `json:"sum"`
	Declarations []Declaration `json:"declarations,omitempty"`
	Files        []File        `json:"files,omitempty"` // assembly and embedded files
}

// A Declaration is one that counts: "run", "Params", "Params.M", "init".
type Declaration struct {
	Name string `json:"name"`
	File string `json:"file"` // relative to the module's root
	Sum  string `json:"sum"`
}

// A File is one that counts by its content.
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

	mu        sync.Mutex // guards what follows; misses are computed under it
	packages  map[string]*loaded
	manifests map[string]Manifest
	sums      map[string]digest.Code // by question; of manifests, and those of UseSums
	texts     map[string][]byte      // of declarations, by package and sum; see declarationText
}

// loaded is the memoised outcome of reading a package.
type loaded struct {
	*pkg
	err error
}

// Load reads go.mod and the table of external packages from src, whose paths are
// relative to the module's root. Packages are read when a digest needs them.
func Load(src fs.FS) (*Tree, error) {
	mod, err := readModule(src)
	if err != nil {
		return nil, err
	}
	return newTree(src, mod), nil
}

func newTree(src fs.FS, mod *module) *Tree {
	return &Tree{
		src:       src,
		mod:       mod,
		packages:  make(map[string]*loaded),
		manifests: make(map[string]Manifest),
		sums:      make(map[string]digest.Code),
		texts:     make(map[string][]byte),
	}
}

// question names a manifest: package, function and choices, with blanks between.
func question(pkg, function string, choices []string) string {
	return pkg + " " + function + " " + strings.Join(choices, " ")
}

// CheckSums computes the sums that the tree knows again and says which are not so.
func (t *Tree) CheckSums() []error {
	sums := t.Sums()
	fresh := newTree(t.src, t.mod)
	var out []error
	for _, q := range slices.Sorted(maps.Keys(sums)) {
		part := strings.SplitN(q, " ", 3)
		if len(part) < 3 {
			out = append(out, fmt.Errorf("%q is not the name of a code digest", q))
			continue
		}
		sum, err := fresh.Digest(part[0], part[1], strings.Fields(part[2]))
		if err == nil && sum != sums[q] {
			err = fmt.Errorf("the code digest of %s.%s is remembered as %s, and is %s", part[0], part[1], sums[q], sum)
		}
		if err != nil {
			out = append(out, err)
		}
	}
	return out
}

// Digest is the code digest of a stage; for the arguments see Manifest.
func (t *Tree) Digest(pkg, function string, choices []string) (digest.Code, error) {
	q := question(pkg, function, choices)
	t.mu.Lock()
	sum, ok := t.sums[q]
	t.mu.Unlock()
	if ok {
		return sum, nil
	}
	m, err := t.Manifest(pkg, function, choices)
	return m.Sum, err
}

// Manifest lists the code of a stage whose artifact a function of a package computes,
// by its import path, or of which all of the package counts if function is empty; choices
// are the import paths of the packages behind what its parameters choose, sorted.
func (t *Tree) Manifest(pkg, function string, choices []string) (Manifest, error) {
	q := question(pkg, function, choices)
	t.mu.Lock()
	defer t.mu.Unlock()
	if m, ok := t.manifests[q]; ok {
		return m, nil
	}
	m, err := t.manifest(pkg, function, choices)
	if err != nil {
		return Manifest{}, fmt.Errorf("code digest of %s: %w", pkg, err)
	}
	t.manifests[q] = m
	// One of UseSums stays, right or wrong, so that all of a plan has the same.
	if _, ok := t.sums[q]; !ok {
		t.sums[q] = m.Sum
	}
	return m, nil
}

// UseSums gives the tree sums that an earlier one had of the same sources (see Sources),
// so that it need not read them.
func (t *Tree) UseSums(sums map[string]digest.Code) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.Copy(t.sums, sums)
}

// Sums are those that the tree knows, those of UseSums among them.
func (t *Tree) Sums() map[string]digest.Code {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.sums)
}

// Sources is a hash of all that digests are made of: names and contents of the sources.
func (t *Tree) Sources() (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, version)
	err := eachSource(t.src, func(name string) error {
		content, err := fs.ReadFile(t.src, name)
		if err == nil {
			fmt.Fprintf(h, "%q %d\n", name, len(content))
			h.Write(content)
		}
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// eachSource calls f for the files of a set of sources that are not tests.
func eachSource(src fs.FS, f func(name string) error) error {
	return fs.WalkDir(src, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
			return err
		}
		return f(name)
	})
}

func (t *Tree) manifest(pkg, function string, choices []string) (Manifest, error) {
	r := newReach(t)
	for _, path := range append([]string{pkg}, choices...) {
		if err := t.checkOwn(path); err != nil {
			return Manifest{}, err
		}
		if err := r.load(path); err != nil {
			return Manifest{}, err
		}
	}
	if err := r.enter(pkg, function); err != nil {
		return Manifest{}, err
	}
	r.follow()
	var out Manifest
	modules := make(map[string]string)
	all := sha256.New()
	fmt.Fprintln(all, version)
	for _, path := range slices.Sorted(maps.Keys(r.packages)) {
		p := r.packages[path]
		part := r.part(p)
		if len(part.Declarations)+len(part.Files) > 0 {
			out.Packages = append(out.Packages, part)
			fmt.Fprintf(all, "package %q %s\n", part.Path, part.Sum)
		}
		for _, imp := range p.imports {
			if t.mod.origin(imp.path) != external {
				continue
			}
			if err := t.mod.reached(imp.path, modules); err != nil {
				return Manifest{}, fmt.Errorf("%s imports %s: %w", imp.file, imp.path, err)
			}
		}
	}
	for path, version := range modules {
		out.Modules = append(out.Modules, Module{path, version})
	}
	slices.SortFunc(out.Modules, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	for _, m := range out.Modules {
		fmt.Fprintf(all, "module %q %q\n", m.Path, m.Version)
	}
	out.Sum = digest.Code(hex.EncodeToString(all.Sum(nil)))
	return out, nil
}

// Has reports whether the tree has the sources of a package of the module.
func (t *Tree) Has(path string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, err := t.load(path)
	return t.mod.origin(path) == local && !errors.Is(err, errNoSources)
}

// checkOwn wants a package to be one whose code counts.
func (t *Tree) checkOwn(path string) error {
	switch t.mod.origin(path) {
	case local:
		return nil
	case engine:
		return fmt.Errorf("the package %s belongs to the engine, which no digest covers; "+
			"declare kinds and choices outside %s",
			path, enginePath)
	}
	return fmt.Errorf("%s is not a package of module %s", path, t.mod.path)
}

// load reads a package once.
func (t *Tree) load(path string) (*pkg, error) {
	l, ok := t.packages[path]
	if !ok {
		p, err := readPackage(t.src, t.mod, path)
		l = &loaded{p, err}
		t.packages[path] = l
	}
	return l.pkg, l.err
}

// External lists the packages outside the module and the standard library that
// packages below these folders import, on any platform.
func (t *Tree) External(dirs ...string) ([]string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := make(map[string]bool)
	for _, dir := range dirs {
		err := fs.WalkDir(t.src, path.Clean(dir), func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			importPath := path.Join(t.mod.path, name)
			base := d.Name()
			ignored := name != "." && (base[0] == '.' || base[0] == '_') || base == "testdata"
			if ignored || t.mod.origin(importPath) == engine {
				return fs.SkipDir
			}
			imports, err := importsOf(t.src, name)
			for _, imp := range imports {
				if t.mod.origin(imp) == external {
					found[imp] = true
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}
