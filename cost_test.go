package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/spec"
)

func graphOf(t *testing.T, paper, profile string) *pipeline.Graph {
	t.Helper()
	p, err := spec.Parse("paper.toml", []byte(paper))
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.Graph(profile, kinds)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// The first estimate of a run's time, before any stage has been measured, is within a
// factor of 3, in seconds of a core.
func TestFirstEstimate(t *testing.T) {
	var names []string
	estimate := 0.0
	for _, s := range graphOf(t, read(t, "paper.toml"), "smoke").Stages {
		if !s.Kind.Export {
			names = append(names, s.Name)
			estimate += s.Cost().Seconds
		}
	}
	c := command(hero, folder(t, read(t, "paper.toml")),
		append([]string{"run", "--profile", "smoke", "-j", "1"}, names...)...)
	run(t, c)
	took := (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds()
	if estimate > 3*took || estimate < took/3 {
		t.Errorf("%d stages took %.2f s of a core and were estimated at %.2f s", len(names), took, estimate)
	}
}

// Many small instances, and students kept at many times of a few larger ones.
const manyRows = `default-profile = "main"
profile.main = {}
[stage.small-instance]
kind = "instance"
N = 16
alpha = 3
seeds = "1..3000"
[stage.small-descent]
kind = "descent"
from = ["small-instance"]
method = "flow"
[stage.small-start]
kind = "spectral"
from = ["small-instance"]
[stage.small-fit]
kind = "finitesize"
from = ["small-descent"]
[stage.small-growth]
kind = "growth"
from = ["small-descent"]
[stage.small-growth-law]
kind = "growth-law"
from = ["small-growth"]
[stage.small-landscape]
kind = "landscape"
from = ["small-descent", "small-instance"]
[stage.kept-instance]
kind = "instance"
N = 64
alpha = 3
seeds = "1..200"
null = true
[stage.kept-descent]
kind = "descent"
from = ["kept-instance"]
method = "flow"
keep = [0, 0.02, 0.03, 0.04, 0.055, 0.075, 0.1, 0.14, 0.2, 0.27, 0.36, 0.5, 0.65, 0.8, 1, 1.3, 1.7, 2.2,
        3, 4, 5.5, 7.5, 10, 14, 20, 30, 45, 65, 100, 200]
[stage.kept-hessian]
kind = "hessian"
from = ["kept-descent", "kept-instance"]
[stage.kept-dynamics]
kind = "dynamics"
from = ["kept-descent", "kept-instance"]
resamples = 40
`

// A stage in a process of its own needs no more memory than is estimated, and not less
// than a third of it.
func TestEstimatedMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("the memory that a process has needed is read from /proc, which is not there")
	}
	dir := folder(t, manyRows)
	for _, s := range graphOf(t, manyRows, "").Stages {
		peak := peakOf(t, command(hero, dir, "run", "-j", "1", s.Name))
		if estimate := s.Cost().Bytes; peak > estimate || 3*peak < estimate {
			t.Errorf("%s needed %.1f MB and was estimated at %.1f MB", s.Name, float64(peak)/1e6, float64(estimate)/1e6)
		}
	}
}

// peakOf runs a command and gives the largest resident memory that it was seen to have.
// (What wait reports may be that of the process which started it.)
func peakOf(t *testing.T, c *exec.Cmd) (peak int64) {
	t.Helper()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	// The Makefile has tests collect lazily.
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GOGC=") })
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	status := fmt.Sprintf("/proc/%d/status", c.Process.Pid)
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v: %v\n%s", c.Args, err, out.String())
			}
			return peak
		case <-time.After(2 * time.Millisecond):
		}
		text, _ := os.ReadFile(status)
		if _, line, ok := strings.Cut(string(text), "VmHWM:"); ok {
			var kib int64
			if n, _ := fmt.Sscanf(line, "%d kB", &kib); n == 1 {
				peak = max(peak, kib<<10)
			}
		}
	}
}

const (
	initInstance = "[stage.init-instance]\nkind = \"instance\"\neach = \"init\"\nN = "
	windowSeeds  = "[grid.window]\nseeds = "
)

// hugeNumbers are edits of paper.toml, with what the error says; none says nothing.
var hugeNumbers = []struct{ old, new, want string }{
	{initInstance + "1000", initInstance + "1e15", "more than fit"},
	{initInstance + "1000", initInstance + "9000000000000000000", "more than fit"},
	{initInstance + "1000", initInstance + "10000000000000000000", "out of range"},
	{"alpha = [1.0, 1.3, 3.0]", "alpha = 1e300", "more than fit"},
	{"alpha = [1.0, 1.3, 3.0]", "alpha = 1e400", "."},
	{windowSeeds + `"1..24 by 12"`, windowSeeds + `"1..999999999999999"`, "999999999999999 instances"},
	{windowSeeds + `"1..24 by 12"`, windowSeeds + `"1..999999999 by 999999999"`, "999999999 instances"},
	{windowSeeds + `"1..24 by 12"`, windowSeeds + `"1..99999999999999999"`, "is not a range"},
	{"starts = 1\n", "starts = 1e13\n",
		"curve-descent/N=64,alpha=1.5,seeds=1-25,starts=10000000000000 (kind descent): it would"},
	{"starts = 1\n", "starts = 9000000000000000000\n", "it would"},
	{"from = [\"curve-descent\", \"large-descent\"]",
		"from = [\"curve-descent\", \"large-descent\"]\nresamples = 1e15",
		"curve-fit (kind finitesize): it would take"},
	{"from = [\"curve-fit\", \"init-transition\", \"trap-transition\", \"dynamics\"]",
		"from = [\"curve-fit\", \"init-transition\", \"trap-transition\", \"dynamics\"]\nresamples = 1e15",
		"it would"},
	{"from = [\"null-descent\", \"null-instance\"]\nresamples = 200",
		"from = [\"null-descent\", \"null-instance\"]\nresamples = 1e15", "it would take"},
	{"alpha_min = 0.5", "points = 9000000000000000\nalpha_min = 0.5", "it would"},
	{"budget = 1\n", "budget = 9000000000000000000\n", ""},
	{"tol = 1e-2\n", "max_time = 1e300\ntol = 1e-2\n", ""},
}

// Numbers beyond all bounds are errors with their line when the graph is made: they
// are neither wrapped around nor computed with.
func TestHugeNumbers(t *testing.T) {
	paper := read(t, "paper.toml")
	for _, c := range hugeNumbers {

		if !strings.Contains(paper, c.old) {
			t.Fatalf("paper.toml has no %q", c.old)
		}
		p, err := spec.Parse("paper.toml", []byte(strings.Replace(paper, c.old, c.new, 1)))
		if err == nil {
			g, wrong := p.Graph("laptop", kinds)
			if err = wrong; err == nil {
				for _, s := range g.Stages {
					if err := s.Cost().Check(); err != nil {
						t.Errorf("%q: %s: %v", c.new, s.Name, err)
					}
				}
			}
		}
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.new, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) ||
			!regexp.MustCompile(`^paper\.toml:[0-9]+: `).MatchString(err.Error())):
			t.Errorf("%q: %v, want %q", c.new, err, c.want)
		}
	}
}
