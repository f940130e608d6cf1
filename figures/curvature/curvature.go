// Package curvature is the figure curvature: the loss along the softest direction and
// towards the signal at times of a descent.
package curvature

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"

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

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("curvature", "the loss along the softest direction and towards the signal at times of a descent",
		figures.New[params](figure, pipeline.Reads[circleRow]("landscape")))
}

type circleRow struct {
	Seed       int64     `arrow:"seed"`
	Start      int64     `arrow:"start"`
	N          int64     `arrow:"n"`
	M          int64     `arrow:"m"`
	AlphaAsked float64   `arrow:"alpha_asked"` // α of paper.toml; M is αN, rounded
	Loss       string    `arrow:"loss"`
	A          float64   `arrow:"a"`
	From       string    `arrow:"from"`
	T          float64   `arrow:"t"`
	Reached    float64   `arrow:"reached"`
	Overlap    float64   `arrow:"overlap"`
	Direction  string    `arrow:"direction"`
	Q2         float64   `arrow:"q2"`
	Slope      float64   `arrow:"slope"`
	Curvature  float64   `arrow:"curvature"`
	Angles     []float64 `arrow:"angles"`
	Energies   []float64 `arrow:"energies"`
}

const (
	mostViews = 5
	osculate  = 0.4 // radians on either side over which the parabola is drawn
)

// A descent is one descent: its circles at the times asked for.
type descent struct {
	Seed, start int64
	views       []view
}

// A view is what lies around a student: along the softest direction, and along the
// signal unless the student is there.
type view struct{ softest, signal *circleRow }

// recovered says how the descent ended.
func (w descent) recovered() bool {
	return w.views[len(w.views)-1].softest.Overlap >= outcome.RecoveredOverlap
}

// A group is the descents of one outcome, with what is known of them at each time.
type group struct {
	Fate     string
	descents []descent
	Times    []moment
}

// A moment is the softest directions at one time, of descents that are not in the signal.
type moment struct {
	When          string // the time, in words
	Q2, Curvature house.Quantity
}

// Count is how many descents there are.
func (g group) Count() int64 { return int64(len(g.descents)) }

// A picture is what the figure shows: descents trapped or under way, and recovered.
type picture struct {
	Starts, Loss, Alpha string
	N                   int64
	Groups              []group
}

// descents are the descents among the inputs, by seed and start, with the times that all have.
func descents(rows []inputs.From[circleRow]) ([]descent, []float64, error) {
	var out []descent
	var times []float64
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b inputs.From[circleRow]) int {
		return cmp.Or(cmp.Compare(a.Row.Seed, b.Row.Seed), cmp.Compare(a.Row.Start, b.Row.Start),
			cmp.Compare(a.Row.T, b.Row.T))
	})
	var asked float64
	for i := range sorted {
		r := &sorted[i].Row
		if n := len(r.Angles); n < 2 || len(r.Energies) != n {
			return nil, nil, fmt.Errorf("%s: a circle of seed %d has %d angles and %d energies", sorted[i].Stage,
				r.Seed, n, len(r.Energies))
		}
		if last := len(out) - 1; last < 0 || out[last].Seed != r.Seed || out[last].start != r.Start {
			out = append(out, descent{Seed: r.Seed, start: r.Start})
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
			return nil, nil, fmt.Errorf("%s: seed %d, start %d has two circles of the direction %s at t = %g; give "+
				"the figure one size (N, M) and each descent once",
				sorted[i].Stage, r.Seed, r.Start, r.Direction, r.T)
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
		return nil, nil, fmt.Errorf("no descent, the first in %s, has a circle along the softest direction at each "+
			"of the times %v; run all stages of that family with the same times", rows[0].Stage, times)
	}
	if len(times) > mostViews {
		return nil, nil, fmt.Errorf("the figure has room for %d times, and its inputs of kind landscape have %d; "+
			"leave some out", mostViews, len(times))
	}
	return out, times, nil
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	rows, err := inputs.Read[circleRow](in, "landscape")
	if err != nil {
		return house.Drawing{}, err
	}
	about, err := inputs.OneOf(rows, "loss", func(r circleRow) inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} })
	size, err2 := inputs.OneOf(rows, "size (N, M)",
		func(r circleRow) inputs.Size { return inputs.Size{N: r.N, M: r.M} })
	all, times, err3 := descents(rows)
	if err := cmp.Or(err, err2, err3); err != nil {
		return house.Drawing{}, err
	}
	c := picture{Starts: inputs.StartWords(all[0].views[0].softest.From), Loss: about.Words(),
		Alpha: label.Number(rows[0].Row.AlphaAsked), N: size.N,
		Groups: []group{{Fate: outcome.Trapped}, {Fate: outcome.Recovered}}}
	for _, w := range all {
		g := &c.Groups[0]
		if w.recovered() {
			g = &c.Groups[1]
		}
		g.descents = append(g.descents, w)
	}
	var quantities []house.Quantity
	for i := range c.Groups {
		g := &c.Groups[i]
		for k, t := range times {
			m := g.at(k, t, whenWords(all, k, t))
			g.Times = append(g.Times, m)
			quantities = append(quantities, m.Q2, m.Curvature)
		}
	}
	grid := c.grid()
	return house.Drawing{Width: house.DoubleColumn, Height: 1.2*vg.Centimeter +
		4.4*vg.Centimeter*vg.Length(len(grid.Panels)), Draw: grid.Draw}.
		Described(words, c, quantities)
}

