package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
)

// filled is a store with the record of one stage, shown.
func filled(t *testing.T) (*Store, *Action) {
	t.Helper()
	s := open(t)
	digest, err := s.Put([]byte("abc"))
	a := actionOf(someKey, digest)
	a.Inputs = []ActionInput{{"in", digest}}
	p, err1 := s.Partial("k")
	err = errors.Join(err, err1, p.Save([]byte("half")), s.PutCode(code.Manifest{Sum: someCode}), s.PutAction(a),
		s.UpdateView(a.Stage, a))
	if err != nil {
		t.Fatal(err)
	}
	return s, a
}

// What cannot be read is neither absent nor damaged, whatever asks for it.
func TestUnreadable(t *testing.T) {
	for cause, advice := range map[error]string{
		syscall.EACCES: "chmod -R a+rX",
		syscall.EIO:    "try again",
		syscall.EMFILE: "ulimit -n",
		syscall.ENFILE: "ulimit -n",
		syscall.ESTALE: "another store",
	} {
		s, a := filled(t)
		fail := func(op, path string) error { return &fs.PathError{Op: op, Path: path, Err: cause} }
		s.files.read = func(path string) ([]byte, time.Time, error) { return nil, time.Time{}, fail("open", path) }
		s.files.stat = func(path string) (fs.FileInfo, error) { return nil, fail("stat", path) }
		s.files.readDir = func(path string) ([]fs.DirEntry, error) { return nil, fail("open", path) }
		s.files.readlink = func(path string) (string, error) { return "", fail("readlink", path) }
		for name, ask := range map[string]func() error{
			"Action":      func() error { _, err := s.Action(a.Key); return err },
			"Record":      func() error { return s.Record(a.Key).Err },
			"Records":     func() error { return s.Records()[0].Err },
			"Objects":     func() error { return s.Objects()[0].Err },
			"Links":       func() error { return s.Links()[0].Err },
			"LastAction":  func() error { _, err := s.LastAction(a.Stage); return err },
			"ViewIsOf":    func() error { _, err := s.ViewIsOf(a.Stage, a); return err },
			"Find":        func() error { _, err := s.Find(string(a.Output[:8])); return err },
			"Code":        func() error { _, err := s.Code(someCode); return err },
			"Partial":     func() error { _, err := s.Partial("k"); return err },
			"Get":         func() error { _, err := s.Get(a.Output); return err },
			"CheckOutput": func() error { _, err := s.CheckOutput(a); return err },
			"Exists":      func() error { _, err := s.Exists(); return err },
		} {
			err := ask()
			var access *AccessError
			var record *RecordError
			var object *DamageError
			if !errors.As(err, &access) || !errors.Is(err, cause) || errors.As(err, &record) || errors.As(err, &object) {
				t.Errorf("%s on %v: %v", name, cause, err)
			} else if !strings.Contains(err.Error(), advice) || !strings.Contains(err.Error(), s.dir) {
				t.Errorf("%s on %v: no advice %q in %v", name, cause, advice, err)
			}
		}
	}
}

func TestDamagedRecord(t *testing.T) {
	for name, change := range map[string]func(text string) string{
		"empty":      func(string) string { return "" },
		"garbage":    func(string) string { return "garbage" },
		"a fragment": func(string) string { return `"seconds": 12345` },
		"seconds":    func(string) string { return `{"seconds": 12345}` },
		"a list":     func(string) string { return "[]" },
		"null":       func(string) string { return "null" },
		"half":       func(s string) string { return s[:len(s)/2] },
		"more":       func(s string) string { return s + "}" },
		"other key":  func(s string) string { return strings.Replace(s, string(someKey), string(otherKey), 1) },
		"output":     func(s string) string { return strings.Replace(s, `"output": "ba`, `"output": "BA`, 1) },
		"input":      func(s string) string { return strings.Replace(s, `"digest": "ba`, `"digest": "`, 1) },
		"a type":     func(s string) string { return strings.Replace(s, `"size": 3`, `"size": "3"`, 1) },
		"parameters": func(s string) string { return strings.Replace(s, "{\n    \"a\": 1\n  }", "7", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			s, a := filled(t)
			path := s.actionPath(a.Key)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if change(string(text)) == string(text) {
				t.Fatal("nothing is changed")
			}
			os.Remove(path)
			if err := os.WriteFile(path, []byte(change(string(text))), 0o644); err != nil {
				t.Fatal(err)
			}
			var damaged *RecordError
			if got, err := s.Action(a.Key); got != nil || !errors.As(err, &damaged) || damaged.Path != path {
				t.Errorf("%v, %v", got, err)
			}
			if got := s.Records(); len(got) != 1 || name != "other key" && !errors.As(got[0].Err, &damaged) {
				t.Errorf("%v", got)
			}
			if got, err := s.LastAction(a.Stage); name != "other key" && (got != nil || !errors.As(err, &damaged)) {
				t.Errorf("%v, %v", got, err)
			}
			if err := s.PutAction(a); err != nil {
				t.Error(err)
			}
			if got, err := s.Action(a.Key); got == nil || err != nil {
				t.Errorf("recorded anew: %v", err)
			}
		})
	}
}

