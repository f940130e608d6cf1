package signal

import (
	"math"

	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/house"
	"zerotohero/figures/label"
)

const (
	weightShown = 0.97 // of the signal's measure, at a start
	least       = 1e-4 // weight that the panels against time show
)

func (p *picture) grid() house.Grid {
	start := p.Shown.Law.signal()
	left, right := p.leftmost(0, start.x[0]), start.quantile(weightShown)
	left -= house.Margin * (right - left)
	first := [2]float64{left, right}
	upper := []*house.Panel{density(p.Shown.Law, first, "random start"),
		p.cumulative(0, start, p.Shown.Law.bulk(), first), p.latePanel()}
	zero := p.inTime("weight below 0", func(l lawRow) float64 { return l.BelowZero.Value }, nullState.zero)
	lowest := p.inTime("weight at the lowest "+p.Percent(), func(l lawRow) float64 { return l.Lowest.Value },
		func(s nullState) [3]float64 { return s.of(p.Share) })
	lowest.NoKey = true
	p.measured(zero)
	lowest.Add(house.Curve{X: []float64{lowest.X.Min, lowest.X.Max}, Y: []float64{p.Share, p.Share},
		Style: house.Thin(house.Grey, house.Dotted...)})
	return house.Grid{Panels: [][]*house.Panel{upper, {zero, lowest, p.threshold()}}}
}

// leftmost is the lowest line at a time, or what theory has if that is below.
func (p *picture) leftmost(t, theory float64) float64 {
	for _, r := range p.Runs {
		if lines := r.lines(t); len(lines) > 0 {
			theory = min(theory, lines[0].Value)
		}
	}
	return theory
}

// density is the density of the signal's measure and of the bulk, with the outlier.
func density(l lawRow, ends [2]float64, title string) *house.Panel {
	p := house.NewPanel("$λ$", "density")
	p.Title.Text = title + ", $α = " + label.Number(label.Rounded(l.Alpha, 4)) + "$"
	p.X.Min, p.X.Max = ends[0], ends[1]
	top := 0.0
	for i, x := range l.Lambda {
		if x >= ends[0] && x <= ends[1] {
			top = max(top, l.Rho[i], l.Bulk[i])
		}
	}
	p.Y.Min, p.Y.Max = 0, 1.18*top
	p.AddKeyed("signal", house.Curve{X: l.Lambda, Y: l.Rho, Style: house.Line(house.Black)})
	p.AddKeyed("bulk", house.Curve{X: l.Lambda, Y: l.Bulk, Style: house.Thin(house.Grey, house.Dashed...)})
	for _, a := range l.Atoms {
		if x := a.Lambda.Value; x >= ends[0] && x <= ends[1] {
			p.Add(house.Rule{X: x, Style: house.Line(house.Black)},
				house.Note{X: x, Y: p.Y.Max, DX: 3, DY: -3, YAlign: draw.YTop,
					Text: "$q^2 = " + label.NumberTo(a.Weight.Value, 2) + "$"})
		}
	}
	return p
}

// cumulative is the weight below an eigenvalue at a time, by theory and by the lines of runs.
func (p *picture) cumulative(t float64, signal, bulk steps, ends [2]float64) *house.Panel {
	panel := house.NewPanel("$λ$", "weight below $λ$")
	panel.Title.Text = "$t = " + label.Number(t) + "$, $α = " + p.Shown.Label() + "$"
	panel.X.Min, panel.X.Max = ends[0], ends[1]
	panel.AddKeyed("eigenvalues", house.Curve{X: bulk.x, Y: bulk.y, Style: house.Thin(house.Grey, house.Dashed...)})
	top := max(signal.at(ends[1]), bulk.at(ends[1]))
	steps := house.Thin(house.Vermillion)
	for _, r := range p.Runs {
		s := cumulate(r.lines(t))
		panel.Add(house.Curve{X: s.x, Y: s.y, Style: steps})
		top = max(top, s.at(ends[1]))
	}
	panel.AddKeyed("signal, descents", house.KeyOnly{Thumbnailer: house.Curve{Style: steps}})
	panel.AddKeyed("signal, theory", house.Curve{X: signal.x, Y: signal.y, Style: house.Line(house.Black)})
	panel.Y.Min, panel.Y.Max = 0, 1.05*top
	return panel
}

