// Package store keeps artifacts by their content and the records of the actions
// that made them. A store is a folder:
//
//	objects/xx/<digest>   artifacts, named by the SHA-256 of their bytes
//	actions/<key>.json    what ran, on which inputs, when, where, how long
//	code/<digest>.json    what a code digest is made of
//	code/sources/         the sources of that, by the sums of the packages in it
//	view/<stage>.arrow    for people: links to the artifact and the action that
//	view/<stage>.json     each stage had when it was last up to date; files
//	                      with the path where there are no symbolic links
//	partial/<key>         what a running stage has computed so far
//	locks/, tmp/          of running programs
//	lock                  held by all who use the store, see Use
//
// Invariants. A file appears under its final name whole or not at all: it is
// written to tmp, synced and renamed. An action is recorded after its artifact.
// Objects and actions never change; one that does is damaged, which the digest in an
// object's name and the checksum at the end of a record show. All of this holds
// with several processes on one store, and after a kill at any moment.
//
// Absent, damaged and unreadable are three things. What is absent is nil or "missing";
// what is damaged is a *DamageError or a *RecordError, and is computed again; what cannot
// be read is an *AccessError, and may well have been computed.
package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"

	"zerotohero/pipeline/digest"
)

// A Store is a folder of artifacts. It is safe for concurrent use.
type Store struct {
	dir    string
	files  files
	shared fs.FileMode // of folders in a store that a group shares, else 0

	using sync.Mutex
	use   *flock.Flock // held, or nil
}

const separator = string(filepath.Separator)

// Open opens the store in a folder, for reading: a folder that does not exist is an
// empty store. What is no folder is an error.
func Open(dir string) (*Store, error) {
	s := &Store{dir: filepath.Clean(dir), files: system}
	info, err := os.Stat(s.dir)
	switch {
	case dir == "":
		return nil, errors.New("the store is no folder; name one with --store")
	case absent(err):
		return s, nil
	case err != nil:
		return nil, s.cannot(toRead, s.dir, err)
	case !info.IsDir():
		return nil, fmt.Errorf("the store %s is not a folder; choose another with --store", dir)
	}
	if mode := info.Mode(); mode&fs.ModeSetgid != 0 && mode.Perm()&0o020 != 0 {
		s.shared = mode & (fs.ModePerm | fs.ModeSetgid)
	}
	return s, nil
}

// Exists reports whether the folder holds a store. One that does not reads as an empty
// store.
func (s *Store) Exists() (bool, error) {
	found := false
	for _, sub := range []string{"objects", "actions"} {
		_, err := s.files.stat(s.path(sub))
		if err != nil && !absent(err) {
			return false, s.cannot(toRead, s.path(sub), err)
		}
		found = found || err == nil
	}
	return found, nil
}

func (s *Store) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// ObjectPath is where the artifact with this digest is kept.
func (s *Store) ObjectPath(name digest.Artifact) string {
	if len(name) < 2 {
		return s.path("objects", "none", string(name))
	}
	return s.dir + separator + "objects" + separator + string(name[:2]) + separator + string(name)
}

// A DamageError says that an artifact in the store is missing or not as it was written.
type DamageError struct {
	Digest  digest.Artifact
	Path    string
	Problem string // "missing", "truncated" or "altered"
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("artifact %s is %s in the store; a run computes it again", e.Path, e.Problem)
}

// Put keeps an artifact and returns its digest.
func (s *Store) Put(data []byte) (digest.Artifact, error) {
	name := digest.Artifact(digest.Hex(data))
	if _, err := s.Get(name); err == nil {
		return name, nil
	}
	return name, s.write(s.ObjectPath(name), data)
}

// Get reads an artifact and checks it; what is missing or altered is a *DamageError.
func (s *Store) Get(name digest.Artifact) ([]byte, error) {
	path := s.ObjectPath(name)
	data, _, err := s.files.read(path)
	if absent(err) {
		return nil, &DamageError{name, path, "missing"}
	}
	if err != nil {
		return nil, s.cannot(toRead, path, err)
	}
	if digest.Hex(data) != string(name) {
		return nil, &DamageError{name, path, "altered"}
	}
	return data, nil
}

// Check is Get without the content, in constant memory.
func (s *Store) Check(name digest.Artifact) error {
	path := s.ObjectPath(name)
	f, err := os.Open(path)
	if absent(err) {
		return &DamageError{name, path, "missing"}
	}
	if err != nil {
		return s.cannot(toRead, path, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return s.cannot(toRead, path, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != string(name) {
		return &DamageError{name, path, "altered"}
	}
	return nil
}

// Discard removes a damaged artifact, so that Put writes it anew.
func (s *Store) Discard(name digest.Artifact) error {
	if err := os.RemoveAll(s.ObjectPath(name)); err != nil {
		return s.cannot(toWrite, s.ObjectPath(name), err)
	}
	return nil
}

// Find returns the digests of artifacts that begin with a prefix of at least four
// hex digits, sorted.
func (s *Store) Find(prefix string) ([]digest.Artifact, error) {
	if len(prefix) < 4 || !digest.IsHex(prefix) {
		return nil, nil
	}
	dir := s.path("objects", prefix[:2])
	entries, err := s.files.readDir(dir)
	if err != nil && !absent(err) {
		return nil, s.cannot(toRead, dir, err)
	}
	var out []digest.Artifact
	for _, e := range entries {
		if name, ok := digest.Parse[digest.Artifact](e.Name()); ok && strings.HasPrefix(e.Name(), prefix) {
			out = append(out, name)
		}
	}
	return out, nil
}

// write puts a file under its final name in one step.
func (s *Store) write(path string, data []byte) error {
	for _, dir := range []string{s.path("tmp"), filepath.Dir(path)} {
		if err := s.mkdir(dir); err != nil {
			return err
		}
	}
	name := filepath.Base(path)
	f, err := os.CreateTemp(s.path("tmp"), name[:min(16, len(name))]+"-")
	if err != nil {
		return s.cannot(toWrite, path, err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, s.files.sync(f), f.Close())
	if err == nil {
		s.files.chmod(f.Name(), 0o444) // where files have modes; see Prepare
		err = s.files.rename(f.Name(), path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(f.Name())
		return s.cannot(toWrite, path, err)
	}
	return nil
}

// syncDir makes a rename durable. Where a folder cannot be synced, the rename is
// still atomic.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) {
		return err
	}
	return nil
}