func TestDamagedManifest(t *testing.T) {
	s, _ := filled(t)
	path := s.CodePath(someCode)
	for _, text := range []string{"garbage", "{}"} {
		os.Remove(path)
		os.WriteFile(path, []byte(text), 0o644)
		var damaged *RecordError
		if got, err := s.Code(someCode); got != nil || !errors.As(err, &damaged) {
			t.Errorf("%v, %v", got, err)
		}
		if err := s.PutCode(code.Manifest{Sum: someCode}); err != nil {
			t.Error(err)
		}
		if got, err := s.Code(someCode); got == nil || err != nil {
			t.Error("code recorded anew:", err)
		}
	}
}

// What a run rests on is missed before the run.
func TestProbe(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(f *files)
		want  []string
	}{
		"flock": {func(f *files) { f.lock = func(*flock.Flock) (bool, error) { return false, syscall.ENOSYS } },
			[]string{"lacks flock", "NFS", "Lustre: with -o flock"}},
		"deaf locks": {func(f *files) { f.lock = (*flock.Flock).TryRLock }, []string{"lacks flock",
			"two locks on one file"}},
		"no lock": {func(f *files) { f.lock = func(*flock.Flock) (bool, error) { return false, syscall.ENOLCK } },
			[]string{"lacks flock"}},
		"rename": {func(f *files) { f.rename = func(a, b string) error { return syscall.EPERM } }, []string{"--store"}},
		"replace": {func(f *files) { f.rename = func(a, b string) error { return syscall.EEXIST } },
			[]string{"lacks rename"}},
		"fsync": {func(f *files) { f.sync = func(*os.File) error { return syscall.EINVAL } },
			[]string{"lacks fsync", "power cut"}},
		"a full disk": {func(f *files) { f.sync = func(*os.File) error { return syscall.ENOSPC } },
			[]string{"free some space"}},
	} {
		s := open(t)
		c.spoil(&s.files)
		_, err := s.Prepare()
		var access *AccessError
		if !errors.As(err, &access) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: no %q in %v", name, want, err)
			}
		}
		for _, dir := range []string{"tmp", "locks"} {
			if left, _ := os.ReadDir(s.path(dir)); len(left) > 0 {
				t.Errorf("%s: the probe leaves %v in %s", name, left, dir)
			}
		}
	}
	if lacks, err := open(t).Prepare(); len(lacks) > 0 || err != nil {
		t.Errorf("this file system lacks %v, %v", lacks, err)
	}
}

// Symbolic links and modes are conveniences.
func TestWithoutLinksAndModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, _ := Open(dir)
	s.files.symlink = func(string, string) error { return syscall.EPERM }
	s.files.chmod = func(string, fs.FileMode) error { return syscall.ENOTSUP }
	all, err := s.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	if lacks := strings.Join(all, "\n"); !strings.Contains(lacks, "modes of files") ||
		!strings.Contains(lacks, "symbolic links") {
		t.Errorf("lacks %s", lacks)
	}
	digest, _ := s.Put([]byte("abc"))
	a, b := actionOf(someKey, digest), actionOf(otherKey, digest)
	for _, a := range []*Action{a, b} {
		if err := errors.Join(s.PutAction(a), s.UpdateView(a.Stage, a), s.UpdateView(a.Stage, a)); err != nil {
			t.Fatal(err)
		}
		shown, err1 := s.ViewIsOf(a.Stage, a)
		known, err2 := s.InView(a.Stage)
		last, err3 := s.LastAction(a.Stage)
		if err := errors.Join(err1, err2, err3); err != nil || !shown || !known || last == nil || last.Key != a.Key {
			t.Errorf("shown %t, known %t, last %+v, %v", shown, known, last, err)
		}
	}
	if shown, err := s.ViewIsOf(a.Stage, a); shown || err != nil {
		t.Error("what was shown before still is", err)
	}
	want := "../../objects/" + string(digest[:2]) + "/" + string(digest) + "\n"
	if text, err := os.ReadFile(s.path("view/x/y=1.arrow")); string(text) != want {
		t.Errorf("the view holds %q, %v", text, err)
	}
	os.Remove(s.actionPath(b.Key))
	if last, err := s.LastAction(b.Stage); last != nil || err != nil {
		t.Errorf("last of a record that is gone: %v, %v", last, err)
	}
	// On a file system with links, links take the place.
	s, _ = Open(dir)
	if err := s.UpdateView(a.Stage, a); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Readlink(s.path("view/x/y=1.json")); err != nil {
		t.Error(err)
	}
	// A copy of the store may hold copies of what links led to.
	os.Remove(s.path("view/x/y=1.arrow"))
	os.WriteFile(s.path("view/x/y=1.arrow"), []byte("abc"), 0o644)
	if shown, err := s.ViewIsOf(a.Stage, a); shown || err != nil {
		t.Error("a copy passes for a link", err)
	}
}

