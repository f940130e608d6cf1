package code

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// sources is a small module: kind descent imports loss, which has two variants,
// and rng, which has assembly; theory imports an external package and embeds a
// table.
var sources = map[string]string{
	"go.mod": `module example

go 1.26

require (
	example.org/linalg v1.2.0
	example.org/deep v0.3.0
	example.org/unused v1.0.0
)
`,
	"stages/external.txt": `# generated
example.org/linalg/eig example.org/deep example.org/linalg
example.org/unused example.org/unused
`,
	"stages/descent/descent.go": `// Package descent goes down.
package descent

import (
	"example/pipeline"
	"example/stages/internal/rng"
	"example/stages/loss"
	"fmt"
)

type Params struct {
	Loss string  ` + "`param:\"loss\" default:\"ell\" help:\"which loss\"`" + `
	Eta  float64 ` + "`param:\"eta\" default:\"0.02\" unit:\"1\"`" + `
}

const steps = 100

func Run(p Params) {
	pipeline.Note(fmt.Sprint(loss.Get(p.Loss)(rng.Next()) * steps))
}
`,
	"stages/descent/descent_test.go": `package descent`,
	"stages/loss/loss.go": `package loss

var losses = map[string]func(float64) float64{}

func Get(name string) func(float64) float64 { return losses[name] }
`,
	"stages/loss/ell.go": `//pipeline:variant loss=ell

package loss

func init() { losses["ell"] = ell }

func ell(x float64) float64 { return x * x }
`,
	"stages/loss/plain.go": `//pipeline:variant loss=plain

package loss

import "example.org/unused"

func init() { losses["plain"] = plain }

func plain(x float64) float64 { return unused.Abs(x) }
`,
	"stages/internal/rng/rng.go": `package rng

//go:noescape
func Next() float64
`,
	"stages/internal/rng/rng_amd64.s": "TEXT ·Next(SB), $0\n\tRET\n",
	"stages/internal/rng/rng_arm64.go": `package rng

const wide = true
`,
	"stages/internal/rng/gen.go": `//go:build ignore

package main

import "example.org/generator"

func main() { generator.Run() }
`,
	"stages/theory/theory.go": `package theory

import (
	_ "embed"

	"example.org/linalg/eig"
)

//go:embed table.txt
var table string

var Run = eig.Largest(table)
`,
	"stages/theory/table.txt": "1 2 3\n",
	"pipeline/pipeline.go":    "package pipeline\n\nimport \"example.org/engineonly\"\n\nvar Note = engineonly.Note\n",
}

