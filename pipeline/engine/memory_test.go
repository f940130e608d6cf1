package engine

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// What stages of the tests' pipeline declare; those that draw group a declare 10 bytes.
const (
	ofDrawB  = 128 << 20
	ofOthers = 64 << 20
)

// Memory bounds what runs at once.
func TestMemory(t *testing.T) {
	b := newBench(t)
	r := &watcher{}
	sum, err := b.engine().Run(context.Background(), b.graph(), Options{Cores: 8, Memory: 2*ofOthers + 30, Report: r})
	if err != nil || sum.Done[Ran] != allStages {
		t.Fatalf("%+v, %v", sum, err)
	}
	if most := 3 + 2; r.most > most {
		t.Errorf("%d stages at once, want at most the %d that fit", r.most, most)
	}
}

// A stage larger than all of it is refused before anything is computed, by name, with
// what needs it; once computed it is not in the way.
func TestTooLarge(t *testing.T) {
	b := newBench(t)
	sum, err := b.engine().Run(context.Background(), b.graph(), Options{Cores: 8, Memory: ofOthers - 1})
	var large *MemoryError
	if sum != nil || !errors.As(err, &large) {
		t.Fatalf("%+v, %v", sum, err)
	}
	if len(b.prog.ran) > 0 {
		t.Errorf("ran %v before the refusal", b.prog.ran)
	}
	if len(large.Stages) != allStages-3 || large.Limit != ofOthers-1 ||
		!strings.Contains(err.Error(), large.Stages[0].Name) {
		t.Errorf("%v: %v", large.Stages, err)
	}
	for _, s := range large.Stages {
		want := map[string][]string{
			"draw/group=b,seeds=11-20":   {"total/group=b", "figure/one"},
			"change/group=a,seeds=11-20": {"total/group=a", "figure/one"},
			"all":                        {"figure/one"},
		}[s.Name]
		if got := large.NeededBy(s); want != nil && !slices.Equal(got, want) || s.Kind.Export && got != nil {
			t.Errorf("%s is needed by %v", s.Name, got)
		}
	}
	b.run(2)
	if sum, err = b.engine().Run(context.Background(), b.graph(), Options{Cores: 2, Memory: 1}); err != nil ||
		sum.Done[Unchanged] != allStages {
		t.Errorf("%+v, %v", sum, err)
	}
}

// A stage that was fresh and has to be made again for damage is refused too.
func TestTooLargeToRepair(t *testing.T) {
	b := newBench(t)
	b.run(2)
	path := b.object("draw/group=b,seeds=11-20")
	info, _ := os.Stat(path)
	rewrite(t, path, func(d []byte) []byte { d[len(d)/2] ^= 4; return d })
	os.Chtimes(path, info.ModTime(), info.ModTime())
	b.paper = strings.Replace(b.paper, "add = 1", "add = 7", 1)
	sum, err := b.engine().Run(context.Background(), b.graph(), Options{Cores: 2, Memory: ofOthers})
	if err != nil || len(sum.Failures) != 1 || sum.Failures[0].Stage.Name != "draw/group=b,seeds=11-20" {
		t.Fatalf("%+v, %v", sum, err)
	}
	var large *MemoryError
	if !errors.As(sum.Failures[0].Err, &large) {
		t.Error(sum.Failures[0].Err)
	}
}
