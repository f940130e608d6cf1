package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
)

const (
	someKey  = digest.Key("0000000000000000000000000000000000000000000000000000000000000000")
	otherKey = digest.Key("1111111111111111111111111111111111111111111111111111111111111111")
	someCode = digest.Code("cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc")
)

// actionOf is an action of stage x/y=1 whose artifact is "abc".
func actionOf(key digest.Key, output digest.Artifact) *Action {
	return &Action{Key: key, Stage: "x/y=1", Kind: "x", Code: someCode, Params: []byte(`{"a":1}`), Output: output, Size: 3}
}

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "data"))
	if err == nil {
		_, err = s.Prepare()
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPutAndGet(t *testing.T) {
	s := open(t)
	digest, err := s.Put([]byte("abc"))
	// The digest of "abc" in FIPS 180-4.
	if err != nil || digest != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Fatal(digest, err)
	}
	if data, err := s.Get(digest); string(data) != "abc" || err != nil {
		t.Error(data, err)
	}
	if err := s.Check(digest); err != nil {
		t.Error(err)
	}
	if got, err := s.Find("ba78"); len(got) != 1 || got[0] != digest || err != nil {
		t.Error(got, err)
	}
	for _, prefix := range []string{"ba", "../x", "ba79", "0000"} {
		if got, err := s.Find(prefix); len(got) != 0 || err != nil {
			t.Errorf("%s: found %v, %v", prefix, got, err)
		}
	}
}

func TestObjects(t *testing.T) {
	s := open(t)
	a, _ := s.Put([]byte("abc"))
	b, _ := s.Put([]byte("b"))
	os.WriteFile(s.path("objects", ".DS_Store"), nil, 0o666)
	var got []digest.Artifact
	for _, o := range s.Objects() {
		if o.Err != nil {
			t.Error(o.Err)
		}
		got = append(got, o.Digest)
	}
	if want := []digest.Artifact{min(a, b), max(a, b)}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestDamage(t *testing.T) {
	s := open(t)
	digest, _ := s.Put([]byte("abc"))
	path := s.ObjectPath(digest)
	for problem, harm := range map[string]func(){
		"altered": func() { os.Chmod(path, 0o644); os.WriteFile(path, []byte("abd"), 0o644) },
		"missing": func() { os.Remove(path) },
	} {
		harm()
		for _, check := range []func() error{
			func() error { _, err := s.Get(digest); return err },
			func() error { return s.Check(digest) },
		} {
			var d *DamageError
			if err := check(); !errors.As(err, &d) || d.Problem != problem || d.Path != path {
				t.Errorf("%s: %v", problem, err)
			}
		}
		// Put mends it.
		if _, err := s.Put([]byte("abc")); err != nil {
			t.Error(err)
		}
		if err := s.Check(digest); err != nil {
			t.Error(err)
		}
	}
}

func TestActions(t *testing.T) {
	s := open(t)
	digest, _ := s.Put([]byte("abc"))
	a := actionOf(someKey, digest)
	a.Start = time.Unix(9, 0).UTC()
	before, err1 := s.Action(a.Key)
	last, err2 := s.LastAction("x/y=1")
	shown, err3 := s.ViewIsOf("x/y=1", a)
	known, err4 := s.InView("x/y=1")
	if err := errors.Join(err1, err2, err3, err4); before != nil || last != nil || shown || known || err != nil {
		t.Error("an action before any", err)
	}
	if err := errors.Join(s.PutAction(a), s.UpdateView("x/y=1", a)); err != nil {
		t.Fatal(err)
	}
	byKey, err1 := s.Action(a.Key)
	last, err2 = s.LastAction("x/y=1")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for _, got := range []*Action{byKey, last} {
		if got == nil || got.Output != digest || string(got.Params) != `{"a":1}` || !got.Start.Equal(a.Start) {
			t.Errorf("%+v", got)
		}
		if _, err := s.CheckOutput(got); err != nil {
			t.Error(err)
		}
	}
	// What is marked is read again, though the clock of the file server be ahead of this one.
	last.recorded = time.Now().Add(time.Hour)
	s.MarkUnchecked(digest)
	if again, err := s.CheckOutput(last); !again || err != nil {
		t.Error("not read again", err)
	}
	if text, err := os.ReadFile(filepath.Join(s.dir, "view/x/y=1.arrow")); string(text) != "abc" || err != nil {
		t.Error("the view does not lead to the artifact", err)
	}
	// The store as a whole can be moved.
	moved := s.dir + "-moved"
	if err := os.Rename(s.dir, moved); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(moved, "view/x/y=1.arrow")); string(text) != "abc" || err != nil {
		t.Error("a moved view does not lead to the artifact", err)
	}
	s, _ = Open(moved)
	if shown, err := s.ViewIsOf("x/y=1", a); !shown || err != nil {
		t.Error("a moved view does not show the action", err)
	}
}

func TestCode(t *testing.T) {
	s := open(t)
	d := code.Manifest{Sum: someCode, Packages: []code.Package{{Path: "p", Sum: "3"}}}
	if got, err := s.Code(someCode); got != nil || err != nil {
		t.Error("code before any", err)
	}
	if err := errors.Join(s.PutCode(d), s.PutCode(d)); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Code(someCode); err != nil || got.Packages[0].Path != "p" {
		t.Errorf("%+v, %v", got, err)
	}
}

