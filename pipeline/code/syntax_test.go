package code

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// packages of the standard library on which encode is tried. Together they use
// all of the language, generics included.
var packages = []string{"sort", "slices", "go/ast", "go/printer", "go/types", "iter", "reflect", "runtime",
	"strconv", "text/template/parse"}

func standardFiles(t *testing.T, dirs []string) []string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(root)), "src", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s: %v", dir, err)
		}
		out = append(out, files...)
	}
	return out
}

func parse(t *testing.T, name string, src any, mode parser.Mode) (*token.FileSet, *ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, mode|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return fset, f
}

// encoded is what the sums of a file's declarations are made of, imports as its first.
func encoded(t *testing.T, f *ast.File) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, spec := range f.Imports {
		fmt.Fprintf(&out, "import %v %s\n", spec.Name, spec.Path.Value)
	}
	of := &file{imports: map[string]string{}}
	for _, d := range directives(f) {
		if !d.header {
			of.directives = append(of.directives, d)
		}
	}
	list, err := of.declarations(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		fmt.Fprintln(&out, d.name, d.sum)
	}
	return out.Bytes()
}

// TestFormatting checks on real files that gofmt leaves the encoding as it is,
// and so does printing without comments in another layout, directives apart.
func TestFormatting(t *testing.T) {
	for _, name := range standardFiles(t, packages) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, f := parse(t, name, content, parser.ParseComments)
		want := encoded(t, f)
		// Windows line ends and an indented copy, put right by gofmt.
		for _, src := range [][]byte{content, bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n"))} {
			formatted, err := format.Source(src)
			if err != nil {
				t.Fatal(err)
			}
			_, again := parse(t, name, formatted, parser.ParseComments)
			if !bytes.Equal(want, encoded(t, again)) {
				t.Errorf("%s: formatting changed the encoding", name)
			}
		}
		fset, bare := parse(t, name, content, 0)
		var printed bytes.Buffer
		if err := (&printer.Config{Tabwidth: 3, Indent: 2}).Fprint(&printed, fset, bare); err != nil {
			t.Fatal(err)
		}
		_, again := parse(t, name, printed.Bytes(), 0)
		if !bytes.Equal(encoded(t, bare), encoded(t, again)) {
			t.Errorf("%s: printing without comments changed the encoding", name)
		}
	}
}

// TestMutations checks on real files that every token counts, that each
// declaration's optional and listed parts do, and that taking a change back
// takes it back in the encoding.
func TestMutations(t *testing.T) {
	total := 0
	for _, name := range standardFiles(t, []string{"sort", "go/ast", "go/parser", "iter", "text/template/parse"}) {
		fset, f := parse(t, name, nil, 0)
		for _, decl := range f.Decls {
			if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.IMPORT {
				continue
			}
			one := &ast.File{Name: f.Name, Decls: []ast.Decl{decl}}
			want := encoded(t, one)
			ast.Inspect(decl, func(n ast.Node) bool {
				for _, m := range mutations(n) {
					total++
					m.do()
					if bytes.Equal(want, encoded(t, one)) {
						t.Errorf("%s: a mutation of %T changed nothing", fset.Position(n.Pos()), n)
					}
					m.undo()
				}
				return true
			})
			if !bytes.Equal(want, encoded(t, one)) {
				t.Errorf("%s: mutations were not taken back", fset.Position(decl.Pos()))
			}
		}
	}
	if total < 10000 {
		t.Errorf("only %d mutations tried", total)
	}
}

type mutation struct{ do, undo func() }

// set is the mutation that gives *p another value.
func set[T any](p *T, to T) mutation {
	old := *p
	return mutation{func() { *p = to }, func() { *p = old }}
}

// drop is a mutation for each element of a list, which removes it.
func drop[T any](p *[]T) []mutation {
	var out []mutation
	old := *p
	for i := range old {
		out = append(out, set(p, append(append([]T(nil), old[:i]...), old[i+1:]...)))
	}
	return out
}

func toggle(p token.Pos) token.Pos {
	if p.IsValid() {
		return token.NoPos
	}
	return 1
}

func another(tok, a, b token.Token) token.Token {
	if tok == a {
		return b
	}
	return a
}

// mutations lists changes to one node that make another program of it.
func mutations(n ast.Node) []mutation {
	switch n := n.(type) {
	case *ast.Ident:
		return []mutation{set(&n.Name, n.Name+"x")}
	case *ast.BasicLit:
		return []mutation{set(&n.Value, n.Value+"1"), set(&n.Kind, another(n.Kind, token.INT, token.FLOAT))}
	case *ast.BinaryExpr:
		out := []mutation{set(&n.Op, another(n.Op, token.XOR, token.OR))}
		if x, ok := n.X.(*ast.Ident); ok {
			if y, ok := n.Y.(*ast.Ident); !ok || y.Name != x.Name {
				out = append(out, mutation{func() { n.X, n.Y = n.Y, n.X }, func() { n.X, n.Y = n.Y, n.X }})
			}
		}
		return out
	case *ast.UnaryExpr:
		return []mutation{set(&n.Op, another(n.Op, token.SUB, token.XOR))}
	case *ast.AssignStmt:
		return []mutation{set(&n.Tok, another(n.Tok, token.ASSIGN, token.DEFINE))}
	case *ast.IncDecStmt:
		return []mutation{set(&n.Tok, another(n.Tok, token.INC, token.DEC))}
	case *ast.BranchStmt:
		return []mutation{set(&n.Tok, another(n.Tok, token.BREAK, token.CONTINUE))}
	case *ast.RangeStmt:
		return []mutation{set(&n.Tok, another(n.Tok, token.ASSIGN, token.DEFINE))}
	case *ast.GenDecl:
		return append(drop(&n.Specs), set(&n.Tok, another(n.Tok, token.VAR, token.CONST)))
	case *ast.ChanType:
		return []mutation{set(&n.Dir, n.Dir^ast.SEND|ast.RECV)}
	case *ast.SliceExpr:
		return []mutation{set(&n.Slice3, !n.Slice3)}
	case *ast.CallExpr:
		return append(drop(&n.Args), set(&n.Ellipsis, toggle(n.Ellipsis)))
	case *ast.TypeSpec:
		return []mutation{set(&n.Assign, toggle(n.Assign))}
	case *ast.CompositeLit:
		return drop(&n.Elts)
	case *ast.FieldList:
		return drop(&n.List)
	case *ast.BlockStmt:
		return drop(&n.List)
	case *ast.CaseClause:
		return append(drop(&n.List), drop(&n.Body)...)
	case *ast.ReturnStmt:
		return drop(&n.Results)
	case *ast.IfStmt:
		if n.Else == nil {
			return []mutation{set[ast.Stmt](&n.Else, &ast.BlockStmt{})}
		}
		return []mutation{set(&n.Else, nil)}
	case *ast.FuncDecl:
		if n.Body == nil {
			return []mutation{set(&n.Body, &ast.BlockStmt{})}
		}
		return []mutation{set(&n.Body, nil)}
	}
	return nil
}
