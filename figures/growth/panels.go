package growth

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/house"
	"zerotohero/figures/portable"
)

// overlap is σ against t: lines at the largest N with their intervals, marks at the other.
func (p *picture) overlap() *house.Panel {
	panel := house.NewPanel("time $t$", "$σ = N^{1/2}$ rms $m$")
	panel.LogX()
	panel.LogY()
	shown := false
	for i, g := range p.Grow {
		look := house.Series(i)
		curve, band := house.Curve{Style: house.Line(look.Color)}, house.Band{Color: house.Fade(look.Color, 0.25)}
		marks := house.Points{Look: house.Look{Color: look.Color, Shape: house.Circle}}
		for j, r := range g.At {
			for _, q := range r.Points {
				if !q.Linear || !(q.T > 0 && q.Sigma2 > 0) {
					continue
				}
				shown = true
				if j > 0 {
					marks.X, marks.Y = append(marks.X, q.T), append(marks.Y, math.Sqrt(q.Sigma2))
					continue
				}
				curve.X, curve.Y = append(curve.X, q.T), append(curve.Y, math.Sqrt(q.Sigma2))
				if q.Sigma2Lo > 0 {
					band.X = append(band.X, q.T)
					band.Lo, band.Hi = append(band.Lo, math.Sqrt(q.Sigma2Lo)), append(band.Hi, math.Sqrt(q.Sigma2Hi))
				}
			}
		}
		panel.Add(band)
		panel.AddKeyed(fmt.Sprintf("$α = %s$", house.NumberName(g.Alpha)), curve)
		panel.Add(marks)
	}
	if !shown {
		panel.None("no overlap is small enough")
	}
	return panel
}

// exponents are κ against α, by the N that it is of.
func (p *picture) exponents() *house.Panel {
	panel := house.NewPanel("$α$", "exponent of growth $κ$")
	var sizes []int64
	of := make(map[int64]*house.Points)
	for _, k := range p.Kappas {
		if !k.Identified {
			continue
		}
		if of[k.N] == nil {
			of[k.N] = &house.Points{Look: house.Series(len(sizes))}
			sizes = append(sizes, k.N)
		}
		of[k.N].AddPoint(k.Alpha, k.Value, k.Lo, k.Hi)
	}
	if sizes == nil {
		panel.None("no $κ$ is determined")
		return panel
	}
	for _, n := range sizes {
		panel.AddKeyed(fmt.Sprintf("$N = %d$", n), *of[n])
	}
	for _, r := range []struct {
		at   house.Quantity
		text string
	}{{p.Zero, "$κ = 0$"}, {p.Half, "$κz = ½$"}} {
		if r.at.Known() {
			panel.Add(house.Rule{X: r.at.Value, Style: house.Thin(house.Grey, house.Dashed...)},
				house.Note{X: r.at.Value, Y: 0, DX: 3, DY: 3, Text: r.text, YAlign: draw.YBottom})
		}
	}
	return panel
}

// waiting is the share not recovered against time, with the median trapping times.
func (p *picture) waiting() *house.Panel {
	panel := house.NewPanel("time $t$", "share not recovered")
	panel.LogX()
	panel.Y.Min, panel.Y.Max = 0, 1.03
	if len(p.Times) == 0 {
		panel.None("no descent recovers")
		return panel
	}
	panel.KeyTitle = fmt.Sprintf("$α = %s$", p.Alpha)
	first := math.Inf(1) // time at which a descent recovers
	for i, r := range p.Times {
		look := house.Series(i)
		curve, trapped := house.Curve{Style: house.Line(look.Color)}, house.Points{Look: look}
		for _, q := range r.Points {
			if q.T > 0 && q.NotRecovered < 1 {
				first = min(first, q.T)
			}
			if q.T > 0 {
				curve.X, curve.Y = append(curve.X, q.T), append(curve.Y, q.NotRecovered)
			}
			if q.T <= r.Trapping.Median {
				trapped.X, trapped.Y = []float64{r.Trapping.Median}, []float64{q.NotRecovered}
			}
		}
		panel.AddKeyed(fmt.Sprintf("$N = %d$", r.N), curve, trapped)
	}
	panel.X.Min = first / 3
	return panel
}

// crossover is α against N: where half of the descents recover, and two predictions.
func (p *picture) crossover() *house.Panel {
	panel := house.NewPanel("$N$", "$α$")
	panel.LogX()
	measured, integral := house.Points{Look: house.Series(0)}, house.Points{Look: house.Series(1)}
	growth := house.Points{Look: house.Series(2)}
	low, high := math.Inf(1), math.Inf(-1)
	take := func(v float64) { low, high = min(low, v), max(high, v) }
	for _, s := range p.Sizes {
		if s.Alpha50 > 0 {
			take(s.Alpha50)
		}
		if s.PredictedIdentified {
			take(s.Predicted)
		}
	}
	for _, c := range p.Crossovers {
		if c.Alpha.Known() {
			take(c.Alpha.Value)
		}
	}
	if low > high {
		panel.None("no crossover is determined")
		return panel
	}
	panel.Y.Min, panel.Y.Max = max(0, low-0.6), high+0.6
	// An open end of an interval is drawn to the frame.
	ends := func(lo, hi float64) (float64, float64) { return max(lo, panel.Y.Min), min(hi, panel.Y.Max) }
	aside := portable.Pow(2, 0.12) // so that intervals at one N stand apart
	for _, s := range p.Sizes {
		n := float64(s.N)
		if s.Alpha50 > 0 {
			lo, hi := ends(s.Lo, s.Hi)
			measured.AddPoint(n, s.Alpha50, lo, hi)
		}
		if s.PredictedIdentified {
			lo, hi := ends(s.PredictedLo, s.PredictedHi)
			integral.AddPoint(n*aside, s.Predicted, lo, hi)
		}
	}
	for _, c := range p.Crossovers {
		if c.Alpha.Known() {
			lo, hi := ends(c.Alpha.Lo, c.Alpha.Hi)
			growth.AddPoint(float64(c.N)/aside, c.Alpha.Value, lo, hi)
		}
	}
	panel.AddKeyed("$α_{50}$, measured", measured)
	if len(growth.X) > 0 {
		panel.AddKeyed("growth against trapping", growth)
	}
	if len(integral.X) > 0 {
		panel.AddKeyed("$W(α) = ½ \\rm{ln} N$", integral)
	}
	return panel
}
