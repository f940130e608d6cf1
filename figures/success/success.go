// Package success is the figure success: the probability of recovery against α for each
// size.
package success

import (
	"fmt"
	"math"
	"sort"
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

func init() {
	pipeline.Register("success", "probability of recovery against alpha for each size", func(params) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.ReadsWith[recovery.Curve, inputs.Level]("finitesize"),
				pipeline.Reads[inputs.Transition]("theory-transition"),
			},
			Draw: figure,
		}, nil
	})
}

// A comparison is the curves of all sizes beside the transitions of theory.
type comparison struct {
	about                 inputs.Loss
	method, starts, level string
	sizes                 []inputs.From[recovery.Curve] // N ascending
	trials, open          int64                         // all descents, and those of them that ran out of budget
	lo, hi                float64                       // of α with a rate; lo > hi if there is none
	limits                [2]float64                    // at a random start and of the threshold states; NaN if theory finds none
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	c, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	numbers := c.numbers()
	return house.Drawing{Width: house.SingleColumn, Height: 6.6 * vg.Centimeter, Draw: c.panel().Draw,
		Caption: c.caption(numbers), Numbers: numbers}, nil
}

func read(in pipeline.Inputs) (*comparison, error) {
	c := &comparison{lo: math.Inf(1), hi: math.Inf(-1)}
	var err error
	if c.sizes, c.level, err = inputs.ReadIntervals[recovery.Curve](in, "finitesize"); err != nil {
		return nil, err
	}
	if c.about, err = inputs.OneOf(c.sizes, "loss", recovery.Curve.About); err != nil {
		return nil, err
	}
	if c.method, err = inputs.OneOf(c.sizes, "method of descent", func(r recovery.Curve) string { return r.Method }); err != nil {
		return nil, err
	}
	if c.starts, err = inputs.OneOf(c.sizes, "kind of start", func(r recovery.Curve) string { return r.From }); err != nil {
		return nil, err
	}
	sort.SliceStable(c.sizes, func(i, j int) bool { return c.sizes[i].Row.N < c.sizes[j].Row.N })
	for i, s := range c.sizes {
		if i > 0 && s.Row.N == c.sizes[i-1].Row.N {
			return nil, fmt.Errorf("%s and %s both have a row for N = %d; give the figure one of them", c.sizes[i-1].Stage, s.Stage, s.Row.N)
		}
		for _, q := range s.Row.Points {
			c.trials += q.Trials + q.Unresolved
			c.open += q.Unresolved
			if q.Trials > 0 {
				c.lo, c.hi = min(c.lo, q.Alpha), max(c.hi, q.Alpha)
			}
		}
	}
	for i, place := range []string{"init", "threshold"} {
		rows, err := inputs.TransitionsAt(in, place)
		if err != nil {
			return nil, err
		}
		c.limits[i] = inputs.TransitionOf(rows, c.about)
	}
	if known, err := inputs.Searched(in, c.about, "init"); err != nil {
		return nil, err
	} else if !known {
		return nil, fmt.Errorf("no input of kind theory-transition at init is for the %s of %s; add that stage to the figure's inputs", c.about, c.sizes[0].Stage)
	}
	return c, nil
}

func (c *comparison) panel() *house.Panel {
	p := house.NewPanel("$α$", "$P$(recovered)")
	p.Y.Min, p.Y.Max = -0.03, 1.03
	fits := false
	for i, s := range c.sizes {
		look, f := house.Series(i), s.Row
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
			Lo: []float64{max(c.lo, f.Alpha50Lo)}, Hi: []float64{min(c.hi, f.Alpha50Hi)}, // an open end is drawn to the last point
			Across: true, Look: house.Look{Color: look.Color}})
	}
	if fits {
		p.AddKeyed("$α_{50}$ and its interval", house.Points{Across: true, Look: house.Look{Color: house.Black}})
	}
	if c.open > 0 {
		p.KeyTitle = fmt.Sprintf("(%s%% unresolved, left out)", label.Number(label.Rounded(100*float64(c.open)/float64(c.trials), 2)))
	}
	for i, note := range []house.Note{
		{DX: 3, Text: inputs.InitName},
		{DX: -3, XAlign: draw.XRight, Text: inputs.ThresholdName},
	} {
		if v := c.limits[i]; !math.IsNaN(v) {
			note.X, note.Y, note.YAlign = v, 0.5, draw.YCenter
			p.Add(house.Rule{X: v, Style: house.Thin(house.Grey, house.Dashed...)}, note)
		}
	}
	if c.lo > c.hi {
		p.None("none of " + label.Plural(c.trials, "descent") + "\nwas resolved")
	}
	return p
}

