package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf8"

	"zerotohero/pipeline/digest"
)

// The view is for people. An entry is a symbolic link or, where there are none, a file
// that holds what the link would: a path relative to the entry's folder.

const (
	objectSuffix = ".arrow"
	recordSuffix = ".json"

	// maxElement is how long an element of a path may be, in bytes, on every common
	// file system.
	maxElement = 255
)

// ViewName is the path of a stage in the view, below its folder and without suffix: the
// stage's name, in which elements too long for a file are cut, and end in a digest.
func ViewName(stage string) string {
	const most = maxElement - max(len(objectSuffix), len(recordSuffix))
	if len(stage) <= most {
		return stage
	}
	elements := strings.Split(stage, "/")
	for k, e := range elements {
		if len(e) <= most {
			continue
		}
		end := "~" + digest.Hex([]byte(e))[:32]
		n := most - len(end)
		for n > 0 && !utf8.RuneStart(e[n]) {
			n--
		}
		elements[k] = e[:n] + end
	}
	return strings.Join(elements, "/")
}

// CheckName wants the name of a stage to be a path below the view. Whether the path is too
// long for the file system is known only when it is used.
func CheckName(stage string) error {
	if stage == "." || !filepath.IsLocal(stage) || path.Clean(stage) != stage || strings.ContainsAny(stage, "\x00\\") {
		return fmt.Errorf("%q cannot be shown in a store's view, as it is no path of a file below a folder; "+
			"give the stage another name", stage)
	}
	return nil
}

func (s *Store) viewPath(stage, suffix string) string {
	return s.dir + separator + "view" + separator + filepath.FromSlash(ViewName(stage)) + suffix
}

// viewError is what went wrong at a stage's entry.
func (s *Store) viewError(stage, at string, err error) error {
	if errors.Is(err, syscall.ENAMETOOLONG) {
		return fmt.Errorf("the name of stage %.60s… has %d bytes, which makes a path too long for the file system of "+
			"the store (%d bytes); shorten the names of its family and axes, "+
			"or choose a store with a shorter path by --store",
			stage, len(stage), len(at))
	}
	return s.cannot(toRead, at, err)
}

// UpdateView makes the view of a stage point to an action and its artifact, the artifact
// first. An error for which Unwritable is true leaves only the view behind.
func (s *Store) UpdateView(stage string, a *Action) error {
	err := s.setLink(s.viewPath(stage, objectSuffix), s.ObjectPath(a.Output))
	if err == nil {
		err = s.setLink(s.viewPath(stage, recordSuffix), s.actionPath(a.Key))
	}
	if err != nil {
		return fmt.Errorf("showing %s in the store's view: %w", stage, err)
	}
	return nil
}

