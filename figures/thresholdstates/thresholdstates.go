// Package thresholdstates is the figure threshold-states: labels and Hessian of trapped
// states of the null model beside 1RSB.
package thresholdstates

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/spectrum"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("threshold-states", "labels and Hessian of trapped states of the null model beside 1RSB",
		figures.New[params](figure, pipeline.ReadsWith[trappedRow, inputs.Level]("dynamics"),
			pipeline.Reads[spectrum.Measured]("hessian"),
			pipeline.Reads[spectrum.Theory]("theory-density")))
}

type trappedRow struct {
	N         int64          `arrow:"n"`
	Alpha     float64        `arrow:"alpha"`
	Loss      string         `arrow:"loss"`
	A         float64        `arrow:"a"`
	Instances int64          `arrow:"instances"`
	Runs      int64          `arrow:"trapped_runs"`
	Trapped   trappedState   `arrow:"trapped"`
	Threshold thresholdState `arrow:"threshold"`
	Labels    []labelLaw     `arrow:"labels"`
}

type trappedState struct {
	Energy float64 `arrow:"energy"`
	Edge   float64 `arrow:"edge"`
	EdgeLo float64 `arrow:"edge_lo"`
	EdgeHi float64 `arrow:"edge_hi"`
	D      float64 `arrow:"d_edge"`
	DLo    float64 `arrow:"d_lo"`
	DHi    float64 `arrow:"d_hi"`
}

type thresholdState struct {
	Found  bool    `arrow:"found"`
	Energy float64 `arrow:"energy"`
	D      float64 `arrow:"d"`
}

type labelLaw struct {
	Of         string    `arrow:"of"`
	YLo        float64   `arrow:"y_lo"`
	YHi        float64   `arrow:"y_hi"`
	Edges      []float64 `arrow:"edges"`
	Simulation []float64 `arrow:"simulation"`
	Theory     []float64 `arrow:"theory"`
	Distance   float64   `arrow:"distance"`
	Noise      float64   `arrow:"noise"`
}

const lowestShown, bulkShown = 25, 0.97 // of each spectrum at the edge; share of the whole

// A comparison is all that the figure shows, of one loss at one α.
type comparison struct {
	inputs.Loss
	Level       string // of the intervals of labels
	Alpha       string
	Labels      trappedRow
	Laws        []law
	N, States   int64 // of the spectra, and number of them
	density     spectrum.Theory
	eigenvalues []float64 // of all, ascending
	zoom        float64   // mean eigenvalue of order lowestShown

	Edge, D, Energy, RSBEnergy, RSBD house.Quantity
}

// A law is the distance of the null model and 1RSB in a law of labels.
type law struct {
	Of              string
	Distance, Noise house.Quantity
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	s, err := readComparison(in)
	if err != nil {
		return house.Drawing{}, err
	}
	quantities := s.quantities()
	return house.Drawing{Width: house.DoubleColumn, Height: 10.4 * vg.Centimeter, Draw: s.grid().Draw}.
		Described(words, s, quantities)
}

func (s *comparison) grid() house.Grid {
	var row []*house.Panel
	for _, l := range s.Labels.classes() {
		row = append(row, l.coarser().draw("$|ŷ|$", s.Labels))
	}
	if len(row) == 0 {
		none := house.NewPanel("$|ŷ|$", "density")
		none.None("none: " + s.NoLabels())
		row = append(row, none)
	}
	var lower []*house.Panel
	if i := slices.IndexFunc(s.Labels.Labels, func(l labelLaw) bool { return l.Of == "s" && l.drawable() }); i >= 0 {
		lower = append(lower, s.Labels.Labels[i].draw("$ℓ''$", s.Labels))
	}
	lower = append(lower, s.bulk(), s.edge())
	// The panel with most room has the key of all; spectra of another N have their own.
	for _, p := range row {
		p.NoKey = true
	}
	lower[len(lower)-2].NoKey = len(lower) == 3 && s.N == s.Labels.N
	lower[len(lower)-1].NoKey = true
	return house.Grid{Panels: [][]*house.Panel{row, lower}}
}

