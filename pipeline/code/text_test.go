package code

import (
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// texts are the sources of a manifest, by sum.
func texts(t *testing.T, tree *Tree, m Manifest) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	for _, p := range m.Packages {
		texts, err := tree.Texts(p)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(out, texts)
	}
	return out
}

// From the source of each declaration of this module follows its sum, and from what is left
// of it, if anything of its code is edited, another.
func TestTextsOfThisModule(t *testing.T) {
	src := os.DirFS("../..")
	tree, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, top := range []string{"stages", "figures"} {
		fs.WalkDir(src, top, func(dir string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() || d.Name() == "testdata" {
				return err
			}
			m, err := tree.Manifest("zerotohero/"+dir, "", nil)
			if err != nil {
				return nil // no package, or one that stages never reach
			}
			got := texts(t, tree, m)
			for _, p := range m.Packages {
				for _, d := range p.Declarations {
					if got[d.Sum] == nil {
						t.Errorf("%s: the source of %s does not give its sum", d.File, d.Name)
					}
					n++
				}
				for _, f := range p.Files {
					if got[f.Sum] == nil {
						t.Errorf("%s has no text", f.Name)
					}
				}
			}
			return nil
		})
	}
	if n < 1000 {
		t.Errorf("only %d declarations", n)
	}
}

func TestTexts(t *testing.T) {
	tree := load(t, sources)
	m := manifest(t, sources, ell)
	got := texts(t, tree, m)
	find := func(name string) (sum, text string) {
		for _, p := range m.Packages {
			for _, d := range p.Declarations {
				if d.Name == name && strings.HasPrefix(d.File, "stages/descent/") {
					return d.Sum, string(got[d.Sum])
				}
			}
		}
		t.Fatalf("no %s", name)
		return "", ""
	}
	sum, text := find("Params")
	for _, want := range []string{"// stages/descent/descent.go\n\npackage descent\n\n", "type Params struct {\n", `help:"which loss"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	// What does not count may differ, what counts must not.
	for old, equal := range map[string]bool{"which loss": true, "stages/descent/descent.go": true, "float64": false} {
		err := CheckText(sum, []byte(strings.Replace(text, old, "another", 1)))
		if (err == nil) != equal {
			t.Errorf("%s replaced: %v", old, err)
		}
	}
	for _, bad := range []string{"", "package descent", "// a.go\npackage", "// a.go\npackage a", text + "\nvar x = 1\n"} {
		if CheckText(sum, []byte(bad)) == nil {
			t.Errorf("%q passes for Params", bad)
		}
	}
	if _, text := find("steps"); !strings.HasSuffix(text, "\nconst steps = 100\n") {
		t.Errorf("a constant of a group is %q", text)
	}
	if _, text := find("Params"); !strings.Contains(text, "\n\ntype Params") {
		t.Errorf("a type is %q", text)
	}
	if _, text := find("run"); !strings.Contains(text, `import "zerotohero/stages/loss"`) ||
		strings.Contains(text, `"errors"`) {
		t.Errorf("it has not the imports that it uses: %s", text)
	}
}

// A platform, build constraints and directives are in the sums, and so in the texts.
func TestTextsOfPlatforms(t *testing.T) {
	files := map[string]string{
		"go.mod": "module zerotohero\n",
		"stages/a/a_amd64.go": "// Copyright\n\n//go:build !purego\n\n// Package a.\npackage a\n\n// F is fast.\n//\n" +
			"//go:noinline\nfunc F() {}\n\nvar (\n\t// x is a number.\n\tx, y = 1, 2\n)\n",
		"stages/a/a.go": "package a\n\nimport m \"math\"\n\nconst (\n\tone = iota // 1\n\ttwo\n)\n\n" +
			"type T[P any] struct{}\n\nfunc (t *T[P]) m() float64 { return m.Pi }\n\nfunc G() {\n\t//go:odd\n}\n",
	}
	tree := load(t, files)
	m, err := tree.Manifest("zerotohero/stages/a", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var names, without []string
	got := texts(t, tree, m)
	for _, d := range m.Packages[0].Declarations {
		names = append(names, d.Name)
		if got[d.Sum] == nil {
			without = append(without, d.Name)
		}
	}
	if want := []string{"F", "G", "T", "T.m", "one, two", "x, y"}; !slices.Equal(names, want) {
		t.Errorf("declarations %q", names)
	}
	// The directive in G is, for digests, one of what follows in the file: nothing.
	if !slices.Equal(without, []string{"G"}) {
		t.Errorf("no text of %q", without)
	}
}

// What a store from elsewhere has as a source is refused or taken, and never a panic.
func FuzzCheckText(f *testing.F) {
	for name, text := range sources {
		f.Add("// " + name + "\n\n" + text)
	}
	f.Add("// a_amd64.go\n\n//go:build x\n\npackage a\n\nimport m \"math\"\n\n//go:noinline\nfunc (t *T[P]) f() { m.Pi() }\n")
	f.Add("// a.go\npackage a\nconst (\n\ta = iota\n\tb\n)\n")
	f.Fuzz(func(t *testing.T, text string) {
		CheckText(strings.Repeat("0", 64), []byte(text))
	})
}
