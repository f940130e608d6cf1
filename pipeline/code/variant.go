package code

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// A variant is the parameter and its value that a file is written for; the zero
// variant is that of a file for all stages.
type variant struct {
	name, value string
}

func (v variant) String() string { return v.name + "=" + v.value }

const variantDirective = "//pipeline:variant"

// fileVariant reads the directive of a file, which stands alone and before the
// package clause, as a build constraint does.
func fileVariant(fset *token.FileSet, f *ast.File) (variant, error) {
	var v variant
	for _, group := range f.Comments {
		for _, c := range group.List {
			args, ok := strings.CutPrefix(c.Text, variantDirective)
			if !ok {
				continue
			}
			at := fset.Position(c.Pos())
			words := strings.Fields(args)
			if len(words) != 1 || args[0] != ' ' && args[0] != '\t' {
				return v, fmt.Errorf("%s: want %s NAME=VALUE", at, variantDirective)
			}
			name, value, _ := strings.Cut(words[0], "=")
			switch {
			case name == "" || value == "":
				return v, fmt.Errorf("%s: want %s NAME=VALUE", at, variantDirective)
			case c.Pos() > f.Package:
				return v, fmt.Errorf("%s: %s must stand before the package clause", at, variantDirective)
			case v.name != "":
				return v, fmt.Errorf("%s: a second %s in one file; split the file", at, variantDirective)
			}
			v = variant{name, value}
		}
	}
	return v, nil
}

// checkVariants makes sure that a stage which leaves a variant's files out runs
// none of their code except what they register through init: package-level
// identifiers that they declare are not exported, and only files of the same
// variant refer to them or get methods from them.
func checkVariants(path string, fset *token.FileSet, files []parsed) error {
	declared := make(map[string]parsed)
	for _, f := range files {
		if f.variant == (variant{}) {
			continue
		}
		for _, id := range packageLevel(f.tree) {
			if id.IsExported() {
				return fmt.Errorf("%s: %s is exported, but its file is for %s only, and other packages could refer to it; make it unexported, or move it to a file without %s",
					fset.Position(id.Pos()), id.Name, f.variant, variantDirective)
			}
			declared[id.Name] = f
		}
	}
	if !hasVariant(files) {
		return nil
	}
	// The imported packages are not at hand, and not needed: that leaves what
	// they declare unknown, but no name that this package declares.
	info := &types.Info{Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object)}
	conf := types.Config{Importer: noImports{}, Error: func(error) {}}
	trees := make([]*ast.File, len(files))
	for i, f := range files {
		trees[i] = f.tree
	}
	// Errors are expected, as imports are missing and platforms are mixed.
	checked, _ := conf.Check(path, fset, trees, info)
	for _, f := range files {
		if err := checkReferences(fset, f, declared, info, checked); err != nil {
			return err
		}
		if err := checkMethods(fset, f, declared, info); err != nil {
			return err
		}
	}
	return nil
}

func hasVariant(files []parsed) bool {
	for _, f := range files {
		if f.variant != (variant{}) {
			return true
		}
	}
	return false
}

// noImports imports nothing.
type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	return nil, errors.New("not imported")
}

// packageLevel lists what a file declares that others can refer to.
func packageLevel(f *ast.File) []*ast.Ident {
	var out []*ast.Ident
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			if id.Name != "_" {
				out = append(out, id)
			}
		}
	}
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name != "init" {
				add(d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					add(s.Name)
				case *ast.ValueSpec:
					add(s.Names...)
				}
			}
		}
	}
	return out
}

// checkReferences looks for an identifier in f that another variant declares. One
// that the type checker could not resolve, such as a key in a literal of an
// imported map type, is judged by its name alone.
func checkReferences(fset *token.FileSet, f parsed, declared map[string]parsed, info *types.Info, checked *types.Package) error {
	var err error
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		if err != nil {
			return false
		}
		switch n := n.(type) {
		case *ast.SelectorExpr:
			ast.Inspect(n.X, visit)
			return false
		case *ast.Ident:
			from, ok := declared[n.Name]
			if !ok || from.variant == f.variant {
				return false
			}
			if _, ok := info.Defs[n]; ok {
				return false
			}
			if obj := info.Uses[n]; obj == nil || obj.Parent() == checked.Scope() {
				err = fmt.Errorf("%s: refers to %s, which %s declares for %s only; let that file register it from init, or move %s to a file without %s",
					fset.Position(n.Pos()), n.Name, from.name, from.variant, n.Name, variantDirective)
			}
		}
		return true
	}
	ast.Inspect(f.tree, visit)
	return err
}

// checkMethods looks for a method in a variant's file on a type from outside the
// variant, which would change that type for all stages.
func checkMethods(fset *token.FileSet, f parsed, declared map[string]parsed, info *types.Info) error {
	if f.variant == (variant{}) {
		return nil
	}
	for _, decl := range f.tree.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok || d.Recv == nil {
			continue
		}
		name := receiver(info.Defs[d.Name])
		if from, ok := declared[name]; !ok || from.variant != f.variant {
			return fmt.Errorf("%s: method %s belongs to a type that is not declared for %s, and would be there for every stage; make it a function",
				fset.Position(d.Name.Pos()), d.Name.Name, f.variant)
		}
	}
	return nil
}

// receiver is the name of a method's type, seen through pointers and aliases, or
// empty if it has none.
func receiver(obj types.Object) string {
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return ""
	}
	t := types.Unalias(fn.Signature().Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}
