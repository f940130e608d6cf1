// Package spectral is the figure spectral: spectral estimates of the signal, and
// recovery from them and from random starts.
package spectral

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
	"zerotohero/figures/recovery"
	"zerotohero/figures/sample"
	"zerotohero/pipeline"
)

func init() {
	pipeline.Register("spectral", "spectral estimates of the signal, and recovery from them and from random starts",
		figures.New[params](figure, pipeline.Reads[spectralRow]("spectral"),
			pipeline.Reads[spectralTheory]("theory-outlier"),
			pipeline.ReadsWith[recovery.Curve, inputs.Level]("finitesize")))
}

type spectralRow struct {
	Seed       int64   `arrow:"seed"`
	N          int64   `arrow:"n"`
	M          int64   `arrow:"m"`
	AlphaAsked float64 `arrow:"alpha_asked"` // α of paper.toml; M is αN, rounded
	Loss       string  `arrow:"loss"`
	A          float64 `arrow:"a"`
	Estimator  string  `arrow:"estimator"`
	Q2         float64 `arrow:"q2"`
}

type spectralTheory struct {
	At      string    `arrow:"at"`
	Loss    string    `arrow:"loss"`
	A       float64   `arrow:"a"`
	Alphas  []float64 `arrow:"alphas"`
	Outlier []bool    `arrow:"outlier"`
	Q2      []float64 `arrow:"q2"`
}

//go:embed caption.tmpl
var words string

// An estimator is a way to start, with the matrix of its theory and what there is of it.
type estimator struct {
	name, at, Label string
	look            house.Look
	dashes          []vg.Length
	Unknown         bool // to the figure, which has no look for it

	theory *spectralTheory // nil if there is none
	Onset  house.Quantity  // α from which it has an overlap in theory
	curve  *recovery.Curve // of recovery at the size shown, nil if there is none
	Half   house.Quantity  // its α50
}

var estimators = []estimator{
	{name: "optimal", at: "optimal", Label: "optimal", look: house.Look{Color: house.Green, Shape: house.Triangle}},
	{name: "averaged", at: "averaged", Label: "averaged Hessian",
		look:   house.Look{Color: house.Vermillion, Shape: house.Square},
		dashes: house.Dashed},
	{name: "hessian", at: "init", Label: "Hessian", look: house.Look{Color: house.Blue, Shape: house.Disc}},
	{at: "wide", Label: "wide student", look: house.Look{Color: house.Purple}, dashes: house.Dotted},
	{name: "random", Label: "random start", look: house.Look{Color: house.Black, Shape: house.Cross}},
}

// neutral are the shapes, in grey, of estimators that the figure has no look for.
var neutral = []draw.GlyphDrawer{house.Diamond, house.TriangleDown, house.Circle}

// A comparison is what the figure shows.
type comparison struct {
	Loss, Method, Level string
	Shown               []estimator // those above, and after them others
	means               []estimate
	Largest             int64   // N of the estimates with intervals
	Smaller             []int64 // of the pale ones
	Least, Most         int64   // instances that an estimate of the largest N is the mean of
	RateSize            int64   // N of the rates of recovery
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	c, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	overlap := c.estimatePanel()
	rate := c.ratePanel(overlap.X.Max - overlap.X.Min)
	most, _ := rate.Spans() // of data at other α than the estimates
	if !rate.Keyed() {
		rate.None("none: no descent was resolved")
		most = house.Span{Lo: overlap.X.Min, Hi: overlap.X.Max}
	}
	pad := house.Margin * (most.Hi - most.Lo)
	rate.X.Min, rate.X.Max = min(overlap.X.Min, most.Lo-pad), max(overlap.X.Max, most.Hi+pad)
	return house.Drawing{Width: house.DoubleColumn, Height: 7 * vg.Centimeter,
		Draw: house.Grid{Panels: [][]*house.Panel{{overlap, rate}}}.Draw}.
		Described(words, c, c.quantities())
}

