package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/store"
)

func TestVerifyRecomputes(t *testing.T) {
	in(t, testPaper)
	hero(t, 0, "run")
	hero(t, 0, "verify --update")
	wantAll(t, hero(t, 0, "verify --recompute"), "computing 6 of 6 stages again (seed 1)", "not the portable build: askew",
		"same       draw/seeds=4-4 (", "computed again: 6 stages the same bit for bit, 0 not")
	wantAll(t, hero(t, 0, "verify --recompute --sample 2 --seed 3"), "computing 2 of 6 stages again (seed 3)",
		"same       figure/count")
	wantAll(t, hero(t, 0, "verify --recompute draw/seeds=4-4 --sample all --budget none"), "computing 1 of 1 stage again")

	wantAll(t, hero(t, 2, "verify --recompute --memory 1KiB"), "of more memory than a run may use here")
	edit(t, "paper.toml", "times = 2", "times = 3")
	wantAll(t, hero(t, 1, "verify --recompute draw/seeds=4-4"), "none of 1 stage is in the store")
	edit(t, "paper.toml", "times = 3", "times = 2")

	path := linked(t, "draw/seeds=4-4.arrow")
	data, _ := os.ReadFile(path)
	data[len(data)/2] ^= 1
	edit(t, path, "", string(data))
	wantAll(t, hero(t, 1, "verify --recompute --sample all"), "altered    "+path,
		"failed     figure/count", "reading draw/seeds=4-4: artifact "+path+" is altered",
		"same       draw/seeds=4-4", "1 stage not as in the store when computed again")

	var v verification
	if err := json.Unmarshal([]byte(hero(t, 1, "verify --recompute --sample all --json")), &v); err == nil {
		t.Error("notes go to standard output") // hero joins both outputs here
	}
	for args, want := range map[string]string{
		"verify draw":                        "add --recompute",
		"verify --sample 3":                  "--sample is about what --recompute computes",
		"verify --recompute --sample 0":      `--sample is "0"`,
		"verify --recompute --sample some":   `--sample is "some"`,
		"verify --recompute --budget 3":      `--budget is "3"`,
		"verify --recompute --budget -3s":    `--budget is "-3s"`,
		"verify --recompute -j 0":            "-j is 0",
		"verify --recompute nothing":         "no figure or stage of profile all is called nothing",
		"verify --recompute --memory lots":   "--memory",
		"verify --recompute --seed -1":       "seed",
		"verify --recompute --sample 3 --xx": "unknown flag",
	} {
		wantAll(t, hero(t, 2, args), want)
	}
}

// witnesses are of two kinds, ten and three, that took a second each.
func witnesses() (out []engine.Witness) {
	for kind, n := range map[string]int{"few": 3, "many": 10} {
		for k := range n {
			s := pipeline.NewStage(fmt.Sprintf("%s/k=%d", kind, k), &pipeline.Kind{Name: kind}, nil)
			out = append(out, engine.Witness{Stage: s, Action: &store.Action{Seconds: 1}})
		}
	}
	return out
}

func TestSample(t *testing.T) {
	names := func(most int, seed uint64, seconds float64) string {
		chosen, over := sample(witnesses(), most, seed, seconds)
		var out []string
		for _, c := range chosen {
			out = append(out, c.Stage.Name)
		}
		return fmt.Sprint(strings.Count(fmt.Sprint(out), "few"), strings.Count(fmt.Sprint(out), "many"), over, out)
	}
	for _, c := range []struct {
		most    int
		seconds float64
		want    string
	}{{6, 0, "3 3 0"}, {8, 0, "3 5 0"}, {0, 0, "3 10 0"}, {99, 0, "3 10 0"}, {6, 4.5, "2 2 9"}, {1, 100, "1 0 0"}, {0, 0.5, "0 0 13"}} {
		if got := names(c.most, 1, c.seconds); !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %s", c, got)
		}
	}
	one, again, other := names(6, 1, 0), names(6, 1, 0), names(6, 2, 0)
	if one != again || one == other {
		t.Error("the seed does not decide")
	}
}
