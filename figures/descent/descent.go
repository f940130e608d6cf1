// Package descent is the figure descent: overlap and loss in time for several descents
// at one α.
package descent

import (
	"cmp"
	_ "embed"
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
	pipeline.Register("descent", "overlap and loss in time for several descents at one alpha",
		figures.New[params](figure, pipeline.Reads[trajectory.Descent]("descent")))
}

// mostDescents is how many curves a panel holds before they hide each other.
const mostDescents = 12

//go:embed caption.tmpl
var words string

// A sample is the descents at one size, by outcome.
type sample struct {
	Method, Loss, Alpha string
	Steps               bool // the time is learning rate times steps
	N                   int64
	Groups              []group // as trajectory.Outcomes
	Total, Drawn        int     // descents, and those of them on the panels
	Recovered           house.Quantity

	recorded int // descents with a record to show
}

// A group is the descents of one outcome.
type group struct {
	trajectory.Outcome
	Count int64
	rows  []trajectory.Descent // those with a record to show, by seed and start
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	s, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	grid := s.panels()
	return house.Drawing{Width: house.SingleColumn, Height: 10.5 * vg.Centimeter, Draw: grid.Draw}.
		Described(words, s, []house.Quantity{s.Recovered, house.Exact("descents", "descents, drawn or not",
			float64(s.Total))})
}

func read(in pipeline.Inputs) (*sample, error) {
	rows, err := inputs.Read[trajectory.Descent](in, "descent")
	if err != nil {
		return nil, err
	}
	about, err := inputs.OneOf(rows, "loss", trajectory.Descent.About)
	method, err2 := inputs.OneOf(rows, "method of descent", func(r trajectory.Descent) string { return r.Method })
	size, err3 := inputs.OneOf(rows, "size (N, M)", trajectory.Descent.Size)
	if err := cmp.Or(err, err2, err3); err != nil {
		return nil, err
	}
	s := &sample{Method: inputs.MethodWords(method), Loss: about.Words(), Alpha: label.Number(rows[0].Row.AlphaAsked),
		N:     size.N,
		Steps: method == "gd" || method == "flow", Total: len(rows)}
	for _, f := range trajectory.Outcomes {
		s.Groups = append(s.Groups, group{Outcome: f})
	}
	for _, r := range rows {
		i := slices.IndexFunc(s.Groups, func(g group) bool { return g.Name == r.Row.Outcome })
		if i < 0 {
			return nil, fmt.Errorf("%s: seed %d has the outcome %q, which the figure does not know", r.Stage,
				r.Row.Seed, r.Row.Outcome)
		}
		g := &s.Groups[i]
		g.Count++
		if r.Row.Trace = trajectory.Drawable(r.Row.Trace); len(r.Row.Trace) > 0 {
			g.rows = append(g.rows, r.Row)
			s.recorded++
		}
	}
	recovered, trapped, diverged := s.Groups[0].Count, s.Groups[1].Count, s.Groups[3].Count
	if s.recorded == 0 && int(diverged) < s.Total {
		return nil, fmt.Errorf("none of %d descents has a record at a positive time, the first in %s; let those "+
			"stages record more of each decade",
			len(rows), rows[0].Stage)
	}
	for _, g := range s.Groups {
		slices.SortStableFunc(g.rows, func(a, b trajectory.Descent) int {
			return cmp.Or(cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Start, b.Start))
		})
	}
	s.Recovered = house.Share("recovered", "share of descents that recovered, of those not unresolved, "+s.where(),
		recovered, recovered+trapped+diverged, "all are unresolved")
	return s, nil
}

func (s *sample) where() string { return fmt.Sprintf("$α = %s$, $N = %d$", s.Alpha, s.N) }

// panels are the overlap above the loss.
func (s *sample) panels() house.Grid {
	overlap, energy := house.NewPanel("", "overlap $m$"), house.NewPanel("time $t$", "loss $L/N$")
	overlap.LogX()
	energy.LogX()
	overlap.Y.Min, overlap.Y.Max = -0.04, 1.04
	energy.NoKey = true
	top := 0.0 // of the loss of those that do not diverge
	var counts []int
	for _, g := range s.Groups {
		counts = append(counts, len(g.rows))
	}
	for i, count := range shares(counts, mostDescents) {
		f := s.Groups[i]
		for k := range count {
			m, e := f.Curves(f.rows[k*len(f.rows)/count].Trace)
			if k == 0 {
				overlap.AddKeyed(fmt.Sprintf("%s, %d of %d", f.Name, f.Count, s.Total), m, f.End(m))
			} else {
				overlap.Add(m, f.End(m))
			}
			energy.Add(e, f.End(e))
			s.Drawn++
			if f.Name != outcome.Diverged {
				top = max(top, slices.Max(e.Y))
			}
		}
	}
	if len(s.Groups[3].rows) > 0 && top > 0 {
		energy.Y.Max = 1.04 * top // a diverging loss leaves through the top
	}
	if s.recorded == 0 {
		overlap.None("none: all diverged\nbefore a first record")
		energy.None("")
	}
	overlap.Title.Text = s.where()
	if s.Drawn < s.Total {
		overlap.KeyTitle = fmt.Sprintf("%d descents shown of %d", s.Drawn, s.Total)
	}
	return house.Grid{Panels: [][]*house.Panel{{overlap}, {energy}}, ShareX: true}
}

// shares says how many of each group to draw for about most in all, in the groups'
// proportions (largest remainder), but one at least of each group that is not empty.
func shares(counts []int, most int) []int {
	total := 0
	for _, n := range counts {
		total += n
	}
	if total <= most {
		return counts
	}
	out, left := make([]int, len(counts)), most
	for i, n := range counts {
		out[i] = min(n, max(1, most*n/total))
		left -= out[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i, n := range counts {
			if most*n-out[i]*total > most*counts[best]-out[best]*total {
				best = i
			}
		}
		out[best]++
	}
	return out
}
