//pipeline:variant figure=descent

package figures

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/pipeline"
)

func init() {
	register("descent", figure{
		doc:   "overlap and loss in time for several descents at one alpha",
		needs: []string{"descent"},
		draw:  drawDescent,
	})
}

type descentRow struct {
	Seed    int64         `arrow:"seed"`
	Start   int64         `arrow:"start"`
	N       int64         `arrow:"n"`
	M       int64         `arrow:"m"`
	Loss    string        `arrow:"loss"`
	A       float64       `arrow:"a"`
	Method  string        `arrow:"method"`
	Outcome string        `arrow:"outcome"`
	Trace   []descentStep `arrow:"trace"`
}

type descentStep struct {
	T       float64 `arrow:"t"`
	Energy  float64 `arrow:"energy"`
	Overlap float64 `arrow:"overlap"`
}

// outcomeLook is how a figure tells one outcome from the others.
type outcomeLook struct {
	outcome string
	color   color.Color
	dashes  []vg.Length
	shape   draw.GlyphDrawer
}

// mostDescents is how many curves a panel holds before they hide each other.
const mostDescents = 12

func drawDescent(in pipeline.Inputs) (Drawing, error) {
	rows, err := read[descentRow](in, "descent")
	if err != nil {
		return Drawing{}, err
	}
	about, err := oneOf(rows, "loss", func(r descentRow) model { return model{r.Loss, r.A} })
	if err != nil {
		return Drawing{}, err
	}
	method, err := oneOf(rows, "method of descent", func(r descentRow) string { return r.Method })
	if err != nil {
		return Drawing{}, err
	}
	size, err := oneOf(rows, "size (N, M)", func(r descentRow) [2]int64 { return [2]int64{r.N, r.M} })
	if err != nil {
		return Drawing{}, err
	}
	looks := []outcomeLook{
		{"recovered", Blue, nil, Disc},
		{"trapped", Vermillion, Dashed, Square},
		{"unresolved", Grey, Dotted, Circle},
		{"diverged", Purple, Dotted, Cross},
	}
	by := make([][]descentRow, len(looks))
	total := 0
	for _, r := range rows {
		i := slices.IndexFunc(looks, func(l outcomeLook) bool { return l.outcome == r.Row.Outcome })
		if i < 0 {
			return Drawing{}, fmt.Errorf("%s: seed %d has the outcome %q, which the figure does not know", r.Stage, r.Row.Seed, r.Row.Outcome)
		}
		// A log axis starts at the first positive time, and a diverged run ends in
		// records that are not numbers.
		trace := slices.DeleteFunc(r.Row.Trace, func(s descentStep) bool {
			return !(s.T > 0) || math.IsNaN(s.Overlap) || math.IsNaN(s.Energy) || math.IsInf(s.Energy, 0)
		})
		if len(trace) == 0 {
			continue
		}
		r.Row.Trace = trace
		by[i] = append(by[i], r.Row)
		total++
	}
	if total == 0 {
		return Drawing{}, fmt.Errorf("none of %d descents has a record at a positive time, the first in %s; let those stages record more of each decade", len(rows), rows[0].Stage)
	}

	overlap, energy := NewPanel("", "overlap $m$"), NewPanel("time $t$", "loss $L/N$")
	overlap.LogX()
	energy.LogX()
	overlap.Y.Min, overlap.Y.Max = -0.04, 1.04
	energy.NoKey = true
	drawn, top := 0, 0.0
	for i, count := range shares(by, mostDescents) {
		look := looks[i]
		slices.SortStableFunc(by[i], func(a, b descentRow) int {
			return cmp.Or(cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Start, b.Start))
		})
		for k := range count {
			d := by[i][k*len(by[i])/count]
			m, e := Curve{Style: Thin(look.color, look.dashes...)}, Curve{Style: Thin(look.color, look.dashes...)}
			for _, s := range d.Trace {
				m.X, m.Y = append(m.X, s.T), append(m.Y, s.Overlap)
				e.X, e.Y = append(e.X, s.T), append(e.Y, s.Energy)
			}
			end := d.Trace[len(d.Trace)-1:]
			mEnd := Points{X: []float64{end[0].T}, Y: []float64{end[0].Overlap}, Look: Look{look.color, look.shape}}
			eEnd := Points{X: []float64{end[0].T}, Y: []float64{end[0].Energy}, Look: mEnd.Look}
			if k == 0 {
				overlap.AddKeyed(fmt.Sprintf("%s, %d of %d", look.outcome, len(by[i]), total), m, mEnd)
			} else {
				overlap.Add(m, mEnd)
			}
			energy.Add(e, eEnd)
			drawn++
			for _, v := range e.Y {
				if look.outcome != "diverged" {
					top = max(top, v)
				}
			}
		}
	}
	if len(by[len(by)-1]) > 0 && top > 0 {
		energy.Y.Max = 1.04 * top // a diverging loss leaves through the top
	}
	alpha := Number(rounded(float64(size[1])/float64(size[0]), 4))
	overlap.Title.Text = fmt.Sprintf("$α = %s$, $N = %d$", alpha, size[0])
	if drawn < total {
		overlap.KeyTitle = fmt.Sprintf("%d descents shown of %d", drawn, total)
	}

	var outcomes []string
	var numbers []Quantity
	for i, look := range looks {
		if n := int64(len(by[i])); n > 0 {
			outcomes = append(outcomes, fmt.Sprintf("%d %s", n, look.outcome))
		}
	}
	words := fmt.Sprintf("Overlap with the signal (top) and loss for each of the $N$ dimensions (bottom) in %s from random starts, "+
		"against the time $t$ (learning rate times steps, on a logarithmic axis), at $α = %s$ and $N = %d$ for %s. ", methodWords(method), alpha, size[0], about.words())
	words += fmt.Sprintf("Every curve is one descent, and a mark is where it ended: %s of %d", listed(outcomes...), total)
	if drawn < total {
		words += fmt.Sprintf(", of which %d are drawn, from each outcome in proportion", drawn)
	}
	words += ". "
	if n := int64(len(by[0]) + len(by[1]) + len(by[3])); n > 0 {
		k := int64(len(by[0]))
		lo, hi := wilson(k, n)
		share := Estimate("recovered", fmt.Sprintf("share of descents that recovered, of those not unresolved, $α = %s$, $N = %d$", alpha, size[0]), float64(k)/float64(n), lo, hi)
		numbers = append(numbers, share, Exact("descents", "descents, drawn or not", float64(total)))
		words += fmt.Sprintf("The share recovered of the resolved is %s, with its 95%% Wilson interval for independent descents.", share)
	}
	return Drawing{Width: SingleColumn, Height: 10.5 * vg.Centimeter, Draw: Grid{Panels: [][]*Panel{{overlap}, {energy}}, ShareX: true}.Draw,
		Caption: words, Numbers: numbers}, nil
}

// shares says how many of each group to draw for about most in all, in the groups'
// proportions (largest remainder), but one at least of each group that is not empty.
func shares(groups [][]descentRow, most int) []int {
	out := make([]int, len(groups))
	total, left := 0, most
	for _, g := range groups {
		total += len(g)
	}
	if total <= most {
		for i, g := range groups {
			out[i] = len(g)
		}
		return out
	}
	for i, g := range groups {
		if len(g) > 0 {
			out[i] = max(1, most*len(g)/total)
			left -= out[i]
		}
	}
	for ; left > 0; left-- {
		best := 0
		for i, g := range groups {
			if most*len(g)-out[i]*total > most*len(groups[best])-out[best]*total {
				best = i
			}
		}
		out[best]++
	}
	return out
}
