// Package descent is the figure descent: overlap and loss in time for several descents
// at one α.
package descent

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
	"zerotohero/stages/outcome"
)

func init() {
	pipeline.Register("descent", "overlap and loss in time for several descents at one alpha", func(params) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.Reads[descentRow]("descent"),
			},
			Draw: figure,
		}, nil
	})
}

type descentRow struct {
	Seed    int64             `arrow:"seed"`
	Start   int64             `arrow:"start"`
	N       int64             `arrow:"n"`
	M       int64             `arrow:"m"`
	Loss    string            `arrow:"loss"`
	A       float64           `arrow:"a"`
	Method  string            `arrow:"method"`
	Outcome string            `arrow:"outcome"`
	Trace   []trajectory.Step `arrow:"trace"`
}

// mostDescents is how many curves a panel holds before they hide each other.
const mostDescents = 12

// A sample is the descents at one size, by outcome.
type sample struct {
	about    inputs.Loss
	method   string
	size     inputs.Size
	by       [][]descentRow // those with a record to show, by seed and start
	counts   []int64        // of all
	total    int
	recorded int
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	s, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	grid, drawn := s.panels()
	numbers := s.numbers()
	return house.Drawing{Width: house.SingleColumn, Height: 10.5 * vg.Centimeter, Draw: grid.Draw,
		Caption: s.caption(drawn, numbers[0]), Quantities: numbers}, nil
}

func read(in pipeline.Inputs) (*sample, error) {
	rows, err := inputs.Read[descentRow](in, "descent")
	if err != nil {
		return nil, err
	}
	n := len(trajectory.Outcomes)
	s := &sample{by: make([][]descentRow, n), counts: make([]int64, n), total: len(rows)}
	if s.about, err = inputs.OneOf(rows, "loss", func(r descentRow) inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} }); err != nil {
		return nil, err
	}
	if s.method, err = inputs.OneOf(rows, "method of descent", func(r descentRow) string { return r.Method }); err != nil {
		return nil, err
	}
	if s.size, err = inputs.OneOf(rows, "size (N, M)", func(r descentRow) inputs.Size { return inputs.Size{N: r.N, M: r.M} }); err != nil {
		return nil, err
	}
	for _, r := range rows {
		i := slices.IndexFunc(trajectory.Outcomes, func(f trajectory.Outcome) bool { return f.Name == r.Row.Outcome })
		if i < 0 {
			return nil, fmt.Errorf("%s: seed %d has the outcome %q, which the figure does not know", r.Stage, r.Row.Seed, r.Row.Outcome)
		}
		s.counts[i]++
		if r.Row.Trace = trajectory.Drawable(r.Row.Trace); len(r.Row.Trace) > 0 {
			s.by[i] = append(s.by[i], r.Row)
			s.recorded++
		}
	}
	if diverged := int(s.counts[n-1]); s.recorded == 0 && diverged < s.total {
		return nil, fmt.Errorf("none of %d descents has a record at a positive time, the first in %s; let those stages record more of each decade", len(rows), rows[0].Stage)
	}
	for _, group := range s.by {
		slices.SortStableFunc(group, func(a, b descentRow) int {
			return cmp.Or(cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Start, b.Start))
		})
	}
	return s, nil
}

// panels are the overlap above the loss, and how many descents are in them.
func (s *sample) panels() (g house.Grid, drawn int) {
	overlap, energy := house.NewPanel("", "overlap $m$"), house.NewPanel("time $t$", "loss $L/N$")
	overlap.LogX()
	energy.LogX()
	overlap.Y.Min, overlap.Y.Max = -0.04, 1.04
	energy.NoKey = true
	top := 0.0 // of the loss of those that do not diverge
	for i, count := range shares(s.by, mostDescents) {
		f := trajectory.Outcomes[i]
		for k := range count {
			m, e := f.Curves(s.by[i][k*len(s.by[i])/count].Trace)
			if k == 0 {
				overlap.AddKeyed(fmt.Sprintf("%s, %d of %d", f.Name, s.counts[i], s.total), m, f.End(m))
			} else {
				overlap.Add(m, f.End(m))
			}
			energy.Add(e, f.End(e))
			drawn++
			if f.Name != outcome.Diverged {
				top = max(top, slices.Max(e.Y))
			}
		}
	}
	if len(s.by[len(s.by)-1]) > 0 && top > 0 {
		energy.Y.Max = 1.04 * top // a diverging loss leaves through the top
	}
	if s.recorded == 0 {
		overlap.None("none: all diverged\nbefore a first record")
		energy.None("")
	}
	overlap.Title.Text = s.where()
	if drawn < s.total {
		overlap.KeyTitle = fmt.Sprintf("%d descents shown of %d", drawn, s.total)
	}
	return house.Grid{Panels: [][]*house.Panel{{overlap}, {energy}}, ShareX: true}, drawn
}

func (s *sample) alpha() string {
	return label.Number(label.Rounded(float64(s.size.M)/float64(s.size.N), 4))
}

func (s *sample) where() string { return fmt.Sprintf("$α = %s$, $N = %d$", s.alpha(), s.size.N) }

// numbers begin with the share recovered.
func (s *sample) numbers() []house.Quantity {
	return []house.Quantity{
		house.Share("recovered", "share of descents that recovered, of those not unresolved, "+s.where(),
			s.counts[0], s.counts[0]+s.counts[1]+s.counts[3], "all are unresolved"),
		house.Exact("descents", "descents, drawn or not", float64(s.total)),
	}
}

func (s *sample) caption(drawn int, share house.Quantity) string {
	var outcomes []string
	for i, f := range trajectory.Outcomes {
		if n := s.counts[i]; n > 0 {
			outcomes = append(outcomes, fmt.Sprintf("%d %s", n, f.Name))
		}
	}
	words := fmt.Sprintf("Overlap with the signal (top) and loss for each of the $N$ dimensions (bottom) in %s from random starts, "+
		"against the time $t$ (%son a logarithmic axis), at $α = %s$ and $N = %d$ for %s. ",
		inputs.MethodWords(s.method), timeWords(s.method), s.alpha(), s.size.N, s.about.Words())
	words += fmt.Sprintf("Every curve is one descent, and a mark is where it ended: %s of %d", label.List(outcomes...), s.total)
	if drawn < s.total {
		words += fmt.Sprintf(", of which %d are drawn, from each outcome in proportion", drawn)
	}
	words += fmt.Sprintf(". The share recovered of the resolved is %s", share)
	if share.None == "" {
		words += ", with its 95% Wilson interval for independent descents"
	}
	return words + "."
}

// timeWords say what the time of a method is, where the figure knows.
func timeWords(method string) string {
	switch method {
	case "gd", "flow":
		return "learning rate times steps, "
	}
	return ""
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
