package spec

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestGraph(t *testing.T) {
	g := mustGraph(t, goodPaper, "")
	if want := 12 + 12 + 4 + 2 + 1 + 2; len(g.Stages) != want {
		t.Errorf("%d stages, want %d", len(g.Stages), want)
	}
	s := find(t, g, "curve-descent/N=128,alpha=3,seeds=51-100")
	if got, want := inputNames(s), []string{"curve-instance/N=128,alpha=3,seeds=51-100"}; !slices.Equal(got, want) {
		t.Errorf("inputs %v, want %v", got, want)
	}
	if got, want := string(s.Canonical()), `{"at":[],"eta":0.05,"fast":false,"loss":"ell"}`; got != want {
		t.Errorf("parameters %s, want %s", got, want)
	}
	if got, want := string(s.Inputs[0].Canonical()), `{"N":128,"alpha":3,"seeds":"51-100"}`; got != want {
		t.Errorf("parameters %s, want %s", got, want)
	}
	// A join on N alone: every alpha and block of that N.
	s = find(t, g, "loss-descent/loss=plain,N=64")
	if len(s.Inputs) != 6 {
		t.Errorf("%d inputs, want 6: %v", len(s.Inputs), inputNames(s))
	}
	for _, in := range s.Inputs {
		if !strings.Contains(in.Name, "/N=64,") {
			t.Errorf("%s reads %s", s.Name, in.Name)
		}
	}
	s = find(t, g, "size/N=128")
	if len(s.Inputs) != 6 || !strings.HasPrefix(s.Inputs[0].Name, "curve-descent/N=128,") {
		t.Errorf("size/N=128 reads %v", inputNames(s))
	}
	if s = find(t, g, "fit"); len(s.Inputs) != 16 {
		t.Errorf("fit has %d inputs, want 16", len(s.Inputs))
	}
	if got, want := inputNames(find(t, g, "figure/success")), []string{"fit", "size/N=64", "size/N=128"}; !slices.Equal(got, want) {
		t.Errorf("figure/success reads %v, want %v", got, want)
	}
	if s = find(t, g, "figure/spectrum"); len(s.Inputs) != 0 || string(s.Canonical()) != `{"figure":"spectrum"}` {
		t.Errorf("figure/spectrum: %s, inputs %v", s.Canonical(), inputNames(s))
	}
}

func TestPaper(t *testing.T) {
	p, err := Parse("paper.toml", []byte(goodPaper))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Profiles(), []string{"laptop", "smoke"}; !slices.Equal(got, want) || p.DefaultProfile() != "laptop" {
		t.Errorf("profiles %v, default %s", got, p.DefaultProfile())
	}
	if got, want := p.Figures("smoke"), []string{"success", "spectrum"}; !slices.Equal(got, want) {
		t.Errorf("figures %v, want %v", got, want)
	}
	families, err := p.Families("smoke", testKinds)
	if err != nil {
		t.Fatal(err)
	}
	want := Family{Name: "size", Kind: "finitesize", Doc: "makes finitesize", Axes: []string{"N"}, From: []string{"curve-descent"}}
	if len(families) != 5 || !reflect.DeepEqual(families[3], want) {
		t.Errorf("families %+v, want the fourth to be %+v", families, want)
	}
	if _, err := p.Families("big", testKinds); err == nil || !strings.Contains(err.Error(), "no profile is called big") {
		t.Errorf("families of an unknown profile: %v", err)
	}
}

