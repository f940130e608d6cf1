package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The few of every test are a sample; a run that shows something takes half an hour:
//
//	go test -run TestMutations -v -timeout 3h . -mutations 250
var (
	mutationCount = flag.Int("mutations", 3, "`number` of mutations that TestMutations makes")
	mutationSeed  = flag.Uint64("mutation-seed", 1, "`seed` by which they are drawn")
)

// No artifact changes while its key stays: when code is edited at one place, drawn at
// random among all that stages may run, then what has a key that it had before is what it
// was before. All of it is computed, in a store of its own.
func TestMutations(t *testing.T) {
	if *mutationCount < 1 {
		t.Skip("-mutations is not positive")
	}
	all := mutations(t)
	original := newOriginal(t)
	rng := rand.New(rand.NewPCG(*mutationSeed, 0))
	drawn := make(map[mutation]bool)
	count := make(map[effect]int)
	unbuilt := 0
	for made := 0; made < *mutationCount; {
		list := all[rng.IntN(len(all))]
		m := list[rng.IntN(len(list))]
		if drawn[m] {
			continue
		}
		drawn[m] = true
		program := filepath.Join(original.scratch, "hero")
		if err := m.edits(t).build(program); err != nil {
			if unbuilt++; unbuilt > 3**mutationCount+20 {
				t.Fatalf("%d mutations do not build; the last was %v: %v", unbuilt, m, err)
			}
			continue
		}
		made++
		effect, missed := original.compare(t, program)
		count[effect]++
		t.Logf("%d: %v: %s", made, m, effect)
		for _, what := range missed {
			t.Errorf("%v: %s", m, what)
		}
	}
	t.Logf("with seed %d: %v; %d more did not build", *mutationSeed, count, unbuilt)
	if *mutationCount > 20 && count[none] > *mutationCount/2 {
		t.Error("most mutations change nothing; the test shows little")
	}
}

// An effect is what a mutation does.
type effect string

const (
	none    effect = "nothing"
	keys    effect = "keys alone"
	outputs effect = "artifacts"
	fails   effect = "stages fail"
	ends    effect = "the program refuses, breaks off or takes too long"
)

// An original is what the code as it is computes, to compare with.
type original struct {
	store   string
	took    time.Duration
	cpu     time.Duration
	outputs map[string]string // digests of artifacts by key
	keys    map[string]string // by stage
	scratch string            // for what others compute
}

func newOriginal(t *testing.T) *original {
	w := wholeRun(t)
	o := &original{store: filepath.Join(w.dir, "data"), took: w.took, cpu: w.cpu, scratch: folder(t)}
	o.outputs = outputsByKey(t, o.store)
	o.keys = keysByStage(t, o.store)
	return o
}

// compare runs a program from nothing, and says what of it differs, and what it computes
// otherwise, or no more, though it has the same key.
func (o *original) compare(t *testing.T, program string) (e effect, missed []string) {
	t.Helper()
	store := filepath.Join(o.scratch, "data")
	defer os.RemoveAll(store)
	how := o.run(t, program, store)
	got := outputsByKey(t, store)
	shown := keysByStage(t, store)
	e = none
	for stage, key := range o.keys {
		now := shown[stage]
		switch {
		case now == "":
		case got[now] != o.outputs[key]:
			e = outputs
			if now == key {
				missed = append(missed, stage+" changed, and its key did not")
			}
		case now != key && e == none:
			e = keys
		}
	}
	if how == complete {
		return e, missed
	}
	// What the original computed and this program does not must not be fresh to it.
	again := filepath.Join(o.scratch, "again")
	defer os.RemoveAll(again)
	for _, part := range []string{"actions", "objects"} {
		if err := os.CopyFS(filepath.Join(again, part), os.DirFS(filepath.Join(o.store, part))); err != nil {
			t.Fatal(err)
		}
	}
	after := o.run(t, program, again)
	if how == partly {
		for stage, key := range keysByStage(t, again) {
			if key == o.keys[stage] && shown[stage] == "" {
				missed = append(missed, stage+" fails, and its key is that of before")
			}
		}
		return fails, missed
	}
	if after == complete && len(outputsByKey(t, again)) == len(o.outputs) {
		missed = append(missed, "the program does not come to its end, and all keys are those of before")
	}
	return ends, missed
}

// A completion is how far a run came.
type completion int

const (
	complete completion = iota
	partly              // some stages failed
	broken              // the program refused to run, crashed, or took too long
)

var stagesFailed = regexp.MustCompile(`\d stages? failed[:;]`)

// run runs the smoke profile in a store, within bounds that the original is far from.
func (o *original) run(t *testing.T, program, store string) completion {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute+20*o.took)
	defer cancel()
	args := []string{program, "run", "--profile", "smoke", "--store", store, "-j", "2"}
	if runtime.GOOS == "linux" {
		limits := fmt.Sprintf("ulimit -v 6000000; ulimit -f 2000000; ulimit -t %d", 5+int(3*o.cpu.Seconds()))
		args = append([]string{"sh", "-c", limits + `; exec "$@"`, "sh"}, args...)
	}
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Dir = o.scratch
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return complete
	case !errors.As(err, &exit):
		t.Fatal(err)
	case ctx.Err() == nil && stagesFailed.MatchString(string(out)):
		return partly
	}
	return broken
}

// outputsByKey lists what the actions of a store gave.
func outputsByKey(t *testing.T, store string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	eachRecord(t, filepath.Join(store, "actions"), func(_, key, output string) { out[key] = output })
	return out
}

// keysByStage lists the actions that a store's view shows.
func keysByStage(t *testing.T, store string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	eachRecord(t, filepath.Join(store, "view", "smoke"), func(stage, key, _ string) { out[stage] = key })
	return out
}

func eachRecord(t *testing.T, dir string, f func(name, key, output string)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a program that refused to run leaves nothing
		}
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		var r struct{ Key, Output string }
		if err := json.Unmarshal([]byte(read(t, path)), &r); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		name, err := filepath.Rel(dir, path)
		f(strings.TrimSuffix(name, ".json"), r.Key, r.Output)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
