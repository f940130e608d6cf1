package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"zerotohero/pipeline/bundle"
)

const testCitation = `cff-version: 1.2.0
message: Cite it.
title: A test
authors:
  - given-names: Ada
    family-names: Byron
    orcid: https://orcid.org/0000-0002-1825-0097
version: 1.2.3
date-released: 2026-01-02
license: MIT
`

// bundling moves the test to a folder with all that a bundle needs.
func bundling(t *testing.T) {
	t.Helper()
	in(t, testPaper)
	if err := os.WriteFile("CITATION.cff", []byte(testCitation), 0o666); err != nil {
		t.Fatal(err)
	}
	hero(t, 0, "run")
}

// inBundle reads a file of an archive.
func inBundle(t *testing.T, path, name string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBundleLicenses(t *testing.T) {
	bundling(t)
	wantAll(t, hero(t, 0, "bundle -o a.zip"), "wrote a.zip: 6 stages of profile all")
	wantAll(t, inBundle(t, "a.zip", bundle.MetadataFile), `"license": {
    "@id": "https://spdx.org/licenses/MIT"`, `"@id": "https://orcid.org/0000-0002-1825-0097"`, `"name": "Ada Byron"`,
		`"datePublished": "2026-01-02"`, `"version": "1.2.3"`)
	// Data can have a licence of their own; the sources keep theirs.
	write(t, testPaper+"[report]\nlicense = \"CC-BY-4.0\"\n")
	hero(t, 0, "bundle -o b.zip")
	text := inBundle(t, "b.zip", bundle.MetadataFile)
	wantAll(t, text, `"https://spdx.org/licenses/CC-BY-4.0"`, `"https://spdx.org/licenses/MIT"`)
	write(t, testPaper+"[report]\nlicense = \"Creative Commons\"\n")
	wantAll(t, hero(t, 2, "bundle -o c.zip"), "paper.toml:13: ", "must be an identifier of https://spdx.org/licenses")
}

func TestBundleMistakes(t *testing.T) {
	in(t, testPaper)
	wantAll(t, hero(t, 2, "bundle"), `"output" not set`)
	wantAll(t, hero(t, 1, "bundle -o a.zip"),
		"6 of 6 stages of profile all have to run; do so first, with: hero run --profile all")
	hero(t, 0, "run")
	wantAll(t, hero(t, 2, "bundle -o a.zip"), "no CITATION.cff in this folder")
	os.WriteFile("CITATION.cff", []byte(strings.Replace(testCitation, "version: 1.2.3\n", "", 1)), 0o666)
	wantAll(t, hero(t, 2, "bundle -o a.zip"), "CITATION.cff: it needs version")
	os.WriteFile("CITATION.cff", []byte(testCitation), 0o666)
	os.WriteFile("there.zip", []byte("mine"), 0o666)
	wantAll(t, hero(t, 2, "bundle -o there.zip"), "there.zip is there already; remove it or name another file with -o")
	wantAll(t, hero(t, 2, "bundle -o no/folder.zip"), "as no is not a folder")
	hero(t, 0, "verify --update")
	lock, _ := os.ReadFile("paper.lock")
	gone := bytes.Replace(lock, []byte("\n"), []byte("\n"+strings.Repeat("0", 64)+"  gone\n"), 1)
	os.WriteFile("paper.lock", gone, 0o666)
	wantAll(t, hero(t, 1, "bundle -o a.zip"), "artifacts are not as paper.lock has them")
	os.WriteFile("paper.lock", lock, 0o666)
	// Damage that a plan does not look for.
	codes, _ := filepath.Glob("data/code/[0-9a-f]*.json")
	for _, path := range codes {
		os.Remove(path)
	}
	wantAll(t, hero(t, 1, "bundle -o a.zip"),
		"a.zip is not written: the store has lost what the code of draw/seeds=1-1 is made of")
	left, _ := filepath.Glob(".a.zip*")
	if _, err := os.Stat("a.zip"); err == nil || len(left) > 0 {
		t.Errorf("a bundle that failed left a file, %v", left)
	}
	if text, _ := os.ReadFile("there.zip"); string(text) != "mine" {
		t.Error("a file that was there was written")
	}
}

// A file is there whole or not at all, and is never written over another.
func TestWriteNew(t *testing.T) {
	t.Chdir(t.TempDir())
	full := func(w io.Writer) error {
		io.WriteString(w, "half")
		return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	if _, err := writeNew("x", full); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	late := func(w io.Writer) error { return os.WriteFile("x", []byte("theirs"), 0o666) }
	if _, err := writeNew("x", late); !errors.Is(err, os.ErrExist) {
		t.Error(err)
	}
	if files, _ := os.ReadDir("."); len(files) != 1 {
		t.Errorf("%v are left", files)
	}
	if text, _ := os.ReadFile("x"); string(text) != "theirs" {
		t.Errorf("x is %s", text)
	}
}

func TestBundleStopped(t *testing.T) {
	bundling(t)
	w := &workspace{app: testApp(), storeDir: storeDir, errs: io.Discard}
	defer w.close()
	w.rootCommand()
	contents, err := w.bundleContents(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := bundle.Write(ctx, io.Discard, contents); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A bundle fills the store of a clone, which then has nothing to compute.
func TestPullBundle(t *testing.T) {
	bundling(t)
	hero(t, 0, "verify --update")
	hero(t, 0, "bundle -o paper.zip")
	os.RemoveAll("data")
	wantAll(t, hero(t, 0, "pull paper.zip draw/seeds=4-4"), "1 stages: 0 ran, 1 fetched")
	wantAll(t, hero(t, 0, "pull paper.zip"), "6 stages: 0 ran, 5 fetched, 1 fresh")
	wantAll(t, hero(t, 0, "run"), "6 stages: 0 ran, 6 fresh")
	wantAll(t, hero(t, 0, "verify"), "bit for bit")
	wantAll(t, hero(t, 2, "push paper.zip"), "it can only be read; push to a folder, and make another bundle")
	hero(t, 0, "bundle -o small.zip --figures-only")
	wantAll(t, hero(t, 2, "pull small.zip --store other"), "it has no store; it was made with --figures-only")
	wantAll(t, hero(t, 2, "pull none.zip --store other"), "no such file")
}

// An archive that was tampered with gives nothing that is not as it says, and the store stays sound.
func TestPullForgedBundle(t *testing.T) {
	bundling(t)
	hero(t, 0, "bundle -o paper.zip")
	var object, record string
	names := make(map[string]string) // text by name
	z, err := zip.OpenReader("paper.zip")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		names[f.Name] = inBundle(t, "paper.zip", f.Name)
		if strings.HasPrefix(f.Name, "data/objects/") && object == "" {
			object = f.Name
		}
		if strings.HasPrefix(f.Name, "data/actions/") && record == "" {
			record = f.Name
		}
	}
	z.Close()
	for what, c := range map[string]struct {
		code int
		edit func(files map[string]string)
		want string
	}{
		"an artifact of other bytes": {1, func(f map[string]string) { f[object] = strings.Repeat("x", len(f[object])) },
			"its content has another digest"},
		"a long artifact":     {1, func(f map[string]string) { f[object] += "x" }, "longer than"},
		"no artifact":         {1, func(f map[string]string) { delete(f, object) }, "it is missing, and the record"},
		"an edited record":    {1, func(f map[string]string) { f[record] = strings.Replace(f[record], "askew", "asked", 1) }, "is refused"},
		"no record":           {1, func(f map[string]string) { delete(f, record) }, "1 stage not at the remote"},
		"a name outside":      {2, func(f map[string]string) { f["../"+object] = "x" }, "is not the path of a file below a folder"},
		"an absolute name":    {2, func(f map[string]string) { f["/tmp/x"] = "x" }, "is not the path of a file below a folder"},
		"what is no artifact": {0, func(f map[string]string) { f["data/objects/zz"] = "x" }, "6 fetched"},
	} {
		files := maps.Clone(names)
		c.edit(files)
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range slices.Sorted(maps.Keys(files)) {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(w, files[name])
		}
		z.Close()
		os.RemoveAll("other")
		os.WriteFile("forged.zip", b.Bytes(), 0o666)
		if out := hero(t, c.code, "pull forged.zip --store other"); !strings.Contains(out, c.want) {
			t.Errorf("%s: want %q in\n%s", what, c.want, out)
		}
		wantSound(t, "other")
	}
	// Cut off anywhere, it is no archive; a flipped bit is found or harmless.
	whole, _ := os.ReadFile("paper.zip")
	rng := rand.New(rand.NewPCG(8, 1))
	for range 20 {
		os.RemoveAll("other")
		os.WriteFile("forged.zip", whole[:rng.IntN(len(whole))], 0o666)
		wantAll(t, hero(t, 2, "pull forged.zip --store other"), "forged.zip is no bundle")
		damaged := bytes.Clone(whole)
		damaged[rng.IntN(len(damaged))] ^= 1 << rng.IntN(8)
		os.WriteFile("forged.zip", damaged, 0o666)
		var out bytes.Buffer
		if code := execute(testApp(), strings.Fields("pull forged.zip --store other"), &out, &out); code > 2 {
			t.Errorf("exit code %d\n%s", code, out.String())
		}
		wantSound(t, "other")
	}
}
