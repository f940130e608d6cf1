// Package thresholdstates is the figure threshold-states: labels and Hessian of trapped
// states of the null model beside 1RSB.
package thresholdstates

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/pipeline"
)

func init() {
	pipeline.Register("threshold-states", "labels and Hessian of trapped states of the null model beside 1RSB", func(params) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.ReadsWith[trappedRow, inputs.Level]("dynamics"),
				pipeline.Reads[trappedSpectrum]("hessian"),
				pipeline.Reads[thresholdDensity]("theory-density"),
			},
			Draw: figure,
		}, nil
	})
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

type trappedSpectrum struct {
	Seed        int64     `arrow:"seed"`
	N           int64     `arrow:"n"`
	M           int64     `arrow:"m"`
	Loss        string    `arrow:"loss"`
	A           float64   `arrow:"a"`
	T           float64   `arrow:"t"`
	Eigenvalues []float64 `arrow:"eigenvalues"`
}

type thresholdDensity struct {
	At     string    `arrow:"at"`
	Loss   string    `arrow:"loss"`
	A      float64   `arrow:"a"`
	Alpha  float64   `arrow:"alpha"`
	Lambda []float64 `arrow:"lambda"`
	Rho    []float64 `arrow:"rho"`
	CDF    []float64 `arrow:"cdf"`
}

const lowestShown, bulkShown = 25, 0.97 // of each spectrum at the edge; share of the whole

// A comparison is all that the figure shows, of one loss at one α.
type comparison struct {
	inputs.Loss
	labels      trappedRow
	density     thresholdDensity
	n           int64     // of the spectra
	states      int64     // number of them
	eigenvalues []float64 // of all, ascending
	level       string    // of the intervals of labels
	zoom        float64   // mean eigenvalue of order lowestShown
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	s, err := readComparison(in)
	if err != nil {
		return house.Drawing{}, err
	}
	top := s.labels.classes()
	row := make([]*house.Panel, 0, 3)
	for _, l := range top {
		row = append(row, l.coarser().draw("$|ŷ|$", s.labels))
	}
	if len(row) == 0 {
		none := house.NewPanel("$|ŷ|$", "density")
		none.None("none: " + s.noLabels())
		row = append(row, none)
	}
	var lower []*house.Panel
	if i := slices.IndexFunc(s.labels.Labels, func(l labelLaw) bool { return l.Of == "s" && l.drawable() }); i >= 0 {
		lower = append(lower, s.labels.Labels[i].draw("$ℓ''$", s.labels))
	}
	lower = append(lower, s.bulk(), s.edge())
	// The panel with most room has the key of all; spectra of another N have their own.
	for _, p := range row {
		p.NoKey = true
	}
	lower[len(lower)-2].NoKey = len(lower) == 3 && s.n == s.labels.N
	lower[len(lower)-1].NoKey = true
	d := house.Drawing{Width: house.DoubleColumn, Height: 10.4 * vg.Centimeter, Draw: house.Grid{Panels: [][]*house.Panel{row, lower}}.Draw}
	d.Caption, d.Quantities = s.words(top)
	return d, nil
}

// readComparison takes the α from the theory and what there is at it from the others.
func readComparison(in pipeline.Inputs) (*comparison, error) {
	theory, err := inputs.Read[thresholdDensity](in, "theory-density")
	if err != nil {
		return nil, err
	}
	theory = slices.DeleteFunc(theory, func(r inputs.From[thresholdDensity]) bool { return r.Row.At != "threshold" })
	if len(theory) != 1 {
		return nil, fmt.Errorf("the figure shows one α, that of its input of kind theory-density at threshold, and there are %d; give it one", len(theory))
	}
	d := theory[0].Row
	if n := len(d.Lambda); n < 2 || len(d.Rho) != n || len(d.CDF) != n {
		return nil, fmt.Errorf("%s: its density has %d values of lambda, %d of rho, %d of cdf", theory[0].Stage, len(d.Lambda), len(d.Rho), len(d.CDF))
	}
	s := &comparison{Loss: inputs.Loss{Name: d.Loss, A: d.A}, density: d}
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
		if trapped, had := q.Runs > 0, s.labels.Runs > 0; s.labels.N == 0 || trapped && !had || trapped == had && q.N > s.labels.N {
			s.labels = q
		}
	}
	if s.labels.N == 0 {
		return nil, fmt.Errorf("none of %d dynamics rows, the first in %s, is for the %s at alpha = %g, where %s is; give the figure one",
			len(rows), rows[0].Stage, s.Loss, d.Alpha, theory[0].Stage)
	}
	s.level = level
	return s, s.readSpectra(in)
}

