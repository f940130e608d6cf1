// Package store keeps artifacts by their content and the records of the actions
// that made them. A store is a folder:
//
//	objects/xx/<digest>   artifacts, named by the SHA-256 of their bytes
//	actions/<key>.json    what ran, on which inputs, when, where, how long
//	code/<sum>.json       the sources behind a code digest
//	view/<stage>.arrow    for people: links to the artifact and the action that
//	view/<stage>.json     each stage had when it was last brought up to date
//	partial/<key>         what a stage under way has computed so far
//	locks/, tmp/          of runs under way
//
// Invariants. A file appears under its final name whole or not at all: it is
// written to tmp, synced and renamed. An action is recorded after its artifact.
// Objects and actions never change; one that does is damaged. An object shows it by
// its name, an action by the checksum that its record ends in. All of it holds
// for several processes on one store, and after a kill at any moment.
package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Digest names content: hex SHA-256.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// A Store is a folder of artifacts. It is safe for concurrent use.
type Store struct {
	dir string
}

// Temporary files of this age have lost their writer for certain, and partial
// results of the other nobody goes on with.
const (
	staleTemporary = 48 * time.Hour
	stalePartial   = 90 * 24 * time.Hour
)

// Open opens the store in a folder, for reading: a folder that does not exist is an
// empty store. What is no folder is an error.
func Open(dir string) (*Store, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("the store %s is not a folder; choose another with --store", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the store %s cannot be used: %w; choose another with --store", dir, err)
	}
	return &Store{dir: dir}, nil
}

// Prepare makes the store ready for writing. A folder that cannot be written to is
// an error.
func (s *Store) Prepare() error {
	for _, sub := range []string{"objects", "actions", "code", "view", "partial", "locks", "tmp"} {
		if err := os.MkdirAll(s.path(sub), 0o777); err != nil {
			return fmt.Errorf("the store %s cannot be written to: %w; choose another with --store", s.dir, err)
		}
	}
	f, err := os.CreateTemp(s.path("tmp"), "probe-")
	if err != nil {
		return fmt.Errorf("the store %s cannot be written to: %w; choose another with --store", s.dir, err)
	}
	f.Close()
	os.Remove(f.Name())
	s.sweep("tmp", staleTemporary)
	s.sweep("partial", stalePartial)
	return nil
}

// sweep removes the files of a folder that are older than age.
func (s *Store) sweep(dir string, age time.Duration) {
	entries, err := os.ReadDir(s.path(dir))
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > age {
			os.Remove(s.path(dir, e.Name()))
		}
	}
}

// Dir is the store's folder.
func (s *Store) Dir() string { return s.dir }

func (s *Store) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// ObjectPath is where the artifact with this digest is kept.
func (s *Store) ObjectPath(digest string) string {
	if len(digest) < 2 {
		return s.path("objects", "none", digest)
	}
	return s.path("objects", digest[:2], digest)
}

// A DamageError says that an artifact in the store is not what it was.
type DamageError struct {
	Digest  string
	Path    string
	Problem string // "missing", "truncated" or "altered"
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("artifact %s is %s in the store; hero run computes it again", e.Path, e.Problem)
}

// Put keeps an artifact and returns its digest.
func (s *Store) Put(data []byte) (string, error) {
	digest := Digest(data)
	if _, err := s.Get(digest); err == nil {
		return digest, nil
	}
	if err := s.write(s.ObjectPath(digest), data); err != nil {
		return "", err
	}
	return digest, nil
}

// Get reads an artifact and checks it; what is missing or altered is a *DamageError.
func (s *Store) Get(digest string) ([]byte, error) {
	path := s.ObjectPath(digest)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &DamageError{digest, path, "missing"}
	}
	if err != nil {
		return nil, fmt.Errorf("reading an artifact: %w", err)
	}
	if Digest(data) != digest {
		return nil, &DamageError{digest, path, "altered"}
	}
	return data, nil
}

// Check is Get without the content, in constant memory.
func (s *Store) Check(digest string) error {
	path := s.ObjectPath(digest)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &DamageError{digest, path, "missing"}
	}
	if err != nil {
		return fmt.Errorf("reading an artifact: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("reading an artifact: %w", err)
	}
	if hex.EncodeToString(h.Sum(nil)) != digest {
		return &DamageError{digest, path, "altered"}
	}
	return nil
}

// Suspect has an artifact read again before it is trusted: damage that left the
// file's times alone, such as rot, shows in no other way.
func (s *Store) Suspect(digest string) {
	now := time.Now()
	os.Chtimes(s.ObjectPath(digest), now, now)
}

// Discard removes a damaged artifact, so that Put writes it anew.
func (s *Store) Discard(digest string) error {
	if err := os.RemoveAll(s.ObjectPath(digest)); err != nil {
		return fmt.Errorf("removing a damaged artifact: %w", err)
	}
	return nil
}

// Objects lists the digests of all artifacts, sorted.
func (s *Store) Objects() ([]string, error) {
	var out []string
	err := filepath.WalkDir(s.path("objects"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, d.Name())
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing the store: %w", err)
	}
	return out, nil
}

// Find returns the digests of artifacts that begin with a prefix of at least four
// hex digits.
func (s *Store) Find(prefix string) []string {
	if len(prefix) < 4 || strings.Trim(prefix, "0123456789abcdef") != "" {
		return nil
	}
	var out []string
	entries, err := os.ReadDir(s.path("objects", prefix[:2]))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			out = append(out, e.Name())
		}
	}
	return out
}

// write puts a file under its final name in one step.
func (s *Store) write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("writing to the store: %w", err)
	}
	f, err := os.CreateTemp(s.path("tmp"), filepath.Base(path)[:min(16, len(filepath.Base(path)))]+"-")
	if err != nil {
		return fmt.Errorf("writing to the store: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close(), os.Chmod(f.Name(), 0o444))
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(f.Name())
		if Full(err) {
			return fmt.Errorf("writing to the store: %w; free some space or choose another store with --store, what is computed so far is kept", err)
		}
		return fmt.Errorf("writing to the store: %w", err)
	}
	return nil
}

// Full reports whether an error says that no more can be written.
func Full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
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

// WriteFile writes a file that is not the store's, a figure or a lock file, if its
// content is another, and reports whether it did.
func WriteFile(path string, data []byte) (changed bool, err error) {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return false, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return false, err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close(), os.Chmod(f.Name(), 0o644))
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err == nil, err
}
