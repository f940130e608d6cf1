package portable

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// promising are the packages whose results are the same to the bit on every platform,
// however they are compiled, relative to stages; those below them too.
var promising = []string{
	"loss", "instance", "descent", "spectral", "landscape", "internal/confidence", "internal/gram", "internal/kernel",
	"internal/lanczos", "internal/line", "internal/portable", "internal/random", "internal/vector", "students",
}

// estimates are functions whose results reach no artifact.
var estimates = []string{"Cost", "cost", "LoadOf"}

// exact are those functions of package math that are exact or correctly rounded, so that
// they are the same everywhere; package portable says why the last two may be used.
var exact = []string{
	"Abs", "Ceil", "Copysign", "FMA", "Float32bits", "Float32frombits", "Float64bits", "Float64frombits",
	"Floor", "Frexp", "Inf", "IsInf", "IsNaN", "Ldexp", "Max", "Min", "Mod", "NaN", "Nextafter",
	"Round", "RoundToEven", "Signbit", "Sqrt", "Trunc",
	"Atan2", "Hypot",
}

// A checker looks for what a compiler may fuse, and for functions of package math that
// are not the same everywhere.
type checker struct {
	fset  *token.FileSet
	info  *types.Info
	found []string
}

// A compiler may fuse x*y+z into one rounding wherever the product is not converted or
// compiled to memory in between, across statements too; amd64 does not, and other
// platforms do.
func TestSources(t *testing.T) {
	for _, root := range promising {
		err := filepath.WalkDir(filepath.Join("../..", root), func(dir string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() || strings.HasSuffix(dir, "test") { // support of tests
				return err
			}
			found, err := check(dir)
			for _, f := range found {
				t.Error(f)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// What the test must find, and what it must let pass.
func TestChecker(t *testing.T) {
	const head = "package p\nimport \"math\"\nvar _ = math.Pi\nfunc f(x, y, z float64, i, j int, " +
		"v []float64) float64 {\n"
	for body, want := range map[string]string{
		"return x*y + z":                           "x * y",
		"return z - x*y":                           "x * y",
		"return z + (x*y)":                         "x * y",
		"return z + -(x*y)":                        "x * y",
		"z += x * y; return z":                     "x * y",
		"z -= x * y; return z":                     "x * y",
		"v[0] += 2 * v[1]; return z":               "2 * v[1]",
		"p := x * y; return p + z":                 "p",
		"p := x; p *= y; return z - p":             "p",
		"return math.Exp(x)":                       "math.Exp",
		"return math.Pow(x, y)":                    "math.Pow",
		"return float64(x*y) + z":                  "",
		"return x*y/z + z":                         "",
		"return x * (y + z)":                       "",
		"return float64(i*j+1) + v[i*j+1]":         "",
		"return 2*math.Pi + z":                     "",
		"return math.Sqrt(x*y) + z":                "",
		"z += float64(x * y); return z":            "",
		"p := float64(x * y); return p + z":        "",
		"p := x * y; return float64(p) + z":        "",
		"return math.FMA(x, y, z) + math.Abs(x*y)": "",
	} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "p.go", head+body+"\n}", 0)
		if err != nil {
			t.Fatal(err)
		}
		found := newModule(fset).check("p", []*ast.File{file})
		if (want == "") != (found == nil) || want != "" && !strings.Contains(found[0], want) {
			t.Errorf("%s: want %q, found %q", body, want, found)
		}
	}
}

func check(dir string) ([]string, error) {
	m := newModule(token.NewFileSet())
	files, err := m.parse(dir)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return m.check(dir, files), nil
}

// A module type-checks packages of this module from their sources; to others, but for
// the standard library, it gives no content, and what comes from them has no type.
type module struct {
	fset     *token.FileSet
	standard types.Importer
	packages map[string]*types.Package
	err      error // without math the check would let things pass
}

func newModule(fset *token.FileSet) *module {
	if build.Default.GOROOT == "" { // built with -trimpath
		if out, err := exec.Command("go", "env", "GOROOT").Output(); err == nil {
			build.Default.GOROOT = strings.TrimSpace(string(out))
		}
	}
	return &module{fset: fset, standard: importer.ForCompiler(fset, "source", nil),
		packages: make(map[string]*types.Package)}
}

func (m *module) parse(dir string) ([]*ast.File, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(m.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, err
}

// Import implements types.Importer.
func (m *module) Import(path string) (*types.Package, error) {
	if p := m.packages[path]; p != nil {
		return p, nil
	}
	inside, isInside := strings.CutPrefix(path, "zerotohero/")
	first, _, _ := strings.Cut(path, "/")
	switch {
	case isInside:
		files, err := m.parse(filepath.Join("../../..", inside))
		if err != nil {
			return nil, err
		}
		config := types.Config{Importer: m, Error: func(error) {}, FakeImportC: true}
		m.packages[path], _ = config.Check(path, m.fset, files, nil)
	case path == "math" || path == "math/bits" || path == "math/cmplx":
		p, err := m.standard.Import(path)
		if err != nil {
			m.err = err
			return nil, err
		}
		m.packages[path] = p
	default:
		p := types.NewPackage(path, first)
		p.MarkComplete()
		m.packages[path] = p
	}
	return m.packages[path], nil
}

func (m *module) check(path string, files []*ast.File) []string {
	c := &checker{fset: m.fset, info: &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Uses: make(map[*ast.Ident]types.Object),
		Defs: make(map[*ast.Ident]types.Object),
	}}
	config := types.Config{Importer: m, Error: func(error) {}}
	config.Check(path, m.fset, files, c.info) // what has no type counts as a float
	if m.err != nil {
		c.found = append(c.found, m.err.Error())
	}
	for _, f := range files {
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && !slices.Contains(estimates, f.Name.Name) {
				c.function(f)
			}
		}
	}
	return c.found
}

// productsIn are the local variables of a function that hold products.
func (c *checker) productsIn(f *ast.FuncDecl) map[types.Object]bool {
	products := make(map[types.Object]bool)
	ast.Inspect(f, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != len(a.Rhs) {
			return true
		}
		for i, l := range a.Lhs {
			id, ok := l.(*ast.Ident)
			if !ok {
				continue
			}
			o := c.info.Defs[id]
			if o == nil {
				o = c.info.Uses[id]
			}
			isProduct := a.Tok == token.MUL_ASSIGN && c.isFloat(l) ||
				(a.Tok == token.ASSIGN || a.Tok == token.DEFINE) && c.product(a.Rhs[i]) != nil
			if o != nil && isProduct {
				products[o] = true
			}
		}
		return true
	})
	return products
}

// function looks at one function, in which products may lie in local variables.
func (c *checker) function(f *ast.FuncDecl) {
	products := c.productsIn(f)
	operand := func(e ast.Expr) {
		for {
			switch x := e.(type) {
			case *ast.ParenExpr:
				e = x.X
				continue
			case *ast.UnaryExpr:
				e = x.X
				continue
			}
			break
		}
		id, isVariable := e.(*ast.Ident)
		if c.product(e) != nil || isVariable && products[c.info.Uses[id]] {
			c.report(e, "%s is a product that a compiler may fuse with the sum; write float64(%s)")
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.ADD || n.Op == token.SUB {
				operand(n.X)
				operand(n.Y)
			}
		case *ast.AssignStmt:
			if n.Tok == token.ADD_ASSIGN || n.Tok == token.SUB_ASSIGN {
				operand(n.Lhs[0])
				operand(n.Rhs[0])
			}
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if !ok {
				break
			}
			of, ok := c.info.Uses[x].(*types.PkgName)
			_, function := c.info.Uses[n.Sel].(*types.Func)
			if ok && function && (of.Imported().Path() == "math" && !slices.Contains(exact, n.Sel.Name) ||
				of.Imported().Path() == "math/cmplx" && n.Sel.Name != "Abs") {
				c.report(n, "%s does not give the same bits everywhere; take that of package portable")
			}
		}
		return true
	})
}

// product is e if that is a product of floats not known when it is compiled.
func (c *checker) product(e ast.Expr) ast.Expr {
	for {
		p, ok := e.(*ast.ParenExpr)
		if !ok {
			break
		}
		e = p.X
	}
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.SUB {
		return c.product(u.X)
	}
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.MUL || !c.isFloat(e) || c.info.Types[e].Value != nil {
		return nil
	}
	return e
}

// isFloat says whether e is a float, or complex, or of unknown type.
func (c *checker) isFloat(e ast.Expr) bool {
	t := c.info.TypeOf(e)
	if t == nil {
		return true
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && (b.Info()&(types.IsFloat|types.IsComplex) != 0 || b.Kind() == types.Invalid)
}

func (c *checker) report(e ast.Expr, format string) {
	text := types.ExprString(e)
	args := []any{text}
	if strings.Count(format, "%s") == 2 {
		args = append(args, text)
	}
	c.found = append(c.found, fmt.Sprintf("%v: ", c.fset.Position(e.Pos()))+fmt.Sprintf(format, args...))
}
