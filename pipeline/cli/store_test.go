package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A stage whose name is longer than that of a file may be is found by the file in the
// view that stands for it.
func TestLongNameInView(t *testing.T) {
	long := strings.Repeat("long", 75)
	in(t, strings.NewReplacer("[stage.draw]",
		"[stage."+long+"]\nkind = \"draw\"\neach = \"g\"\nover = [\"seeds\"]\n[stage.draw]").Replace(testPaper))
	hero(t, 0, "run")
	found, err := filepath.Glob("data/view/long*/seeds=2-2.arrow")
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	wantAll(t, hero(t, 0, "explain "+found[0]), long+"/seeds=2-2 (draw)")
	wantAll(t, hero(t, 0, "show "+found[0]), long+"/seeds=2-2")
}

// What cannot be read is told as such by all that look at the store.
func TestUnreadableStore(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	if err := os.Rename("data/actions", "data/moved"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("actions", "data/actions"); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"plan", "status", "run", "verify", "explain count", "show draw/seeds=1-1", "report"} {
		wantAll(t, hero(t, 2, line), "the store data cannot be read", "--store")
	}
	wantAll(t, hero(t, 2, "plan --store="), "a folder has a name")
	// A figure that is a link stays one, and so does the lock.
	os.Remove("data/actions")
	os.Rename("data/moved", "data/actions")
	os.Rename("figures/out/count.svg", "elsewhere.svg")
	os.WriteFile("elsewhere.svg", nil, 0o666)
	for link, target := range map[string]string{"figures/out/count.svg": "../../elsewhere.svg",
		"paper.lock": "dangling.lock"} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	wantAll(t, hero(t, 0, "run"), "1 restored", "wrote figures/out/count.svg")
	wantAll(t, hero(t, 0, "verify --update"), "wrote paper.lock")
	for _, link := range []string{"figures/out/count.svg", "paper.lock"} {
		if _, err := os.Readlink(link); err != nil {
			t.Error(err)
		}
		if text, err := os.ReadFile(link); len(text) == 0 || err != nil {
			t.Errorf("%s is empty, %v", link, err)
		}
	}
}
