package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/digest"
)

const allStages = 6 + 6 + 2 + 1 + 1

func TestRunTwice(t *testing.T) {
	b := newBench(t)
	ran, sum := b.run(2)
	if len(ran) != allStages || sum.Done[Ran] != allStages {
		t.Fatalf("ran %d stages, want %d", len(ran), allStages)
	}
	if !slices.Equal(sum.Exported, []string{b.dir + "/out/one.txt"}) {
		t.Errorf("exported %v", sum.Exported)
	}
	if ran, sum = b.run(2); len(ran) != 0 || sum.Done[Unchanged] != allStages || len(sum.Exported) != 0 {
		t.Errorf("the second run ran %v: %+v", ran, sum)
	}
	if n := b.plan().Count(Fresh); n != allStages {
		t.Errorf("%d stages are fresh, want %d", n, allStages)
	}
}

func TestSameDigestsForAnyCores(t *testing.T) {
	var want map[string]digest.Artifact
	for _, cores := range []int{1, 2, 7} {
		b := newBench(t)
		b.run(cores)
		got := b.digests()
		if want == nil {
			want = got
		}
		if !maps.Equal(got, want) {
			t.Errorf("-j %d gives other artifacts than -j 1", cores)
		}
	}
}

// A stage that has its key in common with another of the run is computed once, on any
// number of cores; in a later run it is restored.
func TestSharedKeyIsComputedOnce(t *testing.T) {
	for _, cores := range []int{1, 2, 7} {
		b := newBench(t)
		whole := b.paper
		b.paper += "\n[stage.twin]\nkind = \"draw\"\neach = \"g\"\n"
		ran, sum := b.run(cores)
		twins := sum.Stages - allStages
		if twins == 0 || len(ran) != allStages || sum.Done[Shared] != twins || sum.Done[Restored] != 0 {
			t.Errorf("-j %d: ran %d, %v, want %d shared", cores, len(ran), sum.Done, twins)
		}
		c := newBench(t)
		c.run(cores)
		c.paper = strings.Replace(b.paper, whole, c.paper, 1)
		if ran, sum := c.run(cores); len(ran) != 0 || sum.Done[Restored] != twins || sum.Done[Shared] != 0 {
			t.Errorf("-j %d, later: ran %v, %v, want %d restored", cores, ran, sum.Done, twins)
		}
	}
}

// The digests must not depend on names, or on the order of inputs in the file.
func TestKeysDoNotKnowNames(t *testing.T) {
	b := newBench(t)
	b.run(2)
	b.paper = strings.ReplaceAll(strings.ReplaceAll(b.paper, "change]", "altered]"), `["change"]`, `["altered"]`)
	ran, sum := b.run(2)
	if len(ran) != 0 || sum.Done[Restored] != 6 {
		t.Errorf("renaming a family ran %v: %v", ran, sum.Done)
	}
}

func TestCommentReruns(t *testing.T) {
	b := newBench(t)
	b.run(2)
	b.sources["stages/draw/draw.go"] = "// Package draw draws.\npackage draw\n\n" +
		"// scale is one.\nconst   scale = 1 // for now\n"
	b.sources["README.md"] = "new"
	b.sources["pipeline/engine/run.go"] = "package engine\n\nconst x = 2\n"
	if ran, _ := b.run(2); len(ran) != 0 {
		t.Errorf("comments, formatting and the engine reran %v", ran)
	}
}

func TestConstantReruns(t *testing.T) {
	b := newBench(t)
	b.run(2)
	b.sources["stages/offset/offset.go"] = "package offset\n\nconst Offset = 5\n"
	b.prog.offset = 5
	plan := b.plan()
	for _, i := range plan.Items {
		want := Run
		if i.Stage.Kind.Name == "draw" {
			want = Fresh
		}
		if i.Status != want {
			t.Errorf("%s is planned %s, want %s", i.Stage.Name, i.Status, want)
		}
		if i.Stage.Kind.Name == "change" {
			if got := fmt.Sprint(i.Reasons); got != "[{code [stages/offset.Offset changed]}]" {
				t.Errorf("%s: %s", i.Stage.Name, got)
			}
		}
	}
	if ran, _ := b.run(2); len(ran) != allStages-6 {
		t.Errorf("ran %v", ran)
	}
}

