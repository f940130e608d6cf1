package code

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
)

// A pkg is a package's sources, reduced to what digests need.
type pkg struct {
	path  string
	files []*source // sorted by name
}

// A source is a file of a package.
type source struct {
	name    string // relative to the module's root
	sum     string
	variant variant
	imports []string // sorted
	embeds  []File
}

// A parsed file is a source whose tree is still needed to check its package.
type parsed struct {
	*source
	tree *ast.File
}

var errNoSources = errors.New("no Go files")

// readPackage reads the package in a folder: its Go files for any platform,
// without tests and generators, and the other files that the toolchain links in.
func readPackage(src fs.FS, importPath, dir string) (*pkg, error) {
	entries, err := fs.ReadDir(src, dir)
	if errors.Is(err, fs.ErrNotExist) {
		entries = nil
	} else if err != nil {
		return nil, err
	}
	p := &pkg{path: importPath}
	fset := token.NewFileSet()
	var trees []parsed
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || name[0] == '_' || name[0] == '.' || strings.HasSuffix(name, "_test.go") {
			continue
		}
		full := path.Join(dir, name)
		switch path.Ext(name) {
		case ".go":
			f, err := readGo(src, fset, full)
			if err != nil {
				return nil, err
			}
			if f.source != nil {
				trees = append(trees, f)
				p.files = append(p.files, f.source)
			}
		case ".s", ".S", ".h", ".syso":
			content, err := fs.ReadFile(src, full)
			if err != nil {
				return nil, err
			}
			p.files = append(p.files, &source{name: full, sum: sum(content)})
		}
	}
	if len(trees) == 0 {
		return nil, fmt.Errorf("%w in %s among the sources in the binary; is the folder there, and embedded?", errNoSources, dir)
	}
	sort.Slice(p.files, func(i, j int) bool { return p.files[i].name < p.files[j].name })
	return p, checkVariants(importPath, fset, trees)
}

// readGo reads a Go file; the source is nil if the file is a generator, which no
// build contains.
func readGo(src fs.FS, fset *token.FileSet, name string) (parsed, error) {
	content, err := fs.ReadFile(src, name)
	if err != nil {
		return parsed{}, err
	}
	tree, err := parser.ParseFile(fset, name, content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return parsed{}, err
	}
	f := &source{name: name}
	dirs := directives(tree)
	for _, d := range dirs {
		if d.header && constraint.IsGoBuild(d.text) {
			// The go command refuses what this cannot parse.
			if x, err := constraint.Parse(d.text); err == nil && needsIgnore(x) {
				return parsed{}, nil
			}
		}
	}
	if f.variant, err = fileVariant(fset, tree); err != nil {
		return parsed{}, err
	}
	for _, spec := range tree.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return parsed{}, fmt.Errorf("%s: bad import %s", fset.Position(spec.Pos()), spec.Path.Value)
		}
		if p == "C" {
			return parsed{}, fmt.Errorf("%s: import \"C\": C code is not covered by code digests; use Go or assembly", fset.Position(spec.Pos()))
		}
		f.imports = append(f.imports, p)
	}
	sort.Strings(f.imports)
	enc, err := encode(tree, dirs)
	if err != nil {
		return parsed{}, fmt.Errorf("%s: %w", name, err)
	}
	f.sum = sum(enc)
	for _, d := range dirs {
		args, ok := strings.CutPrefix(d.text, "//go:embed")
		if !ok || strings.TrimLeft(args, " \t") == args {
			continue
		}
		files, err := embedded(src, path.Dir(name), args)
		if err != nil {
			return parsed{}, fmt.Errorf("%s: %s: %w", fset.Position(d.pos), d.text, err)
		}
		f.embeds = append(f.embeds, files...)
	}
	return parsed{f, tree}, nil
}

// needsIgnore reports whether a build constraint cannot hold without the tag
// "ignore", by which the convention keeps generators out of packages.
func needsIgnore(x constraint.Expr) bool {
	switch x := x.(type) {
	case *constraint.TagExpr:
		return x.Tag == "ignore"
	case *constraint.AndExpr:
		return needsIgnore(x.X) || needsIgnore(x.Y)
	case *constraint.OrExpr:
		return needsIgnore(x.X) && needsIgnore(x.Y)
	}
	return false
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

// embedded returns the files that a go:embed directive in dir names, by the rules
// of package embed.
func embedded(src fs.FS, dir, args string) ([]File, error) {
	patterns, err := embedPatterns(args)
	if err != nil {
		return nil, err
	}
	var out []File
	add := func(name string) error {
		content, err := fs.ReadFile(src, name)
		if err == nil {
			out = append(out, File{name, sum(content)})
		}
		return err
	}
	root, err := fs.Sub(src, dir)
	if err != nil {
		return nil, err
	}
	for _, pattern := range patterns {
		glob, hidden := strings.CutPrefix(pattern, "all:")
		if !fs.ValidPath(glob) {
			return nil, fmt.Errorf("bad pattern %s", pattern)
		}
		// Globbing below dir keeps a folder's name from being read as a pattern.
		matches, err := fs.Glob(root, glob)
		if err != nil {
			return nil, fmt.Errorf("pattern %s: %w", pattern, err)
		}
		found := len(out)
		for _, m := range matches {
			top := path.Join(dir, m)
			err := fs.WalkDir(src, top, func(name string, d fs.DirEntry, err error) error {
				switch {
				case err != nil:
					return err
				case name != top && !hidden && (d.Name()[0] == '.' || d.Name()[0] == '_'):
					if d.IsDir() {
						return fs.SkipDir
					}
					return nil
				case !d.IsDir():
					return add(name)
				}
				if _, err := fs.Stat(src, path.Join(name, "go.mod")); err == nil {
					return fs.SkipDir // another module
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
		if len(out) == found {
			return nil, fmt.Errorf("no file matches %s among the sources in the binary; embed what it names there too", pattern)
		}
	}
	return out, nil
}

// embedPatterns splits the arguments of a go:embed directive: words separated by
// blanks, of which some may be Go strings.
func embedPatterns(args string) ([]string, error) {
	var out []string
	for args = strings.TrimSpace(args); args != ""; args = strings.TrimSpace(args) {
		if args[0] != '"' && args[0] != '`' {
			end := strings.IndexAny(args, " \t")
			if end < 0 {
				end = len(args)
			}
			out = append(out, args[:end])
			args = args[end:]
			continue
		}
		quoted, err := strconv.QuotedPrefix(args)
		if err != nil {
			return nil, fmt.Errorf("bad quoted pattern in %s", args)
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, fmt.Errorf("bad quoted pattern %s", quoted)
		}
		out = append(out, word)
		args = args[len(quoted):]
	}
	return out, nil
}

// External lists the packages outside the module and the standard library that
// packages below these folders import, on any platform and in any variant.
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
			if base := d.Name(); name != "." && (base[0] == '.' || base[0] == '_') || base == "testdata" || t.mod.origin(importPath) == engine {
				return fs.SkipDir
			}
			p, err := t.load(importPath)
			if errors.Is(err, errNoSources) {
				return nil
			}
			if err != nil {
				return err
			}
			for _, f := range p.files {
				for _, imp := range f.imports {
					if t.mod.origin(imp) == external {
						found[imp] = true
					}
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	out := make([]string, 0, len(found))
	for path := range found {
		out = append(out, path)
	}
	sort.Strings(out)
	return out, nil
}
