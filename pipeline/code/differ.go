package code

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// Differ lists the files in which the sources of a folder differ from these, as a program
// carries them: files of other content, and Go and assembly files that only one of them
// has. Tests and texts for people do not count. A folder without the module's go.mod has
// no sources.
func Differ(src, folder fs.FS) ([]string, error) {
	theirs, err := fs.ReadFile(folder, "go.mod")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	mine, err := fs.ReadFile(src, "go.mod")
	if err != nil || modfile.ModulePath(mine) != modfile.ModulePath(theirs) {
		return nil, err
	}
	var out []string
	tops := make(map[string]bool)
	have := make(map[string]bool)
	err = eachSource(src, func(name string) error {
		if path.Ext(name) == ".md" {
			return nil
		}
		have[name] = true
		if top, _, below := strings.Cut(name, "/"); below {
			tops[top] = true
		}
		a, err := fs.ReadFile(src, name)
		if err != nil {
			return err
		}
		b, err := fs.ReadFile(folder, name)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.Equal(a, b) {
			out = append(out, name)
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for top := range tops {
		names, err := goFiles(folder, top)
		if err != nil {
			return nil, err
		}
		out = append(out, slices.DeleteFunc(names, func(name string) bool { return have[name] })...)
	}
	slices.Sort(out)
	return out, nil
}

// goFiles lists the Go and assembly files below a folder, which need not exist, without tests.
func goFiles(src fs.FS, dir string) ([]string, error) {
	var out []string
	err := fs.WalkDir(src, dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case name == dir && errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		}
		base, ext := d.Name(), path.Ext(name)
		switch ignored := base[0] == '.' || base[0] == '_' || base == "testdata"; {
		case ignored && d.IsDir():
			return fs.SkipDir
		case !ignored && !d.IsDir() && (ext == ".go" || ext == ".s") && !strings.HasSuffix(name, "_test.go"):
			out = append(out, name)
		}
		return nil
	})
	return out, err
}
