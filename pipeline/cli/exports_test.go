package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline/internal/unprivileged"
)

const twoFigures = `default-profile = "all"
profile.all = {}
profile.few.grid.g.seeds = "1..2 by 1"
[grid.g]
seeds = "1..5 by 1"
[stage.draw]
kind = "draw"
each = "g"
times = 2
[figure]
count = ["draw"]
other = ["draw"]
`

// files are all files below a folder, with their content.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		out[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Another store than the one beside the paper has exported files of its own.
func TestOtherStore(t *testing.T) {
	in(t, twoFigures)
	hero(t, 0, "run")
	before := files(t, "figures")
	wantAll(t, hero(t, 0, "run --store else"),
		"exported files go to else/out, as the store is not data; --out names another folder",
		"wrote else/out/count.svg", "wrote else/out/report.html")
	wantAll(t, hero(t, 0, "run --store else --profile few"), "wrote else/out/few/count.svg",
		"wrote else/out/few/numbers.toml")
	wantAll(t, hero(t, 0, "report --store else"), "else/out/report.html is up to date")
	wantAll(t, hero(t, 0, "explain else/out/count.svg --store else"), "figure/count (figure)")
	wantAll(t, hero(t, 0, "run else/out/count.svg --store else"), "6 stages: 0 ran, 6 fresh")
	wantAll(t, hero(t, 0, "plan --store else"), "7 stages: 7 fresh")
	if !maps.Equal(before, files(t, "figures")) {
		t.Error("figures/out changed")
	}
	wantAll(t, hero(t, 0, "run --store else --out there"), "7 stages: 0 ran, 2 restored, 5 fresh",
		"wrote there/count.svg", "wrote there/report.html")
	wantAll(t, hero(t, 0, "plan --store else --out there"), "7 stages: 7 fresh")
	wantAll(t, hero(t, 0, "explain there/count.svg --store else --out there"), "figure/count (figure)")
	// Called otherwise, the store beside the paper is the same one.
	here, _ := os.Getwd()
	os.Symlink("data", "link")
	for _, name := range []string{"./data/", here + "/data", "link"} {
		if out := hero(t, 0, "run --store "+name); !strings.Contains(out, "7 fresh") || strings.Contains(out, "go to") {
			t.Errorf("with the store %s:\n%s", name, out)
		}
	}
}

// A run of one figure in an empty store leaves the others' files and numbers alone, and
// so does one that is stopped.
func TestOneFigure(t *testing.T) {
	in(t, twoFigures)
	hero(t, 0, "run")
	before := files(t, "figures")
	wantAll(t, before["figures/out/numbers.toml"], "[other.rows]")
	os.RemoveAll("data")
	wantAll(t, hero(t, 0, "run count"), "6 stages: 6 ran",
		"report.html and the numbers of other are left as they were: not up to date in this store",
		"hero report writes the page")
	wantAll(t, hero(t, 0, "run figures/out/count.svg"), "6 stages: 0 ran, 6 fresh")
	if after := files(t, "figures"); !maps.Equal(before, after) {
		t.Errorf("changed: %v", changes(before, after))
	}
	// The report as such says what is not up to date, on its page.
	wantAll(t, hero(t, 0, "report"), "wrote figures/out/report.html")
	wantAll(t, page(t, "figures/out"), "new: never computed")
	if got := changes(before, files(t, "figures")); !slices.Equal(got, []string{"figures/out/report.html"}) {
		t.Errorf("changed: %v", got)
	}
	// What is up to date, of a run or not, is said so.
	if out := hero(t, 0, "run"); strings.Contains(out, "left as") {
		t.Error(out)
	}
	// What the run was asked for and could not do is marked, and the other is not.
	write(t, strings.Replace(twoFigures, "times = 2", "times = 13", 1))
	wantAll(t, hero(t, 1, "run count"), "5 stages failed", "the numbers of other are left")
	numbers := files(t, "figures")["figures/out/numbers.toml"]
	if !strings.Contains(numbers, "# count: not up to date") || strings.Contains(numbers, "# other") {
		t.Error(numbers)
	}
}

func changes(before, after map[string]string) []string {
	var out []string
	for path := range after {
		if before[path] != after[path] {
			out = append(out, path)
		}
	}
	return out
}

// Many files are counted, few are listed.
func TestWroteManyFiles(t *testing.T) {
	var names []string
	for k := range maxFiles + 1 {
		names = append(names, fmt.Sprintf("figures/out/%d.svg", k))
	}
	var out bytes.Buffer
	writeFiles(&out, names, "figures/out")
	if got := out.String(); got != "wrote 12 files in figures/out\n" {
		t.Error(got)
	}
	out.Reset()
	writeFiles(&out, names[:maxFiles], "figures/out")
	if got := out.String(); strings.Count(got, "wrote figures/out/") != maxFiles {
		t.Error(got)
	}
}

// Exported files that cannot be written, while the store can: the remedy is --out.
func TestExportsRefused(t *testing.T) {
	if !unprivileged.Test(t) {
		return
	}
	in(t, testPaper)
	os.MkdirAll("figures", 0o777)
	os.Chmod("figures", 0o555)
	defer os.Chmod("figures", 0o777)
	for _, line := range []string{"run", "run --out figures/there/below"} {
		out := hero(t, 1, line)
		wantAll(t, out, "permission denied; choose another folder for exported files with --out")
		if strings.Count(out, "permission") != 1 || strings.Contains(out, "draw/") {
			t.Errorf("hero %s:\n%s", line, out)
		}
	}
	wantAll(t, hero(t, 0, "run --out there"), "wrote there/count.svg")
}

// Where no exported file is to be written, a folder that cannot be written to will do.
func TestExportsReadOnly(t *testing.T) {
	if !unprivileged.Test(t) {
		return
	}
	in(t, twoFigures)
	hero(t, 0, "run")
	os.Chmod("figures/out", 0o555)
	defer os.Chmod("figures/out", 0o777)
	wantAll(t, hero(t, 0, "run"), "7 stages: 0 ran, 7 fresh")
	write(t, strings.Replace(twoFigures, "times = 2", "times = 3", 1))
	wantAll(t, hero(t, 0, "run draw"), "5 ran")
	if out := hero(t, 1, "run"); strings.Count(out, "--out") != 1 || strings.Contains(out, "figure/") {
		t.Error(out)
	}
}

// A file is no folder for exported files, and no verb begins with one.
func TestOutIsNoFolder(t *testing.T) {
	in(t, testPaper)
	for _, line := range []string{"run", "plan", "status", "report", "explain count", "show count"} {
		for out, want := range map[string]string{
			"paper.toml":       "hero: --out: paper.toml is not a folder\n",
			"paper.toml/below": "hero: --out: paper.toml/below cannot be a folder, as one above it is a file\n",
		} {
			if got := hero(t, 2, line+" --out "+out); got != want {
				t.Errorf("hero %s: %s", line, got)
			}
		}
	}
	os.MkdirAll("figures", 0o777)
	os.WriteFile("figures/out", nil, 0o666)
	if out := hero(t, 1, "run"); !strings.Contains(out,
		"figures/out is not a folder; choose another for them with --out") || strings.Contains(out, "draw/") {
		t.Error(out)
	}
	if _, err := os.Stat("data"); err == nil {
		t.Error("something ran")
	}
	help := strings.Join(strings.Fields(hero(t, 0, "run --help")), " ")
	wantAll(t, help, "of any profile (default", "with a folder below for a profile that is not the default",
		"without one for the profile")
}
