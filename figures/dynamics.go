//pipeline:variant figure=dynamics

package figures

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/pipeline"
)

func init() {
	register("dynamics", figure{
		doc:   "softest direction and overlap in time, measured and from the null model",
		needs: []string{"descent", "hessian", "dynamics"},
		draw:  drawDynamics,
	})
}

const (
	courseSteps = 60 // times at which the overlaps of traces are compared
	fewest      = 3  // descents of an outcome to show quartiles of
)

// A course is a column of the figure: descents at one α, and the null model's.
type course struct {
	cohort
	null        courseRow
	first, last float64 // times shown
}

func drawDynamics(in pipeline.Inputs) (Drawing, error) {
	all, level, err := courses(in)
	if err != nil {
		return Drawing{}, err
	}
	g := Grid{Panels: make([][]*Panel, 3), ShareX: true}
	var numbers []Quantity
	for i, c := range all {
		numbers = append(numbers, c.numbers()...)
		edge, q2, overlap := c.edges(), c.alignment(), c.overlaps()
		edge.Title.Text = fmt.Sprintf("$α = %s$", Number(c.alpha()))
		for k, p := range []*Panel{edge, q2, overlap} {
			p.LogX()
			p.X.Min, p.X.Max = c.first, c.last
			p.NoKey = i > 0
			if i > 0 {
				p.Y.Label.Text = ""
			}
			g.Panels[k] = append(g.Panels[k], p)
		}
	}
	width := DoubleColumn
	if len(all) == 1 {
		width = SingleColumn
	}
	return Drawing{Width: width, Height: 13.5 * vg.Centimeter, Draw: g.Draw,
		Caption: dynamicsCaption(all, level, numbers), Numbers: numbers}, nil
}

// courses puts the null model to the descents. An α that only one of the two has is
// left out.
func courses(in pipeline.Inputs) ([]course, string, error) {
	descents, err := cohorts(in)
	if err != nil {
		return nil, "", err
	}
	null, err := read[courseRow](in, "dynamics")
	if err != nil {
		return nil, "", err
	}
	level, err := confidence(in.Of("dynamics"))
	if err != nil {
		return nil, "", err
	}
	about, err := oneOf(null, "loss", func(r courseRow) model { return model{r.Loss, r.A} })
	if err != nil {
		return nil, "", err
	}
	var out []course
	for _, c := range descents {
		if m := (model{c.runs[0].Loss, c.runs[0].A}); m != about {
			return nil, "", fmt.Errorf("%s is for the %s, but %s for the %s; leave one of them out of the figure's inputs", c.stage, m, null[0].Stage, about)
		}
		var match []from[courseRow]
		for _, r := range null {
			if math.Abs(r.Row.Alpha-float64(c.m)/float64(c.n)) <= 0.5/float64(c.n)+0.5/float64(r.Row.N) {
				match = append(match, r)
			}
		}
		if len(match) == 0 {
			continue
		}
		// The largest N is nearest to the limit.
		sort.SliceStable(match, func(i, j int) bool { return match[i].Row.N > match[j].Row.N })
		k := course{cohort: c, null: match[0].Row, first: math.Inf(1)}
		for _, t := range c.times {
			if t > 0 && slices.ContainsFunc(statesAt(c.runs, t), func(s stateRow) bool { return !s.ended() }) {
				k.first, k.last = min(k.first, t), max(k.last, t)
			}
		}
		if !(k.first < k.last) {
			return nil, "", fmt.Errorf("the hessian stages on the descents of %s have less than two positive times that any of these reaches; give them more", c.stage)
		}
		out = append(out, k)
	}
	if len(out) == 0 || len(out) > mostPhases {
		return nil, "", fmt.Errorf("%d values of alpha have inputs of the kinds hessian and dynamics both, such as %s and %s; the figure has room for 1 to %d",
			len(out), descents[0].stage, null[0].Stage, mostPhases)
	}
	for i := range out {
		// One axis for all, so that times can be compared.
		for _, c := range out {
			out[i].first, out[i].last = min(out[i].first, c.first), max(out[i].last, c.last)
		}
	}
	return out, level, nil
}

// series collects quartiles over descents of an outcome against time, as long as at
// least half of them go on.
func (c course) series(outcome string, of func(stateRow) float64) (q quartiles, count int) {
	runs := c.of(outcome)
	for _, t := range c.times {
		if t < c.first {
			continue
		}
		var values []float64
		going := 0
		states := statesAt(runs, t)
		for _, s := range states {
			if !s.ended() {
				going++
			}
			if v := of(s); !math.IsNaN(v) {
				values = append(values, v)
			}
		}
		if len(values) == 0 || 2*going < len(states) {
			break
		}
		q.add(t, values)
	}
	return q, len(runs)
}

