package code

import (
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func TestErrors(t *testing.T) {
	const variantOf = "//pipeline:variant loss=ell\n\npackage loss\n\n"
	tests := []struct {
		name  string
		files map[string]string
		path  string
		want  []string // parts of the message
	}{
		{"engine", sources, "example/pipeline", []string{"engine"}},
		{"not of the module", sources, "fmt", []string{"not a package of module example"}},
		{"missing", sources, "example/stages/none", []string{"no Go files in stages/none", "embedded"}},
		{"missing import", edit(t, "stages/loss/loss.go", "package loss\n", "package loss\n\nimport _ \"example/stages/none\"\n"), descent,
			[]string{"stages/descent/descent.go imports example/stages/loss", "stages/loss/loss.go imports example/stages/none", "no Go files"}},
		{"syntax", with("stages/loss/loss.go", "package loss\n\nvar"), descent, []string{"stages/loss/loss.go:3:4"}},
		{"cgo", with("stages/loss/c.go", "package loss\n\nimport \"C\"\n"), descent, []string{"stages/loss/c.go:3:8", "C code"}},
		{"no table", edit(t, "stages/external.txt", "example.org/linalg/eig", "example.org/linalg"), theory,
			[]string{"stages/theory/theory.go imports", "stages/external.txt does not list example.org/linalg/eig", "go generate"}},
		{"table without modules", with("stages/external.txt", "\nexample.org/linalg/eig\n"), theory, []string{"stages/external.txt:2", "go generate"}},
		{"table with a repeat", with("stages/external.txt", "a.b a.b\na.b a.b\n"), theory, []string{"stages/external.txt:2", "twice"}},
		{"module not required", edit(t, "go.mod", "\texample.org/deep v0.3.0\n", ""), theory, []string{"example.org/deep", "go mod tidy"}},
		{"embed of nothing", edit(t, "stages/theory/theory.go", "table.txt", "tables/*"), theory,
			[]string{"stages/theory/theory.go:9:1", "no file matches tables/*"}},
		{"embed outside", edit(t, "stages/theory/theory.go", "table.txt", "../table.txt"), theory, []string{"bad pattern ../table.txt"}},
		{"embed pattern", edit(t, "stages/theory/theory.go", "table.txt", "[a"), theory, []string{"pattern [a", "syntax error"}},
		{"embed quote", edit(t, "stages/theory/theory.go", "table.txt", `"table.txt`), theory, []string{"quoted pattern"}},

		{"bad directive", edit(t, "stages/loss/ell.go", "loss=ell", "loss"), descent, []string{"stages/loss/ell.go:1:1", "NAME=VALUE"}},
		{"directive run on", edit(t, "stages/loss/ell.go", "variant loss", "variants loss"), descent, []string{"stages/loss/ell.go:1:1", "NAME=VALUE"}},
		{"two directives", edit(t, "stages/loss/ell.go", "loss=ell", "loss=ell\n//pipeline:variant a=b"), descent, []string{"stages/loss/ell.go:2:1", "second"}},
		{"late directive", edit(t, "stages/loss/loss.go", "var losses", "//pipeline:variant loss=a\nvar losses"), descent, []string{"stages/loss/loss.go:3:1", "before the package clause"}},
		{"exported", edit(t, "stages/loss/ell.go", "func init", "const Gain = 1\n\nfunc init"), descent, []string{"stages/loss/ell.go:5:7: Gain", "exported"}},
		{"reference", edit(t, "stages/loss/loss.go", "losses[name]", "ell"), descent,
			[]string{"stages/loss/loss.go:5", "refers to ell", "stages/loss/ell.go", "loss=ell only"}},
		{"reference from a variant", edit(t, "stages/loss/plain.go", "unused.Abs(x)", "ell(x)"), descent,
			[]string{"stages/loss/plain.go:9", "refers to ell", "stages/loss/ell.go"}},
		{"key of an imported type", with("stages/loss/key.go", "package loss\n\nimport \"maps.org/m\"\n\nvar t = m.Map{gain: 1}\n\nvar _ = t"), descent, nil},
		{"method", with("stages/loss/m.go", variantOf+"func (t T) String() string { return \"\" }\n"), descent,
			[]string{"stages/loss/m.go:5:12", "method String"}},
		{"method through an alias", with("stages/loss/m.go", variantOf+"type l = T\n\nfunc (t *l) String() string { return \"\" }\n"), descent,
			[]string{"stages/loss/m.go:7:13", "method String"}},
		{"method of its own", with("stages/loss/m.go", variantOf+"type mine int\n\nfunc (m *mine) String() string { return \"\" }\n"), descent, nil},
		{"shared by a variant", with("stages/loss/m.go", variantOf+"func twice(x float64) float64 { return ell(x) * 2 }\n"), descent, nil},
		{"shadowed", with("stages/loss/m.go", "package loss\n\nfunc f(ell struct{ ell int }) int { g := T{}; return ell.ell + g.ell() }\n\nfunc (T) ell() int { return 1 }\n"), descent, nil},
	}
	for _, test := range tests {
		files := make(map[string]string)
		for name, text := range test.files {
			files[name] = text
		}
		files["stages/loss/type.go"] = "package loss\n\ntype T struct{}\n"
		files["stages/external.txt"] += "maps.org/m example.org/unused\n"
		_, err := load(t, files).Digest(test.path, nil)
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

// TestUnresolved checks that a name which the type checker cannot resolve, since
// the literal's type is imported, still counts as a reference.
func TestUnresolved(t *testing.T) {
	files := with("stages/loss/key.go", "package loss\n\nimport \"example.org/unused\"\n\nvar t = unused.Map{ell: 1}\n")
	_, err := load(t, files).Digest(descent, ell)
	if err == nil || !strings.Contains(err.Error(), "stages/loss/key.go:5:20: refers to ell") {
		t.Errorf("error %v, want the key ell refused", err)
	}
}

func TestLoadErrors(t *testing.T) {
	for name, text := range map[string]string{"syntax": "modul example\n", "no module": "go 1.26\n",
		"local replacement": "module example\n\nrequire a.b/c v1.0.0\n\nreplace a.b/c => ../c\n"} {
		if _, err := Load(fstest.MapFS{"go.mod": {Data: []byte(text)}}); err == nil || !strings.Contains(err.Error(), "go.mod") {
			t.Errorf("%s: error %v, want one that names go.mod", name, err)
		}
	}
	if _, err := Load(fstest.MapFS{}); err == nil {
		t.Error("no error without go.mod")
	}
}

func TestEmbedPatterns(t *testing.T) {
	files := with("stages/theory/theory.go", "package theory\n\nimport \"embed\"\n\n//go:embed data \"a b.txt\" all:more\n//go:embed `x`\nvar f embed.FS\n")
	for _, name := range []string{"data/a", "data/.hidden", "data/sub/b", "data/other/go.mod", "data/other/c", "a b.txt", "more/_d", "x"} {
		files["stages/theory/"+name] = "1"
	}
	var got []string
	for _, f := range digest(t, files, theory, nil).Packages[0].Files {
		got = append(got, strings.TrimPrefix(f.Name, "stages/theory/"))
	}
	if want := "a b.txt,data/a,data/sub/b,more/_d,theory.go,x"; strings.Join(got, ",") != want {
		t.Errorf("files %q, want %q", got, want)
	}
	// A Go file that is embedded too counts with its comments.
	a := with("stages/theory/theory.go", "package theory\n\nimport _ \"embed\"\n\n//go:embed theory.go\nvar f string\n")
	b := with("stages/theory/theory.go", a["stages/theory/theory.go"]+"// end\n")
	if digest(t, a, theory, nil).Sum == digest(t, b, theory, nil).Sum {
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
	want := digest(t, sources, descent, ell).Sum
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 50 {
				params := []map[string]string{ell, plain, other, nil}[(i+j)%4]
				d, err := tree.Digest(descent, params)
				if err != nil {
					t.Error(err)
				} else if (d.Sum == want) != ((i+j)%4 == 0) {
					t.Errorf("wrong digest for %v", params)
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
			if _, err := tree.Digest(descent, []map[string]string{ell, plain, other}[i%3]); err != nil {
				b.Fatal(err)
			}
		}
	}
}
