package cli

import (
	"os"
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	in(t, testPaper)
	wantAll(t, hero(t, 0, "report"), "wrote figures/out/report.html", "wrote figures/out/numbers.toml",
		"wrote figures/out/numbers.tex")
	wantAll(t, page(t, "figures/out"), "0 up to date", "new: never computed")
	wantAll(t, hero(t, 0, "run"), "wrote figures/out/count.svg", "wrote figures/out/report.html")
	wantAll(t, page(t, "figures/out"), "1 figure from 6 stages, all up to date", "draw, 5 stages", "seeds = 1-1, 2-2")

	before, _ := os.Stat("figures/out/report.html")
	if out := hero(t, 0, "run"); strings.Contains(out, "wrote") {
		t.Errorf("an idle run wrote something:\n%s", out)
	}
	wantAll(t, hero(t, 0, "report"), "figures/out/report.html is up to date")
	if after, _ := os.Stat("figures/out/report.html"); !after.ModTime().Equal(before.ModTime()) {
		t.Error("the report was written again")
	}

	wantAll(t, hero(t, 0, "run --profile few"), "wrote figures/out/few/report.html")
	wantAll(t, page(t, "figures/out/few"), "Profile few: 1 figure from 3 stages, all up to date")

	write(t, strings.Replace(testPaper, "times = 2", "times = 3", 1))
	if out := hero(t, 0, "run draw"); strings.Contains(out, "report") {
		t.Errorf("a run without figures wrote the report:\n%s", out)
	}
	hero(t, 0, "report")
	wantAll(t, page(t, "figures/out"), "5 up to date", "inputs: draw/seeds=1-1 changed")
	write(t, strings.Replace(testPaper, "times = 2", "times = 13", 1))
	wantAll(t, hero(t, 1, "run"), "5 stages failed", "wrote figures/out/report.html")

	wantAll(t, hero(t, 0, "report --help"), "Examples:\n  hero report", "--store", "--profile")
	hero(t, 2, "report count")
}

func page(t *testing.T, folder string) string {
	t.Helper()
	text, err := os.ReadFile(folder + "/report.html")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
