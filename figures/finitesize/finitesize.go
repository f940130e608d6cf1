// Package finitesize is the figure finite-size: α50 and width against N with rival laws,
// predicted crossover and collapse.
package finitesize

import (
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
	"zerotohero/figures/portable"
	"zerotohero/pipeline"
)

func init() {
	figures.Register("finite-size", figures.Figure{
		Doc:   "alpha50 and width against N with rival laws, predicted crossover and collapse",
		Needs: []string{"scaling"},
		Draw:  figure,
	})
}

// finiteSize is the row that the figure shows.
type finiteSize struct{ scalingRow }

func figure(in pipeline.Inputs) (house.Drawing, error) {
	rows, err := inputs.Read[scalingRow](in, "scaling")
	if err != nil {
		return house.Drawing{}, err
	}
	if len(rows) != 1 {
		return house.Drawing{}, fmt.Errorf("the figure shows one row of kind scaling, and %s and %s both have one; leave one out of its inputs", rows[0].Stage, rows[1].Stage)
	}
	r := finiteSize{rows[0].Row}
	r.Sizes = slices.DeleteFunc(r.Sizes, func(s scalingSize) bool { return !(s.Lo <= s.Alpha50 && s.Alpha50 <= s.Hi) || s.N < 2 })
	if len(r.Sizes) == 0 {
		return house.Drawing{}, fmt.Errorf("%s has no size at which alpha50 is identified; give it more values of alpha", rows[0].Stage)
	}
	level, err := inputs.Confidence(in.Of("scaling"))
	if err != nil {
		return house.Drawing{}, err
	}
	g := house.Grid{Panels: [][]*house.Panel{{r.locations(), r.straightened()}}}
	var below []*house.Panel
	if p, ok := r.widths(); ok {
		below = append(below, p)
	}
	if p, ok := r.collapse(); ok {
		below = append(below, p)
	}
	d := house.Drawing{Width: house.DoubleColumn, Height: 6 * vg.Centimeter}
	if len(below) > 0 {
		g.Panels = append(g.Panels, below)
		d.Height = 11.4 * vg.Centimeter
	}
	d.Draw = g.Draw
	d.Caption, d.Numbers = r.words(level)
	return d, nil
}

// ends are the limits of N on the axes: beyond the largest the laws part.
func (r finiteSize) ends(beyond float64) (lo, hi float64) {
	lo, hi = float64(r.Sizes[0].N), float64(r.Sizes[0].N)
	for _, s := range r.Sizes {
		lo, hi = min(lo, float64(s.N)), max(hi, float64(s.N))
	}
	return lo / 1.3, beyond * hi
}

// lawLooks are those of the laws of α50 with free α∞.
var lawLooks = map[string]struct {
	name string
	line draw.LineStyle
}{
	"log":   {"$α_∞ + c/\\rm{ln} N$", house.Line(house.Black)},
	"power": {"$α_∞ + c N^{-b}$", house.Line(house.Green, house.Dashed...)},
}

// measured are α50 and their intervals against x(N), open ends at the limits given.
func (r finiteSize) measured(x func(n float64) float64, least, most float64) house.Points {
	pts := house.Points{Look: house.Series(0)}
	for _, s := range r.Sizes {
		pts.X, pts.Y = append(pts.X, x(float64(s.N))), append(pts.Y, s.Alpha50)
		pts.Lo, pts.Hi = append(pts.Lo, max(s.Lo, least)), append(pts.Hi, min(s.Hi, most))
	}
	return pts
}

