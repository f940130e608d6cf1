// Package initspectrum is the figure init-spectrum: the spectrum of the Hessian at
// random starts, measured and predicted.
package initspectrum

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/label"
	"zerotohero/figures/portable"
	"zerotohero/figures/sample"
	"zerotohero/pipeline"
)

func init() {
	pipeline.Register("init-spectrum", "spectrum of the Hessian at random starts, measured and predicted", func(params) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.Reads[hessianRow]("hessian"),
				pipeline.Reads[densityRow]("theory-density"),
			},
			Draw: figure,
		}, nil
	})
}

type densityRow struct {
	At         string        `arrow:"at"`
	Loss       string        `arrow:"loss"`
	A          float64       `arrow:"a"`
	Alpha      float64       `arrow:"alpha"`
	Mu         float64       `arrow:"mu"`
	Edge       float64       `arrow:"edge"`
	Outlier    bool          `arrow:"outlier"`
	LambdaStar float64       `arrow:"lambda_star"`
	Q2         float64       `arrow:"q2"`
	Lambda     []float64     `arrow:"lambda"`
	Rho        []float64     `arrow:"rho"`
	CDF        []float64     `arrow:"cdf"`
	Atoms      []densityAtom `arrow:"atoms"`
}

type densityAtom struct {
	Lambda float64 `arrow:"lambda"`
	Mass   float64 `arrow:"mass"`
}

type hessianRow struct {
	Seed        int64        `arrow:"seed"`
	N           int64        `arrow:"n"`
	M           int64        `arrow:"m"`
	Loss        string       `arrow:"loss"`
	A           float64      `arrow:"a"`
	T           float64      `arrow:"t"`
	Mu          float64      `arrow:"mu"`
	Eigenvalues []float64    `arrow:"eigenvalues"`
	Lowest      []hessianLow `arrow:"lowest"`
}

type hessianLow struct {
	Overlap float64 `arrow:"overlap"`
}

// A spectrum is what one column of panels shows.
//
// Measured eigenvalues are moved by the instance's μ minus the theory's. The radial
// shift −μ of a whole spectrum fluctuates between instances by more than the outlier
// is away from the bulk (both are shown by the theory at N = ∞), so that pooled bare
// eigenvalues would hide it.
type spectrum struct {
	theory    densityRow
	n         int64
	instances int
	all       []float64 // ascending
	lowest    []float64
	mu        []float64
	next      float64   // mean over instances of the eigenvalue of order zoomed
	q2        []float64 // of the lowest eigenvector, the mean of each seed
}

const (
	maxAlphas = 4
	zoomed    = 12   // eigenvalues of each instance in the lower panels
	shown     = 0.97 // share of the bulk in the upper panels
)

func figure(in pipeline.Inputs) (house.Drawing, error) {
	columns, err := spectra(in)
	if err != nil {
		return house.Drawing{}, err
	}
	g := house.Grid{Panels: make([][]*house.Panel, 2)}
	for i, s := range columns {
		whole, edge := s.whole(), s.atEdge()
		if i > 0 {
			whole.Y.Label.Text, edge.Y.Label.Text = "", ""
			whole.NoKey = s.n == columns[0].n && s.instances == columns[0].instances
		}
		g.Panels[0], g.Panels[1] = append(g.Panels[0], whole), append(g.Panels[1], edge)
	}
	width := house.DoubleColumn
	if len(columns) == 1 {
		width = house.SingleColumn
	}
	return house.Drawing{Width: width, Height: 9.6 * vg.Centimeter, Draw: g.Draw,
		Caption: caption(columns), Quantities: numbers(columns)}, nil
}

