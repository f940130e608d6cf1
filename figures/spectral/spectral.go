// Package spectral is the figure spectral: spectral estimates of the signal, and
// recovery from them and from random starts.
package spectral

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
	"zerotohero/figures/recovery"
	"zerotohero/figures/sample"
	"zerotohero/pipeline"
)

func init() {
	pipeline.Register("spectral", "spectral estimates of the signal, and recovery from them and from random starts", func(params) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.Reads[spectralRow]("spectral"),
				pipeline.Reads[spectralTheory]("theory-outlier"),
				pipeline.ReadsWith[recovery.Curve, inputs.Level]("finitesize"),
			},
			Draw: figure,
		}, nil
	})
}

type spectralRow struct {
	Seed      int64   `arrow:"seed"`
	Start     int64   `arrow:"start"`
	N         int64   `arrow:"n"`
	M         int64   `arrow:"m"`
	Loss      string  `arrow:"loss"`
	A         float64 `arrow:"a"`
	Estimator string  `arrow:"estimator"`
	Q2        float64 `arrow:"q2"`
}

type spectralTheory struct {
	At      string    `arrow:"at"`
	Loss    string    `arrow:"loss"`
	A       float64   `arrow:"a"`
	Alphas  []float64 `arrow:"alphas"`
	Outlier []bool    `arrow:"outlier"`
	Q2      []float64 `arrow:"q2"`
}

// An estimator is a way to start, with the place of its theory.
type estimator struct {
	name, at, label string
	look            house.Look
	dashes          []vg.Length
}

var estimators = []estimator{
	{"optimal", "optimal", "optimal", house.Look{Color: house.Green, Shape: house.Triangle}, nil},
	{"averaged", "averaged", "averaged Hessian", house.Look{Color: house.Vermillion, Shape: house.Square}, house.Dashed},
	{"hessian", "init", "Hessian", house.Look{Color: house.Blue, Shape: house.Disc}, nil},
	{"", "wide", "wide student", house.Look{Color: house.Purple, Shape: nil}, house.Dotted},
	{"random", "", "random start", house.Look{Color: house.Black, Shape: house.Cross}, nil},
}

// neutral are the shapes, in grey, of estimators that the figure has no look for.
var neutral = []draw.GlyphDrawer{house.Diamond, house.TriangleDown, house.Circle}

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
		shape := neutral[(len(shown)-len(estimators))%len(neutral)]
		shown = append(shown, estimator{name, "", name, house.Look{Color: house.Grey, Shape: shape}, house.Dashed})
	}
	return shown
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	rows, err := inputs.Read[spectralRow](in, "spectral")
	if err != nil {
		return house.Drawing{}, err
	}
	sizes, level, err := inputs.ReadIntervals[recovery.Curve](in, "finitesize")
	if err != nil {
		return house.Drawing{}, err
	}
	theory, err := inputs.Read[spectralTheory](in, "theory-outlier")
	if err != nil {
		return house.Drawing{}, err
	}
	about, err := inputs.OneOf(sizes, "loss", recovery.Curve.About)
	if err != nil {
		return house.Drawing{}, err
	}
	if _, err := inputs.OneOf(sizes, "method of descent", func(r recovery.Curve) string { return r.Method }); err != nil {
		return house.Drawing{}, err
	}
	for _, r := range rows {
		if m := (inputs.Loss{Name: r.Row.Loss, A: r.Row.A}); r.Row.Loss != "" && m != about {
			return house.Drawing{}, fmt.Errorf("%s is for the %s, but %s for the %s; leave one of them out of the figure's inputs", r.Stage, m, sizes[0].Stage, about)
		}
	}

	means := estimates(rows)
	shown := withOthers(means, sizes)
	overlap, numbers, err := estimatePanel(shown, means, theory, about)
	if err != nil {
		return house.Drawing{}, err
	}
	var all []int64
	for _, s := range sizes {
		all = append(all, s.Row.N)
	}
	size := commonSize(all)
	rate, fits, missing := ratePanel(shown, sizes, size, overlap.X.Max-overlap.X.Min)
	most, _ := rate.Spans() // of data at other α than the estimates
	if !rate.Keyed() {
		rate.None("none: no descent was resolved")
		most = house.Span{Lo: overlap.X.Min, Hi: overlap.X.Max}
	}
	rate.X.Min, rate.X.Max = min(overlap.X.Min, most.Lo-house.Margin*(most.Hi-most.Lo)), max(overlap.X.Max, most.Hi+house.Margin*(most.Hi-most.Lo))
	numbers = append(numbers, fits...)
	return house.Drawing{Width: house.DoubleColumn, Height: 7 * vg.Centimeter, Draw: house.Grid{Panels: [][]*house.Panel{{overlap, rate}}}.Draw,
		Caption: caption(shown, about, means, sizes, level, size, missing, numbers), Numbers: numbers}, nil
}

