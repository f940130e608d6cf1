package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A mutation is an edit of a source file at one place that changes, as a rule, what the
// code computes.
type mutation struct {
	file        string // below the module's root
	line        int
	declaration string
	from, to    int // bytes of the file that go
	before      string
	after       string
}

func (m mutation) String() string {
	return fmt.Sprintf("%s:%d (%s): %s → %s", m.file, m.line, m.declaration, short(m.before), cmp.Or(short(m.after), "nothing"))
}

// short is a text on one line, cut where it is long.
func short(text string) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return string(r)
}

// edits is the file as the mutation has it.
func (m mutation) edits(t *testing.T) edits {
	t.Helper()
	text := read(t, m.file)
	return edits{m.file: text[:m.from] + m.after + text[m.to:]}
}

// mutations lists those of all code that stages may run on this platform, by declaration:
// that of the packages in the program below stages and figures, without its commands.
func mutations(t *testing.T) [][]mutation {
	t.Helper()
	c := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,GoFiles,SFiles", ".")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %v", c.Args, err)
	}
	var all [][]mutation
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p struct {
			ImportPath, Dir string
			GoFiles, SFiles []string
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		dir, ok := strings.CutPrefix(p.ImportPath, "zerotohero/")
		top, _, _ := strings.Cut(dir, "/")
		if !ok || top == "pipeline" || dir == "stages/bench" || dir == "stages/theory/cli" {
			continue
		}
		for _, name := range p.GoFiles {
			all = append(all, goMutations(t, filepath.Join(dir, name))...)
		}
		for _, name := range p.SFiles {
			all = append(all, assemblyMutations(t, filepath.Join(dir, name))...)
		}
	}
	return slices.DeleteFunc(all, func(list []mutation) bool { return len(list) == 0 })
}

func goMutations(t *testing.T, file string) [][]mutation {
	t.Helper()
	text := read(t, file)
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]mutation
	mutate := func(name string, n ast.Node) {
		m := &mutator{file: file, text: text, fset: fset, declaration: name, skip: make(map[ast.Node]bool)}
		ast.Walk(m, n)
		all = append(all, m.found)
	}
	for _, decl := range tree.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			mutate(d.Name.Name, d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					mutate(s.Name.Name, s)
				case *ast.ValueSpec:
					mutate(s.Names[0].Name, s)
				}
			}
		}
	}
	return all
}

// A mutator finds the mutations of a declaration. Some will not compile.
type mutator struct {
	file, text, declaration string
	fset                    *token.FileSet
	skip                    map[ast.Node]bool
	found                   []mutation
}

// replace has what stands between two places replaced; format may show it.
func (m *mutator) replace(from, to token.Pos, format string) {
	at := m.fset.Position(from)
	i, j := at.Offset, m.fset.Position(to).Offset
	after := format
	if strings.Contains(format, "%s") {
		after = strings.Replace(format, "%s", m.text[i:j], 1)
	}
	m.found = append(m.found, mutation{m.file, at.Line, m.declaration, i, j, m.text[i:j], after})
}

// operators are replaced by their partners, both ways.
var operators = map[token.Token]token.Token{
	token.ADD: token.SUB, token.MUL: token.QUO, token.LSS: token.LEQ, token.GTR: token.GEQ, token.EQL: token.NEQ,
	token.LAND: token.LOR, token.SHL: token.SHR, token.AND: token.OR,
	token.ADD_ASSIGN: token.SUB_ASSIGN, token.MUL_ASSIGN: token.QUO_ASSIGN, token.INC: token.DEC,
}

func (m *mutator) operator(at token.Pos, op token.Token) {
	for a, b := range operators {
		if a == op || b == op {
			other := a
			if a == op {
				other = b
			}
			m.replace(at, at+token.Pos(len(op.String())), other.String())
		}
	}
}

