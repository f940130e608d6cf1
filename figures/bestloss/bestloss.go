// Package bestloss is the figure best-loss: transitions and recovery against the parameter a of
// classes of losses, with the loss of each class that is best for each.
package bestloss

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/recovery"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("best-loss", "transitions and recovery against parameters of classes of losses",
		figures.New[params](figure, pipeline.Reads[bestRow]("theory-best"),
			pipeline.ReadsWith[recovery.Curve, inputs.Level]("finitesize")))
}

// bestRow is what the figure shows of a search.
type bestRow struct {
	At     string    `arrow:"at"`
	Loss   string    `arrow:"loss"`
	Vary   []string  `arrow:"vary"`
	Found  bool      `arrow:"found"`
	Values []float64 `arrow:"values"`
	Bound  []bool    `arrow:"bound"`
	Alpha  float64   `arrow:"alpha"`
	Error  float64   `arrow:"error"`
	Tried  []try     `arrow:"tried"`
}

type try struct {
	Values []float64 `arrow:"values"`
	Alpha  float64   `arrow:"alpha"`
}

// weakRecovery is the α below which no estimator finds the signal (physics.md 2b).
const weakRecovery = 0.5

// A class is the losses of one name.
type class struct {
	Name            string // for a caption
	loss            string // as rows have it, without what is varied
	key             string // in names of quantities
	look            house.Look
	init, threshold *bestRow
	curves          []recovery.Curve // a ascending
	Init, Threshold lowest           // the lowest transitions
	Half            lowest           // the lowest α₅₀ measured
}

// A lowest is what is lowest in a class.
type lowest struct {
	Alpha house.Quantity
	At    []parameter // where that is
}

// A parameter is one of those that are varied in a class.
type parameter struct {
	Symbol string
	Value  house.Quantity
	Bound  bool // it is at an end of the range that was searched
}

// Bound are the symbols of parameters that are at an end of the range.
func (l lowest) Bound() (out []string) {
	for _, p := range l.At {
		if p.Bound {
			out = append(out, p.Symbol)
		}
	}
	return out
}

// A picture is what the figure shows.
type picture struct {
	Classes       []*class
	N             int64
	Method, Level string
}

// Lowest name the classes that are lowest of all at a random start, of the threshold states and in α₅₀; empty
// where none is known.
func (p *picture) LowestInit() string {
	return p.lowest(func(c *class) house.Quantity { return c.Init.Alpha })
}
func (p *picture) LowestTS() string {
	return p.lowest(func(c *class) house.Quantity { return c.Threshold.Alpha })
}
func (p *picture) LowestHalf() string {
	return p.lowest(func(c *class) house.Quantity { return c.Half.Alpha })
}

func (p *picture) lowest(of func(*class) house.Quantity) (name string) {
	least := math.Inf(1)
	for _, c := range p.Classes {
		if q := of(c); q.Known() && q.Value < least {
			least, name = q.Value, c.Name
		}
	}
	return name
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	p, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	var quantities []house.Quantity
	for _, c := range p.Classes {
		for _, l := range []lowest{c.Init, c.Threshold, c.Half} {
			quantities = append(quantities, l.Alpha)
			for _, p := range l.At {
				quantities = append(quantities, p.Value)
			}
		}
	}
	panels := []*house.Panel{p.theory("$α_{\\rm{BBP}}^{\\rm{init}}$", func(c *class) *bestRow { return c.init }),
		p.theory("$α_{\\rm{BBP}}^{\\rm{TS}}$", func(c *class) *bestRow { return c.threshold }), p.measured()}
	for _, q := range panels[1:] {
		q.NoKey = true
	}
	return house.Drawing{Width: house.DoubleColumn, Height: 6.6 * vg.Centimeter,
		Draw: house.Grid{Panels: [][]*house.Panel{panels}}.Draw}.Described(words, p, quantities)
}

