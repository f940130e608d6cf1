package build

import (
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"
)

const goMod = `module example

go 1.26

require (
	a.org/linear v1.2.0
	a.org/replaced v0.1.0
)

replace a.org/replaced => a.org/fork v0.2.0
`

func noasm(set map[string]string) []string {
	if set["-tags"] != "noasm" {
		return []string{"without -tags=noasm"}
	}
	return nil
}

func TestOf(t *testing.T) {
	linear := &debug.Module{Path: "a.org/linear", Version: "v1.2.0", Sum: "h1:x"}
	replaced := &debug.Module{Path: "a.org/replaced", Version: "v0.1.0",
		Replace: &debug.Module{Path: "a.org/fork", Version: "v0.2.0", Sum: "h1:y"}}
	for _, c := range []struct {
		name     string
		tags     string
		deps     []*debug.Module
		identity string // what it begins with
		program  bool   // the program itself is part of it
	}{
		{"portable", "noasm", []*debug.Module{linear, replaced}, Portable, false},
		{"other tags", "", []*debug.Module{linear}, "without -tags=noasm", false},
		{"another version", "noasm", []*debug.Module{{Path: "a.org/linear", Version: "v1.3.0", Sum: "h1:z"}},
			"module a.org/linear v1.3.0, not v1.2.0", false},
		{"another replacement", "noasm", []*debug.Module{{Path: "a.org/linear", Version: "v1.2.0",
			Replace: &debug.Module{Path: "b.org/l", Version: "v1.2.0", Sum: "h1:z"}}},
			"module a.org/linear b.org/l v1.2.0, not v1.2.0", false},
		{"a module more", "noasm", []*debug.Module{{Path: "a.org/more", Version: "v1.0.0", Sum: "h1:z"}},
			"module a.org/more v1.0.0, which go.mod does not have", false},
		{"a workspace", "noasm", []*debug.Module{{Path: "a.org/linear", Version: "(devel)"}},
			"module a.org/linear from a folder", true},
		{"a replacing folder", "", []*debug.Module{{Path: "a.org/linear", Version: "v1.2.0",
			Replace: &debug.Module{Path: "../linear"}}},
			"module a.org/linear from a folder; without -tags=noasm", true},
		{"a vendored module", "noasm", []*debug.Module{{Path: "a.org/linear", Version: "v1.2.0"}},
			"module a.org/linear from a folder", true},
	} {
		info := &debug.BuildInfo{Deps: c.deps, Settings: []debug.BuildSetting{
			{Key: "-tags", Value: c.tags}, {Key: "vcs.revision", Value: "3f2a"}, {Key: "vcs.modified", Value: "true"}}}
		b, err := Of(info, fstest.MapFS{"go.mod": {Data: []byte(goMod)}}, noasm)
		if err != nil {
			t.Fatal(err)
		}
		identity, program, found := strings.Cut(b.Identity, "; program ")
		if identity != c.identity || found != c.program || found && len(program) != 64 {
			t.Errorf("%s: identity %q, want %q", c.name, b.Identity, c.identity)
		}
		if (b.Identity == Portable) != (b.Deviations == nil) {
			t.Errorf("%s: deviations %q", c.name, b.Deviations)
		}
		if !strings.Contains(b.String(), "revision 3f2a (modified), ") || !strings.Contains(b.String(), ", go1.") {
			t.Errorf("%s: %s", c.name, b)
		}
	}
	if _, err := Of(new(debug.BuildInfo), fstest.MapFS{}, noasm); err == nil || !strings.Contains(err.Error(), "go.mod") {
		t.Errorf("no go.mod: %v", err)
	}
}
