// Package initspectrum is the figure init-spectrum: the spectrum of the Hessian at
// random starts, measured and predicted.
package initspectrum

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
	"zerotohero/figures/portable"
	"zerotohero/figures/sample"
	"zerotohero/figures/spectrum"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("init-spectrum", "spectrum of the Hessian at random starts, measured and predicted",
		figures.New[params](figure, pipeline.Reads[spectrum.Measured]("hessian"),
			pipeline.Reads[spectrum.Theory]("theory-density")))
}

// A column is the spectra at one α.
//
// Measured eigenvalues are moved by the instance's μ minus the theory's. The radial
// shift −μ of a whole spectrum fluctuates between instances by more than the outlier
// is away from the bulk (both are shown by the theory at N = ∞), so that pooled bare
// eigenvalues would hide it.
type column struct {
	N, Instances int64
	theory       spectrum.Theory
	all          []float64 // ascending
	lowest       []float64
	mu           []float64
	next         float64   // mean over instances of the eigenvalue of order zoomed
	q2           []float64 // of the lowest eigenvector, the mean of each seed

	Q2, TheoryQ2, Star, Edge, Gap, Mu, Spread house.Quantity
}

const (
	maxAlphas = 4
	zoomed    = 12   // eigenvalues of each instance in the lower panels
	shown     = 0.97 // share of the bulk in the upper panels
)

// A picture is what the caption is filled with.
type picture struct {
	Loss                            string
	Columns                         []*column
	Outlier, Atom, Hidden, Measured bool    // whether any column has that
	Same                            *column // the first, if all are of its N and as many instances
	Shown                           float64 // percent
	Zoomed                          int
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	columns, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	c := picture{Loss: columns[0].theory.About().Words(), Columns: columns, Same: columns[0], Shown: 100 * shown,
		Zoomed: zoomed}
	g := house.Grid{Panels: make([][]*house.Panel, 2)}
	var quantities []house.Quantity
	for i, s := range columns {
		whole, edge := s.whole(), s.atEdge()
		same := s.N == columns[0].N && s.Instances == columns[0].Instances
		if i > 0 {
			whole.Y.Label.Text, edge.Y.Label.Text = "", ""
			whole.NoKey = same
		}
		g.Panels[0], g.Panels[1] = append(g.Panels[0], whole), append(g.Panels[1], edge)
		quantities = append(quantities, s.Q2, s.TheoryQ2, s.Star, s.Edge, s.Gap, s.Mu, s.Spread)
		if !same {
			c.Same = nil
		}
		c.Outlier, c.Atom, c.Measured = c.Outlier || s.theory.Outlier, c.Atom || len(s.theory.Atoms) > 0, c.Measured ||
			len(s.q2) > 0
		c.Hidden = c.Hidden || s.Gap.Known() && s.Spread.Known() && s.Spread.Value > s.Gap.Value
	}
	return house.Drawing{Width: house.WidthFor(len(columns)), Height: 9.6 * vg.Centimeter, Draw: g.Draw}.
		Described(words, c, quantities)
}

// Label is α in a text.
func (s *column) Label() string { return label.Number(label.Rounded(s.theory.Alpha, 4)) }

// describe fills in the quantities.
func (s *column) describe() {
	t := s.theory
	alpha, at := "-alpha="+house.NumberName(label.Rounded(t.Alpha, 4)), " at $α = "+s.Label()+"$"
	measured := "$q^2$ measured" + at
	if s.Instances > 0 {
		measured += fmt.Sprintf(", $N = %d$, mean of %d instances ± one standard error", s.N, len(s.q2))
	}
	s.Q2 = house.Mean("q2"+alpha, measured, s.q2, 1)
	const none = "theory has no outlier there"
	s.TheoryQ2 = house.Exact("q2-theory"+alpha, "$q^2$ of theory"+at, t.Q2).Unless(!t.Outlier, none)
	s.Star = house.Exact("lambda-star"+alpha, "outlier $λ^*$ of theory"+at, t.LambdaStar).Unless(!t.Outlier, none)
	s.Edge = house.Exact("edge"+alpha, "left edge of the bulk in theory"+at, t.Edge).Unless(math.IsInf(t.Edge, 0),
		"the bulk has no end")
	s.Gap = house.Exact("gap"+alpha, "distance of $λ^*$ from the bulk in theory"+at,
		t.Edge-t.LambdaStar).Unless(!t.Outlier, none)
	s.Mu = house.Exact("mu"+alpha, "radial multiplier $μ_∞$ of theory"+at, t.Mu)
	// Of normal variables a deviation has the standard error σ/√(2(n−1)).
	d := sample.Deviation(s.mu)
	err := d / math.Sqrt(2*float64(len(s.mu)-1))
	text := fmt.Sprintf("standard deviation of $μ$ over instances%s, $N = %d$, ± one standard error", at, s.N)
	s.Spread = house.Estimate("mu-deviation"+alpha, text, d, d-err, d+err).Unless(len(s.mu) < 2,
		"it takes two instances")
}

