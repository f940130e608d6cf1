package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// files are the operations by which a store uses its file system. Tests replace some to
// simulate a file system that fails or lacks them.
type files struct {
	read     func(path string) (data []byte, written time.Time, err error)
	stat     func(path string) (fs.FileInfo, error)
	readDir  func(path string) ([]fs.DirEntry, error)
	readlink func(path string) (string, error)
	symlink  func(target, at string) error
	rename   func(from, to string) error
	chmod    func(path string, mode fs.FileMode) error
	sync     func(f *os.File) error
	lock     func(l *flock.Flock) (bool, error)
}

var system = files{
	read:     read,
	stat:     os.Stat,
	readDir:  os.ReadDir,
	readlink: os.Readlink,
	symlink:  os.Symlink,
	rename:   os.Rename,
	chmod:    os.Chmod,
	sync:     (*os.File).Sync,
	lock:     (*flock.Flock).TryLock,
}

// read reads a small file, and when it was written.
func read(path string) (data []byte, written time.Time, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	data = make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, time.Time{}, err
	}
	return data, info.ModTime(), nil
}

// An AccessError says that a store, or a file of it, cannot be read or written to; what
// the store holds is then not known.
type AccessError struct {
	dir    string // the store's
	cannot string // "be read", "be written to"
	err    error
	advice string
}

func (e *AccessError) Error() string {
	return fmt.Sprintf("the store %s cannot %s: %v; %s", e.dir, e.cannot, e.err, e.advice)
}

func (e *AccessError) Unwrap() error { return e.err }

const (
	toRead  = "be read"
	toWrite = "be written to"
)

// cannot makes an AccessError of what went wrong at a path.
func (s *Store) cannot(do, path string, err error) error {
	var known *AccessError
	if errors.As(err, &known) {
		return err
	}
	advice := "check its file system, or choose another store with --store"
	switch {
	case errors.Is(err, syscall.EROFS):
		advice = "its file system is read-only; choose another store with --store"
	case Full(err):
		advice = "free some space or choose another store with --store, what is computed so far is kept"
	case errors.Is(err, fs.ErrPermission):
		advice = s.permission(do, path)
	case crowded(err):
		advice = "too many files are open; raise the limit with ulimit -n, or run fewer programs"
	case errors.Is(err, syscall.EIO):
		advice = "the disk or the network behind it failed; check it, then try again: nothing was changed"
	}
	return &AccessError{s.dir, do, err, advice}
}

// permission says who keeps this user from a path, and what both can do about it.
func (s *Store) permission(do, path string) string {
	// The folder that keeps this user out is the innermost one that can be looked at.
	at := path
	info, err := os.Lstat(at)
	for err != nil && at != filepath.Dir(at) {
		at = filepath.Dir(at)
		info, err = os.Lstat(at)
	}
	if err != nil {
		return "choose another store with --store"
	}
	user, group := owners(info)
	who := fmt.Sprintf("%s belongs to %s and group %s and has mode %v", at, user, group, info.Mode())
	switch {
	case do == toRead:
		return fmt.Sprintf("%s; let %s run chmod -R a+rX %s, and work under umask 022, "+
			"or choose another store with --store",
			who, user, s.dir)
	case s.shared != 0 && info.IsDir() && info.Mode().Perm()&0o020 == 0:
		return fmt.Sprintf("%s: the store is shared by group %s, but %s made this folder under a umask that takes "+
			"writing from the group; let %s run chmod -R g+w %s, and let all who write to it have umask 002",
			who, group, user, user, s.dir)
	}
	return who + "; choose another store with --store"
}

// absent reports whether an error says that there is no such file. No other error means
// that: a file that cannot be read may be there.
func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// Full reports whether an error says that no more can be written.
func Full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

// Unwritable reports whether an error says that this user may not write to the store,
// or nobody may.
func Unwritable(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// crowded reports whether an error says that too many files are open.
func crowded(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}
