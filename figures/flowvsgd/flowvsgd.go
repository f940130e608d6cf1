// Package flowvsgd is the figure flow-vs-gd: gradient flow and gradient descent on the
// same instances: rates, outcomes and cost.
package flowvsgd

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
	"zerotohero/stages/outcome"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("flow-vs-gd", "gradient flow and gradient descent on the same instances: rates, outcomes and "+
		"cost",
		figures.New[params](figure, pipeline.Reads[trajectory.Descent]("descent")))
}

// A pair is both methods from one start on one instance.
type pair struct {
	size        inputs.Size
	seed, start int64
	flow, gd    *trajectory.Descent
}

func (p pair) resolved() bool {
	return p.flow.Outcome != outcome.Unresolved && p.gd.Outcome != outcome.Unresolved
}

// A matched is the pairs at one α.
type matched struct {
	inputs.Size
	asked float64 // α of paper.toml
	pairs []pair
}

// A method is one of the methods.
type method struct {
	name, label string
	look        house.Look
	side        float64 // on which side of α its marks are
	of          func(pair) *trajectory.Descent
}

var methods = []method{
	{"flow", "gradient flow", house.Look{Color: house.Blue, Shape: house.Disc}, -1,
		func(p pair) *trajectory.Descent { return p.flow }},
	{"gd", "gradient descent", house.Look{Color: house.Vermillion, Shape: house.Square}, 1,
		func(p pair) *trajectory.Descent { return p.gd }},
}

// match pairs the descents, α ascending. Descents without a partner are counted.
func match(rows []inputs.From[trajectory.Descent]) (out []matched, alone int64, err error) {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b inputs.From[trajectory.Descent]) int {
		return cmp.Or(cmp.Compare(a.Row.M, b.Row.M), cmp.Compare(a.Row.Seed, b.Row.Seed),
			cmp.Compare(a.Row.Start, b.Row.Start))
	})
	var all []pair
	for i := range sorted {
		r := &sorted[i].Row
		p := pair{size: r.Size(), seed: r.Seed, start: r.Start}
		if last := len(all) - 1; last < 0 || all[last].size != p.size || all[last].seed != p.seed ||
			all[last].start != p.start {
			all = append(all, p)
		}
		to := &all[len(all)-1].gd
		switch r.Method {
		case "flow":
			to = &all[len(all)-1].flow
		case "gd":
		default:
			return nil, 0, fmt.Errorf("%s descends by %s, and the figure compares flow and gd", sorted[i].Stage,
				r.Method)
		}
		if *to != nil {
			return nil, 0, fmt.Errorf("%s: seed %d, start %d of N = %d, M = %d by %s comes from another input too; "+
				"give the figure one of them", sorted[i].Stage, r.Seed, r.Start, r.N, r.M, r.Method)
		}
		*to = r
	}
	for _, p := range all {
		if p.flow == nil || p.gd == nil {
			alone++
			continue
		}
		if len(out) == 0 || out[len(out)-1].Size != p.size {
			out = append(out, matched{Size: p.size, asked: p.flow.AlphaAsked})
		}
		out[len(out)-1].pairs = append(out[len(out)-1].pairs, p)
	}
	if len(out) == 0 {
		return nil, 0, fmt.Errorf("none of %d descents, the first in %s, has one by the other method from the same "+
			"start; give the figure families of methods flow and gd on the same instances", len(rows), rows[0].Stage)
	}
	return out, alone, nil
}

// recovered counts the resolved descents of a method, and those of them that recover.
func (d matched) recovered(of func(pair) *trajectory.Descent) (k, n int64) {
	for _, p := range d.pairs {
		switch of(p).Outcome {
		case outcome.Recovered:
			k++
			n++
		case outcome.Trapped, outcome.Diverged:
			n++
		}
	}
	return k, n
}

