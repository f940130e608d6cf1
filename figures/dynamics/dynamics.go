// Package dynamics is the figure dynamics: the softest direction and the overlap in
// time, measured and from the null model.
package dynamics

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
	"zerotohero/figures/trajectory"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("dynamics", "softest direction and overlap in time, measured and from the null model",
		figures.New[params](figure, pipeline.Reads[trajectory.Descent]("descent"),
			pipeline.Reads[trajectory.State]("hessian"),
			pipeline.ReadsWith[nullRow, inputs.Level]("dynamics")))
}

const (
	overlapTimes = 60 // times at which the overlaps of traces are compared
	maxColumns   = 3  // of the page
	fewest       = 3  // descents of an outcome to show quartiles of
)

// A picture is what the figure shows, for each α.
type picture struct {
	Method, Starts, Loss, Level string
	Columns                     []column
	Smallest                    []int64 // N of the null model shown besides the largest
}

// A column of the figure is for one α: descents at one α, and the null model's.
type column struct {
	trajectory.Ensemble
	Null        nullRow   // of the largest N, which is nearest to the limit
	Smaller     []nullRow // N descending
	TBBP        house.Quantity
	first, last float64 // times shown
}

// NullN is that of the null model, 0 if it is not the same in all columns.
func (p picture) NullN() int64 {
	for _, c := range p.Columns {
		if c.Null.N != p.Columns[0].Null.N {
			return 0
		}
	}
	return p.Columns[0].Null.N
}

// null names the null model of the largest N.
func (p picture) null() string {
	if n := p.NullN(); n > 0 {
		return fmt.Sprintf("null model, $N = %d$", n)
	}
	return "null model, largest $N$"
}

// Label is α in a text.
func (c column) Label() string { return label.Number(c.Asked) }

// Count is how many descents have an outcome.
func (c column) Count(name string) int { return len(c.Of(name)) }

// A nullSize is what the caption says of the null model at a smaller N.
type nullSize struct {
	N    int64
	TBBP house.Quantity
}

// Sizes are the smaller N of the null model.
func (c column) Sizes() (out []nullSize) {
	for _, n := range c.Smaller {
		out = append(out, nullSize{n.N, c.lossOfOutlier(n)})
	}
	return out
}

// Before says that the outlier is lost before the times shown.
func (c column) Before() bool { return c.TBBP.Value < c.first }

func figure(in pipeline.Inputs) (house.Drawing, error) {
	all, level, err := columns(in)
	if err != nil {
		return house.Drawing{}, err
	}
	g := house.Grid{Panels: make([][]*house.Panel, 3), ShareX: true}
	var quantities []house.Quantity
	r := all[0].Runs[0]
	shown := picture{inputs.MethodWords(r.Method), inputs.StartWords(r.From), r.About().Words(), level, all,
		smallest(all)}
	for i, c := range all {
		quantities = append(quantities, c.quantities()...)
		gap, q2, overlap := c.gaps(shown.null(), shown.Smallest), c.alignment(shown.null()), c.overlaps()
		gap.Title.Text = "$α = " + c.Label() + "$"
		if i == 0 {
			gap.Y.Max *= 2.1 // room for the key of the row
		}
		for k, p := range []*house.Panel{gap, q2, overlap} {
			p.LogX()
			p.X.Min, p.X.Max = c.first, c.last
			p.NoKey = i > 0
			if i > 0 {
				p.Y.Label.Text = ""
			}
			g.Panels[k] = append(g.Panels[k], p)
		}
	}
	return house.Drawing{Width: house.WidthFor(len(all)), Height: 13.5 * vg.Centimeter, Draw: g.Draw}.
		Described(words, shown, quantities)
}

