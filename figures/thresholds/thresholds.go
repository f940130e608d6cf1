// Package thresholds is the figure thresholds: the phase diagram in a and α: transitions
// at the start and at the threshold states.
package thresholds

import (
	_ "embed"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/portable"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("thresholds", "phase diagram in a and alpha: transitions at the start and at the threshold "+
		"states",
		figures.New[params](figure, pipeline.Reads[inputs.Transition]("theory-transition"),
			pipeline.ReadsWith[nullRow, inputs.Level]("dynamics-transition")))
}

// A boundary is a transition against a, ascending.
type boundary struct {
	a, alpha []float64
	smooth   []bool
}

// weakRecovery is the α below which no estimator finds the signal (physics.md 2b).
const weakRecovery = 0.5

// A diagram is what the figure shows.
type diagram struct {
	Level           string
	init, threshold boundary
	Least           house.Quantity // α of the transition at a random start
	LeastAt         float64        // the a of it
	Null            []simulation   // by N and then a
	Of              *simulation    // the one of the largest N that has a transition at several times; nil if none has
	Missing         int64          // simulations that say nothing
	Apart           bool           // there are simulations of several N
	quantities      []house.Quantity
}

// Threshold says whether theory finds transitions of threshold states.
func (d *diagram) Threshold() bool { return len(d.threshold.a) > 0 }

// figure shades three regimes, told apart by where an informative direction
// is: nowhere, at the start only, or from the start to where the descent ends.
func figure(in pipeline.Inputs) (house.Drawing, error) {
	at, from, to, family, err := boundaries(in)
	if err != nil {
		return house.Drawing{}, err
	}
	d := &diagram{init: at[0], threshold: at[1]}
	d.least()
	if err := d.simulations(in, family); err != nil {
		return house.Drawing{}, err
	}
	panels := []*house.Panel{d.panel(from, to)}
	if d.Of != nil {
		panels = append(panels, d.times())
	}
	return house.Drawing{Width: house.WidthFor(len(panels)), Height: 8 * vg.Centimeter,
		Draw: house.Grid{Panels: [][]*house.Panel{panels}}.Draw}.
		Described(words, d, d.quantities)
}

func (d *diagram) panel(from, to float64) *house.Panel {
	p := house.NewPanel("$a$", "$α$")
	p.LogX()
	p.X.Min, p.X.Max = from, to
	top := slices.Max(slices.Concat([]float64{2 * weakRecovery}, d.init.alpha, d.threshold.alpha))
	shaded := d.init.drawable() && d.threshold.drawable()
	for _, s := range d.Null {
		if _, q := s.shown(); !shaded {
			top = max(top, q.Value)
		}
	}
	p.Y.Min, p.Y.Max = weakRecovery, 1.18*top
	if shaded {
		d.init.shade(p, d.threshold)
	}
	d.init.curve(p, inputs.InitName, "random start", house.Blue)
	d.threshold.curve(p, inputs.ThresholdName, "threshold states, 1RSB", house.Vermillion)
	d.addNull(p)
	if d.init.a == nil && d.threshold.a == nil && d.Null == nil {
		p.None("none: no transition was found")
	}
	return p
}

// least finds the lowest transition at a random start.
func (d *diagram) least() {
	const name, text, none = "alpha-bbp-init-least",
		"least α of the transition at a random start among the values of $a$", "theory finds no transition"
	d.Least = house.None(name, text, none)
	if len(d.init.a) > 0 {
		i := slices.Index(d.init.alpha, slices.Min(d.init.alpha))
		d.LeastAt = d.init.a[i]
		d.Least = house.Exact(name, fmt.Sprintf("%s, at $a = %g$", text, d.LeastAt), d.init.alpha[i])
	}
	d.quantities = append(d.quantities, d.Least)
	if !d.Threshold() {
		d.quantities = append(d.quantities, house.None("alpha-bbp-ts-1rsb",
			"α of the transition of the threshold states by 1RSB", none))
	}
}

// boundaries are the transitions found at the start and at the threshold states, with
// the range of a that they have in common and the loss that they are for. Where theory
// finds none, or at one a only, it is the range that was searched.
func boundaries(in pipeline.Inputs) (at [2]boundary, from, to float64, family string, err error) {
	from, to = 0, math.Inf(1)
	stage := ""
	for i, matrix := range []string{"init", "threshold"} {
		searched, err := inputs.SearchesAt(in, matrix)
		if err != nil {
			return at, 0, 0, "", err
		}
		var as []float64
		for _, r := range searched {
			if stage == "" {
				family, stage = r.Row.Loss, r.Stage
			}
			if r.Row.Loss != family {
				return at, 0, 0, "", fmt.Errorf("%s is for the loss %s, but %s for %s; leave one of them out of the "+
					"figure's inputs", r.Stage, r.Row.Loss, stage, family)
			}
			if !(r.Row.A > 0) {
				return at, 0, 0, "", fmt.Errorf("%s has a = %g, which a logarithmic axis does not show", r.Stage,
					r.Row.A)
			}
			as = append(as, r.Row.A)
		}
		slices.Sort(as)
		if as = slices.Compact(as); len(as) < 2 {
			return at, 0, 0, "", fmt.Errorf("a curve needs transitions at two values of a or more, and the inputs of "+
				"kind theory-transition have %d at %s; give the figure more", len(as), matrix)
		}
		rows, err := inputs.TransitionsAt(in, matrix)
		if err != nil {
			return at, 0, 0, "", err
		}
		b := &at[i]
		for _, r := range rows {
			b.a, b.alpha, b.smooth = append(b.a, r.Row.A), append(b.alpha, r.Row.Alpha),
				append(b.smooth, r.Row.Edge == "smooth")
		}
		if b.drawable() {
			as = b.a
		}
		from, to = max(from, as[0]), min(to, as[len(as)-1])
	}
	if !(to > from) {
		return at, 0, 0, "", fmt.Errorf("the transitions at init and those at threshold, of %s and others, have no "+
			"range of a in common; give the figure one", stage)
	}
	return at, from, to, family, nil
}

