// Package transition is the figure transition: the overlap of the Hessian's lowest
// eigenvector at a random start against α.
package transition

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/sample"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("transition", "overlap of the Hessian's lowest eigenvector at a random start against alpha",
		figures.New[params](figure, pipeline.Reads[outlierRow]("theory-outlier"),
			pipeline.Reads[estimateRow]("spectral")))
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
	Seed       int64   `arrow:"seed"`
	N          int64   `arrow:"n"`
	M          int64   `arrow:"m"`
	AlphaAsked float64 `arrow:"alpha_asked"` // α of paper.toml; M is αN, rounded
	Loss       string  `arrow:"loss"`
	A          float64 `arrow:"a"`
	Estimator  string  `arrow:"estimator"`
	Q2         float64 `arrow:"q2"`
}

// An onset is a transition of the theory at which the outlier appears.
type onset struct {
	Edge     string
	At, Jump house.Quantity // α, and q² beyond it
}

// A measurement is the overlap at one N and α.
type measurement struct {
	n           int64
	alpha       float64 // M/N
	asked       float64 // α of paper.toml
	instances   int64
	mean, err   float64
	least, most float64 // the percentiles 16 and 84 over the instances
	seeds       []int64 // of all estimates
	q2          []float64
}

// An overlapPanel is the theory of one loss with what was measured.
type overlapPanel struct {
	inputs.Loss
	theory   outlierRow
	Onsets   []onset
	None     house.Quantity // in place of onsets
	measured []measurement  // by N, then α
	Last     *result        // nil without measurements
}

// A result is the measurement at the largest N and α.
type result struct {
	N          int64
	Alpha      float64
	Instances  int64
	Q2, Theory house.Quantity
}

// A comparison is what the figure shows.
type comparison struct {
	Panels      []*overlapPanel
	Least, Most int64   // instances of a measurement
	sizes       []int64 // N ascending
}

// Largest is the N with a shaded band.
func (c comparison) Largest() int64 { return c.sizes[len(c.sizes)-1] }

const maxOverlapPanels = 3

func figure(in pipeline.Inputs) (house.Drawing, error) {
	panels, err := overlapPanels(in)
	if err != nil {
		return house.Drawing{}, err
	}
	c := comparison{Panels: panels, Least: math.MaxInt64}
	top := 0.0
	for _, s := range panels {
		top = max(top, slices.Max(s.theory.Q2))
		for _, m := range s.measured {
			c.sizes = append(c.sizes, m.n)
			c.Least, c.Most = min(c.Least, m.instances), max(c.Most, m.instances)
			top = max(top, m.most, m.mean+m.err)
		}
	}
	if top == 0 {
		top = 1 // no overlap anywhere
	}
	slices.Sort(c.sizes)
	c.sizes = slices.Compact(c.sizes)
	var row []*house.Panel
	var quantities []house.Quantity
	for i, s := range panels {
		row = append(row, s.draw(c.sizes, top))
		if i > 0 {
			row[i].Y.Label.Text, row[i].NoKey = "", true
		}
		quantities = append(quantities, s.quantities()...)
	}
	return house.Drawing{Width: house.WidthFor(len(row)), Height: 6.6 * vg.Centimeter,
		Draw: house.Grid{Panels: [][]*house.Panel{row}}.Draw}.
		Described(words, c, quantities)
}

// overlapPanels reads the theory at random starts and puts the measurements to it.
func overlapPanels(in pipeline.Inputs) ([]*overlapPanel, error) {
	theory, err := inputs.Read[outlierRow](in, "theory-outlier")
	if err != nil {
		return nil, err
	}
	theory = slices.DeleteFunc(theory, func(r inputs.From[outlierRow]) bool { return r.Row.At != "init" })
	if len(theory) == 0 || len(theory) > maxOverlapPanels {
		return nil, fmt.Errorf("the figure has a panel for each input of kind theory-outlier at init, one to %d of "+
			"them, and there are %d", maxOverlapPanels, len(theory))
	}
	slices.SortStableFunc(theory, func(a, b inputs.From[outlierRow]) int {
		return cmp.Or(cmp.Compare(a.Row.Loss, b.Row.Loss), cmp.Compare(a.Row.A, b.Row.A))
	})
	var out []*overlapPanel
	for i, t := range theory {
		n := len(t.Row.Alphas)
		if n < 2 || len(t.Row.EdgeKind) != n || len(t.Row.Outlier) != n || len(t.Row.Q2) != n ||
			!slices.IsSorted(t.Row.Alphas) {
			return nil, fmt.Errorf("%s has %d values of alpha, not ascending or without as many of edge_kind, "+
				"outlier and q2", t.Stage, n)
		}
		s := &overlapPanel{Loss: inputs.Loss{Name: t.Row.Loss, A: t.Row.A}, theory: t.Row}
		if i > 0 && s.Loss == out[i-1].Loss {
			return nil, fmt.Errorf("%s and %s are both for the %s; give the figure one of them", theory[i-1].Stage,
				t.Stage, s.Loss)
		}
		s.findOnsets()
		out = append(out, s)
	}
	return out, takeEstimates(in, out)
}

