package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Older temporary files and partial results are removed: their process has certainly
// ended, or nobody has continued the stage.
const (
	staleTemporary = 48 * time.Hour
	stalePartial   = 90 * 24 * time.Hour
)

// Prepare makes the store ready for writing, and tries all that a run needs of its file
// system. What does not work is an *AccessError; lacks are sentences on what the file
// system lacks and the store does without.
func (s *Store) Prepare() (lacks []string, err error) {
	for _, sub := range []string{"objects", "actions", "code", sourcesDir, "view", "partial", "locks", "tmp"} {
		if err := s.mkdir(s.path(sub)); err != nil {
			return nil, err
		}
	}
	if err := s.Use(nil); err != nil {
		return nil, err
	}
	if err := s.mayWriteAll(); err != nil {
		return nil, err
	}
	if lacks, err = s.probe(); err != nil {
		return nil, err
	}
	// The probe has just touched this folder, by the clock of the file server, which may be off from ours.
	if now, err := s.files.stat(s.path("tmp")); err == nil {
		s.removeOld("tmp", now.ModTime().Add(-staleTemporary))
		s.removeOld("partial", now.ModTime().Add(-stalePartial))
	}
	return lacks, nil
}

// mkdir makes a folder of the store. In a store that a group shares the group may write
// to all folders, whatever the umask of who makes them.
func (s *Store) mkdir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return s.cannot(toWrite, dir, err)
	}
	if s.shared != 0 {
		for d := dir; len(d) > len(s.dir); d = filepath.Dir(d) {
			os.Chmod(d, s.shared) // fails for folders of other users, which stay as they are
		}
	}
	return nil
}

// mayWriteAll wants every folder to be writable into which a run writes what it computed:
// other users may have made some.
func (s *Store) mayWriteAll() error {
	dirs := []string{"objects", "actions", "code", sourcesDir, "partial", "locks", "tmp"}
	entries, err := s.files.readDir(s.path("objects"))
	if err != nil {
		return s.cannot(toRead, s.path("objects"), err)
	}
	for _, e := range entries {
		if e.IsDir() {
			dirs = append(dirs, filepath.Join("objects", e.Name()))
		}
	}
	for _, dir := range dirs {
		if err := mayWrite(s.path(dir)); err != nil {
			return s.cannot(toWrite, s.path(dir), &os.PathError{Op: "write to", Path: s.path(dir), Err: err})
		}
	}
	return nil
}

// What to do where the probe fails.
const (
	elsewhere = "choose a store on another file system with --store: " +
		"local disks, NFS 4, CephFS, GPFS and Lustre have all that a store needs"
	lockAdvice = "two runs would disturb each other, so mount it with locks " +
		"(NFS: version 4, or 3 without nolock; Lustre: with -o flock; SMB: without nobrl), or " + elsewhere
)

// probe tries the operations without which the store's invariants do not hold, and then
// those that it can do without: lacks tells which of these the file system does not have.
func (s *Store) probe() (lacks []string, err error) {
	fail := func(what string, err error, advice string) error {
		if Unwritable(err) || Full(err) || crowded(err) || errors.Is(err, syscall.EIO) {
			return s.cannot(toWrite, s.path("tmp"), err)
		}
		return &AccessError{s.dir, "be used, as its file system lacks " + what, err, advice}
	}
	f, err := os.CreateTemp(s.path("tmp"), "probe-")
	if err != nil {
		return nil, s.cannot(toWrite, s.path("tmp"), err)
	}
	first, second, link := f.Name(), f.Name()+"b", f.Name()+"c"
	defer func() {
		for _, path := range []string{first, second, link} {
			os.Remove(path)
		}
	}()
	_, err = f.WriteString("probe")
	if err := errors.Join(err, os.WriteFile(second, nil, 0o666)); err != nil {
		f.Close()
		return nil, s.cannot(toWrite, s.path("tmp"), err)
	}
	err = s.files.sync(f)
	f.Close()
	if err != nil {
		return nil, fail("fsync", err, "after a power cut what was computed could be gone; "+elsewhere)
	}
	modes := s.files.chmod(first, 0o444)
	if err := s.files.rename(first, second); err != nil {
		return nil, fail("rename over a file", err, elsewhere)
	}
	if err := s.probeLock(s.path("locks", filepath.Base(first))); err != nil {
		return nil, fail("flock", err, lockAdvice)
	}
	if modes != nil {
		lacks = append(lacks, fmt.Sprintf("the file system of the store %s has no modes of files (%v): "+
			"nothing keeps other programs from writing to artifacts, though verify finds it if one did", s.dir, modes))
	}
	if err := s.files.symlink(filepath.Base(second), link); err != nil {
		lacks = append(lacks, fmt.Sprintf("the file system of the store %s has no symbolic links (%v): "+
			"files in %s hold the path of what they stand for", s.dir, err, s.path("view")))
	}
	return lacks, nil
}

// probeLock checks that a locked file cannot be locked again.
func (s *Store) probeLock(path string) error {
	release, err := s.tryLock(path)
	if err != nil {
		return err
	}
	if release == nil {
		return errors.New("a new file is locked already")
	}
	defer release()
	second, err := s.tryLock(path)
	if second != nil {
		second()
		return errors.New("two locks on one file at once")
	}
	return err
}

// removeOld removes the files of a folder that were last written to before a time.
func (s *Store) removeOld(dir string, before time.Time) {
	entries, err := os.ReadDir(s.path(dir))
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().Before(before) {
			os.Remove(s.path(dir, e.Name()))
		}
	}
}
