package predictors

import (
	"math"

	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/house"
)

// index is the share of negative eigenvalues in time.
func (p *picture) index() *house.Panel {
	panel := p.means("share of negative eigenvalues", "index")
	p.theory(panel, func(d *density) float64 { return d.below(0) })
	return panel
}

// trace is the mean eigenvalue in time.
func (p *picture) trace() *house.Panel {
	panel := p.means("mean eigenvalue", "trace")
	panel.NoKey = true
	p.theory(panel, (*density).mean)
	return panel
}

// soft is the joint overlap of the softest eigenvectors in time.
func (p *picture) soft() *house.Panel {
	panel := p.means("joint overlap of the softest 8", "soft-8")
	panel.NoKey = true
	first, last := p.span()
	random := min(1, 8/float64(p.N-1))
	panel.Add(house.Curve{X: []float64{first, last}, Y: []float64{random, random},
		Style: house.Thin(house.Grey, house.Dotted...)},
		house.Note{X: first, Y: random, DX: 3, DY: 2, Text: "random directions", Color: house.Grey, YAlign: draw.YBottom})
	panel.Y.Min = 0
	return panel
}

// means are those of a predictor in time, over descents of either outcome.
func (p *picture) means(y, name string) *house.Panel {
	panel := p.panel(y)
	for _, side := range []struct {
		label string
		look  house.Look
		of    func(predictor) estimate
	}{
		{"recover", house.Look{Color: house.Blue, Shape: house.Disc},
			func(q predictor) estimate { return q.MeanRecovered }},
		{"are trapped", house.Look{Color: house.Vermillion, Shape: house.Square},
			func(q predictor) estimate { return q.MeanTrapped }},
	} {
		curve, marks := p.series(name, side.of, side.look)
		panel.AddKeyed(side.label, curve, marks)
	}
	return panel
}

// series is a property of a predictor against time.
func (p *picture) series(name string, of func(predictor) estimate, look house.Look) (house.Curve, house.Points) {
	curve, marks := house.Curve{Style: house.Line(look.Color)}, house.Points{Look: look}
	for _, r := range p.Rows {
		for _, q := range r.Predictors {
			if e := of(q); q.Name == name && r.T > 0 && !math.IsNaN(e.Value) {
				curve.X, curve.Y = append(curve.X, r.T), append(curve.Y, e.Value)
				if math.IsNaN(e.Lo) {
					e.Lo, e.Hi = e.Value, e.Value
				}
				marks.AddPoint(r.T, e.Value, e.Lo, e.Hi)
			}
		}
	}
	return curve, marks
}

// theory marks the random start and the threshold state.
func (p *picture) theory(panel *house.Panel, of func(*density) float64) {
	first, last := p.span()
	for _, d := range []struct {
		is   *density
		text string
		x    float64
		left bool
	}{{p.start, "random start, theory", last, false}, {p.threshold, "threshold state, 1RSB", first, true}} {
		if d.is == nil {
			continue
		}
		v := of(d.is)
		note := house.Note{X: d.x, Y: v, DX: 3, DY: 2, Text: d.text, Color: house.Grey, YAlign: draw.YBottom}
		if !d.left {
			note.XAlign, note.DX = draw.XRight, -3
		}
		panel.Add(house.Curve{X: []float64{first, last}, Y: []float64{v, v}, Style: house.Thin(house.Grey, house.Dashed...)},
			note)
	}
	_, y := panel.Spans()
	panel.Y.Min, panel.Y.Max = min(0, y.Lo), y.Hi+0.1*(y.Hi-min(0, y.Lo)) // room for words above the lines
}

// shown are the predictors whose scores are drawn and quoted.
var shown = []struct{ name, label string }{
	{"overlap", "overlap of the student"},
	{"hessian", "Hessian, all together"},
	{"soft-8", "softest 8"},
	{"index", "index"},
	{"curvature", "lowest eigenvalue"},
}

// scores are those of some predictors in time.
func (p *picture) scores() *house.Panel {
	panel := p.panel("information on the outcome (bits)")
	for i, s := range shown {
		curve, marks := p.series(s.name, func(q predictor) estimate { return q.Score }, house.Series(i))
		if len(curve.X) > 0 {
			panel.AddKeyed(s.label, curve, marks)
		}
	}
	if !panel.Keyed() {
		panel.None("there is nothing to predict")
		return panel
	}
	first, last := p.span()
	panel.Add(house.Curve{X: []float64{first, last}, Y: []float64{0, 0}, Style: house.Thin(house.Grey, house.Dotted...)})
	if p.TBBP.Known() {
		_, y := panel.Spans()
		panel.Add(house.Note{X: p.TBBP.Value, Y: y.Hi, DX: 3, Text: "$t_{\\rm{BBP}}$", YAlign: draw.YTop})
	}
	return panel
}

// panel is empty, against time, with a line at t_BBP.
func (p *picture) panel(y string) *house.Panel {
	panel := house.NewPanel("time $t$", y)
	panel.LogX()
	panel.X.Min, panel.X.Max = p.span()
	if p.TBBP.Known() {
		panel.Add(house.Rule{X: p.TBBP.Value, Style: house.Thin(house.Black, house.Dashed...)})
	}
	return panel
}

// span is the range of times shown.
func (p *picture) span() (first, last float64) {
	first, last = math.Inf(1), 0
	for _, r := range p.Rows {
		if r.T > 0 {
			first, last = min(first, r.T), max(last, r.T)
		}
	}
	if !(first < last) {
		return 0.01, 100
	}
	return first / 1.4, last * 1.4
}
