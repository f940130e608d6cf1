package main

import (
	"regexp"
	"strings"
	"testing"

	"zerotohero/pipeline/spec"
)

// Numbers beyond all bounds are errors with their line when the graph is made: they
// are neither wrapped around nor computed with.
func TestHugeNumbers(t *testing.T) {
	paper := read(t, "paper.toml")
	for _, c := range []struct{ old, new, want string }{
		{"[stage.init-instance]\nkind = \"instance\"\neach = \"init\"\nN = 1000", "[stage.init-instance]\nkind = \"instance\"\neach = \"init\"\nN = 1e15", "more than fit"},
		{"[stage.init-instance]\nkind = \"instance\"\neach = \"init\"\nN = 1000", "[stage.init-instance]\nkind = \"instance\"\neach = \"init\"\nN = 9000000000000000000", "more than fit"},
		{"[stage.init-instance]\nkind = \"instance\"\neach = \"init\"\nN = 1000", "[stage.init-instance]\nkind = \"instance\"\neach = \"init\"\nN = 10000000000000000000", "out of range"},
		{"alpha = [1.0, 1.3, 3.0]", "alpha = 1e300", "more than fit"},
		{"alpha = [1.0, 1.3, 3.0]", "alpha = 1e400", "."},
		{"[grid.window]\nseeds = \"1..24 by 12\"", "[grid.window]\nseeds = \"1..999999999999999\"", "999999999999999 instances"},
		{"[grid.window]\nseeds = \"1..24 by 12\"", "[grid.window]\nseeds = \"1..999999999 by 999999999\"", "999999999 instances"},
		{"[grid.window]\nseeds = \"1..24 by 12\"", "[grid.window]\nseeds = \"1..99999999999999999\"", "is not a range"},
		{"starts = 1\n", "starts = 1e13\n", "curve-descent/N=64,alpha=1.5,seeds=1-25,starts=10000000000000 (kind descent): it would"},
		{"starts = 1\n", "starts = 9000000000000000000\n", "it would"},
		{"from = [\"curve-descent\", \"large-descent\"]", "from = [\"curve-descent\", \"large-descent\"]\nresamples = 1e15", "curve-fit (kind finitesize): it would take"},
		{"from = [\"curve-fit\", \"init-transition\", \"trap-transition\", \"dynamics\"]", "from = [\"curve-fit\", \"init-transition\", \"trap-transition\", \"dynamics\"]\nresamples = 1e15", "it would"},
		{"from = [\"null-descent\", \"null-instance\"]", "from = [\"null-descent\", \"null-instance\"]\nresamples = 1e15", "it would take"},
		{"alpha_min = 0.5", "points = 9000000000000000\nalpha_min = 0.5", "it would"},
		{"budget = 1\n", "budget = 9000000000000000000\n", ""},
		{"tol = 1e-2\n", "max_time = 1e300\ntol = 1e-2\n", ""},
	} {
		if !strings.Contains(paper, c.old) {
			t.Fatalf("paper.toml has no %q", c.old)
		}
		p, err := spec.Parse("paper.toml", []byte(strings.Replace(paper, c.old, c.new, 1)))
		if err == nil {
			g, wrong := p.Graph("laptop", kinds)
			if err = wrong; err == nil {
				for _, s := range g.Stages {
					if err := s.Cost().Check(); err != nil {
						t.Errorf("%q: %s: %v", c.new, s.Name, err)
					}
				}
			}
		}
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.new, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !regexp.MustCompile(`^paper\.toml:[0-9]+: `).MatchString(err.Error())):
			t.Errorf("%q: %v, want %q", c.new, err, c.want)
		}
	}
}
