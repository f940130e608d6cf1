// Package bestloss is the figure best-loss: transitions and recovery against the parameter of
// classes of losses, with the loss of each class that is best for each.
package bestloss

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
	"zerotohero/figures/recovery"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("best-loss", "transitions and recovery against the parameter of classes of losses",
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
	Bound  bool      `arrow:"bound"`
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
	key             string
	look            house.Look
	init, threshold *bestRow
	curves          []recovery.Curve // a ascending
	Init, Threshold house.Quantity   // the lowest transitions
	AtInit, AtTS    house.Quantity   // the parameters there
	Half, AtHalf    house.Quantity   // the lowest α₅₀ measured, and the parameter there
}

// A picture is what the figure shows.
type picture struct {
	Classes       []*class
	N             int64
	Method, Level string
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	p, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	var quantities []house.Quantity
	for _, c := range p.Classes {
		quantities = append(quantities, c.Init, c.AtInit, c.Threshold, c.AtTS, c.Half, c.AtHalf)
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
			if c.key == name {
				return c
			}
		}
		c := &class{key: name, Name: inputs.Loss{Name: name}.Title(), look: house.Series(len(p.Classes))}
		p.Classes = append(p.Classes, c)
		return c
	}
	for _, r := range found {
		if len(r.Row.Vary) != 1 {
			return nil, fmt.Errorf("%s varies %d parameters, and the figure shows one", r.Stage, len(r.Row.Vary))
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
		if c := of(r.Row.Loss); c.init != nil || c.threshold != nil {
			c.curves = append(c.curves, r.Row)
		}
	}
	p.Classes = slices.DeleteFunc(p.Classes, func(c *class) bool { return c.init == nil && c.threshold == nil })
	for i, c := range p.Classes {
		c.look = house.Series(i)
		c.take(n)
	}
	return p, nil
}

// take finds what is lowest in the class.
func (c *class) take(n int64) {
	c.Init, c.AtInit = c.lowest(c.init, "init", "at a random start")
	c.Threshold, c.AtTS = c.lowest(c.threshold, "ts", "of the threshold states by 1RSB")
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
		c.Half = house.None(name, text, "no $α_{50}$ is identified")
		c.AtHalf = house.None("a-"+name, "$a$ of the "+text, "no $α_{50}$ is identified")
		return
	}
	c.Half = house.Estimate(name, text, best.Alpha50, best.Alpha50Lo, best.Alpha50Hi)
	c.AtHalf = house.Exact("a-"+name, "$a$ of the "+text, best.A)
}

// lowest are the lowest transition and the parameter there.
func (c *class) lowest(r *bestRow, name, at string) (alpha, a house.Quantity) {
	name = "alpha-bbp-" + name + "-least-" + c.key
	text := "lowest α of the transition " + at + ", " + c.Name
	if r == nil || !r.Found {
		const none = "no transition was found"
		return house.None(name, text, none), house.None("a-"+name, "$a$ of the "+text, none)
	}
	return house.Estimate(name, text, r.Alpha, r.Alpha-r.Error, r.Alpha+r.Error),
		house.Exact("a-"+name, "$a$ of the "+text, r.Values[0])
}

// Bounded says whether the lowest transition at the threshold states is at an end of the range.
func (c *class) Bounded() bool { return c.threshold != nil && c.threshold.Bound }

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
		tried := slices.Clone(r.Tried)
		tried = append(tried, try{r.Values, r.Alpha})
		slices.SortStableFunc(tried, func(a, b try) int { return cmp.Compare(a.Values[0], b.Values[0]) })
		for _, t := range tried {
			if !math.IsNaN(t.Alpha) {
				curve.X, curve.Y = append(curve.X, t.Values[0]), append(curve.Y, t.Alpha)
				from, to = min(from, t.Values[0]), max(to, t.Values[0])
			}
		}
		shown = true
		mark := house.Points{Look: c.look}
		mark.AddPoint(r.Values[0], r.Alpha, r.Alpha-r.Error, r.Alpha+r.Error)
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
		for _, r := range c.curves {
			if r.Identified {
				curve.X, curve.Y = append(curve.X, r.A), append(curve.Y, r.Alpha50)
				marks.AddPoint(r.A, r.Alpha50, r.Alpha50Lo, r.Alpha50Hi)
			}
		}
		if len(curve.X) > 0 {
			panel.AddKeyed(c.Name, curve, marks)
		}
	}
	if !panel.Keyed() {
		panel.None("no $α_{50}$ is identified")
	}
	return panel
}
