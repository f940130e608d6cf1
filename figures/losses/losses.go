// Package losses is the figure losses: the probability of recovery for several losses
// side by side, with their transitions.
package losses

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
	"zerotohero/figures/recovery"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("losses", "probability of recovery for several losses side by side, with their transitions",
		figures.New[params](figure, pipeline.ReadsWith[recovery.Curve, inputs.Level]("finitesize"),
			pipeline.Reads[inputs.Transition]("theory-transition")))
}

// A candidate is one loss, of those compared.
type candidate struct {
	inputs.Loss
	sizes           []size // N ascending
	Init, Threshold house.Quantity
}

// A size is the curve at one N.
type size struct {
	recovery.Curve
	half house.Quantity
}

// A comparison is what the figure shows.
type comparison struct {
	Losses        []*candidate
	Method, Level string
	Least, Most   int64 // resolved descents of a mark
	Open, Trials  int64 // descents that ran out of budget, and all
}

const maxLosses = 8

func figure(in pipeline.Inputs) (house.Drawing, error) {
	c, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	var sizes []int64
	var quantities []house.Quantity
	for _, l := range c.Losses {
		quantities = append(quantities, l.Init, l.Threshold)
		for _, s := range l.sizes {
			sizes = append(sizes, s.N)
			quantities = append(quantities, s.half)
		}
	}
	slices.Sort(sizes)
	sizes = slices.Compact(sizes)
	look := func(n int64) house.Look { return house.Series(slices.Index(sizes, n)) }

	lo, hi := ends(c.Losses)
	var panels []*house.Panel
	for i, l := range c.Losses {
		panels = append(panels, l.draw(sizes, look, lo, hi))
		panels[i].NoKey = i > 0
	}
	panels = append(panels, summary(c.Losses, look, lo, hi))
	cols := len(panels)
	if cols > 3 {
		cols = min(4, (cols+1)/2)
	}
	var g house.Grid
	for row := range slices.Chunk(panels, cols) {
		for _, p := range row[1:] {
			if p.Y.Label.Text == row[0].Y.Label.Text {
				p.Y.Label.Text = ""
			}
		}
		g.Panels = append(g.Panels, row)
	}
	return house.Drawing{Width: house.DoubleColumn, Height: vg.Length(len(g.Panels)) * 5.8 * vg.Centimeter,
		Draw: g.Draw}.
		Described(words, c, quantities)
}

// ends are those of α on all panels, for the eye to compare them.
func ends(all []*candidate) (lo, hi float64) {
	lo, hi = math.Inf(1), 0.0
	for _, c := range all {
		for _, v := range []float64{c.Init.Value, c.Threshold.Value} {
			if !math.IsNaN(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
		for _, s := range c.sizes {
			for _, q := range s.Points {
				if q.Trials > 0 {
					lo, hi = min(lo, q.Alpha), max(hi, q.Alpha)
				}
			}
		}
	}
	switch {
	case lo > hi:
		lo, hi = 0, 1
	case lo == hi:
		lo, hi = 0.9*lo, 1.1*hi
	}
	pad := 0.04 * (hi - lo)
	return max(0, lo-pad), hi + pad
}

// read gathers curves and transitions by loss.
func read(in pipeline.Inputs) (*comparison, error) {
	rows, level, err := inputs.ReadIntervals[recovery.Curve](in, "finitesize")
	work, err2 := inputs.OneOf(rows, "method of descent and kind of start",
		func(r recovery.Curve) [2]string { return [2]string{r.Method, r.From} })
	if err := cmp.Or(err, err2); err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b inputs.From[recovery.Curve]) int {
		return cmp.Or(cmp.Compare(a.Row.Loss, b.Row.Loss), cmp.Compare(a.Row.A, b.Row.A), cmp.Compare(a.Row.N, b.Row.N))
	})
	c := &comparison{Method: inputs.MethodWords(work[0]), Level: level, Least: math.MaxInt64}
	for i, r := range rows {
		m := r.Row.About()
		if n := len(c.Losses); n == 0 || c.Losses[n-1].Loss != m {
			l, err := transitions(in, m, r.Stage)
			if err != nil {
				return nil, err
			}
			c.Losses = append(c.Losses, l)
		} else if r.Row.N == rows[i-1].Row.N {
			return nil, fmt.Errorf("%s and %s both have a row for the %s at N = %d; give the figure one of them",
				rows[i-1].Stage, r.Stage, m, r.Row.N)
		}
		l := c.Losses[len(c.Losses)-1]
		l.sizes = append(l.sizes, size{r.Row,
			r.Row.Half(fmt.Sprintf("alpha50-N=%d-%s", r.Row.N, m.Key()),
				fmt.Sprintf("$α_{50}$ at $N = %d$, %s", r.Row.N, m.Title()))})
		for _, q := range r.Row.Points {
			c.Open, c.Trials = c.Open+q.Unresolved, c.Trials+q.Trials+q.Unresolved
			if q.Trials > 0 {
				c.Least, c.Most = min(c.Least, q.Trials), max(c.Most, q.Trials)
			}
		}
	}
	if len(c.Losses) > maxLosses {
		return nil, fmt.Errorf("the figure has room for %d losses, and its inputs of kind finitesize have %d; leave "+
			"some out", maxLosses, len(c.Losses))
	}
	return c, nil
}

