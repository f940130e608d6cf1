package remote

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"zerotohero/pipeline/store"
)

// A folder is a remote on a file system.
type folder struct {
	dir   string
	store *store.Store // in it, nil if it is no folder
}

func newFolder(dir string) *folder {
	f := &folder{dir: filepath.Clean(dir)}
	f.store, _ = store.Open(f.dir) // check says what is wrong with it
	return f
}

// use keeps others from removing anything from the store in the folder, as soon as there is one.
func (f *folder) use() {
	if f.store != nil {
		f.store.Use(nil)
	}
}

func (f *folder) String() string { return f.dir }

func (f *folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// check wants a folder, which may be made later.
func (f *folder) check(context.Context) error {
	f.use()
	info, err := os.Stat(f.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return f.wrap(err)
	case !info.IsDir():
		return &Error{Remote: f.dir, Err: errors.New("it is not a folder"), Advice: "name another", Unusable: true}
	}
	return nil
}

func (f *folder) Read(_ context.Context, name string, limit int64) ([]byte, error) {
	file, err := os.Open(f.path(name))
	if err != nil {
		return nil, f.wrap(err)
	}
	defer file.Close()
	data, err := readAll(file, limit)
	return data, f.wrap(err)
}

func (f *folder) Size(_ context.Context, name string) (int64, error) {
	info, err := os.Stat(f.path(name))
	if err != nil {
		return 0, f.wrap(err)
	}
	return info.Size(), nil
}

func (f *folder) Put(ctx context.Context, name string, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f.use()
	_, err := store.WriteFile(f.path(name), data)
	return f.wrap(err)
}

// wrap leaves what is absent, or too long, as it is.
func (f *folder) wrap(err error) error {
	var long *TooLongError
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.As(err, &long) {
		return err
	}
	e := &Error{Remote: f.dir, Err: err}
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		e.Advice, e.Unusable = "ask for the right to use it, or name another folder", true
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		e.Advice, e.Unusable = "make room there", true
	default: // as of a network file system that is away
		e.Advice, e.Passing = "see that it is mounted and sound", true
	}
	return e
}