// locations are all of α50 between the two transitions.
func (r finiteSize) locations() *house.Panel {
	p := house.NewPanel("$N$", "$α_{50}$")
	p.LogX()
	p.X.Min, p.X.Max = r.ends(50)
	var predicted []scalingSize
	bottom, top := math.Inf(1), 0.0
	for _, s := range r.Sizes {
		bottom, top = min(bottom, s.Alpha50), max(top, s.Alpha50)
		if s.PredictedIdentified {
			predicted = append(predicted, s)
			bottom, top = min(bottom, s.Predicted), max(top, s.Predicted)
		}
	}
	limits := []struct {
		alpha float64
		name  string
	}{{r.Threshold, inputs.ThresholdName}, {r.Init, inputs.InitName}}
	for _, l := range limits {
		if l.alpha > 0 {
			bottom, top = min(bottom, l.alpha), max(top, l.alpha)
		}
	}
	p.Y.Min, p.Y.Max = max(0, bottom-0.12*(top-bottom)), top+0.15*(top-bottom)
	for _, l := range limits {
		if l.alpha > 0 {
			p.Add(house.Curve{X: []float64{p.X.Min, p.X.Max}, Y: []float64{l.alpha, l.alpha}, Style: house.Thin(house.Grey, house.Dashed...)},
				house.Note{X: p.X.Max, Y: l.alpha, DX: -4, DY: 2, XAlign: draw.XRight, YAlign: draw.YBottom, Text: l.name})
		}
	}
	for _, l := range r.Models {
		if f, ok := l.curve(); ok {
			c := house.Function(func(t float64) float64 { return f(p.X.Min * portable.Pow(p.X.Max/p.X.Min, t)) }, 0, 1, 121, lawLooks[l.Name].line)
			for i, t := range c.X {
				c.X[i] = p.X.Min * portable.Pow(p.X.Max/p.X.Min, t)
			}
			p.AddKeyed(lawLooks[l.Name].name, c)
		}
	}
	p.AddKeyed("measured", r.measured(func(n float64) float64 { return n }, p.Y.Min, p.Y.Max))
	if len(predicted) > 0 {
		pts := house.Points{Look: house.Look{Color: house.Vermillion, Shape: house.Square}}
		for _, s := range predicted {
			pts.X, pts.Y = append(pts.X, float64(s.N)), append(pts.Y, s.Predicted)
			pts.Lo, pts.Hi = append(pts.Lo, max(s.PredictedLo, p.Y.Min)), append(pts.Hi, min(s.PredictedHi, p.Y.Max))
		}
		p.AddKeyed("$W(α) = ½ \\rm{ln} N$", pts)
	}
	return p
}

// straightened is α50 against 1/ln N, with what the logarithm makes of N = ∞.
func (r finiteSize) straightened() *house.Panel {
	p := house.NewPanel("$1/\\rm{ln} N$", "$α_{50}$")
	p.NoKey = true
	x := func(n float64) float64 { return 1 / portable.Log(n) }
	pts := r.measured(x, 0, 2*r.Sizes[len(r.Sizes)-1].Alpha50)
	lo, hi := slices.Min(pts.Lo), slices.Max(pts.Hi)
	right := 1.06 * slices.Max(pts.X)
	for _, l := range r.Models {
		f, ok := l.curve()
		if !ok {
			continue
		}
		limit := l.parameter("alpha_inf")
		if l.Name == "log" {
			// Of a wide interval a part is enough.
			lo, hi = min(lo, limit.Value), max(hi, limit.Value)
			lo, hi = min(lo, max(limit.Lo, 1.5*lo-0.5*hi)), max(hi, min(limit.Hi, 1.5*hi-0.5*lo))
		}
		c := house.Curve{Style: lawLooks[l.Name].line}
		for k := range 200 {
			at := right * (float64(k) + 0.5) / 200
			value := f(portable.Exp(min(1/at, 600)))
			c.X, c.Y = append(c.X, at), append(c.Y, value)
		}
		p.Add(c)
	}
	pad := 0.12 * (hi - lo)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.03*right, right, max(0, lo-pad), hi+pad
	for _, l := range r.Models {
		if limit := l.parameter("alpha_inf"); l.Name == "log" && l.Identified {
			p.Add(house.Points{X: []float64{0}, Y: []float64{limit.Value}, Lo: []float64{max(limit.Lo, p.Y.Min)}, Hi: []float64{min(limit.Hi, p.Y.Max)}, Look: house.Look{Color: house.Black, Shape: house.Diamond}},
				house.Note{X: 0, Y: limit.Value, DX: 6, DY: 2, YAlign: draw.YBottom, Text: "$α_∞$"})
		}
	}
	p.Add(pts)
	return p
}

