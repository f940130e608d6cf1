//pipeline:variant figure=flow-vs-gd

package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/pipeline"
)

func init() {
	register("flow-vs-gd", figure{
		doc:   "gradient flow and gradient descent on the same instances: rates, outcomes and cost",
		needs: []string{"descent"},
		draw:  drawFlowGD,
	})
}

// A pair is both methods from one start on one instance.
type pair struct {
	size        dims
	seed, start int64
	flow, gd    *pathRow
}

func (p pair) resolved() bool {
	return p.flow.Outcome != "unresolved" && p.gd.Outcome != "unresolved"
}

// A duel is the pairs at one α.
type duel struct {
	dims
	pairs []pair
}

// A contestant is one of the methods.
type contestant struct {
	name, label string
	look        Look
	side        float64 // on which side of α its marks are
	of          func(pair) *pathRow
}

var contestants = []contestant{
	{"flow", "gradient flow", Look{Blue, Disc}, -1, func(p pair) *pathRow { return p.flow }},
	{"gd", "gradient descent", Look{Vermillion, Square}, 1, func(p pair) *pathRow { return p.gd }},
}

// duels pairs the descents, α ascending. Descents without a partner are counted.
func duels(rows []from[pathRow]) (out []duel, alone int, err error) {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b from[pathRow]) int {
		return cmp.Or(cmp.Compare(a.Row.M, b.Row.M), cmp.Compare(a.Row.Seed, b.Row.Seed), cmp.Compare(a.Row.Start, b.Row.Start))
	})
	var all []pair
	for i := range sorted {
		r := &sorted[i].Row
		p := pair{size: dims{r.N, r.M}, seed: r.Seed, start: r.Start}
		if last := len(all) - 1; last < 0 || all[last].size != p.size || all[last].seed != p.seed || all[last].start != p.start {
			all = append(all, p)
		}
		to := &all[len(all)-1].gd
		switch r.Method {
		case "flow":
			to = &all[len(all)-1].flow
		case "gd":
		default:
			return nil, 0, fmt.Errorf("%s descends by %s, and the figure compares flow and gd", sorted[i].Stage, r.Method)
		}
		if *to != nil {
			return nil, 0, fmt.Errorf("%s: seed %d, start %d of N = %d, M = %d by %s comes from another input too; give the figure one of them", sorted[i].Stage, r.Seed, r.Start, r.N, r.M, r.Method)
		}
		*to = r
	}
	for _, p := range all {
		if p.flow == nil || p.gd == nil {
			alone++
			continue
		}
		if len(out) == 0 || out[len(out)-1].dims != p.size {
			out = append(out, duel{dims: p.size})
		}
		out[len(out)-1].pairs = append(out[len(out)-1].pairs, p)
	}
	if len(out) == 0 {
		return nil, 0, fmt.Errorf("none of %d descents, the first in %s, has one by the other method from the same start; give the figure families of methods flow and gd on the same instances", len(rows), rows[0].Stage)
	}
	return out, alone, nil
}

// recovered counts the resolved descents of a method, and those of them that recover.
func (d duel) recovered(of func(pair) *pathRow) (k, n int64) {
	for _, p := range d.pairs {
		switch of(p).Outcome {
		case "recovered":
			k++
			n++
		case "trapped", "diverged":
			n++
		}
	}
	return k, n
}

// only counts the pairs that both resolve, and those of them that one method alone recovers.
func (d duel) only(winner, loser func(pair) *pathRow) (k, n int64) {
	for _, p := range d.pairs {
		if !p.resolved() {
			continue
		}
		n++
		if winner(p).Outcome == "recovered" && loser(p).Outcome != "recovered" {
			k++
		}
	}
	return k, n
}

