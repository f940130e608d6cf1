package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A program that is older than the sources beside the paper says so, and what to do.
func TestOldProgram(t *testing.T) {
	const note = "this hero is not built from the sources here, which differ in stages/draw/draw.go; " +
		"build it with make test"
	in(t, testPaper)
	for _, line := range []string{"plan", "run"} {
		if out := hero(t, 0, line); strings.Contains(out, "not built from the sources") {
			t.Errorf("hero %s without sources beside the paper:\n%s", line, out)
		}
	}
	put := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put("go.mod", "module example\n")
	put("stages/draw/draw.go", "package draw\n\nconst x = 1\n")
	put("stages/figure/figure.go", "package figure\n\nconst x = 1\n")
	if out := hero(t, 0, "plan"); strings.Contains(out, "not built from the sources") {
		t.Errorf("with the same sources:\n%s", out)
	}
	put("stages/draw/draw.go", "package draw\n\nconst x = 2\n")
	for _, line := range []string{"plan", "run", "verify --update", "verify", "explain count"} {
		out := hero(t, 0, line)
		wantAll(t, out, note)
		if strings.Count(out, "not built from the sources") != 1 {
			t.Errorf("hero %s says it more than once:\n%s", line, out)
		}
	}
	// What the paper names and the program does not have may be in the sources.
	paper, err := os.ReadFile("paper.toml")
	if err != nil {
		t.Fatal(err)
	}
	put("paper.toml", strings.Replace(string(paper), `kind = "draw"`, `kind = "paint"`, 1))
	wantAll(t, hero(t, 2, "plan"), "no kind is called paint", note)
}
