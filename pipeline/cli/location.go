package cli

import (
	"path/filepath"
	"slices"
	"strings"
)

// An area is a folder whose files are, or lead to, artifacts.
type area string

const (
	nowhere   area = ""
	inObjects area = "objects" // of the store, as these
	inActions area = "actions"
	inCode    area = "code"
	inView    area = "view"
	inExports area = "exports" // wherever it is
)

// A location is where a named file is.
type location struct {
	in      area
	rel     string // its path in there, of an exported file below the profile's folder
	profile string // of a file of the view or of an exported one
	stage   string // of a file of the view
}

// locate says where a file is, which need not exist. A link of the view is in the view,
// wherever it leads.
func (w *workspace) locate(name string) location {
	for _, path := range spellings(name) {
		for _, in := range []area{inObjects, inActions, inCode} {
			if rel, ok := within(filepath.Join(w.storeDir, string(in)), path); ok {
				return location{in: in, rel: rel}
			}
		}
		if rel, ok := within(filepath.Join(w.storeDir, string(inView)), path); ok {
			profile, stage := w.ofProfile(rel)
			stage = strings.TrimSuffix(strings.TrimSuffix(stage, ".arrow"), ".json")
			return location{inView, rel, profile, stage}
		}
		if profile, rel, ok := w.exported(path); ok {
			return location{in: inExports, rel: rel, profile: profile}
		}
	}
	return location{}
}

// exported is the profile in whose folder of exported files a path is, and the path below
// that. Of folders within each other it is the innermost; of profiles that share one, the
// profile that was asked for.
func (w *workspace) exported(path string) (profile, rel string, ok bool) {
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
func (w *workspace) ofProfile(rel string) (profile, rest string) {
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

// spellings are a path as it is written, with the links of its folder resolved, and with
// all links resolved.
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
