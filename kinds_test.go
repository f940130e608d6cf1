package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"math"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/instance"
	"zerotohero/stages/loss"
	"zerotohero/stages/loss/losstest"
	"zerotohero/stages/outcome"
	"zerotohero/stages/spectral"
	"zerotohero/stages/theory"
)

// Every kind that the sources define is a package variable in main's list, under a name
// of its own; every package that registers a choice is imported by main.
func TestKindsAreAll(t *testing.T) {
	names := make(map[string]bool)
	for _, k := range kinds {
		if names[k.Name] {
			t.Errorf("two kinds are called %s", k.Name)
		}
		names[k.Name] = true
	}
	imported, listed := mainLists(t)
	s := newSourceSet(t)
	calls, defined := 0, 0
	for _, f := range s.files {
		dir := path.Dir(f.file)
		if dir == "stages/theory/cli" {
			continue // its kind only reads flags
		}
		calls += strings.Count(f.text, "pipeline.Define(")
		for _, decl := range f.tree.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				v := spec.(*ast.ValueSpec)
				for i, value := range v.Values {
					if call, ok := value.(*ast.CallExpr); ok && name(call.Fun) == "Define" {
						defined++
						if kind := "zerotohero/" + dir + "." + v.Names[i].Name; !listed[kind] {
							t.Errorf("main.go does not list the kind %s", kind)
						}
					}
				}
			}
		}
		if strings.Contains(f.text, "pipeline.Register(") && !imported["zerotohero/"+dir] {
			t.Errorf("%s registers a choice, and main.go does not import zerotohero/%s", f.file, dir)
		}
	}
	if calls != defined {
		t.Errorf("%d calls of pipeline.Define, of which %d are values of package variables; a kind is one", calls,
			defined)
	}
	if defined != len(kinds) {
		t.Errorf("%d kinds are defined, %d listed in main.go", defined, len(kinds))
	}
}

// mainLists gives the packages that main.go imports, and the variables in its list of
// kinds with the import paths of their packages.
func mainLists(t *testing.T) (imported, kinds map[string]bool) {
	t.Helper()
	f := parseSource(t, "main.go")
	imported, kinds = make(map[string]bool), make(map[string]bool)
	byName := make(map[string]string)
	for _, spec := range f.tree.Imports {
		to, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		imported[to] = true
		if spec.Name != nil {
			byName[spec.Name.Name] = to
		} else {
			byName[path.Base(to)] = to
		}
	}
	ast.Inspect(f.tree, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && v.Names[0].Name == "kinds" {
			for _, e := range v.Values[0].(*ast.CompositeLit).Elts {
				of := e.(*ast.SelectorExpr)
				kinds[byName[name(of.X)]+"."+of.Sel.Name] = true
			}
		}
		return true
	})
	return imported, kinds
}

// No package changes variables of another, or calls another for its effect when it is
// initialised, but pipeline: the code of a stage is in the packages that its kind and its
// choices import, so what others do to these from outside would be in no key.
func TestPackagesKeepToThemselves(t *testing.T) {
	for _, f := range newSourceSet(t).files {
		foreign := make(map[string]bool) // names of imports
		for _, spec := range f.tree.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(to, "zerotohero/") || to == "zerotohero/pipeline" {
				continue
			}
			foreign[path.Base(to)] = true
			if spec.Name != nil {
				foreign[spec.Name.Name] = true
			}
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, to := range n.Lhs {
					if foreign[root(to)] && n.Tok != token.DEFINE {
						t.Errorf("%s: an assignment to what another package may declare", f.fset.Position(to.Pos()))
					}
				}
			case *ast.IncDecStmt:
				if foreign[root(n.X)] {
					t.Errorf("%s: an assignment to what another package may declare", f.fset.Position(n.Pos()))
				}
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					ast.Inspect(n, func(n ast.Node) bool {
						if s, ok := n.(*ast.ExprStmt); ok {
							if call, ok := s.X.(*ast.CallExpr); ok && foreign[root(call.Fun)] {
								t.Errorf("%s: init calls another package for its effect; "+
									"let it register with pipeline.Register", f.fset.Position(n.Pos()))
							}
						}
						_, literal := n.(*ast.FuncLit)
						return !literal
					})
				}
			}
			return true
		})
	}
}