func TestExists(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Join(dir, "none")} {
		s, err := Open(d)
		if err != nil {
			t.Fatal(err)
		}
		if yes, err := s.Exists(); yes || err != nil {
			t.Errorf("%s is a store: %v", d, err)
		}
	}
	if yes, err := open(t).Exists(); !yes || err != nil {
		t.Error("not a store", err)
	}
	if _, err := Open(""); err == nil {
		t.Error("a folder without a name")
	}
}

func TestLongNames(t *testing.T) {
	s := open(t)
	output, _ := s.Put([]byte("abc"))
	long := strings.Repeat("α=1,", 100)
	names := []string{
		"x/" + long, "x/" + long + "b=1", "x/" + long + "b=2", long + "/" + long,
		"y/" + strings.Repeat("a", maxElement-len(objectSuffix)), "y/" + strings.Repeat("a", maxElement-len(objectSuffix)+1),
	}
	seen := make(map[string]string)
	for k, name := range names {
		a := actionOf(digest.Key(strings.Repeat(string(rune('0'+k)), 64)), output)
		a.Stage = name
		if err := errors.Join(CheckName(name), s.PutAction(a), s.UpdateView(name, a)); err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[ViewName(name)]; ok {
			t.Errorf("%s and %s are one file", name, other)
		}
		seen[ViewName(name)] = name
	}
	for k, name := range names {
		last, err := s.LastAction(name)
		if err != nil || last == nil || last.Stage != name {
			t.Fatalf("%d: %v, %v", k, last, err)
		}
		shown, err1 := s.ViewIsOf(name, last)
		known, err2 := s.InView(name)
		if !shown || !known || err1 != nil || err2 != nil {
			t.Error(name, err1, err2)
		}
	}
	if got := ViewName("y/" + strings.Repeat("a", 250)); got != "y/"+strings.Repeat("a",
		216)+"~"+digest.Hex([]byte(strings.Repeat("a", 250)))[:32] {
		t.Errorf("not the name of before: %s", got)
	}
	// A path as a whole can be too long too; looking for the stage tells.
	endless := strings.Repeat("abc/", 2000) + "x"
	for _, ask := range []func() error{
		func() error { _, err := s.LastAction(endless); return err },
		func() error { _, err := s.ViewIsOf(endless, &Action{}); return err },
		func() error { _, err := s.InView(endless); return err },
	} {
		if err := ask(); err == nil || !strings.Contains(err.Error(), "8001 bytes") ||
			!strings.Contains(err.Error(), "shorten") {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", ".", "../x", "/x", "x/../y", "x//y", "x/", "x\x00"} {
		if CheckName(bad) == nil {
			t.Errorf("%q is a name", bad)
		}
	}
}

// An exported file that is a symbolic link stays one.
func TestWriteFileThroughLinks(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, d := range []string{"out", "far/deep", "other"} {
		os.MkdirAll(at(d), 0o777)
	}
	os.WriteFile(at("far/file"), []byte("old"), 0o644)
	links := map[string]string{ // where: to what
		"out/one":      "../far/file",
		"out/absolute": at("far/file"),
		"out/two":      "one",
		"out/dangling": "../far/new/file",
		"other/deep":   "../far/deep",
		"out/up":       "../other/deep/../physical", // far/physical, not other/physical
		"out/loop":     "round",
		"out/round":    "loop",
		"out/self":     "self",
	}
	for name, target := range links {
		if err := os.Symlink(target, at(name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, file := range map[string]string{
		"out/one": "far/file", "out/absolute": "far/file", "out/two": "far/file",
		"out/dangling": "far/new/file", "out/up": "far/physical",
	} {
		for _, want := range []bool{true, false} {
			if changed, err := WriteFile(at(name), []byte("of "+name)); changed != want || err != nil {
				t.Errorf("%s: changed %t, %v", name, changed, err)
			}
		}
		if text, err := os.ReadFile(at(file)); string(text) != "of "+name || err != nil {
			t.Errorf("%s: its target holds %q, %v", name, text, err)
		}
		if target, err := os.Readlink(at(name)); target != links[name] || err != nil {
			t.Errorf("%s is a link to %q now, %v", name, target, err)
		}
	}
	for _, name := range []string{"out/loop", "out/self"} {
		if _, err := WriteFile(at(name), []byte("x")); err == nil || !strings.Contains(err.Error(), "leads to no file") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A link in the working folder, and what is no file.
	t.Chdir(at("out"))
	if _, err := WriteFile("two", []byte("relative")); err != nil {
		t.Error(err)
	}
	if text, _ := os.ReadFile(at("far/file")); string(text) != "relative" {
		t.Errorf("%q", text)
	}
	if _, err := WriteFile(at("far"), []byte("x")); err == nil {
		t.Error("a folder is written over")
	}
	for _, d := range []string{"out", "far", "far/new"} {
		if left, _ := filepath.Glob(at(d) + "/.*"); left != nil {
			t.Errorf("%v are left behind", left)
		}
	}
}