func caption(columns []*spectrum) string {
	var alphas, samples, muTheory, spreads []string
	same, measured, outliers, atoms := true, (*spectrum)(nil), 0, 0
	for _, s := range columns {
		alphas = append(alphas, label.Number(label.Rounded(s.theory.Alpha, 4)))
		muTheory = append(muTheory, label.Number(label.Rounded(s.theory.Mu, 4)))
		atoms += len(s.theory.Atoms)
		if s.theory.Outlier {
			outliers++
		}
		if s.instances == 0 {
			same = false
			samples = append(samples, "none at $α = "+alphas[len(alphas)-1]+"$")
			continue
		}
		if measured == nil {
			measured = s
		}
		same = same && s.n == measured.n && s.instances == measured.instances
		samples = append(samples, fmt.Sprintf("%s of $N = %d$ at $α = %s$", label.Plural(int64(s.instances), "instance"), s.n, alphas[len(alphas)-1]))
		if s.instances > 1 {
			spreads = append(spreads, label.Number(label.Rounded(sample.Deviation(s.mu), 2)))
		}
	}
	if same {
		samples = []string{fmt.Sprintf("%s of $N = %d$ at each $α$", label.Plural(int64(measured.instances), "instance"), measured.n)}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Spectrum of the Hessian at a random start, at $α = $%s, for %s. ", label.List(alphas...), inputs.Loss{Name: columns[0].theory.Loss, A: columns[0].theory.A}.Words())
	fmt.Fprintf(&b, "Histograms: all eigenvalues of %s together, and the lowest of each instance by itself. ", label.List(samples...))
	b.WriteString("Black: theory for $N → ∞$, with nothing fitted. ")
	if outliers > 0 {
		b.WriteString("Red: the eigenvalue $λ^*$ outside the bulk, which theory predicts above the transition. ")
	} else {
		b.WriteString("Eigenvalue $λ^*$ outside the bulk: none in theory. ")
	}
	if atoms > 0 {
		b.WriteString("An atom is an eigenvalue that theory gives a finite share of the spectrum. ")
	}
	fmt.Fprintf(&b, "Top: the bulk up to its %g%% quantile; bottom: its left edge, with about %d eigenvalues of each instance.", 100*shown, zoomed)
	b.WriteString(axisWords(columns, muTheory, spreads))
	b.WriteString("\n\n$q^2$ is the squared overlap of the lowest eigenvector with the signal")
	if slices.ContainsFunc(columns, func(s *spectrum) bool { return len(s.q2) > 0 }) {
		b.WriteString(", measured as the mean over instances ± one standard error")
	} else {
		b.WriteString("; measured: none")
	}
	b.WriteString(".")
	return b.String()
}

// axisWords is the paragraph on the radial multiplier.
func axisWords(columns []*spectrum, muTheory, spreads []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n\nThe axis: the radial multiplier $μ = N^{-1}∑_i ℓ'_i ŷ_i$ of an instance moves its whole spectrum by $-μ$. "+
		"That shift is taken out, and the theory's put in its place: $λ + μ - μ_∞$, with $μ_∞ = $%s. ", label.List(muTheory...))
	if len(spreads) > 0 {
		fmt.Fprintf(&b, "Between instances $μ$ has a standard deviation of %s", label.List(spreads...))
		var away []string
		hidden := false
		for _, s := range columns {
			if gap := s.theory.Edge - s.theory.LambdaStar; s.theory.Outlier {
				away = append(away, label.Number(label.Rounded(gap, 2)))
				hidden = hidden || len(s.mu) > 1 && sample.Deviation(s.mu) > gap
			}
		}
		if len(away) > 0 {
			fmt.Fprintf(&b, "; $λ^*$ is %s away from the bulk", label.List(away...))
		}
		if hidden {
			b.WriteString(", and bare eigenvalues of many instances together would hide it")
		}
		b.WriteString(". ")
	}
	return b.String()
}

func numbers(columns []*spectrum) []house.Quantity {
	var out []house.Quantity
	for _, s := range columns {
		t := s.theory
		alpha := strconv.FormatFloat(label.Rounded(t.Alpha, 4), 'f', -1, 64)
		at := " at $α = " + alpha + "$"
		measured := house.Mean("q2-alpha="+alpha, fmt.Sprintf("$q^2$ measured%s, $N = %d$, mean of %d instances ± one standard error", at, s.n, len(s.q2)), s.q2, 1)
		if s.instances == 0 {
			measured.Text = "$q^2$ measured" + at
		}
		out = append(out, measured)
		q2 := house.Exact("q2-theory-alpha="+alpha, "$q^2$ of theory"+at, t.Q2)
		star := house.Exact("lambda-star-alpha="+alpha, "outlier $λ^*$ of theory"+at, t.LambdaStar)
		if !t.Outlier {
			const why = "theory has no outlier there"
			q2, star = house.None(q2.Name, q2.Text, why), house.None(star.Name, star.Text, why)
		}
		edge := house.Exact("edge-alpha="+alpha, "left edge of the bulk in theory"+at, t.Edge)
		if math.IsInf(t.Edge, 0) {
			edge = house.None(edge.Name, edge.Text, "the bulk has no end")
		}
		out = append(out, q2, star,
			edge,
			house.Exact("mu-alpha="+alpha, "radial multiplier $μ_∞$ of theory"+at, t.Mu),
			deviationOfMu("mu-deviation-alpha="+alpha, fmt.Sprintf("standard deviation of $μ$ over instances%s, $N = %d$, ± one standard error", at, s.n), s.mu))
	}
	return out
}

// deviationOfMu has the standard error of normal variables, σ/√(2(n−1)). Fewer than two
// have none.
func deviationOfMu(name, text string, mu []float64) house.Quantity {
	if len(mu) < 2 {
		return house.None(name, text, "it takes two instances")
	}
	d := sample.Deviation(mu)
	err := d / math.Sqrt(2*float64(len(mu)-1))
	return house.Estimate(name, text, d, d-err, d+err)
}