// at is what is known of a group at the time t, which is number k.
func (g group) at(k int, t float64, when string) moment {
	var q2, curvature []float64
	for _, w := range g.descents {
		if r := w.views[k].softest; !math.IsNaN(r.Q2) && r.Overlap < outcome.RecoveredOverlap {
			q2, curvature = append(q2, r.Q2), append(curvature, r.Curvature)
		}
	}
	of := fmt.Sprintf(" of the softest direction, %d descents, %s in the end, at %s", len(q2), g.Fate, when)
	name := g.Fate + "-t=end"
	if !math.IsInf(t, 1) {
		name = g.Fate + "-t=" + house.NumberName(t)
	}
	m := moment{when, house.Median("q2-"+name, "median $q^2$"+of, q2),
		house.Median("curvature-"+name, "median curvature"+of, curvature)}
	m.Curvature.Unit = "rad⁻²"
	return m
}

// grid has the typical descent of each group in a row, and the key where most room is.
func (c picture) grid() (out house.Grid) {
	top, least := 0.0, math.Inf(1)
	var roomiest view
	var shown []group
	for _, g := range c.Groups {
		if g.Count() == 0 {
			continue
		}
		shown = append(shown, g)
		for _, v := range g.Typical().views {
			high := slices.Max(v.softest.Energies)
			if v.signal != nil {
				high = max(high, slices.Max(v.signal.Energies))
			}
			if top = max(top, high); high < least {
				least, roomiest = high, v
			}
		}
	}
	for i, g := range shown {
		var row []*house.Panel
		for k, v := range g.Typical().views {
			p := v.panel(0, 1.3*top)
			p.NoKey = v != roomiest
			p.Y.Label.Text = "loss $L/N$, " + g.Fate
			if i == 0 {
				p.Title.Text = g.Times[k].When
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
		out.Panels = append(out.Panels, row)
	}
	return out
}

// whenWords writes a time, which is the end if all descents had ended by then.
func whenWords(all []descent, k int, t float64) string {
	if slices.ContainsFunc(all, func(w descent) bool { return w.views[k].softest.Reached >= t }) {
		return "$t = " + label.Number(label.Rounded(t, 3)) + "$"
	}
	return "the end"
}

// Typical is the descent whose q² at the first time is the median of the group, the
// lower of two.
func (g group) Typical() descent {
	sorted := slices.Clone(g.descents)
	slices.SortStableFunc(sorted,
		func(a, b descent) int { return cmp.Compare(a.views[0].softest.Q2, b.views[0].softest.Q2) })
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
	p.AddKeyed("curvature", house.Function(func(x float64) float64 { return at + r.Slope*x + r.Curvature*x*x/2 }, -span,
		span, 30, house.Thin(house.Black)))
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
	return plot.ConstantTicks{{Value: -reach, Label: "−" + end}, {Value: -reach / 2}, {Value: 0, Label: "0"},
		{Value: reach / 2}, {Value: reach, Label: end}}
}
