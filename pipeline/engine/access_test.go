package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/internal/unprivileged"
	"zerotohero/pipeline/store"
)

// A damaged record is made anew, and is no reason to think that nothing was computed.
func TestDamagedRecord(t *testing.T) {
	for _, text := range []string{"garbage", `"seconds": 12345`, `{"seconds": 12345}`, ""} {
		b := newBench(t)
		b.run(2)
		before := b.digests()
		path := b.recordPath(b.action("draw/group=a,seeds=11-20"))
		rewrite(t, path, func([]byte) []byte { return []byte(text) })
		i := b.plan().Items[1]
		if got := fmt.Sprint(i.Reasons); i.Status != Run || !strings.Contains(got, path) ||
			!strings.Contains(got, "damaged") {
			t.Errorf("%q: planned %s: %s", text, i.Status, got)
		}
		if ran, _ := b.run(2); !slices.Equal(ran, []string{"draw a11-20"}) || !maps.Equal(before, b.digests()) {
			t.Errorf("%q: ran %v", text, ran)
		}
	}
}

// The record of one stage in place of another's is not that stage's.
func TestSwappedRecord(t *testing.T) {
	b := newBench(t)
	b.run(2)
	before := b.digests()
	other, err := os.ReadFile(b.recordPath(b.action("draw/group=b,seeds=11-20")))
	if err != nil {
		t.Fatal(err)
	}
	rewrite(t, b.recordPath(b.action("draw/group=a,seeds=11-20")), func([]byte) []byte { return other })
	if ran, _ := b.run(2); !slices.Equal(ran, []string{"draw a11-20"}) || !maps.Equal(before, b.digests()) {
		t.Errorf("ran %v", ran)
	}
}

// What cannot be read stops plan and run: it may be there. A link that leads to itself
// cannot be read by anybody.
func TestUnreadableIsNotAbsent(t *testing.T) {
	for name, spoil := range map[string]func(b *bench) (path string){
		"record": func(b *bench) string { return b.recordPath(b.action("draw/group=a,seeds=11-20")) },
		"object": func(b *bench) string { return b.object("draw/group=a,seeds=11-20") },
		"view": func(b *bench) string {
			path := b.dir + "/data/view/draw/group=a,seeds=11-20.json"
			b.sources["stages/draw/draw.go"] = "package draw\n\nconst scale = 9\n"
			return path
		},
		"folder": func(b *bench) string { return b.dir + "/data/actions" },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(2)
			path := spoil(b)
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Base(path), path); err != nil {
				t.Fatal(err)
			}
			st, tree := b.parts()
			e := b.newEngine(st, tree, b.dir+"/out")
			_, err1 := e.Plan(b.graph())
			b.prog.ran = nil
			_, err2 := e.Run(context.Background(), b.graph(), Options{Cores: 2})
			for _, err := range []error{err1, err2} {
				var access *store.AccessError
				if !errors.As(err, &access) || !strings.Contains(err.Error(), path) {
					t.Errorf("not unreadable: %v", err)
				}
			}
			if len(b.prog.ran) > 0 {
				t.Errorf("computed %v", b.prog.ran)
			}
		})
	}
}

// What a stage under way kept and cannot be read is not computed again.
func TestUnreadablePartial(t *testing.T) {
	b := newBench(t)
	plan := b.plan()
	path := b.dir + "/data/partial/" + string(plan.Items[0].Key)
	if err := os.Symlink(filepath.Base(path), path); err != nil {
		t.Fatal(err)
	}
	sum, err := b.engine().Run(context.Background(), b.graph(), Options{Cores: 2})
	if err != nil || len(sum.Failures) != 1 || !strings.Contains(sum.Failures[0].Err.Error(), path) ||
		slices.Contains(b.prog.ran, "draw a1-10") {
		t.Errorf("%+v, %v, ran %v", sum, err, b.prog.ran)
	}
	os.Remove(path)
	os.WriteFile(path, []byte("garbage"), 0o644)
	b.run(2)
	if _, err := os.Stat(path); err == nil {
		t.Error("damaged, it is left behind")
	}
}

// A name longer than that of a file may be does no harm; one that the view cannot hold
// is refused before anything is computed.
func TestLongStageNames(t *testing.T) {
	b := newBench(t)
	long := strings.Repeat("long", 75)
	b.paper = strings.NewReplacer("[stage.change]", "[stage."+long+"]", `["change"]`, `["`+long+`"]`).Replace(b.paper)
	if ran, _ := b.run(2); len(ran) != allStages {
		t.Errorf("ran %v", ran)
	}
	if n := b.plan().Count(Fresh); n != allStages {
		t.Errorf("%d stages are fresh", n)
	}
	b.paper = strings.Replace(b.paper, "add = 1", "add = 2", 1)
	if got := fmt.Sprint(b.plan().Items[6].Reasons); got != "[{parameters [add was 1, is 2]}]" {
		t.Errorf("reasons %s", got)
	}

	for name, want := range map[string]string{
		strings.Repeat("abc/", 2000) + "x": "shorten",
		"../x":                             "another name",
	} {
		b := newBench(t)
		k := b.prog.kinds()
		draw := pipeline.NewStage(name, k[0], drawParams{pipeline.Range{First: 1, Last: 2}, "a"})
		g, err := pipeline.NewGraph([]*pipeline.Stage{draw})
		if err != nil {
			t.Fatal(err)
		}
		_, err1 := b.engine().Plan(g)
		_, err2 := b.engine().Run(context.Background(), g, Options{Cores: 2})
		for _, err := range []error{err1, err2} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%.20s: %v", name, err)
			}
		}
		if len(b.prog.ran) > 0 {
			t.Errorf("%.20s was computed", name)
		}
	}
}