// readComparison takes the α from the theory and what there is at it from the others.
func readComparison(in pipeline.Inputs) (*comparison, error) {
	theory, err := spectrum.Theories(in)
	if err != nil {
		return nil, err
	}
	theory = slices.DeleteFunc(theory, func(r inputs.From[spectrum.Theory]) bool { return r.Row.At != "threshold" })
	if len(theory) != 1 {
		return nil, fmt.Errorf("the figure shows one α, that of its input of kind theory-density at threshold, and "+
			"there are %d; give it one", len(theory))
	}
	d := theory[0].Row
	s := &comparison{Loss: d.About(), Alpha: label.Number(label.Rounded(d.Alpha, 4)), density: d}
	rows, level, err := inputs.ReadIntervals[trappedRow](in, "dynamics")
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		q := r.Row
		if !s.here(inputs.Loss{Name: q.Loss, A: q.A}, q.Alpha, q.N) {
			continue
		}
		// Of several sizes the largest is the nearest to the theory, of those with trapped
		// states if there are such.
		if trapped, had := q.Runs > 0, s.Labels.Runs > 0; s.Labels.N == 0 || trapped && !had || trapped == had &&
			q.N > s.Labels.N {
			s.Labels = q
		}
	}
	if s.Labels.N == 0 {
		return nil, fmt.Errorf("none of %d dynamics rows, the first in %s, is for the %s at alpha = %g, where %s is; "+
			"give the figure one",
			len(rows), rows[0].Stage, s.Loss, d.Alpha, theory[0].Stage)
	}
	s.Level = level
	return s, s.readSpectra(in)
}

// here says whether something is for the loss and α of the theory. M is αN, rounded.
func (s *comparison) here(m inputs.Loss, alpha float64, n int64) bool {
	return m == s.Loss && math.Abs(alpha-s.density.Alpha)*float64(n) <= 0.5+1e-6
}

// readSpectra takes the spectra at the last time.
func (s *comparison) readSpectra(in pipeline.Inputs) error {
	spectra, err := spectrum.Spectra(in)
	if err != nil {
		return err
	}
	var end float64
	for _, r := range spectra {
		end = max(end, r.Row.T)
	}
	for _, r := range spectra {
		h := r.Row
		if !s.here(h.About(), float64(h.M)/float64(h.N), h.N) || h.T != end || end == 0 || len(h.Eigenvalues) == 0 {
			continue
		}
		if s.N != 0 && h.N != s.N {
			return fmt.Errorf("%s has N = %d, and other spectra of the figure N = %d; leave one of them out", r.Stage,
				h.N, s.N)
		}
		s.N = h.N
		s.States++
		s.eigenvalues = append(s.eigenvalues, h.Eigenvalues...)
		s.zoom += h.Eigenvalues[min(lowestShown, len(h.Eigenvalues)-1)]
	}
	if s.States == 0 {
		return fmt.Errorf("none of %d hessian rows, the first in %s, is of the %s at alpha = %g and a positive time; "+
			"give the figure spectra of the null model at a time beyond the end of its descents",
			len(spectra), spectra[0].Stage, s.Loss, s.density.Alpha)
	}
	s.zoom /= float64(s.States)
	slices.Sort(s.eigenvalues)
	return nil
}

// NoLabels says why there is no law of labels.
func (s *comparison) NoLabels() string {
	if s.Labels.Runs == 0 {
		return "no descent ended trapped"
	}
	return "theory has no threshold state"
}

// classes are the laws of |ŷ| for bounded ranges of |y|, ascending; if there are none
// such, that for all y.
func (r trappedRow) classes() []labelLaw {
	var all, out []labelLaw
	for _, l := range r.Labels {
		if l.Of != "yhat" || !l.drawable() {
			continue
		}
		if l.YLo == 0 && math.IsInf(l.YHi, 1) {
			all = append(all, l)
		} else {
			out = append(out, l)
		}
	}
	if len(out) == 0 {
		return all
	}
	slices.SortStableFunc(out, func(a, b labelLaw) int { return cmp.Compare(a.YLo, b.YLo) })
	return out[:min(3, len(out))]
}

// drawable says whether there is a law: not of a range of y that no label is in.
func (l labelLaw) drawable() bool {
	n := len(l.Edges)
	return n > 1 && len(l.Simulation) == n-1 && len(l.Theory) == n-1 && !math.IsNaN(l.Distance) &&
		!slices.ContainsFunc(l.Simulation, math.IsNaN) && !slices.ContainsFunc(l.Theory, math.IsNaN)
}

func (l labelLaw) title() string {
	switch {
	case l.YLo == 0 && math.IsInf(l.YHi, 1):
		return "all $y$"
	case l.YLo == 0:
		return "$|y| < " + label.Number(l.YHi) + "$"
	case math.IsInf(l.YHi, 1):
		return "$|y| > " + label.Number(l.YLo) + "$"
	}
	return "$" + label.Number(l.YLo) + " < |y| < " + label.Number(l.YHi) + "$"
}

// coarser joins the bins in pairs: a class has a part of the labels only.
func (l labelLaw) coarser() labelLaw {
	out := l
	out.Edges, out.Simulation, out.Theory = l.Edges[:1:1], nil, nil
	for i := 0; i+1 < len(l.Simulation); i += 2 {
		left, right := l.Edges[i+1]-l.Edges[i], l.Edges[i+2]-l.Edges[i+1]
		mean := func(v []float64) float64 { return (float64(left*v[i]) + float64(right*v[i+1])) / (left + right) }
		out.Edges = append(out.Edges, l.Edges[i+2])
		out.Simulation, out.Theory = append(out.Simulation, mean(l.Simulation)), append(out.Theory, mean(l.Theory))
	}
	if len(out.Simulation) == 0 {
		return l
	}
	return out
}