// densities reads the theory, ascending in α.
func densities(in pipeline.Inputs) (theory []inputs.From[densityRow], out []*spectrum, err error) {
	theory, err = inputs.Read[densityRow](in, "theory-density")
	if err != nil {
		return nil, nil, err
	}
	theory = slices.DeleteFunc(theory, func(r inputs.From[densityRow]) bool { return r.Row.At != "init" })
	if len(theory) == 0 {
		return nil, nil, fmt.Errorf("no input of kind theory-density is at init; add one for each alpha")
	}
	if _, err := inputs.OneOf(theory, "loss", func(r densityRow) inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} }); err != nil {
		return nil, nil, err
	}
	sort.SliceStable(theory, func(i, j int) bool { return theory[i].Row.Alpha < theory[j].Row.Alpha })
	if len(theory) > maxAlphas {
		return nil, nil, fmt.Errorf("the figure has room for %d values of alpha, and its inputs of kind theory-density have %d; leave some out", maxAlphas, len(theory))
	}
	for i, t := range theory {
		if len(t.Row.Lambda) < 2 || len(t.Row.Rho) != len(t.Row.Lambda) || len(t.Row.CDF) != len(t.Row.Lambda) {
			return nil, nil, fmt.Errorf("%s: its density has %d values of lambda, %d of rho, %d of cdf", t.Stage, len(t.Row.Lambda), len(t.Row.Rho), len(t.Row.CDF))
		}
		if i > 0 && t.Row.Alpha == theory[i-1].Row.Alpha {
			return nil, nil, fmt.Errorf("%s and %s are both for alpha = %g; give the figure one of them", theory[i-1].Stage, t.Stage, t.Row.Alpha)
		}
		out = append(out, &spectrum{theory: t.Row})
	}
	return theory, out, nil
}

// spectra reads the theory and puts the measured spectra to it, ascending in α.
func spectra(in pipeline.Inputs) ([]*spectrum, error) {
	theory, out, err := densities(in)
	if err != nil {
		return nil, err
	}
	about := inputs.Loss{Name: theory[0].Row.Loss, A: theory[0].Row.A}
	measured, err := inputs.Read[hessianRow](in, "hessian")
	if err != nil {
		return nil, err
	}
	rows := make([][]inputs.From[hessianRow], len(out))
	for _, h := range measured {
		if m := (inputs.Loss{Name: h.Row.Loss, A: h.Row.A}); m != about {
			return nil, fmt.Errorf("%s is for the %s, but %s for the %s; leave one of them out of the figure's inputs", h.Stage, m, theory[0].Stage, about)
		}
		e := h.Row.Eigenvalues
		if math.IsNaN(h.Row.Mu) || slices.ContainsFunc(e, math.IsNaN) || !slices.IsSorted(e) {
			return nil, fmt.Errorf("%s: seed %d has eigenvalues out of order, or one of them or mu is not a number", h.Stage, h.Row.Seed)
		}
		if h.Row.T != 0 || len(e) == 0 {
			continue
		}
		// M is αN, rounded.
		i := slices.IndexFunc(out, func(s *spectrum) bool {
			return math.Abs(float64(h.Row.M)-s.theory.Alpha*float64(h.Row.N)) <= 0.5+1e-6
		})
		if i < 0 {
			return nil, fmt.Errorf("%s is at alpha = %d/%d, for which the figure has no input of kind theory-density; add one", h.Stage, h.Row.M, h.Row.N)
		}
		rows[i] = append(rows[i], h)
	}
	for i, s := range out {
		if len(rows[i]) == 0 {
			continue
		}
		if s.n, err = inputs.OneOf(rows[i], "N for each alpha", func(h hessianRow) int64 { return h.N }); err != nil {
			return nil, err
		}
		s.pool(rows[i])
	}
	if !slices.ContainsFunc(out, func(s *spectrum) bool { return s.instances > 0 }) {
		return nil, fmt.Errorf("none of %d hessian rows, the first in %s, is at t = 0; add that time to those stages",
			len(measured), measured[0].Stage)
	}
	return out, nil
}

// pool takes the rows of one α and N together.
func (s *spectrum) pool(rows []inputs.From[hessianRow]) {
	bySeed := map[int64][]float64{}
	var seeds []int64
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
			if bySeed[h.Row.Seed] == nil {
				seeds = append(seeds, h.Row.Seed)
			}
			bySeed[h.Row.Seed] = append(bySeed[h.Row.Seed], h.Row.Lowest[0].Overlap)
		}
	}
	s.instances = len(rows)
	sort.Float64s(s.all)
	sort.Float64s(s.lowest)
	slices.Sort(seeds)
	for _, seed := range seeds {
		mean, _ := sample.MeanError(bySeed[seed])
		s.q2 = append(s.q2, mean)
	}
}

