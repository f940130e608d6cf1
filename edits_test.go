package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// edits are texts of files, by their names below the module's root, that a build takes in
// place of those that stand there, or besides.
type edits map[string]string

// build makes the program with the edits. The sources stay as they are.
func (e edits) build(program string) error {
	dir, err := os.MkdirTemp(filepath.Dir(program), "overlay-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var overlay struct{ Replace map[string]string }
	overlay.Replace = make(map[string]string)
	for name, text := range e {
		at, err := filepath.Abs(name)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(to, []byte(text), 0o666); err != nil {
			return err
		}
		overlay.Replace[at] = to
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return err
	}
	to := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(to, list, 0o666); err != nil {
		return err
	}
	return compile(runtime.GOARCH, program, "-overlay="+to)
}

// program builds it into a folder of the test.
func (e edits) program(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "hero")
	if err := e.build(to); err != nil {
		t.Fatal(err)
	}
	return to
}

// addImport adds a package to those that main.go imports for their effect.
func (e edits) addImport(t *testing.T, pkg string) {
	t.Helper()
	if e["main.go"] == "" {
		e["main.go"] = read(t, "main.go")
	}
	const line = "\n\t_ \"zerotohero/stages/loss/ell\"\n"
	if !strings.Contains(e["main.go"], line) {
		t.Fatalf("main.go has no line %s", line)
	}
	e["main.go"] = strings.Replace(e["main.go"], line, line+"\t_ \""+pkg+"\"\n", 1)
}

// copiedLoss is ell, registered under another name by a package of that name.
func copiedLoss(t *testing.T, name string) (file, text string) {
	t.Helper()
	text = read(t, "stages/loss/ell/ell.go")
	for old, now := range map[string]string{"package ell\n": "package " + name + "\n",
		`Register("ell", `: `Register("` + name + `", `} {
		if strings.Count(text, old) != 1 {
			t.Fatalf("stages/loss/ell/ell.go has no %q any more", old)
		}
		text = strings.Replace(text, old, now, 1)
	}
	return "stages/loss/" + name + "/" + name + ".go", text
}

// What no artifact can depend on changes no key.
func TestHarmlessEdits(t *testing.T) {
	dir := referenceRun(t).dir
	plan := func(e edits) string { return run(t, command(e.program(t), dir, "plan", "--profile", "smoke")) }
	all := newSourceSet(t)
	for _, h := range harmless {
		h.edit(t, all)
	}
	out := plan(all.edits())
	if strings.Contains(out, " 0 to restore, 0 to run") {
		return
	}
	t.Errorf("edits that can change no artifact:\n%s", out)
	for _, h := range harmless {
		one := newSourceSet(t)
		h.edit(t, one)
		if out := plan(one.edits()); !strings.Contains(out, " 0 to restore, 0 to run") {
			t.Errorf("of these, %s", h.of)
		}
	}
}

var harmless = []struct {
	of   string
	edit func(t *testing.T, s *sourceSet)
}{
	{"comments and formatting", func(t *testing.T, s *sourceSet) {
		s.each(func(f *source, n ast.Node) {
			if r, ok := n.(*ast.ReturnStmt); ok {
				f.insert(r.Pos(), "/* edited */ ")
			}
		})
		for _, f := range s.files {
			f.end += "\n\n// edited\n"
		}
	}},
	{"estimates of cost", func(t *testing.T, s *sourceSet) {
		s.insertInto(t, "Cost", 5, "costEdited()", "func costEdited() int { return 1 }")
	}},
	{"checks of inputs", func(t *testing.T, s *sourceSet) { s.insertInto(t, "Accepts", 5, "0", "") }},
	{"checks of parameters", func(t *testing.T, s *sourceSet) { s.insertInto(t, "Validate", 10, "0", "") }},
	{"help texts", func(t *testing.T, s *sourceSet) {
		count := 0
		s.each(func(f *source, n ast.Node) {
			if field, ok := n.(*ast.Field); ok && field.Tag != nil {
				if i := strings.Index(field.Tag.Value, ` help:"`); i > 0 {
					f.insert(field.Tag.Pos()+token.Pos(i+len(` help:"`)), "edited ")
					count++
				}
			}
			if pair, ok := n.(*ast.KeyValueExpr); ok && name(pair.Key) == "Doc" {
				f.insert(pair.Value.Pos(), `"edited " + `)
				count++
			}
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 3 && name(call.Fun) == "Register" {
				f.insert(call.Args[1].Pos(), `"edited " + `)
				count++
			}
		})
		if count < 50 {
			t.Errorf("only %d help texts", count)
		}
	}},
	{"what nothing uses", func(t *testing.T, s *sourceSet) {
		for dir, pkg := range s.packages() {
			s.more[path.Join(dir, "edited.go")] = "package " + pkg + `

import "errors"

const constEdited = 1

var errEdited = errors.New("edited")

type typeEdited struct{}

func (typeEdited) String() string { return "edited" }

func functionEdited() int { return constEdited }
`
			s.more[path.Join(dir, "edited_test.go")] = "package " + pkg + "\n"
		}
	}},
	{"a new loss", func(t *testing.T, s *sourceSet) {
		file, text := copiedLoss(t, "copied")
		s.more[file] = text
		s.more.addImport(t, "zerotohero/stages/loss/copied")
	}},
	{"the engine", func(t *testing.T, s *sourceSet) {
		s.more["pipeline/pipeline.go"] = read(t,
			"pipeline/pipeline.go") + "\nfunc edited() int { return 1 }\n\nvar _ = edited()\n"
	}},
}