func drawFlowGD(in pipeline.Inputs) (Drawing, error) {
	rows, err := read[pathRow](in, "descent")
	if err != nil {
		return Drawing{}, err
	}
	about, err := oneOf(rows, "loss", func(r pathRow) model { return model{r.Loss, r.A} })
	if err != nil {
		return Drawing{}, err
	}
	n, err := oneOf(rows, "N", func(r pathRow) int64 { return r.N })
	if err != nil {
		return Drawing{}, err
	}
	starts, err := oneOf(rows, "kind of start", func(r pathRow) string { return r.From })
	if err != nil {
		return Drawing{}, err
	}
	all, alone, err := duels(rows)
	if err != nil {
		return Drawing{}, err
	}

	rate, odd, cost := NewPanel("$α$", "$P$(recovered)"), NewPanel("$α$", "share of instances"), NewPanel("$α$", "gradient evaluations")
	rate.Y.Min, rate.Y.Max = -0.03, 1.03
	cost.LogY()
	lo, hi := all[0].alpha(), all[len(all)-1].alpha()
	pad := margin * (hi - lo)
	if pad == 0 {
		pad = 0.1 * hi
	}
	for _, p := range []*Panel{rate, odd, cost} {
		p.X.Min, p.X.Max = lo-1.5*pad, hi+1.5*pad
	}
	top := 0.0
	for i, c := range contestants {
		r, o := Points{Look: c.look}, Points{Look: c.look}
		other := contestants[1-i]
		for _, d := range all {
			x := d.alpha() + 0.25*pad*c.side
			if k, m := d.recovered(c.of); m > 0 {
				r.put(x, k, m)
			}
			if k, m := d.only(c.of, other.of); m > 0 {
				o.put(x, k, m)
				top = max(top, o.Hi[len(o.Hi)-1])
			}
		}
		rate.AddKeyed(c.label, r)
		odd.AddKeyed("only "+c.label, o)
		for _, f := range fates[:2] {
			shape, style := c.look.Shape, Line(c.look.Color)
			if f.outcome == "trapped" {
				shape, style = []draw.GlyphDrawer{Circle, hollowSquare}[i], Thin(c.look.Color, Dashed...)
			}
			e := Points{Look: Look{c.look.Color, shape}}
			for _, d := range all {
				if v := d.evaluations(c.of, f.outcome); len(v) > 0 {
					e.X, e.Y = append(e.X, d.alpha()+0.25*pad*c.side), append(e.Y, quantile(v, 0.5))
					e.Lo, e.Hi = append(e.Lo, quantile(v, 0.1)), append(e.Hi, quantile(v, 0.9))
				}
			}
			cost.AddKeyed(c.name+", "+f.outcome, Curve{e.X, e.Y, style}, e)
		}
	}
	odd.Y.Max = 1.5 * max(top, 0.05)
	odd.Y.Min = -0.03 * odd.Y.Max
	_, spent := cost.spans()
	cost.Y.Min, cost.Y.Max = spent.lo/1.3, spent.hi*pow(spent.hi/spent.lo, 0.5) // room for the key
	numbers := flowNumbers(all, n)
	return Drawing{Width: DoubleColumn, Height: 6.4 * vg.Centimeter, Draw: Grid{Panels: [][]*Panel{{rate, odd, cost}}}.Draw,
		Caption: flowCaption(all, about, n, starts, alone, numbers), Numbers: numbers}, nil
}

// evaluations to an outcome, ascending.
func (d duel) evaluations(of func(pair) *pathRow, outcome string) (out []float64) {
	for _, p := range d.pairs {
		if r := of(p); r.Outcome == outcome {
			out = append(out, float64(r.Evaluations))
		}
	}
	slices.Sort(out)
	return out
}