func load(t testing.TB, files map[string]string) *Tree {
	t.Helper()
	fsys := make(fstest.MapFS)
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func digest(t testing.TB, files map[string]string, path string, params map[string]string) Digest {
	t.Helper()
	d, err := load(t, files).Digest(path, params)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// edit replaces text in one file, which must have it.
func edit(t testing.TB, name, old, text string) map[string]string {
	t.Helper()
	if !strings.Contains(sources[name], old) {
		t.Fatalf("%s does not contain %q", name, old)
	}
	return with(name, strings.Replace(sources[name], old, text, 1))
}

func with(name, text string) map[string]string {
	files := maps.Clone(sources)
	files[name] = text
	return files
}

const (
	descent = "example/stages/descent"
	theory  = "example/stages/theory"
)

var (
	ell   = map[string]string{"loss": "ell", "eta": "0.1"}
	plain = map[string]string{"loss": "plain"}
	other = map[string]string{"loss": "cube"}
)

// TestEdits states for each edit which kinds and variants run again.
func TestEdits(t *testing.T) {
	const main = "stages/descent/descent.go"
	tests := []struct {
		name    string
		files   map[string]string
		changed string // of "ell plain other all theory"
	}{
		{"none", sources, ""},
		{"comment", edit(t, main, "const steps", "// steps is how far.\nconst steps"), ""},
		{"blank lines", edit(t, main, "const steps = 100", "\n\nconst steps   =   100\n\n"), ""},
		{"package comment", edit(t, main, "// Package descent goes down.\n", ""), ""},
		{"parentheses", edit(t, main, "const steps = 100", "const (\n\tsteps = (100)\n)"), ""},
		{"order of imports", edit(t, main, "\t\"fmt\"\n", "\t\"fmt\"\n)\n\nimport (\n\t\"math\"\n"), "ell plain other all"},
		{"constant", edit(t, main, "100", "101"), "ell plain other all"},
		{"default", edit(t, main, "0.02", "0.03"), ""},
		{"help", edit(t, main, "which loss", "its name"), ""},
		{"no help", edit(t, main, ` help:"which loss"`, ""), ""},
		{"unit", edit(t, main, `unit:"1"`, `unit:"s"`), "ell plain other all"},
		{"parameter name", edit(t, main, `param:"eta"`, `param:"step"`), "ell plain other all"},
		{"a dependency", edit(t, "stages/loss/loss.go", "losses[name]", "losses[name+name]"), "ell plain other all"},
		{"engine", edit(t, "pipeline/pipeline.go", "engineonly.Note", "engineonly.Other"), ""},
		{"test", with("stages/descent/descent_test.go", "package descent\n\nvar x = 1"), ""},
		{"generator", edit(t, "stages/internal/rng/gen.go", "generator.Run()", ""), ""},
		{"go line", edit(t, "go.mod", "go 1.26", "go 1.27"), ""},
		{"variant", edit(t, "stages/loss/ell.go", "x * x", "x * x * x"), "ell all"},
		{"variant with a module", edit(t, "stages/loss/plain.go", "unused.Abs(x)", "-unused.Abs(x)"), "plain all"},
		{"new variant", with("stages/loss/cube.go", "//pipeline:variant loss=cube\n\npackage loss\n\nfunc init() {}\n"), "other all"},
		{"new variant for none", with("stages/loss/four.go", "//pipeline:variant loss=four\n\npackage loss\n"), "all"},
		{"file for another platform", edit(t, "stages/internal/rng/rng_arm64.go", "true", "false"), "ell plain other all"},
		{"assembly", edit(t, "stages/internal/rng/rng_amd64.s", "RET", "NOP"), "ell plain other all"},
		{"directive", edit(t, "stages/internal/rng/rng.go", "//go:noescape\n", ""), "ell plain other all"},
		{"new file", with("stages/loss/more.go", "package loss\n"), "ell plain other all"},
		{"embedded file", with("stages/theory/table.txt", "1 2 4\n"), "theory"},
		{"file beside", with("stages/theory/notes.txt", "1 2 4\n"), ""},
		{"module", edit(t, "go.mod", "linalg v1.2.0", "linalg v1.3.0"), "theory"},
		{"module of a module", edit(t, "go.mod", "deep v0.3.0", "deep v0.3.1"), "theory"},
		{"module of a variant", edit(t, "go.mod", "unused v1.0.0", "unused v1.0.1"), "plain all"},
		{"replaced module", with("go.mod", sources["go.mod"]+"\nreplace example.org/deep => example.org/fork v1.1.0\n"), "theory"},
		{"replaced version", with("go.mod", sources["go.mod"]+"\nreplace example.org/deep v0.3.0 => example.org/fork v1.0.0\n"), "theory"},
		{"replaced other version", with("go.mod", sources["go.mod"]+"\nreplace example.org/deep v0.2.0 => ../deep\n"), ""},
	}
	type question struct {
		name, path string
		params     map[string]string
	}
	questions := []question{
		{"ell", descent, ell}, {"plain", descent, plain}, {"other", descent, other}, {"all", descent, nil}, {"theory", theory, ell},
	}
	for _, test := range tests {
		var got []string
		for _, q := range questions {
			if digest(t, sources, q.path, q.params).Sum != digest(t, test.files, q.path, q.params).Sum {
				got = append(got, q.name)
			}
		}
		if strings.Join(got, " ") != test.changed {
			t.Errorf("%s: changed %q, want %q", test.name, got, test.changed)
		}
	}
}

// TestSensitive compares pairs of programs whose trees differ in a position only,
// or whose digests must not differ.
func TestSensitive(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"type A = int", "type A int", false},
		{"func f(x ...int) { f(x...) }", "func f(x ...int) { f(x) }", false},
		{"func f() {}", "func f()", false},
		{"func f() {}", "func f() () {}", true},
		{"var a = 1", "var (\n\ta = 1\n)", true},
		{"var c chan<- int", "var c <-chan int", false},
		{"var c chan (<-chan int)", "var c chan<- (chan int)", false},
		{"var a = 0XFF + 1E3 + 0B1 + 012i", "var a = 0xff + 1e3 + 0b1 + 12i", true},
		{"var a = 0i", "var a = 000i", true},
		{"var a = 0xff", "var a = 255", false},
		{"var a = (1 + 2) * 3", "var a = 1 + 2*3", false},
		{"func f() { ;; }", "func f() {}", true},
		{"func f() { if ((true)) { } }", "func f() { if true { } }", true},
		{"func f() { l: ; for { break l } }", "func f() { l: for { break l } }", false},
		{"type T struct { A int `default:\"1\"` }", "type T struct { A int `default:\"2\"` }", false},
		{"type T struct { A int `param:\"a\"` }", "type T struct { A int `help:\"h\" param:\"a\" default:\"2\"` }", true},
		{"type T struct { A int `param:\"a\"` }", "type T struct { A int \"param:\\\"a\\\"\" }", true},
		{"type T struct { A int `a b` }", "type T struct { A int `a c` }", false},
		{"type T struct { A int `param:\"a\" default:1` }", "type T struct { A int `param:\"a\" default:2` }", false},
		{"import a \"m\"", "import b \"m\"", false},
		{"import \"n\"\nimport \"m\"", "import (\n\t\"m\"\n\n\t\"n\"\n)", true},
		{"//go:noinline\nfunc f() {}\nfunc g() {}", "func f() {}\n//go:noinline\nfunc g() {}", false},
		{"//go:noinline\n\n// f is.\nfunc f() {}", "// f was.\n//\n//go:noinline\nfunc f() {}", true},
		{"//go:noinline\nfunc f() {}", "//go:nosplit\nfunc f() {}", false},
		{"//go:generate x\nfunc f() {}", "func f() {}", true},
	}
	for _, test := range tests {
		a := digest(t, with("stages/x/x.go", "package x\n\n"+test.a+"\n"), "example/stages/x", nil)
		b := digest(t, with("stages/x/x.go", "package x\n\n"+test.b+"\n"), "example/stages/x", nil)
		if (a.Sum == b.Sum) != test.same {
			t.Errorf("same is %t, want %t:\n%s\n---\n%s", a.Sum == b.Sum, test.same, test.a, test.b)
		}
	}
	a := digest(t, with("stages/x/x.go", "package x\n"), "example/stages/x", nil)
	b := digest(t, with("stages/x/y.go", "package x\n"), "example/stages/x", nil)
	c := digest(t, with("stages/x/x.go", "//go:build linux\n\npackage x\n"), "example/stages/x", nil)
	if a.Sum == b.Sum || a.Sum == c.Sum {
		t.Error("a file's name and its build constraint must count")
	}
}

