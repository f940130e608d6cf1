package formula_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/spec"
	"zerotohero/stages/descent"
	"zerotohero/stages/instance"
	"zerotohero/stages/theory"
)

// paper is one with a loss of this text.
func paper(loss string) string {
	return `default-profile = "all"
profile.all = {}
[loss.mine]
` + loss + `
[grid.g]
loss = "mine"
a = [1, 2.5]
[stage.transition]
kind = "theory-transition"
each = "g"
[stage.instance]
kind = "instance"
N = 16
alpha = 3
seeds = "1..2"
[stage.descent]
kind = "descent"
from = ["instance"]
loss = "mine"
method = "flow"
`
}

// parameters of the stages of a paper, as their keys have them.
func parameters(text string) ([]string, error) {
	p, err := spec.Parse("paper.toml", []byte(text))
	if err != nil {
		return nil, err
	}
	g, err := p.Graph("all", []*pipeline.Kind{theory.TransitionKind, instance.Kind, descent.Kind})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range g.Stages {
		out = append(out, fmt.Sprintf("%s %s", s.Name, s.Canonical()))
	}
	return out, nil
}

// Spaces, lines, parentheses, names of where and the way that numbers are written change no
// stage's name and no parameter in its key. Another formula or value does.
func TestKeys(t *testing.T) {
	want, err := parameters(paper("formula = \"(a + y^2)*log(1 + ((u^2 - y^2)/(a + y^2))^2/2)\"\na = 1"))
	if err != nil || len(want) != 4 {
		t.Fatal(want, err)
	}
	for _, loss := range []string{
		"formula = \"(a+y^2) * log(1+r^2/2)\"\nwhere = { r = \"(u^2 - y^2)/(a + y^2)\" }\na = 1.0",
		"formula = \"c*log(((1)) + (s^(2))/2)\"\nwhere = { c = \"((a+y^2))\", s = \"q/c\", q = \"u^2-(y^2)\" }\na = 1e0",
		"a = 10e-1\nformula = '''\n  (a + y^2.0)\n  * log(1.00 + ((u^2 - y^2)/\n  (a + y^2))^2/+2e0)'''",
	} {
		if got, err := parameters(paper(loss)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s\ngives %q,\nnot %q; %v", loss, got, want, err)
		}
	}
	for _, loss := range []string{
		"formula = \"(a + y^2)*log(1 + ((u^2 - y^2)/(a + y^2))^2/3)\"\na = 1",
		"formula = \"(a + y^2)*log(1 + ((u^2 - y^2)/(a + y^2))^2/2)\"\na = 1.5",
	} {
		if got, err := parameters(paper(loss)); err != nil || slices.Equal(got, want) {
			t.Errorf("%s\ngives the same, %v", loss, err)
		}
	}
}

// Mistakes are errors when paper.toml is read, with the line there and the column of the formula,
// which is shown with a mark below.
func TestPaperErrors(t *testing.T) {
	const good = "formula = \"(u^2 - y^2)^2/(a + y^2)\"\na = 1"
	for _, c := range []struct{ text, want string }{
		{paper("formula = \"(u^2 - y^2)^2/(b + y^2)\"\na = 1"),
			"paper.toml:4: loss mine: column 16: b has no value; if it is a parameter write b = 1 below the formula; " +
				"known are u, y, a\n    (u^2 - y^2)^2/(b + y^2)\n                   ^"},
		{paper("formula = \"(u^2 - y^2)^2/(a + y^2)\""), "paper.toml:4: loss mine: column 16: a has no value"},
		{paper("formula = \"sqr(u^2 - y^2)\""), "paper.toml:4: loss mine: column 1: no function is called sqr; did you mean sqrt?"},
		{paper("formula = \"((u^2 - y^2)^2/(a + y^2)\"\na = 1"), "paper.toml:4: loss mine: column 1: this ( is not closed"},
		{paper("formula = \"r^2/a\"\nwhere = { r = \"u^2 - y^2)\" }\na = 1"),
			"paper.toml:5: loss mine, r: column 10: this ) closes nothing"},
		{paper("formula = \"(u - y)^2/a\"\na = 1"), "paper.toml:4: loss mine: with a = 1 the loss is not even in u"},
		{paper("formula = \"a*(1/(u^2-9) + 1/9)\"\na = 1"),
			"paper.toml:4: loss mine: with a = 1 the loss is not finite: at y = 0, u = 3 ℓ is +Inf"},
		{paper("formula = \"a*abs(u^2 - 4)*(u^2 - y^2)^2\"\na = 1\nkink = true"),
			"paper.toml:4: loss mine: with a = 1 the loss is not differentiable: at y = 0.3, u = -2"},
		{paper("formula = \"a*abs(u^2 - y^2)\"\na = 1"), "allow it with kink = true"},
		{paper("formula = \"a*(u^2 - y^2)^2\"\na = 1"),
			"paper.toml:7: transition/loss=mine,a=1: loss: theory: the bulk has no finite edge, because the weights s are unbounded"},
		{paper("formula = \"" + strings.Repeat("a*u^2*", 2000) + "1\"\na = 1"),
			"paper.toml:4: loss mine: column 4097: the formula goes on after 4096 characters"},
		{paper("formula = \"" + strings.Repeat("(", 1000) + "a*u^2" + strings.Repeat(")", 1000) + "\"\na = 1"),
			"paper.toml:4: loss mine: column 101: more than 100 parentheses"},
		{paper(good) + "[loss.mine]\nformula = \"u^2\"\n", "Key 'loss.mine' has already been defined"},
		{paper(good) + "[loss.ell]\n" + good, "paper.toml:22: loss ell: loss ell is one of zerotohero/stages/loss/ell already; call this one something else"},
		{strings.Replace(paper(good), "loss = \"mine\"\na", "loss = \"mime\"\na", 1),
			`paper.toml:7: transition/loss=mime,a=1: loss: unknown loss "mime"; did you mean mine? known are ell, `},
		{strings.Replace(paper(good), "a = [1", "a = [0", 1), "paper.toml:9: transition/loss=mine,a=0: with a = 0 the loss is not finite"},
	} {
		_, err := parameters(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.300s\n%v\nis not\n%s", c.text, err, c.want)
		} else if testing.Verbose() {
			t.Log(err)
		}
	}
}
