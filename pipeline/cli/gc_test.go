package cli

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/store"
)

var gcKills = flag.Int("gc-kills", 30, "how often TestGCKilled kills")

// edited is the test's app after so many edits of its code.
func edited(n int) App {
	app := testApp()
	for _, name := range []string{"draw", "figure"} {
		app.Sources.(fstest.MapFS)["stages/"+name+"/"+name+".go"] =
			&fstest.MapFile{Data: fmt.Appendf(nil, "package %s\n\nconst x = %d\n", name, n)}
	}
	return app
}

// with runs a command line of an app and wants success.
func with(t *testing.T, app App, line string) string {
	t.Helper()
	var out bytes.Buffer
	if got := execute(app, strings.Fields(line), &out, &out); got != 0 {
		t.Fatalf("hero %s: exit code %d\n%s", line, got, out.String())
	}
	return out.String()
}

// filesBelow lists the files of a folder and their sizes in all.
func filesBelow(t *testing.T, dir string) (names []string, size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		names = append(names, strings.TrimPrefix(path, dir))
		size += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names, size
}

func wantSound(t *testing.T, dir string) {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range engine.AuditStore(s).Findings {
		t.Errorf("%+v", f)
	}
}

// After ten edits and runs the store becomes what it is where only the last was run.
func TestGCAfterEdits(t *testing.T) {
	in(t, testPaper)
	for k := range 10 {
		write(t, strings.Replace(testPaper, "times = 2", fmt.Sprint("times = ", 2+k%3), 1))
		with(t, edited(k), "run")
		with(t, edited(k), "run --profile few")
	}
	last := edited(9)
	with(t, last, "run --store fresh")
	with(t, last, "run --store fresh --profile few")
	want, wantSize := filesBelow(t, "fresh")
	want = slices.DeleteFunc(want, func(name string) bool { return strings.HasPrefix(name, "/out/") })

	_, before := filesBelow(t, "data")
	wantAll(t, with(t, last, "gc --dry-run"), "records", "artifacts", "code", "would remove ")
	if _, now := filesBelow(t, "data"); now != before {
		t.Errorf("a dry run took %d bytes to %d", before, now)
	}
	wantAll(t, with(t, last, "status --held"), "needed by", "profile all", "profile few", "nothing: hero gc removes them")
	wantAll(t, with(t, last, "gc"), "removed ")
	got, size := filesBelow(t, "data")
	if !slices.Equal(got, want) {
		t.Errorf("after gc there are\n%s\nand in a new store\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// The lengths of times and names of hosts differ, a few bytes a record.
	if size > wantSize || size > before/3 {
		t.Errorf("%d bytes of %d stay, and a new store has %d", size, before, wantSize)
	}
	wantSound(t, "data")
	wantAll(t, with(t, last, "run"), "6 stages: 0 ran, 6 fresh")
	wantAll(t, with(t, last, "run --profile few"), "3 stages: 0 ran, 3 fresh")
	wantAll(t, with(t, last, "gc"), "removed 0 files, 0 B")
}

// What is not up to date stays as it was, until it is or its profile is not to be kept.
func TestGCKeeps(t *testing.T) {
	in(t, testPaper)
	with(t, edited(0), "run")
	with(t, edited(0), "run --profile few")
	wantAll(t, with(t, edited(1), "plan"), "6 to run")
	wantAll(t, with(t, edited(1), "gc"), "removed 1 file") // what is remembered of digests of the earlier code
	wantAll(t, with(t, edited(1), "status --held"), "profile all, what 6 stages had that have to run")
	wantAll(t, with(t, edited(0), "run"), "6 stages: 0 ran, 6 fresh")

	// A profile that is not kept takes with it what it alone needs.
	wantAll(t, with(t, edited(0), "gc --keep-profile all"), "links")
	wantAll(t, with(t, edited(0), "run"), "6 stages: 0 ran, 6 fresh")
	wantAll(t, with(t, edited(0), "run --profile few"), "3 stages: 1 ran, 2 restored")
	wantAll(t, hero(t, 2, "gc --keep-profile fw"), "no profile is called fw; did you mean few?")

	// Artifacts that the lock names stay without a stage, and what they came from.
	with(t, edited(0), "verify --update")
	without := strings.Replace(testPaper, "1..5 by 1", "1..2 by 1", 1)
	write(t, without)
	with(t, edited(0), "run")
	with(t, edited(0), "gc")
	wantSound(t, "data")
	write(t, testPaper)
	wantAll(t, with(t, edited(0), "run"), "6 stages: 0 ran", "4 restored")
	os.Remove("paper.lock")
	write(t, without)
	with(t, edited(0), "run")
	wantAll(t, with(t, edited(0), "gc"), "artifacts")
	write(t, testPaper)
	wantAll(t, with(t, edited(0), "run"), "6 stages: 4 ran")

	// Locks, partial results and temporary files of processes that died.
	for _, name := range []string{"partial", "locks", "tmp"} {
		if err := os.WriteFile(filepath.Join("data", name, strings.Repeat("a", 64)), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	wantAll(t, with(t, edited(0), "gc"), "1  0 B  partial results", "1  0 B  temporary files")
	if left, _ := os.ReadDir("data/locks"); len(left) > 0 {
		t.Errorf("%d locks are left", len(left))
	}
	wantAll(t, with(t, edited(0), "status --held --json"), `"store": "data"`, `"held": [`, `"garbage": []`)
}

func TestGCMistakes(t *testing.T) {
	in(t, testPaper)
	wantAll(t, hero(t, 2, "gc"), "there is no store in data")
	wantAll(t, hero(t, 2, "status --held"), "there is no store in data")
	hero(t, 0, "run")
	write(t, testPaper+"[profile.broken.stage.other]\nkind = \"none\"\n")
	wantAll(t, hero(t, 2, "gc"), "what profile broken needs is not known", "paper.toml:")
	wantAll(t, hero(t, 0, "gc --keep-profile all"), "removed 0 files")
	write(t, testPaper)
	if err := os.WriteFile("paper.lock", []byte("no lock\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	wantAll(t, hero(t, 2, "gc"), "paper.lock:1")
	os.Remove("paper.lock")
	// A program that is older than the sources would take what these need for garbage.
	os.MkdirAll("stages/draw", 0o777)
	os.WriteFile("go.mod", []byte("module example\n"), 0o666)
	os.WriteFile("stages/draw/draw.go", []byte("package draw\n\nconst x = 2\n"), 0o666)
	wantAll(t, hero(t, 2, "gc"), "this hero is not built from the sources here", "nothing is removed")
}

// Nothing is removed while a process uses the store, and one that begins meanwhile waits.
func TestGCIsAlone(t *testing.T) {
	waiting(t, "0.01")
	s, err := store.Open("data")
	if err == nil {
		_, err = s.Prepare()
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := program("gc").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another process uses the store data, so nothing is removed") {
		t.Errorf("%v\n%s", err, out)
	}
	s.Leave()
	// A program that does not know of the lock is seen by those of what it computes.
	claim, err := s.TryLock("0000000000000000000000000000000000000000000000000000000000000000")
	if err != nil || claim == nil {
		t.Fatal(err)
	}
	if release, err := s.Alone(); release != nil || err != nil {
		t.Errorf("alone with a stage that is being computed, %v", err)
	}
	claim()
	release, err := s.Alone()
	if err != nil || release == nil {
		t.Fatal(err)
	}
	c := program("run", "-j", "8")
	var text bytes.Buffer
	c.Stdout, c.Stderr = &text, &text
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if found, _ := filepath.Glob("data/actions/*"); len(found) > 0 {
		t.Error("a run began while another process had the store alone")
	}
	release()
	if err := c.Wait(); err != nil {
		t.Errorf("%v\n%s", err, text.String())
	}
	wantAll(t, text.String(), "waiting for hero gc, which another process does in the store data\n", "60 stages: 60 ran")
}

// killGC runs gc, kills it when it has removed a file, and reports whether it had not ended then.
func killGC(t *testing.T, file string) bool {
	t.Helper()
	c := program("gc")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for {
		if _, err := os.Lstat(file); err != nil {
			c.Process.Kill()
			return <-ended != nil
		}
		select {
		case err := <-ended:
			t.Fatalf("gc ended and left %s: %v", file, err)
		default:
		}
	}
}

// link gives the files of a folder a second name below another, as far as there is none.
func link(t *testing.T, from, to string) {
	t.Helper()
	names, _ := filesBelow(t, from)
	for _, name := range names {
		if _, err := os.Lstat(to + name); err == nil {
			continue
		}
		os.MkdirAll(filepath.Dir(to+name), 0o777)
		if err := os.Link(from+name, to+name); err != nil {
			t.Fatal(err)
		}
	}
}

// Killed at any moment, gc leaves a sound store, and the next one ends what it began.
func TestGCKilled(t *testing.T) {
	in(t, "")
	rewritten := func(seconds, stage string) {
		write(t, strings.NewReplacer("SECONDS", seconds, "stage.a-name", "stage."+stage).Replace(waitingPaper))
		if out, err := program("run", "-j", "8").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	rewritten("0.001", "a-name")
	rewritten("0.002", "a-name")
	// The stages are others now: their links, records, artifacts and code go.
	rewritten("0.003", "another-name")
	link(t, "data", "copy")
	all, _ := filesBelow(t, "data")
	with(t, waitingApp(), "gc")
	want, _ := filesBelow(t, "data")
	garbage := slices.DeleteFunc(all, func(name string) bool { return slices.Contains(want, name) })
	if len(garbage) < 350 {
		t.Fatalf("only %d files to remove", len(garbage))
	}
	rng := rand.New(rand.NewPCG(3, 5))
	killed, between := 0, 0
	for range *gcKills {
		link(t, "copy", "data")
		if killGC(t, "data"+garbage[rng.IntN(len(garbage))]) {
			killed++
		}
		if left, _ := filesBelow(t, "data"); len(left) > len(want) {
			between++
		}
		wantSound(t, "data")
	}
	if killed < *gcKills/2 || between < *gcKills/2 {
		t.Errorf("of %d processes %d were killed, %d with something left to remove; the test shows little",
			*gcKills, killed, between)
	}
	t.Logf("of %d processes %d were killed, %d with some of %d files left to remove",
		*gcKills, killed, between, len(garbage))
	with(t, waitingApp(), "gc")
	if got, _ := filesBelow(t, "data"); !slices.Equal(got, want) {
		t.Errorf("after kills %d files stay, want %d", len(got), len(want))
	}
	wantSound(t, "data")
	wantAll(t, with(t, waitingApp(), "run"), "60 stages: 0 ran, 60 fresh")
}
