// Package curvature is the figure curvature: the loss along the softest direction and
// towards the signal at times of a descent.
package curvature

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/pipeline"
	"zerotohero/stages/outcome"
)

func init() {
	pipeline.Register("curvature", "the loss along the softest direction and towards the signal at times of a descent", func(params) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.Reads[circleRow]("landscape"),
			},
			Draw: figure,
		}, nil
	})
}

type circleRow struct {
	Seed      int64     `arrow:"seed"`
	Start     int64     `arrow:"start"`
	N         int64     `arrow:"n"`
	M         int64     `arrow:"m"`
	Loss      string    `arrow:"loss"`
	A         float64   `arrow:"a"`
	From      string    `arrow:"from"`
	T         float64   `arrow:"t"`
	Reached   float64   `arrow:"reached"`
	Overlap   float64   `arrow:"overlap"`
	Direction string    `arrow:"direction"`
	Q2        float64   `arrow:"q2"`
	Slope     float64   `arrow:"slope"`
	Curvature float64   `arrow:"curvature"`
	Angles    []float64 `arrow:"angles"`
	Energies  []float64 `arrow:"energies"`
}

const (
	mostViews = 5
	osculate  = 0.4 // radians on either side over which the parabola is drawn
)

// A descent is one descent: its circles at the times asked for.
type descent struct {
	seed, start int64
	views       []view
}

// A view is what lies around a student: along the softest direction, and along the
// signal unless the student is there.
type view struct{ softest, signal *circleRow }

// recovered says how the descent ended.
func (w descent) recovered() bool {
	return w.views[len(w.views)-1].softest.Overlap >= outcome.RecoveredOverlap
}

// fates are those of the two groups that the figure shows.
var fates = [2]string{outcome.Trapped, outcome.Recovered}

func (w descent) fate() string {
	if w.recovered() {
		return fates[1]
	}
	return fates[0]
}

// descents are the descents among the inputs, by seed and start, with the times that all have.
func descents(rows []inputs.From[circleRow]) ([]descent, []float64, error) {
	var out []descent
	var times []float64
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b inputs.From[circleRow]) int {
		return cmp.Or(cmp.Compare(a.Row.Seed, b.Row.Seed), cmp.Compare(a.Row.Start, b.Row.Start), cmp.Compare(a.Row.T, b.Row.T))
	})
	var asked float64
	for i := range sorted {
		r := &sorted[i].Row
		if n := len(r.Angles); n < 2 || len(r.Energies) != n {
			return nil, nil, fmt.Errorf("%s: a circle of seed %d has %d angles and %d energies", sorted[i].Stage, r.Seed, n, len(r.Energies))
		}
		if last := len(out) - 1; last < 0 || out[last].seed != r.Seed || out[last].start != r.Start {
			out = append(out, descent{seed: r.Seed, start: r.Start})
			asked = math.NaN()
		}
		w := &out[len(out)-1]
		if r.T != asked {
			w.views = append(w.views, view{})
			asked = r.T
		}
		at := &w.views[len(w.views)-1].softest
		if r.Direction == "signal" {
			at = &w.views[len(w.views)-1].signal
		}
		if *at != nil {
			return nil, nil, fmt.Errorf("%s: seed %d, start %d has two circles of the direction %s at t = %g; give the figure one size (N, M) and each descent once", sorted[i].Stage, r.Seed, r.Start, r.Direction, r.T)
		}
		*at = r
		if !slices.Contains(times, r.T) {
			times = append(times, r.T)
		}
	}
	slices.Sort(times)
	out = slices.DeleteFunc(out, func(w descent) bool {
		return len(w.views) < len(times) || slices.ContainsFunc(w.views, func(v view) bool { return v.softest == nil })
	})
	if len(out) == 0 {
		return nil, nil, fmt.Errorf("no descent, the first in %s, has a circle along the softest direction at each of the times %v; run all stages of that family with the same times", rows[0].Stage, times)
	}
	if len(times) > mostViews {
		return nil, nil, fmt.Errorf("the figure has room for %d times, and its inputs of kind landscape have %d; leave some out", mostViews, len(times))
	}
	return out, times, nil
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	rows, err := inputs.Read[circleRow](in, "landscape")
	if err != nil {
		return house.Drawing{}, err
	}
	about, err := inputs.OneOf(rows, "loss", func(r circleRow) inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} })
	if err != nil {
		return house.Drawing{}, err
	}
	size, err := inputs.OneOf(rows, "size (N, M)", func(r circleRow) inputs.Size { return inputs.Size{N: r.N, M: r.M} })
	if err != nil {
		return house.Drawing{}, err
	}
	all, times, err := descents(rows)
	if err != nil {
		return house.Drawing{}, err
	}
	var groups [2][]descent // trapped or under way, and recovered
	for _, w := range all {
		if w.recovered() {
			groups[1] = append(groups[1], w)
		} else {
			groups[0] = append(groups[0], w)
		}
	}
	g, shown := grid(groups, times)
	numbers := numbersOf(groups, shown, times)
	return house.Drawing{Width: house.DoubleColumn, Height: 1.2*vg.Centimeter + 4.4*vg.Centimeter*vg.Length(len(shown)), Draw: g.Draw,
		Caption: caption(about, size, groups, shown, times, numbers), Numbers: numbers}, nil
}

