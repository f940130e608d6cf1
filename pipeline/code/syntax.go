package code

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"strconv"
	"strings"
)

// A directive is a //go: comment, which the toolchain obeys.
type directive struct {
	text   string
	pos    token.Pos
	header bool // before the package clause
}

// directives lists those of a file that can bear on what it computes.
func directives(f *ast.File) []directive {
	var out []directive
	for _, group := range f.Comments {
		for _, c := range group.List {
			text := strings.TrimSpace(c.Text)
			if strings.HasPrefix(text, "//go:") && !strings.HasPrefix(text, "//go:generate") {
				out = append(out, directive{text, c.Pos(), c.Pos() < f.Package})
			}
		}
	}
	return out
}

// An encoder writes syntax trees as text, such that two have the same text if they
// differ only in comments and formatting, gofmt's rewriting included; and different text
// if they differ in any other way but one: in the tags of a parameter struct, default and
// help do not count. A default reaches a stage's key as the value of its parameter.
//
// Fields are written by name and only where they are set, so that a field that a
// later Go adds to a node changes nothing until a program uses it. Parentheses
// are dropped: the tree has the grouping anyway, gofmt removes some of them, and
// the language attaches nothing else to them (not even to fused operations,
// which only conversions prevent).
type encoder struct {
	out bytes.Buffer
	err error
}

var (
	posType     = reflect.TypeFor[token.Pos]()
	fieldType   = reflect.TypeFor[ast.Field]()
	commentType = reflect.TypeFor[*ast.CommentGroup]()
)

// meaningful are the positions of which it matters whether they are set: f(x...)
// is not f(x), and type A = B is not type A B.
func meaningful(owner reflect.Type, field string) bool {
	return owner == reflect.TypeFor[ast.CallExpr]() && field == "Ellipsis" ||
		owner == reflect.TypeFor[ast.TypeSpec]() && field == "Assign"
}

// void reports whether a value has no meaning. Empty statements and empty lists of
// fields have none: gofmt removes them where that makes no difference, and the node that
// contains one is written in any case.
func void(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			if !void(v.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return true
		}
		switch n := v.Interface().(type) {
		case *ast.EmptyStmt:
			return true
		case *ast.FieldList:
			return len(n.List) == 0
		}
		return false
	}
	return v.IsZero()
}

func (e *encoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		e.value(v.Elem())
	case reflect.Pointer:
		switch n := v.Interface().(type) {
		case *ast.ParenExpr:
			e.value(reflect.ValueOf(n.X))
		case *ast.BasicLit:
			fmt.Fprintf(&e.out, "(%s %q)", n.Kind, literal(n))
		case *ast.Ident:
			fmt.Fprintf(&e.out, "(Ident %q)", n.Name)
		default:
			e.node(v.Elem())
		}
	case reflect.Slice:
		e.out.WriteByte('[')
		for i := range v.Len() {
			if item := v.Index(i); !void(item) {
				e.value(item)
			}
		}
		e.out.WriteByte(']')
	case reflect.String:
		fmt.Fprintf(&e.out, "%q", v.String())
	case reflect.Bool:
		fmt.Fprintf(&e.out, "%t", v.Bool())
	case reflect.Int:
		if tok, ok := v.Interface().(token.Token); ok {
			// Tokens are renumbered when the language grows; their names stay.
			fmt.Fprintf(&e.out, "%q", tok.String())
		} else {
			fmt.Fprintf(&e.out, "%d", v.Int())
		}
	default:
		e.err = fmt.Errorf("the syntax tree has a %s, which code digests do not know", v.Kind())
	}
}

func (e *encoder) node(v reflect.Value) {
	t := v.Type()
	if v.Kind() != reflect.Struct {
		e.err = fmt.Errorf("the syntax tree has a %s, which code digests do not know", t)
		return
	}
	fmt.Fprintf(&e.out, "(%s", t.Name())
	for i := range t.NumField() {
		f, x := t.Field(i), v.Field(i)
		switch {
		case !f.IsExported() || void(x) || f.Type == commentType:
		case f.Type == posType:
			if meaningful(t, f.Name) {
				fmt.Fprintf(&e.out, " %s", f.Name)
			}
		case t == fieldType && f.Name == "Tag":
			if tag := fieldTag(x.Interface().(*ast.BasicLit).Value); tag != "" {
				fmt.Fprintf(&e.out, " Tag %q", tag)
			}
		default:
			fmt.Fprintf(&e.out, " %s ", f.Name)
			e.value(x)
		}
	}
	e.out.WriteByte(')')
}

// literal is a literal as written, but for what gofmt rewrites in numbers: the
// case of their letters, and zeros before an imaginary number.
func literal(n *ast.BasicLit) string {
	switch n.Kind {
	case token.INT, token.FLOAT:
		return strings.ToLower(n.Value)
	case token.IMAG:
		s := strings.ToLower(n.Value)
		if strings.Trim(s, "0123456789_") == "i" {
			if s = strings.TrimLeft(s, "0_"); s == "i" {
				s = "0i"
			}
		}
		return s
	}
	return n.Value
}

// fieldTag is a struct tag, of a parameter (a field with the key param) without the keys
// default and help. A tag that is not a list of keys and strings stays whole.
func fieldTag(lit string) string {
	tag, err := strconv.Unquote(lit)
	if err != nil {
		return lit
	}
	if _, ok := reflect.StructTag(tag).Lookup("param"); !ok {
		return tag
	}
	var kept []string
	for rest := strings.TrimLeft(tag, " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, after, ok := strings.Cut(rest, ":")
		if !ok || strings.ContainsAny(key, ` "`) {
			return tag
		}
		quoted, err := strconv.QuotedPrefix(after)
		if err != nil {
			return tag
		}
		if key != "default" && key != "help" {
			kept = append(kept, key+":"+quoted)
		}
		rest = after[len(quoted):]
	}
	return strings.Join(kept, " ")
}