// draw shows one law: simulation as a histogram, theory by the middles of the bins.
func (l labelLaw) draw(x string, of trappedRow) *house.Panel {
	p := house.NewPanel(x, "density")
	h := house.Steps{Edges: l.Edges, Height: l.Simulation, Style: house.Thin(house.SkyBlue),
		Fill: house.Fade(house.SkyBlue, 0.25)}
	c := house.Curve{Style: house.Line(house.Black)}
	for i, v := range l.Theory {
		c.X, c.Y = append(c.X, (l.Edges[i]+l.Edges[i+1])/2), append(c.Y, v)
	}
	p.AddKeyed(fmt.Sprintf("null model, $N = %d$", of.N), h)
	p.AddKeyed("1RSB", c)
	p.X.Min, p.X.Max = l.Edges[0], l.Edges[len(l.Edges)-1]
	top := max(slices.Max(l.Simulation), slices.Max(l.Theory))
	p.Y.Min, p.Y.Max = 0, 1.12*top
	p.Title.Text = fmt.Sprintf("%s: $D_{\\rm{K}} = %.3f$", l.title(), l.Distance)
	return p
}

// bulk is the whole spectrum, but for its tail to the right.
func (s *comparison) bulk() *house.Panel {
	left, right := min(s.eigenvalues[0], s.density.Lambda[0]), s.density.Quantile(bulkShown)
	return s.spectrum(left-0.05*(right-left), right)
}

// edge is the lowest eigenvalues of each state.
func (s *comparison) edge() *house.Panel {
	left := min(s.eigenvalues[0], s.density.Lambda[0])
	p := s.spectrum(left-0.08*(s.zoom-left), s.zoom)
	p.Add(house.Rule{X: 0, Style: house.Thin(house.Grey, house.Dashed...)})
	return p
}

func (s *comparison) spectrum(left, right float64) *house.Panel {
	name := fmt.Sprintf("null model, $N = %d$", s.N)
	p, _ := spectrum.Panel{X: "$λ$", Left: left, Right: right, All: s.eigenvalues, Theory: &s.density, Key: "1RSB",
		Fits: true, Headroom: 1.12,
		Histograms: []spectrum.Histogram{{Key: name, Values: s.eigenvalues, Color: house.SkyBlue,
			Opacity: 0.25}}}.Draw()
	return p
}

// quantities fills in the numbers and lists them.
func (s *comparison) quantities() []house.Quantity {
	t, r, at := s.Labels.Trapped, s.Labels.Threshold, fmt.Sprintf(", $N = %d$", s.Labels.N)
	trapped := func(q house.Quantity) house.Quantity {
		return q.Unless(s.Labels.Runs == 0 || math.IsNaN(q.Value), "no descent ended trapped")
	}
	s.Edge = trapped(house.Estimate("edge-trapped",
		"left edge of the bulk for the labels of trapped states of the null model"+at, t.Edge, t.EdgeLo, t.EdgeHi))
	s.D = trapped(house.Estimate("d-trapped", "$D$ at that edge, negative with an outlier along the signal"+at, t.D,
		t.DLo, t.DHi))
	s.Energy = trapped(house.Exact("energy-trapped", "mean loss $L/N$ of trapped states of the null model"+at,
		t.Energy))
	const none = "theory has no threshold state"
	s.RSBEnergy = house.Exact("energy-1rsb", "loss $L/N$ of threshold states by 1RSB", r.Energy).Unless(!r.Found, none)
	s.RSBD = house.Exact("d-1rsb", "$D$ at the edge of threshold states by 1RSB", r.D).Unless(!r.Found, none)
	out := []house.Quantity{s.Edge, s.D, s.Energy}
	for _, l := range s.Labels.Labels {
		of := "$|ŷ|$ for " + l.title()
		if l.Of == "s" {
			of = "$ℓ''$"
		}
		name := fmt.Sprintf("%s-y=%g-%s", l.Of, l.YLo, strings.TrimPrefix(fmt.Sprint(l.YHi), "+"))
		text := "Kolmogorov distance of the null model and 1RSB, law of " + of
		known := law{of, house.Exact("kolmogorov-"+name, text, l.Distance).Unless(!l.drawable(),
			"there is no such label"),
			house.Exact("kolmogorov-noise-"+name, text+", that sampling alone may give", l.Noise).
				Unless(math.IsNaN(l.Noise), "it was not estimated").Unless(!l.drawable(), "there is no such label")}
		s.Laws = append(s.Laws, known)
		out = append(out, known.Distance, known.Noise)
	}
	return append(out, s.RSBEnergy, s.RSBD)
}