// densities reads the theory, ascending in α.
func densities(in pipeline.Inputs) (theory []inputs.From[spectrum.Theory], out []*column, err error) {
	theory, err = spectrum.Theories(in)
	if err != nil {
		return nil, nil, err
	}
	theory = slices.DeleteFunc(theory, func(r inputs.From[spectrum.Theory]) bool { return r.Row.At != "init" })
	if len(theory) == 0 {
		return nil, nil, fmt.Errorf("no input of kind theory-density is at init; add one for each alpha")
	}
	if _, err := inputs.OneOf(theory, "loss", spectrum.Theory.About); err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(theory,
		func(a, b inputs.From[spectrum.Theory]) int { return cmp.Compare(a.Row.Alpha, b.Row.Alpha) })
	if len(theory) > maxAlphas {
		return nil, nil, fmt.Errorf("the figure has room for %d values of alpha, and its inputs of kind "+
			"theory-density have %d; leave some out",
			maxAlphas, len(theory))
	}
	for i, t := range theory {
		if i > 0 && t.Row.Alpha == theory[i-1].Row.Alpha {
			return nil, nil, fmt.Errorf("%s and %s are both for alpha = %g; give the figure one of them",
				theory[i-1].Stage, t.Stage, t.Row.Alpha)
		}
		out = append(out, &column{theory: t.Row})
	}
	return theory, out, nil
}

// read reads the theory and puts the measured spectra to it, ascending in α.
func read(in pipeline.Inputs) ([]*column, error) {
	theory, out, err := densities(in)
	if err != nil {
		return nil, err
	}
	about := theory[0].Row.About()
	measured, err := spectrum.Spectra(in)
	if err != nil {
		return nil, err
	}
	rows := make([][]inputs.From[spectrum.Measured], len(out))
	for _, h := range measured {
		if m := h.Row.About(); m != about {
			return nil, fmt.Errorf("%s is for the %s, but %s for the %s; leave one of them out of the figure's inputs",
				h.Stage, m, theory[0].Stage, about)
		}
		if h.Row.T != 0 || len(h.Row.Eigenvalues) == 0 {
			continue
		}
		size := inputs.Size{N: h.Row.N, M: h.Row.M}
		i := slices.IndexFunc(out, func(s *column) bool { return size.Has(s.theory.Alpha) })
		if i < 0 {
			return nil, fmt.Errorf("%s is at alpha = %d/%d, for which the figure has no input of kind "+
				"theory-density; add one", h.Stage, h.Row.M, h.Row.N)
		}
		rows[i] = append(rows[i], h)
	}
	any := false
	for i, s := range out {
		if s.N, err = inputs.OneOf(rows[i], "N for each alpha",
			func(h spectrum.Measured) int64 { return h.N }); err != nil {
			return nil, err
		}
		s.pool(rows[i])
		s.describe()
		any = any || s.Instances > 0
	}
	if !any {
		return nil, fmt.Errorf("none of %d hessian rows, the first in %s, is at t = 0; add that time to those stages",
			len(measured), measured[0].Stage)
	}
	return out, nil
}

// pool takes the rows of one α and N together.
func (s *column) pool(rows []inputs.From[spectrum.Measured]) {
	var seeds []int64
	var q2 []float64
	for _, h := range rows {
		move := h.Row.Mu - s.theory.Mu
		s.mu = append(s.mu, h.Row.Mu)
		e := h.Row.Eigenvalues
		for _, v := range e {
			s.all = append(s.all, v+move)
		}
		s.lowest = append(s.lowest, e[0]+move)
		s.next += (e[min(zoomed, len(e)-1)] + move) / float64(len(rows))
		if len(h.Row.Lowest) > 0 && !math.IsNaN(h.Row.Lowest[0].Overlap) {
			seeds, q2 = append(seeds, h.Row.Seed), append(q2, h.Row.Lowest[0].Overlap)
		}
	}
	s.Instances = int64(len(rows))
	s.q2 = sample.PerInstance(seeds, q2)
	slices.Sort(s.all)
	slices.Sort(s.lowest)
}