// root is the X of X.f, X.f[i], *X.f and so on, or "" if that is not a selection.
func root(n ast.Expr) string {
	selected := false
	for {
		switch x := n.(type) {
		case *ast.SelectorExpr:
			n, selected = x.X, true
		case *ast.IndexExpr:
			n = x.X
		case *ast.StarExpr:
			n = x.X
		case *ast.ParenExpr:
			n = x.X
		case *ast.Ident:
			if selected {
				return x.Name
			}
			return ""
		default:
			return ""
		}
	}
}

// What each kind reads, whatever its parameters choose, is a kind, with the columns and
// parameters that are read.
func TestReadsFit(t *testing.T) {
	byName := make(map[string]*pipeline.Kind)
	for _, k := range kinds {
		byName[k.Name] = k
	}
	pairs := make(map[string]bool)
	valid := make(map[string]bool)
	for _, k := range kinds {
		for _, values := range alternatives(t, k) {
			params, err := k.Resolve(values)
			if err != nil {
				continue // one choice does not go with another, or is not given
			}
			valid[k.Name] = true
			for name, v := range values {
				valid[fmt.Sprint(name, "=", v)] = true
			}
			for _, r := range k.Reads(params) {
				of := byName[r.Kind]
				if of == nil {
					t.Errorf("kind %s with %v reads of kind %s, which there is not", k.Name, values, r.Kind)
				} else if err := r.Fits(of); err != nil {
					t.Errorf("kind %s with %v: %v", k.Name, values, err)
				}
				pairs[k.Name+" "+r.Kind] = true
			}
		}
	}
	for _, k := range kinds {
		if !valid[k.Name] {
			t.Errorf("kind %s: no parameters were found for it", k.Name)
		}
		for _, values := range alternatives(t, k) {
			for name, v := range values {
				if choice := fmt.Sprint(name, "=", v); !valid[choice] {
					t.Errorf("%s is valid with no kind", choice)
				}
			}
		}
	}
	if len(pairs) < len(kinds) {
		t.Errorf("only %d pairs of kinds: %v", len(pairs), pairs)
	}
}

// alternatives are values of a kind's parameters: what is required, alone and with each
// alternative of each choice in turn.
func alternatives(t *testing.T, k *pipeline.Kind) []map[string]any {
	t.Helper()
	required := make(map[string]any)
	choose := make(map[string][]string)
	for _, f := range k.Fields() {
		switch {
		case f.Choices() != nil:
			choose[f.Name] = f.Choices()
		case f.HasDef:
		case f.Type == reflect.TypeFor[pipeline.Range]():
			required[f.Name] = pipeline.Range{First: 1, Last: 1}
		case f.Type == reflect.TypeFor[[]string]():
			required[f.Name] = []any{"a"} // names of parameters of a loss
		default:
			required[f.Name] = 8.0
		}
	}
	out := []map[string]any{required}
	for param, names := range choose {
		for _, name := range names {
			values := maps.Clone(required)
			values[param] = name
			out = append(out, values)
		}
	}
	return out
}

// These tests are about all losses, methods and estimators that the program has.