// latePanel is that of the last time with lines, beside the null model.
func (p *picture) latePanel() *house.Panel {
	s, known := p.Shown.nullAt(p.Late)
	if p.Late == 0 || !known || len(s.Lowest) == 0 {
		none := house.NewPanel("$λ$", "weight below $λ$")
		none.None("no lines at a later time of the null model")
		return none
	}
	signal, bulk := s.signal(), s.bulk()
	left, right := p.leftmost(p.Late, signal.x[0]), signal.x[len(signal.x)-1]
	panel := p.cumulative(p.Late, signal, bulk, [2]float64{left - house.Margin*(right-left), right})
	panel.NoKey = true
	panel.Add(house.Rule{X: 0, Style: house.Thin(house.Grey, house.Dotted...)})
	return panel
}

// inTime is a weight against time for each α, with theory at the start and of threshold states.
func (p *picture) inTime(y string, law func(lawRow) float64, null func(nullState) [3]float64) *house.Panel {
	panel := house.NewPanel("time $t$", y)
	panel.LogX()
	panel.LogY()
	panel.X.Min, panel.X.Max = p.span()
	for i, s := range p.All {
		look := house.Series(i)
		c, b := house.Curve{Style: house.Line(look.Color)}, house.Band{Color: house.Fade(look.Color, 0.25)}
		for _, at := range s.Null.Times {
			if v := null(at); at.T > 0 && v[0] >= least {
				c.X, c.Y = append(c.X, at.T), append(c.Y, v[0])
				b.X, b.Lo, b.Hi = append(b.X, at.T), append(b.Lo, max(least, v[1])), append(b.Hi, v[2])
			}
		}
		ends := house.Points{Look: house.Look{Color: look.Color, Shape: house.TriangleDown}}
		ends.X, ends.Y = append(ends.X, panel.X.Min*1.12), append(ends.Y, law(s.Law))
		if s.Threshold != nil && law(*s.Threshold) >= least {
			ends.X, ends.Y = append(ends.X, panel.X.Max/1.12), append(ends.Y, law(*s.Threshold))
		}
		panel.Add(b, ends)
		panel.AddKeyed("$α = "+s.Label()+"$", c)
		if s.TBBP.Known() && s.Null.TBBP > panel.X.Min && s.Null.TBBP < panel.X.Max {
			panel.Add(house.Rule{X: s.Null.TBBP, Style: house.Thin(look.Color, house.Dashed...)})
		}
	}
	return panel
}

// span are the ends of the axis of times, with room for what theory has at either end.
func (p *picture) span() (first, last float64) {
	first, last = math.Inf(1), 0
	for _, s := range p.All {
		for _, at := range s.Null.Times {
			if at.T > 0 {
				first, last = min(first, at.T), max(last, at.T)
			}
		}
	}
	if last == 0 {
		return 0.1, 10
	}
	return first / 1.8, last * 1.8
}

// measured adds what the lines of the runs tell.
func (p *picture) measured(panel *house.Panel) {
	points := house.Points{Look: house.Look{Color: house.Black, Shape: house.Circle}}
	for _, s := range p.Shown.Null.Times {
		if v, lo, hi := p.meanBelowZero(s.T); s.T > 0 && v >= least {
			points.AddPoint(s.T, v, max(lo, least), hi)
		}
	}
	panel.Add(points)
}

// threshold is the density in threshold states.
func (p *picture) threshold() *house.Panel {
	if p.Shown.Threshold == nil {
		none := house.NewPanel("$λ$", "density")
		none.None("no threshold states given")
		return none
	}
	l := *p.Shown.Threshold
	s := l.signal()
	left, right := s.x[0], l.bulk().quantile(0.9)
	panel := density(l, [2]float64{left - house.Margin*(right-left), right}, "threshold states")
	panel.NoKey = true
	return panel
}
