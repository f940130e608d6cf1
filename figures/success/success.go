// Package success is the figure success: the probability of recovery against α for each
// size.
package success

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/recovery"
	"zerotohero/pipeline"
)

func init() {
	pipeline.Register("success", "probability of recovery against alpha for each size",
		figures.New[params](figure, pipeline.ReadsWith[recovery.Curve, inputs.Level]("finitesize"),
			pipeline.Reads[inputs.Transition]("theory-transition")))
}

//go:embed caption.tmpl
var words string

// A comparison is the curves of all sizes beside the transitions of theory.
type comparison struct {
	Method, Starts, Loss, Level string
	Sizes                       []size // N ascending
	Trials, Open                int64  // all descents, and those of them that ran out of budget
	Least, Most                 int64  // resolved descents of a mark; Most is 0 if there is none
	Init, Threshold             house.Quantity

	lo, hi float64 // of α with a rate; lo > hi if there is none
}

// A size is the curve of one N.
type size struct {
	recovery.Curve
	Half, Width house.Quantity
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	c, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	return house.Drawing{Width: house.SingleColumn, Height: 6.6 * vg.Centimeter, Draw: c.panel().Draw}.
		Described(words, c, c.quantities())
}

func read(in pipeline.Inputs) (*comparison, error) {
	rows, level, err := inputs.ReadIntervals[recovery.Curve](in, "finitesize")
	if err != nil {
		return nil, err
	}
	about, err := inputs.OneOf(rows, "loss", recovery.Curve.About)
	method, err2 := inputs.OneOf(rows, "method of descent", func(r recovery.Curve) string { return r.Method })
	starts, err3 := inputs.OneOf(rows, "kind of start", func(r recovery.Curve) string { return r.From })
	if err := cmp.Or(err, err2, err3); err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b inputs.From[recovery.Curve]) int { return cmp.Compare(a.Row.N, b.Row.N) })
	for i, s := range rows[1:] {
		if before := rows[i]; s.Row.N == before.Row.N {
			return nil, fmt.Errorf("%s and %s both have a row for N = %d; give the figure one of them", before.Stage,
				s.Stage, s.Row.N)
		}
	}
	init, known, err := inputs.CriticalAlpha(in, about, "init")
	threshold, _, err2 := inputs.CriticalAlpha(in, about, "threshold")
	if err := cmp.Or(err, err2); err != nil {
		return nil, err
	}
	if !known {
		return nil, fmt.Errorf("no input of kind theory-transition at init is for the %s of %s; add that stage to "+
			"the figure's inputs",
			about, rows[0].Stage)
	}
	c := &comparison{Method: inputs.MethodWords(method), Starts: inputs.StartWords(starts), Loss: about.Words(),
		Level: level,
		Init: inputs.TransitionQuantity("alpha-bbp-init",
			inputs.InitName+", transition at a random start, theory for $N → ∞$", init),
		Threshold: inputs.TransitionQuantity("alpha-bbp-ts",
			inputs.ThresholdName+", transition of the threshold states by 1RSB, theory for $N → ∞$", threshold)}
	c.take(rows)
	return c, nil
}

// take takes the curves, and counts the descents that they are of.
func (c *comparison) take(rows []inputs.From[recovery.Curve]) {
	c.Least, c.lo, c.hi = math.MaxInt64, math.Inf(1), math.Inf(-1)
	for _, r := range rows {
		at := fmt.Sprintf("$N = %d$", r.Row.N)
		c.Sizes = append(c.Sizes, size{r.Row,
			r.Row.Half(fmt.Sprintf("alpha50-N=%d", r.Row.N), "$α_{50}$, at which half of the descents recover, "+at),
			r.Row.Slope(fmt.Sprintf("width-N=%d", r.Row.N), "width $Δ$ of the logistic curve, "+at)})
		for _, q := range r.Row.Points {
			c.Trials += q.Trials + q.Unresolved
			c.Open += q.Unresolved
			if q.Trials > 0 {
				c.lo, c.hi = min(c.lo, q.Alpha), max(c.hi, q.Alpha)
				c.Least, c.Most = min(c.Least, q.Trials), max(c.Most, q.Trials)
			}
		}
	}
}

func (c *comparison) quantities() (out []house.Quantity) {
	for _, s := range c.Sizes {
		out = append(out, s.Half)
	}
	for _, s := range c.Sizes {
		out = append(out, s.Width)
	}
	open := house.Exact("unresolved", "share of descents that ran out of budget", float64(c.Open)/float64(c.Trials))
	return append(out, c.Init, c.Threshold, open.Unless(c.Trials == 0, "there is no descent"))
}

func (c *comparison) panel() *house.Panel {
	p := house.NewPanel("$α$", "$P$(recovered)")
	p.Y.Min, p.Y.Max = -0.03, 1.03
	fits := false
	for i, s := range c.Sizes {
		look, f := house.Series(i), s.Curve
		if !f.Resolved() {
			continue
		}
		name, marks := fmt.Sprintf("$N = %d$", f.N), f.Marks(look, 0)
		if !f.Fitted() {
			p.AddKeyed(name, marks)
			continue
		}
		fits = true
		p.AddKeyed(name, f.Fit(c.lo, c.hi, 200, house.Thin(look.Color)), marks)
		p.Add(house.Points{X: []float64{f.Alpha50}, Y: []float64{0.5},
			// an open end is drawn to the last point
			Lo: []float64{max(c.lo, f.Alpha50Lo)}, Hi: []float64{min(c.hi, f.Alpha50Hi)},
			Across: true, Look: house.Look{Color: look.Color}})
	}
	if fits {
		p.AddKeyed("$α_{50}$ and its interval", house.Points{Across: true, Look: house.Look{Color: house.Black}})
	}
	if c.Open > 0 {
		p.KeyTitle = fmt.Sprintf("(%s%% unresolved, left out)",
			label.Number(label.Rounded(100*float64(c.Open)/float64(c.Trials), 2)))
	}
	for _, note := range []house.Note{
		{X: c.Init.Value, DX: 3, Text: inputs.InitName},
		{X: c.Threshold.Value, DX: -3, XAlign: draw.XRight, Text: inputs.ThresholdName},
	} {
		if !math.IsNaN(note.X) {
			note.Y, note.YAlign = 0.5, draw.YCenter
			p.Add(house.Rule{X: note.X, Style: house.Thin(house.Grey, house.Dashed...)}, note)
		}
	}
	if c.lo > c.hi {
		p.None("none of " + label.Plural(c.Trials, "descent") + "\nwas resolved")
	}
	return p
}
