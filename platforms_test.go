package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/build"
)

// compile makes the program for an architecture with the flags of the Makefile and others.
func compile(goarch, to string, flags ...string) error {
	c := exec.Command("make", "-s", "hero", "GOARCH="+goarch, "HERO="+to)
	// What another make, or a caller, has set is not for this one.
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == "MAKEFLAGS" || name == "MAKEOVERRIDES" || name == "MFLAGS" || name == "GOFLAGS"
	})
	c.Env = append(c.Env, "CGO_ENABLED=0", "GOFLAGS="+strings.Join(flags, " "))
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s%v: %w", out, c.Args, err)
	}
	return nil
}

// emulators run a program of another architecture.
var emulators = map[string]string{"amd64": "qemu-x86_64-static", "arm64": "qemu-aarch64-static"}

// wantSame computes the artifacts of the smoke profile that are wanted with a program, the
// arguments before the verb and an environment, and wants them the same to the bit.
func wantSame(t *testing.T, want map[string]string, program []string, env ...string) {
	t.Helper()
	dir := folder(t, read(t, "paper.toml"))
	c := command(program[0], dir, append(program[1:], "run", "--profile", "smoke")...)
	for name := range want {
		c.Args = append(c.Args, strings.TrimSuffix(name, ".arrow"))
	}
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	if strings.Contains(string(out), "this processor does not support it") {
		t.Skipf("this processor lacks %v", env)
	}
	if err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, out)
	}
	got := artifacts(t, dir)
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s is not that of the reference run on %s", name, runtime.GOARCH)
		}
	}
	for name := range got {
		// A figure may be called as a family is.
		if want[name] == "" && !strings.HasPrefix(name, "figure/") {
			t.Errorf("%s is not among the artifacts wanted", name)
		}
	}
}

// All artifacts are the same with every kernel, on one core and on two, and on every
// architecture. Figures, which call no kernel, are drawn again with one kernel alone.
func TestPlatforms(t *testing.T) {
	want := artifacts(t, referenceRun(t).dir)
	t.Run("go", func(t *testing.T) { wantSame(t, want, []string{hero}, "HERO_KERNEL=go", "GOMAXPROCS=1") })
	if runtime.GOARCH == "amd64" {
		computed := maps.Clone(want)
		maps.DeleteFunc(computed, func(name, _ string) bool { return strings.HasPrefix(name, "figure/") })
		for _, kernel := range []string{"avx2", "avx512"} {
			t.Run(kernel, func(t *testing.T) {
				wantSame(t, computed, []string{hero}, "HERO_KERNEL="+kernel, "GOMAXPROCS=2")
			})
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
			if err := compile(goarch, program); err != nil {
				t.Fatal(err)
			}
			if b := howBuilt(t, program); b.Identity != build.Portable {
				t.Errorf("it is taken for another build: %s", b)
			}
			wantSame(t, want, []string{path, program})
		})
	}
}

func howBuilt(t *testing.T, program string, alter ...debug.BuildSetting) build.Build {
	t.Helper()
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	info.Settings = append(info.Settings, alter...)
	b, err := build.Of(info, sources, deviations)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A build with the flags of the Makefile is told from others.
func TestBuild(t *testing.T) {
	if b := howBuilt(t, hero); b.Identity != build.Portable {
		t.Errorf("of make hero: %s", b)
	}
	for want, other := range map[string]debug.BuildSetting{
		"without -tags=noasm":                {Key: "-tags", Value: "tinygo"},
		"with the tag bounds":                {Key: "-tags", Value: "noasm,bounds"},
		"without -gcflags=all=-d=fmahash=qn": {Key: "GOARCH", Value: "riscv64"},
		"with the compiler gccgo":            {Key: "-compiler", Value: "gccgo"},
		"with -asmflags=-DX":                 {Key: "-asmflags", Value: "-DX"},
		"with -ldflags=-X a.b=c":             {Key: "-ldflags", Value: "-X a.b=c"},
		"with GOEXPERIMENT=simd":             {Key: "GOEXPERIMENT", Value: "simd"},
	} {
		if b := howBuilt(t, hero, other, debug.BuildSetting{Key: "-gcflags", Value: ""}); b.Identity != want {
			t.Errorf("%s: %q", want, b.Identity)
		}
	}
	if out := run(t, command(hero, ".", "--version")); !strings.Contains(out, "portable build") ||
		!strings.Contains(out, runtime.Version()) {
		t.Errorf("--version says %s", out)
	}
}

// Each file is read twice, as a file and, after the magic, as a stream; every value is.
const readArrow = `
const arrow = require("apache-arrow"), fs = require("fs");
function read(bytes) {
	try {
		const table = arrow.tableFromIPC(bytes);
		for (const row of table) JSON.stringify(row.toJSON(), (_, v) => typeof v == "bigint" ? String(v) : v);
		return {rows: table.numRows, columns: table.schema.fields.map(f => f.name)};
	} catch (e) {
		return {error: String(e)};
	}
}
console.log(JSON.stringify(process.argv.slice(1).map(f => {
	const bytes = fs.readFileSync(f);
	return {file: read(bytes), stream: read(bytes.subarray(8))};
})));
`

// Artifacts are read by another implementation of Arrow, in JavaScript.
func TestArrowInJavaScript(t *testing.T) {
	node := nodeWith(t, "apache-arrow")
	var files []string
	err := filepath.WalkDir(filepath.Join(referenceRun(t).dir, "data/objects"),
		func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, path)
			}
			return err
		})
	if err != nil || len(files) < 100 {
		t.Fatalf("%d artifacts, %v", len(files), err)
	}
	c := exec.Command(node, append([]string{"-e", readArrow, "--"}, files...)...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	type content struct {
		Rows    int
		Columns []string
		Error   string
	}
	var read []struct{ File, Stream content }
	if err := json.Unmarshal(out, &read); err != nil || len(read) != len(files) {
		t.Fatalf("%d of %d artifacts were read, %v", len(read), len(files), err)
	}
	for k, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		tab, err := artifact.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, col := range tab.Columns() {
			if !strings.Contains(col.Name, ".") {
				names = append(names, col.Name)
			}
		}
		for how, got := range map[string]content{"file": read[k].File, "stream": read[k].Stream} {
			if got.Error != "" || got.Rows != tab.NumRows() ||
				strings.Join(got.Columns, " ") != strings.Join(names, " ") {
				t.Errorf("%s (%s) as a %s: %+v; it has %d rows and the columns %v", path, tab.Kind, how, got,
					tab.NumRows(), names)
			}
		}
	}
}
