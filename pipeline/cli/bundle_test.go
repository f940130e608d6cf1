package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
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
