package cli

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"zerotohero/pipeline"
	"zerotohero/pipeline/build"
	"zerotohero/pipeline/quantity"
)

type number struct {
	X int64 `arrow:"x" unit:"1" doc:"a number"`
}

type drawParams struct {
	Seeds pipeline.Range `param:"seeds"`
	Times int            `param:"times" default:"1" help:"factor"`
}

func (p drawParams) Validate() error {
	if p.Times < 1 {
		return pipeline.BadParam("times", "is %d and must be at least 1", p.Times)
	}
	return nil
}

type figureParams struct {
	Figure string `param:"figure"`
}

func testApp() App {
	draw := pipeline.Define(pipeline.Definition[drawParams, number]{
		Name: "draw", Doc: "numbers of seeds",
		Cost: func(drawParams, []*pipeline.Stage) pipeline.Cost { return pipeline.Cost{Seconds: 0.1, Bytes: 64 << 20} },
		Run: func(_ context.Context, p drawParams, _ pipeline.Inputs) ([]number, error) {
			if p.Times == 13 {
				return nil, fmt.Errorf("13 brings no luck; take another")
			}
			var rows []number
			for s := p.Seeds.First; s <= p.Seeds.Last; s++ {
				rows = append(rows, number{s * int64(p.Times)})
			}
			return rows, nil
		},
	})
	figure := pipeline.Define(pipeline.Definition[figureParams, pipeline.Export]{
		Name: "figure", Doc: "files", Reads: []pipeline.Read{pipeline.Reads[number]("draw").OrNone()},
		Run: func(_ context.Context, p figureParams, in pipeline.Inputs) ([]pipeline.Export, error) {
			n := 0
			for _, i := range in {
				rows, err := pipeline.Rows[number](i)
				if err != nil {
					return nil, err
				}
				n += len(rows)
			}
			return []pipeline.Export{{
				Files:      []pipeline.File{{Name: p.Figure + ".svg", Content: fmt.Append(nil, n)}},
				Caption:    []pipeline.Text{pipeline.Plain("How many rows there are.")},
				Quantities: []pipeline.Quantity{quantity.New("rows", pipeline.Plain("rows of all inputs"), float64(n), math.NaN(), math.NaN())},
			}}, nil
		},
	})
	app := App{
		Name: "hero", Short: "a test", Exports: "figures/out", Build: func() (build.Build, error) {
			return build.Build{Origin: build.Origin{Identity: "askew"}, Deviations: []string{"askew"}}, nil
		}, Rebuild: "make test", Kinds: []*pipeline.Kind{draw, figure},
		Sources: fstest.MapFS{
			"go.mod":                  {Data: []byte("module example\n")},
			"stages/draw/draw.go":     {Data: []byte("package draw\n\nconst x = 1\n")},
			"stages/figure/figure.go": {Data: []byte("package figure\n\nconst x = 1\n")},
		},
	}
	for _, k := range app.Kinds {
		k.Entry = pipeline.Function{Package: "example/stages/" + k.Name}
	}
	return app
}

const testPaper = `default-profile = "all"
profile.all = {}
profile.few.grid.g.seeds = "1..2 by 1"
[grid.g]
seeds = "1..5 by 1"
[stage.draw]
kind = "draw"
each = "g"
times = 2
[figure]
count = ["draw"]
`

// in moves the test to a folder with a paper.
func in(t *testing.T, paper string) {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, paper)
}

func write(t *testing.T, paper string) {
	t.Helper()
	if err := os.WriteFile("paper.toml", []byte(paper), 0o666); err != nil {
		t.Fatal(err)
	}
}

// hero runs a command line, wants its exit code, and returns all that it printed.
func hero(t *testing.T, want int, line string) string {
	t.Helper()
	return heroArgs(t, want, strings.Fields(line)...)
}

func heroArgs(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if got := execute(testApp(), args, &out, &out); got != want {
		t.Errorf("hero %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, want, out.String())
	}
	return out.String()
}

func wantAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in\n%s", p, text)
		}
	}
}