// grid has the typical descent of each group in a row, and the key where most room is.
func grid(groups [2][]descent, times []float64) (g house.Grid, shown []descent) {
	top, least := 0.0, math.Inf(1)
	var roomiest view
	for _, g := range groups {
		if len(g) == 0 {
			continue
		}
		w := typical(g)
		shown = append(shown, w)
		for _, v := range w.views {
			high := slices.Max(v.softest.Energies)
			if v.signal != nil {
				high = max(high, slices.Max(v.signal.Energies))
			}
			if top = max(top, high); high < least {
				least, roomiest = high, v
			}
		}
	}
	for i, w := range shown {
		var row []*house.Panel
		for k, v := range w.views {
			p := v.panel(0, 1.3*top)
			p.NoKey = v != roomiest
			p.Y.Label.Text = "loss $L/N$, " + w.fate()
			if i == 0 {
				p.Title.Text = whenWords(groups, k, times)
			}
			if i < len(shown)-1 {
				p.X.Label.Text = ""
			}
			if k > 0 {
				p.Y.Label.Text = ""
				p.MuteY()
			}
			row = append(row, p)
		}
		g.Panels = append(g.Panels, row)
	}
	return g, shown
}

// whenWords writes a time, which is the end if all descents had ended by then.
func whenWords(groups [2][]descent, k int, times []float64) string {
	for _, w := range slices.Concat(groups[:]...) {
		if w.views[k].softest.Reached >= times[k] {
			return "$t = " + label.Number(label.Rounded(times[k], 3)) + "$"
		}
	}
	return "the end"
}

// typical is the descent whose q² at the first time is the median of a group, the
// lower of two.
func typical(group []descent) descent {
	sorted := slices.Clone(group)
	slices.SortStableFunc(sorted, func(a, b descent) int { return cmp.Compare(a.views[0].softest.Q2, b.views[0].softest.Q2) })
	return sorted[(len(sorted)-1)/2]
}

// panel shows one view. Its key is complete whether or not all is there.
func (v view) panel(lo, hi float64) *house.Panel {
	p := house.NewPanel("angle $θ$", "loss $L/N$")
	reach := v.softest.Angles[len(v.softest.Angles)-1]
	p.X.Min, p.X.Max = -reach, reach
	p.X.Tick.Marker = angleTicks(reach)
	p.Y.Min, p.Y.Max = lo, hi
	soft := house.Curve{X: v.softest.Angles, Y: v.softest.Energies, Style: house.Line(house.Blue)}
	signal := house.Line(house.Vermillion, house.Dashed...)
	if s := v.signal; s != nil {
		p.AddKeyed("to ±$w^*$", house.Curve{X: s.Angles, Y: s.Energies, Style: signal})
	} else {
		p.AddKeyed("to ±$w^*$", house.KeyOnly{Thumbnailer: house.Curve{Style: signal}})
	}
	p.AddKeyed("softest", soft)
	at := v.softest.Energies[len(v.softest.Energies)/2]
	r := v.softest
	span := min(osculate, reach)
	p.AddKeyed("curvature", house.Function(func(x float64) float64 { return at + r.Slope*x + r.Curvature*x*x/2 }, -span, span, 30, house.Thin(house.Black)))
	p.Add(house.Points{X: []float64{0}, Y: []float64{at}, Look: house.Look{Color: house.Black, Shape: house.Disc}})
	q2 := "at the signal"
	if !math.IsNaN(r.Q2) && r.Overlap < outcome.RecoveredOverlap {
		q2 = fmt.Sprintf("$q^2 = %.2f$", r.Q2)
	}
	p.Add(house.Corner{Text: fmt.Sprintf("%s\n$m = %.2f$", q2, r.Overlap), X: draw.XLeft, Y: draw.YTop})
	return p
}

