package spec

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
)

type instanceParams struct {
	N     int            `param:"N" help:"dimension"`
	Alpha float64        `param:"alpha" default:"2" help:"ratio of samples to dimension"`
	Seeds pipeline.Range `param:"seeds" help:"block of seeds"`
}

func (p instanceParams) Validate() error {
	if p.N < 2 {
		return pipeline.BadParam("N", "is %d; it must be at least 2", p.N)
	}
	return nil
}

type descentParams struct {
	Eta  float64   `param:"eta" default:"0.02" help:"step of the descent"`
	Loss string    `param:"loss" default:"ell"`
	At   []float64 `param:"at" default:""`
	Fast bool      `param:"fast" default:"false"`
}

func (p descentParams) Validate() error {
	if p.Eta <= 0 {
		return pipeline.BadParam("eta", "is %v and must be positive", p.Eta)
	}
	return nil
}

type fitParams struct {
	Bins int `param:"bins" default:"20"`
}

type figureParams struct {
	Figure string `param:"figure"`
}

func (p figureParams) Validate() error {
	if p.Figure != "success" && p.Figure != "spectrum" {
		return pipeline.BadParam("figure", "%q is not one of success, spectrum", p.Figure)
	}
	return nil
}

type testRow struct{}

// define makes a kind that needs inputs of the kinds that are named, and takes those of
// any other.
func define[P any](name string, needs ...string) *pipeline.Kind {
	d := pipeline.Definition[P, testRow]{
		Name: name, Doc: "makes " + name,
		Run: func(context.Context, P, pipeline.Inputs) ([]testRow, error) {
			return nil, fmt.Errorf("not for running")
		},
	}
	for _, k := range []string{"instance", "descent", "finitesize", "figure"} {
		r := pipeline.Reads[testRow](k)
		if !slices.Contains(needs, k) {
			r = r.OrNone()
		}
		d.Reads = append(d.Reads, r)
	}
	return pipeline.Define(d)
}

var testKinds = []*pipeline.Kind{
	define[instanceParams]("instance"),
	define[descentParams]("descent", "instance"),
	define[fitParams]("finitesize", "descent"),
	define[figureParams]("figure"),
}

const goodPaper = `default-profile = "laptop"

[grid.curve]
N     = [64, 128]
alpha = [2.0, 2.5, 3.0]
seeds = "1..100 by 50"

[grid.loss]
loss = ["ell", "plain"]
N = [64, 128]

[stage.curve-instance]
kind = "instance"
each = "curve"

[stage.curve-descent]
kind = "descent"
each = "curve"
from = ["curve-instance"]
eta  = 0.05

[stage.loss-descent]
kind = "descent"
each = "loss"
from = ["curve-instance"]

[stage.size]
kind = "finitesize"
each = "curve"
over = ["N"]
from = ["curve-descent"]

[stage.fit]
kind = "finitesize"
from = ["curve-descent", "loss-descent"]
bins = 40

[figure]
success  = ["fit", "size"]
spectrum = []

[profile.laptop]

[profile.smoke.grid.curve]
seeds = "1..50"
N     = 32
alpha = 4

[profile.smoke.grid.loss]
loss = "ell"
N = 32

[profile.smoke.stage.curve-descent]
fast = true
eta = 0.5
`

func mustGraph(t testing.TB, text, profile string) *pipeline.Graph {
	t.Helper()
	p, err := Parse("paper.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	g, err := p.Graph(profile, testKinds)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// describe writes a graph without the order of stages: a line for each, with
// its canonical parameters and the sorted names of its inputs.
func describe(g *pipeline.Graph) map[string]string {
	out := make(map[string]string)
	for _, s := range g.Stages {
		in := inputNames(s)
		slices.Sort(in)
		out[s.Name] = fmt.Sprintf("%s %s <- %s", s.Kind.Name, s.Canonical(), strings.Join(in, " "))
	}
	return out
}

func inputNames(s *pipeline.Stage) []string {
	var in []string
	for _, i := range s.Inputs {
		in = append(in, i.Name)
	}
	return in
}

func find(t testing.TB, g *pipeline.Graph, name string) *pipeline.Stage {
	t.Helper()
	var names []string
	for _, s := range g.Stages {
		if s.Name == name {
			return s
		}
		names = append(names, s.Name)
	}
	t.Fatalf("no stage %s among\n%s", name, strings.Join(names, "\n"))
	return nil
}

// replace swaps a part of a text that must be there, so that a test cannot
// silently test the unchanged text.
func replace(t testing.TB, text, old, new string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("the text has no %q", old)
	}
	return strings.Replace(text, old, new, 1)
}
