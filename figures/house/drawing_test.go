package house

import (
	"math"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"gonum.org/v1/plot/vg"

	"zerotohero/pipeline/quantity"
)

func TestDescription(t *testing.T) {
	p := NewPanel("$x$", "$y$")
	p.Add(Curve{X: []float64{1, 2}, Y: []float64{1, 2}, Style: Line(Blue)})
	d := drawing(SingleColumn, 5*vg.Centimeter, p.Draw)
	d.Caption = "What $α$ is.\n\nAnd <b>."
	d.Quantities = []Quantity{Estimate("a-N=64", `$α_{50}$ "half"`, 2, 1, math.Inf(1)), Exact("b", "exact", 3),
		None("c", "text", `no "$α$"`)}
	x, err := d.Render("fig")
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]string{}
	for _, f := range x.Files {
		by[f.Name] = string(f.Content)
	}
	if by["fig.txt"] != "What α is.\n\nAnd <b>.\n" {
		t.Errorf("caption: %q", by["fig.txt"])
	}
	if got := x.Caption[1]; got.HTML != "And &lt;b&gt;." || got.Plain != "And <b>." {
		t.Errorf("second paragraph: %+v", got)
	}
	if c := x.Quantities[2]; c.None.HTML != "no &#34;<i>α</i>&#34;" || c.Rounded != "" || !math.IsNaN(c.Value) {
		t.Errorf("%+v", c)
	}
	// The digits are those of the rule for the numbers beside them.
	for _, q := range x.Quantities[:2] {
		if v, lo, hi := quantity.Round(q.Value, q.Lo, q.Hi); q.Rounded != v || q.RoundedLo != lo || q.RoundedHi != hi {
			t.Errorf("%+v is rounded otherwise than to %s [%s, %s]", q, v, lo, hi)
		}
	}
	var got map[string]struct {
		Text     string
		Value    *float64
		None     string
		Lo, Hi   *float64
		Rounded  string
		Interval []string
	}
	if _, err := toml.Decode(by["fig.toml"], &got); err != nil {
		t.Fatalf("%v\n%s", err, by["fig.toml"])
	}
	a, b := got["a-N=64"], got["b"]
	if a.Text != `α₅₀ "half"` || *a.Value != 2 || *a.Lo != 1 || !math.IsInf(*a.Hi, 1) || a.Rounded != "2.0" ||
		a.Interval[1] != "inf" {
		t.Errorf("%+v", a)
	}
	if b.Lo != nil || b.Hi != nil || *b.Value != 3 || b.Interval != nil {
		t.Errorf("%+v", b)
	}

	if c := got["c"]; c.None != `no "α"` || c.Value != nil || c.Rounded != "" {
		t.Errorf("%+v", c)
	}
}

func TestWrongDescription(t *testing.T) {
	nan := math.NaN()
	p := NewPanel("$x$", "$y$")
	p.Add(Curve{X: []float64{1, 2}, Y: []float64{1, 2}, Style: Line(Blue)})
	d := drawing(SingleColumn, 5*vg.Centimeter, p.Draw)
	d.Quantities = []Quantity{Exact("b", "exact", 3)}
	for want, wrong := range map[string]func(d *Drawing){
		"nothing in a": func(d *Drawing) { d.Caption = " \n" },
		"missing":      func(d *Drawing) { d.Caption = "$x" },
		"two of this":  func(d *Drawing) { d.Quantities = append(d.Quantities, Exact("b", "again", 1)) },
		"a name has":   func(d *Drawing) { d.Quantities = []Quantity{Exact("a b", "x", 1)} },
		"+Inf":         func(d *Drawing) { d.Quantities = []Quantity{Exact("a", "x", math.Inf(1))} },
		"it is none":   func(d *Drawing) { d.Quantities = []Quantity{{Name: "a", Text: "x", None: "why"}} },
		"partner":      func(d *Drawing) { d.Quantities = []Quantity{None("a", "x", "b}")} },
		"NaN":          func(d *Drawing) { d.Quantities = []Quantity{Exact("a", "x", nan)} },
		"one end":      func(d *Drawing) { d.Quantities = []Quantity{Estimate("a", "x", 1, 0, nan)} },
		"upside down":  func(d *Drawing) { d.Quantities = []Quantity{Estimate("a", "x", 1, 2, 0)} },
		"from 0 to 0":  func(d *Drawing) { d.Quantities = []Quantity{{Name: "a", Text: "x", Value: 1}} },
		"no text":      func(d *Drawing) { d.Quantities = []Quantity{Exact("a", "", 1)} },
		"closing":      func(d *Drawing) { d.Quantities = []Quantity{Exact("a", "x_{", 1)} },
	} {
		bad := d
		wrong(&bad)
		if x, err := bad.Render("fig7"); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "fig7") || x.Files != nil {
			t.Errorf("%s: %v", want, err)
		}
	}
}
