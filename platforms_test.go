package main

import (
	"debug/buildinfo"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// build makes the program for an architecture with the flags of the Makefile.
func build(goarch, to string) error {
	c := exec.Command("make", "-s", "hero", "GOARCH="+goarch, "HERO="+to)
	// What another make, or a caller, has set is not for this one.
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == "MAKEFLAGS" || name == "MAKEOVERRIDES" || name == "MFLAGS" || name == "GOFLAGS"
	})
	c.Env = append(c.Env, "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s%v: %w", out, c.Args, err)
	}
	return nil
}

// emulators run a program of another architecture.
var emulators = map[string]string{"amd64": "qemu-x86_64-static", "arm64": "qemu-aarch64-static"}

// All artifacts, figures included, are the same to the bit with every kernel, on one
// core and on two, and on every architecture.
func TestPlatforms(t *testing.T) {
	want := artifacts(t, wholeRun(t).dir)
	same := func(t *testing.T, cores string, program []string, env ...string) {
		dir := folder(t)
		c := exec.Command(program[0], append(program[1:], "run", "--profile", "smoke", "-j", cores)...)
		c.Dir, c.Env = dir, append(os.Environ(), env...)
		out, err := c.CombinedOutput()
		if strings.Contains(string(out), "this processor does not support it") {
			t.Skipf("this processor lacks %v", env)
		}
		if err != nil {
			t.Fatalf("%v: %v\n%s", c.Args, err, out)
		}
		got := artifacts(t, dir)
		if maps.Equal(got, want) {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if got[name] != want[name] {
				t.Errorf("%s is not that of the whole run on %s", name, runtime.GOARCH)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d artifacts, want %d", len(got), len(want))
		}
	}
	t.Run("go", func(t *testing.T) { same(t, "1", []string{hero}, "HERO_KERNEL=go") })
	if runtime.GOARCH == "amd64" {
		for _, kernel := range []string{"avx2", "avx512"} {
			t.Run(kernel, func(t *testing.T) { same(t, "2", []string{hero}, "HERO_KERNEL="+kernel) })
		}
	}
	for goarch, emulator := range emulators {
		if goarch == runtime.GOARCH || runtime.GOOS != "linux" {
			continue
		}
		t.Run(goarch, func(t *testing.T) {
			if testing.Short() {
				t.Skip("building for another architecture and emulating it takes a minute")
			}
			path, err := exec.LookPath(emulator)
			if err != nil {
				t.Skipf("no %s to run %s programs with; install qemu-user-static", emulator, goarch)
			}
			program := filepath.Join(t.TempDir(), "hero")
			if err := build(goarch, program); err != nil {
				t.Fatal(err)
			}
			if info, err := buildinfo.ReadFile(program); err != nil || buildNote(info) != "" {
				t.Errorf("verify takes the build for another: %v", err)
			}
			same(t, "2", []string{path, program})
		})
	}
}

// verify knows a build with the flags of the Makefile from others.
func TestBuildNote(t *testing.T) {
	info, err := buildinfo.ReadFile(hero)
	if err != nil {
		t.Fatal(err)
	}
	if note := buildNote(info); note != "" {
		t.Errorf("of make hero: %s", note)
	}
	for name, lack := range map[string]debug.BuildSetting{
		"-tags=noasm":                {Key: "-tags", Value: ""},
		"-gcflags=all=-d=fmahash=qn": {Key: "GOARCH", Value: "riscv64"},
	} {
		other := *info
		other.Settings = append(slices.Clone(info.Settings), lack, debug.BuildSetting{Key: "-gcflags", Value: ""})
		if note := buildNote(&other); !strings.Contains(note, "without "+name+",") {
			t.Errorf("lacking %s: %q", name, note)
		}
	}
}