func TestReport(t *testing.T) {
	p, err := Parse("paper.toml", []byte(replace(t, goodPaper, "[profile.laptop]\n", `[report]
title = "T"
abstract = "A"
findings = [
    "Half at {success/alpha50-N=64}.",
    "{spectrum/edge}{success/b}",
]
[report.titles]
success = "Recovery"
[profile.laptop]
`)))
	if err != nil {
		t.Fatal(err)
	}
	want := Report{
		Title: "T", Abstract: "A", Titles: map[string]string{"success": "Recovery"},
		Findings: []Finding{
			{"paper.toml:46", []Part{{Words: "Half at "}, {Figure: "success", Quantity: "alpha50-N=64"}, {Words: "."}}},
			{"paper.toml:47", []Part{{Figure: "spectrum", Quantity: "edge"}, {Figure: "success", Quantity: "b"}}},
		},
	}
	if got := p.Report(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestProfile(t *testing.T) {
	g := mustGraph(t, goodPaper, "smoke")
	if len(g.Stages) != 1+1+1+1+1+2 {
		t.Errorf("%d stages, want 7", len(g.Stages))
	}
	s := find(t, g, "curve-descent/N=32,alpha=4,seeds=1-50")
	if got, want := string(s.Canonical()), `{"at":[],"eta":0.5,"fast":true,"loss":"ell"}`; got != want {
		t.Errorf("parameters %s, want %s", got, want)
	}
	if got, want := string(s.Inputs[0].Canonical()), `{"N":32,"alpha":4,"seeds":"1-50"}`; got != want {
		t.Errorf("parameters %s, want %s", got, want)
	}
}

// longProfile has what the paper has not, and changes some of what it has.
const longProfile = goodPaper + `
[profile.long.grid.curve]
N = 256

[[profile.long.grid.loss]]
loss = "ell"
eta = [0.1, 0.2]
[[profile.long.grid.loss]]
loss = "plain"

[profile.long.grid.far]
N = [512, 1024]

[profile.long.stage.far-instance]
kind = "instance"
each = "far"
seeds = "1..10"

[profile.long.stage.fit]
from = ["loss-descent"]

[profile.long.figure]
spectrum = ["far-instance"]
distance = ["fit"]
`

func TestOwnStages(t *testing.T) {
	p, err := Parse("paper.toml", []byte(longProfile))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Figures("long"), []string{"success", "spectrum", "distance"}; !slices.Equal(got, want) {
		t.Errorf("figures %v, want %v", got, want)
	}
	if got := p.Figures("big"); got != nil {
		t.Errorf("figures of an unknown profile: %v", got)
	}
	if !maps.Equal(describe(mustGraph(t, longProfile, "")), describe(mustGraph(t, goodPaper, ""))) {
		t.Error("what another profile has of its own is in the default one")
	}
	g := mustGraph(t, replace(t, longProfile, `distance = ["fit"]`, ""), "long")
	for name, inputs := range map[string][]string{
		"curve-instance/N=256,alpha=2.5,seeds=51-100": nil,
		"far-instance/N=1024":                         nil,
		"loss-descent/loss=plain":                     nil,
		"fit":                                         {"loss-descent/loss=ell,eta=0.1", "loss-descent/loss=ell,eta=0.2", "loss-descent/loss=plain"},
		"figure/spectrum":                             {"far-instance/N=512", "far-instance/N=1024"},
		"figure/success":                              {"fit", "size/N=256"},
	} {
		if s := find(t, g, name); inputs != nil && !slices.Equal(inputNames(s), inputs) {
			t.Errorf("%s reads %v, want %v", name, inputNames(s), inputs)
		}
	}
}

// More seeds and sizes add stages and leave those that were there as they were.
func TestGrowth(t *testing.T) {
	before := describe(mustGraph(t, goodPaper, ""))
	text := replace(t, goodPaper, "1..100 by 50", "1..400 by 50")
	text = replace(t, text, "alpha = [2.0, 2.5, 3.0]", "alpha = [1.5, 2.0, 2.25, 2.5, 3.0, 4]")
	after := describe(mustGraph(t, text, ""))
	if len(after) <= len(before) {
		t.Fatalf("%d stages became %d", len(before), len(after))
	}
	for name, was := range before {
		if strings.HasPrefix(name, "curve-") && after[name] != was {
			t.Errorf("%s was\n%s\nand is\n%s", name, was, after[name])
		}
		if after[name] == "" {
			t.Errorf("%s is gone", name)
		}
	}
}

// The order of tables, and of keys in a stage, carries no meaning.
func TestReorder(t *testing.T) {
	blocks := strings.Split(strings.TrimSpace(goodPaper), "\n\n")
	for i, b := range blocks {
		lines := strings.Split(b, "\n")
		if strings.HasPrefix(lines[0], "[stage.") || lines[0] == "[figure]" {
			slices.Reverse(lines[1:])
		}
		blocks[i] = strings.Join(lines, "\n")
	}
	slices.Reverse(blocks[1:])
	other := strings.Join(blocks, "\n\n")
	for _, profile := range []string{"laptop", "smoke"} {
		if a, b := describe(mustGraph(t, goodPaper, profile)), describe(mustGraph(t, other, profile)); !maps.Equal(a, b) {
			t.Errorf("profile %s: reordered tables give\n%v\nnot\n%v", profile, b, a)
		}
	}
}

func TestDeterminism(t *testing.T) {
	first := fmt.Sprint(stageOrder(t))
	for range 20 {
		if again := fmt.Sprint(stageOrder(t)); again != first {
			t.Fatalf("order\n%s\nand then\n%s", first, again)
		}
	}
}

func stageOrder(t *testing.T) []string {
	var out []string
	for _, s := range mustGraph(t, goodPaper, "").Stages {
		out = append(out, s.Name, fmt.Sprint(inputNames(s)))
	}
	return out
}

// 64 and 64.0, 2 and 2.0, 0.0001 and 1e-4 are the same value, in names, joins and parameters.
func TestNumbers(t *testing.T) {
	a := describe(mustGraph(t, goodPaper, ""))
	text := replace(t, goodPaper, "N     = [64, 128]", "N     = [64.0, 1.28e2]")
	text = replace(t, text, "[2.0, 2.5, 3.0]", "[2, 25e-1, 3]")
	text = replace(t, text, "eta  = 0.05", "eta  = 5e-2")
	if b := describe(mustGraph(t, text, "")); !maps.Equal(a, b) {
		t.Errorf("the same numbers written otherwise give\n%v\nnot\n%v", b, a)
	}
	for x, want := range map[float64]string{
		3: "3", 2.5: "2.5", -0.25: "-0.25", 1e-4: "0.0001", 1e-5: "1e-5", 1.5e-12: "1.5e-12", 1e6: "1000000", 1e22: "1e+22", 0: "0",
	} {
		if got := formatFloat(x); got != want {
			t.Errorf("formatFloat(%v) = %s, want %s", x, got, want)
		}
	}
	minus := mustGraph(t, replace(t, goodPaper, "eta  = 0.05", "at = [-0.0, 1]"), "")
	zero := mustGraph(t, replace(t, goodPaper, "eta  = 0.05", "at = [0, 1.0]"), "")
	if !maps.Equal(describe(minus), describe(zero)) {
		t.Error("-0.0 and 0 in a list differ")
	}
}

func TestUnion(t *testing.T) {
	const text = `default-profile = "all"
profile.all = {}
[[grid.g]]
N = [8, 16]
seeds = "1..20 by 10"
[[grid.g]]
seeds = ["1..10", "41..50"]
N = [16.0, 32]
[stage.instance]
kind = "instance"
each = "g"
`
	g := mustGraph(t, text, "all")
	var names []string
	for _, s := range g.Stages {
		names = append(names, strings.TrimPrefix(s.Name, "instance/"))
	}
	want := []string{
		"N=8,seeds=1-10", "N=8,seeds=11-20", "N=16,seeds=1-10", "N=16,seeds=11-20",
		"N=16,seeds=41-50", "N=32,seeds=1-10", "N=32,seeds=41-50",
	}
	if !slices.Equal(names, want) {
		t.Errorf("stages %v, want %v", names, want)
	}
	inline := replace(t, text, "[[grid.g]]\nN = [8, 16]\nseeds = \"1..20 by 10\"\n[[grid.g]]\nseeds = [\"1..10\", \"41..50\"]\nN = [16.0, 32]",
		"[grid]\ng = [{N = [8, 16], seeds = \"1..20 by 10\"}, {seeds = [\"1..10\", \"41..50\"], N = [16, 32]}]")
	if a, b := describe(g), describe(mustGraph(t, inline, "all")); !maps.Equal(a, b) {
		t.Errorf("inline tables give\n%v\nnot\n%v", b, a)
	}
}

// The join against its definition: every pair of stages compared.
func TestJoinBruteForce(t *testing.T) {
	p, err := Parse("paper.toml", []byte(goodPaper))
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.Graph("", testKinds)
	if err != nil {
		t.Fatal(err)
	}
	axes := func(name string) map[string]string {
		out := map[string]string{}
		if _, rest, ok := strings.Cut(name, "/"); ok && strings.Contains(rest, "=") {
			for _, a := range strings.Split(rest, ",") {
				k, v, _ := strings.Cut(a, "=")
				out[k] = v
			}
		}
		return out
	}
	families, err := p.Families("", testKinds)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, s := range g.Match(f.Name) {
			var want []string
			for _, from := range f.From {
				for _, in := range g.Match(from) {
					agree, a := true, axes(s.Name)
					for k, v := range axes(in.Name) {
						if have, ok := a[k]; ok && have != v {
							agree = false
						}
					}
					if agree {
						want = append(want, in.Name)
					}
				}
			}
			got := inputNames(s)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s reads %v, want %v", s.Name, got, want)
			}
		}
	}
}

// bigPaper has 10,001 stages: 5,000 points, two families and a fan-in.
const bigPaper = `default-profile = "a"
profile.a = {}
[grid.g]
N = [8, 16, 32, 64, 128]
alpha = [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5]
seeds = "1..5000 by 50"
[stage.instance]
kind = "instance"
each = "g"
[stage.descent]
kind = "descent"
each = "g"
from = ["instance"]
[stage.fit]
kind = "finitesize"
from = ["descent"]
`

func TestTenThousandStages(t *testing.T) {
	if g := mustGraph(t, bigPaper, ""); len(g.Stages) != 10_001 {
		t.Fatalf("%d stages, want 10001", len(g.Stages))
	}
}

func BenchmarkGraph(b *testing.B) {
	for b.Loop() {
		mustGraph(b, bigPaper, "")
	}
}
