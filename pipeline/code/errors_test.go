package code

import (
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func TestErrors(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		of    asked
		want  []string // parts of the message
	}{
		{"engine", sources, asked{pkg: "zerotohero/pipeline"}, []string{"engine"}},
		{"not of the module", sources, asked{pkg: "fmt"}, []string{"not a package of module zerotohero"}},
		{"missing", sources, asked{pkg: "zerotohero/stages/none"}, []string{"no Go files in stages/none", "embedded"}},
		{"missing import", edit(t, "stages/loss/loss.go", "package loss\n",
			"package loss\n\nimport _ \"zerotohero/stages/none\"\n"), bare,
			[]string{"stages/descent/descent.go imports zerotohero/stages/loss",
				"stages/loss/loss.go imports zerotohero/stages/none", "no Go files"}},
		{"syntax", with("stages/loss/loss.go", "package loss\n\nvar"), bare, []string{"stages/loss/loss.go:3:4"}},
		{"cgo", with("stages/loss/c.go", "package loss\n\nimport \"C\"\n"), bare, []string{"stages/loss/c.go:3:8", "C code"}},
		{"no table", edit(t, "stages/external.txt", "example.org/linalg/eig", "example.org/linalg"), theory,
			[]string{"stages/theory/theory.go imports", "stages/external.txt does not list example.org/linalg/eig",
				"go generate"}},
		{"table without modules", with("stages/external.txt", "\nexample.org/linalg/eig\n"), theory,
			[]string{"stages/external.txt:2", "go generate"}},
		{"table with a repeat", with("stages/external.txt", "a.b a.b\na.b a.b\n"), theory,
			[]string{"stages/external.txt:2", "twice"}},
		{"module not required", edit(t, "go.mod", "\texample.org/deep v0.3.0\n", ""), theory,
			[]string{"example.org/deep", "go mod tidy"}},
		{"embed of nothing", edit(t, "stages/theory/theory.go", "table.txt", "tables/*"), theory,
			[]string{"stages/theory/theory.go:9:1", "no file matches tables/*"}},
		{"embed outside", edit(t, "stages/theory/theory.go", "table.txt", "../table.txt"), theory,
			[]string{"bad pattern ../table.txt"}},
		{"embed pattern", edit(t, "stages/theory/theory.go", "table.txt", "[a"), theory,
			[]string{"pattern [a", "syntax error"}},
		{"embed quote", edit(t, "stages/theory/theory.go", "table.txt", `"table.txt`), theory, []string{"quoted pattern"}},

		{"no such function", edit(t, "stages/theory/theory.go", "func Run", "func Walk"), theory,
			[]string{"no function Run"}},
		{"dot import", edit(t, "stages/loss/loss.go", `"fmt"`, `. "fmt"`), bare,
			[]string{"stages/loss/loss.go:3:8", "under a name"}},
		{"package of another name", edit(t, "stages/loss/loss.go", "package loss", "package cost"), bare,
			[]string{"stages/descent/descent.go imports zerotohero/stages/loss, whose name is cost",
				`import it as cost "zerotohero/stages/loss"`}},
		{"linkname", with("stages/loss/c.go", "package loss\n\nimport _ \"unsafe\"\n\n//go:linkname f g\nfunc f()\n"), bare,
			[]string{"stages/loss/c.go:5:1", "call it by name"}},
		{"choice of the engine", sources, asked{"", bare.pkg, "run", []string{"zerotohero/pipeline"}}, []string{"engine"}},
	}
	for _, test := range tests {
		_, err := load(t, test.files).Manifest(test.of.pkg, test.of.function, test.of.choices)
		if (err != nil) != (test.want != nil) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
		for _, part := range test.want {
			if err != nil && !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error %q, want %q in it", test.name, err, part)
			}
		}
	}
}

func TestLoadErrors(t *testing.T) {
	for name, text := range map[string]string{"syntax": "modul example\n", "no module": "go 1.26\n",
		"local replacement": "module zerotohero\n\nrequire a.b/c v1.0.0\n\nreplace a.b/c => ../c\n"} {
		if _, err := Load(fstest.MapFS{"go.mod": {Data: []byte(text)}}); err == nil ||
			!strings.Contains(err.Error(), "go.mod") {
			t.Errorf("%s: error %v, want one that names go.mod", name, err)
		}
	}
	if _, err := Load(fstest.MapFS{}); err == nil {
		t.Error("no error without go.mod")
	}
}

func TestEmbedPatterns(t *testing.T) {
	files := with("stages/theory/theory.go",
		"package theory\n\nimport \"embed\"\n\n//go:embed data \"a b.txt\" all:more\n"+
			"//go:embed `x`\nvar f embed.FS\n\nfunc Run() { _ = f }\n")
	for _, name := range []string{"data/a", "data/.hidden", "data/sub/b", "data/other/go.mod", "data/other/c",
		"a b.txt", "more/_d", "x"} {
		files["stages/theory/"+name] = "1"
	}
	var got []string
	for _, f := range manifest(t, files, theory).Packages[0].Files {
		got = append(got, strings.TrimPrefix(f.Name, "stages/theory/"))
	}
	if want := "a b.txt,data/a,data/sub/b,more/_d,x"; strings.Join(got, ",") != want {
		t.Errorf("files %q, want %q", got, want)
	}
	// A Go file that is embedded too counts with its comments.
	a := with("stages/theory/theory.go",
		"package theory\n\nimport _ \"embed\"\n\n//go:embed theory.go\nvar f string\n\nfunc Run() { _ = f }\n")
	b := with("stages/theory/theory.go", a["stages/theory/theory.go"]+"// end\n")
	if manifest(t, a, theory).Sum == manifest(t, b, theory).Sum {
		t.Error("a comment in an embedded file changed nothing")
	}
}

func TestExternal(t *testing.T) {
	got, err := load(t, sources).External("stages", "pipeline")
	if err != nil {
		t.Fatal(err)
	}
	if want := "example.org/linalg/eig example.org/unused"; strings.Join(got, " ") != want {
		t.Errorf("external packages %q, want %q", got, want)
	}
	if _, err := load(t, sources).External("stage"); err == nil {
		t.Error("no error for a folder that is not there")
	}
	files := with("stages/external.txt", "example.org/linalg/eig\n")
	if _, err := load(t, files).External("stages"); err != nil {
		t.Errorf("a bad table keeps its generator from running: %v", err)
	}
}

func TestConcurrent(t *testing.T) {
	tree := load(t, sources)
	want := manifest(t, sources, ell).Sum
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 50 {
				q := []asked{ell, plain, bare, theory}[(i+j)%4]
				sum, err := tree.Digest(q.pkg, q.function, q.choices)
				if err != nil {
					t.Error(err)
				} else if (sum == want) != ((i+j)%4 == 0) {
					t.Errorf("wrong digest of %s", q.name)
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkPlan asks for the digests of a plan of 10,000 stages.
func BenchmarkPlan(b *testing.B) {
	for b.Loop() {
		tree := load(b, sources)
		for i := range 10000 {
			q := []asked{ell, plain, bare}[i%3]
			if _, err := tree.Digest(q.pkg, q.function, q.choices); err != nil {
				b.Fatal(err)
			}
		}
	}
}
