// Package descent is the figure descent: overlap and loss in time for several descents
// at one α.
package descent

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
)

func init() {
	pipeline.Register("descent", "overlap and loss in time for several descents at one alpha", func(struct{}) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.Reads[descentRow]("descent"),
			},
			Draw: figure,
		}, nil
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

// mostDescents is how many curves a panel holds before they hide each other.
const mostDescents = 12

func figure(in pipeline.Inputs) (house.Drawing, error) {
	rows, err := inputs.Read[descentRow](in, "descent")
	if err != nil {
		return house.Drawing{}, err
	}
	about, err := inputs.OneOf(rows, "loss", func(r descentRow) inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} })
	if err != nil {
		return house.Drawing{}, err
	}
	method, err := inputs.OneOf(rows, "method of descent", func(r descentRow) string { return r.Method })
	if err != nil {
		return house.Drawing{}, err
	}
	size, err := inputs.OneOf(rows, "size (N, M)", func(r descentRow) [2]int64 { return [2]int64{r.N, r.M} })
	if err != nil {
		return house.Drawing{}, err
	}
	by := make([][]descentRow, len(trajectory.Outcomes)) // those with a record to show
	counts := make([]int64, len(by))                     // of all
	total, recorded := len(rows), 0
	for _, r := range rows {
		i := slices.IndexFunc(trajectory.Outcomes, func(f trajectory.Outcome) bool { return f.Name == r.Row.Outcome })
		if i < 0 {
			return house.Drawing{}, fmt.Errorf("%s: seed %d has the outcome %q, which the figure does not know", r.Stage, r.Row.Seed, r.Row.Outcome)
		}
		// A log axis starts at the first positive time, and a diverged run ends in
		// records that are not numbers.
		trace := slices.DeleteFunc(r.Row.Trace, func(s descentStep) bool {
			return !(s.T > 0) || math.IsNaN(s.Overlap) || math.IsNaN(s.Energy) || math.IsInf(s.Energy, 0)
		})
		counts[i]++
		if len(trace) == 0 {
			continue
		}
		r.Row.Trace = trace
		by[i] = append(by[i], r.Row)
		recorded++
	}
	if diverged := int(counts[len(counts)-1]); recorded == 0 && diverged < total {
		return house.Drawing{}, fmt.Errorf("none of %d descents has a record at a positive time, the first in %s; let those stages record more of each decade", len(rows), rows[0].Stage)
	}

	overlap, energy := house.NewPanel("", "overlap $m$"), house.NewPanel("time $t$", "loss $L/N$")
	overlap.LogX()
	energy.LogX()
	overlap.Y.Min, overlap.Y.Max = -0.04, 1.04
	energy.NoKey = true
	drawn, top := 0, 0.0
	for i, count := range shares(by, mostDescents) {
		f := trajectory.Outcomes[i]
		slices.SortStableFunc(by[i], func(a, b descentRow) int {
			return cmp.Or(cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Start, b.Start))
		})
		for k := range count {
			d := by[i][k*len(by[i])/count]
			m, e := house.Curve{Style: house.Thin(f.Look.Color, f.Dashes...)}, house.Curve{Style: house.Thin(f.Look.Color, f.Dashes...)}
			for _, s := range d.Trace {
				m.X, m.Y = append(m.X, s.T), append(m.Y, s.Overlap)
				e.X, e.Y = append(e.X, s.T), append(e.Y, s.Energy)
			}
			end := d.Trace[len(d.Trace)-1:]
			mEnd := house.Points{X: []float64{end[0].T}, Y: []float64{end[0].Overlap}, Look: f.Look}
			eEnd := house.Points{X: []float64{end[0].T}, Y: []float64{end[0].Energy}, Look: mEnd.Look}
			if k == 0 {
				overlap.AddKeyed(fmt.Sprintf("%s, %d of %d", f.Name, counts[i], total), m, mEnd)
			} else {
				overlap.Add(m, mEnd)
			}
			energy.Add(e, eEnd)
			drawn++
			for _, v := range e.Y {
				if f.Name != "diverged" {
					top = max(top, v)
				}
			}
		}
	}
	if len(by[len(by)-1]) > 0 && top > 0 {
		energy.Y.Max = 1.04 * top // a diverging loss leaves through the top
	}
	if recorded == 0 {
		overlap.None("none: all diverged\nbefore a first record")
		energy.None("")
	}
	alpha := label.Number(label.Rounded(float64(size[1])/float64(size[0]), 4))
	overlap.Title.Text = fmt.Sprintf("$α = %s$, $N = %d$", alpha, size[0])
	if drawn < total {
		overlap.KeyTitle = fmt.Sprintf("%d descents shown of %d", drawn, total)
	}

	var outcomes []string
	for i, f := range trajectory.Outcomes {
		if n := counts[i]; n > 0 {
			outcomes = append(outcomes, fmt.Sprintf("%d %s", n, f.Name))
		}
	}
	words := fmt.Sprintf("Overlap with the signal (top) and loss for each of the $N$ dimensions (bottom) in %s from random starts, "+
		"against the time $t$ (learning rate times steps, on a logarithmic axis), at $α = %s$ and $N = %d$ for %s. ", inputs.MethodWords(method), alpha, size[0], about.Words())
	words += fmt.Sprintf("Every curve is one descent, and a mark is where it ended: %s of %d", label.List(outcomes...), total)
	if drawn < total {
		words += fmt.Sprintf(", of which %d are drawn, from each outcome in proportion", drawn)
	}
	words += ". "
	share := house.Share("recovered", fmt.Sprintf("share of descents that recovered, of those not unresolved, $α = %s$, $N = %d$", alpha, size[0]),
		counts[0], counts[0]+counts[1]+counts[3], "all are unresolved")
	numbers := []house.Quantity{share, house.Exact("descents", "descents, drawn or not", float64(total))}
	words += fmt.Sprintf("The share recovered of the resolved is %s", share)
	if share.None == "" {
		words += ", with its 95% Wilson interval for independent descents"
	}
	words += "."
	return house.Drawing{Width: house.SingleColumn, Height: 10.5 * vg.Centimeter, Draw: house.Grid{Panels: [][]*house.Panel{{overlap}, {energy}}, ShareX: true}.Draw,
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