// here says whether something is for the loss and α of the theory. M is αN, rounded.
func (s *comparison) here(m inputs.Loss, alpha float64, n int64) bool {
	return m == s.Loss && math.Abs(alpha-s.density.Alpha)*float64(n) <= 0.5+1e-6
}

// readSpectra takes the spectra at the last time.
func (s *comparison) readSpectra(in pipeline.Inputs) error {
	spectra, err := inputs.Read[trappedSpectrum](in, "hessian")
	if err != nil {
		return err
	}
	var end float64
	for _, r := range spectra {
		end = max(end, r.Row.T)
	}
	for _, r := range spectra {
		h := r.Row
		if !s.here(inputs.Loss{Name: h.Loss, A: h.A}, float64(h.M)/float64(h.N), h.N) || h.T != end || end == 0 || len(h.Eigenvalues) == 0 {
			continue
		}
		if slices.ContainsFunc(h.Eigenvalues, math.IsNaN) || !slices.IsSorted(h.Eigenvalues) {
			return fmt.Errorf("%s: seed %d has eigenvalues out of order, or one is not a number", r.Stage, h.Seed)
		}
		if s.n != 0 && h.N != s.n {
			return fmt.Errorf("%s has N = %d, and other spectra of the figure N = %d; leave one of them out", r.Stage, h.N, s.n)
		}
		s.n = h.N
		s.states++
		s.eigenvalues = append(s.eigenvalues, h.Eigenvalues...)
		s.zoom += h.Eigenvalues[min(lowestShown, len(h.Eigenvalues)-1)]
	}
	if s.states == 0 {
		return fmt.Errorf("none of %d hessian rows, the first in %s, is of the %s at alpha = %g and a positive time; give the figure spectra of the null model at a time beyond the end of its descents",
			len(spectra), spectra[0].Stage, s.Loss, s.density.Alpha)
	}
	s.zoom /= float64(s.states)
	slices.Sort(s.eigenvalues)
	return nil
}