// A sourceSet is the Go files of stages and figures, without tests and generators, as they
// are being edited.
type sourceSet struct {
	files []*source
	more  edits
}

type source struct {
	file, text string
	fset       *token.FileSet
	tree       *ast.File
	inserted   map[int]string // by offset
	end        string
}

func newSourceSet(t *testing.T) *sourceSet {
	t.Helper()
	s := &sourceSet{more: make(edits)}
	for _, top := range []string{"stages", "figures"} {
		err := filepath.WalkDir(top, func(file string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
				return err
			}
			if f := parseSource(t, file); !strings.Contains(f.text, "\n//go:build ignore\n") {
				s.files = append(s.files, f)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func parseSource(t *testing.T, file string) *source {
	t.Helper()
	f := &source{file: filepath.ToSlash(file), text: read(t, file), fset: token.NewFileSet(),
		inserted: make(map[int]string)}
	var err error
	if f.tree, err = parser.ParseFile(f.fset, file, f.text, parser.SkipObjectResolution); err != nil {
		t.Fatal(err)
	}
	return f
}

func (s *sourceSet) edits() edits {
	e := maps.Clone(s.more)
	for _, f := range s.files {
		text := f.text
		for _, at := range slices.Backward(slices.Sorted(maps.Keys(f.inserted))) {
			text = text[:at] + f.inserted[at] + text[at:]
		}
		if text += f.end; text != f.text {
			e[f.file] = text
		}
	}
	return e
}

func (f *source) insert(at token.Pos, text string) { f.inserted[f.fset.Position(at).Offset] += text }

// each calls do for all syntax nodes.
func (s *sourceSet) each(do func(f *source, n ast.Node)) {
	for _, f := range s.files {
		ast.Inspect(f.tree, func(n ast.Node) bool {
			if n != nil {
				do(f, n)
			}
			return true
		})
	}
}

// packages gives the names of packages by folder.
func (s *sourceSet) packages() map[string]string {
	out := make(map[string]string)
	for _, f := range s.files {
		out[path.Dir(f.file)] = f.tree.Name.Name
	}
	return out
}

// insertInto inserts a use of a value into the functions that definitions of kinds name in a
// field and into the methods of that name, and declares helper beside them. It is an error if
// there are fewer than atLeast.
func (s *sourceSet) insertInto(t *testing.T, field string, atLeast int, value, helper string) {
	t.Helper()
	named := make(map[string]bool) // folder and function
	var bodies []*ast.BlockStmt
	helped := make(map[string]bool)
	add := func(f *source, body *ast.BlockStmt) {
		f.insert(body.Lbrace+1, " _ = "+value+"; ")
		bodies = append(bodies, body)
		if dir := path.Dir(f.file); !helped[dir] {
			helped[dir] = true
			f.end += "\n\n" + helper + "\n"
		}
	}
	s.each(func(f *source, n ast.Node) {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok || name(pair.Key) != field {
			return
		}
		if literal, ok := pair.Value.(*ast.FuncLit); ok {
			add(f, literal.Body)
		} else {
			named[path.Dir(f.file)+" "+name(pair.Value)] = true
		}
	})
	s.each(func(f *source, n ast.Node) {
		if d, ok := n.(*ast.FuncDecl); ok && (d.Recv != nil && d.Name.Name == field || d.Recv == nil &&
			named[path.Dir(f.file)+" "+d.Name.Name]) {
			add(f, d.Body)
		}
	})
	if len(bodies) < atLeast {
		t.Errorf("only %d functions %s", len(bodies), field)
	}
}

// name is that of a name, of what a call or a selection names, or "".
func name(n ast.Expr) string {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.SelectorExpr:
		return n.Sel.Name
	case *ast.IndexExpr:
		return name(n.X)
	case *ast.IndexListExpr:
		return name(n.X)
	}
	return ""
}

// smallPaper computes the same with the loss ell and a copy of it.
const smallPaper = `default-profile = "small"

[grid.g]
loss = ["ell", "ell2"]
alpha = [3]
seeds = "1..4 by 4"

[stage.instance]
kind = "instance"
each = "g"
over = ["alpha", "seeds"]
N = 16

[stage.descent]
kind = "descent"
each = "g"
from = ["instance"]

[stage.transition]
kind = "theory-transition"
each = "g"
over = ["loss"]

[profile.small]
`

// A copy of a loss, under another name, is a loss of its own: an edit of it runs the
// stages that chose it, and no others.
func TestCopiedLoss(t *testing.T) {
	dir := folder(t, smallPaper)
	e := make(edits)
	file, text := copiedLoss(t, "ell2")
	e[file] = text
	e.addImport(t, "zerotohero/stages/loss/ell2")
	first := e.program(t)
	run(t, command(first, dir, "run"))
	if out := run(t, command(first, dir, "plan")); !strings.Contains(out, " 0 to run") {
		t.Fatalf("after a run:\n%s", out)
	}
	const value = "return 0.5 * d * d"
	if !strings.Contains(text, value) {
		t.Fatalf("%s has no %q any more", file, value)
	}
	e[file] = strings.Replace(text, value, "return 0.6 * d * d", 1)
	second := e.program(t)
	out := run(t, command(second, dir, "plan", "--all"))
	var runs []string
	for line := range strings.Lines(out) {
		if stage, ok := strings.CutPrefix(line, "run "); ok {
			runs = append(runs, strings.TrimSpace(stage))
		}
	}
	slices.Sort(runs)
	want := []string{"descent/loss=ell2,alpha=3,seeds=1-4", "transition/loss=ell2"}
	if !slices.Equal(runs, want) {
		t.Errorf("to run are %v, want %v, after\n%s", runs, want, out)
	}
	if out := run(t, command(second, dir, "run")); !strings.Contains(out, ": 2 ran") {
		t.Errorf("want 2 to run:\n%s", out)
	}
}

// A choice whose code would not be known by its package ends the program at its start.
func TestRegisteredTwice(t *testing.T) {
	const register = `pipeline.Register("second", "", func(struct{}) (v %s, err error) { return v, nil })`
	all := make(edits)
	second := func(dir, imports, of string) {
		text := "package " + path.Base(dir) + "\n\nimport (\n\t\"zerotohero/pipeline\"\n"
		if imports != "" {
			text += "\t" + strconv.Quote(imports) + "\n"
		}
		all[dir+"/second.go"] = text + ")\n\nfunc init() {\n\t" + fmt.Sprintf(register, of) + "\n}\n"
	}
	second("stages/loss/ell", "zerotohero/stages/loss", "loss.Loss")
	second("stages/loss", "", "Loss")
	second("stages/descent", "", "Method")
	second("stages/spectral", "", "Estimator")
	second("figures", "", "Figure")
	second("stages/descent/gd", "zerotohero/stages/descent", "descent.Method")
	second("stages/spectral/optimal", "zerotohero/stages/spectral", "spectral.Estimator")
	second("figures/curvature", "zerotohero/figures", "figures.Figure")
	c := command(all.program(t), folder(t, read(t, "paper.toml")), "plan")
	text, _ := c.CombinedOutput()
	out := string(text)
	if code := c.ProcessState.ExitCode(); code != 2 || strings.Count(out, "\n") != 8 {
		t.Errorf("exit code %d after\n%s", code, out)
	}
	for _, want := range []string{
		"stages/loss registers the loss second and declares the type Loss itself; declare each",
		"stages/descent registers the method second and declares the type Method itself; declare each",
		"stages/spectral registers the estimator second and declares the type Estimator itself; declare each",
		"figures registers the figure second and declares the type Figure itself; declare each",
		"stages/loss/ell registers ell and second; declare each loss",
		"stages/descent/gd registers gd and second; declare each method",
		"stages/spectral/optimal registers optimal and second; declare each estimator",
		"figures/curvature registers curvature and second; declare each figure",
	} {
		want = "hero: zerotohero/" + want + " in a package of its own"
		if !strings.Contains(out, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
}