// only counts the pairs that both resolve, and those of them that one method alone recovers.
func (d matched) only(winner, loser func(pair) *trajectory.Descent) (k, n int64) {
	for _, p := range d.pairs {
		if !p.resolved() {
			continue
		}
		n++
		if winner(p).Outcome == outcome.Recovered && loser(p).Outcome != outcome.Recovered {
			k++
		}
	}
	return k, n
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	rows, err := inputs.Read[trajectory.Descent](in, "descent")
	if err != nil {
		return house.Drawing{}, err
	}
	about, err := inputs.OneOf(rows, "loss", trajectory.Descent.About)
	n, err2 := inputs.OneOf(rows, "N", func(r trajectory.Descent) int64 { return r.N })
	starts, err3 := inputs.OneOf(rows, "kind of start", func(r trajectory.Descent) string { return r.From })
	all, alone, err4 := match(rows)
	if err := cmp.Or(err, err2, err3, err4); err != nil {
		return house.Drawing{}, err
	}
	c := &comparison{Starts: inputs.StartWords(starts), Loss: about.Words(), N: n, Alone: alone, Least: math.MaxInt64}
	c.compare(all)
	return house.Drawing{Width: house.DoubleColumn, Height: 6.4 * vg.Centimeter,
		Draw: house.Grid{Panels: [][]*house.Panel{panels(all)}}.Draw}.
		Described(words, c, c.quantities)
}

// A comparison is what the figure finds of both methods.
type comparison struct {
	Starts, Loss string
	N            int64
	Least, Most  int64 // pairs at one α
	Open, Alone  int64 // pairs that are not resolved, descents without a partner

	Both, FlowOnly, DescentOnly, Neither house.Quantity // pairs by what recovers
	Agree, SignTest                      house.Quantity
	Ratios                               []ratio
	quantities                           []house.Quantity
}

// A ratio is that of gradient evaluations, descent over flow, where both end alike.
type ratio struct {
	Outcome string
	Q       house.Quantity
}

func (c *comparison) compare(all []matched) {
	var counts [2][2]int64 // by whether flow fails, and descent
	ratios := map[string][]float64{}
	for _, d := range all {
		c.Least, c.Most = min(c.Least, int64(len(d.pairs))), max(c.Most, int64(len(d.pairs)))
		at := fmt.Sprintf(", $α = %s$, $N = %d$", label.Number(d.asked), c.N)
		for _, m := range methods {
			k, n := d.recovered(m.of)
			c.quantities = append(c.quantities, house.Share("recovered-"+m.name+"-alpha="+house.NumberName(d.asked),
				"share recovered by "+m.label+at, k, n, "no descent is resolved"))
		}
		for _, p := range d.pairs {
			if !p.resolved() {
				c.Open++
				continue
			}
			i, j := 1, 1
			if p.flow.Outcome == outcome.Recovered {
				i = 0
			}
			if p.gd.Outcome == outcome.Recovered {
				j = 0
			}
			counts[i][j]++
			if p.flow.Outcome == p.gd.Outcome && p.flow.Evaluations > 0 {
				ratios[p.flow.Outcome] = append(ratios[p.flow.Outcome],
					float64(p.gd.Evaluations)/float64(p.flow.Evaluations))
			}
		}
	}
	for i, to := range [2][2]*house.Quantity{{&c.Both, &c.FlowOnly}, {&c.DescentOnly, &c.Neither}} {
		for j, q := range to {
			flow, gd := []string{"recovers", "fails"}[i], []string{"recovers", "fails"}[j]
			*q = house.Exact("pairs-flow-"+flow+"-gd-"+gd,
				"instances on which gradient flow "+flow+" and gradient descent "+gd, float64(counts[i][j]))
			c.quantities = append(c.quantities, *q)
		}
	}
	const none = "no pair is resolved by both"
	same, differ := counts[0][0]+counts[1][1], counts[0][1]+counts[1][0]
	c.Agree = house.Share("agree", "share of instances with the same outcome", same, same+differ, none)
	c.SignTest = house.Exact("sign-test",
		"$p$ of the exact sign test of equal rates, on the instances with different outcomes",
		signTest(counts[0][1], counts[1][0])).Unless(same+differ == 0, none)
	c.quantities = append(c.quantities, c.Agree, c.SignTest)
	for _, f := range trajectory.Outcomes[:2] {
		q := house.Median("ratio-"+f.Name,
			"median ratio of gradient evaluations, gradient descent over flow, on instances that are "+
				""+f.Name+" by both", ratios[f.Name])
		c.Ratios, c.quantities = append(c.Ratios, ratio{f.Name, q}), append(c.quantities, q)
	}
}

