package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// twoVersions leaves a store with an earlier version of everything: of profile few
// alone in view and exports, of the default profile on record.
func twoVersions(t *testing.T) (digest, key string) {
	t.Helper()
	in(t, testPaper)
	hero(t, 0, "run")
	hero(t, 0, "run --profile few")
	digest, key = filepath.Base(linked(t, "draw/seeds=3-3.arrow")), filepath.Base(linked(t, "draw/seeds=3-3.json"))
	write(t, strings.Replace(testPaper, "times = 2", "times = 3", 1))
	hero(t, 0, "run")
	return digest, strings.TrimSuffix(key, ".json")
}

func TestExplainAndShowEarlierVersions(t *testing.T) {
	digest, key := twoVersions(t)
	object := fmt.Sprintf("data/objects/%s/%s", digest[:2], digest)
	here, _ := os.Getwd()
	os.Symlink(here, "../link")
	for _, name := range []string{
		digest, digest[:10], strings.ToUpper(digest[:10]), object, filepath.Join(here, object), object[:40],
		key, key[:10], "data/actions/" + key + ".json", filepath.Join(here, "data/actions", key+".json"), "../link/" + object,
	} {
		wantAll(t, hero(t, 0, "explain "+name), "draw/seeds=3-3 (draw), of an earlier version\n", `parameters {"seeds":"3-3","times":2}`,
			"artifact   "+digest, "key        "+key, ": example/stages/draw")
		wantAll(t, hero(t, 0, "show "+name), "draw/seeds=3-3, of an earlier version\n"+object, `parameters {"seeds":"3-3","times":2}`, "x  6")
	}
	// By its folder a path shows the profile, and what is there is of the first version.
	for _, name := range []string{"data/view/few/draw/seeds=2-2.arrow", here + "/data/view/few/draw/seeds=2-2.json", here + "/../link/data/view/few/draw/seeds=2-2.arrow"} {
		wantAll(t, hero(t, 0, "explain "+name), "profile few, in whose folder "+name+" is\n", "draw/seeds=2-2 (draw), of an earlier version\n", `"times":2}`)
		wantAll(t, hero(t, 0, "show "+name), "draw/seeds=2-2, of an earlier version", "x  4")
	}
	for _, name := range []string{"figures/out/few/count.svg", here + "/figures/out/few/count.svg"} {
		wantAll(t, hero(t, 0, "explain "+name), "profile few, in whose", "figure/count (figure), of an earlier version\n",
			"from\n    draw/seeds=1-1 (draw), of an earlier version\n", `{"seeds":"2-2","times":2}`)
		wantAll(t, hero(t, 0, "show "+name), "figure/count, of an earlier version", "count.svg")
	}
	out := hero(t, 0, "explain data/view/draw/seeds=3-3.arrow --profile few")
	wantAll(t, out, "profile all, in whose folder", "draw/seeds=3-3 (draw)\n", `"times":3}`)
}

func TestExplainOtherProfile(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	digest := filepath.Base(linked(t, "draw/seeds=5-5.arrow"))
	wantAll(t, hero(t, 0, "explain --profile few "+digest), "profile all, which has it\n", "draw/seeds=5-5 (draw)\n")
	wantAll(t, hero(t, 0, "show --profile few "+digest), "profile all, which has it\n", "draw/seeds=5-5\n", "x  10")
	// A stage with many inputs stands by the first.
	write(t, strings.Replace(testPaper, "times = 2", "times = 3", 1))
	key := filepath.Base(linked(t, "figure/count.json"))
	wantAll(t, hero(t, 0, "explain data/actions/"+key), "figure/count (figure), of an earlier version", "5 stages of draw, 5 computed, such as\n      draw/seeds=1-1 (draw), of an earlier version")
}

