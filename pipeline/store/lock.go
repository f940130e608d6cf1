package store

import (
	"fmt"
	"os"

	"github.com/gofrs/flock"

	"zerotohero/pipeline/digest"
)

// TryLock claims the computation of a key for this process. It returns nil if
// another process has it. The system releases the locks of a process that dies.
func (s *Store) TryLock(key digest.Key) (release func(), err error) {
	path := s.path("locks", string(key))
	if release, err = s.tryLock(path); err != nil {
		return nil, s.cannot(toWrite, path, fmt.Errorf("locking %s: %w", path, err))
	}
	return release, nil
}

func (s *Store) tryLock(path string) (release func(), err error) {
	for {
		l := flock.New(path, flock.SetPermissions(0o666))
		ok, err := s.files.lock(l)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, nil
		}
		// Lock files are removed while locked. The one locked here counts only if
		// it is still the one that others find.
		mine, err1 := l.Stat()
		found, err2 := os.Stat(path)
		if err1 == nil && err2 == nil && os.SameFile(mine, found) {
			return func() {
				os.Remove(path)
				l.Unlock()
			}, nil
		}
		l.Unlock()
		if err1 != nil {
			return nil, err1
		}
		if err2 != nil && !absent(err2) {
			return nil, err2
		}
	}
}
