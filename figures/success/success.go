// Package success is the figure success: the probability of recovery against α for each
// size.
package success

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
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
	Near                        bool // there are curves, shown once more from near

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
	panels := c.panels()
	c.Near = len(panels) > 1
	return house.Drawing{Width: house.WidthFor(len(panels)), Height: 7 * vg.Centimeter,
		Draw: house.Grid{Panels: [][]*house.Panel{panels}}.Draw}.
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

// panels are the curves at all α beside the transitions and, if there are fits, where they rise.
func (c *comparison) panels() []*house.Panel {
	all := house.NewPanel("$α$", "$P$(recovered)")
	all.Y.Min, all.Y.Max = -0.03, 1.03
	for i, s := range c.Sizes {
		if s.Resolved() {
			c.draw(all, s.Curve, house.Series(i))
		}
	}
	if c.Open > 0 {
		all.KeyTitle = fmt.Sprintf("(%s%% unresolved, left out)",
			label.Number(label.Rounded(100*float64(c.Open)/float64(c.Trials), 2)))
	}
	for _, note := range []house.Note{
		{X: c.Init.Value, DX: 3, Text: inputs.InitName},
		{X: c.Threshold.Value, DX: -3, XAlign: draw.XRight, Text: inputs.ThresholdName},
	} {
		if !math.IsNaN(note.X) {
			note.Y, note.YAlign = 0.5, draw.YCenter
			all.Add(house.Rule{X: note.X, Style: house.Thin(house.Grey, house.Dashed...)}, note)
		}
	}
	if c.lo > c.hi {
		all.None("none of " + label.Plural(c.Trials, "descent") + "\nwas resolved")
	}
	if near := c.near(); near != nil {
		return []*house.Panel{all, near}
	}
	return []*house.Panel{all}
}

// draw adds the marks of a size, and its curve if there is one.
func (c *comparison) draw(p *house.Panel, f recovery.Curve, look house.Look) {
	marks := []plot.Plotter{f.Marks(look, 0)}
	if f.Fitted() {
		marks = slices.Insert(marks, 0, plot.Plotter(f.Fit(c.lo, c.hi, 200, house.Thin(look.Color))))
	}
	p.AddKeyed(fmt.Sprintf("$N = %d$", f.N), marks...)
}

// near shows where the curves rise, and below them their α50, a row for each size; nil if no
// curve rises among the data.
func (c *comparison) near() *house.Panel {
	const reach, row = 2.5, 0.065 // of widths around α50; of P for a row
	p := house.NewPanel("$α$", "")
	lo, hi := math.Inf(1), math.Inf(-1)
	foot := -row / 2
	for i, s := range c.Sizes {
		f, look := s.Curve, house.Series(i)
		if !f.Fitted() {
			continue
		}
		lo, hi = min(lo, f.Alpha50-reach*f.Width), max(hi, f.Alpha50+reach*f.Width)
		c.draw(p, f, look)
		foot -= row
		// an open end is drawn to the last point
		p.Add(house.Points{X: []float64{f.Alpha50}, Y: []float64{foot}, Lo: []float64{max(c.lo, f.Alpha50Lo)},
			Hi: []float64{min(c.hi, f.Alpha50Hi)}, Across: true, Look: look})
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = max(c.lo, lo), min(c.hi, hi), foot-row, 1.03
	if !(p.X.Min < p.X.Max) { // also if there is none to draw, or no α where they rise
		return nil
	}
	p.NoKey = true
	p.Add(house.Curve{X: []float64{p.X.Min, p.X.Max}, Y: []float64{0, 0}, Style: house.Thin(house.Grey)},
		house.Note{X: p.X.Max, Y: (foot - row) / 2, DX: -3, XAlign: draw.XRight, YAlign: draw.YCenter,
			Text: "$α_{50}$"})
	var ticks plot.ConstantTicks
	for k := range 11 {
		ticks = append(ticks, plot.Tick{Value: float64(k) / 10})
		if k%2 == 0 {
			ticks[k].Label = label.NumberTo(ticks[k].Value, 1)
		}
	}
	p.Y.Tick.Marker = ticks
	return p
}
