package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sourceOf is what the store keeps of a declaration of a stage's code, and in which file.
func (b *bench) sourceOf(stage, declaration string) (text, path string) {
	b.t.Helper()
	m, err := b.store.Code(b.action(stage).Code)
	if err != nil || m == nil {
		b.t.Fatal(err)
	}
	for _, p := range m.Packages {
		texts, err := b.store.Sources(p.Sum)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, d := range p.Declarations {
			if d.Name == declaration {
				return string(texts[d.Sum]), b.store.SourcesPath(p.Sum)
			}
		}
	}
	b.t.Fatal("no ", declaration)
	return "", ""
}

// The source of code that was edited since is kept, and what the edit does not touch once.
func TestSourcesAreKept(t *testing.T) {
	b := audited(t)
	before := b.action(oneDraw).Code
	text, path := b.sourceOf(oneDraw, "scale")
	if !strings.Contains(text, "const scale = 1") {
		t.Errorf("kept %q", text)
	}
	kept, _ := filepath.Glob(b.dir + "/data/code/sources/*.tar.gz")
	b.sources["stages/draw/draw.go"] = "package draw\n\n// scale is arbitrary.\nconst scale = 2\n"
	b.run(2)
	if b.action(oneDraw).Code == before {
		t.Fatal("the edit changes no code")
	}
	if text, _ := b.sourceOf(oneDraw, "scale"); !strings.Contains(text, "const scale = 2") {
		t.Errorf("kept %q", text)
	}
	now, _ := filepath.Glob(b.dir + "/data/code/sources/*.tar.gz")
	if _, err := os.Stat(path); err != nil || len(now) != len(kept)+1 {
		t.Errorf("%d files of sources became %d, %v", len(kept), len(now), err)
	}
	// A store of a program that kept none gets those of what is computed.
	os.RemoveAll(b.dir + "/data/code/sources")
	if ran, _ := b.run(2); len(ran) != 0 {
		t.Errorf("ran %v", ran)
	}
	if text, _ := b.sourceOf(oneDraw, "scale"); !strings.Contains(text, "const scale = 2") {
		t.Errorf("kept %q", text)
	}
	if f := AuditStore(b.store).Findings; len(f) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestAuditOfSources(t *testing.T) {
	for name, spoil := range map[string]func(b *bench, path string){
		"garbage":   func(b *bench, path string) { rewrite(t, path, func([]byte) []byte { return []byte("garbage") }) },
		"empty":     func(b *bench, path string) { rewrite(t, path, func([]byte) []byte { return nil }) },
		"truncated": func(b *bench, path string) { rewrite(t, path, func(z []byte) []byte { return z[:len(z)/2] }) },
		"another": func(b *bench, path string) {
			sum := strings.TrimSuffix(filepath.Base(path), ".tar.gz")
			texts, _ := b.store.Sources(sum)
			for name, text := range texts {
				texts[name] = []byte(strings.Replace(string(text), "= 1", "= 2", 1))
			}
			if err := b.store.PutSources(sum, texts); err != nil {
				t.Error(err)
			}
		},
	} {
		b := audited(t)
		_, path := b.sourceOf(oneDraw, "scale")
		spoil(b, path)
		a := AuditStore(b.store)
		if len(a.Findings) != 1 || a.Findings[0].Path != path || a.Findings[0].Problem != Edited || !a.Findings[0].MustRemove {
			t.Errorf("%s: found %+v", name, a.Findings)
		}
		os.WriteFile(filepath.Dir(path)+"/note", nil, 0o666)
		if a := AuditStore(b.store); len(a.Findings) != 2 || a.Count(Stray) != 1 {
			t.Errorf("a note: %+v", a.Findings)
		}
		os.Remove(filepath.Dir(path) + "/note")
		// What verify says to do mends it.
		os.Remove(path)
		b.run(1)
		if f := AuditStore(b.store).Findings; len(f) != 0 {
			t.Errorf("%s, removed: %+v", name, f)
		}
	}
}
