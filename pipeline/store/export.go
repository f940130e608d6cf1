package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes a file outside the store, a figure or a lock file, unless it has this
// content already, and reports whether it did. The file changes in one step. A symbolic
// link stays one: the file that it leads to is written.
func WriteFile(path string, data []byte) (changed bool, err error) {
	path, err = follow(path)
	if err != nil {
		return false, err
	}
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, data) {
		return false, nil
	}
	if err != nil && !absent(err) {
		return false, err
	}
	// Not filepath.Dir: see follow.
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return false, err
	}
	f, err := os.CreateTemp(dir, "."+name[:min(len(name), 100)]+"-")
	if err != nil {
		return false, err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		os.Chmod(f.Name(), 0o644) // where files have modes
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err == nil, err
}

// maxLinks is how many links in a row are followed, as by operating systems.
const maxLinks = 40

// follow returns the path of the file to which a symbolic link, or a chain of them, leads.
// The file need not exist. The path is not cleaned: in "a/../b", a may be a link itself.
func follow(path string) (string, error) {
	at := path
	for range maxLinks {
		info, err := os.Lstat(at)
		if absent(err) {
			return at, nil
		}
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			return at, nil
		}
		target, err := os.Readlink(at)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			dir, _ := filepath.Split(at)
			target = dir + target
		}
		at = target
	}
	return "", fmt.Errorf("%s is a symbolic link that leads to no file, only to other links; remove it", path)
}
