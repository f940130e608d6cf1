package git

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository makes a repository with a paper in a folder, committed three times, the last
// without a change of a.txt.
func repository(t *testing.T) (dir string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	// Nothing of this machine's configuration.
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	top := t.TempDir()
	dir = filepath.Join(top, "paper")
	command(t, top, "init", "-q", "-b", "main")
	for _, files := range []map[string]string{
		{"paper/a.txt": "one\r\n", "paper/out/figure": "x", "beside": "y"},
		{"paper/a.txt": "two", "paper/deep/b.go": "package b\n"},
		{"beside": "z"},
	} {
		for name, text := range files {
			os.MkdirAll(filepath.Dir(filepath.Join(top, name)), 0o777)
			os.WriteFile(filepath.Join(top, name), []byte(text), 0o666)
		}
		command(t, top, "add", ".")
		command(t, top, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "Subject, one\n\nMore.")
	}
	return dir
}

func command(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("git", args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v %s", args, err, out)
	}
}

func TestRevisions(t *testing.T) {
	ctx := context.Background()
	r := At(repository(t))
	head, err := r.Commit(ctx, "main")
	if err != nil || len(head.Hash) < 40 || head.Subject != "Subject, one" || head.Time.IsZero() {
		t.Fatalf("%+v, %v", head, err)
	}
	changed, err := r.LastChange(ctx, head, "a.txt")
	before, err1 := r.Commit(ctx, "HEAD~1")
	first, err2 := r.Commit(ctx, "HEAD~2")
	if err := errors.Join(err, err1, err2); err != nil || changed.Hash != before.Hash {
		t.Fatalf("%+v, %v", changed, err)
	}
	if c, err := r.LastChange(ctx, head, "none"); c != nil || err != nil {
		t.Error(c, err)
	}
	for commit, want := range map[*Commit]string{head: "two", first: "one\r\n"} {
		if text, err := r.File(ctx, commit, "./a.txt"); string(text) != want || err != nil {
			t.Errorf("%q, %v", text, err)
		}
	}
	for _, name := range []string{"none", "deep", "../none"} {
		if _, err := r.File(ctx, head, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	tree, err := r.Tree(ctx, head, "out")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if got := strings.Join(names, " "); got != "a.txt deep/b.go" {
		t.Errorf("the tree has %s", got)
	}
	if text, err := fs.ReadFile(tree, "deep/b.go"); string(text) != "package b\n" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

func TestNoRevision(t *testing.T) {
	ctx := context.Background()
	dir := repository(t)
	for _, name := range []string{"", "none", "HEAD~9", "--all", "HEAD:a.txt", "a\nb", "HEAD^{tree}", "ffffffffff"} {
		var unknown *UnknownError
		if c, err := At(dir).Commit(ctx, name); !errors.As(err, &unknown) || unknown.Shallow {
			t.Errorf("%q is %v, %v", name, c, err)
		}
	}
	shallow := filepath.Join(t.TempDir(), "clone")
	command(t, dir, "clone", "-q", "--depth", "1", "file://"+filepath.Dir(dir), shallow)
	_, err := At(shallow).Commit(ctx, "HEAD~1")
	if err == nil || !strings.Contains(err.Error(), "git fetch --unshallow") {
		t.Error(err)
	}
	// Who made a file what it is, the only commit of a shallow clone cannot tell.
	head, err := At(shallow).Commit(ctx, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := At(shallow).LastChange(ctx, head, "paper/a.txt"); c != nil || err != nil {
		t.Error(c, err)
	}
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(t.TempDir()))
	if _, err := At(t.TempDir()).Commit(ctx, "HEAD"); !errors.Is(err, ErrNoRepository) {
		t.Error(err)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := At(dir).Commit(stopped, "HEAD"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := At(dir).Commit(ctx, "HEAD"); !errors.Is(err, ErrNoGit) {
		t.Error(err)
	}
}
