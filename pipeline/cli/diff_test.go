package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"zerotohero/pipeline"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/diff"
)

// full is an output that cannot be written to.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// committed makes a repository of a paper that was computed, locked and committed twice: with
// times = 2, and with another code of draw, times = 3 and a seed more. It returns how the
// program is that was built from the later sources.
func committed(t *testing.T) (later App) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed, which reads revisions")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	in(t, testPaper)
	inGit(t, "init", "-q", "-b", "main")
	write(t, testPaper)
	os.WriteFile(".gitignore", []byte("/data/\n"), 0o666)
	save := func(app App, subject string) {
		for _, line := range []string{"run", "verify --update", "run --profile few", "verify --update --profile few"} {
			appOf(t, app, 0, line)
		}
		for name, f := range app.Sources.(fstest.MapFS) {
			os.MkdirAll(filepath.Dir(name), 0o777)
			os.WriteFile(name, f.Data, 0o666)
		}
		inGit(t, "add", ".")
		inGit(t, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", subject)
	}
	save(testApp(), "the first")
	later = testApp()
	later.Sources.(fstest.MapFS)["stages/draw/draw.go"] = &fstest.MapFile{Data: []byte("package draw\n\n// x is more.\nconst x = 2\n")}
	write(t, strings.NewReplacer("times = 2", "times = 3", "1..5 by 1", "1..6 by 1").Replace(testPaper))
	save(later, "more of it")
	return later
}

func inGit(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v %s", args, err, out)
	}
}

// appOf runs a command line of a program.
func appOf(t *testing.T, app App, want int, line string) string {
	t.Helper()
	var out strings.Builder
	if got := execute(app, strings.Fields(line), &out, &out); got != want {
		t.Errorf("hero %s: exit code %d, want %d\n%s", line, got, want, out.String())
	}
	return out.String()
}

// whole are lines that the difference between both revisions of committed has, however it is asked for.
var whole = []string{
	"profile all: 0 stages the same, 6 differ, 1 new",
	"new: draw/seeds=6-6",
	"why\n  code: stages/draw.x changed\n    of draw (5 stages)\n    behind them 1 stage: figure/count\n" +
		"      stages/draw.x\n      @@ -1 +1,2 @@\n      -const x = 1\n      +// x is more.\n      +const x = 2\n",
	"  parameters: times was 2, is 3\n    of draw (5 stages)\n    behind them 1 stage: figure/count",
	"  inputs: now reads draw/seeds=6-6\n    of figure/count",
	"numbers: 0 the same, 1 not\n  without an interval, changed: 1\n    count/rows  5  → 6    rows of all inputs",
}

