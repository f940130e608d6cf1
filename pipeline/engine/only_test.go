package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline"
)

// only runs the stages that patterns name, on a new engine as another process would.
func (b *bench) only(opt Options, patterns ...string) (ran []string, sum *Summary) {
	b.t.Helper()
	b.prog.ran = nil
	g := b.graph()
	for _, p := range patterns {
		opt.Only = append(opt.Only, g.Match(p)...)
	}
	opt.Cores = 1
	sum, err := b.engine().Run(context.Background(), g, opt)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.prog.ran, sum
}

// missing names the inputs that stages failed without.
func missing(t *testing.T, sum *Summary) []string {
	t.Helper()
	var out []string
	for _, f := range sum.Failures {
		var e *MissingInputError
		if !errors.As(f.Err, &e) || e.Stage != f.Stage || !strings.Contains(f.Err.Error(), e.Input.Name) {
			t.Fatalf("%s: %v", f.Stage.Name, f.Err)
		}
		out = append(out, e.Input.Name)
	}
	return out
}

// Stages by themselves, those of each family in a run of its own, come to what one run gives.
func TestOnly(t *testing.T) {
	whole := newBench(t)
	whole.run(2)
	b := newBench(t)
	for _, c := range []struct {
		pattern string
		stages  int
	}{{"draw", 6}, {"change", 6}, {"total", 2}, {"all", 1}, {"one", 1}} {
		ran, sum := b.only(Options{}, c.pattern)
		if len(ran) != c.stages || sum.Stages != c.stages || sum.Done[Ran] != c.stages {
			t.Fatalf("%s: ran %v, %+v", c.pattern, ran, sum)
		}
	}
	for name, d := range whole.digests() {
		if b.digests()[name] != d {
			t.Errorf("%s differs", name)
		}
	}
	// Again, there is nothing to do, and what others lack is left alone.
	view := b.dir + "/data/view/draw"
	if err := os.RemoveAll(view); err != nil {
		t.Fatal(err)
	}
	if ran, sum := b.only(Options{}, "change", "one"); len(ran) != 0 || sum.Done[Unchanged] != 7 {
		t.Errorf("again: ran %v, %+v", ran, sum)
	}
	if _, err := os.Stat(view); err == nil {
		t.Error("stages that are not of the run were shown")
	}
}

// A stage whose input is missing fails, those that need it are left out, and the others run.
func TestOnlyWithoutInputs(t *testing.T) {
	b := newBench(t)
	b.only(Options{}, "draw/group=a,seeds=1-10", "draw/group=b,seeds=*")
	ran, sum := b.only(Options{}, "change", "total")
	if got := missing(t, sum); !slices.Equal(got, []string{"draw/group=a,seeds=11-20", "draw/group=a,seeds=21-30"}) {
		t.Errorf("missing are %v", got)
	}
	if len(ran) != 5 || sum.Done[Ran] != 5 || sum.Skipped != 1 {
		t.Errorf("ran %v, %+v", ran, sum)
	}
}

// What another machine computes meanwhile is waited for, and no longer than asked for.
func TestOnlyWaits(t *testing.T) {
	b, other := newBench(t), newBench(t)
	other.dir = b.dir
	b.engine()
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(200 * time.Millisecond)
		g := other.graph()
		other.engine().Run(context.Background(), g, Options{Cores: 1, Only: g.Match("draw")})
	}()
	notes := &noted{}
	ran, sum := b.only(Options{Wait: 30 * time.Second, Report: notes}, "change")
	<-done
	if len(ran) != 6 || len(sum.Failures) != 0 {
		t.Errorf("ran %v, %+v", ran, sum)
	}
	if len(notes.texts) != 1 || !strings.Contains(notes.texts[0], "waiting up to 30s for draw/") {
		t.Errorf("notes are %q", notes.texts)
	}
	start := time.Now()
	_, sum = b.only(Options{Wait: 300 * time.Millisecond}, "one")
	if len(missing(t, sum)) != 1 || time.Since(start) < 300*time.Millisecond {
		t.Errorf("%+v after %v", sum, time.Since(start))
	}
	stop := make(chan struct{})
	close(stop)
	if _, sum := b.only(Options{Wait: time.Hour, Stop: stop}, "one"); sum.Left != 1 {
		t.Errorf("stopped: %+v", sum)
	}
}

// noted is a reporter that keeps notes.
type noted struct {
	silent
	texts []string
}

func (n *noted) Note(text string) { n.texts = append(n.texts, text) }

// An input that is found damaged is not computed here, and is left for the run that does.
func TestOnlyOfDamagedInput(t *testing.T) {
	b := newBench(t)
	b.run(1)
	path := b.object("draw/group=a,seeds=1-10")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	os.Chmod(path, 0o644)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	os.Chtimes(path, info.ModTime(), info.ModTime()) // as if the disk had done it
	b.paper = strings.Replace(b.paper, "add = 1", "add = 2", 1)
	ran, sum := b.only(Options{}, "change")
	if got := missing(t, sum); !slices.Equal(got, []string{"draw/group=a,seeds=1-10"}) || len(ran) != 5 {
		t.Errorf("ran %v, missing %v", ran, got)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("%s: %v", filepath.Base(path), err)
	}
	if sum := must(b.engine().Run(context.Background(), b.graph(), Options{Cores: 1}))(t); len(sum.Failures) != 0 {
		t.Errorf("the whole run: %+v", sum)
	}
}

func must(sum *Summary, err error) func(t *testing.T) *Summary {
	return func(t *testing.T) *Summary {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
}

func TestOnlyIsOfTheGraph(t *testing.T) {
	b := newBench(t)
	other := pipeline.NewStage("stranger", b.prog.kinds()[0], drawParams{Group: "a"})
	if _, err := b.engine().Run(context.Background(), b.graph(), Options{Only: []*pipeline.Stage{other}}); err == nil {
		t.Error("a stage of no graph was run")
	}
}