// As another user, this program does with the store of this one what asked says.
const processAsks = "ENGINE_TEST_ASKS"

// ask plans or runs without writing to the store before the engine does.
func ask(dir, what string, out io.Writer) int {
	b := newBench(&testing.B{})
	b.dir = dir
	if what == "run other" {
		b.paper = strings.Replace(b.paper, "add = 1", "add = 2", 1)
	}
	st, tree := b.parts()
	e := b.newEngine(st, tree, os.Getenv("TMPDIR")+"/out")
	if what == "plan" {
		plan, err := e.Plan(b.graph())
		if err != nil {
			fmt.Fprintln(out, err)
			return 1
		}
		fmt.Fprintln(out, plan.Count(Fresh), plan.Count(Restore), plan.Count(Run), "fresh, to restore, to run")
		return 0
	}
	notes := &noter{out: out}
	sum, err := e.Run(context.Background(), b.graph(), Options{Cores: 2, Report: notes})
	if err != nil {
		fmt.Fprintln(out, err)
		return 1
	}
	fmt.Fprintln(out, "ran", len(b.prog.ran), "failures", sum.Failures, "exported", len(sum.Exported), sum.Done)
	return 0
}

// A noter writes notes.
type noter struct {
	silent
	out io.Writer
}

func (n *noter) Note(text string) { fmt.Fprintln(n.out, "note:", text) }

// asNobody runs this program as the user nobody.
func asNobody(t *testing.T, dir, what string) string {
	t.Helper()
	c := unprivileged.Command(t)
	unprivileged.Open(t, dir)
	c.Env = append(c.Env, processDir+"="+dir, processAsks+"="+what)
	c.Dir = "/"
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out)
}

func wantAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in\n%s", p, text)
		}
	}
}

// A store made under umask 077 is not empty to others.
func TestStoreOfAnotherUser(t *testing.T) {
	b := newBench(t)
	b.run(2)
	object := "data/objects/" + string(b.digests()["all"][:2])
	for _, folder := range []string{"data", "data/actions", "data/view/draw", object} {
		os.Chmod(filepath.Join(b.dir, folder), 0o700)
		for _, what := range []string{"plan", "run"} {
			wantAll(t, asNobody(t, b.dir, what), "cannot be read", "permission denied",
				filepath.Join(b.dir, folder)+" belongs to root", "chmod -R a+rX "+b.dir+"/data")
		}
		os.Chmod(filepath.Join(b.dir, folder), 0o755)
	}
	wantAll(t, asNobody(t, b.dir, "plan"), fmt.Sprint(allStages-1, " 1 0 fresh, to restore, to run"))
}

// A complete store that may not be written to serves a run.
func TestReadOnlyStore(t *testing.T) {
	b := newBench(t)
	b.run(2)
	// What a copy of a store need not have.
	for _, d := range []string{"tmp", "locks", "partial"} {
		os.RemoveAll(filepath.Join(b.dir, "data", d))
	}
	// The figure is exported to where it is not yet.
	out := asNobody(t, b.dir, "run")
	wantAll(t, out, "ran 0", "failures []", "exported 1", "fresh:15", "restored:1")
	if strings.Contains(out, "note:") {
		t.Error(out)
	}
	// So is it where the view lags behind, and that is said once.
	for _, stage := range []string{"all", "total/group=a"} {
		os.Remove(filepath.Join(b.dir, "data/view", stage+".arrow"))
	}
	out = asNobody(t, b.dir, "run")
	wantAll(t, out, "ran 0", "failures []", "restored:3", "note: the view is left as it is")
	if strings.Count(out, "note:") != 1 {
		t.Error(out)
	}
	// What has to be computed is refused before.
	wantAll(t, asNobody(t, b.dir, "run other"), "cannot be written to", "belongs to root", "--store")
	err := filepath.WalkDir(b.dir+"/data", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.Contains(path, "/data/tmp") {
			t.Errorf("%s was made", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A store that a group shares, with a folder that one of them made under a umask which
// keeps the others out, is refused before anything is computed.
func TestGroupStoreUnderUmask(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may run a program as another user")
	}
	b := newBench(t)
	b.run(2)
	err := filepath.WalkDir(b.dir+"/data", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = errors.Join(os.Chown(path, 0, 65534), os.Chmod(path, fs.ModeSetgid|0o775))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	folder := b.dir + "/data/objects/" + string(b.digests()["all"][:2])
	os.Chmod(folder, fs.ModeSetgid|0o755)
	out := asNobody(t, b.dir, "run other")
	wantAll(t, out, folder+" belongs to root", "umask 002", "chmod -R g+w "+b.dir+"/data")
	os.Chmod(folder, fs.ModeSetgid|0o775)
	wantAll(t, asNobody(t, b.dir, "run other"), "ran 10 failures []")
}
