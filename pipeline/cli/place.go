package cli

import (
	"path/filepath"
	"slices"
	"strings"
)

// An area is a folder whose files stand for artifacts.
type area int

const (
	nowhere area = iota
	inObjects
	inActions
	inCode
	inView
	inExports
)

// A place is where a file is that people name.
type place struct {
	in      area
	rel     string // its path in there, of an exported file below the profile's folder
	profile string // that the path shows
	stage   string // that a file of the view is called by
}

// locate says where a file is. It need not exist. A link of the view is in the view,
// wherever it leads.
func (w *workplace) locate(name string) place {
	for _, path := range spellings(name) {
		if rel, ok := within(filepath.Join(w.storeDir, "objects"), path); ok {
			return place{in: inObjects, rel: rel}
		}
		if rel, ok := within(filepath.Join(w.storeDir, "actions"), path); ok {
			return place{in: inActions, rel: rel}
		}
		if rel, ok := within(filepath.Join(w.storeDir, "code"), path); ok {
			return place{in: inCode, rel: rel}
		}
		if rel, ok := within(filepath.Join(w.storeDir, "view"), path); ok {
			profile, stage := w.ofProfile(rel)
			stage = strings.TrimSuffix(strings.TrimSuffix(stage, ".arrow"), ".json")
			return place{inView, rel, profile, stage}
		}
		if profile, rel, ok := w.exported(path); ok {
			return place{in: inExports, rel: rel, profile: profile}
		}
	}
	return place{}
}

// exported is the profile in whose folder of exported files a path is, and the path
// below that. Folders of profiles may lie in each other, and the innermost counts; where
// they share one, it is the profile that was asked for.
func (w *workplace) exported(path string) (profile, rel string, ok bool) {
	for _, p := range append([]string{w.profile}, w.paper.Profiles()...) {
		of := *w
		of.profile = p
		if r, below := within(of.exports(), path); below && (!ok || len(r) < len(rel)) {
			profile, rel, ok = p, r, true
		}
	}
	return profile, rel, ok
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