// columns puts the null model to the descents. An α that only one of the two has is
// left out.
func columns(in pipeline.Inputs) ([]column, string, error) {
	descents, err := trajectory.Ensembles(in)
	null, level, err2 := inputs.ReadIntervals[nullRow](in, "dynamics")
	about, err3 := inputs.OneOf(null, "loss", func(r nullRow) inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} })
	if err := cmp.Or(err, err2, err3); err != nil {
		return nil, "", err
	}
	var out []column
	for _, c := range descents {
		if m := c.Runs[0].About(); m != about {
			return nil, "", fmt.Errorf("%s is for the %s, but %s for the %s; leave one of them out of the figure's "+
				"inputs", c.Stage, m, null[0].Stage, about)
		}
		var match []inputs.From[nullRow]
		for _, r := range null {
			if matches(c.Size, r.Row.N, r.Row.Alpha) {
				match = append(match, r)
			}
		}
		if len(match) == 0 {
			continue
		}
		slices.SortStableFunc(match, func(a, b inputs.From[nullRow]) int { return cmp.Compare(b.Row.N, a.Row.N) })
		k := column{Ensemble: c, Null: match[0].Row, first: math.Inf(1)}
		for i, r := range match[1:] {
			if before := match[i]; before.Row.N == r.Row.N {
				return nil, "", fmt.Errorf("%s and %s are both of the null model at N = %d, alpha = %g; give the "+
					"figure one of them", before.Stage, r.Stage, r.Row.N, r.Row.Alpha)
			}
			k.Smaller = append(k.Smaller, r.Row)
		}
		for _, t := range c.Times {
			if t > 0 && slices.ContainsFunc(trajectory.StatesAt(c.Runs, t),
				func(s trajectory.State) bool { return !s.Ended() }) {
				k.first, k.last = min(k.first, t), max(k.last, t)
			}
		}
		k.widen()
		k.TBBP = k.lossOfOutlier(k.Null)
		out = append(out, k)
	}
	if len(out) == 0 || len(out) > maxColumns {
		return nil, "", fmt.Errorf("%d values of alpha have inputs of the kinds hessian and dynamics both, such as "+
			"%s and %s; the figure has room for 1 to %d",
			len(out), descents[0].Stage, null[0].Stage, maxColumns)
	}
	for i := range out {
		// One axis for all, so that times can be compared.
		for _, c := range out {
			out[i].first, out[i].last = min(out[i].first, c.first), max(out[i].last, c.last)
		}
	}
	return out, level, nil
}

// matches says whether the null model of N at an α is at that of a size, as far as M can
// be rounded.
func matches(s inputs.Size, n int64, alpha float64) bool {
	return math.Abs(alpha-float64(s.M)/float64(s.N)) <= 0.5/float64(s.N)+0.5/float64(n)
}

// widen gives a range of times to a column whose descents reach one positive time of
// the Hessian or none.
func (c *column) widen() {
	if math.IsInf(c.first, 1) {
		for _, t := range c.Times {
			if t > 0 {
				c.first, c.last = min(c.first, t), max(c.last, t)
			}
		}
	}
	if math.IsInf(c.first, 1) {
		c.first, c.last = 0.1, 10
	}
	if c.first == c.last {
		c.first, c.last = c.first/2, c.last*2
	}
}

// had says whether the null model has an outlier at the first of its times.
func (n nullRow) had() bool { return len(n.Times) > 0 && n.Times[0].Outlier }