func read(in pipeline.Inputs) (*picture, error) {
	found, err := inputs.Read[bestRow](in, "theory-best")
	rows, level, err2 := inputs.ReadIntervals[recovery.Curve](in, "finitesize")
	method, err3 := inputs.OneOf(rows, "method of descent", func(r recovery.Curve) string { return r.Method })
	n, err4 := inputs.OneOf(rows, "size", func(r recovery.Curve) int64 { return r.N })
	if err := cmp.Or(err, err2, err3, err4); err != nil {
		return nil, err
	}
	p := &picture{N: n, Method: inputs.MethodWords(method), Level: level}
	of := func(name string) *class {
		for _, c := range p.Classes {
			if c.loss == name {
				return c
			}
		}
		about := inputs.Loss{Name: name}
		c := &class{loss: name, key: about.Key(), Name: about.Title()}
		p.Classes = append(p.Classes, c)
		return c
	}
	for _, r := range found {
		if r.Row.axis() < 0 {
			return nil, fmt.Errorf("%s varies %v, and the figure shows losses against a; add it to vary", r.Stage, r.Row.Vary)
		}
		c := of(r.Row.Loss)
		at := &c.init
		switch r.Row.At {
		case "init":
		case "threshold":
			at = &c.threshold
		default:
			return nil, fmt.Errorf("%s is about %s, and the figure shows init and threshold; leave it out", r.Stage, r.Row.At)
		}
		if *at != nil {
			return nil, fmt.Errorf("%s searches the class %s at %s once more; give the figure one of them", r.Stage,
				r.Row.Loss, r.Row.At)
		}
		*at = &r.Row
	}
	for _, r := range rows {
		for _, c := range p.Classes {
			if r.Row.About().Except(c.varied()...) == c.loss {
				c.curves = append(c.curves, r.Row)
			}
		}
	}
	slices.SortStableFunc(p.Classes, func(a, b *class) int { return cmp.Compare(len(a.varied()), len(b.varied())) })
	for i, c := range p.Classes {
		c.look = house.Series(i)
		c.take(n)
	}
	return p, nil
}

// take finds what is lowest in the class.
func (c *class) take(n int64) {
	c.Init = c.lowest(c.init, "init", "at a random start")
	c.Threshold = c.lowest(c.threshold, "ts", "of the threshold states by 1RSB")
	slices.SortStableFunc(c.curves, func(a, b recovery.Curve) int { return cmp.Compare(a.A, b.A) })
	name := fmt.Sprintf("alpha50-least-N=%d-%s", n, c.key)
	text := fmt.Sprintf("lowest $α_{50}$ measured at $N = %d$, %s", n, c.Name)
	var best *recovery.Curve
	for i, r := range c.curves {
		if r.Identified && (best == nil || r.Alpha50 < best.Alpha50) {
			best = &c.curves[i]
		}
	}
	if best == nil {
		c.Half.Alpha = house.None(name, text, "no $α_{50}$ is identified")
		return
	}
	c.Half.Alpha = house.Estimate(name, text, best.Alpha50, best.Alpha50Lo, best.Alpha50Hi)
	for _, v := range c.varied() {
		if x, ok := best.About().Param(v); ok {
			c.Half.At = append(c.Half.At, parameter{Symbol: v,
				Value: house.Exact(v+"-"+name, "$"+v+"$ of the "+text, x)})
		}
	}
}

// varied are the parameters of the class that are varied.
func (c *class) varied() []string {
	if c.init != nil {
		return c.init.Vary
	}
	return c.threshold.Vary
}

// lowest are the lowest transition and the parameters there.
func (c *class) lowest(r *bestRow, name, at string) (l lowest) {
	name = "alpha-bbp-" + name + "-least-" + c.key
	text := "lowest α of the transition " + at + ", " + c.Name
	if r == nil || !r.Found {
		l.Alpha = house.None(name, text, "no transition was found")
		return l
	}
	l.Alpha = house.Estimate(name, text, r.Alpha, r.Alpha-r.Error, r.Alpha+r.Error)
	for k, v := range r.Vary {
		l.At = append(l.At, parameter{Symbol: v, Bound: r.Bound[k],
			Value: house.Exact(v+"-"+name, "$"+v+"$ of the "+text, r.Values[k])})
	}
	return l
}