func TestVerbs(t *testing.T) {
	in(t, testPaper)
	wantAll(t, hero(t, 0, "plan"), "run      draw, 5 stages such as draw/seeds=1-1\n           new: never")
	wantAll(t, hero(t, 0, "plan --all"), "run      draw/seeds=1-1", "new: never computed", "run      figure/count",
		"6 to run")
	wantAll(t, hero(t, 0, "run -j 2"), "[6/6] figure/count", "6 stages: 6 ran", "wrote figures/out/count.svg")
	wantAll(t, hero(t, 0, "run"), "6 stages: 0 ran, 6 fresh")
	wantAll(t, hero(t, 0, "plan"), "6 stages: 6 fresh, 0 to restore, 0 to run")
	wantAll(t, hero(t, 0, "status"), "draw", "figure/count", "profile all")
	wantAll(t, hero(t, 0, "run --profile few"), "3 stages: 1 ran, 2 restored", "wrote figures/out/few/count.svg")
	wantAll(t, hero(t, 0, "run"), "6 stages: 0 ran, 6 fresh")
	wantAll(t, hero(t, 0, "explain data/view/few/draw/seeds=1-1.arrow --profile few"), "draw/seeds=1-1 (draw)")

	wantAll(t, hero(t, 0, "explain count"), "figure/count (figure)", `parameters {"figure":"count"}`,
		"program    unknown revision, not the portable build: askew", "example/stages/figure",
		"5 stages of draw, 5 computed", "draw/seeds=1-1 (draw)", `"seeds":"1-1"`)
	all := hero(t, 0, "explain figures/out/count.svg --all")
	wantAll(t, all, "draw/seeds=5-5 (draw)")
	digest := strings.Fields(all[strings.Index(all, "artifact   ")+11:])[0]
	wantAll(t, hero(t, 0, "explain "+digest[:8]), "figure/count")
	wantAll(t, hero(t, 0, "explain data/view/draw/seeds=2-2.arrow"), "draw/seeds=2-2 (draw)")
	wantAll(t, hero(t, 0, "show draw/seeds=3-3"), "x  int64  [1]  a number",
		`kind draw, parameters {"seeds":"3-3","times":2}`, "x  6")
	wantAll(t, hero(t, 0, "show count"), "How many rows there are.\n", "rows       ", "rows of all inputs", "count.svg  1 bytes")
	wantAll(t, hero(t, 0, "graph"), "digraph", "draw, 5 stages", "n0 -> n1")
	wantAll(t, hero(t, 0, "graph --format mermaid --stages"), "flowchart", "n4[\"draw/seeds=5-5<br>draw\"]",
		"n4 --> n5")

	wantAll(t, hero(t, 1, "verify"), "no paper.lock to compare with")
	wantAll(t, hero(t, 0, "verify --update"), "wrote paper.lock: 6 artifacts")
	wantAll(t, hero(t, 0, "verify"), "7 artifacts read, 0 damaged",
		"all 6 artifacts of profile all reproduced, bit for bit")

	write(t, strings.Replace(testPaper, "times = 2", "times = 3", 1))
	wantAll(t, hero(t, 0, "plan"), "parameters: times was 2, is 3")
	wantAll(t, hero(t, 1, "verify"),
		"not computed  draw, 5 stages such as draw/seeds=1-1\nnot computed  figure/count\n", "6 not computed")
	hero(t, 0, "run")
	wantAll(t, hero(t, 1, "verify"), "different     draw, 5 stages such as draw/seeds=1-1",
		"note: this hero is not the portable build (askew)", "1 the same, 5 different")
}

func TestVerifyFindsDamage(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	path, err := filepath.EvalSymlinks("data/view/draw/seeds=4-4.arrow")
	if err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(path)
	data[len(data)/3] ^= 1
	os.Chmod(path, 0o666)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	gone, _ := filepath.EvalSymlinks("data/view/draw/seeds=2-2.arrow")
	os.Remove(gone)
	wantAll(t, hero(t, 1, "verify"), "altered    "+path+", of draw/seeds=4-4",
		"missing    "+gone+", of draw/seeds=2-2", "2 damaged or missing")
	wantAll(t, hero(t, 0, "run"), "2 ran")
	wantAll(t, hero(t, 0, "verify"), "bit for bit")
}

func TestMistakes(t *testing.T) {
	in(t, testPaper)
	for _, c := range []struct {
		line string
		code int
		want string
	}{
		{"run cuont", 2, "no figure or stage of profile all is called cuont; did you mean count?"},
		{"run --profile fw", 2, "no profile is called fw; did you mean few?"},
		{"run -j 0", 2, "-j is 0"},
		{"run --memory lots", 2, `write it like "4GiB"`},
		{"run --nonsense", 2, "unknown flag"},
		{"explain", 2, "accepts 1 arg"},
		{"explain nothing", 2, "no figure, stage or artifact nothing"},
		{"plan --store none", 0, "6 to run"},
		{"show draw/seeds=1-1", 1, "is not computed, or not intact; run: hero run 'draw/seeds=1-1'"},
		{"graph --format png", 2, "known are dot, mermaid"},
		{"plam", 2, "no command is called plam; did you mean plan?"},
		{"run --store paper.toml", 2, "is not a folder"},
		{"run --memory NaN", 2, "is not a size"},
		{"verify --store none --profile few", 2,
			"there is no store in none; name another with --store, or make it with: hero run"},
		{"plan --store=", 2, `"--store" flag: a folder has a name`},
		{"graph --store=", 2, `"--store" flag: a folder has a name`},
		{"run --out=", 2, `"--out" flag: a folder has a name`},
	} {
		wantAll(t, hero(t, c.code, c.line), c.want)
	}
	write(t, strings.Replace(testPaper, "times = 2", "tmies = 2", 1))
	wantAll(t, hero(t, 2, "run"), "paper.toml:9: ", "tmies", "did you mean times?")
	write(t, strings.Replace(testPaper, "times = 2", "times = 13", 1))
	wantAll(t, hero(t, 1, "run"), "5 stages failed; left out because of that: 1", "draw/seeds=1-1: 13 brings no luck")
	t.Chdir(t.TempDir())
	wantAll(t, hero(t, 2, "plan"), "no paper.toml in this folder")
}

func TestHelp(t *testing.T) {
	in(t, testPaper)
	for _, verb := range []string{"run", "plan", "status", "explain", "show", "verify", "graph"} {
		wantAll(t, hero(t, 0, verb+" --help"), "Examples:\n  hero "+verb, "--store", "--profile")
	}
	wantAll(t, hero(t, 0, "--help"), "Exit codes:", "completion")
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]int64{"4GiB": 4 << 30, "500MB": 5e8, "1.5 KiB": 1536, "7": 7} {
		if got, err := parseBytes(text); got != want || err != nil {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "-1", "0", "1PiB", "GiB"} {
		if _, err := parseBytes(text); err == nil {
			t.Errorf("%q passed for a size", text)
		}
	}
}
