package cli

import (
	"path/filepath"
	"slices"
	"strings"
)

// A folder is one whose files stand for artifacts.
type folder int

const (
	nowhere folder = iota
	inObjects
	inActions
	inView
	inExports
)

// A place is where a file is that people name.
type place struct {
	folder  folder
	rel     string // its path in there, of an exported file below the profile's folder
	profile string // that the path shows
	stage   string // that a file of the view is called by
}

// locate says where a file is. It need not exist. A link of the view is in the view,
// wherever it leads.
func (w *workplace) locate(name string) place {
	for _, path := range spellings(name) {
		for _, at := range []struct {
			folder folder
			dir    string
		}{
			{inObjects, filepath.Join(w.storeDir, "objects")},
			{inActions, filepath.Join(w.storeDir, "actions")},
			{inView, filepath.Join(w.storeDir, "view")},
			{inExports, exportDir},
		} {
			rel, ok := within(at.dir, path)
			if !ok {
				continue
			}
			p := place{folder: at.folder, rel: rel}
			switch p.folder {
			case inView:
				p.profile, p.stage = w.ofProfile(rel)
				p.stage = strings.TrimSuffix(strings.TrimSuffix(p.stage, ".arrow"), ".json")
			case inExports:
				p.profile, p.rel = w.ofProfile(rel)
			}
			return p
		}
	}
	return place{}
}

// ofProfile takes the folder of a profile off a path; what is in none is the default
// profile's.
func (w *workplace) ofProfile(rel string) (profile, rest string) {
	first, rest, ok := strings.Cut(rel, "/")
	if ok && first != w.paper.DefaultProfile() && slices.Contains(w.paper.Profiles(), first) {
		return first, rest
	}
	return w.paper.DefaultProfile(), rel
}

// within is the path of a file below a folder, with slashes.
func within(dir, path string) (rel string, ok bool) {
	for _, d := range spellings(dir) {
		if rel, err := filepath.Rel(d, path); err == nil && filepath.IsLocal(rel) && rel != "." {
			return filepath.ToSlash(rel), true
		}
	}
	return "", false
}

// spellings are a path as it is written, without the links in its folder, and without
// any.
func spellings(name string) []string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return []string{name}
	}
	out := []string{abs}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		out = append(out, filepath.Join(dir, filepath.Base(abs)))
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		out = append(out, real)
	}
	return out
}
