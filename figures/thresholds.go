//pipeline:variant figure=thresholds

package figures

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/pipeline"
)

func init() {
	register("thresholds", figure{
		doc:   "the transition at a random start against the loss's parameter a",
		needs: []string{"theory-transition"},
		draw:  drawThresholds,
	})
}

func drawThresholds(in pipeline.Inputs) (Drawing, error) {
	rows, err := initTransitions(in)
	if err != nil {
		return Drawing{}, err
	}
	if _, err := oneOf(rows, "loss", func(r transitionRow) string { return r.Loss }); err != nil {
		return Drawing{}, err
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].Row.A < rows[j].Row.A })
	var a, alpha []float64
	lowest := 0
	for i, r := range rows {
		if !(r.Row.A > 0) {
			return Drawing{}, fmt.Errorf("%s has a = %g, which a logarithmic axis does not show", r.Stage, r.Row.A)
		}
		if i > 0 && r.Row.A == rows[i-1].Row.A {
			return Drawing{}, fmt.Errorf("%s and %s are both for a = %g; give the figure one of them", rows[i-1].Stage, r.Stage, r.Row.A)
		}
		a, alpha = append(a, r.Row.A), append(alpha, r.Row.Alpha)
		if r.Row.Alpha < alpha[lowest] {
			lowest = i
		}
	}
	if len(rows) < 2 {
		return Drawing{}, fmt.Errorf("a curve needs transitions at two values of a or more, and only %s has one; give the figure more inputs of kind theory-transition", rows[0].Stage)
	}

	p := NewPanel("$a$", "$α$")
	p.LogX()
	p.KeyTitle = "$α_{\\rm{BBP}}^{\\rm{init}}(a)$"
	p.X.Min, p.X.Max = a[0], a[len(a)-1]
	top := alpha[0]
	for _, v := range alpha {
		top = max(top, v)
	}
	p.Y.Min, p.Y.Max = 0, 1.12*top
	ceiling := make([]float64, len(a))
	for i := range ceiling {
		ceiling[i] = p.Y.Max
	}
	p.Add(Band{X: a, Lo: alpha, Hi: ceiling, Color: Fade(SkyBlue, 0.2)})

	// Between two values of a with different edges the curve is drawn as smooth, so
	// that its parts meet.
	styles := map[bool]draw.LineStyle{false: Line(Blue), true: Line(Vermillion, Dashed...)}
	labels := map[bool]string{false: "sharp bulk edge", true: "smooth bulk edge"}
	smooth := func(i int) bool { return rows[i].Row.Edge == "smooth" || rows[i+1].Row.Edge == "smooth" }
	keyed := map[bool]bool{}
	for i := 0; i+1 < len(rows); {
		j := i + 1
		for j+1 < len(rows) && smooth(j) == smooth(i) {
			j++
		}
		part := Curve{a[i : j+1], alpha[i : j+1], styles[smooth(i)]}
		if s := smooth(i); keyed[s] {
			p.Add(part)
		} else {
			keyed[s] = true
			p.AddKeyed(labels[s], part)
		}
		i = j
	}
	if lowest > 0 && lowest < len(a)-1 {
		note := Note{X: a[lowest], Y: alpha[lowest], DY: -5, XAlign: draw.XCenter, YAlign: draw.YTop,
			Text: "minimum " + Number(rounded(alpha[lowest], 3)) + " at $a ≈ " + Number(rounded(a[lowest], 2)) + "$"}
		if alpha[lowest] < 0.12*p.Y.Max {
			note.DY, note.YAlign = 5, draw.YBottom // no room below
		}
		p.Add(Points{X: a[lowest : lowest+1], Y: alpha[lowest : lowest+1], Look: Look{Black, Diamond}}, note)
	}
	below, above := roomiest(a, alpha, p.Y.Max)
	below.Text, above.Text = "no informative\ndirection at the start", "informative direction\nat the start"
	p.Add(below, above)
	return Drawing{SingleColumn, 6.6 * vg.Centimeter, p.Draw}, nil
}

// roomiest gives the places for words below and above a curve where it leaves most
// room over the width of the words.
func roomiest(a, alpha []float64, top float64) (below, above Note) {
	at := func(t float64) (x, y float64) {
		x = a[0] * math.Pow(a[len(a)-1]/a[0], t)
		i := max(1, min(len(a)-1, sort.SearchFloat64s(a, x)))
		share := math.Log(x/a[i-1]) / math.Log(a[i]/a[i-1])
		return x, alpha[i-1] + share*(alpha[i]-alpha[i-1])
	}
	const half, steps = 0.2, 60 // of the axis: half the width of the words, and places tried
	most, least := 0.0, math.Inf(1)
	for k := half * steps; k <= (1-half)*steps; k++ {
		lo, hi := math.Inf(1), 0.0
		for t := k - half*steps; t <= k+half*steps; t++ {
			_, y := at(t / steps)
			lo, hi = min(lo, y), max(hi, y)
		}
		x, _ := at(k / steps)
		if lo > most {
			most = lo
			below = Note{X: x, Y: lo / 2, XAlign: draw.XCenter, YAlign: draw.YCenter}
		}
		if hi < least {
			least = hi
			above = Note{X: x, Y: (hi + top) / 2, XAlign: draw.XCenter, YAlign: draw.YCenter}
		}
	}
	return below, above
}