func TestExplainWhatIsNotComputedNow(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	digest := filepath.Base(linked(t, "draw/seeds=3-3.arrow"))
	write(t, strings.Replace(testPaper, "times = 2", "times = 3", 1))
	wantAll(t, hero(t, 0, "explain draw/seeds=3-3"), "not computed: parameters: times was 2, is 3", "earlier    artifact "+digest[:12])
	wantAll(t, hero(t, 0, "show draw/seeds=3-3"), "is not computed as it is now", digest, `"times":2`)
	// A family that the paper no longer has.
	write(t, strings.NewReplacer("stage.draw]", "stage.lot]", `["draw"]`, `["lot"]`).Replace(testPaper))
	wantAll(t, hero(t, 0, "explain draw/seeds=3-3"), "lot/seeds=3-3 (draw)\n")
	write(t, strings.NewReplacer("stage.draw]", "stage.lot]", `["draw"]`, `["lot"]`, "times = 2", "times = 3").Replace(testPaper))
	wantAll(t, hero(t, 0, "explain draw/seeds=3-3"), "draw/seeds=3-3 (draw), of an earlier version: profile all has no such stage", digest)
	wantAll(t, hero(t, 0, "show draw"), "5 artifacts are called draw: draw/seeds=1-1, of an earlier version, draw/seeds=2-2", "this is draw/seeds=1-1")
	wantAll(t, hero(t, 0, "explain data/view/draw/seeds=3-3.arrow"), "draw/seeds=3-3 (draw), of an earlier version: profile all")
}

func TestShowSaysWhichOfSeveral(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run draw/seeds=2-2")
	wantAll(t, hero(t, 0, "show draw"), "5 artifacts are called draw: draw/seeds=1-1, draw/seeds=2-2, draw/seeds=3-3, draw/seeds=4-4, draw/seeds=5-5; this is draw/seeds=2-2\n", "x  4")
	hero(t, 0, "run")
	wantAll(t, hero(t, 0, "show figures/out/count.svg"), "figure/count\n", "kind figure")
}

func TestAmbiguousPrefix(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	digest := filepath.Base(linked(t, "draw/seeds=3-3.arrow"))
	twin := digest[:20] + strings.Repeat("0", 44)
	os.WriteFile(filepath.Join("data/objects", digest[:2], twin), nil, 0o444)
	out := hero(t, 2, "explain "+digest[:8])
	wantAll(t, out, "several digests", "artifact "+digest+", of draw/seeds=3-3", "artifact "+twin+", which is not on record")
	wantAll(t, hero(t, 2, "show "+digest[:8]), "several digests")
	wantAll(t, hero(t, 0, "explain "+digest[:24]), "draw/seeds=3-3 (draw)\n")
	wantAll(t, hero(t, 0, "explain "+twin), "of which the store has no record", "is altered")
}

func TestExplainDamage(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	object, record := linked(t, "draw/seeds=3-3.arrow"), linked(t, "draw/seeds=3-3.json")
	edit(t, record, `"host": "`, `"host": "x`)
	wantAll(t, hero(t, 0, "explain "+record), "draw/seeds=3-3 (draw)\n", "record     "+record+" is not as it was written: its checksum")
	wantAll(t, hero(t, 0, "explain draw/seeds=3-3"), "not computed", "record     "+record+" is not as it was written: its checksum")
	wantAll(t, hero(t, 0, "show "+object), "is not as it was written: its checksum", "x  6")
	edit(t, record, "", "garbage")
	wantAll(t, hero(t, 1, "explain "+record), record+" is damaged: it is not the record of an action")
	wantAll(t, hero(t, 1, "show data/view/draw/seeds=3-3.json"), record+" is damaged")
	wantAll(t, hero(t, 0, "explain "+object), "of which the store has no record", "kind       draw", `{"seeds":"3-3","times":2}`)
	wantAll(t, hero(t, 0, "show "+object), "no record", "x  6")
	hero(t, 0, "run")
	edit(t, object, "draw", "drew")
	wantAll(t, hero(t, 0, "explain "+object), "damage     "+object+" is altered")
	wantAll(t, hero(t, 1, "show "+object), "is altered in the store")
	os.Remove(object)
	wantAll(t, hero(t, 0, "explain "+object), "draw/seeds=3-3 (draw)", "damage     "+object+" is missing")
}

func TestEditedExport(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	os.WriteFile("figures/out/count.svg", []byte("mine"), 0o666)
	wantAll(t, hero(t, 0, "explain figures/out/count.svg"), "figures/out/count.svg is not as any artifact here has it", "figure/count (figure)\n")
	os.Remove("figures/out/count.svg")
	wantAll(t, hero(t, 0, "show figures/out/count.svg"), "figure/count\n")
	wantAll(t, hero(t, 2, "show figures/out/report.html"), "is the file of no figure of profile all")
	wantAll(t, hero(t, 2, "show data/objects/ab/"+strings.Repeat("ab", 32)), "is no artifact or record of the store data")
	os.MkdirAll("other", 0o777)
	os.WriteFile("other/x", nil, 0o666)
	wantAll(t, hero(t, 2, "show other/x"), "name another store with --store")
}
