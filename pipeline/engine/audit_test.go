package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/internal/unprivileged"
	"zerotohero/pipeline/store"
)

// audited is a bench that has run.
func audited(t *testing.T) *bench {
	b := newBench(t)
	b.run(2)
	return b
}

// wantFinding audits the store and wants exactly one finding.
func (b *bench) wantFinding(problem Problem, path string, details ...string) {
	b.t.Helper()
	a := AuditStore(b.store)
	if len(a.Findings) != 1 || a.Findings[0].Problem != problem || a.Findings[0].Path != path {
		b.t.Fatalf("found %+v, want %s %s", a.Findings, problem, path)
	}
	for _, d := range details {
		if !strings.Contains(a.Findings[0].Detail, d) {
			b.t.Errorf("no %q in %q", d, a.Findings[0].Detail)
		}
	}
}

func (b *bench) action(stage string) *store.Action {
	b.t.Helper()
	for _, i := range b.plan().Items {
		if i.Stage.Name == stage {
			return i.Action
		}
	}
	b.t.Fatal("no stage ", stage)
	return nil
}

func (b *bench) recordPath(a *store.Action) string {
	return filepath.Join(b.dir, "data/actions", string(a.Key)+".json")
}

const oneDraw = "draw/group=a,seeds=11-20"

func TestAuditOfSoundStore(t *testing.T) {
	b := audited(t)
	a := AuditStore(b.store)
	if len(a.Findings) != 0 || a.Artifacts < 10 || a.Records != allStages || a.Links != 2*allStages {
		t.Errorf("%+v", a)
	}
	// Earlier versions, other names and what systems leave behind are no findings.
	b.paper = strings.ReplaceAll(strings.ReplaceAll(b.paper, "change]", "altered]"), `["change"]`, `["altered"]`)
	b.run(2)
	b.paper = strings.Replace(b.paper, "add = 1", "add = 2", 1)
	b.run(2)
	os.WriteFile(b.dir+"/data/actions/.DS_Store", nil, 0o666)
	os.WriteFile(b.dir+"/data/objects/.DS_Store", nil, 0o666)
	if a := AuditStore(b.store); len(a.Findings) != 0 || a.Records <= allStages {
		t.Errorf("%+v", a)
	}
}

// Every edit of a record is found, whichever field it is in.
func TestAuditFindsEdits(t *testing.T) {
	b := audited(t)
	a := b.action("change/group=a,seeds=11-20")
	path := b.recordPath(a)
	whole, _ := os.ReadFile(path)
	for _, c := range []struct{ old, new string }{
		{`"seconds": `, `"seconds": 12345`},
		{`"host": "`, `"host": "x`},
		{`"size": `, `"size": 1`},
		{`"start": "2`, `"start": "1`},
		{`"stage": "change/group=a`, `"stage": "change/group=b`},
		{`"kind": "change"`, `"kind": "changes"`},
		{`"add": 1`, `"add": 2`},
		{`"output": "` + string(a.Output), `"output": "` + string(b.action(oneDraw).Output)},
		{`"digest": "` + string(a.Inputs[0].Digest), `"digest": "` + string(a.Output)},
		{`"go": `, `"goo": `},
		{`"kind"`, `"Seconds": 3, "kind"`},
		{`"sum": "`, `"sum": "0`},
		{`"sum": "`, `"total": "`},
	} {
		edited := strings.Replace(string(whole), c.old, c.new, 1)
		if edited == string(whole) {
			t.Fatalf("no %s in %s", c.old, whole)
		}
		rewrite(t, path, func([]byte) []byte { return []byte(edited) })
		found := AuditStore(b.store).Findings
		if len(found) == 0 || found[0].Path != path && found[len(found)-1].Path != path {
			t.Errorf("%s to %s: %+v", c.old, c.new, found)
		}
		// And a run computes the stage again rather than trust it.
		if b.plan().Count(Run) == 0 {
			t.Errorf("%s to %s passed for a record", c.old, c.new)
		}
	}
	// Layout is not content.
	var flat bytes.Buffer
	json.Compact(&flat, whole)
	rewrite(t, path, func([]byte) []byte { return flat.Bytes() })
	if f := AuditStore(b.store).Findings; len(f) != 0 {
		t.Errorf("%+v", f)
	}
}