// panels are the rates of recovery, what one method alone recovers, and the costs.
func panels(all []matched) []*house.Panel {
	rate, odd, cost := house.NewPanel("$α$", "$P$(recovered)"), house.NewPanel("$α$", "share of instances"),
		house.NewPanel("$α$", "gradient evaluations")
	rate.Y.Min, rate.Y.Max = -0.03, 1.03
	cost.LogY()
	lo, hi := all[0].Alpha(), all[len(all)-1].Alpha()
	pad := house.Margin * (hi - lo)
	if pad == 0 {
		pad = 0.1 * hi
	}
	for _, p := range []*house.Panel{rate, odd, cost} {
		p.X.Min, p.X.Max = lo-1.5*pad, hi+1.5*pad
	}
	top := 0.0
	for i, c := range methods {
		r, o := house.Points{Look: c.look}, house.Points{Look: c.look}
		other := methods[1-i]
		for _, d := range all {
			x := d.Alpha() + 0.25*pad*c.side
			if k, m := d.recovered(c.of); m > 0 {
				r.AddShare(x, k, m)
			}
			if k, m := d.only(c.of, other.of); m > 0 {
				o.AddShare(x, k, m)
				top = max(top, o.Hi[len(o.Hi)-1])
			}
		}
		rate.AddKeyed(c.label, r)
		odd.AddKeyed("only "+c.label, o)
		addCosts(cost, all, i, pad)
	}
	odd.Y.Max = 1.5 * max(top, 0.05)
	odd.Y.Min = -0.03 * odd.Y.Max
	for _, p := range []*house.Panel{rate, odd} {
		if x, _ := p.Spans(); x.Lo > x.Hi {
			p.None("none is resolved")
		}
	}
	_, spent := cost.Spans()
	if spent.Lo > spent.Hi {
		spent = house.Span{Lo: 1, Hi: 10}
		cost.None("none is resolved")
	}
	cost.Y.Min, cost.Y.Max = spent.Lo/1.3, spent.Hi*portable.Pow(spent.Hi/spent.Lo, 0.5) // room for the key
	return []*house.Panel{rate, odd, cost}
}

// addCosts adds the gradient evaluations of method i to each outcome.
func addCosts(cost *house.Panel, all []matched, i int, pad float64) {
	c := methods[i]
	for _, f := range trajectory.Outcomes[:2] {
		shape, style := c.look.Shape, house.Line(c.look.Color)
		if f.Name == outcome.Trapped {
			shape, style = []draw.GlyphDrawer{house.Circle, house.HollowSquare}[i],
				house.Thin(c.look.Color, house.Dashed...)
		}
		e := house.Points{Look: house.Look{Color: c.look.Color, Shape: shape}}
		for _, d := range all {
			if v := d.evaluations(c.of, f.Name); len(v) > 0 {
				e.AddPoint(d.Alpha()+0.25*pad*c.side, sample.Quantile(v, 0.5), sample.Quantile(v, 0.1),
					sample.Quantile(v, 0.9))
			}
		}
		cost.AddKeyed(c.name+", "+f.Name, house.Curve{X: e.X, Y: e.Y, Style: style}, e)
	}
}

// evaluations to an outcome, ascending.
func (d matched) evaluations(of func(pair) *trajectory.Descent, name string) (out []float64) {
	for _, p := range d.pairs {
		if r := of(p); r.Outcome == name {
			out = append(out, float64(r.Evaluations))
		}
	}
	slices.Sort(out)
	return out
}

// signTest is the two-sided probability of counts as unequal as these if both are
// equally likely.
func signTest(a, b int64) float64 {
	n, k := a+b, min(a, b)
	if n > 1000 {
		return math.Erfc((math.Abs(float64(a-b)) - 1) / math.Sqrt(2*float64(n)))
	}
	p, term := 0.0, math.Ldexp(1, -int(n))
	for i := range k + 1 {
		p += term
		term *= float64(n-i) / float64(i+1)
	}
	return min(1, 2*p)
}
