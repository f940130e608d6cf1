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
		key, key[:10], "data/actions/" + key + ".json",
		filepath.Join(here, "data/actions", key+".json"), "../link/" + object,
	} {
		wantAll(t, hero(t, 0, "explain "+name), "draw/seeds=3-3 (draw), of an earlier version\n",
			`parameters {"seeds":"3-3","times":2}`,
			"artifact   "+digest, "key        "+key, ": example/stages/draw")
		wantAll(t, hero(t, 0, "show "+name), "draw/seeds=3-3, of an earlier version\n"+object,
			`parameters {"seeds":"3-3","times":2}`, "x  6")
	}
	// By its folder a path shows the profile, and what is there is of the first version.
	for _, name := range []string{"data/view/few/draw/seeds=2-2.arrow", here + "/data/view/few/draw/seeds=2-2.json",
		here + "/../link/data/view/few/draw/seeds=2-2.arrow"} {
		wantAll(t, hero(t, 0, "explain "+name), "profile few, in whose folder "+name+" is\n",
			"draw/seeds=2-2 (draw), of an earlier version\n", `"times":2}`)
		wantAll(t, hero(t, 0, "show "+name), "draw/seeds=2-2, of an earlier version", "x  4")
	}
	for _, name := range []string{"figures/out/few/count.svg", here + "/figures/out/few/count.svg"} {
		wantAll(t, hero(t, 0, "explain "+name), "profile few, in whose",
			"figure/count (figure), of an earlier version\n",
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
	wantAll(t, hero(t, 0, "explain data/actions/"+key), "figure/count (figure), of an earlier version",
		"5 stages of draw, 5 computed, such as\n      draw/seeds=1-1 (draw), of an earlier version")
}

func TestExplainWhatIsNotComputedNow(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	digest := filepath.Base(linked(t, "draw/seeds=3-3.arrow"))
	write(t, strings.Replace(testPaper, "times = 2", "times = 3", 1))
	wantAll(t, hero(t, 0, "explain draw/seeds=3-3"), "not computed: parameters: times was 2, is 3",
		"earlier    artifact "+digest[:12])
	wantAll(t, hero(t, 0, "show draw/seeds=3-3"), "is not computed as it is now", digest, `"times":2`)
	// A family that the paper no longer has.
	write(t, strings.NewReplacer("stage.draw]", "stage.lot]", `["draw"]`, `["lot"]`).Replace(testPaper))
	wantAll(t, hero(t, 0, "explain draw/seeds=3-3"), "lot/seeds=3-3 (draw)\n")
	write(t, strings.NewReplacer("stage.draw]", "stage.lot]", `["draw"]`, `["lot"]`, "times = 2",
		"times = 3").Replace(testPaper))
	wantAll(t, hero(t, 0, "explain draw/seeds=3-3"),
		"draw/seeds=3-3 (draw), of an earlier version: profile all has no such stage", digest)
	wantAll(t, hero(t, 0, "show draw"),
		"5 artifacts are called draw: draw/seeds=1-1, of an earlier version, draw/seeds=2-2", "this is draw/seeds=1-1")
	wantAll(t, hero(t, 0, "explain data/view/draw/seeds=3-3.arrow"),
		"draw/seeds=3-3 (draw), of an earlier version: profile all")
}

func TestShowSaysWhichOfSeveral(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run draw/seeds=2-2")
	wantAll(t, hero(t, 0, "show draw"),
		"5 artifacts are called draw: draw/seeds=1-1, draw/seeds=2-2, draw/seeds=3-3, "+
			"draw/seeds=4-4, draw/seeds=5-5; this is draw/seeds=2-2\n", "x  4")
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
	wantAll(t, out, "several digests", "artifact "+digest+", of draw/seeds=3-3",
		"artifact "+twin+", which is not on record")
	wantAll(t, hero(t, 2, "show "+digest[:8]), "several digests")
	wantAll(t, hero(t, 0, "explain "+digest[:24]), "draw/seeds=3-3 (draw)\n")
	wantAll(t, hero(t, 0, "explain "+twin), "of which the store has no record", "is altered")
}

func TestExplainDamage(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	object, record := linked(t, "draw/seeds=3-3.arrow"), linked(t, "draw/seeds=3-3.json")
	edit(t, record, `"host": "`, `"host": "x`)
	wantAll(t, hero(t, 0, "explain "+record), "draw/seeds=3-3 (draw)\n",
		"record     "+record+" is not as it was written: its checksum")
	wantAll(t, hero(t, 0, "explain draw/seeds=3-3"), "not computed",
		"record     "+record+" is not as it was written: its checksum")
	wantAll(t, hero(t, 0, "show "+object), "is not as it was written: its checksum", "x  6")
	edit(t, record, "", "garbage")
	wantAll(t, hero(t, 1, "explain "+record), record+" is damaged: it is not the record of an action")
	wantAll(t, hero(t, 1, "show data/view/draw/seeds=3-3.json"), record+" is damaged")
	wantAll(t, hero(t, 0, "explain "+object), "of which the store has no record", "kind       draw",
		`{"seeds":"3-3","times":2}`)
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
	wantAll(t, hero(t, 0, "explain figures/out/count.svg"),
		"figures/out/count.svg is not as any artifact here has it", "figure/count (figure)\n")
	os.Remove("figures/out/count.svg")
	wantAll(t, hero(t, 0, "show figures/out/count.svg"), "figure/count\n")
	for _, name := range []string{"report.html", "numbers.toml", "numbers.tex"} {
		wantAll(t, hero(t, 2, "show figures/out/"+name),
			"figures/out/"+name+" is of no single artifact: hero report writes it, and a run in the end, "+
				"from all figures of profile all")
	}
	wantAll(t, hero(t, 2, "explain figures/out/notes.txt"), "is the file of no figure of profile all")
	wantAll(t, hero(t, 2, "show data/objects/ab/"+strings.Repeat("ab", 32)),
		"is no artifact or record of the store data")
	os.MkdirAll("other", 0o777)
	os.WriteFile("other/x", nil, 0o666)
	wantAll(t, hero(t, 2, "show other/x"), "name another store with --store")
}

// An artifact that is damaged is not called an earlier one, and one that is earlier is.
func TestDamagedIsNotEarlier(t *testing.T) {
	in(t, strings.Replace(testPaper, "times = 2", "times = 3", 1))
	hero(t, 0, "run")
	earlier := filepath.Base(linked(t, "draw/seeds=3-3.arrow"))
	write(t, testPaper)
	hero(t, 0, "run")
	object, record := linked(t, "draw/seeds=3-3.arrow"), linked(t, "draw/seeds=3-3.json")
	digest := filepath.Base(object)
	edit(t, object, "draw", "drew")
	out := hero(t, 0, "explain draw/seeds=3-3")
	wantAll(t, out, "not computed: artifact: "+object+" is altered", "damaged    artifact "+digest[:12],
		"earlier    artifact "+earlier[:12])
	if strings.Contains(out, "earlier    artifact "+digest[:12]) {
		t.Errorf("the damaged artifact is called earlier:\n%s", out)
	}
	out = hero(t, 1, "show draw/seeds=3-3")
	wantAll(t, out, "draw/seeds=3-3 was computed as it is now, but its artifact is damaged\n",
		object+" is altered in the store; a run computes it again")
	if strings.Contains(out, "the last that the store has") {
		t.Error(out)
	}
	os.Remove(object)
	wantAll(t, hero(t, 0, "explain draw/seeds=3-3"), object+" is missing", "damaged    artifact "+digest[:12])
	hero(t, 0, "run")
	edit(t, record, `"host": "`, `"host": "x`)
	wantAll(t, hero(t, 0, "explain draw/seeds=3-3"), "recorded   artifact "+digest[:12],
		"earlier    artifact "+earlier[:12])
	wantAll(t, hero(t, 0, "show draw/seeds=3-3"), "its record is damaged\n", "x  6")
}

// What another profile has computed is not an earlier version of this one's.
func TestElsewhereIsNotEarlier(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run --profile few")
	digest := filepath.Base(linked(t, "few/figure/count.arrow"))
	out := hero(t, 0, "explain count")
	wantAll(t, out, "not computed", "elsewhere  artifact "+digest[:12]+" of figure/count of profile few, record ")
	if strings.Contains(out, "earlier") {
		t.Error(out)
	}
	wantAll(t, hero(t, 0, "show count"), "figure/count is not computed in profile all; this is that of profile few\n",
		"count.svg")
}

func TestDigestsThatAreNotFound(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	wantAll(t, hero(t, 2, "show 11a"), "no figure, stage or artifact 11a", "of a digest or key give 4 digits or more; ")
	if out := hero(t, 2, "show cuont"); strings.Contains(out, "digits") {
		t.Error(out)
	}
	_, rest, _ := strings.Cut(hero(t, 0, "explain draw/seeds=3-3"), "code       ")
	sum, _, _ := strings.Cut(rest, ":")
	for _, name := range []string{sum, sum[:8], strings.ToUpper(sum[:8]), "data/code/" + sum + ".json"} {
		wantAll(t, hero(t, 2, "show "+name),
			sum+" is the digest of the code of 5 stages: draw/seeds=1-1, draw/seeds=2-2 and 3 more; "+
				"name one of these stages")
		wantAll(t, hero(t, 2, "explain "+name), sum+" is the digest of the code of 5 stages")
	}
	wantAll(t, hero(t, 2, "show data/code/"+strings.Repeat("ab", 32)+".json"),
		"is no artifact or record of the store data")
}

func TestShowRows(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run draw")
	wantAll(t, hero(t, 2, "show draw --rows -1"), "it is a number of at least 0, or all")
	wantAll(t, hero(t, 0, "show draw --rows 0"), "1 row, the first 0:")
}

// Stages with one key are computed once, which is not restored.
func TestSharedIsNotRestored(t *testing.T) {
	in(t, testPaper+"[stage.twin]\nkind = \"draw\"\neach = \"g\"\ntimes = 2\n")
	wantAll(t, hero(t, 0, "run -j 2"), "11 stages: 6 ran, 5 shared (")
}