// whole is the bulk from its left edge to the quantile shown.
func (s *column) whole() *house.Panel {
	t := s.theory
	left, right := s.leftmost(), t.Quantile(shown)
	p := s.panel(left-0.12*(right-left), right, 1.2)
	p.Title.Text = "$α = " + s.Label() + "$"
	if t.Outlier {
		foot := 0.03 * p.Y.Max
		p.Add(t.Mark(foot, house.Vermillion), house.Note{X: t.LambdaStar, Y: foot, DX: -3, DY: 1,
			Text: "$λ^*$", Color: house.Vermillion, XAlign: draw.XRight, YAlign: draw.YBottom})
	}
	for _, a := range t.Atoms {
		p.Add(house.Note{X: a.Lambda, Y: 0.42 * p.Y.Max, DX: 9, Text: "atom of mass " +
			label.Number(label.Rounded(a.Mass, 2))})
	}
	return p
}

// atEdge is the few lowest eigenvalues of each instance, where the outlier is.
func (s *column) atEdge() *house.Panel {
	t := s.theory
	left, right := s.leftmost(), s.next
	if s.Instances == 0 {
		right = s.edge() + 0.03*(t.Lambda[len(t.Lambda)-1]-s.edge())
	}
	right = max(right, 2*s.edge()-left)
	p := s.panel(left-0.15*(right-left), right, 1.4)
	p.NoKey = true
	if t.Outlier {
		tip := 0.42 * p.Y.Max
		p.Add(
			house.Curve{X: []float64{t.LambdaStar, t.LambdaStar}, Y: []float64{0, tip},
				Style: house.Thin(house.Vermillion)},
			t.Mark(0.02*p.Y.Max, house.Vermillion),
			house.Note{X: t.LambdaStar, Y: tip, DY: 1, Text: "$λ^*$", Color: house.Vermillion, XAlign: draw.XCenter,
				YAlign: draw.YBottom},
		)
	}
	words := "no outlier in theory"
	if t.Outlier {
		words = fmt.Sprintf("$q^2 = %.3f$ in theory", t.Q2)
	}
	if len(s.q2) > 0 {
		mean, err := sample.MeanError(s.q2)
		decimals := 3
		if err > 0 {
			decimals = max(1, min(4, 1-int(math.Floor(portable.Log10(err)))))
		}
		if len(s.q2) > 1 {
			words += fmt.Sprintf("\n$q^2 = %.*f ± %.*f$ measured", decimals, mean, decimals, err)
		} else {
			words += fmt.Sprintf("\n$q^2 = %.*f$ measured once", decimals, mean)
		}
	}
	p.Add(house.Note{X: p.X.Min, Y: p.Y.Max, DX: 6, DY: -6, Text: words, YAlign: draw.YTop})
	return p
}

// edge is the left edge of the bulk, or the least eigenvalue at which theory gives the
// density of a bulk without end.
func (s *column) edge() float64 {
	if math.IsInf(s.theory.Edge, 0) {
		return s.theory.Lambda[0]
	}
	return s.theory.Edge
}

// leftmost is where the spectrum begins, in theory or in any instance.
func (s *column) leftmost() float64 {
	left := s.edge()
	if s.theory.Outlier {
		left = min(left, s.theory.LambdaStar)
	}
	if s.Instances > 0 {
		left = min(left, s.all[0])
	}
	return left
}

// panel draws the density between two ends, with room for words above.
func (s *column) panel(left, right, headroom float64) *house.Panel {
	d := spectrum.Panel{X: "$λ + μ - μ_∞$", Left: left, Right: right, All: s.all, Theory: &s.theory,
		Key: "theory, $N = ∞$", Headroom: headroom}
	if s.Instances > 0 {
		d.Histograms = []spectrum.Histogram{
			{Key: fmt.Sprintf("$N = %d$, %d instances", s.N, s.Instances), Values: s.all, Color: house.SkyBlue,
				Opacity: 0.25},
			{Key: "lowest of each", Values: s.lowest, Part: true, Color: house.Orange, Opacity: 0.6}}
	}
	p, _ := d.Draw()
	return p
}
