package code

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestDiffer(t *testing.T) {
	const mod = "module example\n"
	src := fstest.MapFS{}
	for name, text := range map[string]string{
		"go.mod": mod, "main.go": "package main", "stages/a/a.go": "package a", "stages/a/a_test.go": "package a",
		"stages/physics.md": "text",
	} {
		src[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, c := range []struct {
		name   string
		folder map[string]string // beside the same sources; an empty text is no file
		want   string
	}{
		{"the same", nil, ""},
		{"no sources", map[string]string{"go.mod": ""}, ""},
		{"another module", map[string]string{"go.mod": "module other\n", "main.go": "package other"}, ""},
		{"an edit", map[string]string{"main.go": "package main\n"}, "main.go"},
		{"an edited test", map[string]string{"stages/a/a_test.go": "package a\n"}, ""},
		{"an edited text", map[string]string{"stages/physics.md": "words"}, ""},
		{"a removed file", map[string]string{"stages/a/a.go": ""}, "stages/a/a.go"},
		{"a new package", map[string]string{"stages/loss/cube/cube.go": "package cube"}, "stages/loss/cube/cube.go"},
		{"new assembly", map[string]string{"stages/a/a_amd64.s": "RET"}, "stages/a/a_amd64.s"},
		{"what is no source", map[string]string{"stages/a/notes.txt": "x", "stages/_old/b.go": "x",
			"stages/a/.b.go": "x", "stages/a/testdata/b.go": "x", "tools/c.go": "x"}, ""},
		{"go.mod", map[string]string{"go.mod": mod + "\ngo 1.26\n"}, "go.mod"},
	} {
		folder := fstest.MapFS{}
		for name, f := range src {
			folder[name] = f
		}
		for name, text := range c.folder {
			if folder[name] = (&fstest.MapFile{Data: []byte(text)}); text == "" {
				delete(folder, name)
			}
		}
		got, err := Differ(src, folder)
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}