// A stage whose code changed but whose artifact did not stops the change there.
func TestEarlyCutoff(t *testing.T) {
	b := newBench(t)
	b.run(2)
	before := b.digests()
	b.sources["stages/draw/draw.go"] = "package draw\n\nconst scale = 3\n"
	b.prog.scale = 3
	if n := b.plan().Count(Run); n != allStages {
		t.Errorf("%d stages planned to run, want all %d", n, allStages)
	}
	ran, sum := b.run(2)
	for _, what := range ran {
		if !strings.HasPrefix(what, "draw") {
			t.Errorf("ran %s though its inputs came out as they were", what)
		}
	}
	if sum.Done[Ran] != 6 || sum.Done[Unchanged] != allStages-6 {
		t.Errorf("%v", sum.Done)
	}
	if !maps.Equal(before, b.digests()) {
		t.Error("the artifacts changed")
	}
}

func TestMoreSeeds(t *testing.T) {
	b := newBench(t)
	b.run(2)
	b.paper = strings.Replace(b.paper, "1..30 by 10", "1..40 by 10", 1)
	ran, _ := b.run(2)
	var draws []string
	for _, what := range ran {
		if strings.HasPrefix(what, "draw") {
			draws = append(draws, what)
		}
	}
	slices.Sort(draws)
	if !slices.Equal(draws, []string{"draw a31-40", "draw b31-40"}) || len(ran) != 2+2+2+1+1 {
		t.Errorf("ran %v", ran)
	}
}

func TestBackAndForth(t *testing.T) {
	b := newBench(t)
	b.run(2)
	first := b.digests()
	text, _ := os.ReadFile(b.dir + "/out/one.txt")
	original := b.paper
	b.paper = strings.Replace(b.paper, "add = 1", "add = 2", 1)
	plan := b.plan()
	if got := fmt.Sprint(plan.Items[6].Reasons); got != "[{parameters [add was 1, is 2]}]" {
		t.Errorf("reasons %s", got)
	}
	if got := plan.Items[len(plan.Items)-1].Reasons; got[0].What != InputsChanged ||
		got[0].Details[0] != "all runs first" {
		t.Errorf("reasons %v", got)
	}
	b.run(2)
	if other, _ := os.ReadFile(b.dir + "/out/one.txt"); string(other) == string(text) {
		t.Error("the exported file did not change")
	}
	b.paper = original
	if n := b.plan().Count(Restore); n != allStages-6 {
		t.Errorf("%d stages to restore, want %d", n, allStages-6)
	}
	ran, sum := b.run(2)
	if len(ran) != 0 || sum.Done[Restored] != allStages-6 {
		t.Errorf("going back ran %v: %v", ran, sum.Done)
	}
	if back, _ := os.ReadFile(b.dir + "/out/one.txt"); string(back) != string(text) || !maps.Equal(first, b.digests()) {
		t.Error("going back did not restore everything")
	}
}

func TestExportedFileIsRestored(t *testing.T) {
	b := newBench(t)
	b.run(1)
	path := b.dir + "/out/one.txt"
	want, _ := os.ReadFile(path)
	for _, spoil := range []func(){
		func() { os.Remove(path) },
		func() { os.WriteFile(path, []byte("other"), 0o666) },
	} {
		spoil()
		if ran, sum := b.run(1); len(ran) != 0 || sum.Done[Restored] != 1 {
			t.Errorf("ran %v, %v", ran, sum.Done)
		}
		if got, _ := os.ReadFile(path); string(got) != string(want) {
			t.Errorf("the file holds %q", got)
		}
	}
}

// object is the path of a stage's artifact.
func (b *bench) object(stage string) string {
	return b.store.ObjectPath(b.digests()[stage])
}