// An estimate is q² of one estimator at one size: of each instance the mean over its starts.
type estimate struct {
	estimator string
	inputs.Size
	q2 []float64
}

// estimates are in ascending order of N and then α.
func estimates(rows []inputs.From[spectralRow]) (out []estimate) {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b inputs.From[spectralRow]) int {
		return cmp.Or(cmp.Compare(a.Row.N, b.Row.N), cmp.Compare(a.Row.M, b.Row.M), cmp.Compare(a.Row.Estimator, b.Row.Estimator), cmp.Compare(a.Row.Seed, b.Row.Seed))
	})
	for i := 0; i < len(sorted); {
		r := sorted[i].Row
		var starts []float64
		for ; i < len(sorted); i++ {
			if n := sorted[i].Row; n.N != r.N || n.M != r.M || n.Estimator != r.Estimator || n.Seed != r.Seed {
				break
			}
			starts = append(starts, sorted[i].Row.Q2)
		}
		last := len(out) - 1
		if last < 0 || out[last].Size != (inputs.Size{N: r.N, M: r.M}) || out[last].estimator != r.Estimator {
			out = append(out, estimate{estimator: r.Estimator, Size: inputs.Size{N: r.N, M: r.M}})
			last++
		}
		mean, _ := sample.MeanError(starts)
		out[last].q2 = append(out[last].q2, mean)
	}
	return out
}

// estimatePanel has the largest N dark with intervals, and smaller ones pale behind it.
func estimatePanel(shown []estimator, means []estimate, theory []inputs.From[spectralTheory], about inputs.Loss) (*house.Panel, []house.Quantity, error) {
	p := house.NewPanel("$α$", "overlap with the signal, $q^2$")
	p.Y.Min, p.Y.Max = 0, 1
	var numbers []house.Quantity
	largest := means[len(means)-1].N
	lo, hi := math.Inf(1), 0.0
	for _, m := range means {
		lo, hi = min(lo, m.Alpha()), max(hi, m.Alpha())
	}
	p.X.Min, p.X.Max = lo-house.Margin*(hi-lo), hi+house.Margin*(hi-lo)
	for _, e := range shown {
		line := house.Curve{Style: house.Line(e.look.Color, e.dashes...)}
		known := false
		for _, t := range theory {
			if r := t.Row; e.at != "" && r.At == e.at && (e.at == "optimal" || (inputs.Loss{Name: r.Loss, A: r.A}) == about) {
				if len(r.Q2) != len(r.Alphas) || len(r.Outlier) != len(r.Alphas) {
					return nil, nil, fmt.Errorf("%s has %d values of alpha, %d of q2 and %d of outlier", t.Stage, len(r.Alphas), len(r.Q2), len(r.Outlier))
				}
				line.X, line.Y, known = r.Alphas, r.Q2, true
				numbers = append(numbers, e.onset(r))
				break
			}
		}
		pale, dark := house.Points{Look: house.Look{Color: house.Fade(e.look.Color, 0.35), Shape: e.look.Shape}}, house.Points{Look: e.look}
		for _, m := range means {
			if m.estimator != e.name {
				continue
			}
			mean, se := sample.MeanError(m.q2)
			if m.N != largest {
				pale.X, pale.Y = append(pale.X, m.Alpha()), append(pale.Y, mean)
				continue
			}
			dark.X, dark.Y = append(dark.X, m.Alpha()), append(dark.Y, mean)
			dark.Lo, dark.Hi = append(dark.Lo, mean-2*se), append(dark.Hi, mean+2*se)
			errors := ", ± 2 standard errors"
			if len(m.q2) == 1 {
				errors = ", whose error is unknown"
			}
			numbers = append(numbers, house.Mean(fmt.Sprintf("q2-%s-alpha=%s", e.name, house.NumberName(m.Alpha())),
				fmt.Sprintf("mean $q^2$ of the estimator \\it{%s} at $α = %s$, $N = %d$, %s", e.label, label.Number(m.Alpha()), m.N, label.Plural(int64(len(m.q2)), "instance"))+errors, m.q2, 2))
		}
		p.Add(pale)
		if len(dark.X) > 0 || known {
			p.AddKeyed(e.label, line, dark)
		}
	}
	p.Title.Text = fmt.Sprintf("$N = %d$", largest)
	return p, numbers, nil
}

