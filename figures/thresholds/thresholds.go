// Package thresholds is the figure thresholds: the phase diagram in a and α: transitions
// at the start and at the threshold states.
package thresholds

import (
	"cmp"
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
	"zerotohero/figures/label"
	"zerotohero/figures/portable"
	"zerotohero/pipeline"
)

func init() {
	pipeline.Register("thresholds", "phase diagram in a and alpha: transitions at the start and at the threshold states", func(params) (figures.Figure, error) {
		return figures.Figure{
			Reads: []pipeline.Read{
				pipeline.Reads[inputs.Transition]("theory-transition"),
				pipeline.ReadsWith[nullRow, inputs.Level]("dynamics-transition"),
			},
			Draw: figure,
		}, nil
	})
}

// A nullRow is the transition of trapped states by simulation of the null model.
type nullRow struct {
	N          int64   `arrow:"n"`
	Loss       string  `arrow:"loss"`
	A          float64 `arrow:"a"`
	Identified bool    `arrow:"identified"`
	Alpha      float64 `arrow:"alpha"`
	Lo         float64 `arrow:"lo"`
	Hi         float64 `arrow:"hi"`
}

// A boundary is a transition against a, ascending.
type boundary struct {
	a, alpha []float64
	smooth   []bool
}

// weakRecovery is the α below which no estimator finds the signal (physics.md 2b).
const weakRecovery = 0.5

// figure shades three regimes, told apart by where an informative direction
// is: nowhere, at the start only, or from the start to where the descent ends.
func figure(in pipeline.Inputs) (house.Drawing, error) {
	at, from, to, family, err := boundaries(in)
	if err != nil {
		return house.Drawing{}, err
	}
	null, missing, level, err := nullTransitions(in, family)
	if err != nil {
		return house.Drawing{}, err
	}

	p := house.NewPanel("$a$", "$α$")
	p.LogX()
	p.X.Min, p.X.Max = from, to
	top := 2 * weakRecovery
	for _, b := range at {
		top = max(top, slices.Max(append([]float64{0}, b.alpha...)))
	}
	if at[0].drawable() && at[1].drawable() {
		p.Y.Min, p.Y.Max = weakRecovery, 1.18*top
		at[0].shade(p, at[1])
	} else {
		for _, r := range null {
			top = max(top, r.Alpha)
		}
		p.Y.Min, p.Y.Max = weakRecovery, 1.18*top
	}
	at[0].curve(p, inputs.InitName, "random start", house.Blue)
	at[1].curve(p, inputs.ThresholdName, "threshold states, 1RSB", house.Vermillion)
	addNull(p, null)
	if at[0].a == nil && at[1].a == nil && null == nil {
		p.None("none: no transition was found")
	}
	d := house.Drawing{Width: house.SingleColumn, Height: 8 * vg.Centimeter, Draw: p.Draw}
	d.Caption, d.Quantities = words(family, level, at, null, missing)
	return d, nil
}

