// Package finitesize is the figure finite-size: α50 and width against N with rival laws,
// predicted crossover and collapse.
package finitesize

import (
	_ "embed"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/portable"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("finite-size", "alpha50 and width against N with rival laws, predicted crossover and collapse",
		figures.New[params](figure, pipeline.ReadsWith[scalingRow, inputs.Level]("scaling")))
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	rows, level, err := inputs.ReadIntervals[scalingRow](in, "scaling")
	if err != nil {
		return house.Drawing{}, err
	}
	if len(rows) != 1 {
		return house.Drawing{}, fmt.Errorf("the figure shows one row of kind scaling, and %s and %s both have one; "+
			"leave one out of its inputs",
			rows[0].Stage, rows[1].Stage)
	}
	r := newFiniteSize(rows[0].Row, level)
	var g house.Grid
	var below []*house.Panel
	if len(r.Sizes) == 0 {
		none := house.NewPanel("$N$", "$α_{50}$")
		none.None("none: $α_{50}$ is not\nidentified at any size")
		g.Panels = [][]*house.Panel{{none}}
	} else {
		g.Panels = [][]*house.Panel{{r.locations(), r.straightened()}}
		if p, ok := r.widths(); ok {
			below = append(below, p)
		}
	}
	if p, ok := r.collapse(); ok {
		below = append(below, p)
	}
	height := 6 * vg.Centimeter
	if len(below) > 0 {
		g.Panels = append(g.Panels, below)
		height = 11.4 * vg.Centimeter
	}
	return house.Drawing{Width: house.DoubleColumn, Height: height, Draw: g.Draw}.
		Described(words, r, r.quantities)
}

// ends are the limits of N on the axes: beyond the largest the laws part.
func (r *finiteSize) ends(beyond float64) (lo, hi float64) {
	lo, hi = float64(r.Sizes[0].N), float64(r.Sizes[0].N)
	for _, s := range r.Sizes {
		lo, hi = min(lo, float64(s.N)), max(hi, float64(s.N))
	}
	return lo / 1.3, beyond * hi
}

// lawLooks are those of the laws of α50 with free α∞.
var lawLooks = map[string]struct {
	name string
	line draw.LineStyle
}{
	"log":   {"$α_∞ + c/\\rm{ln} N$", house.Line(house.Black)},
	"power": {"$α_∞ + c N^{-b}$", house.Line(house.Green, house.Dashed...)},
}

// measured are α50 and their intervals against x(N), open ends at the limits given.
func (r *finiteSize) measured(x func(n float64) float64, least, most float64) house.Points {
	pts := house.Points{Look: house.Series(0)}
	for _, s := range r.Sizes {
		pts.AddPoint(x(float64(s.N)), s.Alpha50, max(s.Lo, least), min(s.Hi, most))
	}
	return pts
}

// locations are all of α50 between the two transitions.
func (r *finiteSize) locations() *house.Panel {
	p := house.NewPanel("$N$", "$α_{50}$")
	p.LogX()
	p.X.Min, p.X.Max = r.ends(50)
	var predicted []scalingSize
	bottom, top := math.Inf(1), 0.0
	for _, s := range r.Sizes {
		bottom, top = min(bottom, s.Alpha50), max(top, s.Alpha50)
		if s.PredictedIdentified {
			predicted = append(predicted, s)
			bottom, top = min(bottom, s.Predicted), max(top, s.Predicted)
		}
	}
	limits := []struct {
		alpha float64
		name  string
	}{{r.Threshold, inputs.ThresholdName}, {r.Init, inputs.InitName}}
	for _, l := range limits {
		if l.alpha > 0 {
			bottom, top = min(bottom, l.alpha), max(top, l.alpha)
		}
	}
	p.Y.Min, p.Y.Max = max(0, bottom-0.12*(top-bottom)), top+0.15*(top-bottom)
	for _, l := range limits {
		if l.alpha > 0 {
			p.Add(house.Curve{X: []float64{p.X.Min, p.X.Max}, Y: []float64{l.alpha, l.alpha},
				Style: house.Thin(house.Grey, house.Dashed...)},
				house.Note{X: p.X.Max, Y: l.alpha, DX: -4, DY: 2, XAlign: draw.XRight, YAlign: draw.YBottom,
					Text: l.name})
		}
	}
	for _, l := range r.Models {
		if f, ok := l.curve(); ok {
			c := house.Function(func(t float64) float64 { return f(p.X.Min * portable.Pow(p.X.Max/p.X.Min, t)) }, 0, 1,
				121, lawLooks[l.Name].line)
			for i, t := range c.X {
				c.X[i] = p.X.Min * portable.Pow(p.X.Max/p.X.Min, t)
			}
			p.AddKeyed(lawLooks[l.Name].name, c)
		}
	}
	p.AddKeyed("measured", r.measured(func(n float64) float64 { return n }, p.Y.Min, p.Y.Max))
	if len(predicted) > 0 {
		pts := house.Points{Look: house.Look{Color: house.Vermillion, Shape: house.Square}}
		for _, s := range predicted {
			pts.AddPoint(float64(s.N), s.Predicted, max(s.PredictedLo, p.Y.Min), min(s.PredictedHi, p.Y.Max))
		}
		p.AddKeyed("$W(α) = ½ \\rm{ln} N$", pts)
	}
	return p
}