func (c *comparison) numbers() []house.Quantity {
	var out []house.Quantity
	for _, s := range c.sizes {
		out = append(out, s.Row.Half(fmt.Sprintf("alpha50-N=%d", s.Row.N), fmt.Sprintf("$α_{50}$, at which half of the descents recover, $N = %d$", s.Row.N)))
	}
	for _, s := range c.sizes {
		f := s.Row
		q := house.Estimate(fmt.Sprintf("width-N=%d", f.N), fmt.Sprintf("width $Δ$ of the logistic curve, $N = %d$", f.N), f.Width, f.WidthLo, f.WidthHi)
		switch {
		case !f.Identified:
			q = house.None(q.Name, q.Text, "the data do not determine a curve")
		case !f.Fitted():
			q = house.None(q.Name, q.Text, "the data do not bound it from below")
		}
		out = append(out, q)
	}
	for i, q := range []house.Quantity{
		house.Exact("alpha-bbp-init", inputs.InitName+", transition at a random start, theory for $N → ∞$", c.limits[0]),
		house.Exact("alpha-bbp-ts", inputs.ThresholdName+", transition of the threshold states by 1RSB, theory for $N → ∞$", c.limits[1]),
	} {
		if math.IsNaN(c.limits[i]) {
			q = house.None(q.Name, q.Text, "theory finds none")
		}
		out = append(out, q)
	}
	open := house.Exact("unresolved", "share of descents that ran out of budget", float64(c.open)/float64(c.trials))
	if c.trials == 0 {
		open = house.None(open.Name, open.Text, "there is no descent")
	}
	return append(out, open)
}

func (c *comparison) caption(numbers []house.Quantity) string {
	var b strings.Builder
	var names, missing []string
	least, most := int64(math.MaxInt64), int64(0)
	fits := 0
	for _, s := range c.sizes {
		names = append(names, fmt.Sprint(s.Row.N))
		if s.Row.Identified {
			fits++
		} else {
			missing = append(missing, fmt.Sprint(s.Row.N))
		}
		for _, q := range s.Row.Points {
			if q.Trials > 0 {
				least, most = min(least, q.Trials), max(most, q.Trials)
			}
		}
	}
	fmt.Fprintf(&b, "Probability that %s from %s recovers the signal, against $α = M/N$ for $N = $%s and %s. ",
		inputs.MethodWords(c.method), inputs.StartWords(c.starts), label.List(names...), c.about.Words())
	if most > 0 {
		fmt.Fprintf(&b, "Marks: share recovered of the descents that were resolved, %s for each mark; bars: %sWilson intervals. ", label.Range(least, most), c.level)
	} else {
		b.WriteString("Marks: none, since no descent was resolved. ")
	}
	if c.open > 0 {
		fmt.Fprintf(&b, "%d of %s ran out of budget and %s not counted. ", c.open, label.Plural(c.trials, "descent"), map[bool]string{true: "is", false: "are"}[c.open == 1])
	}
	if fits > 0 {
		fmt.Fprintf(&b, "Curves: the logistic $1/(1 + e^{-(α-α_{50})/Δ})$, fitted to each $N$ by maximum likelihood; "+
			"thick bars at one half: $α_{50}$ with its %sbootstrap interval over instances, ", c.level)
		var values []string
		for i, q := range numbers[:len(c.sizes)] {
			if q.None == "" {
				values = append(values, fmt.Sprintf("%s for $N = %d$", q, c.sizes[i].Row.N))
			}
		}
		b.WriteString(label.List(values...) + ". ")
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "The data for $N = $%s do not determine a curve. ", label.List(missing...))
	}
	if len(missing) > 0 && fits == 0 {
		b.WriteString("So $α_{50}$: none. ")
	}
	if math.IsNaN(c.limits[0]) {
		b.WriteString("Theory for $N → ∞$: none, the Hessian at a random start has no transition")
	} else {
		fmt.Fprintf(&b, "Dashed: theory for $N → ∞$, the transition of the Hessian at a random start, %s = %s", strings.TrimSuffix(inputs.InitName, "$"), label.Number(label.Rounded(c.limits[0], 5))+"$")
	}
	if !math.IsNaN(c.limits[1]) {
		fmt.Fprintf(&b, ", and that of the threshold states by 1RSB, %s = %s", strings.TrimSuffix(inputs.ThresholdName, "$"), label.Number(label.Rounded(c.limits[1], 5))+"$, above which the direction survives to the end")
	}
	b.WriteString(".")
	return b.String()
}