func read(in pipeline.Inputs) (*comparison, error) {
	rows, err := inputs.Read[spectralRow](in, "spectral")
	sizes, level, err2 := inputs.ReadIntervals[recovery.Curve](in, "finitesize")
	theory, err3 := inputs.Read[spectralTheory](in, "theory-outlier")
	about, err4 := inputs.OneOf(sizes, "loss", recovery.Curve.About)
	method, err5 := inputs.OneOf(sizes, "method of descent", func(r recovery.Curve) string { return r.Method })
	if err := cmp.Or(err, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if m := (inputs.Loss{Name: r.Row.Loss, A: r.Row.A}); r.Row.Loss != "" && m != about {
			return nil, fmt.Errorf("%s is for the %s, but %s for the %s; leave one of them out of the figure's inputs",
				r.Stage, m, sizes[0].Stage, about)
		}
	}
	c := &comparison{Loss: about.Words(), Method: inputs.MethodWords(method), Level: level, means: estimates(rows)}
	c.Largest, c.Least = c.means[len(c.means)-1].N, math.MaxInt64
	for _, m := range c.means {
		if n := int64(len(m.q2)); m.N == c.Largest {
			c.Least, c.Most = min(c.Least, n), max(c.Most, n)
		} else if !slices.Contains(c.Smaller, m.N) {
			c.Smaller = append(c.Smaller, m.N)
		}
	}
	c.RateSize = commonSize(sizes)
	c.Shown = withOthers(c.means, sizes)
	for i := range c.Shown {
		if err := c.Shown[i].take(theory, sizes, about, c.RateSize); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// withOthers are the estimators and after them those of the inputs that the figure has no
// look for, sorted by name, which are shown by their names and without theory.
func withOthers(means []estimate, sizes []inputs.From[recovery.Curve]) []estimator {
	var names []string
	for _, m := range means {
		names = append(names, m.estimator)
	}
	for _, s := range sizes {
		names = append(names, s.Row.From)
	}
	slices.Sort(names)
	shown := slices.Clone(estimators)
	for _, name := range slices.Compact(names) {
		if slices.ContainsFunc(estimators, func(e estimator) bool { return e.name == name }) {
			continue
		}
		look := house.Look{Color: house.Grey, Shape: neutral[(len(shown)-len(estimators))%len(neutral)]}
		shown = append(shown, estimator{name: name, Label: name, look: look, dashes: house.Dashed, Unknown: true})
	}
	return shown
}

// take finds the theory of an estimator, and the recovery from it at N = n.
func (e *estimator) take(theory []inputs.From[spectralTheory], sizes []inputs.From[recovery.Curve], about inputs.Loss,
	n int64) error {
	for _, t := range theory {
		r := t.Row
		if e.at == "" || r.At != e.at || e.at != "optimal" && (inputs.Loss{Name: r.Loss, A: r.A}) != about {
			continue
		}
		if len(r.Q2) != len(r.Alphas) || len(r.Outlier) != len(r.Alphas) {
			return fmt.Errorf("%s has %d values of alpha, %d of q2 and %d of outlier", t.Stage, len(r.Alphas),
				len(r.Q2), len(r.Outlier))
		}
		e.theory, e.Onset = &r, e.onset(r)
		break
	}
	for _, s := range sizes {
		if s.Row.N == n && s.Row.From == e.name {
			e.curve = &s.Row
			e.Half = s.Row.Half("alpha50-"+e.name, fmt.Sprintf("$α_{50}$ from %s, $N = %d$", e.Label, n))
			break
		}
	}
	return nil
}

// onset is the α from which an estimator has an overlap in theory.
func (e *estimator) onset(r spectralTheory) house.Quantity {
	name := "alpha-bbp-" + e.at
	text := "$α$ from which the estimator \\it{" + e.Label + "} has an overlap in theory, between two values computed"
	switch k := slices.Index(r.Outlier, true); {
	case k < 0:
		return house.None(name, text, "it has none at any $α$ computed")
	case k == 0:
		return house.None(name, text, "it has one from the least $α$ computed")
	default:
		return house.Estimate(name, text, (r.Alphas[k-1]+r.Alphas[k])/2, r.Alphas[k-1], r.Alphas[k])
	}
}

// An estimate is q² of one estimator at one size: of each instance the mean over its starts.
type estimate struct {
	estimator string
	inputs.Size
	asked float64 // α of paper.toml
	q2    []float64
}

// estimates are in ascending order of N and then α.
func estimates(rows []inputs.From[spectralRow]) (out []estimate) {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b inputs.From[spectralRow]) int {
		return cmp.Or(cmp.Compare(a.Row.N, b.Row.N), cmp.Compare(a.Row.M, b.Row.M),
			cmp.Compare(a.Row.Estimator, b.Row.Estimator))
	})
	for i := 0; i < len(sorted); {
		r := sorted[i].Row
		e := estimate{estimator: r.Estimator, Size: inputs.Size{N: r.N, M: r.M}, asked: r.AlphaAsked}
		var seeds []int64
		var q2 []float64
		for ; i < len(sorted) && sorted[i].Row.Estimator == e.estimator && sorted[i].Row.N == e.N &&
			sorted[i].Row.M == e.M; i++ {
			seeds, q2 = append(seeds, sorted[i].Row.Seed), append(q2, sorted[i].Row.Q2)
		}
		e.q2 = sample.PerInstance(seeds, q2)
		out = append(out, e)
	}
	return out
}

