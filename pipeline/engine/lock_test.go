package engine

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline/digest"
)

var (
	zeros = digest.Artifact(strings.Repeat("0", 64))
	ones  = digest.Artifact(strings.Repeat("1", 64))
)

func lockFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "paper.lock")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLockFileMistakes(t *testing.T) {
	head := lockHead + "p; written.\n"
	for name, c := range map[string]struct{ text, want string }{
		"a stage twice": {head + string(zeros) + "  a\n" + string(ones) + "  b\n" + string(zeros) + "  a\n",
			":4: stage a has a digest in line 2"},
		"a profile twice": {head + string(zeros) + "  a\n\n" + head + string(ones) + "  a\n",
			":4: profile p has a section from line 1"},
		"no profile":           {"# a comment\n" + string(zeros) + "  a\n", ":2: a digest before the first line"},
		"an empty profile":     {lockHead + "\n", ":1: want the name of a profile"},
		"profiles of one line": {lockHead + "p and q; written.\n", ":1: want the name of a profile"},
		"no digits":            {head + strings.Repeat("x", 64) + "  a\n", ":2: want a digest of 64 hex digits"},
		"upper case":           {head + strings.Repeat("A", 64) + "  a\n", ":2: want a digest"},
		"a short digest":       {head + string(zeros[1:]) + "  a\n", ":2: want a digest"},
		"no stage":             {head + string(zeros) + "  \n", ":2: want a digest"},
		"three blanks":         {head + string(zeros) + "   a\n", ":2: want a digest"},
		"a merge":              {head + "<<<<<<< ours\n" + string(zeros) + "  a\n", ":2: want a digest"},
		"a long line":          {head + strings.Repeat("y", 1<<20) + "\n", ":2: want a digest"},
	} {
		path := lockFile(t, c.text)
		if f, err := ReadLockFile(path); err == nil || !strings.Contains(err.Error(), path+c.want) || len(err.Error()) > 400 {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}

func TestLockFileHarmless(t *testing.T) {
	long := "s/" + strings.Repeat("y", 1<<20)
	for name, text := range map[string]string{
		"a mark":      "\ufeff" + lockHead + "p; x\n" + string(zeros) + "  a\n",
		"CRLF":        lockHead + "p; x\r\n\r\n" + string(zeros) + "  a\r\n",
		"no line end": lockHead + "p\n" + string(zeros) + "  a",
		"long lines":  lockHead + "p\n" + string(zeros) + "  a\n" + string(ones) + "  " + long + "\n",
		"comments":    "# a\n\n" + lockHead + "p\n# b\n" + string(zeros) + "  a\n#c\n",
	} {
		f, err := ReadLockFile(lockFile(t, text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if l := f.Of("p"); l == nil || l.Digests["a"] != zeros {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// A section is added or replaced and the others stay as they are, byte for byte.
func TestLockFileSections(t *testing.T) {
	p := lockHead + "p; by hand.\r\n" + string(zeros) + "  b\r\n" + string(zeros) + "  a\r\n"
	q := "\n# of the second\n" + lockHead + "q; by hand.\n" + string(ones) + "  a\n"
	path := lockFile(t, "# mine\n"+p+q)
	put := func(l *Lock) string {
		t.Helper()
		f, err := ReadLockFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f.Put(l)
		if err := f.Write(); err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(path)
		return string(text)
	}
	r := &Lock{"r", map[string]digest.Artifact{"z": ones, "y": zeros}}
	written := lockHead + "r; written by verify --update.\n" + string(zeros) + "  y\n" + string(ones) + "  z\n"
	if got, want := put(r), "# mine\n"+p+q+written; got != want {
		t.Errorf("added:\n%s\nwant\n%s", got, want)
	}
	// The comment before q is not p's to lose.
	replaced := lockHead + "p; written by verify --update.\n" + string(ones) + "  c\n"
	if got, want := put(&Lock{"p", map[string]digest.Artifact{"c": ones}}), "# mine\n"+replaced+q+written; got != want {
		t.Errorf("replaced:\n%s\nwant\n%s", got, want)
	}
	if got := put(r); !strings.HasSuffix(got, q+written) {
		t.Errorf("replaced the last:\n%s", got)
	}
	f, err := ReadLockFile(path)
	if err != nil || !slices.Equal(f.Profiles(), []string{"p", "q", "r"}) || f.Of("q").Digests["a"] != ones ||
		f.Of("s") != nil {
		t.Errorf("%+v, %v", f, err)
	}
	path = lockFile(t, strings.TrimSuffix(q, "\n"))
	if got := put(r); got != q+written {
		t.Errorf("after a last line without an end:\n%s", got)
	}
}
