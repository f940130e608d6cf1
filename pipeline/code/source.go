package code

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"zerotohero/pipeline/digest"
)

// A pkg is a package's sources, reduced to what digests need.
type pkg struct {
	path, name   string
	imports      []imported     // of all its files, sorted
	declarations []*declaration // in the order of files by name
	byName       map[string][]*declaration
	methods      map[string][]*declaration // by the name of their type
	native       []File                    // what the toolchain links in beside Go files
}

// An imported package, and a file that imports it.
type imported struct {
	path, file string
	guessed    string // its presumed package name, if the import gives it none
}

var errNoSources = errors.New("no Go files")

// readPackage reads the package in a folder: its Go files for any platform,
// without tests and generators, and the other files that the toolchain links in.
func readPackage(src fs.FS, mod *module, importPath string) (*pkg, error) {
	dir := mod.dir(importPath)
	names, err := sourceNames(src, dir)
	if err != nil {
		return nil, err
	}
	p := &pkg{path: importPath, byName: make(map[string][]*declaration), methods: make(map[string][]*declaration)}
	fset := token.NewFileSet()
	none := true
	for _, full := range names {
		switch path.Ext(full) {
		case ".go":
			tree, content, err := parseFile(src, fset, full, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			if tree == nil {
				continue
			}
			none = false
			p.name = tree.Name.Name
			if err := p.add(src, fset, full, tree, content); err != nil {
				return nil, err
			}
		case ".s", ".S", ".h", ".syso":
			content, err := fs.ReadFile(src, full)
			if err != nil {
				return nil, err
			}
			p.native = append(p.native, File{full, digest.Hex(content)})
		}
	}
	if none {
		return nil, fmt.Errorf("%w in %s among the sources in the binary; is the folder there, and embedded?",
			errNoSources, dir)
	}
	for _, d := range p.declarations {
		d.of = p
		for _, name := range d.names {
			p.byName[name] = append(p.byName[name], d)
		}
		if d.method != "" {
			p.methods[d.receiver] = append(p.methods[d.receiver], d)
		}
	}
	slices.SortFunc(p.imports, func(a, b imported) int {
		return cmp.Or(
			strings.Compare(a.path, b.path), strings.Compare(a.guessed, b.guessed), strings.Compare(a.file, b.file))
	})
	p.imports = slices.CompactFunc(p.imports, func(a, b imported) bool {
		return a.path == b.path && a.guessed == b.guessed
	})
	return p, nil
}

// sourceNames lists the files of a folder that may belong to a package, sorted.
func sourceNames(src fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(src, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if name := e.Name(); !e.IsDir() && name[0] != '_' && name[0] != '.' && !strings.HasSuffix(name, "_test.go") {
			out = append(out, path.Join(dir, name))
		}
	}
	return out, nil
}

// parseFile reads a Go file; the tree is nil if the file is a generator, which no build
// contains.
func parseFile(src fs.FS, fset *token.FileSet, name string, mode parser.Mode) (*ast.File, []byte, error) {
	content, err := fs.ReadFile(src, name)
	if err != nil {
		return nil, nil, err
	}
	tree, err := parser.ParseFile(fset, name, content, mode|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range directives(tree) {
		if d.header && constraint.IsGoBuild(d.text) {
			// The go command refuses what this cannot parse.
			if x, err := constraint.Parse(d.text); err == nil && needsIgnore(x) {
				return nil, nil, nil
			}
		}
	}
	return tree, content, nil
}

// importsOf lists what the Go files of a folder import.
func importsOf(src fs.FS, dir string) ([]string, error) {
	names, err := sourceNames(src, dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range names {
		if path.Ext(name) != ".go" {
			continue
		}
		tree, _, err := parseFile(src, token.NewFileSet(), name, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return nil, err
		}
		if tree == nil {
			continue
		}
		for _, spec := range tree.Imports {
			if p, err := strconv.Unquote(spec.Path.Value); err == nil {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// add adds the declarations and imports of a file.
func (p *pkg) add(src fs.FS, fset *token.FileSet, name string, tree *ast.File, content []byte) error {
	f, err := newFile(fset, name, tree, content)
	if err != nil {
		return err
	}
	p.imports = append(p.imports, f.imported...)
	list, err := f.declarations(tree)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, d := range list {
		for _, dir := range d.directives {
			args, ok := strings.CutPrefix(dir.text, "//go:embed")
			if !ok || strings.TrimLeft(args, " \t") == args {
				continue
			}
			files, err := embedded(src, path.Dir(name), args)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", fset.Position(dir.pos), dir.text, err)
			}
			d.embeds = append(d.embeds, files...)
		}
	}
	p.declarations = append(p.declarations, list...)
	return nil
}

// newFile reads what the declarations of a file share.
func newFile(fset *token.FileSet, name string, tree *ast.File, content []byte) (*file, error) {
	f := &file{name: name, content: content, header: platform(name), imports: make(map[string]string)}
	for _, spec := range tree.Imports {
		at := fset.Position(spec.Pos())
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: bad import %s", at, spec.Path.Value)
		}
		guessed := packageName(imp)
		local := guessed
		if spec.Name != nil {
			local, guessed = spec.Name.Name, ""
		}
		switch {
		case imp == "C":
			return nil, fmt.Errorf("%s: import \"C\": C code is not covered by code digests; use Go or assembly", at)
		case local == ".":
			return nil, fmt.Errorf("%s: import . %q: code digests follow names, and this hides where names come "+
				"from; import it under a name", at, imp)
		}
		f.imports[local] = imp
		f.imported = append(f.imported, imported{imp, name, guessed})
	}
	for _, d := range directives(tree) {
		switch {
		case strings.HasPrefix(d.text, "//go:linkname"):
			return nil, fmt.Errorf("%s: %s: code digests follow names, and this calls code without one; "+
				"call it by name", fset.Position(d.pos), d.text)
		case d.header:
			f.header += d.text + "\n"
		default:
			f.directives = append(f.directives, d)
		}
	}
	return f, nil
}

// packageName guesses the name of a package from its import path.
func packageName(path string) string {
	elements := strings.Split(path, "/")
	last := elements[len(elements)-1]
	if len(elements) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		last = elements[len(elements)-2]
	}
	if before, version, ok := strings.Cut(last, ".v"); ok && strings.Trim(version, "0123456789") == "" {
		last = before
	}
	return strings.TrimPrefix(strings.TrimSuffix(last, "-go"), "go-")
}

// platform is the part of a file's name that selects platforms.
func platform(name string) string {
	parts := strings.Split(strings.TrimSuffix(path.Base(name), ".go"), "_")
	var out []string
	for _, part := range parts[1:] {
		if slices.Contains(platforms, part) {
			out = append(out, part)
		}
	}
	return strings.Join(out, "_") + "\n"
}

// platforms are the values of GOOS and GOARCH that file names may have.
var platforms = strings.Fields(`aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd
	openbsd plan9 solaris wasip1 windows zos 386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle
	mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm`)

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
			out = append(out, File{name, digest.Hex(content)})
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
			return nil, fmt.Errorf("no file matches %s among the sources in the binary; embed what it names there too",
				pattern)
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
