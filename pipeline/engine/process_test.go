package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// These tests run the test binary as a program of its own, on the folder in this
// variable.
const processDir = "ENGINE_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(processDir); dir != "" {
		if what := os.Getenv(processAsks); what != "" {
			os.Exit(ask(dir, what, os.Stdout))
		}
		os.Exit(runProcess(dir))
	}
	os.Exit(m.Run())
}

func runProcess(dir string) int {
	b := newBench(&testing.B{})
	b.dir = dir
	b.prog.pause = 10 * time.Millisecond
	b.prog.logFile = dir + "/log"
	sum, err := b.engine().Run(context.Background(), b.graph(), Options{Cores: 2})
	if err != nil || len(sum.Failures) > 0 {
		fmt.Println(err, sum)
		return 1
	}
	return 0
}

func start(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0])
	// What the process leaves behind when it is killed goes with this test.
	c.Env = append(os.Environ(), processDir+"="+dir, "TMPDIR="+t.TempDir())
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// checkStore checks everything in the store.
func (b *bench) checkStore() {
	b.t.Helper()
	b.engine()
	for _, o := range b.store.Objects() {
		if err := cmp.Or(o.Err, b.store.Check(o.Digest)); err != nil {
			b.t.Error(err)
		}
	}
	for _, r := range b.store.Records() {
		if r.Err != nil {
			b.t.Error(r.Err)
		} else if _, err := b.store.CheckOutput(r.Action); err != nil {
			b.t.Error(err)
		}
	}
	for _, f := range AuditStore(b.store).Findings {
		b.t.Errorf("%+v", f)
	}
}

// Whenever a run is killed, what is in the store is whole, and the next runs end
// with the artifacts of a run that was left alone.
func TestKill(t *testing.T) {
	reference := newBench(t)
	reference.run(1)
	want := reference.digests()
	// How long a run takes that nothing kills.
	begun := time.Now()
	if err := start(t, newBench(t).dir).Wait(); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begun)
	rng := rand.New(rand.NewPCG(7, 11))
	kills := 0
	for range 4 {
		b := newBench(t)
		for range 8 {
			c := start(t, b.dir)
			time.Sleep(time.Duration((0.04 + 0.3*rng.Float64()) * float64(took)))
			c.Process.Kill()
			if err := c.Wait(); err != nil {
				kills++
			}
			b.checkStore()
		}
		b.run(2)
		b.checkStore()
		if !maps.Equal(b.digests(), want) {
			t.Error("after kills the artifacts are others")
		}
		if left, _ := os.ReadDir(b.dir + "/data/locks"); len(left) > 8 {
			t.Errorf("%d locks left behind", len(left))
		}
	}
	if kills < 8 {
		t.Errorf("only %d of 32 runs were killed; the test shows nothing", kills)
	}
}

func TestTwoRunsAtOnce(t *testing.T) {
	reference := newBench(t)
	reference.run(1)
	want := reference.digests()
	for range 3 {
		b := newBench(t)
		first, second := start(t, b.dir), start(t, b.dir)
		if err1, err2 := first.Wait(), second.Wait(); err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		log, err := os.ReadFile(b.dir + "/log")
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(log)), "\n")
		slices.Sort(lines)
		// The three sums write the same line.
		if len(lines) != allStages || len(slices.Compact(lines)) != allStages-2 {
			t.Errorf("%d stages were computed, want each of %d once", len(lines), allStages)
		}
		if !maps.Equal(b.digests(), want) {
			t.Error("the artifacts are others")
		}
		if left, _ := os.ReadDir(b.dir + "/data/locks"); len(left) != 0 {
			t.Errorf("%d locks left behind", len(left))
		}
	}
}
