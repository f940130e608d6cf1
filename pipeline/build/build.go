// Package build tells how a program was built, as far as that can change a bit of what it
// computes, and from which sources.
package build

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// Portable is the identity of a build whose artifacts are equal to the bit wherever it
// runs.
const Portable = "portable"

// An Origin is what a record keeps of the build of the program that made it.
type Origin struct {
	// Identity is part of every key: Portable, or else how the build deviates from that,
	// so that no artifact of another build passes for one of the portable build. If a module
	// was linked from a folder, its version does not tell its code: the identity then has
	// the SHA-256 of the program's file.
	Identity string `json:"identity"`

	Revision string `json:"revision,omitempty"` // of the sources in version control, "" if the build does not say
	Modified bool   `json:"modified,omitempty"` // the sources were not as that revision has them
}

// A Build is how a program was built.
type Build struct {
	Origin
	Deviations []string // from the portable build, each in words; none if it is that

	Go       string // release
	Platform string // GOOS/GOARCH
}

// Settings says in words how the settings of a build deviate from those of a program's
// portable build: the keys are those of debug.BuildSetting.
type Settings func(set map[string]string) (deviations []string)

// Read tells how this program was built; sources are those that it carries.
func Read(sources fs.FS, settings Settings) (Build, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Build{}, errors.New("this program does not say how it was built; " +
			"build it with the go command, in module mode")
	}
	return Of(info, sources, settings)
}

// Of tells how a program was built, from its build information and the go.mod in its
// sources.
func Of(info *debug.BuildInfo, sources fs.FS, settings Settings) (Build, error) {
	b := Build{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	set := make(map[string]string)
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	b.Revision, b.Modified = set["vcs.revision"], set["vcs.modified"] == "true"
	b.Deviations = settings(set)
	modules, unknown, err := modules(info, sources)
	if err != nil {
		return b, err
	}
	b.Deviations = append(b.Deviations, modules...)
	slices.Sort(b.Deviations)
	b.Identity = Portable
	if len(b.Deviations) > 0 {
		b.Identity = strings.Join(b.Deviations, "; ")
	}
	if unknown {
		sum, err := executable()
		if err != nil {
			return b, fmt.Errorf("reading this program, of which modules are not those of go.mod: %w", err)
		}
		b.Identity += "; program " + sum
	}
	return b, nil
}

// modules compares the modules that were linked with go.mod, from which code digests have
// their versions. unknown says that one was linked from a folder.
func modules(info *debug.BuildInfo, sources fs.FS) (deviations []string, unknown bool, err error) {
	text, err := fs.ReadFile(sources, "go.mod")
	if err != nil {
		return nil, false, fmt.Errorf("the sources need go.mod at their root: %w", err)
	}
	f, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return nil, false, err
	}
	want := make(map[string]string)
	for _, r := range f.Require {
		want[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range f.Replace {
		if v, ok := want[r.Old.Path]; ok && (r.Old.Version == "" || r.Old.Version == v) {
			want[r.Old.Path] = r.New.Path + " " + r.New.Version
		}
	}
	for _, d := range info.Deps {
		have, code := d.Version, d
		if d.Replace != nil {
			have, code = strings.TrimSpace(d.Replace.Path+" "+d.Replace.Version), d.Replace
		}
		switch w, known := want[d.Path]; {
		case code.Sum == "":
			unknown = true
			deviations = append(deviations, fmt.Sprintf("module %s from a folder", d.Path))
		case !known:
			deviations = append(deviations, fmt.Sprintf("module %s %s, which go.mod does not have", d.Path, have))
		case have != w:
			deviations = append(deviations, fmt.Sprintf("module %s %s, not %s", d.Path, have, w))
		}
	}
	return deviations, unknown, nil
}

func executable() (sum string, err error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}

// String writes the revision of the sources and what build it is: "revision 3f2a
// (modified), portable build".
func (o Origin) String() string {
	revision := "unknown revision"
	if o.Revision != "" {
		revision = "revision " + o.Revision
	}
	if o.Modified {
		revision += " (modified)"
	}
	switch o.Identity {
	case Portable:
		return revision + ", portable build"
	case "":
		return revision + ", unknown build"
	}
	return revision + ", not the portable build: " + o.Identity
}

// String writes the release of Go and the platform too.
func (b Build) String() string { return fmt.Sprintf("%s, %s %s", b.Origin, b.Go, b.Platform) }