// Records of an earlier format are counted, and no run takes anything from them.
func TestAuditOfEarlierRecords(t *testing.T) {
	b := audited(t)
	a := b.action(oneDraw)
	rewrite(t, b.recordPath(a), func(text []byte) []byte {
		text = regexp.MustCompile(`,\s*"sum": "[0-9a-f]*"`).ReplaceAll(text, nil)
		return bytes.Replace(text, []byte(`"format": "`+a.Format), []byte(`"format": "0`), 1)
	})
	if found := AuditStore(b.store); found.Earlier != 1 || len(found.Findings) != 0 {
		t.Errorf("%+v", found)
	}
	if ran, _ := b.run(1); len(ran) != 1 {
		t.Errorf("ran %v", ran)
	}
}

func TestAuditFindsGarbage(t *testing.T) {
	for _, text := range []string{"garbage", "", "null", "[]", "{}", `{"key":`, `{"key":"../../x"}`} {
		b := audited(t)
		path := b.recordPath(b.action(oneDraw))
		rewrite(t, path, func([]byte) []byte { return []byte(text) })
		b.wantFinding(Damaged, path, "not the record of an action")
		if ran, _ := b.run(1); len(ran) != 1 {
			t.Errorf("%q: ran %v", text, ran)
		}
		if f := AuditStore(b.store).Findings; len(f) != 0 {
			t.Errorf("%q: after the run %+v", text, f)
		}
	}
	b := audited(t)
	for _, dir := range []string{"actions", "objects", "objects/ab"} {
		path := filepath.Join(b.dir, "data", dir, "notes.txt")
		os.MkdirAll(filepath.Dir(path), 0o777)
		os.WriteFile(path, []byte("mine"), 0o666)
		b.wantFinding(Stray, path)
		os.Remove(path)
	}
}

// forge records a changed action, with a checksum that fits.
func (b *bench) forge(stage string, change func(*store.Action)) string {
	b.t.Helper()
	a := *b.action(stage)
	path := b.recordPath(&a)
	change(&a)
	if err := b.store.PutAction(&a); err != nil {
		b.t.Fatal(err)
	}
	if b.recordPath(&a) != path {
		if err := os.Rename(b.recordPath(&a), path); err != nil {
			b.t.Fatal(err)
		}
	}
	return path
}

func TestAuditOfForgedRecords(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(b *bench, a *store.Action)
		problem Problem
		detail  string
	}{
		{"output of another kind", func(b *bench, a *store.Action) {
			x := b.action("change/group=a,seeds=11-20")
			a.Output, a.Size = x.Output, x.Size
		}, Swapped, `of kind "change"`},
		{"output of other parameters", func(b *bench, a *store.Action) {
			x := b.action("draw/group=b,seeds=11-20")
			a.Output, a.Size = x.Output, x.Size
		}, Swapped, `"group":"b"`},
		{"key", func(b *bench, a *store.Action) { a.Key = digest.Key(zeros) }, Edited, "follows key"},
		{"code", func(b *bench, a *store.Action) { a.Code = b.action("all").Code }, Edited, "follows key"},
		{"input", func(b *bench, a *store.Action) { a.Inputs = []store.ActionInput{{Stage: "x", Digest: ones}} },
			Edited, "neither in the store nor on record"},
		{"size", func(b *bench, a *store.Action) { a.Size++ }, Edited, "size is"},
		{"long", func(b *bench, a *store.Action) { a.Seconds = 12345 }, Edited, "more than have passed"},
		{"negative", func(b *bench, a *store.Action) { a.Seconds = -1 }, Edited, "seconds is -1"},
		{"future", func(b *bench, a *store.Action) { a.Start = time.Now().Add(time.Hour) }, Edited, "future"},
		{"no start", func(b *bench, a *store.Action) { a.Start = time.Time{} }, Edited, "started"},
	} {
		b := audited(t)
		path := b.forge(oneDraw, func(a *store.Action) { c.change(b, a) })
		t.Log(c.name)
		b.wantFinding(c.problem, path, c.detail)
	}
}

// A record that leads to the artifact of another stage stops who reads it.
func TestForeignArtifactIsNotRead(t *testing.T) {
	b := audited(t)
	other := b.action("draw/group=b,seeds=11-20")
	b.forge(oneDraw, func(a *store.Action) { a.Output, a.Size = other.Output, other.Size })
	b.paper = strings.Replace(b.paper, "add = 1", "add = 7", 1)
	sum, err := b.engine().Run(t.Context(), b.graph(), Options{Cores: 1})
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(sum.Failures); len(sum.Failures) == 0 || !strings.Contains(text, oneDraw) ||
		!strings.Contains(text, `"group":"b"`) {
		t.Error(text)
	}
}