func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	os.Chmod(path, 0o644)
	if err := os.WriteFile(path, change(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDamage(t *testing.T) {
	flip := func(d []byte) []byte { d[len(d)/2] ^= 4; return d }
	for name, c := range map[string]struct {
		harm    func(t *testing.T, path string)
		problem string
	}{
		"flipped": {func(t *testing.T, p string) { rewrite(t, p, flip) }, "altered"},
		"truncated": {func(t *testing.T, p string) { rewrite(t, p, func(d []byte) []byte { return d[:len(d)-9] }) },
			"truncated"},
		"removed": {func(t *testing.T, p string) { os.Remove(p) }, "missing"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(2)
			before := b.digests()
			path := b.object("draw/group=a,seeds=11-20")
			c.harm(t, path)
			i := b.plan().Items[1]
			if i.Status != Run || !strings.Contains(fmt.Sprint(i.Reasons), c.problem) ||
				!strings.Contains(fmt.Sprint(i.Reasons), path) {
				t.Errorf("planned %s: %v", i.Status, i.Reasons)
			}
			ran, _ := b.run(2)
			if !slices.Equal(ran, []string{"draw a11-20"}) || !maps.Equal(before, b.digests()) {
				t.Errorf("ran %v", ran)
			}
		})
	}
}

// A bit that rots leaves no trace in the file's times: it is found by who reads it.
func TestRot(t *testing.T) {
	b := newBench(t)
	b.run(2)
	before := b.digests()
	path := b.object("draw/group=a,seeds=11-20")
	info, _ := os.Stat(path)
	rewrite(t, path, func(d []byte) []byte { d[len(d)/2] ^= 4; return d })
	os.Chtimes(path, info.ModTime(), info.ModTime())
	if ran, _ := b.run(2); len(ran) != 0 {
		t.Fatalf("nothing reads it, and yet ran %v", ran)
	}
	b.paper = strings.Replace(b.paper, "add = 1", "add = 7", 1)
	ran, _ := b.run(2)
	if !slices.Contains(ran, "draw a11-20") {
		t.Errorf("the artifact was not made again: %v", ran)
	}
	if b.digests()["draw/group=a,seeds=11-20"] != before["draw/group=a,seeds=11-20"] {
		t.Error("it came out otherwise")
	}
}

func TestFailureStopsOnlyItsDependents(t *testing.T) {
	b := newBench(t)
	kinds := b.prog.kinds()
	for _, bad := range []struct {
		run  func(ctx context.Context, q changeParams, in pipeline.Inputs) ([]value, error)
		want string
	}{
		{func(context.Context, changeParams, pipeline.Inputs) ([]value, error) {
			return nil, errors.New("no luck")
		}, "no luck"},
		{func(context.Context, changeParams, pipeline.Inputs) ([]value, error) { panic("oops") }, "engine_test.go"},
	} {
		k := pipeline.Define(pipeline.Definition[changeParams, value]{Name: "bad", Run: bad.run})
		k.Entry = pipeline.Function{Package: "example/stages/change"}
		skip := pipeline.Define(pipeline.Definition[changeParams, value]{Name: "skip", Run: bad.run,
			Reads: []pipeline.Read{pipeline.Reads[value]("draw"), pipeline.Reads[value]("bad")}})
		skip.Entry = k.Entry
		draw := pipeline.NewStage("draw", kinds[0], drawParams{pipeline.Range{First: 1, Last: 2}, bad.want})
		fails := pipeline.NewStage("bad", k, changeParams{})
		g, err := pipeline.NewGraph([]*pipeline.Stage{
			fails, draw,
			pipeline.NewStage("fine", kinds[1], changeParams{}, draw),
			pipeline.NewStage("skip", skip, changeParams{}, draw, fails),
		})
		if err != nil {
			t.Fatal(err)
		}
		sum, err := b.engine().Run(context.Background(), g, Options{Cores: 2})
		if err != nil {
			t.Fatal(err)
		}
		if len(sum.Failures) != 1 || !strings.Contains(sum.Failures[0].Err.Error(), bad.want) || sum.Skipped != 1 ||
			sum.Done[Ran] != 2 {
			t.Errorf("%+v, want %q", sum, bad.want)
		}
	}
}

func TestStop(t *testing.T) {
	b := newBench(t)
	b.prog.pause = 30 * time.Millisecond
	stop := make(chan struct{})
	time.AfterFunc(75*time.Millisecond, func() { close(stop) })
	sum, err := b.engine().Run(context.Background(), b.graph(), Options{Cores: 1, Stop: stop})
	if err != nil || sum.Left == 0 || sum.Done[Ran] == 0 || len(sum.Failures) > 0 {
		t.Fatalf("%+v, %v", sum, err)
	}
	was := sum.Done[Ran]
	if ran, sum := b.run(2); len(ran) != allStages-was || sum.Left != 0 {
		t.Errorf("after %d stages the next run ran %d of %d", was, len(ran), allStages)
	}
}

func TestCancel(t *testing.T) {
	b := newBench(t)
	b.prog.pause = 20 * time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	sum, err := b.engine().Run(ctx, b.graph(), Options{Cores: 2})
	if err != nil || sum.Left == 0 || len(sum.Failures) > 0 {
		t.Fatalf("%+v, %v", sum, err)
	}
	b.run(2)
}

type watcher struct {
	silent
	now, most int
	order     []string
}

func (w *watcher) Started(s *pipeline.Stage) {
	w.order = append(w.order, s.Name)
	w.now++
	w.most = max(w.most, w.now)
}

func (w *watcher) Done(s *pipeline.Stage, how Outcome, _ float64) {
	if how == Ran {
		w.now--
	}
}

func TestLongestPathFirst(t *testing.T) {
	b := newBench(t)
	b.paper = strings.Replace(b.paper, `seeds = "1..30 by 10"`, `seeds = ["1..5", "11..40", "51..60"]`, 1)
	w := &watcher{}
	if _, err := b.engine().Run(context.Background(), b.graph(), Options{Cores: 1, Report: w}); err != nil {
		t.Fatal(err)
	}
	want := []string{"draw/group=a,seeds=11-40", "draw/group=b,seeds=11-40", "draw/group=a,seeds=51-60"}
	if !slices.Equal(w.order[:3], want) {
		t.Errorf("began with %v, want %v", w.order[:3], want)
	}
}

func TestLockFile(t *testing.T) {
	b := newBench(t)
	if l, missing := b.plan().Lock("all"); len(l.Digests) != 0 || missing != allStages {
		t.Errorf("a lock of what is not computed: %d digests, %d missing", len(l.Digests), missing)
	}
	b.run(2)
	lock, missing := b.plan().Lock("all")
	if missing != 0 {
		t.Errorf("%d stages are missing", missing)
	}
	path := filepath.Join(b.dir, "paper.lock")
	written := NewLockFile(path)
	written.Put(lock)
	if err := written.Write(); err != nil {
		t.Fatal(err)
	}
	file, err := ReadLockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	back := file.Of("all")
	if back == nil || back.Profile != "all" || !maps.Equal(back.Digests, lock.Digests) {
		t.Fatalf("%+v", back)
	}
	if c := back.Compare(b.plan()); !c.Equal() || c.Same != allStages {
		t.Errorf("%+v", c)
	}
	b.paper = strings.Replace(b.paper, "add = 1", "add = 2", 1)
	b.paper = strings.Replace(b.paper, "[figure]", "[figure]\ntwo = [\"total\"]", 1)
	b.paper = strings.Replace(b.paper, "1..30 by 10", "1..20 by 10", 1)
	if c := back.Compare(b.plan()); c.Same != 4 || len(c.Missing) != 4+2+1+1 || c.Unlocked != 1 || len(c.Gone) != 4 {
		t.Errorf("%+v", c)
	}
	b.run(2)
	if c := back.Compare(b.plan()); len(c.Different) != 4+2+1+1 || len(c.Missing) != 0 ||
		!slices.Equal(c.Unknown, []string{"figure/two"}) {
		t.Errorf("%+v", c)
	}
	rewrite(t, path, func(d []byte) []byte { return append(d, "nonsense\n"...) })
	if _, err := ReadLockFile(path); err == nil || !strings.Contains(err.Error(), "paper.lock:18") {
		t.Errorf("a bad line: %v", err)
	}
}
