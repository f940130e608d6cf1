package store

import (
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// Every process that reads or fills a store holds its file lock, shared; who removes from it holds
// that alone. The file itself stays, so that all lock the same one.

func (s *Store) useLock(flag int) *flock.Flock {
	return flock.New(s.path("lock"), flock.SetFlag(flag), flock.SetPermissions(0o666))
}

// useEvery is how often a store that another process has alone is looked at.
const useEvery = 100 * time.Millisecond

// Use keeps others from removing anything from the store, until Leave or the end of the process.
// While another process has the store alone it waits, and says so once by waiting, unless that is
// nil. A store that is not there is not locked, nor is one that has no lock and in which this user
// may make none: what goes missing of that is found like any damage.
func (s *Store) Use(waiting func()) error {
	s.using.Lock()
	defer s.using.Unlock()
	if s.use != nil {
		return nil
	}
	if exists, err := s.Exists(); err != nil || !exists {
		return err
	}
	for _, flag := range []int{os.O_CREATE | os.O_RDONLY, os.O_RDONLY} {
		l := s.useLock(flag)
		ok, err := l.TryRLock()
		for err == nil && !ok {
			if waiting != nil {
				waiting()
				waiting = nil
			}
			time.Sleep(useEvery)
			ok, err = l.TryRLock()
		}
		if ok {
			s.use = l
			return nil
		}
	}
	return nil
}

// Leave ends Use.
func (s *Store) Leave() {
	s.using.Lock()
	defer s.using.Unlock()
	if s.use != nil {
		s.use.Unlock()
		s.use = nil
	}
}

// Alone ends Use and takes the store for this process alone, so that Remove may remove from it. It
// returns nil if another process uses the store.
func (s *Store) Alone() (release func(), err error) {
	s.Leave()
	l := s.useLock(os.O_CREATE | os.O_RDONLY)
	ok, err := s.files.lock(l)
	if err != nil {
		return nil, s.cannot(toWrite, l.Path(), fmt.Errorf("locking %s: %w", l.Path(), err))
	}
	if !ok {
		return nil, nil
	}
	// A program of before there was this lock holds those of the stages that it computes.
	claimed, err := s.claimed()
	if err != nil || claimed {
		l.Unlock()
		return nil, err
	}
	return func() { l.Unlock() }, nil
}

// claimed reports whether a stage is being computed. Locks of processes that died go with it.
func (s *Store) claimed() (bool, error) {
	entries, err := s.files.readDir(s.path("locks"))
	if err != nil && !absent(err) {
		return false, s.cannot(toRead, s.path("locks"), err)
	}
	for _, e := range entries {
		path := s.path("locks", e.Name())
		release, err := s.tryLock(path)
		switch {
		case err != nil:
			return false, s.cannot(toWrite, path, err)
		case release == nil:
			return true, nil
		}
		release()
	}
	return false, nil
}