// draw adds a median and its quartiles, and an entry of the key even if there are none,
// since one column has the key of all.
func (c course) draw(p *Panel, f fate, q quartiles, count int) {
	if len(q.x) == 0 {
		p.AddKeyed(f.outcome, keyOnly{Curve{Style: Line(f.look.Color, f.dashes...)}})
		return
	}
	if count >= fewest {
		p.Add(Band{q.x, q.lo, q.hi, Fade(f.look.Color, 0.22)})
	}
	p.AddKeyed(f.outcome, Curve{q.x, q.mid, Line(f.look.Color, f.dashes...)})
}

// marked says whether theory loses the outlier at one of the times shown.
func (c course) marked() bool {
	return c.null.Lost && c.null.TBBP >= c.first && c.null.TBBP <= c.last
}

// lost marks the time from which theory has no outlier, with its interval.
func (c course) lost(p *Panel, lo, hi float64) {
	n := c.null
	if !c.marked() {
		return
	}
	a, b := max(n.TBBPLo, c.first), min(n.TBBPHi, c.last)
	if a < b {
		p.Add(Band{[]float64{a, b}, []float64{lo, lo}, []float64{hi, hi}, Fade(Black, 0.12)})
	}
	p.Add(Rule{n.TBBP, Thin(Black, Dashed...)})
}

// theory adds a curve of the null model with its interval.
func (c course) theory(p *Panel, label string, sty draw.LineStyle, of func(courseState) (v, lo, hi float64)) {
	var b Band
	line := Curve{Style: sty}
	for _, s := range c.null.Times {
		v, lo, hi := of(s)
		if s.T < c.first || s.T > c.last || math.IsNaN(v) || math.IsNaN(lo) || math.IsNaN(hi) {
			continue
		}
		b.X, b.Lo, b.Hi = append(b.X, s.T), append(b.Lo, lo), append(b.Hi, hi)
		line.X, line.Y = append(line.X, s.T), append(line.Y, v)
	}
	b.Color = Fade(sty.Color, 0.25)
	p.Add(b)
	p.AddKeyed(label, line)
}

func (c course) edges() *Panel {
	p := NewPanel("time $t$", "lowest eigenvalue")
	for _, f := range fates[:2] {
		q, n := c.series(f.outcome, func(s stateRow) float64 { return s.Eigenvalues[0] })
		c.draw(p, f, q, n)
	}
	c.theory(p, "$λ_-$, null model", Line(Black), func(s courseState) (v, lo, hi float64) { return s.Edge, s.EdgeLo, s.EdgeHi })
	c.theory(p, "$λ^*$, null model", Thin(Green), func(s courseState) (v, lo, hi float64) {
		if s.Q2 == 0 {
			return math.NaN(), 0, 0
		}
		return s.LambdaStar, s.LambdaStarLo, s.LambdaStarHi
	})
	_, all := p.spans()
	p.Y.Min, p.Y.Max = all.lo-margin*(all.hi-all.lo), all.hi+margin*(all.hi-all.lo)
	c.lost(p, p.Y.Min, p.Y.Max)
	return p
}

func (c course) alignment() *Panel {
	p := NewPanel("time $t$", "overlap of its eigenvector, $q^2$")
	p.Y.Min, p.Y.Max = 0, 1
	for _, f := range fates[:2] {
		q, n := c.series(f.outcome, stateRow.softness)
		c.draw(p, f, q, n)
	}
	c.theory(p, "null model", Line(Black), func(s courseState) (v, lo, hi float64) { return s.Q2, s.Q2Lo, s.Q2Hi })
	c.lost(p, 0, 1)
	if c.marked() {
		p.Add(Note{X: c.null.TBBP, Y: 0.97, DX: 3, Text: "$t_{\\rm{BBP}}$", YAlign: draw.YTop})
	}
	return p
}