// whole is the bulk from its left edge to the quantile shown.
func (s *spectrum) whole() *house.Panel {
	t := s.theory
	right := t.Lambda[len(t.Lambda)-1]
	for i, c := range t.CDF {
		if c >= shown {
			right = t.Lambda[i]
			break
		}
	}
	left := s.leftmost()
	p := s.panel(left-0.12*(right-left), right, 1.2)
	p.Title.Text = "$α = " + label.Number(label.Rounded(t.Alpha, 4)) + "$"
	if t.Outlier {
		foot := 0.03 * p.Y.Max
		p.Add(
			house.Points{X: []float64{t.LambdaStar}, Y: []float64{foot}, Look: house.Look{Color: house.Vermillion, Shape: house.TriangleDown}},
			house.Note{X: t.LambdaStar, Y: foot, DX: -3, DY: 1, Text: "$λ^*$", Color: house.Vermillion, XAlign: draw.XRight, YAlign: draw.YBottom},
		)
	}
	for _, a := range t.Atoms {
		p.Add(house.Note{X: a.Lambda, Y: 0.42 * p.Y.Max, DX: 9, Text: "atom of mass " + label.Number(label.Rounded(a.Mass, 2))})
	}
	return p
}

// atEdge is the few lowest eigenvalues of each instance, where the outlier is.
func (s *spectrum) atEdge() *house.Panel {
	t := s.theory
	left, right := s.leftmost(), s.next
	if s.instances == 0 {
		right = s.edge() + 0.03*(t.Lambda[len(t.Lambda)-1]-s.edge())
	}
	right = max(right, 2*s.edge()-left)
	p := s.panel(left-0.15*(right-left), right, 1.4)
	p.NoKey = true
	if t.Outlier {
		tip := 0.42 * p.Y.Max
		p.Add(
			house.Curve{X: []float64{t.LambdaStar, t.LambdaStar}, Y: []float64{0, tip}, Style: house.Thin(house.Vermillion)},
			house.Points{X: []float64{t.LambdaStar}, Y: []float64{0.02 * p.Y.Max}, Look: house.Look{Color: house.Vermillion, Shape: house.TriangleDown}},
			house.Note{X: t.LambdaStar, Y: tip, DY: 1, Text: "$λ^*$", Color: house.Vermillion, XAlign: draw.XCenter, YAlign: draw.YBottom},
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
func (s *spectrum) edge() float64 {
	if math.IsInf(s.theory.Edge, 0) {
		return s.theory.Lambda[0]
	}
	return s.theory.Edge
}

// leftmost is where the spectrum begins, in theory or in any instance.
func (s *spectrum) leftmost() float64 {
	left := s.edge()
	if s.theory.Outlier {
		left = min(left, s.theory.LambdaStar)
	}
	if s.instances > 0 {
		left = min(left, s.all[0])
	}
	return left
}

// panel draws the density between two ends, with room for words above.
func (s *spectrum) panel(left, right, headroom float64) *house.Panel {
	t := s.theory
	p := house.NewPanel("$λ + μ - μ_∞$", "$ρ$")
	p.X.Min, p.X.Max = left, right
	top := 0.0
	if s.instances > 0 {
		edges := house.Bins(s.all, left, right)
		h := house.Density(s.all, edges, house.SkyBlue)
		low := house.Density(s.lowest, edges, house.Orange)
		for i := range low.Height {
			low.Height[i] *= float64(len(s.lowest)) / float64(len(s.all))
			if !s.atom(edges[i], edges[i+1]) {
				top = max(top, h.Height[i])
			}
		}
		low.Fill = house.Fade(house.Orange, 0.6)
		p.AddKeyed(fmt.Sprintf("$N = %d$, %d instances", s.n, s.instances), h)
		p.AddKeyed("lowest of each", low.Trimmed())
	}
	c := house.Curve{Style: house.Line(house.Black)}
	for i, l := range t.Lambda {
		c.X, c.Y = append(c.X, l), append(c.Y, t.Rho[i])
	}
	p.AddKeyed("theory, $N = ∞$", c)
	if top == 0 {
		// No histogram, or one of atoms alone.
		for i, l := range t.Lambda {
			if l >= left && l <= right {
				top = max(top, t.Rho[i])
			}
		}
	}
	p.Y.Min, p.Y.Max = 0, headroom*top
	return p
}

func (s *spectrum) atom(lo, hi float64) bool {
	return slices.ContainsFunc(s.theory.Atoms, func(a densityAtom) bool { return lo <= a.Lambda && a.Lambda <= hi })
}
