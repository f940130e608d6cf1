// Package transition is the figure transition: the overlap of the Hessian's lowest
// eigenvector at a random start against α.
package transition

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/sample"
	"zerotohero/pipeline"
)

// interpolate is the value at x of a curve through points ascending in x, on straight
// lines. It is NaN beyond the points.
func interpolate(xs, ys []float64, x float64) float64 {
	i, exact := slices.BinarySearch(xs, x)
	switch {
	case exact:
		return ys[i]
	case i == 0 || i == len(xs):
		return math.NaN()
	}
	t := (x - xs[i-1]) / (xs[i] - xs[i-1])
	return ys[i-1] + float64(t*(ys[i]-ys[i-1]))
}

func init() {
	pipeline.Register("transition", "overlap of the Hessian's lowest eigenvector at a random start against alpha", func(params) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.Reads[outlierRow]("theory-outlier"),
				pipeline.Reads[estimateRow]("spectral"),
			},
			Draw: figure,
		}, nil
	})
}

type outlierRow struct {
	At       string    `arrow:"at"`
	Loss     string    `arrow:"loss"`
	A        float64   `arrow:"a"`
	Alphas   []float64 `arrow:"alphas"`
	EdgeKind []string  `arrow:"edge_kind"`
	Outlier  []bool    `arrow:"outlier"`
	Q2       []float64 `arrow:"q2"`
}

type estimateRow struct {
	Seed      int64   `arrow:"seed"`
	Start     int64   `arrow:"start"`
	N         int64   `arrow:"n"`
	M         int64   `arrow:"m"`
	Alpha     float64 `arrow:"alpha"`
	Loss      string  `arrow:"loss"`
	A         float64 `arrow:"a"`
	Estimator string  `arrow:"estimator"`
	Q2        float64 `arrow:"q2"`
}

// An onset is a transition of the theory at which the outlier appears.
type onset struct {
	alpha, jump float64 // q² beyond it
	edge        string
}

// A measurement is the overlap at one N and α.
type measurement struct {
	n           int64
	alpha       float64
	instances   int64
	mean, err   float64
	least, most float64 // the percentiles 16 and 84 over the instances
	theory      float64
	rows        []estimateRow
}

// An overlapPanel is the theory of one loss with what was measured.
type overlapPanel struct {
	inputs.Loss
	theory   outlierRow
	onsets   []onset
	measured []measurement // by N, then α
}

const maxOverlapPanels = 3

func figure(in pipeline.Inputs) (house.Drawing, error) {
	panels, err := overlapPanels(in)
	if err != nil {
		return house.Drawing{}, err
	}
	var sizes []int64
	least, most := int64(math.MaxInt64), int64(0)
	top := 0.0
	for _, s := range panels {
		top = max(top, slices.Max(s.theory.Q2))
		for _, m := range s.measured {
			sizes = append(sizes, m.n)
			least, most = min(least, m.instances), max(most, m.instances)
			top = max(top, m.most, m.mean+m.err)
		}
	}
	if top == 0 {
		top = 1 // no overlap anywhere
	}
	slices.Sort(sizes)
	sizes = slices.Compact(sizes)
	row := make([]*house.Panel, len(panels))
	for i, s := range panels {
		row[i] = s.draw(sizes, top)
		if i > 0 {
			row[i].Y.Label.Text, row[i].NoKey = "", true
		}
	}
	width := house.DoubleColumn
	if len(row) == 1 {
		width = house.SingleColumn
	}
	d := house.Drawing{Width: width, Height: 6.6 * vg.Centimeter, Draw: house.Grid{Panels: [][]*house.Panel{row}}.Draw}
	d.Caption, d.Quantities = words(panels, sizes[len(sizes)-1], label.Range(least, most))
	return d, nil
}

