package dynamicscompare

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"

	"zerotohero/figures/house"
	"zerotohero/figures/label"
)

// hollow is the shape of descents to a trap, pale the strength of the colours of smaller sizes.
const pale = 0.45

var hollow = house.Circle

// rates are the curves of recovery at the largest N.
func (p *picture) rates() *house.Panel {
	panel := house.NewPanel("$α$", "$P$(recovered)")
	panel.Title.Text = fmt.Sprintf("$N = %d$", p.Largest)
	panel.Y.Min, panel.Y.Max = -0.03, 1.03
	var rows []row
	for _, v := range p.Variants[1:] {
		if v.N == p.Largest {
			rows = append(rows, v.row)
		}
	}
	lo, hi := span(rows)
	if !(lo < hi) {
		lo, hi = lo-1, hi+1
	}
	if hi-lo != hi-lo || lo > hi {
		panel.None("none is resolved")
		return panel
	}
	pad := house.Margin * (hi - lo)
	panel.X.Min, panel.X.Max = lo-pad, hi+pad
	for _, v := range p.Variants {
		if v.N != p.Largest {
			continue
		}
		if v.Identified && v.Width > 0 {
			panel.Add(house.Function(v.rate, lo, hi, 120, house.Thin(v.look.Color, v.dashes...)))
		}
		marks := house.Points{Look: v.look}
		for _, q := range v.Points {
			if q.Trials > 0 && q.Alpha >= lo && q.Alpha <= hi {
				marks.X, marks.Y = append(marks.X, q.Alpha), append(marks.Y, q.P)
			}
		}
		panel.Add(marks)
	}
	return panel
}

// list is a panel with a line for each variant, named on the left, from the top.
func (p *picture) list(x string, variants []variant) (panel *house.Panel, height func(i, size int) float64) {
	panel = house.NewPanel(x, "")
	ticks := make(plot.ConstantTicks, len(variants))
	for i, v := range variants {
		ticks[i] = plot.Tick{Value: float64(-i), Label: v.Label}
	}
	panel.Y.Tick.Marker = ticks
	panel.Y.Min, panel.Y.Max = -float64(len(variants))+0.4, 0.6
	return panel, func(i, size int) float64 {
		return -float64(i) + 0.14 - 0.28*float64(size)/math.Max(1, float64(len(p.Sizes)-1))
	}
}

// shifts are the paired differences of α50.
func (p *picture) shifts() *house.Panel {
	panel, height := p.list("$α_{50}$ less that of "+p.Reference, p.Variants[1:])
	panel.Add(house.Rule{X: 0, Style: house.Thin(house.Grey, house.Dashed...)})
	lo, hi := -0.1, 0.1
	for i, v := range p.Variants[1:] {
		for k, r := range v.sizes {
			if math.IsNaN(r.Shift) {
				continue
			}
			mark := p.mark(v, r)
			// An open end is drawn as far as there are data.
			mark.AddPoint(r.Shift, height(i, p.sizeOf(r.N, k)), math.Max(r.ShiftLo, r.Shift-2),
				math.Min(r.ShiftHi, r.Shift+2))
			mark.Across = true
			panel.Add(mark)
			lo, hi = min(lo, mark.Lo[0]), max(hi, mark.Hi[0])
		}
	}
	pad := 2 * house.Margin * (hi - lo)
	panel.X.Min, panel.X.Max = lo-pad, hi+pad
	p.sizesKey(panel)
	return panel
}

// mark is empty: pale but for the largest size.
func (p *picture) mark(v variant, r row) house.Points {
	look := v.look
	if r.N != p.Largest {
		look.Color = house.Fade(look.Color, pale)
	}
	return house.Points{Look: look}
}

func (p *picture) sizeOf(n int64, fallback int) int {
	for i, s := range p.Sizes {
		if s == n {
			return i
		}
	}
	return fallback
}

// sizesKey says which marks are of which size.
func (p *picture) sizesKey(panel *house.Panel) {
	for i, n := range p.Sizes {
		look := house.Look{Color: house.Black, Shape: house.Disc}
		if i > 0 {
			look.Color = house.Fade(look.Color, pale)
		}
		if i < 2 {
			panel.AddKeyed(fmt.Sprintf("$N = %d$", n), house.KeyOnly{Thumbnailer: house.Points{Look: look}})
		}
	}
}

// costs are the passes over X to recovery and to a trap, at the largest N.
func (p *picture) costs() *house.Panel {
	panel, _ := p.list("passes over $X$", p.Variants)
	panel.LogX()
	lo, hi := math.Inf(1), 0.0
	for i, v := range p.Variants {
		if v.N != p.Largest {
			continue
		}
		for k, c := range []passes{v.PassesRecovered, v.PassesTrapped} {
			if c.Descents == 0 || !(c.Lo > 0) {
				continue
			}
			mark := house.Points{Look: v.look, Across: true}
			if k == 1 {
				mark.Look.Shape = hollow
			}
			mark.AddPoint(c.Median, -float64(i)+0.14-0.28*float64(k), c.Lo, c.Hi)
			panel.Add(mark)
			lo, hi = min(lo, c.Lo), max(hi, c.Hi)
		}
	}
	if lo > hi {
		panel.None("none is resolved")
		return panel
	}
	panel.X.Min, panel.X.Max = lo/1.4, hi*1.4
	for _, k := range []struct {
		label string
		look  house.Look
	}{{"to recovery", house.Look{Color: house.Black, Shape: house.Disc}},
		{"to a trap", house.Look{Color: house.Black, Shape: hollow}}} {
		panel.AddKeyed(k.label, house.KeyOnly{Thumbnailer: house.Points{Look: k.look}})
	}
	return panel
}

// overlaps are the rates of recovery against the overlap when the null model loses the outlier.
func (p *picture) overlaps() *house.Panel {
	panel := house.NewPanel("overlap at $t_{\\rm{BBP}}$, root mean square", "$P$(recovered)")
	panel.Y.Min, panel.Y.Max = -0.03, 1.03
	if math.IsNaN(p.Alpha) {
		panel.None("$t_{\\rm{BBP}}$ is not known")
		panel.X.Min, panel.X.Max = 0, 1
		return panel
	}
	panel.Title.Text = "$α = " + label.Number(p.Alpha) + "$"
	lo, hi := math.Inf(1), 0.0
	for _, v := range p.Variants {
		for _, r := range v.sizes {
			q, ok := r.at(p.Alpha)
			if !ok || q.Trials == 0 || math.IsNaN(q.OverlapLo) {
				continue
			}
			up, across := p.mark(v, r), p.mark(v, r)
			across.Across, across.Look.Shape = true, nil
			up.AddPoint(q.Overlap, q.P, q.Lo, q.Hi)
			across.AddPoint(q.Overlap, q.P, q.OverlapLo, q.OverlapHi)
			panel.Add(across, up)
			lo, hi = min(lo, q.OverlapLo), max(hi, q.OverlapHi)
		}
	}
	if lo > hi {
		panel.None("none is resolved")
		return panel
	}
	pad := house.Margin * max(hi-lo, 0.01)
	panel.X.Min, panel.X.Max = lo-pad, hi+pad
	p.sizesKey(panel)
	return panel
}