// axis is which of the parameters is a, −1 if none is.
func (r *bestRow) axis() int { return slices.Index(r.Vary, "a") }

// envelope is the lowest α tried against a, over all other parameters.
func (r *bestRow) envelope() (a, alpha []float64) {
	k := r.axis()
	least := make(map[float64]float64)
	for _, t := range append(slices.Clone(r.Tried), try{r.Values, r.Alpha}) {
		if before, ok := least[t.Values[k]]; !math.IsNaN(t.Alpha) && (!ok || t.Alpha < before) {
			least[t.Values[k]] = t.Alpha
		}
	}
	a = slices.Sorted(maps.Keys(least))
	for _, x := range a {
		alpha = append(alpha, least[x])
	}
	return a, alpha
}

// theory is a transition against the parameter, with the lowest of each class.
func (p *picture) theory(y string, of func(*class) *bestRow) *house.Panel {
	panel := house.NewPanel("$a$", y)
	panel.LogX()
	panel.LogY()
	shown, from, to := false, math.Inf(1), 0.0
	for _, c := range p.Classes {
		r := of(c)
		if r == nil || !r.Found {
			continue
		}
		curve := house.Curve{Style: house.Line(c.look.Color)}
		if len(r.Vary) > 1 {
			curve.Style = house.Thin(c.look.Color, house.Dashed...) // few values of the others were tried
		}
		curve.X, curve.Y = r.envelope()
		from, to = min(from, curve.X[0]), max(to, curve.X[len(curve.X)-1])
		shown = true
		mark := house.Points{Look: c.look}
		mark.AddPoint(r.Values[r.axis()], r.Alpha, r.Alpha-r.Error, r.Alpha+r.Error)
		panel.AddKeyed(c.Name, curve, mark)
	}
	if !shown {
		panel.None("no transition was found")
		return panel
	}
	if of(p.Classes[0]) == p.Classes[0].init {
		panel.Add(house.Curve{X: []float64{from, to}, Y: []float64{weakRecovery, weakRecovery},
			Style: house.Thin(house.Grey, house.Dashed...)},
			house.Note{X: to, Y: weakRecovery, DX: -3, DY: 2, Text: "no estimator below", Color: house.Grey,
				XAlign: draw.XRight, YAlign: draw.YBottom})
		panel.Y.Min = 0.8 * weakRecovery
	}
	return panel
}

// measured is α₅₀ against the parameter.
func (p *picture) measured() *house.Panel {
	panel := house.NewPanel("$a$", fmt.Sprintf("$α_{50}$, $N = %d$", p.N))
	panel.LogX()
	for _, c := range p.Classes {
		curve, marks := house.Curve{Style: house.Line(c.look.Color)}, house.Points{Look: c.look}
		single := len(c.varied()) == 1
		for _, r := range c.curves {
			if !r.Identified {
				continue
			}
			marks.AddPoint(r.A, r.Alpha50, r.Alpha50Lo, r.Alpha50Hi)
			if single {
				curve.X, curve.Y = append(curve.X, r.A), append(curve.Y, r.Alpha50)
			} else {
				panel.Add(c.note(r))
			}
		}
		switch {
		case len(marks.X) == 0:
		case single:
			panel.AddKeyed(c.Name, curve, marks)
		default:
			panel.AddKeyed(c.Name, marks)
		}
	}
	if !panel.Keyed() {
		panel.None("no $α_{50}$ is identified")
	}
	return panel
}

// note says at a point of several parameters which the others are.
func (c *class) note(r recovery.Curve) house.Note {
	var words []string
	for _, v := range c.varied() {
		if x, ok := r.About().Param(v); ok && v != "a" {
			words = append(words, "$"+v+" = "+label.Number(x)+"$")
		}
	}
	return house.Note{X: r.A, Y: r.Alpha50, DX: 4, DY: -9, Text: strings.Join(words, ", "), Color: c.look.Color,
		XAlign: draw.XLeft, YAlign: draw.YCenter}
}