func (r finiteSize) widths() (*house.Panel, bool) {
	p := house.NewPanel("$N$", "width")
	p.LogX()
	pts := house.Points{Look: house.Series(0)}
	for _, s := range r.Sizes {
		if s.Width > 0 && s.WidthLo > 0 && !math.IsInf(s.WidthHi, 1) {
			pts.X, pts.Y = append(pts.X, float64(s.N)), append(pts.Y, s.Width)
			pts.Lo, pts.Hi = append(pts.Lo, s.WidthLo), append(pts.Hi, s.WidthHi)
		}
	}
	if len(pts.X) == 0 {
		return nil, false
	}
	if slices.Max(pts.Hi) > 5*slices.Min(pts.Lo) {
		p.LogY()
	}
	p.X.Min, p.X.Max = r.ends(2)
	p.AddKeyed("measured", pts)
	if w0, nu := r.WidthLaw.parameter("w0").Value, r.WidthLaw.parameter("nu").Value; r.WidthLaw.Identified && w0 > 0 {
		c := house.Curve{Style: house.Line(house.Black)}
		for k := range 61 {
			n := p.X.Min * portable.Pow(p.X.Max/p.X.Min, float64(k)/60)
			c.X, c.Y = append(c.X, n), append(c.Y, w0*portable.Pow(n, -nu))
		}
		p.AddKeyed("$w_0 N^{-ν}$", c)
	}
	return p, true
}

func (r finiteSize) collapse() (*house.Panel, bool) {
	if !r.Collapse.Identified || len(r.Collapse.Points) == 0 {
		return nil, false
	}
	p := house.NewPanel("$(α - α_{50})/\\rm{width}$", "$P$(recovered)")
	p.Y.Min, p.Y.Max = -0.03, 1.03
	by := map[int64]*house.Points{}
	var sizes []int64
	reach := 0.0
	for _, q := range r.Collapse.Points {
		if by[q.N] == nil {
			by[q.N] = &house.Points{}
			sizes = append(sizes, q.N)
		}
		pts := by[q.N]
		pts.X, pts.Y, pts.Lo, pts.Hi = append(pts.X, q.X), append(pts.Y, q.P), append(pts.Lo, q.Lo), append(pts.Hi, q.Hi)
		reach = max(reach, math.Abs(q.X))
	}
	slices.Sort(sizes)
	// Far out every curve is 0 or 1.
	reach = min(reach, 6) * 1.05
	p.X.Min, p.X.Max = -reach, reach
	p.AddKeyed("logistic", house.Function(func(x float64) float64 { return 1 / (1 + portable.Exp(-x)) }, -reach, reach, 160, house.Line(house.Black)))
	for i, n := range sizes {
		by[n].Look = house.Series(i)
		p.AddKeyed(fmt.Sprintf("$N = %d$", n), *by[n])
	}
	return p, true
}