// An edited record is no record: the stage runs again, and what it feeds is right.
func TestSwappedOutputIsNotUsed(t *testing.T) {
	b := audited(t)
	before := b.digests()
	a, other := b.action(oneDraw), b.action("draw/group=b,seeds=11-20")
	rewrite(t, b.recordPath(a), func(d []byte) []byte {
		return bytes.ReplaceAll(d, []byte(a.Output), []byte(other.Output))
	})
	b.wantFinding(Swapped, b.recordPath(a), "checksum", `"group":"b"`)
	if ran, _ := b.run(1); fmt.Sprint(ran) != "[draw a11-20]" {
		t.Errorf("ran %v", ran)
	}
	if after := b.digests(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("the artifacts changed")
	}
	if f := AuditStore(b.store).Findings; len(f) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestAuditOfArtifacts(t *testing.T) {
	b := audited(t)
	path := b.object(oneDraw)
	rewrite(t, path, func(d []byte) []byte { d[len(d)/2] ^= 1; return d })
	b.wantFinding(Altered, path)
	os.Remove(path)
	b.wantFinding(Missing, path)
}

func TestAuditOfCode(t *testing.T) {
	b := audited(t)
	path := b.dir + "/data/code/" + string(b.action(oneDraw).Code) + ".json"
	rewrite(t, path, func([]byte) []byte { return []byte("garbage") })
	b.wantFinding(Damaged, path, "not a list of sources")
	rewrite(t, path, func([]byte) []byte { return []byte(`{"sum":"12"}`) })
	b.wantFinding(Damaged, path, `of "12"`)
	os.Remove(path)
	b.wantFinding(Missing, path)
}

func TestAuditOfLinks(t *testing.T) {
	b := audited(t)
	link := func(at, target string) string {
		path := b.dir + "/data/view/" + at
		os.Remove(path)
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, suffix := range []string{".arrow", ".json"} {
		own, err := os.Readlink(b.dir + "/data/view/" + oneDraw + suffix)
		if err != nil {
			t.Fatal(err)
		}
		other, _ := os.Readlink(b.dir + "/data/view/draw/group=a,seeds=21-30" + suffix)
		path := link(oneDraw+suffix, other)
		b.wantFinding(Swapped, path, "of draw/group=a,seeds=21-30")
		link(oneDraw+suffix, "../../../elsewhere")
		b.wantFinding(Stray, path)
		link(oneDraw+suffix, own)
	}
	path := link(oneDraw+".json", "../../actions/"+string(zeros)+".json")
	b.wantFinding(Missing, path, string(zeros))
	if ran, sum := b.run(1); len(ran) != 0 || sum.Done[Restored] != 1 {
		t.Errorf("ran %v", ran)
	}
	if f := AuditStore(b.store).Findings; len(f) != 0 {
		t.Errorf("%+v", f)
	}
}

// A name without parameters tells nothing by itself: what the present paper has under it
// does, and so does the link beside.
func TestAuditOfLinksOfPresentStages(t *testing.T) {
	b := audited(t)
	check := func() *Audit { return AuditStore(b.store, Profile{Plan: b.plan()}) }
	view := b.dir + "/data/view/"
	swap := func(at, from, suffix string) (restore func()) {
		t.Helper()
		target, err := os.Readlink(view + from + suffix)
		own, err2 := os.Readlink(view + at + suffix)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		link := func(to string) {
			os.Remove(view + at + suffix)
			if err := os.Symlink(to, view+at+suffix); err != nil {
				t.Fatal(err)
			}
		}
		link(strings.Repeat("../", strings.Count(own, "../")) + strings.TrimLeft(target, "./"))
		return func() { link(own) }
	}
	for _, c := range []struct{ at, from, suffix string }{
		{"all", oneDraw, ".arrow"}, // another kind
		{"all", oneDraw, ".json"},
		{"all", "total/group=b", ".arrow"}, // the same kind and parameters
		{"all", "total/group=b", ".json"},
		{"total/group=b", "all", ".arrow"},
		{"total/group=b", "all", ".json"},
		{oneDraw, "all", ".json"},
	} {
		restore := swap(c.at, c.from, c.suffix)
		a := check()
		if len(a.Findings) != 1 || a.Findings[0].Problem != Swapped || a.Findings[0].Path != view+c.at+c.suffix ||
			a.Findings[0].MustRemove {
			t.Errorf("%v: %+v", c, a.Findings)
		}
		// Without the paper the link beside tells, but not which of them is wrong.
		if c.at == "all" {
			b.wantFinding(Swapped, view+"all.arrow", "it leads to an artifact of")
		}
		restore()
	}
	// Both links of a stage that are another's.
	defer swap("all", "total/group=b", ".arrow")()
	defer swap("all", "total/group=b", ".json")()
	if a := check(); a.Count(Swapped) != 2 {
		t.Errorf("%+v", a.Findings)
	}
}

// What the present paper changed does not make links that were right wrong: names, kinds,
// parameters and code can change, and stages can share an action.
func TestAuditOfLinksOfChangedPaper(t *testing.T) {
	b := newBench(t)
	b.paper = strings.Replace(b.paper, "[figure]",
		"[stage.same]\nkind = \"change\"\neach = \"g\"\nfrom = [\"draw\"]\nadd = 1\n[figure]", 1)
	b.run(2)
	paper := b.paper
	check := func(what string) {
		t.Helper()
		if a := AuditStore(b.store, Profile{Plan: b.plan()}); len(a.Findings) != 0 {
			t.Errorf("%s: %+v", what, a.Findings)
		}
	}
	check("shared keys")
	shared := paper[strings.Index(paper, "[stage.same]"):]
	b.paper = strings.Replace(paper, shared, strings.Replace(shared, "add = 1", "add = 2", 1), 1)
	check("a shared key no more")
	b.run(2)
	check("run with another parameter")
	b.paper = paper
	check("the parameter is as it was")
	b.run(2)
	b.prog.offset = 5
	b.sources["stages/offset/offset.go"] = "package offset\n\nconst Offset = 5\n"
	check("other code")
	b.paper = strings.NewReplacer("change]", "altered]", `["change"]`, `["altered"]`,
		"[stage.all]", "[stage.whole]", `["all"]`, `["whole"]`).Replace(paper)
	check("renamed, not run")
	b.run(2)
	check("renamed")
	b.paper = strings.Replace(b.paper, "add = 1", "add = 3", 1)
	check("renamed with another parameter")
	b.run(2)
	check("renamed and run")
}

// A kill between the two links of a stage leaves the later artifact beside the earlier
// record.
func TestAuditOfLinksAfterKill(t *testing.T) {
	b := audited(t)
	view := b.dir + "/data/view/"
	names := []string{"all", "total/group=b", "change/group=a,seeds=11-20", "figure/one"}
	before := make(map[string]string)
	for _, name := range names {
		before[name], _ = os.Readlink(view + name + ".json")
	}
	b.paper = strings.Replace(b.paper, "add = 1", "add = 2", 1)
	b.run(2)
	for _, name := range names {
		os.Remove(view + name + ".json")
		if err := os.Symlink(before[name], view+name+".json"); err != nil {
			t.Fatal(err)
		}
	}
	for _, profiles := range [][]Profile{nil, {{Plan: b.plan()}}} {
		if a := AuditStore(b.store, profiles...); len(a.Findings) != 0 {
			t.Errorf("%+v", a.Findings)
		}
	}
}

func TestAuditTellsUnreadable(t *testing.T) {
	if !unprivileged.Test(t) {
		return
	}
	b := audited(t)
	a := b.action(oneDraw)
	for _, path := range []string{
		b.object(oneDraw), b.recordPath(a), filepath.Dir(b.object(oneDraw)),
		b.dir + "/data/actions", b.dir + "/data/code/" + string(a.Code) + ".json",
	} {
		info, _ := os.Stat(path)
		os.Chmod(path, 0)
		found := AuditStore(b.store).Findings
		os.Chmod(path, info.Mode().Perm())
		if len(found) == 0 {
			t.Errorf("%s: nothing found", path)
		}
		for _, f := range found {
			if f.Problem != Unreadable || !strings.HasPrefix(f.Path, path) || !strings.Contains(f.Detail, "permission") {
				t.Errorf("%s: %+v", path, f)
			}
		}
	}
}

func TestNamesOfActions(t *testing.T) {
	a := &store.Action{Stage: "draw/a=0.001,seeds=1-2", Params: []byte(`{"a":0.001,"seeds":"1-2"}`)}
	figure := &store.Action{Stage: "figure/one", Params: []byte(`{"figure":"one"}`)}
	single := &store.Action{Stage: "total"}
	for _, c := range []struct {
		name string
		a    *store.Action
		want bool
	}{
		{"draw/a=0.001,seeds=1-2", a, true},
		{"smoke/draw/a=0.001,seeds=1-2", a, true},
		{"other/a=1e-3", a, true},
		{"other", a, true},
		{"draw/a=0.002,seeds=1-2", a, false},
		{"smoke/other/seeds=1-3", a, false},
		{"figure/one", figure, true},
		{"smoke/figure/one", figure, true},
		{"figure/two", figure, false},
		{"total", single, true},
		{"sum", single, true},
	} {
		if got := nameAllows(c.name, c.a); got != c.want {
			t.Errorf("%s can be %s: %v", c.name, c.a.Stage, got)
		}
	}
}