// overlaps are of the traces, which have more times than the Hessian.
func (c course) overlaps() *Panel {
	p := NewPanel("time $t$", "overlap $m$")
	p.Y.Min, p.Y.Max = 0, 1
	for _, f := range fates[:2] {
		runs := c.of(f.outcome)
		var q quartiles
		for k := range courseSteps {
			t := c.first * pow(c.last/c.first, float64(k)/(courseSteps-1))
			var values []float64
			for _, r := range runs {
				if m := overlapAt(r.Trace, t); !math.IsNaN(m) {
					values = append(values, m)
				}
			}
			if len(values) > 0 {
				q.add(t, values)
			}
		}
		c.draw(p, f, q, len(runs))
	}
	// Of a random direction w·w*/N is normal with variance 1/N.
	chance := math.Sqrt(2 / math.Pi / float64(c.n))
	p.AddKeyed("random direction", Curve{[]float64{c.first, c.last}, []float64{chance, chance}, Thin(Grey, Dotted...)})
	c.lost(p, 0, 1)
	return p
}

func (c course) numbers() []Quantity {
	alpha := numberName(c.alpha())
	at := fmt.Sprintf(" at $α = %s$", Number(c.alpha()))
	var out []Quantity
	if n := c.null; n.Lost {
		out = append(out, Estimate("t-bbp-alpha="+alpha, fmt.Sprintf("$t_{\\rm{BBP}}$, time at which the null model of $N = %d$ loses the direction,%s", n.N, at), n.TBBP, n.TBBPLo, n.TBBPHi))
	}
	if n := c.null; !math.IsNaN(n.W) {
		out = append(out, Estimate("w-alpha="+alpha, "$W = ∫|λ^*|dt$ of the null model"+at, n.W, n.WLo, n.WHi))
	}
	for _, f := range fates[:2] {
		for k, t := range []float64{c.times[0], c.after()} {
			var values []float64
			for _, s := range statesAt(c.of(f.outcome), t) {
				if v := s.softness(); !math.IsNaN(v) {
					values = append(values, v)
				}
			}
			if medianRank(len(values)) > 0 && !math.IsNaN(t) {
				out = append(out, median(fmt.Sprintf("q2-%s-%s-alpha=%s", []string{"start", "after"}[k], f.outcome, alpha),
					fmt.Sprintf("median $q^2$ of the lowest eigenvector at $t = %s$, %s descents of $N = %d$,%s", Number(t), f.outcome, c.n, at), values))
			}
		}
	}
	return out
}

// after is the first time of the Hessian past t_BBP, NaN if there is none.
func (c course) after() float64 {
	for _, t := range c.times {
		if c.null.Lost && t > c.null.TBBP {
			return t
		}
	}
	return math.NaN()
}

func dynamicsCaption(all []course, level string, numbers []Quantity) string {
	var b strings.Builder
	var sizes, nulls, times []string
	for _, c := range all {
		sizes = append(sizes, fmt.Sprintf("$α = %s$ (%d recovered and %d trapped of %d, $N = %d$)", Number(c.alpha()), len(c.of("recovered")), len(c.of("trapped")), len(c.runs), c.n))
		nulls = append(nulls, fmt.Sprintf("%d of $N = %d$", c.null.Runs, c.null.N))
	}
	r := all[0].runs[0]
	fmt.Fprintf(&b, "How the informative direction fades in time, and when descent escapes along it: %s from %s for %s, at %s. ",
		methodWords(r.Method), startWords(r.From), model{r.Loss, r.A}.words(), listed(sizes...))
	b.WriteString("Top: lowest eigenvalue of the Hessian; middle: squared overlap $q^2$ of its eigenvector with the part of the signal orthogonal to the student; bottom: overlap $m$ of the student. " +
		"Coloured curves and bands: median and quartiles over the descents of an outcome, as long as half of them go on; a random direction has a mean overlap of $(2/πN)^{1/2}$. ")
	fmt.Fprintf(&b, "\n\nBlack and green: the null model, whose labels know no signal, as an estimate of $N → ∞$: edge $λ_-$ of the bulk and outlier $λ^*$, from %s descents, with %sbootstrap intervals over instances. ", listed(nulls...), level)
	for _, c := range all {
		q := slices.IndexFunc(numbers, func(q Quantity) bool { return q.Name == "t-bbp-alpha="+numberName(c.alpha()) })
		alpha := Number(c.alpha())
		switch {
		case q < 0:
			fmt.Fprintf(&b, "At $α = %s$ the outlier is never lost. ", alpha)
		case c.null.TBBP < c.first:
			fmt.Fprintf(&b, "At $α = %s$ there is none from before the times shown. ", alpha)
		default:
			times = append(times, numbers[q].String()+" at $α = "+alpha+"$")
		}
	}
	if len(times) > 0 {
		fmt.Fprintf(&b, "Dashed, with its interval in grey: $t_{\\rm{BBP}}$, from which on there is no outlier, %s.", listed(times...))
	}
	return strings.TrimSpace(b.String())
}