// commonSize is the N with most kinds of start, and of such the largest.
func commonSize(sizes []inputs.From[recovery.Curve]) (best int64) {
	starts := make(map[int64]int)
	for _, s := range sizes {
		starts[s.Row.N]++
	}
	for n, count := range starts {
		if count > starts[best] || count == starts[best] && n > best {
			best = n
		}
	}
	return best
}

// of gives the estimates of an estimator: those of the largest N apart.
func (c *comparison) of(e estimator) (largest, smaller []estimate) {
	for _, m := range c.means {
		switch {
		case m.estimator != e.name:
		case m.N == c.Largest:
			largest = append(largest, m)
		default:
			smaller = append(smaller, m)
		}
	}
	return largest, smaller
}

// estimatePanel has the largest N dark with intervals, and smaller ones pale behind it.
func (c *comparison) estimatePanel() *house.Panel {
	p := house.NewPanel("$α$", "overlap with the signal, $q^2$")
	p.Title.Text = fmt.Sprintf("$N = %d$", c.Largest)
	p.Y.Min, p.Y.Max = 0, 1
	lo, hi := math.Inf(1), 0.0
	for _, m := range c.means {
		lo, hi = min(lo, m.Alpha()), max(hi, m.Alpha())
	}
	p.X.Min, p.X.Max = lo-house.Margin*(hi-lo), hi+house.Margin*(hi-lo)
	for _, e := range c.Shown {
		line := house.Curve{Style: house.Line(e.look.Color, e.dashes...)}
		if e.theory != nil {
			line.X, line.Y = e.theory.Alphas, e.theory.Q2
		}
		largest, smaller := c.of(e)
		pale := house.Points{Look: house.Look{Color: house.Fade(e.look.Color, 0.35), Shape: e.look.Shape}}
		for _, m := range smaller {
			mean, _ := sample.MeanError(m.q2)
			pale.X, pale.Y = append(pale.X, m.Alpha()), append(pale.Y, mean)
		}
		dark := house.Points{Look: e.look}
		for _, m := range largest {
			mean, se := sample.MeanError(m.q2)
			dark.AddPoint(m.Alpha(), mean, mean-2*se, mean+2*se)
		}
		p.Add(pale)
		if len(largest) > 0 || e.theory != nil {
			p.AddKeyed(e.Label, line, dark)
		}
	}
	return p
}

// ratePanel moves the marks of one α apart, since many are on each other.
func (c *comparison) ratePanel(wide float64) *house.Panel {
	p := house.NewPanel("$α$", "$P$(recovered)")
	p.Title.Text = fmt.Sprintf("$N = %d$", c.RateSize)
	p.Y.Min, p.Y.Max = -0.03, 1.03
	for k, e := range c.Shown {
		if e.curve == nil || !e.curve.Resolved() {
			continue
		}
		fit := house.Curve{Style: house.Thin(e.look.Color, e.dashes...)}
		if points := e.curve.Points; e.curve.Fitted() {
			fit = e.curve.Fit(points[0].Alpha, points[len(points)-1].Alpha, 200, fit.Style)
		}
		p.AddKeyed(e.Label, fit, e.curve.Marks(e.look, 0.009*wide*float64(k-2)))
	}
	return p
}

func (c *comparison) quantities() (out []house.Quantity) {
	for _, e := range c.Shown {
		if e.theory != nil {
			out = append(out, e.Onset)
		}
		largest, _ := c.of(e)
		for _, m := range largest {
			errors := "± 2 standard errors"
			if len(m.q2) == 1 {
				errors = "whose error is unknown"
			}
			text := fmt.Sprintf("mean $q^2$ of the estimator \\it{%s} at $α = %s$, $N = %d$, %s, %s",
				e.Label, label.Number(m.asked), m.N, label.Plural(int64(len(m.q2)), "instance"), errors)
			out = append(out, house.Mean("q2-"+e.name+"-alpha="+house.NumberName(m.asked), text, m.q2, 2))
		}
	}
	for _, e := range c.Shown {
		if e.curve != nil {
			out = append(out, e.Half)
		}
	}
	return out
}
