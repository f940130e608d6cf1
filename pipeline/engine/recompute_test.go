package engine

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline/digest"
)

// again computes all witnesses again.
func (b *bench) again(ctx context.Context) (out map[string]Recomputed, left int) {
	b.t.Helper()
	e := b.engine()
	plan, err := e.Plan(b.graph())
	if err != nil {
		b.t.Fatal(err)
	}
	all, _, err := e.Witnesses(plan)
	if err != nil {
		b.t.Fatal(err)
	}
	out = make(map[string]Recomputed)
	left, err = e.Recompute(ctx, all, Options{Cores: 2}, func(r Recomputed) { out[r.Stage.Name] = r })
	if err != nil {
		b.t.Fatal(err)
	}
	return out, left
}

// files are the contents of the store, with the times of artifacts and records.
func (b *bench) files() map[string]string {
	out := make(map[string]string)
	filepath.WalkDir(b.dir+"/data", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			data, _ := os.ReadFile(path)
			info, _ := d.Info()
			out[path] = fmt.Sprint(info.ModTime(), digest.Hex(data))
		}
		return err
	})
	return out
}

func TestRecompute(t *testing.T) {
	b := newBench(t)
	b.run(2)
	before := b.files()
	got, left := b.again(t.Context())
	if len(got) != len(b.plan().Items) || left != 0 {
		t.Fatalf("%d computed again, %d left", len(got), left)
	}
	for name, r := range got {
		if !r.Same() || r.Differs != nil || len(r.Code) > 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if !maps.Equal(before, b.files()) {
		t.Error("the store has changed")
	}
}

// A kind that gives other numbers from the same key is found, with the column that differs.
func TestRecomputeFindsImpureKinds(t *testing.T) {
	b := newBench(t)
	b.run(2)
	b.prog.offset = 5
	got, _ := b.again(t.Context())
	for name, r := range got {
		if is := strings.HasPrefix(name, "change/"); is == r.Same() {
			t.Errorf("%s: same %v", name, r.Same())
		} else if is && !strings.HasPrefix(fmt.Sprint(r.Differs.Lines()), "[column x: 10 of 10 values differ, in 10 rows") {
			t.Errorf("%s: %v", name, r.Differs.Lines())
		}
	}
}

// Stages whose code has changed are computed by the code of now, from what they were
// computed from, and the change is named.
func TestRecomputeAfterEdit(t *testing.T) {
	b := newBench(t)
	b.run(2)
	b.prog.offset = 5
	b.sources["stages/offset/offset.go"] = "package offset\n\nconst Offset = 5\n"
	b.sources["stages/change/change.go"] += "\nfunc init() { println(offset.Offset) }\n"
	got, _ := b.again(t.Context())
	if len(got) != len(b.plan().Items) {
		t.Fatalf("%d computed again", len(got))
	}
	r := got["change/group=a,seeds=1-10"]
	if r.Same() || r.Differs == nil || !slices.Contains(r.Code, "stages/offset.Offset changed") {
		t.Errorf("%+v", r)
	}
	// What comes after is compared from the inputs that it had.
	if r := got["total/group=a"]; !r.Same() || len(r.Code) > 0 {
		t.Errorf("%+v", r)
	}
	// With another parameter there is nothing to compare with.
	b.paper = strings.Replace(b.paper, "add = 1", "add = 2", 1)
	got, _ = b.again(t.Context())
	if _, ok := got["change/group=a,seeds=1-10"]; ok || !got["total/group=a"].Same() {
		t.Errorf("%d computed again", len(got))
	}
}

// A damaged input is named by what reads it; where the artifact itself is damaged what comes
// out is what it was.
func TestRecomputeFromDamage(t *testing.T) {
	for _, noticed := range []bool{false, true} {
		b := newBench(t)
		b.run(2)
		path := b.object("draw/group=a,seeds=11-20")
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		rewrite(t, path, func(d []byte) []byte { d[len(d)/2] ^= 4; return d })
		if !noticed {
			os.Chtimes(path, info.ModTime(), info.ModTime())
		}
		got, _ := b.again(t.Context())
		if r := got["draw/group=a,seeds=11-20"]; !r.Same() {
			t.Errorf("noticed %v: %+v", noticed, r)
		}
		r := got["change/group=a,seeds=11-20"]
		if r.Err == nil || !strings.Contains(r.Err.Error(), "reading draw/group=a,seeds=11-20: artifact "+path+" is altered") {
			t.Errorf("noticed %v: %v", noticed, r.Err)
		}
		if r := got["change/group=a,seeds=1-10"]; !r.Same() {
			t.Errorf("noticed %v: %+v", noticed, r)
		}
	}
}

func TestRecomputeStops(t *testing.T) {
	b := newBench(t)
	b.run(2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, left := b.again(ctx); len(got)+left != len(b.plan().Items) || left == 0 {
		t.Errorf("%d computed again, %d left", len(got), left)
	}
}
