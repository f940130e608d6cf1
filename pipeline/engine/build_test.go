package engine

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zerotohero/pipeline/build"
	"zerotohero/pipeline/digest"
)

// What another build computes has other keys: it neither takes the artifacts of the
// portable build nor gives it any.
func TestBuildsKeepApart(t *testing.T) {
	b := newBench(t)
	b.run(2)
	want := b.digests()
	b.build = build.Build{Origin: build.Origin{Identity: "without care", Revision: "3f2a", Modified: true}}
	b.prog.offset = 1 // as careless builds compute
	plan := b.plan()
	if n := plan.Count(Run); n != allStages {
		t.Errorf("another build takes over %d artifacts", allStages-n)
	}
	if got := fmt.Sprint(plan.Items[0].Reasons); got != "[{build [it was computed by another build (portable) than "+
		"this (without care)]}]" {
		t.Errorf("the reason is %s", got)
	}
	if ran, _ := b.run(2); len(ran) != allStages {
		t.Errorf("another build ran %v", ran)
	}
	if a := b.plan().Items[0].Action; a.Build.Identity != "without care" || a.Build.Revision != "3f2a" ||
		!a.Build.Modified {
		t.Errorf("its record says %+v", a.Build)
	}
	b.build, b.prog.offset = build.Build{}, 0
	if ran, sum := b.run(2); len(ran) != 0 || sum.Done[Restored] == 0 || !maps.Equal(b.digests(), want) {
		t.Errorf("then the portable build ran %v: %v", ran, sum.Done)
	}
}

// The sums of code are remembered with the hash of the sources, and only with it.
func TestSumsAreRemembered(t *testing.T) {
	b := newBench(t)
	b.run(2)
	remembered := func() []string {
		found, err := filepath.Glob(filepath.Join(b.dir, "data/code/sources-*.json"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	first := remembered()
	if len(first) != 1 {
		t.Fatalf("%d files of sums", len(first))
	}
	// What is remembered is used.
	text, err := os.ReadFile(first[0])
	if err != nil {
		t.Fatal(err)
	}
	known := digest.Code(strings.Repeat("0", 64))
	os.Chmod(first[0], 0o644)
	for _, sum := range strings.Split(string(text), `"`) {
		if len(sum) == 64 {
			text = []byte(strings.ReplaceAll(string(text), sum, string(known)))
		}
	}
	if err := os.WriteFile(first[0], text, 0o644); err != nil {
		t.Fatal(err)
	}
	if code := b.plan().Items[0].Code; code != known {
		t.Errorf("the code is %s, not as remembered", code)
	}
	// For other sources it is not; nor is what cannot be read.
	b.sources["stages/offset/offset.go"] = "package offset\n\nconst Offset = 7\n"
	if code := b.plan().Items[0].Code; code == known || len(remembered()) != 2 {
		t.Errorf("the code is %s after an edit", code)
	}
	for _, name := range remembered() {
		os.Chmod(name, 0o644)
		if err := os.WriteFile(name, []byte("garbage"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if code := b.plan().Items[0].Code; code == known || len(code) != 64 {
		t.Errorf("the code is %s without memory", code)
	}
}
