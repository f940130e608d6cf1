package equator

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures/house"
	"zerotohero/figures/label"
)

// looks are those of the sizes, the largest first.
var looks = []house.Look{{Color: house.Blue, Shape: house.Disc}, {Color: house.Vermillion, Shape: house.HollowSquare},
	{Color: house.Green, Shape: house.Triangle}, {Color: house.Purple, Shape: house.Diamond}}

// plane is the plane of overlap and α: where the outlier appears in theory, and from where
// half of the descents recover.
func (p *picture) plane() *house.Panel {
	panel := house.NewPanel("overlap $m$", "$α$")
	curve := house.Curve{Style: house.Line(house.Black)}
	top := 0.0
	for _, t := range p.Theory {
		if t.Found {
			curve.X, curve.Y = append(curve.X, t.Overlap), append(curve.Y, t.Alpha)
			top = max(top, t.Alpha)
		}
	}
	if len(curve.X) > 0 {
		panel.AddKeyed("outlier above", curve)
	}
	for i, n := range p.Sizes {
		marks := house.Points{Look: looks[i%len(looks)], Across: true}
		for _, e := range p.Edges {
			top = max(top, e.Alpha)
			if e.N == n && e.Identified {
				// Sizes stand a little apart.
				marks.AddPoint(e.Half, e.Alpha-0.05+0.1*float64(i), math.Max(0, e.HalfLo), math.Min(1, e.HalfHi))
			}
		}
		panel.Add(house.Rule{X: 1 / math.Sqrt(float64(n)), Style: house.Thin(marks.Look.Color, house.Dotted...)})
		if len(marks.X) > 0 {
			panel.AddKeyed(fmt.Sprintf("half recover, $N = %d$", n), marks)
		}
	}
	panel.X.Min, panel.X.Max, panel.Y.Min, panel.Y.Max = -0.03, 1.03, 0.5, 1.15*top+0.1
	if !panel.Keyed() {
		panel.None("there is none")
	}
	return panel
}

// rates are the shares that recover of the largest N.
func (p *picture) rates() *house.Panel {
	panel := house.NewPanel("overlap $m$ of the start", "$P$(recovered)")
	panel.Title.Text = fmt.Sprintf("$N = %d$", p.Largest())
	panel.KeyTitle = "$α$"
	panel.X.Min, panel.X.Max, panel.Y.Min, panel.Y.Max = -0.03, 1.03, -0.03, 1.03
	i := 0
	for _, e := range p.Edges {
		if e.N != p.Largest() {
			continue
		}
		look := house.Series(i % 7)
		i++
		line, marks := house.Curve{Style: house.Thin(look.Color)}, house.Points{Look: look}
		for _, q := range e.Points {
			if q.Trials > 0 {
				line.X, line.Y = append(line.X, q.Overlap), append(line.Y, q.P)
				marks.AddPoint(q.Overlap, q.P, q.Lo, q.Hi)
			}
		}
		if len(line.X) > 0 {
			panel.AddKeyed(label.Number(e.AlphaAsked), line, marks)
		}
	}
	if !panel.Keyed() {
		panel.None("none is resolved")
	}
	return panel
}

// outlier is the squared overlap of the outlier's eigenvector with what is left of the signal.
func (p *picture) outlier() *house.Panel {
	panel := house.NewPanel("overlap $m$", "$q^2$ of the outlier, theory")
	var alphas []float64
	for _, t := range p.Theory {
		for _, f := range t.Follows {
			if !slices.Contains(alphas, f.Alpha) {
				alphas = append(alphas, f.Alpha)
			}
		}
	}
	slices.Sort(alphas)
	for i, alpha := range alphas {
		curve := house.Curve{Style: house.Line(house.Series(i%7).Color, [][]vg.Length{nil, house.Dashed,
			house.Dotted}[i%3]...)}
		for _, t := range p.Theory {
			for _, f := range t.Follows {
				if f.Alpha == alpha && f.Exists {
					curve.X, curve.Y = append(curve.X, t.Overlap), append(curve.Y, f.Q2)
				}
			}
		}
		if len(curve.X) > 0 {
			panel.AddKeyed("$α = "+label.Number(alpha)+"$", curve)
		}
	}
	panel.X.Min, panel.X.Max, panel.Y.Min = -0.03, 1.03, 0
	if !panel.Keyed() {
		panel.None("there is no outlier")
		panel.Y.Max = 1
	}
	return panel
}
