package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"zerotohero/pipeline/spec"
)

// These tests run the program as people do, on the smoke profile of paper.toml.

// hero is the program, built once, in a folder that goes when all tests have ended.
var hero string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "hero-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	hero = filepath.Join(dir, "hero")
	if err := compile(runtime.GOARCH, hero); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// folder is a new folder with a paper in it.
func folder(t *testing.T, paper string) string {
	t.Helper()
	dir := t.TempDir()
	writePaper(t, dir, paper)
	return dir
}

func writePaper(t *testing.T, dir, paper string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "paper.toml"), []byte(paper), 0o666); err != nil {
		t.Fatal(err)
	}
}

func command(program, dir string, args ...string) *exec.Cmd {
	c := exec.Command(program, args...)
	c.Dir = dir
	return c
}

// run runs a command and wants success.
func run(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, out)
	}
	return string(out)
}

func smoke(t *testing.T, dir string, args ...string) string {
	t.Helper()
	return run(t, command(hero, dir, append([]string{"run", "--profile", "smoke"}, args...)...))
}

// artifacts lists what the store's view has, by stage, with digests.
func artifacts(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	root := filepath.Join(dir, "data/view/smoke")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".arrow" {
			return err
		}
		target, err := os.Readlink(path)
		out[strings.TrimPrefix(path, root+"/")] = filepath.Base(target)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A completeRun is a run of the smoke profile from nothing, on two cores.
type completeRun struct {
	dir, out  string
	took, cpu time.Duration
}

// reference is that run once one test has made it; others compare with it.
var reference *completeRun

// referenceRun makes the run, unless another test has.
func referenceRun(t *testing.T) *completeRun {
	t.Helper()
	if reference == nil {
		r := &completeRun{dir: filepath.Join(filepath.Dir(hero), "reference")}
		if err := os.MkdirAll(r.dir, 0o777); err != nil {
			t.Fatal(err)
		}
		writePaper(t, r.dir, read(t, "paper.toml"))
		start := time.Now()
		c := command(hero, r.dir, "run", "--profile", "smoke", "-j", "2")
		r.out = run(t, c)
		r.took, r.cpu = time.Since(start), c.ProcessState.UserTime()
		reference = r
	}
	return reference
}

func TestSmoke(t *testing.T) {
	ref := referenceRun(t)
	want := artifacts(t, ref.dir)
	if !strings.Contains(ref.out, fmt.Sprintf("%d stages:", len(want))) || len(want) < 20 {
		t.Fatalf("%d artifacts after\n%s", len(want), ref.out)
	}
	if out := smoke(t, ref.dir); !strings.Contains(out, "stages: 0 ran") {
		t.Errorf("the second run is not idle:\n%s", out)
	}
	paper, err := spec.Parse("paper.toml", []byte(read(t, "paper.toml")))
	if err != nil {
		t.Fatal(err)
	}
	for _, figure := range paper.Figures("smoke") {
		for _, format := range []string{".pdf", ".svg", ".png"} {
			if len(read(t, filepath.Join(ref.dir, "figures/out/smoke", figure+format))) < 1000 {
				t.Errorf("figure %s%s is next to empty", figure, format)
			}
		}
		explained := run(t, command(hero, ref.dir, "explain", figure, "--profile", "smoke"))
		if !strings.Contains(explained, "code ") || strings.Contains(explained, "not computed") {
			t.Errorf("explain %s:\n%s", figure, explained)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Killed at random moments, the run goes on to the same artifacts. How far it gets before
// is counted in records and not in time, which on a busy machine can do for all or for none.
func TestKill(t *testing.T) {
	ref := referenceRun(t)
	want, all := artifacts(t, ref.dir), countFiles(filepath.Join(ref.dir, "data/actions"))
	rng := rand.New(rand.NewPCG(3, 5))
	dir := folder(t, read(t, "paper.toml"))
	records := filepath.Join(dir, "data/actions")
	killed := 0
	for range 12 {
		c := command(hero, dir, "run", "--profile", "smoke", "-j", "2")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		awaitFiles(records, min(countFiles(records)+rng.IntN(all/8), all))
		time.Sleep(time.Duration(rng.IntN(40)) * time.Millisecond)
		c.Process.Kill()
		if c.Wait() != nil {
			killed++
		}
	}
	if killed < 6 {
		t.Errorf("only %d of 12 runs were killed; the test shows little", killed)
	}
	smoke(t, dir)
	if got := artifacts(t, dir); !maps.Equal(got, want) {
		t.Error("after kills the artifacts are others")
	}
}

func countFiles(dir string) int {
	entries, _ := os.ReadDir(dir)
	return len(entries)
}

// awaitFiles waits until a folder has so many files, at most 20 s.
func awaitFiles(dir string, n int) {
	for range 10_000 {
		if countFiles(dir) >= n {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func TestInterrupt(t *testing.T) {
	dir := folder(t, read(t, "paper.toml"))
	var out bytes.Buffer
	c := command(hero, dir, "run", "--profile", "smoke", "-j", "1")
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	awaitFiles(filepath.Join(dir, "data/actions"), 3)
	c.Process.Signal(syscall.SIGINT)
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 ||
		!strings.Contains(out.String(), "the same command goes on from here") {
		t.Errorf("exit code %d after\n%s", code, out.String())
	}
}

func TestMistakes(t *testing.T) {
	paper := read(t, "paper.toml")
	for _, c := range []struct{ old, new, want string }{
		{"N = [64, 128, 256]\nalpha = [1.5,", "N = [1]\nalpha = [1.5,", "N: 1"},
		{"N = [64, 128, 256]\nalpha = [1.5,", "N = [300, 64]\nalpha = [1.5,", "must increase strictly"},
		{"N = [64, 128, 256]\nalpha = [1.5,", "N = []\nalpha = [1.5,", "axis N is empty"},
		{"[grid.path]\nalpha", "[grid.path]\nalhpa", "has no axis alpha; did you mean alhpa?"},
		{"budget = 1\n", "bugdet = 1\n", "did you mean budget?"},
		{"budget = 1\n", "budget = 1\nloss = \"el\"\n", "unknown loss \"el\"; did you mean ell? known are ell, plain, pseudohuber, cauchy"},
		{"budget = 1\n", "budget = \"1\"\n", "wants an integer"},
		{"alpha = [1.0,", "alpha = [-1.0, 1.0,", "alpha"},
		{"\nsuccess = [", "\nsucess = [", "success (prob"},
		{`descent = ["window-descent"]`, `descent = ["window-decent"]`, "did you mean window-descent?"},
		{"from = [\"init-instance\"]", "from = [\"init-hessian\"]", "a cycle"},
	} {
		if !strings.Contains(paper, c.old) {
			t.Fatalf("paper.toml has no %q any more", c.old)
		}
		cmd := command(hero, folder(t, strings.Replace(paper, c.old, c.new, 1)), "plan")
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 2 || !strings.HasPrefix(string(out), "hero: paper.toml:") ||
			!strings.Contains(string(out), c.want) {
			t.Errorf("%s: exit code %d, want %q in\n%s", c.new, cmd.ProcessState.ExitCode(), c.want, out)
		}
	}
}

func TestTheory(t *testing.T) {
	out := run(t, command(hero, ".", "theory", "transition", "--at", "init", "--loss", "ell", "--a", "2", "--json"))
	var got struct {
		Alpha float64
		Edge  string
	}
	// The anchor of physics.md 2a, to the digits that it gives.
	if err := json.Unmarshal([]byte(out), &got); err != nil || got.Edge != "smooth" || got.Alpha < 1.690415 ||
		got.Alpha > 1.690425 {
		t.Errorf("%v: %s", err, out)
	}
}

func TestExternalTable(t *testing.T) {
	out, err := exec.Command("go", "run", "./pipeline/code/external", "-check", "stages", "figures").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