// straightened is α50 against 1/ln N, with what the logarithm makes of N = ∞.
func (r *finiteSize) straightened() *house.Panel {
	p := house.NewPanel("$1/\\rm{ln} N$", "$α_{50}$")
	p.NoKey = true
	x := func(n float64) float64 { return 1 / portable.Log(n) }
	pts := r.measured(x, 0, 2*r.Sizes[len(r.Sizes)-1].Alpha50)
	lo, hi := slices.Min(pts.Lo), slices.Max(pts.Hi)
	right := 1.06 * slices.Max(pts.X)
	for _, l := range r.Models {
		f, ok := l.curve()
		if !ok {
			continue
		}
		limit := l.parameter("alpha_inf")
		if l.Name == "log" {
			// Of a wide interval a part is enough.
			lo, hi = min(lo, limit.Value), max(hi, limit.Value)
			lo, hi = min(lo, max(limit.Lo, 1.5*lo-0.5*hi)), max(hi, min(limit.Hi, 1.5*hi-0.5*lo))
		}
		c := house.Curve{Style: lawLooks[l.Name].line}
		for k := range 200 {
			at := right * (float64(k) + 0.5) / 200
			value := f(portable.Exp(min(1/at, 600)))
			c.X, c.Y = append(c.X, at), append(c.Y, value)
		}
		p.Add(c)
	}
	pad := 0.12 * (hi - lo)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.03*right, right, max(0, lo-pad), hi+pad
	for _, l := range r.Models {
		if limit := l.parameter("alpha_inf"); l.Name == "log" && l.Identified {
			p.Add(house.Points{X: []float64{0}, Y: []float64{limit.Value}, Lo: []float64{max(limit.Lo, p.Y.Min)},
				Hi: []float64{min(limit.Hi, p.Y.Max)}, Look: house.Look{Color: house.Black, Shape: house.Diamond}},
				house.Note{X: 0, Y: limit.Value, DX: 6, DY: 2, YAlign: draw.YBottom, Text: "$α_∞$"})
		}
	}
	p.Add(pts)
	return p
}

func (r *finiteSize) widths() (*house.Panel, bool) {
	p := house.NewPanel("$N$", "width")
	p.LogX()
	pts := house.Points{Look: house.Series(0)}
	for _, s := range r.Sizes {
		if s.Width > 0 && s.WidthLo > 0 && !math.IsInf(s.WidthHi, 1) {
			pts.AddPoint(float64(s.N), s.Width, s.WidthLo, s.WidthHi)
		}
	}
	if len(pts.X) == 0 {
		return nil, false
	}
	if slices.Max(pts.Hi) > 5*slices.Min(pts.Lo) {
		p.LogY()
	}
	p.X.Min, p.X.Max = r.ends(2)
	p.AddKeyed("measured", pts)
	if w0, nu := r.WidthLaw.parameter("w0").Value, r.WidthLaw.parameter("nu").Value; r.WidthLaw.Identified && w0 > 0 {
		c := house.Curve{Style: house.Line(house.Black)}
		for k := range 61 {
			n := p.X.Min * portable.Pow(p.X.Max/p.X.Min, float64(k)/60)
			c.X, c.Y = append(c.X, n), append(c.Y, w0*portable.Pow(n, -nu))
		}
		name := "$w_0 N^{-ν}$"
		if r.WidthChi2.Known() {
			name += fmt.Sprintf(", $χ^2 = %.1f$, %d dof", r.WidthChi2.Value, r.WidthLaw.Dof)
		}
		p.AddKeyed(name, c)
	}
	return p, true
}

func (r *finiteSize) collapse() (*house.Panel, bool) {
	if !r.Collapsed {
		return nil, false
	}
	p := house.NewPanel("$(α - α_{50})/\\rm{width}$", "$P$(recovered)")
	p.Y.Min, p.Y.Max = -0.03, 1.03
	by := map[int64]*house.Points{}
	var sizes []int64
	reach := 0.0
	for _, q := range r.Collapse.Points {
		if by[q.N] == nil {
			by[q.N] = &house.Points{}
			sizes = append(sizes, q.N)
		}
		by[q.N].AddPoint(q.X, q.P, q.Lo, q.Hi)
		reach = max(reach, math.Abs(q.X))
	}
	slices.Sort(sizes)
	// Far out every curve is 0 or 1.
	reach = min(reach, 6) * 1.05
	p.X.Min, p.X.Max = -reach, reach
	p.AddKeyed("logistic", house.Function(func(x float64) float64 { return 1 / (1 + portable.Exp(-x)) }, -reach, reach,
		160, house.Line(house.Black)))
	for i, n := range sizes {
		by[n].Look = house.Series(i)
		p.AddKeyed(fmt.Sprintf("$N = %d$", n), *by[n])
	}
	return p, true
}
