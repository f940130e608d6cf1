package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zerotohero/pipeline/internal/unprivileged"
)

// linked is the file that a link of the view leads to.
func linked(t *testing.T, view string) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(filepath.Join("data/view", view))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// edit changes a file of the store.
func edit(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.ReplaceAll(text, []byte(old), []byte(new))
	if old == "" {
		changed = []byte(new)
	}
	if bytes.Equal(changed, text) {
		t.Fatalf("no %q in %s", old, text)
	}
	os.Chmod(path, 0o666)
	if err := os.WriteFile(path, changed, 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyFindsEditedRecords(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	figure, _ := os.ReadFile("figures/out/count.svg")
	record := linked(t, "draw/seeds=4-4.json")
	output, other := filepath.Base(linked(t, "draw/seeds=4-4.arrow")), filepath.Base(linked(t, "draw/seeds=5-5.arrow"))
	for _, c := range []struct{ old, new, want string }{
		{output, other, "swapped    " + record +
			", of draw/seeds=4-4: its checksum is not that of its content; " +
			"its output is an artifact of other parameters, {\"seeds\":\"5-5\""},
		{`"seconds": `, `"seconds": 12345`,
			"edited     " + record + ", of draw/seeds=4-4: its checksum is not that of its content; seconds is 12345"},
		{"", "garbage", "damaged    " + record + ": it is not the record of an action"},
	} {
		edit(t, record, c.old, c.new)
		wantAll(t, hero(t, 1, "verify"), c.want, "hero run computes what it needs of them again")
		// What no longer is a record is not used.
		wantAll(t, hero(t, 0, "run"), "6 stages: 1 ran, 5 fresh")
		wantAll(t, hero(t, 0, "verify"), "0 damaged or missing, 0 edited or swapped", "bit for bit")
		if now, _ := os.ReadFile("figures/out/count.svg"); !bytes.Equal(now, figure) {
			t.Error("the figure was redrawn from another artifact")
		}
	}
}

func TestVerifyAnyProfile(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run --profile few")
	wantAll(t, hero(t, 0, "verify --profile few"), "3 artifacts read, 0 damaged",
		"profile few: 3 of 3 stages computed; no paper.lock to compare with")
	// The default profile has to have a lock.
	wantAll(t, hero(t, 1, "verify"), "no paper.lock to compare with; write them with: hero verify --update")
	wantAll(t, hero(t, 0, "verify --update --profile few"), "wrote paper.lock: 3 artifacts of profile few")
	wantAll(t, hero(t, 0, "verify --profile few"), "all 3 artifacts of profile few reproduced")
	wantAll(t, hero(t, 1, "verify"), "paper.lock has no digests of profile all, only of few")
	few, _ := os.ReadFile("paper.lock")
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	both, _ := os.ReadFile("paper.lock")
	if !bytes.HasPrefix(both, few) {
		t.Errorf("the section of few is not as it was:\n%s", both)
	}
	wantAll(t, hero(t, 0, "verify"), "all 6 artifacts of profile all reproduced")
	wantAll(t, hero(t, 0, "verify --profile few"), "all 3 artifacts of profile few reproduced")

	edit(t, "paper.lock", "", string(few)+string(both))
	wantAll(t, hero(t, 1, "verify"), "paper.lock:5: profile few has a section from line 1 on already")
	wantAll(t, hero(t, 1, "verify --update"), "paper.lock:5: ")
	edit(t, "paper.lock", "", string(both)+strings.SplitAfter(string(both), "\n")[6])
	wantAll(t, hero(t, 1, "verify"), "paper.lock:12: stage draw/seeds=2-2 has a digest in line 7 already")
}

// What is not sound does not become what others are compared with.
func TestNoLockOfEditedRecords(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	link := "data/view/draw/seeds=4-4.json"
	os.Remove(link)
	os.Symlink("../../actions/"+filepath.Base(linked(t, "draw/seeds=5-5.json")), link)
	wantAll(t, hero(t, 1, "verify --update"), "swapped    "+link, "wrote paper.lock")
	hero(t, 0, "run")
	os.Remove("paper.lock")
	edit(t, linked(t, "draw/seeds=4-4.json"), `"size": `, `"size": 1`)
	wantAll(t, hero(t, 1, "verify --update"), "are not computed")
	if _, err := os.Stat("paper.lock"); err == nil {
		t.Error("a lock was written")
	}
}

// Of a profile that is not the paper's, the lock may have the part that is computed.
func TestLockOfAPart(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	hero(t, 0, "run --profile few draw/seeds=1-1")
	wantAll(t, hero(t, 0, "verify --update --profile few"), "wrote paper.lock: 2 artifacts of profile few; 1 stage left out, as not computed")
	wantAll(t, hero(t, 0, "verify --profile few"), "all 2 artifacts of profile few reproduced, bit for bit; 1 stage neither in it nor computed")
	hero(t, 0, "run --profile few")
	wantAll(t, hero(t, 1, "verify --profile few"), "not in lock   figure/count", "2 the same, 1 not in it")
}

func TestVerifyTellsUnreadable(t *testing.T) {
	if !unprivileged.Test(t) {
		return
	}
	in(t, testPaper)
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	for _, path := range []string{linked(t, "draw/seeds=4-4.arrow"), linked(t, "draw/seeds=4-4.json")} {
		os.Chmod(path, 0)
		out := hero(t, 1, "verify")
		wantAll(t, out, "unreadable "+path, "permission denied",
			"1 unreadable file in the store, of which nothing is known")
		if strings.Contains(out, "again\n") && !strings.Contains(out, "verify again") ||
			strings.Contains(out, "computes") {
			t.Errorf("advises to compute:\n%s", out)
		}
		os.Chmod(path, 0o444)
	}
}

// relink makes a link of the view lead to where another leads.
func relink(t *testing.T, at, from string) (path string) {
	t.Helper()
	path = filepath.Join("data/view", at)
	target, err := filepath.Rel(filepath.Dir(path), linked(t, from))
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(path)
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// A link is held against what the present paper has under its name.
func TestVerifyFindsSwappedLinks(t *testing.T) {
	in(t, strings.Replace(testPaper, "[figure]",
		"[stage.one]\nkind = \"draw\"\nseeds = \"1..3\"\n[stage.two]\nkind = \"draw\"\nseeds = \"1..4\"\n[figure]", 1))
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	hero(t, 0, "run --profile few")
	for _, c := range []struct{ at, from, of string }{
		{"one.arrow", "two.arrow", "two"}, {"one.json", "two.json", "two"},
		{"one.arrow", "figure/count.arrow", "figure/count"}, {"few/one.arrow", "two.arrow", "two"},
	} {
		path := relink(t, c.at, c.from)
		wantAll(t, hero(t, 1, "verify"), "swapped    "+path, " of "+c.of+"\n",
			"0 damaged or missing, 1 edited or swapped",
			"hero run computes what it needs of them again, "+
				"and what is listed after that, of other profiles or versions, may be removed")
		wantAll(t, hero(t, 0, "show "+path), path+" does not lead to what is recorded as one, but to "+c.of)
		hero(t, 0, "run")
		hero(t, 0, "run --profile few")
		wantAll(t, hero(t, 0, "verify"), "0 damaged or missing, 0 edited or swapped", "bit for bit")
	}
	if out := hero(t, 0, "show data/view/one.arrow"); strings.Contains(out, "lead") {
		t.Error(out)
	}
	// What no stage of the paper is called is not mended by a run.
	os.MkdirAll("data/view/other", 0o777)
	os.Symlink("../../actions/"+filepath.Base(linked(t, "one.json")), "data/view/other/seeds=7-7.json")
	wantAll(t, hero(t, 1, "verify"), "swapped    data/view/other/seeds=7-7.json",
		"1 edited or swapped file in the store that no run mends; remove it")
}

// What rests on a damaged artifact is computed all the same.
func TestVerifyCountsWhatRestsOnDamage(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	hero(t, 0, "run --profile few")
	hero(t, 0, "verify --update")
	path := linked(t, "draw/seeds=2-2.arrow")
	edit(t, path, "ARROW", "arrow")
	wantAll(t, hero(t, 1, "verify --profile few"), "altered    "+path,
		"profile few: 2 of 3 stages computed, 1 of them from what is damaged; ")
	wantAll(t, hero(t, 1, "verify"), "not computed  draw/seeds=2-2\n", "damaged input figure/count\n",
		"not as in paper.lock: 4 the same, 1 not computed, 1 the same from what is damaged")
	os.Remove(linked(t, "figure/count.arrow"))
	wantAll(t, hero(t, 1, "verify"), "4 the same, 2 not computed")
	hero(t, 0, "run")
	wantAll(t, hero(t, 0, "verify"), "bit for bit")
	// What changed besides is not computed.
	write(t, strings.Replace(testPaper, "times = 2", "times = 3", 1))
	wantAll(t, hero(t, 1, "verify"), "6 not computed")
}
