package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// TryLock claims the computation of a key for this process. It returns nil if
// another has it. The system frees the claims of a process that dies.
func (s *Store) TryLock(key string) (release func(), err error) {
	path := s.path("locks", key)
	for {
		l := flock.New(path, flock.SetPermissions(0o666))
		ok, err := l.TryLock()
		if err != nil {
			return nil, fmt.Errorf("locking in the store: %w", err)
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
		if err2 != nil && !errors.Is(err2, fs.ErrNotExist) {
			return nil, fmt.Errorf("locking in the store: %w", err2)
		}
	}
}