// overlapPanels reads the theory at random starts and puts the measurements to it.
func overlapPanels(in pipeline.Inputs) ([]*overlapPanel, error) {
	theory, err := inputs.Read[outlierRow](in, "theory-outlier")
	if err != nil {
		return nil, err
	}
	theory = slices.DeleteFunc(theory, func(r inputs.From[outlierRow]) bool { return r.Row.At != "init" })
	if len(theory) == 0 || len(theory) > maxOverlapPanels {
		return nil, fmt.Errorf("the figure has a panel for each input of kind theory-outlier at init, one to %d of them, and there are %d", maxOverlapPanels, len(theory))
	}
	slices.SortStableFunc(theory, func(a, b inputs.From[outlierRow]) int {
		return cmp.Or(cmp.Compare(a.Row.Loss, b.Row.Loss), cmp.Compare(a.Row.A, b.Row.A))
	})
	var out []*overlapPanel
	for i, t := range theory {
		n := len(t.Row.Alphas)
		if n < 2 || len(t.Row.EdgeKind) != n || len(t.Row.Outlier) != n || len(t.Row.Q2) != n || !slices.IsSorted(t.Row.Alphas) {
			return nil, fmt.Errorf("%s has %d values of alpha, not ascending or without as many of edge_kind, outlier and q2", t.Stage, n)
		}
		s := &overlapPanel{Loss: inputs.Loss{Name: t.Row.Loss, A: t.Row.A}, theory: t.Row}
		if i > 0 && s.Loss == out[i-1].Loss {
			return nil, fmt.Errorf("%s and %s are both for the %s; give the figure one of them", theory[i-1].Stage, t.Stage, s.Loss)
		}
		for k := 1; k < n; k++ {
			if t.Row.Outlier[k] && !t.Row.Outlier[k-1] {
				s.onsets = append(s.onsets, onset{(t.Row.Alphas[k-1] + t.Row.Alphas[k]) / 2, t.Row.Q2[k], t.Row.EdgeKind[k]})
			}
		}
		out = append(out, s)
	}
	rows, err := inputs.Read[estimateRow](in, "spectral")
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.Row.Estimator != "hessian" {
			return nil, fmt.Errorf("%s is of the estimator %s, and the figure is about the Hessian at random points; leave it out of the inputs", r.Stage, r.Row.Estimator)
		}
		i := slices.IndexFunc(out, func(s *overlapPanel) bool { return s.Loss == inputs.Loss{Name: r.Row.Loss, A: r.Row.A} })
		if i < 0 {
			return nil, fmt.Errorf("%s is for the %s, for which the figure has no input of kind theory-outlier; add one", r.Stage, inputs.Loss{Name: r.Row.Loss, A: r.Row.A})
		}
		if !(r.Row.Q2 >= 0 && r.Row.Q2 <= 1+1e-9) || r.Row.N < 1 {
			return nil, fmt.Errorf("%s: seed %d has q2 = %v and n = %d", r.Stage, r.Row.Seed, r.Row.Q2, r.Row.N)
		}
		out[i].take(r.Row)
	}
	for _, s := range out {
		s.reduce()
	}
	return out, nil
}

// take adds one estimate. M is αN, rounded, and the theory is at M/N.
func (s *overlapPanel) take(r estimateRow) {
	alpha := float64(r.M) / float64(r.N)
	k := slices.IndexFunc(s.measured, func(m measurement) bool { return m.n == r.N && m.alpha == alpha })
	if k < 0 {
		k = len(s.measured)
		s.measured = append(s.measured, measurement{n: r.N, alpha: alpha})
	}
	s.measured[k].rows = append(s.measured[k].rows, r)
}

func (s *overlapPanel) reduce() {
	slices.SortFunc(s.measured, func(a, b measurement) int {
		return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.alpha, b.alpha))
	})
	for k := range s.measured {
		m := &s.measured[k]
		q := perInstance(m.rows)
		m.instances = int64(len(q))
		m.mean, m.err = sample.MeanError(q)
		m.least, m.most = between(q, 0.16), between(q, 0.84)
		m.theory = interpolate(s.theory.Alphas, s.theory.Q2, m.alpha)
	}
}

// perInstance is the mean q² of the starts of each instance, ascending.
func perInstance(rows []estimateRow) []float64 {
	slices.SortStableFunc(rows, func(a, b estimateRow) int { return cmp.Compare(a.Seed, b.Seed) })
	var out []float64
	for i := 0; i < len(rows); {
		var of []float64
		for seed := rows[i].Seed; i < len(rows) && rows[i].Seed == seed; i++ {
			of = append(of, rows[i].Q2)
		}
		mean, _ := sample.MeanError(of)
		out = append(out, mean)
	}
	slices.Sort(out)
	return out
}

// between is the quantile of ascending values, on straight lines between them.
func between(values []float64, share float64) float64 {
	at := share * float64(len(values)-1)
	i := min(int(at), len(values)-1)
	j := min(i+1, len(values)-1)
	return values[i] + float64((at-float64(i))*(values[j]-values[i]))
}

