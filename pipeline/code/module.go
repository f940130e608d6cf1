package code

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"strings"

	"golang.org/x/mod/modfile"
)

// ExternalFile lists, for each package that the sources import from outside the
// module and the standard library, the modules that it reaches: lines of an
// import path and sorted module paths. Sources alone do not tell; pipeline/code/external
// writes it. Versions are not in it, since go.mod has them. A program whose kinds import
// no such package needs none. Its path is fixed, as that of go.sum is.
const ExternalFile = "stages/external.txt"

const regenerate = "run go generate ./..."

// A module is what go.mod and ExternalFile say.
type module struct {
	path     string
	versions map[string]string // by module path, with what replaces it

	// reaches gives the modules of an external package. A bad table is an error
	// only where it is needed, so that its generator can run.
	reaches    map[string][]string
	reachesErr error
}

func readModule(src fs.FS) (*module, error) {
	text, err := fs.ReadFile(src, "go.mod")
	if err != nil {
		return nil, fmt.Errorf("the sources need go.mod at their root: %w", err)
	}
	f, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return nil, err
	}
	if f.Module == nil {
		return nil, errors.New("go.mod has no module line")
	}
	m := &module{
		path:     f.Module.Mod.Path,
		versions: make(map[string]string, len(f.Require)),
		reaches:  make(map[string][]string),
	}
	for _, r := range f.Require {
		m.versions[r.Mod.Path] = r.Mod.Version
	}
	// A replacement of one version goes before one of the whole module.
	replaced := make(map[string]bool)
	for _, oneVersion := range []bool{true, false} {
		for _, r := range f.Replace {
			required, ok := m.versions[r.Old.Path]
			if !ok || replaced[r.Old.Path] || (r.Old.Version != "") != oneVersion {
				continue
			}
			if (!oneVersion || r.Old.Version == required) && r.New.Version == "" {
				return nil, fmt.Errorf("go.mod replaces %s by the folder %s, whose code no digest covers; "+
					"replace it by a version",
					r.Old.Path, r.New.Path)
			}
			if !oneVersion || r.Old.Version == required {
				m.versions[r.Old.Path] = strings.TrimSpace(required + " => " + r.New.Path + " " + r.New.Version)
				replaced[r.Old.Path] = true
			}
		}
	}
	m.reachesErr = m.readExternal(src)
	return m, nil
}

func (m *module) readExternal(src fs.FS) error {
	text, err := fs.ReadFile(src, ExternalFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		fields := strings.Fields(string(line))
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) == 1 {
			return fmt.Errorf("%s:%d: %s reaches no module; %s", ExternalFile, n, fields[0], regenerate)
		}
		if m.reaches[fields[0]] != nil {
			return fmt.Errorf("%s:%d: %s is listed twice; %s", ExternalFile, n, fields[0], regenerate)
		}
		m.reaches[fields[0]] = fields[1:]
	}
	return nil
}

// An origin says where an imported package comes from.
type origin int

const (
	standard origin = iota
	external
	local
	engine
)

// enginePath is the import path below which packages do not count, of the sources'
// module or another: how work is scheduled and stored does not change what is computed.
var enginePath = path.Dir(reflect.TypeFor[Tree]().PkgPath())

func (m *module) origin(path string) origin {
	switch {
	case within(path, enginePath):
		return engine
	case within(path, m.path):
		return local
	}
	first, _, _ := strings.Cut(path, "/")
	if strings.Contains(first, ".") || m.reaches[path] != nil {
		return external
	}
	return standard
}

func within(path, root string) bool {
	rest, ok := strings.CutPrefix(path, root)
	return ok && (rest == "" || rest[0] == '/')
}

// dir is the folder of a package of the module.
func (m *module) dir(importPath string) string {
	return path.Clean("./" + strings.TrimPrefix(importPath, m.path))
}

// reached adds the modules that an external package reaches, with their versions.
func (m *module) reached(path string, modules map[string]string) error {
	if m.reachesErr != nil {
		return m.reachesErr
	}
	list, ok := m.reaches[path]
	if !ok {
		return fmt.Errorf("%s does not list %s; %s", ExternalFile, path, regenerate)
	}
	for _, mod := range list {
		v, ok := m.versions[mod]
		if !ok {
			return fmt.Errorf("%s says that %s reaches %s, which go.mod does not require; run go mod tidy, then %s",
				ExternalFile, path, mod, strings.TrimPrefix(regenerate, "run "))
		}
		modules[mod] = v
	}
	return nil
}
