package cli

import (
	"os"
	"strings"
	"testing"
)

func TestStagesOfAList(t *testing.T) {
	in(t, twoFigures)
	list := func(lines ...string) {
		t.Helper()
		if err := os.WriteFile("list", []byte(strings.Join(lines, "\n")), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	list("# two of five", "draw/seeds=1-1", "", "  draw/seeds=3-3  ")
	out := hero(t, 0, "run --stages list")
	if !strings.Contains(out, "2 stages: 2 ran") || strings.Contains(out, "wrote") {
		t.Error(out)
	}
	// All inputs that are missing are named, one for each stage that needs them, and what can be computed is.
	list("figure/count", "draw/seeds=2-2")
	wantAll(t, hero(t, 1, "run --stages list -j 1"), "2 stages: 1 ran", "1 stage failed",
		"figure/count: its input draw/seeds=4-4 is not in the store, and is none of the stages of this run; compute it first")
	wantAll(t, hero(t, 1, "run --stages list -j 1 --wait 10ms"),
		"waiting up to 10ms for draw/seeds=4-4, which is not in the store yet")
	list("draw/seeds=4-4", "draw/seeds=5-5", "figure/count")
	wantAll(t, hero(t, 0, "run --stages list"), "3 stages: 3 ran", "wrote figures/out/count.svg")
	wantAll(t, hero(t, 0, "run --stages list"), "3 stages: 0 ran, 3 fresh")
	wantAll(t, hero(t, 0, "plan"), "run      figure/other", "7 stages: 6 fresh, 0 to restore, 1 to run")
}

func TestStagesFromStandardInput(t *testing.T) {
	in(t, testPaper)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	was := os.Stdin
	os.Stdin = r
	defer func() { os.Stdin = was }()
	w.WriteString("draw/seeds=2-2\n")
	w.Close()
	wantAll(t, hero(t, 0, "run --stages -"), "1 stages: 1 ran")
}

func TestBadLists(t *testing.T) {
	in(t, testPaper)
	for text, want := range map[string]string{
		"draw/seeds=1-1\ndraw/seeds=1-9\n":  "list, line 2: no stage is called draw/seeds=1-9; did you mean draw/seeds=1-1?",
		"draw\n":                            "list, line 1: no stage is called draw;", // a family is no stage
		"\n# nothing\n":                     "list names no stage; write one name a line",
		strings.Repeat("x", 1<<17):          "reading the list of stages, list: ",
		"draw/seeds=1-1 draw/seeds=2-2\n":   "no stage is called draw/seeds=1-1 draw/seeds=2-2;",
		"draw/seeds=1-1\r\ndraw/seeds=2 \n": "list, line 2: no stage is called draw/seeds=2;",
	} {
		os.WriteFile("list", []byte(text), 0o666)
		wantAll(t, hero(t, 2, "run --stages list"), want)
	}
	for line, want := range map[string]string{
		"run --stages none":            "--stages: open none:",
		"run --stages list draw":       "with --stages no other stages are named, such as draw; add it to the list",
		"run --wait 1s":                "--wait is for --stages",
		"run --stages list --wait x":   "invalid argument",
		"run --stages list --wait=-1s": "--wait is -1s and must not be negative",
	} {
		wantAll(t, hero(t, 2, line), want)
	}
	if _, err := os.Stat("data"); err == nil {
		t.Error("a store was made")
	}
}

// What fails is written for a program that follows, with the reason: a stage's own, or an input that is not there.
func TestFailuresFile(t *testing.T) {
	in(t, strings.Replace(testPaper, "times = 2", "times = 13", 1))
	if err := os.WriteFile("list", []byte("draw/seeds=1-1\nfigure/count\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	hero(t, 1, "run --stages list --failures failed.json")
	text, err := os.ReadFile("failed.json")
	if err != nil {
		t.Fatal(err)
	}
	wantAll(t, string(text), `"stage": "draw/seeds=1-1",`, `"error": "13 brings no luck; take another"`)
	if err := os.WriteFile("list", []byte("figure/count\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	hero(t, 1, "run --stages list --failures failed.json")
	if text, err = os.ReadFile("failed.json"); err != nil {
		t.Fatal(err)
	}
	wantAll(t, string(text), `"stage": "figure/count",`, `"input": "draw/seeds=1-1"`)
	write(t, testPaper)
	hero(t, 0, "run --failures failed.json")
	if text, err = os.ReadFile("failed.json"); err != nil || string(text) != "[]\n" {
		t.Errorf("%q, %v", text, err)
	}
}