// ViewIsOf reports whether the view of a stage points to the action and its artifact.
func (s *Store) ViewIsOf(stage string, a *Action) (bool, error) {
	for _, e := range []struct{ suffix, want string }{
		{recordSuffix, string(a.Key) + recordSuffix},
		{objectSuffix, string(a.Output)},
	} {
		at := s.viewPath(stage, e.suffix)
		target, err := s.target(at)
		if err != nil {
			return false, s.viewError(stage, at, err)
		}
		if target[strings.LastIndexAny(target, `/\`)+1:] != e.want {
			return false, nil
		}
	}
	return true, nil
}

// InView reports whether a stage was ever up to date, even if its record is lost.
func (s *Store) InView(stage string) (bool, error) {
	at := s.viewPath(stage, recordSuffix)
	_, err := os.Lstat(at)
	if err != nil && !absent(err) {
		return false, s.viewError(stage, at, err)
	}
	return err == nil, nil
}

// LastAction returns the action that a stage had when it was last up to date, or nil. A
// record that is damaged is a *RecordError.
func (s *Store) LastAction(stage string) (*Action, error) {
	at := s.viewPath(stage, recordSuffix)
	text, written, err := s.files.read(at)
	if err == nil && !bytes.HasPrefix(text, []byte("{")) {
		if key, ok := recordKey(pointer(text)); ok {
			return s.Action(key)
		}
	}
	if err != nil && !absent(err) {
		return nil, s.viewError(stage, at, err)
	}
	return s.parseRecord(at, text, written, err).action()
}

// recordKey is the key that the file of a record is called by.
func recordKey(path string) (key digest.Key, ok bool) {
	name, isRecord := strings.CutSuffix(filepath.Base(path), recordSuffix)
	if !isRecord {
		return "", false
	}
	return digest.Parse[digest.Key](name)
}

// target is what an entry of the view points to, "" if there is no entry or it is a file
// of another kind.
func (s *Store) target(at string) (string, error) {
	target, err := s.files.readlink(at)
	if err == nil {
		return target, nil
	}
	if absent(err) {
		return "", nil
	}
	// At a file that is no link, readlink fails; that is no error.
	info, err2 := os.Lstat(at)
	if err2 != nil || info.Mode()&fs.ModeSymlink != 0 {
		return "", err
	}
	if info.Size() > 4096 {
		return "", nil
	}
	text, _, err := s.files.read(at)
	return pointer(text), err
}

// pointer is the path in an entry that is no link.
func pointer(text []byte) string { return strings.TrimSuffix(string(text), "\n") }

// setLink makes or redirects a relative symbolic link in one step, or an entry that holds
// the path.
func (s *Store) setLink(at, target string) error {
	rel, err := filepath.Rel(filepath.Dir(at), target)
	if err != nil {
		return err
	}
	if old, err := s.target(at); err == nil && old == rel {
		return nil
	}
	if err := s.mkdir(filepath.Dir(at)); err != nil {
		return err
	}
	if err := s.mkdir(s.path("tmp")); err != nil {
		return err
	}
	// Two processes may do this at once, each with a name of its own.
	temporary := s.path("tmp", fmt.Sprintf("link-%d-%016x", os.Getpid(), rand.Uint64()))
	if s.files.symlink(rel, temporary) != nil {
		return s.write(at, []byte(rel+"\n"))
	}
	if err := s.files.rename(temporary, at); err != nil {
		os.Remove(temporary)
		return s.cannot(toWrite, at, err)
	}
	return nil
}

// A Link is one link of the view.
type Link struct {
	Path   string
	Name   string          // of the stage, below the folder of its profile if it has one
	Key    digest.Key      // of the record that it leads to; empty if it leads elsewhere
	Digest digest.Artifact // of the artifact that it leads to; empty if it leads elsewhere
	Err    error           // of a folder that cannot be listed
}

// Links lists the links of the view, sorted by path. Other files are left out.
func (s *Store) Links() []Link {
	var out []Link
	s.eachFile("view", func(path string, err error) {
		if err != nil {
			out = append(out, Link{Path: path, Err: err})
		} else if l, ok := s.linkAt(path); ok {
			out = append(out, l)
		}
	})
	return out
}

// Link is the link at a path below the view; ok is false if there is none.
func (s *Store) Link(rel string) (l Link, ok bool) { return s.linkAt(s.path("view", rel)) }

func (s *Store) linkAt(path string) (l Link, ok bool) {
	target, err := s.target(path)
	if err != nil || target == "" {
		return Link{}, false
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(path), target)
	}
	rel, err := filepath.Rel(s.path("view"), path)
	if err != nil {
		return Link{}, false
	}
	suffix := filepath.Ext(path)
	l = Link{Path: path, Name: filepath.ToSlash(strings.TrimSuffix(rel, suffix))}
	if key, ok := recordKey(target); ok && suffix == recordSuffix && target == s.actionPath(key) {
		l.Key = key
	}
	name, ok := digest.Parse[digest.Artifact](filepath.Base(target))
	if ok && suffix == objectSuffix && target == s.ObjectPath(name) {
		l.Digest = name
	}
	return l, true
}