// onset is the α from which an estimator has an overlap in theory.
func (e estimator) onset(r spectralTheory) house.Quantity {
	name, text := "alpha-bbp-"+e.at, "$α$ from which the estimator \\it{"+e.label+"} has an overlap in theory, between two values computed"
	switch k := slices.Index(r.Outlier, true); {
	case k < 0:
		return house.None(name, text, "it has none at any $α$ computed")
	case k == 0:
		return house.None(name, text, "it has one from the least $α$ computed")
	default:
		return house.Estimate(name, text, (r.Alphas[k-1]+r.Alphas[k])/2, r.Alphas[k-1], r.Alphas[k])
	}
}

// commonSize is the N with most kinds of start, and of such the largest.
func commonSize(sizes []int64) (best int64) {
	starts := make(map[int64]int)
	for _, n := range sizes {
		starts[n]++
	}
	for _, n := range sizes {
		if best == 0 || starts[n] > starts[best] || starts[n] == starts[best] && n > best {
			best = n
		}
	}
	return best
}

// ratePanel moves the marks of one α apart, since many are on each other.
func ratePanel(shown []estimator, sizes []inputs.From[recovery.Curve], n int64, wide float64) (p *house.Panel, numbers []house.Quantity, missing []string) {
	apart := 0.009 * wide
	p = house.NewPanel("$α$", "$P$(recovered)")
	p.Title.Text = fmt.Sprintf("$N = %d$", n)
	p.Y.Min, p.Y.Max = -0.03, 1.03
	for k, e := range shown {
		i := slices.IndexFunc(sizes, func(s inputs.From[recovery.Curve]) bool { return s.Row.N == n && s.Row.From == e.name })
		if i < 0 {
			continue
		}
		r := sizes[i].Row
		pts := r.Marks(e.look, apart*float64(k-2))
		if !r.Identified {
			missing = append(missing, e.label)
		}
		numbers = append(numbers, r.Half("alpha50-"+e.name, fmt.Sprintf("$α_{50}$ from %s, $N = %d$", e.label, n)))
		if len(pts.X) == 0 {
			continue
		}
		fit := house.Curve{Style: house.Thin(e.look.Color, e.dashes...)}
		if r.Fitted() {
			fit = r.Fit(r.Points[0].Alpha, r.Points[len(r.Points)-1].Alpha, 200, fit.Style)
		}
		p.AddKeyed(e.label, fit, pts)
	}
	return p, numbers, missing
}

func caption(shown []estimator, about inputs.Loss, means []estimate, sizes []inputs.From[recovery.Curve], level string, size int64, missing []string, numbers []house.Quantity) string {
	var b strings.Builder
	largest := means[len(means)-1].N
	least, most := int64(math.MaxInt64), int64(0)
	var smaller, half []string
	for _, m := range means {
		if m.N == largest {
			least, most = min(least, int64(len(m.q2))), max(most, int64(len(m.q2)))
		} else if s := fmt.Sprint(m.N); !slices.Contains(smaller, s) {
			smaller = append(smaller, s)
		}
	}
	fmt.Fprintf(&b, "Spectral estimates of the signal, for %s: the eigenvector of the lowest eigenvalue of the Hessian at a random point, of its average over students, and of the optimal matrix", about.Words())
	for _, e := range shown[len(estimators):] {
		fmt.Fprintf(&b, "; and the estimate \\it{%s}", e.label)
	}
	b.WriteString(". ")
	fmt.Fprintf(&b, "Left: squared overlap $q^2$ with the signal (of the Hessian's, with the part orthogonal to the random point), mean over %s instances of $N = %d$ with two standard errors", label.Range(least, most), largest)
	if len(smaller) > 0 {
		fmt.Fprintf(&b, "; pale, $N = $%s", label.List(smaller...))
	}
	b.WriteString(". Curves: theory for $N → ∞$, also of the limit of wide students where it is given. ")
	fmt.Fprintf(&b, "Right: share of descents that recover, by %s at $N = %d$ from these estimates and from random starts, with %sWilson intervals (marks at one $α$ are moved apart), and logistic curves fitted by maximum likelihood. ", inputs.MethodWords(sizes[0].Row.Method), size, level)
	for _, q := range numbers {
		if name, ok := strings.CutPrefix(q.Name, "alpha50-"); ok && q.None == "" {
			k := slices.IndexFunc(shown, func(e estimator) bool { return e.name == name })
			half = append(half, q.String()+" ("+shown[k].label+")")
		}
	}
	if len(half) > 0 {
		fmt.Fprintf(&b, "Half recover at $α_{50}$ = %s, with %sbootstrap intervals. ", label.List(half...), level)
	}
	if len(half) == 0 {
		b.WriteString("Half recover at $α_{50}$: none. ")
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "The data do not determine a curve for %s.", label.List(missing...))
	}
	return strings.TrimSpace(b.String())
}