// transitions are those of a loss, of which a stage has curves. Of the plain loss a random
// start has no finite edge, and hence no transition.
func transitions(in pipeline.Inputs, m inputs.Loss, stage string) (*candidate, error) {
	init, searched, err := inputs.CriticalAlpha(in, m, "init")
	threshold, searched2, err2 := inputs.CriticalAlpha(in, m, "threshold")
	if err := cmp.Or(err, err2); err != nil {
		return nil, err
	}
	if !searched && !searched2 {
		return nil, fmt.Errorf("no input of kind theory-transition has a transition for the %s of %s; add one", m,
			stage)
	}
	return &candidate{Loss: m,
		Init:      inputs.TransitionQuantity("alpha-bbp-init-"+m.Key(), inputs.InitName+", "+m.Title(), init),
		Threshold: inputs.TransitionQuantity("alpha-bbp-ts-"+m.Key(), inputs.ThresholdName+", "+m.Title(), threshold),
	}, nil
}

// limits are the transitions that were found, with their names.
func (c *candidate) limits() (alphas []float64, names []string) {
	for i, v := range []float64{c.Init.Value, c.Threshold.Value} {
		if !math.IsNaN(v) {
			alphas, names = append(alphas, v), append(names, []string{inputs.InitName, inputs.ThresholdName}[i])
		}
	}
	return alphas, names
}

func (c *candidate) draw(sizes []int64, look func(int64) house.Look, lo, hi float64) *house.Panel {
	p := house.NewPanel("$α$", "$P$(recovered)")
	p.Title.Text = c.Title()
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = lo, hi, -0.03, 1.03
	alphas, names := c.limits()
	for i, v := range alphas {
		// Above the first transition there is room while recovery is rare, and beside its
		// foot once it is not; at the second it is common, and there is room below.
		note := house.Note{X: v, Y: 0.93, DX: 3, Text: names[i], YAlign: draw.YCenter}
		switch {
		case names[i] == inputs.ThresholdName:
			note.Y, note.DX, note.XAlign = 0.07, -3, draw.XRight
		case c.rate(v) > 0.1:
			note.Y = 0.2
		}
		p.Add(house.Rule{X: v, Style: house.Thin(house.Grey, house.Dashed...)}, note)
	}
	for _, n := range sizes {
		pts := house.Points{Look: look(n)}
		var fit []plot.Plotter
		if i := slices.IndexFunc(c.sizes, func(s size) bool { return s.N == n }); i >= 0 {
			s := c.sizes[i]
			pts = s.Marks(look(n), 0)
			if s.Fitted() && len(pts.X) > 0 {
				fit = append(fit, s.Fit(slices.Min(pts.X), slices.Max(pts.X), 160, house.Thin(look(n).Color)))
			}
		}
		// A size that only another panel has is in the key all the same, which is
		// drawn once.
		p.AddKeyed(fmt.Sprintf("$N = %d$", n), append(fit, pts)...)
	}
	if !slices.ContainsFunc(c.sizes, func(s size) bool { return s.Resolved() }) {
		p.None("no descent was resolved")
	}
	return p
}

// rate is the largest fitted rate of recovery at alpha.
func (c *candidate) rate(alpha float64) float64 {
	most := 0.0
	for _, s := range c.sizes {
		if s.Fitted() {
			most = max(most, s.At(alpha))
		}
	}
	return most
}

// summary puts α50 of all losses between their transitions, each loss at the letter of its panel.
func summary(all []*candidate, look func(int64) house.Look, lo, hi float64) *house.Panel {
	p := house.NewPanel("$α$", "")
	p.Title.Text = "$α_{50}$ and transitions"
	p.X.Min, p.X.Max = lo, hi
	p.Y.Min, p.Y.Max = 0.4, float64(len(all))+0.9
	var ticks plot.ConstantTicks
	for i, c := range all {
		y := float64(len(all) - i)
		// Names of losses would part the panels of the row.
		ticks = append(ticks, plot.Tick{Value: y, Label: house.Letter(i)})
		alphas, names := c.limits()
		for k, v := range alphas {
			p.Add(house.Curve{X: []float64{v, v}, Y: []float64{y - 0.36, y + 0.36},
				Style: house.Line(house.Grey, house.Dashed...)})
			if i == 0 {
				note := house.Note{X: v, Y: y + 0.36, DX: 3, DY: 2, Text: names[k], XAlign: draw.XRight,
					YAlign: draw.YBottom}
				if names[k] == inputs.ThresholdName { // away from the other, however near the two are
					note.DX, note.XAlign = -3, draw.XLeft
				}
				p.Add(note)
			}
		}
		if len(alphas) == 2 {
			p.Add(house.Curve{X: alphas, Y: []float64{y, y}, Style: house.Thin(house.Grey, house.Dotted...)})
		}
		for k, s := range c.sizes {
			if s.Identified {
				at := y + 0.5*((float64(k)+0.5)/float64(len(c.sizes))-0.5)
				p.Add(house.Points{X: []float64{s.Alpha50}, Y: []float64{at}, Lo: []float64{max(s.Alpha50Lo, lo)},
					Hi: []float64{min(s.Alpha50Hi, hi)}, Across: true, Look: look(s.N)})
			}
		}
	}
	p.Y.Tick.Marker = ticks
	return p
}

// A value is what the caption says of a loss: a transition, or α50 of a size.
type value struct {
	Symbol string
	N      int64 // 0 of a transition
	Q      house.Quantity
}

// Largest is the largest size that has an α50, nil if there is none.
func (c *candidate) Largest() *size {
	for _, s := range slices.Backward(c.sizes) {
		if s.half.Known() {
			return &s
		}
	}
	return nil
}

// Values are the transitions, the sizes without α50, and the largest that has one.
func (c *candidate) Values() []value {
	out := []value{{inputs.InitName, 0, c.Init}, {inputs.ThresholdName, 0, c.Threshold}}
	for _, s := range c.sizes {
		if !s.half.Known() {
			out = append(out, value{"", s.N, s.half})
		}
	}
	if s := c.Largest(); s != nil {
		out = append(out, value{"$α_{50}$", s.N, s.half})
	}
	return out
}