func (s *overlapPanel) draw(sizes []int64, top float64) *house.Panel {
	p := house.NewPanel("$α$", "$q^2$")
	p.Title.Text = s.Title()
	if len(s.onsets) > 0 {
		p.Title.Text += ": " + s.onsets[0].edge + " edge"
	}
	p.Y.Min, p.Y.Max = -0.03*top, 1.06*top
	for i, n := range sizes {
		band, pts := house.Band{Color: house.Fade(house.Series(i).Color, 0.2)}, house.Points{Look: house.Series(i)}
		for _, m := range s.measured {
			if m.n == n {
				band.X, band.Lo, band.Hi = append(band.X, m.alpha), append(band.Lo, m.least), append(band.Hi, m.most)
				pts.X, pts.Y = append(pts.X, m.alpha), append(pts.Y, m.mean)
				pts.Lo, pts.Hi = append(pts.Lo, m.mean-m.err), append(pts.Hi, m.mean+m.err)
			}
		}
		if len(pts.X) > 0 && i == len(sizes)-1 {
			p.Add(band)
		}
		// A size that only another panel has is in the key all the same, which is
		// drawn once.
		p.AddKeyed(fmt.Sprintf("$N = %d$", n), house.Curve{X: pts.X, Y: pts.Y, Style: house.Thin(pts.Look.Color)}, pts)
	}
	p.X.Min, p.X.Max = s.theory.Alphas[0], s.theory.Alphas[len(s.theory.Alphas)-1]
	for _, b := range s.onsets {
		p.Add(house.Rule{X: b.alpha, Style: house.Thin(house.Grey, house.Dashed...)})
		p.Add(house.Note{X: b.alpha, Y: p.Y.Max, DX: -3, DY: -5, XAlign: draw.XRight, YAlign: draw.YTop, Text: inputs.InitName})
	}
	p.AddKeyed("theory, $N = ∞$", house.Curve{X: s.theory.Alphas, Y: s.theory.Q2, Style: house.Line(house.Black)})
	return p
}

// words are the caption and the numbers.
func words(panels []*overlapPanel, largest int64, instances string) (string, []house.Quantity) {
	var numbers []house.Quantity
	words := []string{
		"Squared overlap $q^2$ with the signal of the eigenvector of the Hessian's lowest eigenvalue at a random start, against $α = M/N$.",
		"Lines: theory at $N = ∞$. Points: mean over " + instances + " instances for each $N$ and α; bars: its standard error. " +
			fmt.Sprintf("Shaded: from the 16th to the 84th percentile of the instances at $N = %d$.", largest),
	}
	for _, s := range panels {
		for i, b := range s.onsets {
			name := s.Key()
			if i > 0 {
				name = fmt.Sprintf("%s-%d", name, i+1)
			}
			at := house.Exact("alpha-bbp-init-"+name, "α of the transition at a random start, "+s.Title(), b.alpha)
			numbers = append(numbers, at)
			how := "$q^2$ grows from 0"
			if b.edge == "smooth" {
				jump := house.Exact("q2-jump-"+name, "$q^2$ just beyond it, "+s.Title(), b.jump)
				numbers = append(numbers, jump)
				how = "$q^2$ jumps to " + jump.String()
			}
			words = append(words, fmt.Sprintf("For %s the transition is at %s $=$ %s, on a %s edge, where %s.", s.Words(), inputs.InitName, at, b.edge, how))
		}
		if len(s.onsets) == 0 {
			why := "there is no outlier at any α computed"
			if s.theory.Outlier[0] {
				why = "the outlier is there from the least α computed"
			}
			numbers = append(numbers, house.None("alpha-bbp-init-"+s.Key(), "α of the transition at a random start, "+s.Title(), why))
			words = append(words, "The transition for "+s.Words()+" is none ("+why+").")
		}
		if len(s.measured) == 0 {
			words = append(words, "For "+s.Title()+" nothing was measured.")
			continue
		}
		last := s.measured[len(s.measured)-1]
		where := fmt.Sprintf("$N = %d$, $α = %s$", last.n, label.Number(label.Rounded(last.alpha, 4)))
		name, errors := fmt.Sprintf("q2-n=%d-%s", last.n, s.Key()), " with a standard error to either side"
		q := house.Estimate(name, "mean $q^2$ at "+where+errors+", "+s.Title(), last.mean, last.mean-last.err, last.mean+last.err)
		if last.instances == 1 {
			errors = " of one instance, whose error is unknown"
			q = house.Exact(name, "mean $q^2$ at "+where+errors+", "+s.Title(), last.mean)
		}
		numbers = append(numbers, q)
		there := "At " + where + " the mean is " + q.String()
		if !math.IsNaN(last.theory) {
			there += fmt.Sprintf(", in theory $%.3f$", last.theory)
		}
		words = append(words, there+" ("+strings.TrimSpace(errors)+").")
	}
	return strings.Join(words, " "), numbers
}
