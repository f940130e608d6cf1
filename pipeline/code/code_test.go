package code

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"zerotohero/pipeline/digest"
)

// sources is a small module: kind descent chooses a loss, of which there are two in
// packages of their own, and imports rng, which has assembly; theory imports an external
// package and embeds a table. The module is the one that holds the engine.
var sources = map[string]string{
	"go.mod": `module zerotohero

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
	"errors"
	"zerotohero/pipeline"
	"zerotohero/stages/internal/rng"
	"zerotohero/stages/loss"
	"fmt"
)

var Kind = pipeline.Define(pipeline.Definition{Doc: "goes down", Reads: []pipeline.Read{pipeline.Reads[loss.Loss]("loss").OrNone()}, Cost: cost, Run: run})

type Params struct {
	Loss string  ` + "`param:\"loss\" default:\"ell\" help:\"which loss\"`" + `
	Eta  float64 ` + "`param:\"eta\" default:\"0.02\" unit:\"1\"`" + `
}

func (p Params) Validate() error {
	if p.Eta < least {
		return errors.New("eta is too small")
	}
	return nil
}

const least = 0.001

func (p Params) String() string { return p.text() }

func (p Params) text() string { return p.Loss }

func (p Params) hidden() string { return "hidden" }

var errUnused = errors.New("not used")

func cost(p Params) float64 { return 7 * weight }

const weight = 3

const (
	steps = 100
	spare = 5
)

type direction int

const (
	down direction = iota
	up
)

func run(p Params) {
	pipeline.Note(fmt.Sprint(loss.Get(p.Loss)(rng.Next()) * steps), down)
}

func unused() int { return 1 }
`,
	"stages/descent/descent_test.go": `package descent`,
	"stages/loss/loss.go": `package loss

import "fmt"

type Loss func(float64) float64

func Get(name string) Loss { return losses[name] }

var losses = map[string]Loss{}

func Name(l Loss) string { return fmt.Sprint(l) }
`,
	"stages/internal/inputs/inputs.go": `package inputs

import "errors"

func Some(in []string) error {
	if len(in) == 0 {
		return errors.New("none")
	}
	return nil
}
`,
	"stages/loss/ell/ell.go": `package ell

import (
	"zerotohero/pipeline"
	"zerotohero/stages/internal/inputs"
	"zerotohero/stages/loss"
)

func init() { pipeline.Register("ell", "the paper's loss", make) }

func make(p Params) (loss.Loss, error) { return ell, nil }

type Params struct{}

func (Params) Validate() error { return nil }

func (Params) Accepts(in []string) error { return inputs.Some(in) }

func (Params) Cost() float64 { return 2 }

func ell(x float64) float64 { return x * x }
`,
	"stages/loss/plain/plain.go": `package plain

import (
	"zerotohero/pipeline"
	"zerotohero/stages/loss"

	"example.org/unused"
)

var _ = register()

func register() int {
	pipeline.Register[loss.Loss, Params]("plain", "no parameter", make)
	return 0
}

func make(Params) (loss.Loss, error) { return plain, nil }

type Params struct{}

func plain(x float64) float64 { return unused.Abs(x) }
`,
	"stages/internal/rng/rng.go": `package rng

//go:noescape
func Next() float64
`,
	"stages/internal/rng/rng_amd64.s": "TEXT ·Next(SB), $0\n\tRET\n",
	"stages/internal/rng/rng_arm64.go": `package rng

func init() { wide = true }

var wide = false
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

func Run() float64 { return eig.Largest(table) }
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

// An asked is what a digest is asked for.
type asked struct {
	name, pkg, function string
	choices             []string
}

func manifest(t testing.TB, files map[string]string, q asked) Manifest {
	t.Helper()
	d, err := load(t, files).Manifest(q.pkg, q.function, q.choices)
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

var (
	ell    = asked{"ell", "zerotohero/stages/descent", "run", []string{"zerotohero/stages/loss/ell"}}
	plain  = asked{"plain", "zerotohero/stages/descent", "run", []string{"zerotohero/stages/loss/plain"}}
	bare   = asked{"bare", "zerotohero/stages/descent", "run", nil}
	theory = asked{"theory", "zerotohero/stages/theory", "Run", nil}
)

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
		{"import a \"m\"\nvar x = a.X", "import b \"m\"\nvar x = b.X", false},
		{"import \"m/rand\"\nvar x = rand.X", "import \"m/rand/v2\"\nvar x = rand.X", false},
		{"import \"m/rand\"\nvar x = rand.X", "import \"n/rand\"\nvar x = rand.X", false},
		{"const (\n\ta = 1\n\tb = 2\n)", "const a = 1\nconst b = 2", true},
		{"const (\n\ta = iota\n\tb\n)", "const (\n\tb = iota\n\ta\n)", false},
		{"const (\n\ta = 1\n\tb\n)", "const (\n\tc = 1\n\ta\n\tb\n)", false},
		{"func init() { f() }\nfunc f() {}", "func f() {}\nfunc init() { f() }", true},
		{"func init() { f() }\nfunc init() { g() }\nfunc f() {}\nfunc g() {}",
			"func init() { g() }\nfunc init() { f() }\nfunc f() {}\nfunc g() {}", false},
		{"import \"n\"\nimport \"m\"", "import (\n\t\"m\"\n\n\t\"n\"\n)", true},
		{"//go:noinline\nfunc f() {}\nfunc g() {}", "func f() {}\n//go:noinline\nfunc g() {}", false},
		{"//go:noinline\n\n// f is.\nfunc f() {}", "// f was.\n//\n//go:noinline\nfunc f() {}", true},
		{"//go:noinline\nfunc f() {}", "//go:nosplit\nfunc f() {}", false},
		{"//go:generate x\nfunc f() {}", "func f() {}", true},
	}
	for _, test := range tests {
		a := manifest(t, with("stages/x/x.go", "package x\n\n"+test.a+"\n"), asked{pkg: "zerotohero/stages/x"})
		b := manifest(t, with("stages/x/x.go", "package x\n\n"+test.b+"\n"), asked{pkg: "zerotohero/stages/x"})
		if (a.Sum == b.Sum) != test.same {
			t.Errorf("same is %t, want %t:\n%s\n---\n%s", a.Sum == b.Sum, test.same, test.a, test.b)
		}
	}
	x := asked{pkg: "zerotohero/stages/x"}
	a := manifest(t, with("stages/x/x.go", "package x\n\nfunc f() {}\n"), x)
	b := manifest(t, with("stages/x/y.go", "package x\n\nfunc f() {}\n"), x)
	c := manifest(t, with("stages/x/x.go", "//go:build linux\n\npackage x\n\nfunc f() {}\n"), x)
	d := manifest(t, with("stages/x/x_linux.go", "package x\n\nfunc f() {}\n"), x)
	if a.Sum != b.Sum || a.Sum == c.Sum || a.Sum == d.Sum {
		t.Error("of a file its platforms must count, and not its name")
	}
}

// TestEngineElsewhere has a module that imports the engine from another: it does not count
// there either, and a folder pipeline of the module's own does.
func TestEngineElsewhere(t *testing.T) {
	const source = `package x

import (
	"example.org/paper/pipeline/more"
	"zerotohero/pipeline"
)

var Kind = pipeline.Define(pipeline.Definition{Doc: "does x", Run: Run})

func init() { pipeline.Register("x", "an x", Run) }

func Run() int { return more.One() }
`
	files := map[string]string{
		"go.mod":                "module example.org/paper\n\ngo 1.26\n",
		"stages/x/x.go":         source,
		"pipeline/more/more.go": "package more\n\nfunc One() int { return 1 }\n",
	}
	x := asked{pkg: "example.org/paper/stages/x", function: "Run"}
	before := manifest(t, files, x)
	if len(before.Modules) > 0 {
		t.Errorf("modules %v, want none", before.Modules)
	}
	for _, test := range []struct {
		file, old, new string
		same           bool
	}{
		{"stages/x/x.go", "an x", "the x", true},
		{"stages/x/x.go", "does x", "makes x", true},
		{"pipeline/more/more.go", "return 1", "return 2", false},
	} {
		now := maps.Clone(files)
		now[test.file] = strings.Replace(now[test.file], test.old, test.new, 1)
		if got := manifest(t, now, x).Sum == before.Sum; got != test.same {
			t.Errorf("%s with %q for %q: same digest %t, want %t", test.file, test.new, test.old, got, test.same)
		}
	}
}

func TestBreakdown(t *testing.T) {
	names := func(d Manifest) string {
		var out []string
		for _, p := range d.Packages {
			for _, c := range p.Declarations {
				out = append(out, strings.TrimPrefix(p.Path, "zerotohero/stages/")+"."+c.Name)
			}
			for _, f := range p.Files {
				out = append(out, f.Name)
			}
		}
		return strings.Join(out, " ")
	}
	const want = "descent.Params descent.Params.String descent.Params.text descent.direction " +
		"descent.down, up descent.run descent.steps " +
		"internal/rng.Next internal/rng.init internal/rng.wide stages/internal/rng/rng_amd64.s " +
		"loss.Get loss.Loss loss.losses " +
		"loss/ell.Params loss/ell.ell loss/ell.init loss/ell.make"
	if got := names(manifest(t, sources, ell)); got != want {
		t.Errorf("counted\n%s\nwant\n%s", got, want)
	}
	d := manifest(t, sources, theory)
	if want := []Module{{"example.org/deep", "v0.3.0"}, {"example.org/linalg", "v1.2.0"}}; !slices.Equal(d.Modules, want) {
		t.Errorf("modules %v, want %v", d.Modules, want)
	}
	if got := names(d); got != "theory.Run theory.table stages/theory/table.txt" {
		t.Errorf("theory: %s", got)
	}
}

// TestUseSums checks that sums which one tree knows save another of the same sources from
// reading them, and that other sources have another name.
func TestUseSums(t *testing.T) {
	first := load(t, sources)
	want, err := first.Digest(ell.pkg, ell.function, ell.choices)
	if err != nil {
		t.Fatal(err)
	}
	sums := first.Sums()
	if len(sums) != 1 {
		t.Errorf("the first tree knows %v", sums)
	}
	second := load(t, sources)
	second.UseSums(sums)
	got, err := second.Digest(ell.pkg, ell.function, ell.choices)
	if known := second.Sums(); err != nil || got != want || !maps.Equal(known, sums) || len(second.packages) != 0 {
		t.Errorf("used %q, want %q; knows %v, read %d packages, %v", got, want, known, len(second.packages), err)
	}
	if wrong := second.CheckSums(); wrong != nil {
		t.Errorf("the sums of the first tree are wrong: %v", wrong)
	}
	second.UseSums(map[string]digest.Code{question(plain.pkg, plain.function, plain.choices): want, "nonsense": want})
	if wrong := second.CheckSums(); len(wrong) != 2 {
		t.Errorf("two wrong sums give %v", wrong)
	}
	name := func(files map[string]string) string {
		sources, err := load(t, files).Sources()
		if err != nil {
			t.Fatal(err)
		}
		return sources
	}
	if name(sources) != name(with("stages/descent/descent_test.go", "package descent_test")) {
		t.Error("a test changed the name of the sources")
	}
	if name(sources) == name(edit(t, "stages/descent/descent.go", "goes down", "goes up")) {
		t.Error("an edit left the name of the sources")
	}
}
