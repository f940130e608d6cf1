package cli

import (
	"maps"
	"os"
	"testing"
)

// A trial computes what its settings change, in the store, and touches neither the paper's
// figures, nor its view, nor the lock.
func TestSet(t *testing.T) {
	in(t, twoFigures)
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	before := files(t, "figures")
	lock, err := os.ReadFile(lockFile)
	if err != nil {
		t.Fatal(err)
	}
	wantAll(t, hero(t, 0, "plan --set draw.times=3"), "draw, 5 stages", "7 stages: 0 fresh, 0 to restore, 7 to run")
	wantAll(t, hero(t, 0, "run count --set draw.times=3"), "exported files go to data/out/_set, as this is a trial",
		"wrote data/out/_set/count.svg")
	wantAll(t, hero(t, 0, "run --profile few --set draw.times=3"), "wrote data/out/_set-few/count.svg")
	wantAll(t, hero(t, 0, "plan"), "7 fresh, 0 to restore, 0 to run")
	hero(t, 0, "verify")
	if !maps.Equal(before, files(t, "figures")) {
		t.Error("a trial changed the paper's figures")
	}
	if after, err := os.ReadFile(lockFile); err != nil || string(after) != string(lock) {
		t.Errorf("a trial changed the lock: %v", err)
	}
	wantAll(t, hero(t, exitUsage, "run --set drew.times=3"), "--set drew.times=3: no family of stages is called drew")
	wantAll(t, hero(t, exitUsage, "plan --set draw.times=x"), "--set draw.times=x: draw/seeds=1-1: times: wants")
}