// angleTicks marks the ends and the middle.
func angleTicks(reach float64) plot.ConstantTicks {
	end := label.Number(label.Rounded(reach, 2))
	switch {
	case math.Abs(reach-math.Pi/2) < 1e-9:
		end = "$π/2$"
	case math.Abs(reach-math.Pi) < 1e-9:
		end = "$π$"
	}
	return plot.ConstantTicks{{Value: -reach, Label: "−" + end}, {Value: -reach / 2}, {Value: 0, Label: "0"}, {Value: reach / 2}, {Value: reach, Label: end}}
}

// nameOf writes a time in the name of a number.
func nameOf(t float64) string {
	if math.IsInf(t, 1) {
		return "end"
	}
	return house.NumberName(t)
}

func numbersOf(groups [2][]descent, shown []descent, times []float64) []house.Quantity {
	var out []house.Quantity
	for i, g := range groups {
		fate := fates[i]
		for k, t := range times {
			var q2, curvature []float64
			for _, w := range g {
				if r := w.views[k].softest; !math.IsNaN(r.Q2) && r.Overlap < outcome.RecoveredOverlap {
					q2, curvature = append(q2, r.Q2), append(curvature, r.Curvature)
				}
			}
			at := fmt.Sprintf(", %d descents, %s in the end, at %s", len(q2), fate, whenWords(groups, k, times))
			name := fmt.Sprintf("%s-t=%s", fate, nameOf(t))
			out = append(out,
				house.Median("q2-"+name, "median $q^2$ of the softest direction"+at, q2),
				house.Median("curvature-"+name, "median curvature of the softest direction"+at, curvature))
		}
	}
	return out
}

func caption(about inputs.Loss, size inputs.Size, groups [2][]descent, shown []descent, times []float64, numbers []house.Quantity) string {
	var b strings.Builder
	var which []string
	for _, w := range shown {
		of := len(groups[0])
		if w.recovered() {
			of = len(groups[1])
		}
		which = append(which, fmt.Sprintf("one that ended %s (seed %d, of %d such)", w.fate(), w.seed, of))
	}
	from := shown[0].views[0].softest.From
	fmt.Fprintf(&b, "The loss around the students of descents from %s at successive times, at $α = %s$ and $N = %d$ for %s: %s. ",
		inputs.StartWords(from), label.Number(size.Alpha()), size.N, about.Words(), label.List(which...))
	b.WriteString("Each is the one with the median $q^2$ at the first time among those of its outcome. " +
		"Solid: along the great circle in the softest direction, the eigenvector of the Hessian's lowest eigenvalue; " +
		"thin: the parabola of its slope and curvature at the student (dot). Dashed: along the circle towards the signal, through ±$w^*$; positive angles are towards the nearer of the two. " +
		"$q^2$: squared overlap of the softest direction with the part of the signal orthogonal to the student; $m$: overlap of the student. ")
	for i, g := range groups {
		if len(g) == 0 {
			fmt.Fprintf(&b, "Descents that ended %s: none. ", fates[i])
		}
	}
	if n := len(groups[0]); n > 0 {
		var trapped []string
		for k, t := range times {
			i := slices.IndexFunc(numbers, func(q house.Quantity) bool { return q.Name == "q2-trapped-t="+nameOf(t) })
			trapped = append(trapped, numbers[i].String()+" at "+whenWords(groups, k, times))
		}
		fmt.Fprintf(&b, "\n\nMedian $q^2$ over the %s, with 95%% intervals from order statistics: %s.", label.Plural(int64(n), "trapped descent"), label.List(trapped...))
	}
	return strings.TrimSpace(b.String())
}