// Visit makes mutator an ast.Visitor.
func (m *mutator) Visit(n ast.Node) ast.Visitor {
	if n == nil || m.skip[n] {
		return nil
	}
	switch n := n.(type) {
	case *ast.Field: // without its tag
		ast.Walk(m, n.Type)
		return nil
	case *ast.ForStmt:
		m.skip[n.Post] = true // loops would not end
	case *ast.BasicLit:
		m.literal(n)
	case *ast.Ident:
		switch n.Name {
		case "true":
			m.replace(n.Pos(), n.End(), "false")
		case "false":
			m.replace(n.Pos(), n.End(), "true")
		}
	case *ast.BinaryExpr:
		m.operator(n.OpPos, n.Op)
	case *ast.UnaryExpr:
		if n.Op == token.SUB || n.Op == token.NOT {
			m.replace(n.OpPos, n.OpPos+1, "")
		}
	case *ast.IncDecStmt:
		m.operator(n.TokPos, n.Tok)
	case *ast.AssignStmt:
		m.operator(n.TokPos, n.Tok)
		if n.Tok != token.DEFINE {
			m.replace(n.Pos(), n.End(), "")
		}
	case *ast.ExprStmt:
		m.replace(n.Pos(), n.End(), "")
	case *ast.IfStmt:
		m.replace(n.Cond.Pos(), n.Cond.End(), "!(%s)")
	case *ast.ReturnStmt:
		for _, r := range n.Results {
			m.result(r)
		}
	}
	return m
}

func (m *mutator) literal(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT:
		if v, err := strconv.ParseUint(n.Value, 0, 63); err == nil {
			m.replace(n.Pos(), n.End(), strconv.FormatUint(v+1, 10))
		}
	case token.FLOAT:
		if v, err := strconv.ParseFloat(n.Value, 64); err == nil && v == 0 {
			m.replace(n.Pos(), n.End(), "0.5")
		} else if err == nil {
			m.replace(n.Pos(), n.End(), strconv.FormatFloat(1.5*v, 'e', -1, 64))
		}
	case token.STRING:
		m.replace(n.End()-1, n.End(), "x%s")
	}
}

// result changes a value that is returned, if it may be a number.
func (m *mutator) result(r ast.Expr) {
	switch r := r.(type) {
	case *ast.BasicLit, *ast.CompositeLit, *ast.FuncLit:
		return
	case *ast.UnaryExpr:
		if r.Op == token.AND {
			return
		}
	case *ast.Ident:
		switch r.Name {
		case "nil", "err", "true", "false":
			return
		}
	}
	m.replace(r.Pos(), r.End(), "-(%s)")
	m.replace(r.Pos(), r.End(), "(%s) + 1")
}

var (
	assemblyFunction    = regexp.MustCompile(`^TEXT ·(\w+)`)
	assemblyInstruction = regexp.MustCompile(`\bV(ADD|SUB|FMADD231|FNMADD231)(PD|SD)\b`)
	otherInstruction    = map[string]string{"ADD": "SUB", "SUB": "ADD", "FMADD231": "FNMADD231", "FNMADD231": "FMADD231"}
)

// assemblyMutations turn sums into differences.
func assemblyMutations(t *testing.T, file string) [][]mutation {
	t.Helper()
	if !strings.HasSuffix(file, "_"+runtime.GOARCH+".s") {
		return nil
	}
	var all [][]mutation
	name, offset, number := "", 0, 0
	for line := range strings.Lines(read(t, file)) {
		number++
		if f := assemblyFunction.FindStringSubmatch(line); f != nil {
			name = f[1]
			all = append(all, nil)
		}
		if i := assemblyInstruction.FindStringSubmatchIndex(line); i != nil && len(all) > 0 {
			op := line[i[2]:i[3]]
			last := &all[len(all)-1]
			*last = append(*last, mutation{file, number, name, offset + i[2], offset + i[3], op, otherInstruction[op]})
		}
		offset += len(line)
	}
	return all
}