// Of many that ask at once, one has the lock, time and again.
func TestLock(t *testing.T) {
	s := open(t)
	var mu sync.Mutex
	holders, most, got := 0, 0, 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				release, err := s.TryLock("k")
				if err != nil {
					t.Error(err)
					return
				}
				if release == nil {
					continue
				}
				mu.Lock()
				holders++
				got++
				most = max(most, holders)
				mu.Unlock()
				time.Sleep(100 * time.Microsecond)
				mu.Lock()
				holders--
				mu.Unlock()
				release()
			}
		})
	}
	all.Wait()
	if most != 1 || got < 2 {
		t.Errorf("%d at once, %d in all", most, got)
	}
}

func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o666)
	if _, err := Open(file); err == nil || !strings.Contains(err.Error(), "--store") {
		t.Error(err)
	}
	if os.Getuid() != 0 {
		dir := t.TempDir()
		os.Chmod(dir, 0o555)
		s, err := Open(dir)
		if err != nil {
			t.Error(err)
		}
		if _, err := s.Prepare(); err == nil || !strings.Contains(err.Error(), "--store") {
			t.Error(err)
		}
	}
}

func TestStoreThatIsNotThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if objects, records := s.Objects(), s.Records(); len(objects)+len(records) != 0 {
		t.Error(objects, records)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("reading made the folder")
	}
}

func TestOldFilesAreRemoved(t *testing.T) {
	s := open(t)
	for name, age := range map[string]time.Duration{"old": 3 * staleTemporary, "new": 0} {
		path := filepath.Join(s.dir, "tmp", name)
		os.WriteFile(path, nil, 0o666)
		os.Chtimes(path, time.Now().Add(-age), time.Now().Add(-age))
	}
	if _, err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	left, _ := os.ReadDir(filepath.Join(s.dir, "tmp"))
	if len(left) != 1 || left[0].Name() != "new" {
		t.Errorf("left %v", left)
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a/b.txt")
	for _, want := range []bool{true, false} {
		if changed, err := WriteFile(path, []byte("x")); changed != want || err != nil {
			t.Error(changed, err)
		}
	}
	if changed, err := WriteFile(path, []byte("y")); !changed || err != nil {
		t.Error(changed, err)
	}
}

func TestPartial(t *testing.T) {
	s := open(t)
	p, err := s.Partial("k")
	if p.Load() != nil || err != nil {
		t.Error("something before anything was saved", err)
	}
	for _, text := range []string{"one", "two", ""} {
		if err := p.Save([]byte(text)); err != nil {
			t.Fatal(err)
		}
		again, err := s.Partial("k")
		for _, p := range []*Partial{p, again, again} {
			if got := p.Load(); got == nil || string(got) != text || err != nil {
				t.Errorf("%q, want %q; %v", got, text, err)
			}
		}
	}
	p.Save([]byte("three"))
	path := filepath.Join(s.dir, "partial/k")
	os.Chmod(path, 0o644)
	data, _ := os.ReadFile(path)
	os.WriteFile(path, data[:len(data)-1], 0o644)
	p, err = s.Partial("k")
	var damaged *RecordError
	if !errors.As(err, &damaged) || p.Load() != nil {
		t.Errorf("a cut file passed: %v", err)
	}
	if err := p.Save([]byte("four")); err != nil || string(p.Load()) != "four" {
		t.Error("nothing can be saved over a damaged file", err)
	}
	p.Drop()
	if _, err := os.Stat(path); err == nil {
		t.Error("not dropped")
	}
}

func TestSources(t *testing.T) {
	s := open(t)
	p, q, bomb := strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64)
	if got, err := s.Sources(p); got != nil || err != nil || s.HasSources(p) {
		t.Error("sources before any", err)
	}
	want := map[string][]byte{"1": []byte("// a.go\n"), "2": nil}
	if err := s.PutSources(p, want); err != nil {
		t.Fatal(err)
	}
	first, _ := os.ReadFile(s.SourcesPath(p))
	got, err := s.Sources(p)
	if err != nil || len(got) != 2 || string(got["1"]) != "// a.go\n" || len(got["2"]) != 0 || !s.HasSources(p) {
		t.Errorf("%q, %v", got, err)
	}
	if err := s.PutSources(q, want); err != nil {
		t.Fatal(err)
	}
	if second, _ := os.ReadFile(s.SourcesPath(q)); !bytes.Equal(first, second) {
		t.Error("the same sources are other bytes")
	}
	if files := s.SourceFiles(); len(files) != 2 || files[0].Package != p || files[1].Path != s.SourcesPath(q) {
		t.Errorf("%+v", files)
	}
	// An archive that grows out of all proportion is refused before it fills the memory.
	if err := s.PutSources(bomb, map[string][]byte{"0": make([]byte, maxSources), "1": {0}}); err != nil {
		t.Fatal(err)
	}
	var damaged *RecordError
	if got, err := s.Sources(bomb); got != nil || !errors.As(err, &damaged) {
		t.Error("a bomb is read", err)
	}
	// A list of code that was made up leads nowhere else.
	for _, name := range []string{"", "..", "../../" + p, p + "/x"} {
		if got, err := s.Sources(name); got != nil || err != nil || s.PutSources(name, want) == nil {
			t.Errorf("%q is the sum of a package, %v", name, err)
		}
	}
}
