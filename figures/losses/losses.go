// Package losses is the figure losses: the probability of recovery for several losses
// side by side, with their transitions.
package losses

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

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
	pipeline.Register("losses", "probability of recovery for several losses side by side, with their transitions", func(params) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.ReadsWith[recovery.Curve, inputs.Level]("finitesize"),
				pipeline.Reads[inputs.Transition]("theory-transition"),
			},
			Draw: figure,
		}, nil
	})
}

// A candidate is one loss, of those compared.
type candidate struct {
	inputs.Loss
	curves          []recovery.Curve // N ascending
	init, threshold float64          // NaN if not found
}

const maxLosses = 8

func figure(in pipeline.Inputs) (house.Drawing, error) {
	all, method, level, err := candidates(in)
	if err != nil {
		return house.Drawing{}, err
	}
	var sizes []int64
	for _, c := range all {
		for _, s := range c.curves {
			sizes = append(sizes, s.N)
		}
	}
	slices.Sort(sizes)
	sizes = slices.Compact(sizes)
	look := func(n int64) house.Look { return house.Series(slices.Index(sizes, n)) }

	lo, hi := ends(all)
	var panels []*house.Panel
	for i, c := range all {
		p := c.draw(sizes, look, lo, hi)
		p.NoKey = i > 0
		panels = append(panels, p)
	}
	panels = append(panels, summary(all, look, lo, hi))
	cols := len(panels)
	if cols > 3 {
		cols = min(3, (cols+1)/2)
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
	d := house.Drawing{Width: house.DoubleColumn, Height: vg.Length(len(g.Panels)) * 5.8 * vg.Centimeter, Draw: g.Draw}
	d.Caption, d.Quantities = words(all, method, level)
	return d, nil
}

// ends are those of α on all panels, for the eye to compare them.
func ends(all []*candidate) (lo, hi float64) {
	lo, hi = math.Inf(1), 0.0
	for _, c := range all {
		for _, v := range []float64{c.init, c.threshold} {
			if !math.IsNaN(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
		for _, s := range c.curves {
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

// candidates gathers curves and transitions by loss, the method of all, and the level of
// their intervals.
func candidates(in pipeline.Inputs) (all []*candidate, method, level string, err error) {
	rows, level, err := inputs.ReadIntervals[recovery.Curve](in, "finitesize")
	if err != nil {
		return nil, "", "", err
	}
	work, err := inputs.OneOf(rows, "method of descent and kind of start", func(r recovery.Curve) [2]string { return [2]string{r.Method, r.From} })
	if err != nil {
		return nil, "", "", err
	}
	slices.SortStableFunc(rows, func(a, b inputs.From[recovery.Curve]) int {
		return cmp.Or(cmp.Compare(a.Row.Loss, b.Row.Loss), cmp.Compare(a.Row.A, b.Row.A), cmp.Compare(a.Row.N, b.Row.N))
	})
	start, err := inputs.TransitionsAt(in, "init")
	if err != nil {
		return nil, "", "", err
	}
	end, err := inputs.TransitionsAt(in, "threshold")
	if err != nil {
		return nil, "", "", err
	}
	for i, r := range rows {
		m := r.Row.About()
		if len(all) == 0 || all[len(all)-1].Loss != m {
			all = append(all, &candidate{Loss: m, init: inputs.TransitionOf(start, m), threshold: inputs.TransitionOf(end, m)})
		} else if r.Row.N == rows[i-1].Row.N {
			return nil, "", "", fmt.Errorf("%s and %s both have a row for the %s at N = %d; give the figure one of them", rows[i-1].Stage, r.Stage, m, r.Row.N)
		}
		c := all[len(all)-1]
		// Of the plain loss a random start has no finite edge, and hence no transition.
		known := !math.IsNaN(c.init) || !math.IsNaN(c.threshold)
		for _, at := range []string{"init", "threshold"} {
			searched, err := inputs.Searched(in, m, at)
			if err != nil {
				return nil, "", "", err
			}
			known = known || searched
		}
		if !known {
			return nil, "", "", fmt.Errorf("no input of kind theory-transition has a transition for the %s of %s; add one", m, r.Stage)
		}
		c.curves = append(c.curves, r.Row)
	}
	if len(all) > maxLosses {
		return nil, "", "", fmt.Errorf("the figure has room for %d losses, and its inputs of kind finitesize have %d; leave some all", maxLosses, len(all))
	}
	return all, work[0], level, nil
}

// limits are the transitions that were found, with their names.
func (c *candidate) limits() (alphas []float64, names []string) {
	for i, v := range []float64{c.init, c.threshold} {
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
		if i := slices.IndexFunc(c.curves, func(s recovery.Curve) bool { return s.N == n }); i >= 0 {
			s := c.curves[i]
			pts = s.Marks(look(n), 0)
			if s.Fitted() && len(pts.X) > 0 {
				fit = append(fit, s.Fit(slices.Min(pts.X), slices.Max(pts.X), 160, house.Thin(look(n).Color)))
			}
		}
		// A size that only another panel has is in the key all the same, which is
		// drawn once.
		p.AddKeyed(fmt.Sprintf("$N = %d$", n), append(fit, pts)...)
	}
	if !slices.ContainsFunc(c.curves, recovery.Curve.Resolved) {
		p.None("no descent was resolved")
	}
	return p
}

// rate is the largest fitted rate of recovery at alpha.
func (c *candidate) rate(alpha float64) float64 {
	most := 0.0
	for _, s := range c.curves {
		if s.Fitted() {
			most = max(most, s.At(alpha))
		}
	}
	return most
}

// summary puts α50 of all losses between their transitions.
func summary(all []*candidate, look func(int64) house.Look, lo, hi float64) *house.Panel {
	p := house.NewPanel("$α$", "")
	p.Title.Text = "$α_{50}$ and transitions"
	p.X.Min, p.X.Max = lo, hi
	p.Y.Min, p.Y.Max = 0.4, float64(len(all))+0.9
	var ticks plot.ConstantTicks
	for i, c := range all {
		y := float64(len(all) - i)
		name := c.Title()
		if c.Name == "ell" {
			name = "$a = " + label.Number(c.A) + "$"
		}
		// Long names would part the panels of the row.
		name = strings.NewReplacer(", ", "\n", "pseudo-Huber", "p.-Huber", "plain loss", "plain").Replace(name)
		ticks = append(ticks, plot.Tick{Value: y, Label: name})
		alphas, names := c.limits()
		for k, v := range alphas {
			p.Add(house.Curve{X: []float64{v, v}, Y: []float64{y - 0.36, y + 0.36}, Style: house.Line(house.Grey, house.Dashed...)})
			if i == 0 {
				p.Add(house.Note{X: v, Y: y + 0.36, DY: 2, Text: names[k], XAlign: draw.XCenter, YAlign: draw.YBottom})
			}
		}
		if len(alphas) == 2 {
			p.Add(house.Curve{X: alphas, Y: []float64{y, y}, Style: house.Thin(house.Grey, house.Dotted...)})
		}
		for k, s := range c.curves {
			if s.Identified {
				at := y + 0.5*((float64(k)+0.5)/float64(len(c.curves))-0.5)
				p.Add(house.Points{X: []float64{s.Alpha50}, Y: []float64{at}, Lo: []float64{max(s.Alpha50Lo, lo)}, Hi: []float64{min(s.Alpha50Hi, hi)}, Across: true, Look: look(s.N)})
			}
		}
	}
	p.Y.Tick.Marker = ticks
	return p
}

func words(all []*candidate, method, level string) (string, []house.Quantity) {
	var numbers []house.Quantity
	least, most := int64(math.MaxInt64), int64(0)
	var open, total int64
	for _, c := range all {
		for _, s := range c.curves {
			for _, q := range s.Points {
				open, total = open+q.Unresolved, total+q.Trials+q.Unresolved
				if q.Trials > 0 {
					least, most = min(least, q.Trials), max(most, q.Trials)
				}
			}
		}
	}
	words := []string{
		"Probability that " + inputs.MethodWords(method) + " recovers the signal, for the losses named above the panels.",
		fmt.Sprintf("Points: share of %s descents for each $N$ and α, with %sWilson intervals; lines: logistic fits; dashed: transitions at a random start and of the threshold states by 1RSB.", label.Range(least, most), level),
		fmt.Sprintf("Last panel: $α_{50}$, at which half recover, with %sbootstrap intervals, between these transitions.", level),
	}
	if open > 0 {
		words = append(words, fmt.Sprintf("%s of %d descents ran out of budget and %s left out.", label.Number(float64(open)), total, map[bool]string{true: "is", false: "are"}[open == 1]))
	}
	for _, c := range all {
		numbers = append(numbers, c.numbers()...)
		words = append(words, c.Title()+": "+label.List(c.words()...)+".")
	}
	return strings.Join(words, " "), numbers
}

// numbers are the transitions and α50 of one loss.
func (c *candidate) numbers() (out []house.Quantity) {
	for i, v := range []float64{c.init, c.threshold} {
		name := []string{"alpha-bbp-init-", "alpha-bbp-ts-"}[i] + c.Key()
		text := []string{inputs.InitName, inputs.ThresholdName}[i] + ", " + c.Title()
		if math.IsNaN(v) {
			out = append(out, house.None(name, text, "theory finds none"))
		} else {
			out = append(out, house.Exact(name, text, v))
		}
	}
	for _, s := range c.curves {
		out = append(out, s.Half(fmt.Sprintf("alpha50-N=%d-%s", s.N, c.Key()), fmt.Sprintf("$α_{50}$ at $N = %d$, %s", s.N, c.Title())))
	}
	return out
}

// words are what the caption says of one loss: the transitions that there are, the sizes
// without α50, and α50 of the largest that has one.
func (c *candidate) words() (said []string) {
	numbers := c.numbers()
	for i, q := range numbers[:2] {
		if q.None == "" {
			said = append(said, []string{inputs.InitName, inputs.ThresholdName}[i]+" $=$ "+q.String())
		}
	}
	if len(said) == 0 {
		said = append(said, "transitions: none")
	}
	last, missing := "", []string{}
	for i, s := range c.curves {
		if s.Identified {
			last = fmt.Sprintf("$α_{50}$ $=$ %s at $N = %d$", numbers[2+i], s.N)
		} else {
			missing = append(missing, fmt.Sprint(s.N))
		}
	}
	if last == "" {
		return append(said, "$α_{50}$: none, not identified at $N = $"+label.List(missing...))
	}
	for _, n := range missing {
		said = append(said, "$α_{50}$ not identified at $N = "+n+"$")
	}
	return append(said, last)
}