// boundaries are the transitions found at the start and at the threshold states, with
// the range of a that they have in common and the loss that they are for. Where theory
// finds none, or at one a only, it is the range that was searched.
func boundaries(in pipeline.Inputs) (at [2]boundary, from, to float64, family string, err error) {
	from, to = 0, math.Inf(1)
	stage := ""
	for i, place := range []string{"init", "threshold"} {
		searched, err := inputs.SearchesAt(in, place)
		if err != nil {
			return at, 0, 0, "", err
		}
		var as []float64
		for _, r := range searched {
			if stage == "" {
				family, stage = r.Row.Loss, r.Stage
			}
			if r.Row.Loss != family {
				return at, 0, 0, "", fmt.Errorf("%s is for the loss %s, but %s for %s; leave one of them out of the figure's inputs", r.Stage, r.Row.Loss, stage, family)
			}
			if !(r.Row.A > 0) {
				return at, 0, 0, "", fmt.Errorf("%s has a = %g, which a logarithmic axis does not show", r.Stage, r.Row.A)
			}
			as = append(as, r.Row.A)
		}
		slices.Sort(as)
		if as = slices.Compact(as); len(as) < 2 {
			return at, 0, 0, "", fmt.Errorf("a curve needs transitions at two values of a or more, and the inputs of kind theory-transition have %d at %s; give the figure more", len(as), place)
		}
		rows, err := inputs.TransitionsAt(in, place)
		if err != nil {
			return at, 0, 0, "", err
		}
		b := &at[i]
		for _, r := range rows {
			b.a, b.alpha, b.smooth = append(b.a, r.Row.A), append(b.alpha, r.Row.Alpha), append(b.smooth, r.Row.Edge == "smooth")
		}
		if b.drawable() {
			as = b.a
		}
		from, to = max(from, as[0]), min(to, as[len(as)-1])
	}
	if !(to > from) {
		return at, 0, 0, "", fmt.Errorf("the transitions at init and those at threshold, of %s and others, have no range of a in common; give the figure one", stage)
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

// nullTransitions gives what simulation says, by N and then a, the rows that say nothing,
// and the level of their intervals.
func nullTransitions(in pipeline.Inputs, family string) (rows, missing []nullRow, level string, err error) {
	all, level, err := inputs.ReadIntervals[nullRow](in, "dynamics-transition")
	if err != nil {
		return nil, nil, "", err
	}
	for _, r := range all {
		switch {
		case r.Row.Loss != family:
			return nil, nil, "", fmt.Errorf("%s is for the loss %s, and the theory for %s; leave one of them out of the figure's inputs", r.Stage, r.Row.Loss, family)
		case !r.Row.Identified:
			missing = append(missing, r.Row)
		case !(r.Row.A > 0) || !(r.Row.Lo <= r.Row.Alpha && r.Row.Alpha <= r.Row.Hi):
			return nil, nil, "", fmt.Errorf("%s has a = %g and alpha = %g in the interval from %g to %g", r.Stage, r.Row.A, r.Row.Alpha, r.Row.Lo, r.Row.Hi)
		default:
			rows = append(rows, r.Row)
		}
	}
	order := func(a, b nullRow) int { return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.A, b.A)) }
	slices.SortStableFunc(rows, order)
	slices.SortStableFunc(missing, order)
	return rows, missing, level, nil
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
		// Of equal places the one nearest to the middle.
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
			p.AddKeyed(words+", found at one $a$", house.Points{X: b.a, Y: b.alpha, Look: house.Look{Color: c, Shape: house.Diamond}})
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
	place := func(share float64) float64 { return p.X.Min * portable.Pow(p.X.Max/p.X.Min, share) }
	p.Add(house.Note{X: place(0.05), Y: max(b.at(place(0.05)), b.at(place(0.12))), DY: 3, Text: name, Color: c, YAlign: draw.YBottom})
}

func nullSizes(rows []nullRow) []int64 {
	var out []int64
	for _, r := range rows {
		out = append(out, r.N)
	}
	return slices.Compact(out)
}

// addNull adds the simulations, a look for each N. An open interval goes to the frame.
func addNull(p *house.Panel, rows []nullRow) {
	sizes := nullSizes(rows)
	for k, n := range sizes {
		// Sizes at one a are moved apart.
		apart := portable.Pow(1.06, float64(k)-float64(len(sizes)-1)/2)
		pts := house.Points{Look: house.Look{Color: house.Black, Shape: []draw.GlyphDrawer{house.Disc, house.Square, house.Diamond, house.Triangle}[k%4]}}
		for len(rows) > 0 && rows[0].N == n {
			r := rows[0]
			pts.X, pts.Y = append(pts.X, r.A*apart), append(pts.Y, r.Alpha)
			pts.Lo, pts.Hi = append(pts.Lo, max(r.Lo, p.Y.Min)), append(pts.Hi, min(r.Hi, p.Y.Max))
			rows = rows[1:]
		}
		p.AddKeyed(fmt.Sprintf("null model, $N = %d$", n), pts)
	}
}