// A package that registers a choice is one that main.go imports.
func TestEveryChoiceIsImported(t *testing.T) {
	known := make(map[string]bool)
	for _, list := range [][]pipeline.NamedChoice{pipeline.Choices[loss.Loss](), pipeline.Choices[descent.Method](),
		pipeline.Choices[spectral.Estimator](), pipeline.Choices[instance.Matrix]()} {
		for _, c := range list {
			known[c.Package] = true
			if c.Doc == "" {
				t.Errorf("%s says nothing of %s", c.Package, c.Name)
			}
		}
	}
	err := fs.WalkDir(sources, "stages", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(sources, name)
		if pkg := "zerotohero/" + path.Dir(name); bytes.Contains(text, []byte("\tpipeline.Register(")) && !known[pkg] {
			t.Errorf("%s registers what the program does not have; import %s in main.go", name, pkg)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A loss is what package loss says, and the theory answers for it at every place or says
// why it does not.
func TestEveryLoss(t *testing.T) {
	for _, c := range pipeline.Choices[loss.Loss]() {
		losstest.Check(t, c.Name)
		for _, at := range theory.Matrices() {
			p, err := theory.NewProblem(at, losstest.Choose(t, c.Name, nil), 0)
			if err != nil {
				if !strings.Contains(err.Error(), "no finite edge") &&
					!strings.Contains(err.Error(), "takes its a from the loss") {
					t.Errorf("%s at %s: %v", c.Name, at, err)
				}
				continue
			}
			if _, err := p.Transitions(0.5, 30); err != nil {
				t.Errorf("%s at %s: %v", c.Name, at, err)
			}
		}
	}
}

// By every method, descents on every loss come to an end, as they do alone, at a smaller
// loss than at the start.
func TestEveryMethod(t *testing.T) {
	block := map[string]any{"N": int64(24), "alpha": 3.0, "seeds": pipeline.Range{First: 1, Last: 2}}
	both := pipelinetest.Stage(t, instance.Kind, block)
	block["seeds"] = pipeline.Range{First: 2, Last: 2}
	one := pipelinetest.Stage(t, instance.Kind, block)
	for _, m := range pipeline.Choices[descent.Method]() {
		for _, l := range pipeline.Choices[loss.Loss]() {
			values := map[string]any{"method": m.Name, "loss": l.Name, "starts": int64(2), "budget": int64(3000)}
			rows := pipelinetest.Run[descent.Descent](t, descent.Kind, values, both)
			alone := pipelinetest.Run[descent.Descent](t, descent.Kind, values, one)
			for i, d := range rows {
				first, last := d.Trace[0], d.Trace[len(d.Trace)-1]
				if err := outcome.Check(d.Outcome); err != nil || d.Method != m.Name || d.Loss != l.Name {
					t.Errorf("%s on %s: %v, row of %s on %s", m.Name, l.Name, err, d.Method, d.Loss)
				}
				if d.Outcome != outcome.Diverged && !(last.Energy < first.Energy) {
					t.Errorf("%s on %s, seed %d: %s, from L/N = %v to %v", m.Name, l.Name, d.Seed, d.Outcome,
						first.Energy, last.Energy)
				}
				if d.Seed == 2 && !slices.Equal(d.Student, alone[i-2].Student) {
					t.Errorf("%s on %s: a descent ends elsewhere in company than alone", m.Name, l.Name)
				}
			}
		}
	}
}

// A step so long that nothing is stable, or that the numbers overflow, is an outcome: no
// method that has a step hangs, fails, or takes it for an end.
func TestEveryStep(t *testing.T) {
	in := pipelinetest.Stage(t, instance.Kind, map[string]any{"N": int64(24), "alpha": 3.0,
		"seeds": pipeline.Range{First: 1, Last: 2}})
	for _, m := range pipeline.Choices[descent.Method]() {
		for _, eta := range []float64{1e10, 1e300, math.MaxFloat64} {
			values := map[string]any{"method": m.Name, "eta": eta, "budget": int64(2000)}
			if _, err := descent.Kind.Resolve(values); err != nil {
				continue // it has no step
			}
			for _, d := range pipelinetest.Run[descent.Descent](t, descent.Kind, values, in) {
				if d.Outcome != outcome.Diverged && d.Outcome != outcome.Unresolved || d.Energy-d.Energy != 0 {
					t.Errorf("%s with a step of %v, seed %d: %s at t = %v with L/N = %v", m.Name, eta, d.Seed, d.Outcome,
						d.T, d.Energy)
				}
			}
		}
	}
}

// Every estimator gives students that a descent starts from.
func TestEveryEstimator(t *testing.T) {
	in := pipelinetest.Stage(t, instance.Kind, map[string]any{"N": int64(24), "alpha": 3.0,
		"seeds": pipeline.Range{First: 1, Last: 2}})
	for _, e := range pipeline.Choices[spectral.Estimator]() {
		given := pipelinetest.Stage(t, spectral.Kind, map[string]any{"estimator": e.Name}, in)
		rows := pipelinetest.Rows[spectral.Row](t, given)
		descents := pipelinetest.Run[descent.Descent](t, descent.Kind, map[string]any{"budget": int64(1)}, in, given)
		for i, r := range rows {
			norm := 0.0
			for _, v := range r.Student {
				norm += v * v
			}
			if r.Estimator != e.Name || math.Abs(norm-24) > 1e-9 || descents[i].From != e.Name ||
				!slices.Equal(descents[i].Student, r.Student) {
				t.Errorf("%s: ‖w‖² = %v, descent from %s", e.Name, norm, descents[i].From)
			}
		}
	}
}

// What a record has of the parameters of a stage gives the stage's parameters again.
func TestParametersAreReadBack(t *testing.T) {
	for _, profile := range []string{"laptop", "smoke", "large"} {
		for _, s := range graphOf(t, read(t, "paper.toml"), profile).Stages {
			params, err := s.Kind.Decode(s.Canonical())
			if err != nil || !reflect.DeepEqual(params, s.Params) {
				t.Fatalf("%s: %+v, %v, want %+v", s.Name, params, err, s.Params)
			}
		}
	}
}
