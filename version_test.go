package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"zerotohero/pipeline/citation"
)

// The version and its date stand in CITATION.cff; the program and CHANGELOG.md have the same.
func TestVersion(t *testing.T) {
	c, err := citation.Parse([]byte(read(t, citation.File)))
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, command(hero, t.TempDir(), "--version"))
	if !strings.HasPrefix(out, "hero "+c.Version+", ") {
		t.Errorf("--version says %s, want version %s", out, c.Version)
	}
	text, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	newest := regexp.MustCompile(`(?m)^## (\d\S*), (\S+)$`).FindSubmatch(text)
	if newest == nil || string(newest[1]) != c.Version || string(newest[2]) != c.Released {
		t.Errorf("CHANGELOG.md begins with %q, want version %s of %s", newest, c.Version, c.Released)
	}
}
