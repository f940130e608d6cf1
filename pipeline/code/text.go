package code

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"zerotohero/pipeline/digest"
)

// An excerpt is where a declaration stands in its file.
type excerpt struct {
	file     *file
	doc      *ast.CommentGroup
	keyword  token.Token // of a specification that is written without it, else ILLEGAL
	from, to int         // offsets in the file
	imports  map[string]string
}

func (f *file) excerpt(tree *ast.File, p part) excerpt {
	x := excerpt{file: f, keyword: p.keyword, doc: p.doc,
		from: int(p.node.Pos() - tree.FileStart), to: int(p.node.End() - tree.FileStart)}
	switch n := p.node.(type) {
	case *ast.FuncDecl:
		x.doc = n.Doc
	case *ast.TypeSpec:
		x.doc = cmp.Or(n.Doc, p.doc)
	case *ast.ValueSpec:
		x.doc = cmp.Or(n.Doc, p.doc)
	case *ast.GenDecl:
		x.doc, x.keyword = n.Doc, token.ILLEGAL
	}
	return x
}

// text is the declaration as a file of its own, from which CheckText computes its sum again:
//
//	// stages/descent/descent.go
//
//	package descent
//
//	import "example/stages/loss"
//
//	// run …
//	func run(p Params) { … }
//
// It has what the sum covers, with the name of the file for its platforms, and the comments,
// which the sum does not.
func (d *declaration) text() []byte {
	x := d.source
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s\n\n", d.file)
	if _, constraints, _ := strings.Cut(x.file.header, "\n"); constraints != "" {
		fmt.Fprintf(&b, "%s\n", constraints)
	}
	fmt.Fprintf(&b, "package %s\n\n", d.of.name)
	for _, name := range slices.Sorted(maps.Keys(x.imports)) {
		if path := x.imports[name]; name == packageName(path) {
			fmt.Fprintf(&b, "import %q\n", path)
		} else {
			fmt.Fprintf(&b, "import %s %q\n", name, path)
		}
	}
	if len(x.imports) > 0 {
		b.WriteByte('\n')
	}
	if x.doc != nil {
		for _, c := range x.doc.List {
			if !strings.HasPrefix(c.Text, "//go:") {
				fmt.Fprintln(&b, c.Text)
			}
		}
	}
	for _, dir := range d.directives {
		fmt.Fprintln(&b, dir.text)
	}
	if x.keyword != token.ILLEGAL {
		fmt.Fprintf(&b, "%s ", x.keyword)
	}
	b.Write(x.file.content[x.from:x.to])
	b.WriteByte('\n')
	return b.Bytes()
}

// CheckText wants a text of Texts to be that of a sum.
func CheckText(sum string, text []byte) error {
	if digest.Hex(text) == sum {
		return nil // of a file
	}
	is, err := sumOf(text)
	if err == nil && is != sum {
		err = fmt.Errorf("it is the source of another declaration, %.12s", is)
	}
	return err
}

// sumOf is the sum of the declaration that a text is of.
func sumOf(text []byte) (string, error) {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	name, ok := strings.CutPrefix(string(first), "// ")
	if !ok {
		return "", fmt.Errorf("it is not the source of a declaration")
	}
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	f, err := newFile(fset, name, tree, text)
	if err != nil {
		return "", err
	}
	list, err := f.declarations(tree)
	if err != nil {
		return "", err
	}
	if len(list) != 1 {
		return "", fmt.Errorf("it has %d declarations, not one", len(list))
	}
	return list[0].sum, nil
}

// Texts gives the sources of what counts of a package in a manifest of the tree, each by its
// sum: of a declaration a file that has it alone (see CheckText), else the file. Left out is a
// declaration whose sum does not follow from its own source, as it holds a directive for the
// next one, and a file that is no text.
func (t *Tree) Texts(p Package) (map[string][]byte, error) {
	out := make(map[string][]byte, len(p.Declarations)+len(p.Files))
	for _, d := range p.Declarations {
		text, err := t.declarationText(p.Path, d)
		if err != nil {
			return nil, err
		}
		if text != nil {
			out[d.Sum] = text
		}
	}
	for _, f := range p.Files {
		text, err := fs.ReadFile(t.src, f.Name)
		if err != nil {
			return nil, err
		}
		if utf8.Valid(text) && CheckText(f.Sum, text) == nil {
			out[f.Sum] = text
		}
	}
	return out, nil
}

// declarationText is the source of a declaration, nil if the tree has none from which its sum
// follows.
func (t *Tree) declarationText(pkg string, want Declaration) ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := pkg + " " + want.Sum
	if text, ok := t.texts[key]; ok {
		return text, nil
	}
	p, err := t.load(pkg)
	if err != nil {
		return nil, err
	}
	for _, d := range p.declarations {
		if d.sum != want.Sum || d.name != want.Name {
			continue
		}
		text := d.text()
		if CheckText(want.Sum, text) != nil {
			text = nil
		}
		t.texts[key] = text
		return text, nil
	}
	return nil, nil
}