// takeEstimates puts the measurements to the theory.
func takeEstimates(in pipeline.Inputs, out []*overlapPanel) error {
	rows, err := inputs.Read[estimateRow](in, "spectral")
	if err != nil {
		return err
	}
	for _, r := range rows {
		about := inputs.Loss{Name: r.Row.Loss, A: r.Row.A}
		i := slices.IndexFunc(out, func(s *overlapPanel) bool { return s.Loss == about })
		switch {
		case r.Row.Estimator != "hessian":
			return fmt.Errorf("%s is of the estimator %s, and the figure is about the Hessian at random points; "+
				"leave it out of the inputs",
				r.Stage, r.Row.Estimator)
		case i < 0:
			return fmt.Errorf("%s is for the %s, for which the figure has no input of kind theory-outlier; add one",
				r.Stage, about)
		case !(r.Row.Q2 >= 0 && r.Row.Q2 <= 1+1e-9) || r.Row.N < 1:
			return fmt.Errorf("%s: seed %d has q2 = %v and n = %d", r.Stage, r.Row.Seed, r.Row.Q2, r.Row.N)
		}
		out[i].take(r.Row)
	}
	for _, s := range out {
		s.reduce()
	}
	return nil
}

// findOnsets finds where the outlier appears, between two α computed.
func (s *overlapPanel) findOnsets() {
	const text = "α of the transition at a random start, "
	t := s.theory
	for k := 1; k < len(t.Alphas); k++ {
		if !t.Outlier[k] || t.Outlier[k-1] {
			continue
		}
		name := s.Key()
		if n := len(s.Onsets); n > 0 {
			name = fmt.Sprintf("%s-%d", name, n+1)
		}
		s.Onsets = append(s.Onsets, onset{t.EdgeKind[k],
			house.Exact("alpha-bbp-init-"+name, text+s.Title(), (t.Alphas[k-1]+t.Alphas[k])/2),
			house.Exact("q2-jump-"+name, "$q^2$ just beyond it, "+s.Title(), t.Q2[k])})
	}
	why := "there is no outlier at any α computed"
	if t.Outlier[0] {
		why = "the outlier is there from the least α computed"
	}
	s.None = house.None("alpha-bbp-init-"+s.Key(), text+s.Title(), why)
}

// take adds one estimate. M is αN, rounded, and the theory is at M/N.
func (s *overlapPanel) take(r estimateRow) {
	alpha := float64(r.M) / float64(r.N)
	k := slices.IndexFunc(s.measured, func(m measurement) bool { return m.n == r.N && m.alpha == alpha })
	if k < 0 {
		k = len(s.measured)
		s.measured = append(s.measured, measurement{n: r.N, alpha: alpha, asked: r.AlphaAsked})
	}
	m := &s.measured[k]
	m.seeds, m.q2 = append(m.seeds, r.Seed), append(m.q2, r.Q2)
}

func (s *overlapPanel) reduce() {
	slices.SortFunc(s.measured, func(a, b measurement) int {
		return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.alpha, b.alpha))
	})
	for k := range s.measured {
		m := &s.measured[k]
		q := sample.PerInstance(m.seeds, m.q2)
		slices.Sort(q)
		m.instances = int64(len(q))
		m.mean, m.err = sample.MeanError(q)
		m.least, m.most = sample.Quantile(q, 0.16), sample.Quantile(q, 0.84)
	}
	if len(s.measured) == 0 {
		return
	}
	m := s.measured[len(s.measured)-1]
	name, at := fmt.Sprintf("q2-n=%d-%s", m.n, s.Key()), fmt.Sprintf("$N = %d$, $α = %s$", m.n,
		label.Number(m.asked))
	q2 := house.Estimate(name, "mean $q^2$ at "+at+" with a standard error to either side, "+s.Title(), m.mean,
		m.mean-m.err, m.mean+m.err)
	if m.instances == 1 {
		q2 = house.Exact(name, "mean $q^2$ at "+at+" of one instance, whose error is unknown, "+s.Title(), m.mean)
	}
	theory := interpolate(s.theory.Alphas, s.theory.Q2, m.alpha)
	s.Last = &result{m.n, m.asked, m.instances, q2,
		house.Exact("q2-theory-n="+name[len("q2-n="):], "$q^2$ of theory at "+at+", "+s.Title(), theory).
			Unless(math.IsNaN(theory), "theory was not computed there")}
}

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

func (s *overlapPanel) draw(sizes []int64, top float64) *house.Panel {
	p := house.NewPanel("$α$", "$q^2$")
	p.Title.Text = s.Title()
	if len(s.Onsets) > 0 {
		p.Title.Text += ": " + s.Onsets[0].Edge + " edge"
	}
	p.Y.Min, p.Y.Max = -0.03*top, 1.06*top
	for i, n := range sizes {
		band, pts := house.Band{Color: house.Fade(house.Series(i).Color, 0.2)}, house.Points{Look: house.Series(i)}
		for _, m := range s.measured {
			if m.n == n {
				band.X, band.Lo, band.Hi = append(band.X, m.alpha), append(band.Lo, m.least), append(band.Hi, m.most)
				pts.AddPoint(m.alpha, m.mean, m.mean-m.err, m.mean+m.err)
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
	for _, b := range s.Onsets {
		p.Add(house.Rule{X: b.At.Value, Style: house.Thin(house.Grey, house.Dashed...)})
		p.Add(house.Note{X: b.At.Value, Y: p.Y.Max, DX: -3, DY: -5, XAlign: draw.XRight, YAlign: draw.YTop,
			Text: inputs.InitName})
	}
	p.AddKeyed("theory, $N = ∞$", house.Curve{X: s.theory.Alphas, Y: s.theory.Q2, Style: house.Line(house.Black)})
	return p
}

func (s *overlapPanel) quantities() (out []house.Quantity) {
	for _, b := range s.Onsets {
		out = append(out, b.At)
		if b.Edge == "smooth" {
			out = append(out, b.Jump)
		}
	}
	if len(s.Onsets) == 0 {
		out = append(out, s.None)
	}
	if s.Last != nil {
		out = append(out, s.Last.Q2, s.Last.Theory)
	}
	return out
}
