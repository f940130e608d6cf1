package bench

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/spf13/cobra"

	"zerotohero/stages/descent"
	"zerotohero/stages/outcome"
)

// tiny measures everything in a moment, and means nothing.
var tiny = sizes{
	small: 32, large: 64, batch: 32, students: 4, rounds: 3,
	dense: 32, drawn: 64, directions: 20, null: 64,
	n: 16, instances: 2, alphas: []float64{2, 3}, descents: 2,
}

func execute(c *cobra.Command, args ...string) (out, errs string, err error) {
	var stdout, stderr bytes.Buffer
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	c.SetArgs(args)
	err = c.Execute()
	return stdout.String(), stderr.String(), err
}

// All rows from end to end: each has a line in the table, remarks, and a verdict.
func TestEverything(t *testing.T) {
	file := filepath.Join(t.TempDir(), "LAST.md")
	out, errs, err := execute(command(tiny), "--out", file)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names(rows(tiny)) {
		if strings.Count("\n"+out, "\n"+name+" ") != 1 || strings.Count(out, "\n"+name+": ") != 1 {
			t.Errorf("%s is not once in the table and once below it:\n%s", name, out)
		}
		if strings.Count(string(page), "\n| "+name+" | ") != 1 {
			t.Errorf("%s is not once in the page:\n%s", name, page)
		}
		if !strings.Contains(errs, "measuring "+name+"\n") {
			t.Errorf("%s was not announced: %s", name, errs)
		}
	}
	n := strings.Count(out, "  met\n") + strings.Count(out, "  missed\n") + strings.Count(out, "  skipped\n")
	if n != len(rows(tiny)) {
		t.Errorf("%d verdicts in\n%s", n, out)
	}
	for _, want := range []string{"processor: ", "kernel: ", "date: "} {
		if !strings.Contains(out, want) || !strings.Contains(string(page), want) {
			t.Errorf("the circumstances lack %q", want)
		}
	}
}

func TestChosenRows(t *testing.T) {
	out, _, err := execute(command(tiny), "bandwidth-*", "tr*")
	if err != nil || !strings.Contains(out, "\nbandwidth-64 ") || !strings.Contains(out, "\ntransition ") ||
		strings.Contains(out, "threshold") {
		t.Errorf("%s %v", out, err)
	}
	for _, c := range []struct{ args, want string }{
		{"nothing", `no row matches "nothing"; there are bandwidth-64, `},
		{"[", `pattern "["`},
		{"tr* --out " + filepath.Join(t.TempDir(), "none", "x.md"), "--out"},
	} {
		if _, errs, err := execute(command(tiny), strings.Fields(c.args)...); err == nil ||
			!strings.Contains(err.Error(), c.want) || strings.Contains(errs, "measuring") {
			t.Errorf("%s: error %v, want one with %q before anything is measured", c.args, err, c.want)
		}
	}
}

// The examples name rows that there are, and all rows are in the help.
func TestHelp(t *testing.T) {
	c := Command()
	for _, line := range strings.Split(c.Example, "\n") {
		args := strings.Fields(strings.ReplaceAll(line, "'", ""))[2:]
		if err := c.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		if err := c.Args(c, c.Flags().Args()); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	help, _, err := execute(Command(), "--help")
	for _, name := range names(rows(full)) {
		if err != nil || !strings.Contains(help, "\n  "+name+" ") {
			t.Errorf("%s is not in the help: %v", name, err)
		}
	}
	got, _, err := execute(Command(), cobra.ShellCompRequestCmd, "")
	if err != nil || !strings.Contains(got, "numpy-4096\n") {
		t.Errorf("completion: %s %v", got, err)
	}
}

// outcomes makes descents of n evaluations each, the first of which recovered.
func outcomes(n int64, recovered int, of int) []descent.Descent {
	out := make([]descent.Descent, of)
	for i := range out {
		out[i] = descent.Descent{Evaluations: n, Outcome: outcome.Trapped}
		if i < recovered {
			out[i].Outcome = outcome.Recovered
		}
	}
	return out
}

func TestCompare(t *testing.T) {
	f := compare(outcomes(1000, 7, 24), outcomes(100, 10, 24))
	if f.fault != "" || f.result.median != 10 ||
		!strings.Contains(f.note, "10 by flow, 7 by gradient descent, of 24; 3 and 0 by one of them alone") {
		t.Errorf("%+v", f)
	}
	// Five against none differ by √5 standard errors.
	if f := compare(outcomes(1000, 5, 24), outcomes(100, 10, 24)); f.fault == "" {
		t.Errorf("5 and 10 of 24 pass for equal: %+v", f)
	}
	lost := outcomes(100, 0, 24)
	lost[3].Outcome = outcome.Unresolved
	if f := compare(outcomes(1000, 0, 24), lost); !strings.Contains(f.note, "1 descents were unresolved") {
		t.Errorf("%+v", f)
	}
}

// 100 numbers an image and vector kept are 1200 bytes and 800 multiply-adds.
func TestBound(t *testing.T) {
	for _, c := range []struct {
		name                 string
		reading, multiplying float64 // rates
		want                 float64
	}{
		{"reading binds", 1200, 1600, 0.5},
		{"arithmetic binds", 4800, 800, 0.5},
		{"both", 1200, 800, 0.5},
	} {
		f := bound([]float64{100, 200}, []float64{2, 4}, []float64{c.reading, c.reading},
			[]float64{c.multiplying, c.multiplying})
		if f.result.lo != c.want || f.result.hi != c.want {
			t.Errorf("%s: %+v, want %v", c.name, f, c.want)
		}
	}
}

// What f allocates is held while it runs, whether or not it is garbage soon.
func TestMostHeld(t *testing.T) {
	const size = 64 << 20
	idle, err := mostHeld(func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	busy, err := mostHeld(func() error {
		x := make([]byte, size)
		for i := range x {
			x[i] = 1
		}
		return nil
	})
	if err != nil || !(busy-idle > 0.9*size && busy-idle < 1.5*size) {
		t.Errorf("%v and %v bytes, %v, of which %d were asked for", idle, busy, err, size)
	}
	wrong := errors.New("wrong")
	if _, err := mostHeld(func() error { return wrong }); err != wrong {
		t.Errorf("error %v", err)
	}
}

func TestParallel(t *testing.T) {
	var calls [100]atomic.Int32
	if err := parallel(len(calls), func(i int) error { calls[i].Add(1); return nil }); err != nil {
		t.Fatal(err)
	}
	for i := range calls {
		if calls[i].Load() != 1 {
			t.Errorf("%d was called %d times", i, calls[i].Load())
		}
	}
	wrong := errors.New("wrong")
	if err := parallel(100, func(i int) error {
		if i == 5 {
			return wrong
		}
		return nil
	}); err != wrong {
		t.Errorf("error %v", err)
	}
}

// Any length and any alignment of float32 numbers can be read.
func TestRead(t *testing.T) {
	x := make([]float32, 300)
	for n := range x {
		read(x[:n])
		read(x[n:])
	}
	read(nil)
}

func TestModel(t *testing.T) {
	if got := model("processor\t: 0\nmodel name\t: Some CPU: fast\nflags\t: a\n"); got != "Some CPU: fast" {
		t.Errorf("%q", got)
	}
	if got := model("nothing"); got != "unknown processor" {
		t.Errorf("%q", got)
	}
}

func TestUnfair(t *testing.T) {
	if unfair("") != "" || unfair("fast,noasmx") != "" || !strings.Contains(unfair("a,noasm"), "go run . bench") {
		t.Error("gonum without assembly is told by the tag noasm alone")
	}
}
