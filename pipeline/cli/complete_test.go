package cli

import (
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	in(t, testPaper)
	const draws = "draw\ndraw/seeds=1-1\ndraw/seeds=2-2\ndraw/seeds=3-3\ndraw/seeds=4-4\ndraw/seeds=5-5\n"
	const files, noFiles = ":0\nCompletion ended", ":4\nCompletion ended"
	for line, want := range map[string]string{
		"run c":                      "count\n" + noFiles,
		"run d":                      draws + noFiles,
		"plan count draw/seeds=2":    "draw/seeds=2-2\n" + noFiles,
		"explain figure":             "figure/count\n" + noFiles,
		"show --profile few draw/":   "draw/seeds=1-1\ndraw/seeds=2-2\n" + noFiles,
		"explain figures/out/c":      files,
		"run data/view/":             files,
		"explain count d":            noFiles, // it takes one
		"run --profile f":            "all\nfew\n" + noFiles,
		"run --profile none d":       noFiles,
		"verify --store ":            ":16\nCompletion ended", // folders
		"run --out ":                 ":16\nCompletion ended",
		"graph --format ":            "dot\nmermaid\n" + noFiles,
		"show draw/seeds=1-1 --out ": ":16\n",
	} {
		args := append([]string{"__complete"}, strings.Split(line, " ")...)
		if got := heroArgs(t, 0, args...); len(got) < len(want) || got[:len(want)] != want {
			t.Errorf("%s completes to\n%swant\n%s", line, got, want)
		}
	}
	// Before anything is typed thousands of stages would only be in the way.
	if got, want := heroArgs(t, 0, "__complete", "run", ""), "count\ndraw\n"+noFiles; got[:len(want)] != want {
		t.Errorf("nothing completes to\n%s", got)
	}
}
