//pipeline:variant figure=spectral

package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"zerotohero/pipeline"
)

func init() {
	register("spectral", figure{
		doc:   "spectral estimates of the signal, and recovery from them and from random starts",
		needs: []string{"spectral", "theory-outlier", "finitesize"},
		draw:  drawSpectral,
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

type startRow struct {
	N          int64        `arrow:"n"`
	Loss       string       `arrow:"loss"`
	A          float64      `arrow:"a"`
	Method     string       `arrow:"method"`
	From       string       `arrow:"from"`
	Points     []startPoint `arrow:"points"`
	Identified bool         `arrow:"identified"`
	Alpha50    float64      `arrow:"alpha50"`
	Alpha50Lo  float64      `arrow:"alpha50_lo"`
	Alpha50Hi  float64      `arrow:"alpha50_hi"`
	Width      float64      `arrow:"width"`
}

type startPoint struct {
	Alpha  float64 `arrow:"alpha"`
	Trials int64   `arrow:"trials"`
	P      float64 `arrow:"p"`
	Lo     float64 `arrow:"lo"`
	Hi     float64 `arrow:"hi"`
}

// An estimator is a way to start, with the place of its theory.
type estimator struct {
	name, at, label string
	look            Look
	dashes          []vg.Length
}

var estimators = []estimator{
	{"optimal", "optimal", "optimal", Look{Green, Triangle}, nil},
	{"averaged", "averaged", "averaged Hessian", Look{Vermillion, Square}, Dashed},
	{"hessian", "init", "Hessian", Look{Blue, Disc}, nil},
	{"", "wide", "wide student", Look{Purple, nil}, Dotted},
	{"random", "", "random start", Look{Black, Cross}, nil},
}

func drawSpectral(in pipeline.Inputs) (Drawing, error) {
	rows, err := read[spectralRow](in, "spectral")
	if err != nil {
		return Drawing{}, err
	}
	sizes, err := read[startRow](in, "finitesize")
	if err != nil {
		return Drawing{}, err
	}
	theory, err := read[spectralTheory](in, "theory-outlier")
	if err != nil {
		return Drawing{}, err
	}
	about, err := oneOf(sizes, "loss", func(r startRow) model { return model{r.Loss, r.A} })
	if err != nil {
		return Drawing{}, err
	}
	if _, err := oneOf(sizes, "method of descent", func(r startRow) string { return r.Method }); err != nil {
		return Drawing{}, err
	}
	level, err := confidence(in.Of("finitesize"))
	if err != nil {
		return Drawing{}, err
	}
	for _, r := range rows {
		if m := (model{r.Row.Loss, r.Row.A}); r.Row.Loss != "" && m != about {
			return Drawing{}, fmt.Errorf("%s is for the %s, but %s for the %s; leave one of them out of the figure's inputs", r.Stage, m, sizes[0].Stage, about)
		}
	}

	means := estimates(rows)
	overlap, numbers, err := estimatePanel(means, theory, about)
	if err != nil {
		return Drawing{}, err
	}
	size := commonSize(sizes)
	rate, fits, missing := ratePanel(sizes, size, overlap.X.Max-overlap.X.Min)
	if len(rate.entries) == 0 {
		return Drawing{}, fmt.Errorf("%s and the others have no resolved descent of N = %d from a start that the figure knows; give those descents a larger budget", sizes[0].Stage, size)
	}
	most, _ := rate.spans() // of data at other α than the estimates
	rate.X.Min, rate.X.Max = min(overlap.X.Min, most.lo-margin*(most.hi-most.lo)), max(overlap.X.Max, most.hi+margin*(most.hi-most.lo))
	numbers = append(numbers, fits...)
	return Drawing{Width: DoubleColumn, Height: 7 * vg.Centimeter, Draw: Grid{Panels: [][]*Panel{{overlap, rate}}}.Draw,
		Caption: spectralCaption(about, means, sizes, level, size, missing, numbers), Numbers: numbers}, nil
}

// An estimate is q² of one estimator at one size: of each instance the mean over its starts.
type estimate struct {
	estimator string
	dims
	q2 []float64
}

// estimates are in ascending order of N and then α.
func estimates(rows []from[spectralRow]) (out []estimate) {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b from[spectralRow]) int {
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
		if last < 0 || out[last].dims != (dims{r.N, r.M}) || out[last].estimator != r.Estimator {
			out = append(out, estimate{estimator: r.Estimator, dims: dims{r.N, r.M}})
			last++
		}
		mean, _ := meanError(starts)
		out[last].q2 = append(out[last].q2, mean)
	}
	return out
}

// estimatePanel has the largest N dark with intervals, and smaller ones pale behind it.
func estimatePanel(means []estimate, theory []from[spectralTheory], about model) (*Panel, []Quantity, error) {
	p := NewPanel("$α$", "overlap with the signal, $q^2$")
	p.Y.Min, p.Y.Max = 0, 1
	var numbers []Quantity
	largest := means[len(means)-1].n
	lo, hi := math.Inf(1), 0.0
	for _, m := range means {
		lo, hi = min(lo, m.alpha()), max(hi, m.alpha())
	}
	p.X.Min, p.X.Max = lo-margin*(hi-lo), hi+margin*(hi-lo)
	for _, e := range estimators {
		line := Curve{Style: Line(e.look.Color, e.dashes...)}
		known := false
		for _, t := range theory {
			if r := t.Row; e.at != "" && r.At == e.at && (e.at == "optimal" || (model{r.Loss, r.A}) == about) {
				if len(r.Q2) != len(r.Alphas) || len(r.Outlier) != len(r.Alphas) {
					return nil, nil, fmt.Errorf("%s has %d values of alpha, %d of q2 and %d of outlier", t.Stage, len(r.Alphas), len(r.Q2), len(r.Outlier))
				}
				line.X, line.Y, known = r.Alphas, r.Q2, true
				if k := slices.Index(r.Outlier, true); k > 0 {
					numbers = append(numbers, Estimate("alpha-bbp-"+e.at, "$α$ from which the estimator \\it{"+e.label+"} has an overlap in theory, between two values computed",
						(r.Alphas[k-1]+r.Alphas[k])/2, r.Alphas[k-1], r.Alphas[k]))
				}
				break
			}
		}
		pale, dark := Points{Look: Look{Fade(e.look.Color, 0.35), e.look.Shape}}, Points{Look: e.look}
		for _, m := range means {
			if m.estimator != e.name {
				continue
			}
			mean, se := meanError(m.q2)
			if m.n != largest {
				pale.X, pale.Y = append(pale.X, m.alpha()), append(pale.Y, mean)
				continue
			}
			dark.X, dark.Y = append(dark.X, m.alpha()), append(dark.Y, mean)
			dark.Lo, dark.Hi = append(dark.Lo, mean-2*se), append(dark.Hi, mean+2*se)
			numbers = append(numbers, Estimate(fmt.Sprintf("q2-%s-alpha=%s", e.name, numberName(m.alpha())),
				fmt.Sprintf("mean $q^2$ of the estimator \\it{%s} at $α = %s$, $N = %d$, %s, ± 2 standard errors", e.label, Number(m.alpha()), m.n, plural(int64(len(m.q2)), "instance")), mean, mean-2*se, mean+2*se))
		}
		p.Add(pale)
		if len(dark.X) > 0 || known {
			p.AddKeyed(e.label, line, dark)
		}
	}
	p.Title.Text = fmt.Sprintf("$N = %d$", largest)
	return p, numbers, nil
}

// commonSize is the N with most kinds of start, and of such the largest.
func commonSize(sizes []from[startRow]) (best int64) {
	starts := make(map[int64]int)
	for _, s := range sizes {
		starts[s.Row.N]++
	}
	for _, s := range sizes {
		if n := s.Row.N; best == 0 || starts[n] > starts[best] || starts[n] == starts[best] && n > best {
			best = n
		}
	}
	return best
}

// ratePanel moves the marks of one α apart, since many are on each other.
func ratePanel(sizes []from[startRow], n int64, wide float64) (p *Panel, numbers []Quantity, missing []string) {
	apart := 0.009 * wide
	p = NewPanel("$α$", "$P$(recovered)")
	p.Title.Text = fmt.Sprintf("$N = %d$", n)
	p.Y.Min, p.Y.Max = -0.03, 1.03
	for k, e := range estimators {
		i := slices.IndexFunc(sizes, func(s from[startRow]) bool { return s.Row.N == n && s.Row.From == e.name })
		if i < 0 {
			continue
		}
		r := sizes[i].Row
		pts := Points{Look: e.look}
		for _, q := range r.Points {
			if q.Trials > 0 {
				pts.X, pts.Y = append(pts.X, q.Alpha+apart*float64(k-2)), append(pts.Y, q.P)
				pts.Lo, pts.Hi = append(pts.Lo, q.Lo), append(pts.Hi, q.Hi)
			}
		}
		if len(pts.X) == 0 {
			continue
		}
		fit := Curve{Style: Thin(e.look.Color, e.dashes...)}
		if r.Identified && r.Width > 0 {
			fit = Function(func(alpha float64) float64 { return 1 / (1 + exp(-(alpha-r.Alpha50)/r.Width)) },
				r.Points[0].Alpha, r.Points[len(r.Points)-1].Alpha, 200, fit.Style)
			numbers = append(numbers, Estimate("alpha50-"+e.name, fmt.Sprintf("$α_{50}$ from %s, $N = %d$", e.label, n), r.Alpha50, r.Alpha50Lo, r.Alpha50Hi))
		} else {
			missing = append(missing, e.label)
		}
		p.AddKeyed(e.label, fit, pts)
	}
	return p, numbers, missing
}

func spectralCaption(about model, means []estimate, sizes []from[startRow], level string, size int64, missing []string, numbers []Quantity) string {
	var b strings.Builder
	largest := means[len(means)-1].n
	least, most := int64(math.MaxInt64), int64(0)
	var smaller, half []string
	for _, m := range means {
		if m.n == largest {
			least, most = min(least, int64(len(m.q2))), max(most, int64(len(m.q2)))
		} else if s := fmt.Sprint(m.n); !slices.Contains(smaller, s) {
			smaller = append(smaller, s)
		}
	}
	fmt.Fprintf(&b, "Spectral estimates of the signal, for %s: the eigenvector of the lowest eigenvalue of the Hessian at a random point, of its average over students, and of the optimal matrix. ", about.words())
	fmt.Fprintf(&b, "Left: squared overlap $q^2$ with the signal (of the Hessian's, with the part orthogonal to the random point), mean over %s instances of $N = %d$ with two standard errors", fromTo(least, most), largest)
	if len(smaller) > 0 {
		fmt.Fprintf(&b, "; pale, $N = $%s", listed(smaller...))
	}
	b.WriteString(". Curves: theory for $N → ∞$, also of the limit of wide students where it is given. ")
	fmt.Fprintf(&b, "Right: share of descents that recover, by %s at $N = %d$ from these estimates and from random starts, with %sWilson intervals (marks at one $α$ are moved apart), and logistic curves fitted by maximum likelihood. ", methodWords(sizes[0].Row.Method), size, level)
	for _, q := range numbers {
		if name, ok := strings.CutPrefix(q.Name, "alpha50-"); ok {
			k := slices.IndexFunc(estimators, func(e estimator) bool { return e.name == name })
			half = append(half, q.String()+" ("+estimators[k].label+")")
		}
	}
	if len(half) > 0 {
		fmt.Fprintf(&b, "Half recover at $α_{50}$ = %s, with %sbootstrap intervals. ", listed(half...), level)
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "The data do not determine a curve for %s.", listed(missing...))
	}
	return strings.TrimSpace(b.String())
}