func TestBreakdown(t *testing.T) {
	d := digest(t, sources, descent, plain)
	var names []string
	for _, p := range d.Packages {
		for _, f := range p.Files {
			names = append(names, f.Name)
		}
	}
	want := []string{
		"stages/descent/descent.go",
		"stages/internal/rng/rng.go", "stages/internal/rng/rng_amd64.s", "stages/internal/rng/rng_arm64.go",
		"stages/loss/loss.go", "stages/loss/plain.go",
	}
	if !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	d = digest(t, sources, theory, nil)
	if want := []Module{{"example.org/deep", "v0.3.0"}, {"example.org/linalg", "v1.2.0"}}; !slices.Equal(d.Modules, want) {
		t.Errorf("modules %v, want %v", d.Modules, want)
	}
	if got := d.Packages[0].Files[0].Name; got != "stages/theory/table.txt" {
		t.Errorf("first file %s, want the embedded table", got)
	}
}

func TestChanges(t *testing.T) {
	now := edit(t, "stages/descent/descent.go", "100", "101")
	now["stages/loss/more.go"] = "package loss\n"
	now["stages/theory/table.txt"] = "4"
	now["go.mod"] = strings.Replace(now["go.mod"], "deep v0.3.0", "deep v0.4.0", 1)
	tests := []struct {
		a, b Digest
		want []string
	}{
		{digest(t, sources, descent, ell), digest(t, sources, descent, ell), nil},
		{digest(t, sources, descent, ell), digest(t, now, descent, ell), []string{"stages/descent/descent.go changed", "stages/loss/more.go is new"}},
		{digest(t, now, descent, ell), digest(t, sources, descent, plain), []string{
			"example.org/unused is new", "stages/descent/descent.go changed", "stages/loss/ell.go is gone",
			"stages/loss/more.go is gone", "stages/loss/plain.go is new"}},
		{digest(t, sources, theory, nil), digest(t, now, theory, nil), []string{
			"example.org/deep v0.3.0 is now v0.4.0", "stages/theory/table.txt changed"}},
		{Digest{Packages: []Package{{Path: "p", Sum: "1"}, {Path: "q", Sum: "1"}}},
			Digest{Packages: []Package{{Path: "p", Sum: "2"}}},
			[]string{"p changed", "q is gone"}},
	}
	for _, test := range tests {
		if got := Changes(test.a, test.b); !slices.Equal(got, test.want) {
			t.Errorf("changes %q, want %q", got, test.want)
		}
	}
}