func (r finiteSize) words(level string) (string, []house.Quantity) {
	var numbers []house.Quantity
	add := func(q house.Quantity) house.Quantity {
		numbers = append(numbers, q)
		return q
	}
	words := []string{fmt.Sprintf("Finite-size scaling of recovery by %s for %s.", inputs.MethodWords(r.Method), inputs.Loss{Name: r.Loss, A: r.A}.Words())}
	first, last := r.Sizes[0], r.Sizes[len(r.Sizes)-1]
	for _, s := range []scalingSize{first, last} {
		if s.N == first.N || s.N == last.N && last.N != first.N {
			add(house.Estimate(fmt.Sprintf("alpha50-N=%d", s.N), fmt.Sprintf("$α_{50}$ at $N = %d$", s.N), s.Alpha50, s.Lo, s.Hi))
		}
	}
	if last.N == first.N {
		numbers = numbers[:1]
	}
	words = append(words, fmt.Sprintf("(a) $α_{50}(N)$ with %sbootstrap intervals, %s at $N = %d$, between the transitions at a random start and of the threshold states by 1RSB (dashed); (b) the same against $1/\\rm{ln} N$.", level, numbers[len(numbers)-1], last.N))
	for _, l := range r.Models {
		name := lawLooks[l.Name].name
		if name == "" {
			continue
		}
		if _, ok := l.curve(); !ok {
			words = append(words, "The law "+name+" is not identified by these sizes and not drawn.")
			continue
		}
		var fitted []string
		for _, q := range l.Parameters {
			symbol := map[string]string{"alpha_inf": "$α_∞$", "c": "$c$", "b": "$b$"}[q.Name]
			fitted = append(fitted, symbol+" $=$ "+add(house.Estimate(l.Name+"-"+strings.ReplaceAll(q.Name, "_", "-"), symbol+" of the law "+name, q.Value, q.Lo, q.Hi)).String())
		}
		words = append(words, fmt.Sprintf("%s: %s, $χ^2 = %.1f$ for %s of freedom.", name, label.List(fitted...), l.Chi2, label.Plural(l.Dof, "degree")))
	}
	for _, c := range r.Comparisons {
		if c.First == "log" && c.Second == "power" && !math.IsNaN(c.DeltaAIC) {
			delta := add(house.Exact("delta-aic", "AIC of the power law less that of the law in $1/\\rm{ln} N$", label.Rounded(c.DeltaAIC, 3)))
			says := map[string]string{"log": "the data prefer the logarithm", "power": "the data prefer the power"}[c.Preferred]
			if says == "" {
				says = "the data do not decide"
			}
			few := ""
			if !math.IsNaN(c.DeltaAICc) {
				few = ", and " + add(house.Exact("delta-aicc", "the same of AICc, which corrects for few sizes", label.Rounded(c.DeltaAICc, 3))).String() + " with the correction for few sizes (AICc)"
				if c.DeltaAIC*c.DeltaAICc < 0 {
					says = "the two disagree, and these sizes do not settle it"
				}
			}
			words = append(words, fmt.Sprintf("The AIC of the power less that of the logarithm is %s%s: %s.", delta, few, says))
		}
	}
	predicted := 0
	for _, s := range r.Sizes {
		if s.PredictedIdentified {
			predicted++
			add(house.Estimate(fmt.Sprintf("crossover-N=%d", s.N), fmt.Sprintf("predicted crossover, where $W(α) = ½ \\rm{ln} N$, $N = %d$", s.N), s.Predicted, s.PredictedLo, s.PredictedHi))
		}
	}
	if predicted > 0 {
		words = append(words, "Squares: crossover predicted by the growth of the overlap in the null model, $W(α) = ∫|λ^*|\\rm{d}t = ½ \\rm{ln} N$, without a fitted constant.")
	} else {
		words = append(words, "The crossover predicted by the null model is not identified at these sizes.")
	}
	if w := r.WidthLaw; w.Identified {
		nu := w.parameter("nu")
		words = append(words, fmt.Sprintf("(c) Width of the logistic curve, falling like $N^{-ν}$ with $ν$ $=$ %s.", add(house.Estimate("nu", "exponent $ν$ of the width, $w_0 N^{-ν}$", nu.Value, nu.Lo, nu.Hi))))
	}
	if c := r.Collapse; c.Identified && len(c.Points) > 0 {
		said := "(d) All rates against α in units of the width, with Wilson intervals"
		if !math.IsNaN(c.Quality) {
			add(house.Exact("collapse-quality", "quality $S$ of the collapse, 1 if the curves agree within errors", label.Rounded(c.Quality, 3)))
			said += fmt.Sprintf("; the quality of the collapse is $S = %.2f$ over %d points (Houdayer and Hartmann; near 1 or below if the curves agree)", c.Quality, c.Compared)
		}
		words = append(words, said+".")
	}
	return strings.Join(words, " "), numbers
}
