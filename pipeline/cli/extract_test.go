package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zerotohero/pipeline/artifact"
)

// stdout is what a command line that succeeds writes to standard output and standard error.
func stdout(t *testing.T, line string) (out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	if code := execute(testApp(), strings.Fields(line), &o, &e); code != 0 {
		t.Errorf("hero %s: exit code %d\n%s", line, code, e.String())
	}
	return o.String(), e.String()
}

func TestShowFamily(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	out, errs := stdout(t, "show draw --format csv --rows 2")
	if want := "stage,seeds,x\ndraw/seeds=1-1,1-1,2\ndraw/seeds=2-2,2-2,4\n"; out != want || errs != "" {
		t.Errorf("got %s, want %s; errors %s", out, want, errs)
	}
	if out, _ := stdout(t, "show draw --format json"); strings.Count(out, "\n") != 7 ||
		!strings.Contains(out, `{"stage":"draw/seeds=5-5","seeds":"5-5","x":10}`) {
		t.Errorf("the family as JSON: %s", out)
	}
	// One stage is the file in the store, by whatever name.
	object := linked(t, "draw/seeds=3-3.arrow")
	want, _ := os.ReadFile(object)
	for _, name := range []string{"draw/seeds=3-3", object, filepath.Base(object)[:12]} {
		if out, _ := stdout(t, "show "+name+" --format arrow"); out != string(want) {
			t.Errorf("%s as Arrow is not the artifact", name)
		}
	}
	out, errs = stdout(t, "show count --format json --unnest quantities")
	wantAll(t, out, `"quantities.index":0,"quantities.name":"rows"`, `"quantities.value":5,"quantities.lo":null`)
	wantAll(t, errs, "left out, as columns with lists of their own: files, caption\n",
		"2 values NaN or infinite: null in JSON\n")
	wantAll(t, hero(t, 0, "show draw/seeds=3-3 --rows all"), "1 row, the first 1:")
}

// An artifact that two stages have is one table by its digest, and has the rows of both by their names.
func TestShowShared(t *testing.T) {
	in(t, testPaper+"[stage.twin]\nkind = \"draw\"\neach = \"g\"\ntimes = 2\n")
	hero(t, 0, "run")
	if out, _ := stdout(t, "show "+filepath.Base(linked(t, "twin/seeds=3-3.arrow"))+" --format csv"); out != "x\n6\n" {
		t.Errorf("by digest: %s", out)
	}
	want := "stage,x\ndraw/seeds=3-3,6\ntwin/seeds=3-3,6\n"
	if out, _ := stdout(t, "show */seeds=3-3 --format csv"); out != want {
		t.Errorf("by name: %s, want %s", out, want)
	}
}

// Of a family every stage has to be up to date, and of one kind.
func TestShowFamilyNotComputed(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run draw/seeds=2-2")
	wantAll(t, hero(t, 1, "show draw --format csv"), "draw/seeds=1-1, draw/seeds=3-3, draw/seeds=4-4, "+
		"draw/seeds=5-5 are not computed, or not intact; run: hero run 'draw'")
	wantAll(t, hero(t, 1, "show draw --format csv --profile few"),
		"draw/seeds=1-1 is not computed, or not intact; run: hero run 'draw' --profile few")
	hero(t, 0, "run")
	wantAll(t, hero(t, 2, "show * --format csv"), "of kind draw and figure/count of kind figure", "name one family")
	write(t, strings.Replace(testPaper, "times = 2", "times = 3", 1))
	wantAll(t, hero(t, 1, "show draw --format csv"), "draw/seeds=1-1, draw/seeds=2-2, draw/seeds=3-3 and 2 more are not")
	out, errs := stdout(t, "show draw/seeds=2-2 --format csv")
	wantAll(t, errs, "draw/seeds=2-2 is not computed as it is now; this is the last that the store has of it\n")
	if out != "x\n4\n" {
		t.Errorf("the earlier version is %s", out)
	}
	// Stages that the paper has no more are those of the store.
	renamed := strings.NewReplacer("stage.draw]", "stage.lot]", `["draw"]`, `["lot"]`, "times = 2", "times = 3")
	write(t, renamed.Replace(testPaper))
	out, _ = stdout(t, "show draw --format csv --rows 1")
	wantAll(t, out, "stage,seeds,x\ndraw/seeds=1-1,1-1,2\n")
}

func TestShowOutput(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	if out, _ := stdout(t, "show draw --format parquet -o d.parquet"); out != "" {
		t.Errorf("it says %s", out)
	}
	first, err := os.ReadFile("d.parquet")
	if err != nil || !bytes.HasPrefix(first, []byte("PAR1")) {
		t.Fatal(err)
	}
	wantAll(t, hero(t, 2, "show draw --format arrow -o d.parquet"), "d.parquet is there already", "--force")
	if now, _ := os.ReadFile("d.parquet"); !bytes.Equal(now, first) {
		t.Error("a refused file is changed")
	}
	hero(t, 0, "show draw --format arrow -o d.parquet --force")
	data, _ := os.ReadFile("d.parquet")
	tab, err := artifact.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	type joined struct {
		Stage string `arrow:"stage"`
		X     int64  `arrow:"x"`
	}
	rows, err := artifact.Rows[joined](tab)
	if err != nil || len(rows) != 5 || rows[4] != (joined{"draw/seeds=5-5", 10}) {
		t.Errorf("the family as Arrow is %v (%v)", rows, err)
	}
	stdout(t, "show draw/seeds=2-2 -o shown.txt")
	if text, _ := os.ReadFile("shown.txt"); !strings.Contains(string(text), "x  int64  [1]  a number") {
		t.Errorf("as text in a file: %s", text)
	}
	if left, _ := filepath.Glob(".*-*"); left != nil {
		t.Errorf("temporary files stay: %v", left)
	}
}

func TestShowUsage(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	for line, want := range map[string]string{
		"show draw --format cvs":                       "no format cvs; did you mean csv? known are text, json, csv",
		"show draw --rows some":                        "a number of at least 0, or all",
		"show draw --rows -1":                          "a number of at least 0, or all",
		"show draw --unnest x":                         "which are not shown as text; add --format csv",
		"show draw --format csv --unnest x":            "--unnest x: this is no column of lists; there are none",
		"show count --format csv --unnest quantites":   "did you mean quantities? known are files, caption, quantities",
		"show draw --format csv -o .":                  ". is no regular file",
		"show draw --format csv -o no/such":            "there is no folder no for such; make it first",
		"show draw --format csv -o data/objects/x.csv": "is in the store",
		"show draw --format csv --output=":             "-o names no file",
		"show draw --format csv -o /dev/null --force":  "/dev/null is no regular file",
		"show nosuch --format csv":                     "no figure, stage or artifact nosuch",
	} {
		wantAll(t, hero(t, 2, line), want)
	}
}