func words(family, level string, at [2]boundary, null, missing []nullRow) (string, []house.Quantity) {
	var numbers []house.Quantity
	of := func(a float64) inputs.Loss { return inputs.Loss{Name: family, A: a} }
	lowest := house.None("alpha-bbp-init-least", "least α of the transition at a random start among the values of $a$", "theory finds no transition")
	where := ""
	if len(at[0].a) > 0 {
		least := slices.Index(at[0].alpha, slices.Min(at[0].alpha))
		where = fmt.Sprintf("at $a = %s$", label.Number(at[0].a[least]))
		lowest = house.Exact(lowest.Name, lowest.Text+", "+where, at[0].alpha[least])
		where = " " + where
	}
	numbers = append(numbers, lowest)
	words := []string{
		"Phase diagram in the parameter $a$ of the loss and $α = M/N$, from $α = 1/2$ on, below which no estimator finds the signal.",
		fmt.Sprintf("Below %s (theory at $N = ∞$, dashed where the bulk's edge is smooth and the overlap jumps) the Hessian at a random start has no direction towards the signal; its least value here is %s%s.",
			inputs.InitName, lowest, where),
		fmt.Sprintf("Between it and %s there is one at the start, which the descent loses on its way to the threshold states; above, it is there to the end.", inputs.ThresholdName),
		"The threshold states are those of 1RSB, to which trapped states are only near.",
	}
	if len(at[1].a) == 0 {
		numbers = append(numbers, house.None("alpha-bbp-ts-1rsb", "α of the transition of the threshold states by 1RSB", "theory finds no transition"))
		words = append(words, "Transitions of the threshold states by 1RSB: none.")
	}
	if len(null) > 0 {
		words = append(words, "Points: the α at which the outlier appears in trapped states of the null model, with "+level+"bootstrap intervals:")
		var list []string
		for _, r := range null {
			q := house.Estimate(fmt.Sprintf("alpha-bbp-ts-null-n=%d-%s", r.N, of(r.A).Key()),
				nullText(r, of(r.A)), r.Alpha, r.Lo, r.Hi)
			numbers = append(numbers, q)
			said := fmt.Sprintf("%s at $a = %s$, $N = %d$", q, label.Number(r.A), r.N)
			if i, exact := slices.BinarySearch(at[1].a, r.A); exact {
				rsb := at[1].alpha[i]
				said += fmt.Sprintf(" (1RSB: $%.2f$)", rsb)
				name := "alpha-bbp-ts-1rsb-" + of(r.A).Key()
				if !slices.ContainsFunc(numbers, func(q house.Quantity) bool { return q.Name == name }) {
					numbers = append(numbers, house.Exact(name, "α of the transition of the threshold states by 1RSB, "+of(r.A).Title(), rsb))
				}
			}
			list = append(list, said)
		}
		words[len(words)-1] += " " + strings.Join(list, "; ") + "."
		if len(nullSizes(null)) > 1 {
			words = append(words, "Points of different $N$ at one $a$ are moved apart.")
		}
	}
	for _, r := range missing {
		name := fmt.Sprintf("alpha-bbp-ts-null-n=%d-%s", r.N, of(r.A).Key())
		if !slices.ContainsFunc(numbers, func(q house.Quantity) bool { return q.Name == name }) {
			numbers = append(numbers, house.None(name, nullText(r, of(r.A)), "the α simulated do not enclose it"))
		}
	}
	if len(null) == 0 {
		words = append(words, "Transitions of the null model: none.")
	}
	if len(missing) > 0 {
		words = append(words, label.Plural(int64(len(missing)), "estimate")+" of the null model not shown, because the α simulated do not enclose the transition.")
	}
	return strings.Join(words, " "), numbers
}

func nullText(r nullRow, about inputs.Loss) string {
	return fmt.Sprintf("α at which the outlier appears in trapped states of the null model, $N = %d$, %s", r.N, about.Title())
}
