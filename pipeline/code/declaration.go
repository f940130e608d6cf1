package code

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"

	"zerotohero/pipeline/digest"
)

// A declaration is the unit of a digest: a function or method, one specification of
// types, variables or constants, or a group of constants whose values depend on their
// order.
type declaration struct {
	of   *pkg
	name string // for people
	file string
	sum  string

	names            []string // that it declares in the package
	receiver, method string   // of a method: its type and name
	isType           bool
	initial          bool // runs when the package is initialised
	bodyless         bool // a function whose body is in assembly

	// What it refers to, by name.
	local     []string // unqualified names, which may be of its package
	qualified []qualified
	selected  []string // names behind a dot

	directives []directive
	embeds     []File

	source excerpt // see text
}

// A qualified name is one of another package.
type qualified struct {
	path, name string
}

// A file is what its declarations share.
type file struct {
	name       string
	content    []byte
	header     string            // the platforms and build constraints that it is for
	imports    map[string]string // import paths by the name in the file
	imported   []imported
	directives []directive // below the package clause
}

// part is a syntax node that becomes a declaration, with the keyword of its group.
type part struct {
	node    ast.Node
	keyword token.Token       // ILLEGAL of a function
	doc     *ast.CommentGroup // of the group that has it alone
}

// declarations splits a file.
func (f *file) declarations(tree *ast.File) ([]*declaration, error) {
	var parts []part
	for _, decl := range tree.Decls {
		gen, ok := decl.(*ast.GenDecl)
		switch {
		case !ok:
			parts = append(parts, part{node: decl})
		case gen.Tok == token.IMPORT:
		case gen.Tok == token.CONST && positional(gen):
			parts = append(parts, part{node: gen, keyword: gen.Tok})
		default:
			for _, spec := range gen.Specs {
				p := part{node: spec, keyword: gen.Tok}
				if !gen.Lparen.IsValid() {
					p.doc = gen.Doc
				}
				parts = append(parts, p)
			}
		}
	}
	out := make([]*declaration, len(parts))
	for i, p := range parts {
		out[i] = f.declare(p)
		out[i].source = f.excerpt(tree, p)
	}
	// The compiler applies a directive to the declaration that comes next.
	for _, d := range f.directives {
		next := sort.Search(len(parts), func(i int) bool { return parts[i].node.Pos() > d.pos })
		if next == len(parts) {
			f.header += d.text + "\n" // it is about the file
			continue
		}
		out[next].directives = append(out[next].directives, d)
	}
	for i, p := range parts {
		if err := f.hash(out[i], p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// positional reports whether the values of a group's constants depend on their order: by
// iota, or by repeating the value before.
func positional(gen *ast.GenDecl) bool {
	found := false
	for _, spec := range gen.Specs {
		if v := spec.(*ast.ValueSpec); len(v.Values) == 0 {
			found = true
		}
		ast.Inspect(spec, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Name == "iota" {
				found = true
			}
			return !found
		})
	}
	return found
}

// declare makes the declaration of a part, without references.
func (f *file) declare(p part) *declaration {
	d := &declaration{file: f.name}
	switch n := p.node.(type) {
	case *ast.FuncDecl:
		d.name = n.Name.Name
		d.bodyless = n.Body == nil
		switch {
		case n.Recv != nil:
			d.receiver, d.method = receiver(n), n.Name.Name
			d.name = d.receiver + "." + d.method
		case d.name == "init":
			d.initial = true
		default:
			d.names = []string{d.name}
		}
	case *ast.TypeSpec:
		d.name, d.names, d.isType = n.Name.Name, []string{n.Name.Name}, true
	case *ast.ValueSpec:
		d.declareValues(n)
		d.initial = p.keyword == token.VAR && f.effects(n.Values)
	case *ast.GenDecl:
		for _, spec := range n.Specs {
			d.declareValues(spec.(*ast.ValueSpec))
		}
	}
	return d
}

func (d *declaration) declareValues(n *ast.ValueSpec) {
	for _, id := range n.Names {
		if id.Name != "_" {
			d.names = append(d.names, id.Name)
		}
	}
	if d.name = strings.Join(d.names, ", "); d.name == "" {
		d.name = "_"
	}
}

// receiver is the name of a method's type.
func receiver(n *ast.FuncDecl) string {
	if len(n.Recv.List) == 0 {
		return ""
	}
	t := n.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// hash collects what a declaration refers to, and hashes it.
func (f *file) hash(d *declaration, p part) error {
	f.undescribe(p.node)
	r := &references{
		file: f, local: make(map[string]bool), selected: make(map[string]bool),
		qualified: make(map[qualified]bool), used: make(map[string]string),
	}
	ast.Walk(r, p.node)
	if d.receiver != "" {
		r.local[d.receiver] = true
	}
	d.source.imports = r.used
	d.local = slices.Sorted(maps.Keys(r.local))
	d.selected = slices.Sorted(maps.Keys(r.selected))
	for q := range r.qualified {
		d.qualified = append(d.qualified, q)
	}
	e := &encoder{}
	fmt.Fprintf(&e.out, "%s%s\n", f.header, p.keyword)
	for _, name := range slices.Sorted(maps.Keys(r.used)) {
		fmt.Fprintf(&e.out, "import %s %q\n", name, r.used[name])
	}
	for _, dir := range d.directives {
		fmt.Fprintf(&e.out, "directive %q\n", dir.text)
	}
	e.value(reflect.ValueOf(p.node))
	d.sum = digest.Hex(e.out.Bytes())
	return e.err
}

// undescribe removes the description from calls of pipeline.Register.
func (f *file) undescribe(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 1 && f.calls(call, enginePath, "Register") {
			call.Args[1] = &ast.BasicLit{Kind: token.STRING, Value: `""`}
		}
		return true
	})
}

// calls reports whether a call is of a function of an imported package, by its syntax:
// X.name(...) or X.name[T](...).
func (f *file) calls(call *ast.CallExpr, path, name string) bool {
	fun := call.Fun
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	s, ok := fun.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && f.imports[x.Name] == path && path != ""
}

// effects reports whether initialising variables may have side effects. Any call may, but
// of a few functions that are known not to: an error or a table that nothing uses then
// does not count.
func (f *file) effects(values []ast.Expr) bool {
	found := false
	for _, v := range values {
		ast.Inspect(v, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false // its body runs only if it is called, by a CallExpr
			case *ast.UnaryExpr:
				found = found || n.Op == token.ARROW
			case *ast.CallExpr:
				found = found || !f.harmless(n)
			}
			return !found
		})
	}
	return found
}