func TestDiffRevisions(t *testing.T) {
	later := committed(t)
	wantAll(t, appOf(t, later, 1, "diff HEAD~1 HEAD"), append(whole, "A  revision ", "“the first”, 6 stages",
		"“more of it”, 7 stages")...)
	// A revision needs no store: its sources tell, and its exported numbers.
	os.Rename("data", "elsewhere")
	wantAll(t, appOf(t, later, 1, "diff HEAD~1 HEAD:paper.lock"), whole...)
	// The program that was built from other sources finds the same.
	wantAll(t, hero(t, 1, "diff HEAD~1 HEAD"), append(whole, "is not built from the sources here")...)
	wantAll(t, appOf(t, later, 1, "diff HEAD HEAD~1"), "1 gone", "times was 3, is 2", "no longer reads draw/seeds=6-6")
	// What is committed after the lock is not its sources.
	os.WriteFile("stages/draw/draw.go", []byte("package draw\n\nconst x = 9\n"), 0o666)
	inGit(t, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-a", "-m", "code alone")
	wantAll(t, appOf(t, later, 1, "diff HEAD~2 HEAD"), append(whole, "its paper.lock, and the sources that it stands for, are of ")...)
	for _, same := range []string{"HEAD~1 HEAD", "HEAD paper.lock", "HEAD HEAD", "paper.lock ./paper.lock",
		"HEAD~1 HEAD --profile few"} {
		wantAll(t, appOf(t, later, 0, "diff "+same), " stages the same\n", "numbers: 1 the same, 0 not")
	}
	wantAll(t, appOf(t, later, 1, "diff HEAD~2 HEAD --profile few"), "profile few: 1 stage the same, 2 differ\n")
	if out := appOf(t, later, 1, "diff HEAD~2 HEAD"); !strings.Contains(out, "not the same either, see --profile: few") {
		t.Error(out)
	}
}

func TestDiffLocks(t *testing.T) {
	later := committed(t)
	out, err := exec.Command("git", "show", "HEAD~1:paper.lock").Output()
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile("before.lock", out, 0o666)
	// The store has records of both, its sources included.
	wantAll(t, appOf(t, later, 1, "diff before.lock paper.lock"), append(whole, "A  lock before.lock, 6 stages")...)
	wantAll(t, appOf(t, later, 1, "diff HEAD~1 data"), whole...)
	wantAll(t, appOf(t, later, 0, "diff paper.lock data"), "7 stages the same\n")
	// Without it the graph alone is known, and numbers beside one lock.
	os.Rename("data", "elsewhere")
	wantAll(t, appOf(t, later, 1, "diff before.lock paper.lock"), "6 differ, 1 new",
		"unknown: what the earlier artifact was made of is not known\n    of draw (5 stages)\n    behind them 1 stage: figure/count")
	os.RemoveAll("figures")
	wantAll(t, appOf(t, later, 1, "diff before.lock paper.lock"),
		"the numbers of count in A are not known", "the numbers of count in B are not known")
	wantAll(t, appOf(t, later, 1, "diff before.lock paper.lock --store elsewhere"), whole...)
}

func TestDiffStores(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run --store a")
	write(t, strings.Replace(testPaper, "times = 2", "times = 3", 1))
	hero(t, 0, "run --store b")
	hero(t, 0, "run --store b --profile few")
	out := hero(t, 1, "diff a b")
	wantAll(t, out, "store a, 6 stages", "profile all: 1 stage the same, 5 differ", "parameters: times was 2, is 3")
	if strings.Contains(out, "few") {
		t.Error(out)
	}
	wantAll(t, hero(t, 0, "diff a ./a/"), "6 stages the same")
	wantAll(t, hero(t, 2, "diff a b --profile few"), "the store a shows no stage of profile few, only of all")
	// What is lost of a store is said.
	os.Remove(filepath.Join("b/actions", filepath.Base(readlink(t, "b/view/draw/seeds=2-2.json"))))
	wantAll(t, hero(t, 1, "diff a b"), "left out, as their records are damaged or gone: draw/seeds=2-2")
	// Sources that are not those of their sums are not shown for it.
	os.RemoveAll("b/code")
	wantAll(t, hero(t, 1, "diff a b --all"), "parameters: times was 2, is 3")
}

func readlink(t *testing.T, at string) string {
	t.Helper()
	target, err := os.Readlink(at)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestDiffArtifacts(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	hero(t, 0, "run --store other --out otherout")
	wantAll(t, hero(t, 1, "diff draw/seeds=1-1 data/view/draw/seeds=2-2.arrow"), "parameters: seeds was \"1-1\", is \"2-2\"",
		"column x: 1 of 1 values differ, in row 0, by 0.5 of a value at most: 2, and 4")
	digest := filepath.Base(readlink(t, "data/view/draw/seeds=2-2.arrow"))
	wantAll(t, hero(t, 0, "diff draw/seeds=2-2 "+digest[:12]), "the same artifact, "+digest)
	wantAll(t, hero(t, 0, "diff draw/seeds=2-2 other/view/draw/seeds=2-2.arrow"), "the same artifact, "+digest)
	write(t, strings.Replace(testPaper, "1..5 by 1", "1..6 by 1", 1))
	earlier := filepath.Base(readlink(t, "data/view/figure/count.arrow"))
	hero(t, 0, "run")
	wantAll(t, hero(t, 1, "diff "+earlier+" count"), "inputs: now reads draw/seeds=6-6", "column files", "count/rows  5  → 6")
	wantAll(t, hero(t, 2, "diff draw count"), "draw are 6 artifacts")
	wantAll(t, hero(t, 2, "diff draw/seeds=1-1 data"), "an artifact is compared with an artifact")
	os.Remove("data/objects/" + digest[:2] + "/" + digest)
	wantAll(t, hero(t, 2, "diff draw/seeds=1-1 draw/seeds=2-2"), "is missing in the store")
	wantAll(t, hero(t, 2, "diff draw/seeds=1-1 draw/seeds=9-9"), "is no folder, file, git revision", "stage or artifact")
}

func TestDiffMistakes(t *testing.T) {
	later := committed(t)
	os.MkdirAll("empty", 0o777)
	os.WriteFile("text", []byte("no lock\n"), 0o666)
	os.WriteFile("none.lock", []byte("# nothing\n"), 0o666)
	os.WriteFile("cut.arrow", []byte("ARROW1\x00\x00"), 0o666)
	inGit(t, "branch", "data")
	inGit(t, "branch", "draw")
	for line, want := range map[string]string{
		"diff":                               "accepts 2 arg(s)",
		"diff HEAD":                          "accepts 2 arg(s)",
		"diff HEAD HEAD HEAD":                "accepts 2 arg(s)",
		"diff HEAD~9 HEAD":                   "HEAD~9 is no folder, file, git revision, stage or artifact",
		"diff none HEAD":                     "none is no folder, file, git revision, stage or artifact",
		"diff HEAD:none.lock HEAD":           "has no file none.lock in this folder",
		"diff HEAD: HEAD --profile none":     "none",
		"diff HEAD:paper.toml HEAD":          "paper.toml:1: want a digest",
		"diff empty HEAD":                    "the folder empty is no store",
		"diff text HEAD":                     "text:1: want a digest of 64 hex digits",
		"diff none.lock HEAD":                "none.lock is no lock file",
		"diff cut.arrow HEAD":                "cut.arrow is not in a store",
		"diff data HEAD":                     "data can be a store and a revision; say which: ./NAME",
		"diff draw HEAD":                     "draw can be a revision and an artifact",
		"diff HEAD ./data --store text":      "the store text is not a folder",
		"diff figures/out/numbers.toml HEAD": "is of no single artifact",
	} {
		if out := appOf(t, later, 2, line); !strings.Contains(out, want) {
			t.Errorf("%s: no %q in\n%s", line, want, out)
		}
	}
	if info, err := os.Stat("/dev/zero"); err == nil && info.Mode()&os.ModeDevice != 0 {
		if out := appOf(t, later, 2, "diff /dev/zero HEAD"); !strings.Contains(out, "/dev/zero is no lock file") {
			t.Error(out)
		}
	}
	if out := heroArgs(t, 2, "diff", "", "HEAD"); !strings.Contains(out, "an argument is empty") {
		t.Error(out)
	}
	wantAll(t, appOf(t, later, 0, "diff ./data data:paper.lock"), "7 stages the same")
	// What could not be said is neither the same nor different.
	var errs strings.Builder
	if code := execute(later, []string{"diff", "HEAD", "paper.lock"}, full{}, &errs); code != 2 {
		t.Errorf("exit code %d, %s", code, errs.String())
	}
	// Git is not needed where nothing is a revision, and missed where something is.
	t.Setenv("PATH", t.TempDir())
	wantAll(t, appOf(t, later, 0, "diff ./data paper.lock"), "7 stages the same")
	wantAll(t, appOf(t, later, 2, "diff HEAD paper.lock"), "git revision (the program git", "install it")
}

func TestDiffInAShallowClone(t *testing.T) {
	later := committed(t)
	top, _ := os.Getwd()
	t.Chdir(t.TempDir())
	inGit(t, "clone", "-q", "--depth", "1", "file://"+top, ".")
	wantAll(t, appOf(t, later, 2, "diff HEAD~1 HEAD"), "this clone is shallow", "git fetch --unshallow")
	wantAll(t, appOf(t, later, 0, "diff HEAD paper.lock"), "7 stages the same", "when paper.lock was last changed is not known")
}

// A paper that this program cannot read at a revision leaves its code known.
func TestDiffOfAnEarlierPaper(t *testing.T) {
	later := committed(t)
	was := testApp()
	os.WriteFile("paper.toml", []byte(strings.Replace(testPaper, "times = 2", "times = 2\nolder = 1", 1)), 0o666)
	for name, f := range was.Sources.(fstest.MapFS) {
		os.WriteFile(name, f.Data, 0o666)
	}
	lock, _ := exec.Command("git", "show", "HEAD~1:paper.lock").Output()
	os.WriteFile("paper.lock", append(lock, '\n'), 0o666)
	inGit(t, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-a", "-m", "an older one")
	now, _ := exec.Command("git", "show", "HEAD~1:paper.toml").Output()
	os.WriteFile("paper.toml", now, 0o666)
	out := appOf(t, later, 1, "diff HEAD HEAD~1")
	wantAll(t, out, "its paper.toml is not for this program", "has no key older", "code: stages/draw.x changed")
	if strings.Contains(out, "times was") {
		t.Errorf("parameters are known of a paper that is not:\n%s", out)
	}
}

// What programs read keeps its names and types, and the help has every name.
func TestDiffJSON(t *testing.T) {
	later := committed(t)
	for line, want := range map[string]string{
		"diff HEAD~1 data --json":                   diffShape,
		"diff draw/seeds=1-1 draw/seeds=2-2 --json": artifactsShape,
	} {
		var out, errs strings.Builder
		line = strings.Replace(line, " data", " ./data", 1)
		if code := execute(later, strings.Fields(line), &out, &errs); code != 1 {
			t.Errorf("%s: exit code %d\n%s", line, code, errs.String())
		}
		if got := shape(t, out.String()); got != want {
			t.Errorf("%s has the shape\n%s\nwant\n%s\nof %s", line, got, want, out.String())
		}
		help := appOf(t, later, 0, "diff --help")
		for _, place := range strings.FieldsFunc(want, func(r rune) bool { return strings.ContainsRune(".[] \n", r) }) {
			if !slices.Contains([]string{"string", "float64", "bool", "null"}, place) && !strings.Contains(help, `"`+place+`"`) {
				t.Errorf("the help does not tell of %s", place)
			}
		}
	}
}

const diffShape = `a.about[] string
a.name string
a.what string
b.about[] string
b.name string
b.what string
causes[].behind[]
causes[].behind[] string
causes[].code[]
causes[].code[].diff string
causes[].code[].how string
causes[].code[].name string
causes[].code[].unit string
causes[].details[]
causes[].details[] string
causes[].stages[] string
causes[].what string
differ[] string
equal_quantities float64
gone[]
new[] string
other_profiles[]
profile string
quantities[].a.hi null
quantities[].a.lo null
quantities[].a.none string
quantities[].a.value float64
quantities[].b.hi null
quantities[].b.lo null
quantities[].b.none string
quantities[].b.value float64
quantities[].change string
quantities[].figure string
quantities[].name string
quantities[].shift float64
quantities[].text string
quantities[].unit string
renamed[]
same float64
unread_a[]
unread_b[]
without_effect[]`

const artifactsShape = `a.about[] string
a.name string
a.what string
b.about[] string
b.name string
b.what string
causes[].behind[]
causes[].code[]
causes[].details[] string
causes[].stages[] string
causes[].what string
columns[].at float64
columns[].column string
columns[].compared float64
columns[].first float64
columns[].how string
columns[].largest float64
columns[].rows float64
columns[].there[] string
columns[].values float64
equal bool
equal_quantities float64
quantities[]
rows[] float64`

// What is not listed is summed up, and listed with --all.
func TestManyCauses(t *testing.T) {
	r := &diff.Report{}
	for k := range mostCauses {
		r.Causes = append(r.Causes, diff.Cause{What: "parameters", Details: []string{fmt.Sprintf("p%d was 1, is 2", k)},
			Stages: []string{"a"}})
	}
	change := func(unit code.Unit, name string) diff.Cause {
		return diff.Cause{What: "code", Code: []code.Change{{Unit: unit, Name: name, Package: "example/stages/x",
			Old: []string{"1"}, New: []string{"2"}}}, Stages: []string{"b/i=1", "b/i=2"}}
	}
	r.Causes = append(r.Causes, change(code.OfDeclaration, "stages/x.T.M"), change(code.OfFile, "stages/y/y.s"),
		change(code.OfModule, "example.org/m"), diff.Cause{What: "inputs", Details: []string{"now reads c"}, Stages: []string{"a"}})
	for k := range 3 * mostQuantities {
		r.Quantities = append(r.Quantities, diff.Quantity{Figure: "f", Name: fmt.Sprint(k), Change: diff.New,
			B: &pipeline.Quantity{Rounded: "1"}})
	}
	write := func(all bool) string {
		var out strings.Builder
		s := &side{state: &diff.State{}, about: []string{"x"}}
		w := &diffWriter{out: &out, a: s, b: s, all: all}
		w.write(r, "p")
		return out.String()
	}
	short, whole := write(false), write(true)
	wantAll(t, short, "\n  and 4 more causes, of 3 stages: stages/x, stages/y, example.org/m, inputs; --all lists them\n",
		"  new: 24\n    f (24)\n")
	wantAll(t, whole, "code: stages/x.T.M changed\n    of b (2 stages)\n      the sources of 1 change are not known on both sides",
		"code: example.org/m 1 is now 2", "inputs: now reads c\n    of a\n", "    f/23  –  → 1")
	if strings.Contains(whole, "--all") || strings.Count(short, "\n") > 2*strings.Count(whole, "\n")/3 {
		t.Errorf("%s\n%s", short, whole)
	}
}