// drawable says whether the boundary is a curve.
func (b boundary) drawable() bool { return len(b.a) > 1 }

// at is the curve at a, straight between points on the logarithmic axis.
func (b boundary) at(a float64) float64 {
	i, exact := slices.BinarySearch(b.a, a)
	if exact {
		return b.alpha[i]
	}
	i = max(1, min(len(b.a)-1, i))
	t := portable.Log(a/b.a[i-1]) / portable.Log(b.a[i]/b.a[i-1])
	return b.alpha[i-1] + float64(t*(b.alpha[i]-b.alpha[i-1]))
}

// shade fills and names the regimes below, between and above two boundaries.
func (b boundary) shade(p *house.Panel, upper boundary) {
	const steps = 160
	var x, bottom, lower, higher, top []float64
	for i := range steps + 1 {
		a := p.X.Min * portable.Pow(p.X.Max/p.X.Min, float64(i)/steps)
		if i == steps {
			a = p.X.Max
		}
		lo, hi := b.at(a), upper.at(a)
		x, bottom, top = append(x, a), append(bottom, p.Y.Min), append(top, p.Y.Max)
		lower, higher = append(lower, min(lo, hi)), append(higher, hi)
	}
	for _, r := range []struct {
		lo, hi []float64
		color  color.Color
		name   string
		at     float64 // share of the height at which the name stands: the key is above all
	}{
		{bottom, lower, house.Fade(house.Grey, 0.16), "no informative direction", 0.5},
		{lower, higher, house.Fade(house.SkyBlue, 0.18), "informative at the start,\nlost on the way", 0.5},
		{higher, top, house.Fade(house.Green, 0.15), "informative to the end", 0.25},
	} {
		p.Add(house.Band{X: x, Lo: r.lo, Hi: r.hi, Color: r.color})
		p.Add(widest(x, r.lo, r.hi, r.name, r.at))
	}
}

// widest puts words where a regime is highest over their width.
func widest(x, lo, hi []float64, words string, share float64) house.Note {
	half := len(x) / 4
	if !strings.Contains(words, "\n") {
		half = len(x) * 3 / 11
	}
	best, at, y := math.Inf(-1), 0, 0.0
	for k := half; k < len(x)-half; k++ {
		bottom, top := slices.Max(lo[k-half:k+half+1]), slices.Min(hi[k-half:k+half+1])
		// Of equals the one nearest to the middle.
		if room := top - bottom - 1e-9*math.Abs(float64(k-len(x)/2)); room > best {
			best, at, y = room, k, bottom+float64(share*(top-bottom))
		}
	}
	return house.Note{X: x[at], Y: y, Text: words, XAlign: draw.XCenter, YAlign: draw.YCenter}
}

// curve draws the boundary, solid where the edge is sharp. Between two values of a
// with different edges it is drawn as smooth, so that its parts meet.
func (b boundary) curve(p *house.Panel, name, words string, c color.Color) {
	if !b.drawable() {
		if len(b.a) == 1 {
			p.AddKeyed(words+", found at one $a$", house.Points{X: b.a, Y: b.alpha,
				Look: house.Look{Color: c, Shape: house.Diamond}})
		}
		return
	}
	smooth := func(i int) bool { return b.smooth[i] || b.smooth[i+1] }
	var parts [2]house.Curve
	keyed := [2]bool{}
	for i := 0; i+1 < len(b.a); {
		j := i + 1
		for j+1 < len(b.a) && smooth(j) == smooth(i) {
			j++
		}
		kind, sty := 0, house.Line(c)
		if smooth(i) {
			kind, sty = 1, house.Line(c, house.Dashed...)
		}
		parts[kind] = house.Curve{X: b.a[i : j+1], Y: b.alpha[i : j+1], Style: sty}
		if keyed[kind] {
			p.Add(parts[kind])
		} else {
			keyed[kind] = true
			p.AddKeyed(words+[]string{", sharp edge", ", smooth edge"}[kind], parts[kind])
		}
		i = j
	}
	x := func(share float64) float64 { return p.X.Min * portable.Pow(p.X.Max/p.X.Min, share) }
	p.Add(house.Note{X: x(0.05), Y: max(b.at(x(0.05)), b.at(x(0.12))), DY: 3, Text: name, Color: c,
		YAlign: draw.YBottom})
}