// noLabels says why there is no law of labels.
func (s *comparison) noLabels() string {
	if s.labels.Runs == 0 {
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
	h := house.Steps{Edges: l.Edges, Height: l.Simulation, Style: house.Thin(house.SkyBlue), Fill: house.Fade(house.SkyBlue, 0.25)}
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
	i := sort.SearchFloat64s(s.density.CDF, bulkShown)
	right := s.density.Lambda[min(i, len(s.density.Lambda)-1)]
	left := min(s.eigenvalues[0], s.density.Lambda[0])
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
	p := house.NewPanel("$λ$", "$ρ$")
	h := house.Density(s.eigenvalues, house.Bins(s.eigenvalues, left, right), house.SkyBlue)
	c := house.Curve{X: s.density.Lambda, Y: s.density.Rho, Style: house.Line(house.Black)}
	p.AddKeyed(fmt.Sprintf("null model, $N = %d$", s.n), h)
	p.AddKeyed("1RSB", c)
	p.X.Min, p.X.Max = left, right
	top := slices.Max(h.Height)
	for i, l := range c.X {
		if l >= left && l <= right {
			top = max(top, c.Y[i])
		}
	}
	p.Y.Min, p.Y.Max = 0, 1.12*top
	return p
}

func (s *comparison) words(top []labelLaw) (string, []house.Quantity) {
	t, r := s.labels.Trapped, s.labels.Threshold
	edge := house.Estimate("edge-trapped", fmt.Sprintf("left edge of the bulk for the labels of trapped states of the null model, $N = %d$", s.labels.N), t.Edge, t.EdgeLo, t.EdgeHi)
	d := house.Estimate("d-trapped", fmt.Sprintf("$D$ at that edge, negative with an outlier along the signal, $N = %d$", s.labels.N), t.D, t.DLo, t.DHi)
	energy := house.Exact("energy-trapped", fmt.Sprintf("mean loss $L/N$ of trapped states of the null model, $N = %d$", s.labels.N), t.Energy)
	for _, q := range []*house.Quantity{&edge, &d, &energy} {
		if s.labels.Runs == 0 || math.IsNaN(q.Value) {
			*q = house.None(q.Name, q.Text, "no descent ended trapped")
		}
	}
	numbers := []house.Quantity{edge, d, energy}
	words := []string{
		fmt.Sprintf("Trapped states of the null model (%s on %s) beside threshold states by 1RSB, for %s at $α = %s$.",
			label.Plural(s.labels.Runs, "descent"), label.Plural(s.labels.Instances, "instance"), s.Loss.Words(), label.Number(label.Rounded(s.density.Alpha, 4))),
		"Above: the law of $|ŷ|$, for labels $y$ in each range.",
	}
	var apart []string
	for _, l := range s.labels.Labels {
		name := fmt.Sprintf("kolmogorov-%s-y=%g-%s", l.Of, l.YLo, strings.TrimPrefix(fmt.Sprint(l.YHi), "+"))
		of := "$|ŷ|$ for " + l.title()
		if l.Of == "s" {
			of = "$ℓ''$"
		}
		text := "Kolmogorov distance of the null model and 1RSB, law of " + of
		if !l.drawable() {
			numbers = append(numbers, house.None(name, text, "there is no such label"))
			continue
		}
		numbers = append(numbers, house.Exact(name, text, l.Distance))
		said := fmt.Sprintf("$%.3f$ for %s", l.Distance, of)
		if !math.IsNaN(l.Noise) {
			said += fmt.Sprintf(" (sampling alone: up to $%.3f$)", l.Noise)
		}
		apart = append(apart, said)
	}
	if len(apart) == 0 {
		apart = []string{"none (" + s.noLabels() + ")"}
	}
	words = append(words,
		"$D_{\\rm{K}}$ is the Kolmogorov distance of the two laws: "+label.List(apart...)+".",
		"Below: the law of $ℓ''$ for all labels, and the spectrum of the Hessian at "+label.Plural(s.states, "trapped state")+fmt.Sprintf(", $N = %d$, whole and at its left edge, which marginality puts at 0 (dashed).", s.n),
		fmt.Sprintf("For the labels of the simulation the theory has the edge at %s and $D =$ %s there (%sbootstrap intervals)", edge, d, s.level),
	)
	last := &words[len(words)-1]
	rsb, rsbD := house.Exact("energy-1rsb", "loss $L/N$ of threshold states by 1RSB", r.Energy), house.Exact("d-1rsb", "$D$ at the edge of threshold states by 1RSB", r.D)
	switch {
	case !r.Found:
		rsb, rsbD = house.None(rsb.Name, rsb.Text, "theory has no threshold state"), house.None(rsbD.Name, rsbD.Text, "theory has no threshold state")
		*last += "; threshold state by 1RSB: none"
	case energy.None != "":
		*last += fmt.Sprintf(", 1RSB $D = %.3f$; the loss $L/N$ is %s in simulation and $%.4f$ by 1RSB", r.D, energy, r.Energy)
	default:
		*last += fmt.Sprintf(", 1RSB $D = %.3f$; the loss $L/N$ is $%.4f$ in simulation and $%.4f$ by 1RSB", r.D, t.Energy, r.Energy)
	}
	numbers = append(numbers, rsb, rsbD)
	*last += "."
	return strings.Join(words, " "), numbers
}