func flowNumbers(all []duel, n int64) []Quantity {
	var out []Quantity
	var table [2][2]int64
	ratio := map[string][]float64{}
	for _, d := range all {
		at := fmt.Sprintf(", $α = %s$, $N = %d$", Number(d.alpha()), n)
		for _, c := range contestants {
			if k, m := d.recovered(c.of); m > 0 {
				lo, hi := wilson(k, m)
				out = append(out, Estimate("recovered-"+c.name+"-alpha="+numberName(d.alpha()), "share recovered by "+c.label+at, float64(k)/float64(m), lo, hi))
			}
		}
		for _, p := range d.pairs {
			if !p.resolved() {
				continue
			}
			i, j := 1, 1
			if p.flow.Outcome == "recovered" {
				i = 0
			}
			if p.gd.Outcome == "recovered" {
				j = 0
			}
			table[i][j]++
			if p.flow.Outcome == p.gd.Outcome {
				ratio[p.flow.Outcome] = append(ratio[p.flow.Outcome], float64(p.gd.Evaluations)/float64(p.flow.Evaluations))
			}
		}
	}
	for i, flow := range []string{"recovers", "fails"} {
		for j, gd := range []string{"recovers", "fails"} {
			out = append(out, Exact("pairs-flow-"+flow+"-gd-"+gd, "instances on which gradient flow "+flow+" and gradient descent "+gd, float64(table[i][j])))
		}
	}
	if total := table[0][0] + table[0][1] + table[1][0] + table[1][1]; total > 0 {
		same := table[0][0] + table[1][1]
		lo, hi := wilson(same, total)
		out = append(out, Estimate("agree", "share of instances with the same outcome", float64(same)/float64(total), lo, hi),
			Exact("sign-test", "$p$ of the exact sign test of equal rates, on the instances with different outcomes", signTest(table[0][1], table[1][0])))
	}
	for _, f := range fates[:2] {
		if v := ratio[f.outcome]; medianRank(len(v)) > 0 {
			out = append(out, median("ratio-"+f.outcome, "median ratio of gradient evaluations, gradient descent over flow, on instances that are "+f.outcome+" by both", v))
		}
	}
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

func flowCaption(all []duel, about model, n int64, starts string, alone int, numbers []Quantity) string {
	find := func(name string) *Quantity {
		if i := slices.IndexFunc(numbers, func(q Quantity) bool { return q.Name == name }); i >= 0 {
			return &numbers[i]
		}
		return nil
	}
	var b strings.Builder
	least, most, open := int64(math.MaxInt64), int64(0), 0
	for _, d := range all {
		least, most = min(least, int64(len(d.pairs))), max(most, int64(len(d.pairs)))
		for _, p := range d.pairs {
			if !p.resolved() {
				open++
			}
		}
	}
	fmt.Fprintf(&b, "Gradient flow and gradient descent from the same %s on the same instances, %s at each $α$, $N = %d$, for %s. ",
		startWords(starts), fromTo(least, most), n, about.words())
	b.WriteString("Left: share recovered of the descents that were resolved, with 95% Wilson intervals (the methods are moved apart a little). " +
		"Middle: share of the instances that one method recovers and the other does not, likewise. " +
		"Right: gradient evaluations to recovery (filled) and to a trap (hollow, dashed), median and the range from 10 to 90%. ")
	if open > 0 {
		fmt.Fprintf(&b, "%s by which one of the two ran out of budget are not compared. ", plural(int64(open), "pair"))
	}
	if alone > 0 {
		fmt.Fprintf(&b, "%s without a partner are left out. ", plural(int64(alone), "descent"))
	}
	if agree := find("agree"); agree != nil {
		count := func(name string) string { return Number(find("pairs-" + name).Value) }
		fmt.Fprintf(&b, "\n\nBoth recover %s instances, neither %s, flow alone %s and descent alone %s: they agree on a share of %s, and the exact sign test of equal rates has $p = %s$. ",
			count("flow-recovers-gd-recovers"), count("flow-fails-gd-fails"), count("flow-recovers-gd-fails"), count("flow-fails-gd-recovers"), agree, Number(rounded(find("sign-test").Value, 2)))
	}
	var ratios []string
	for _, f := range fates[:2] {
		if q := find("ratio-" + f.outcome); q != nil {
			ratios = append(ratios, q.String()+" times on instances "+f.outcome+" by both")
		}
	}
	if len(ratios) > 0 {
		fmt.Fprintf(&b, "Gradient descent takes as many evaluations as flow %s (medians, with intervals from order statistics).", listed(ratios...))
	}
	return strings.TrimSpace(b.String())
}