// harmless reports whether a call is a conversion to a type that its syntax shows, or of a
// function that only computes a value.
func (f *file) harmless(call *ast.CallExpr) bool {
	switch fun := call.Fun.(type) {
	case *ast.ArrayType, *ast.MapType, *ast.StructType, *ast.InterfaceType, *ast.FuncType:
		return true
	case *ast.Ident:
		return slices.Contains(builtins, fun.Name)
	}
	// What package pipeline has to declare kinds with, methods of Read included.
	for _, name := range []string{"Define", "Reads", "ReadsWith"} {
		if f.calls(call, enginePath, name) {
			return true
		}
	}
	if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "OrNone" {
		return true
	}
	for path, names := range pureFunctions {
		for _, name := range names {
			if f.calls(call, path, name) {
				return true
			}
		}
	}
	return false
}

var builtins = strings.Fields(`append cap complex imag len make max min new real
	bool byte string rune int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 uintptr
	float32 float64 complex64 complex128`)

var pureFunctions = map[string][]string{
	"errors":  {"New"},
	"fmt":     {"Errorf", "Sprintf", "Sprint"},
	"math":    {"Sqrt", "Inf", "NaN", "Float64frombits"},
	"reflect": {"TypeFor"},
	"regexp":  {"MustCompile"},
	"strings": {"Fields", "NewReplacer", "Repeat"},
}

// references collects the names in a declaration.
type references struct {
	*file
	local     map[string]bool
	selected  map[string]bool
	qualified map[qualified]bool
	used      map[string]string // imports by name
}

// Visit makes references an ast.Visitor. Names that a declaration introduces, of fields or
// parameters, may be taken for uses of what they shadow, which then counts.
func (r *references) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.CommentGroup:
		return nil
	case *ast.Ident:
		r.local[n.Name] = true
	case *ast.Field:
		ast.Walk(r, n.Type)
		return nil
	case *ast.FuncDecl:
		for _, part := range []ast.Node{n.Recv, n.Type, n.Body} {
			if !reflect.ValueOf(part).IsNil() {
				ast.Walk(r, part)
			}
		}
		return nil
	case *ast.BranchStmt:
		return nil
	case *ast.SelectorExpr:
		r.selected[n.Sel.Name] = true
		if x, ok := n.X.(*ast.Ident); ok {
			if path, ok := r.imports[x.Name]; ok {
				r.qualified[qualified{path, n.Sel.Name}] = true
				r.used[x.Name] = path
			}
		}
		ast.Walk(r, n.X)
		return nil
	}
	return r
}