// series collects quartiles over descents of an outcome against time, as long as at
// least half of them go on.
func (c column) series(name string, of func(trajectory.State) float64) (q quartiles, count int) {
	runs := c.Of(name)
	for _, t := range c.Times {
		if t < c.first {
			continue
		}
		var values []float64
		going := 0
		states := trajectory.StatesAt(runs, t)
		for _, s := range states {
			if !s.Ended() {
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
func (c column) draw(p *house.Panel, f trajectory.Outcome, q quartiles, count int) {
	if len(q.x) == 0 {
		p.AddKeyed(f.Name, house.KeyOnly{Thumbnailer: house.Curve{Style: house.Line(f.Look.Color, f.Dashes...)}})
		return
	}
	if count >= fewest {
		p.Add(house.Band{X: q.x, Lo: q.lo, Hi: q.hi, Color: house.Fade(f.Look.Color, 0.22)})
	}
	p.AddKeyed(f.Name, house.Curve{X: q.x, Y: q.mid, Style: house.Line(f.Look.Color, f.Dashes...)})
}

// marked says whether theory loses the outlier at one of the times shown.
func (c column) marked() bool {
	return c.Null.had() && c.Null.Lost && c.Null.TBBP >= c.first && c.Null.TBBP <= c.last
}

// lost marks the time from which theory has no outlier, with its interval.
func (c column) lost(p *house.Panel, lo, hi float64) {
	n := c.Null
	if !c.marked() {
		return
	}
	a, b := max(n.TBBPLo, c.first), min(n.TBBPHi, c.last)
	if a < b {
		p.Add(house.Band{X: []float64{a, b}, Lo: []float64{lo, lo}, Hi: []float64{hi, hi},
			Color: house.Fade(house.Black, 0.12)})
	}
	p.Add(house.Rule{X: n.TBBP, Style: house.Thin(house.Black, house.Dashed...)})
}

// theory adds the q² of the null model with its interval.
func (c column) theory(p *house.Panel, null string) {
	b := house.Band{Color: house.Fade(house.Black, 0.25)}
	for _, s := range c.Null.Times {
		if s.T >= c.first && s.T <= c.last && finite(s.Q2, s.Q2Lo, s.Q2Hi) {
			b.X, b.Lo, b.Hi = append(b.X, s.T), append(b.Lo, s.Q2Lo), append(b.Hi, s.Q2Hi)
		}
	}
	p.Add(b)
	p.AddKeyed(null, c.nullCurve(c.Null, house.Line(house.Black), func(s nullState) float64 { return s.Q2 }))
}

// nullCurve is a value of the null model at the times shown.
func (c column) nullCurve(n nullRow, sty draw.LineStyle, of func(nullState) float64) house.Curve {
	line := house.Curve{Style: sty}
	for _, s := range n.Times {
		if v := of(s); s.T >= c.first && s.T <= c.last && finite(v) {
			line.X, line.Y = append(line.X, s.T), append(line.Y, v)
		}
	}
	return line
}

func finite(values ...float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// smallest lists the N of the null model besides the largest of each column that are shown: of
// all, the two that are farthest from the limit, descending.
func smallest(all []column) (out []int64) {
	for _, c := range all {
		for _, n := range c.Smaller {
			out = append(out, n.N)
		}
	}
	slices.SortFunc(out, func(a, b int64) int { return cmp.Compare(b, a) })
	out = slices.Compact(out)
	return out[max(0, len(out)-2):]
}

// gaps are how far the lowest eigenvalue is below the others. Between instances the whole
// spectrum moves by more than that, so that it is taken within each: from the edge of the bulk
// in the null model, from the second eigenvalue in a descent, where even without an outlier it is as
// large as the spacing of levels.
func (c column) gaps(null string, smallest []int64) *house.Panel {
	p := house.NewPanel("time $t$", "gap below the bulk")
	for _, f := range trajectory.Outcomes[:2] {
		q, n := c.series(f.Name, func(s trajectory.State) float64 { return s.Eigenvalues[1] - s.Eigenvalues[0] })
		c.draw(p, f, q, n)
	}
	p.AddKeyed(null, c.nullCurve(c.Null, house.Line(house.Black), nullState.gap))
	looks := []draw.LineStyle{house.Thin(house.Green, house.Dashed...), house.Line(house.Purple, house.Dotted...)}
	for i, n := range smallest {
		var of nullRow // of nothing, for the key alone, where this α has not this N
		if k := slices.IndexFunc(c.Smaller, func(r nullRow) bool { return r.N == n }); k >= 0 {
			of = c.Smaller[k]
		}
		p.AddKeyed(fmt.Sprintf("null model, $N = %d$", n), c.nullCurve(of, looks[i], nullState.gap))
	}
	_, all := p.Spans()
	p.Y.Min, p.Y.Max = 0, 1
	if all.Lo > all.Hi {
		p.None("none at these times")
		return p
	}
	if all.Hi > 0 {
		p.Y.Max = (1 + house.Margin) * all.Hi
	}
	c.lost(p, 0, 3*p.Y.Max) // however high the panel becomes
	return p
}

func (c column) alignment(null string) *house.Panel {
	p := house.NewPanel("time $t$", "overlap of its eigenvector, $q^2$")
	p.Y.Min, p.Y.Max = 0, 1
	for _, f := range trajectory.Outcomes[:2] {
		q, n := c.series(f.Name, trajectory.State.Softness)
		c.draw(p, f, q, n)
	}
	c.theory(p, null)
	c.lost(p, 0, 1)
	if c.marked() {
		p.Add(house.Note{X: c.Null.TBBP, Y: 0.97, DX: 3, Text: "$t_{\\rm{BBP}}$", YAlign: draw.YTop})
	}
	return p
}

// overlaps are of the traces, which have more times than the Hessian.
func (c column) overlaps() *house.Panel {
	p := house.NewPanel("time $t$", "overlap $m$")
	p.Y.Min, p.Y.Max = 0, 1
	for _, f := range trajectory.Outcomes[:2] {
		runs := c.Of(f.Name)
		var q quartiles
		for k := range overlapTimes {
			t := c.first * portable.Pow(c.last/c.first, float64(k)/(overlapTimes-1))
			var values []float64
			for _, r := range runs {
				if m := trajectory.OverlapAt(r.Trace, t); !math.IsNaN(m) {
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
	chance := math.Sqrt(2 / math.Pi / float64(c.N))
	p.AddKeyed("random direction", house.Curve{X: []float64{c.first, c.last}, Y: []float64{chance, chance},
		Style: house.Thin(house.Grey, house.Dotted...)})
	c.lost(p, 0, 1)
	return p
}

func (c column) quantities() []house.Quantity {
	alpha, at := "-alpha="+house.NumberName(c.Asked), " at $α = "+c.Label()+"$"
	out := []house.Quantity{c.TBBP, house.Estimate("w"+alpha, "$W = ∫|λ^*|dt$ of the null model"+at, c.Null.W,
		c.Null.WLo, c.Null.WHi).
		Unless(!finite(c.Null.W), "it is not a finite number").Unless(!c.Null.had(), "there never is an outlier")}
	for _, s := range c.Sizes() {
		out = append(out, s.TBBP)
	}
	after := c.after()
	for _, f := range trajectory.Outcomes[:2] {
		descents := fmt.Sprintf(", %s descents of $N = %d$,%s", f.Name, c.N, at)
		out = append(out, house.Median("q2-start-"+f.Name+alpha,
			"median $q^2$ of the lowest eigenvector at $t = "+label.Number(c.Times[0])+"$"+descents,
			c.softness(f.Name, c.Times[0])))
		when := "at $t = " + label.Number(after) + "$"
		if math.IsNaN(after) {
			when = "after $t_{\\rm{BBP}}$"
		}
		out = append(out, house.Median("q2-after-"+f.Name+alpha,
			"median $q^2$ of the lowest eigenvector "+when+descents, c.softness(f.Name, after)).
			Unless(math.IsNaN(after), "there is no time of the Hessian after a $t_{\\rm{BBP}}$"))
	}
	return out
}

// softness is q² of the lowest eigenvectors of descents of an outcome at a time.
func (c column) softness(outcome string, t float64) (out []float64) {
	for _, s := range trajectory.StatesAt(c.Of(outcome), t) {
		if v := s.Softness(); !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}

// lossOfOutlier is t_BBP of the null model. There is none where there never was an outlier to
// lose, which the stage has as a time of 0.
func (c column) lossOfOutlier(n nullRow) house.Quantity {
	name := "t-bbp-alpha=" + house.NumberName(c.Asked)
	if n.N != c.Null.N {
		name += fmt.Sprintf("-null-n=%d", n.N)
	}
	return house.Estimate(name, fmt.Sprintf(
		"$t_{\\rm{BBP}}$, time at which the null model of $N = %d$ loses the direction, at $α = %s$", n.N, c.Label()),
		n.TBBP, n.TBBPLo, n.TBBPHi).
		Unless(!n.Lost, "the outlier is never lost").Unless(!n.had(), "there never is an outlier")
}

// after is the first time of the Hessian past t_BBP, NaN if there is none.
func (c column) after() float64 {
	for _, t := range c.Times {
		if c.Null.had() && c.Null.Lost && t > c.Null.TBBP {
			return t
		}
	}
	return math.NaN()
}

// quartiles are a band of quartiles against x, with the median.
type quartiles struct{ x, lo, mid, hi []float64 }

func (q *quartiles) add(x float64, values []float64) {
	v := slices.Sorted(slices.Values(values))
	q.x = append(q.x, x)
	q.lo, q.mid, q.hi = append(q.lo, sample.Quantile(v, 0.25)), append(q.mid, sample.Quantile(v, 0.5)),
		append(q.hi, sample.Quantile(v, 0.75))
}
