package thresholds

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/figures/portable"
	"zerotohero/pipeline"
)

// A nullRow is the transition of trapped states by simulation of the null model, and of the
// states at times before.
type nullRow struct {
	N          int64       `arrow:"n"`
	Loss       string      `arrow:"loss"`
	A          float64     `arrow:"a"`
	Identified bool        `arrow:"identified"`
	Alpha      float64     `arrow:"alpha"`
	Lo         float64     `arrow:"lo"`
	Hi         float64     `arrow:"hi"`
	Points     []nullPoint `arrow:"points"`
	Times      []nullTime  `arrow:"times"`
}

// A nullPoint is one α.
type nullPoint struct {
	Runs int64 `arrow:"runs"` // trapped
}

// A nullTime is the transition of the states at one time.
type nullTime struct {
	T          float64 `arrow:"t"`
	Identified bool    `arrow:"identified"`
	Alpha      float64 `arrow:"alpha"`
	Lo         float64 `arrow:"lo"`
	Hi         float64 `arrow:"hi"`
}

// trapped says whether any descent is.
func (r nullRow) trapped() bool {
	return slices.ContainsFunc(r.Points, func(p nullPoint) bool { return p.Runs > 0 })
}

// A simulation is a transition of the null model, beside that of 1RSB at the same a.
type simulation struct {
	nullRow
	Q, RSB  house.Quantity
	Moments []moment // at which it is identified, ascending
}

// A moment is the transition of the states at one time.
type moment struct {
	T float64
	Q house.Quantity
}

// Last is the transition at the last time, of descents that are not trapped; nil if they are.
func (s simulation) Last() *moment {
	if s.Identified || s.trapped() || len(s.Moments) == 0 {
		return nil
	}
	return &s.Moments[len(s.Moments)-1]
}

// shown is the transition that the phase diagram shows, and whether that is of states in which
// descents are not trapped.
func (s simulation) shown() (open bool, q house.Quantity) {
	if last := s.Last(); last != nil {
		return true, last.Q
	}
	return false, s.Q
}

// simulations takes what the null model says, and counts the rows that say nothing.
func (d *diagram) simulations(in pipeline.Inputs, family string) error {
	rows, level, err := inputs.ReadIntervals[nullRow](in, "dynamics-transition")
	if err != nil {
		return err
	}
	d.Level = level
	slices.SortStableFunc(rows, func(a, b inputs.From[nullRow]) int {
		return cmp.Or(cmp.Compare(a.Row.N, b.Row.N), cmp.Compare(a.Row.A, b.Row.A))
	})
	var missing []house.Quantity
	for _, row := range rows {
		r := row.Row
		if r.Loss != family {
			return fmt.Errorf("%s is for the loss %s, and the theory for %s; leave one of them out of the figure's "+
				"inputs", row.Stage, r.Loss, family)
		}
		s := d.simulation(r)
		_, q := s.shown()
		if !q.Known() {
			d.Missing++
			missing = append(missing, q)
			continue
		}
		if !(r.A > 0) || !(q.Lo <= q.Value && q.Value <= q.Hi) {
			return fmt.Errorf("%s has a = %g and alpha = %g in the interval from %g to %g", row.Stage, r.A, q.Value,
				q.Lo, q.Hi)
		}
		d.Apart = d.Apart || len(d.Null) > 0 && d.Null[0].N != r.N
		d.Null = append(d.Null, s)
		if s.Last() != nil {
			for _, m := range s.Moments {
				d.list(m.Q)
			}
			missing = append(missing, s.Q)
		} else {
			d.list(s.Q)
		}
		if s.RSB.Known() {
			d.list(s.RSB)
		}
	}
	for i, s := range d.Null {
		if len(s.Moments) > 1 {
			d.Of = &d.Null[i]
		}
	}
	for _, q := range missing {
		d.list(q)
	}
	return nil
}

// list adds a quantity, once.
func (d *diagram) list(q house.Quantity) {
	if !slices.ContainsFunc(d.quantities, func(o house.Quantity) bool { return o.Name == q.Name }) {
		d.quantities = append(d.quantities, q)
	}
}

func (d *diagram) simulation(r nullRow) simulation {
	about := inputs.Loss{Name: r.Loss, A: r.A}
	name := fmt.Sprintf("alpha-bbp-ts-null-n=%d", r.N)
	of := fmt.Sprintf("of the null model, $N = %d$, %s", r.N, about.Title())
	s := simulation{nullRow: r, RSB: d.rsb(about),
		Q: house.Estimate(name+"-"+about.Key(), "α at which the outlier appears in trapped states "+of, r.Alpha,
			r.Lo, r.Hi).
			Unless(!r.Identified, "the α simulated do not enclose it").
			Unless(!r.Identified && len(r.Points) > 0 && !r.trapped(), "no descent is trapped in the time simulated")}
	for _, t := range r.Times {
		if t.Identified && t.T > 0 {
			when := house.NumberName(t.T)
			s.Moments = append(s.Moments, moment{t.T, house.Estimate(name+"-t="+when+"-"+about.Key(),
				"α at which the outlier appears in the states at $t = "+when+"$ "+of, t.Alpha, t.Lo, t.Hi)})
		}
	}
	return s
}

// rsb is the transition of threshold states of a loss, if there is one computed.
func (d *diagram) rsb(about inputs.Loss) house.Quantity {
	name, text := "alpha-bbp-ts-1rsb-"+about.Key(),
		"α of the transition of the threshold states by 1RSB, "+about.Title()
	i, exact := slices.BinarySearch(d.threshold.a, about.A)
	if !exact {
		return house.None(name, text, "it was not computed")
	}
	return house.Exact(name, text, d.threshold.alpha[i])
}

// sizes are the N of simulations, ascending.
func sizes(of []simulation) (out []int64) {
	for _, s := range of {
		out = append(out, s.N)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// look is that of an N. Hollow is the mark of descents that are not trapped.
func (d *diagram) look(n int64, open bool) house.Look {
	k := slices.Index(sizes(d.Null), n)
	shapes := []draw.GlyphDrawer{house.Disc, house.Square, house.Diamond, house.Triangle}
	colors := []color.Color{house.Black, house.Purple, house.Orange, house.SkyBlue}
	if open {
		return house.Look{Color: colors[k%len(colors)], Shape: house.Circle}
	}
	return house.Look{Color: colors[k%len(colors)], Shape: shapes[k%len(shapes)]}
}

// addNull adds the simulations, a look for each N. An open interval goes to the frame.
func (d *diagram) addNull(p *house.Panel) {
	all := sizes(d.Null)
	for k, n := range all {
		pts := house.Points{}
		for _, s := range d.Null {
			if s.N == n {
				open, q := s.shown()
				pts.Look = d.look(n, open)
				pts.AddPoint(s.A*apart(1.12, k, len(all)), q.Value, max(q.Lo, p.Y.Min), min(q.Hi, p.Y.Max))
			}
		}
		p.AddKeyed(fmt.Sprintf("null model, $N = %d$", n), pts)
	}
}

// apart is by what the k-th of n marks at one value is moved along a logarithmic axis.
func apart(by float64, k, n int) float64 { return portable.Pow(by, float64(k)-float64(n-1)/2) }

// Ends says whether one of these has a transition of trapped states.
func (d *diagram) Ends() bool {
	return slices.ContainsFunc(d.beside(), func(s simulation) bool { return s.Identified })
}

// beside are the simulations for the loss of Of that have a transition at some time.
func (d *diagram) beside() []simulation {
	return slices.DeleteFunc(slices.Clone(d.Null),
		func(s simulation) bool { return s.A != d.Of.A || len(s.Moments) == 0 })
}

// times shows where the transition is in the states at each time, and where descents end.
func (d *diagram) times() *house.Panel {
	p := house.NewPanel("time $t$", "$α$ of the transition at $t$")
	p.Title.Text = inputs.Loss{Name: d.Of.Loss, A: d.Of.A}.Title()
	p.LogX()
	rows := d.beside()
	first, last := math.Inf(1), 0.0
	lo, hi := math.Inf(1), math.Inf(-1)
	if d.Of.RSB.Known() {
		lo, hi = d.Of.RSB.Value, d.Of.RSB.Value
	}
	for _, s := range rows {
		first, last = min(first, s.Moments[0].T), max(last, s.Moments[len(s.Moments)-1].T)
		for _, m := range s.Moments {
			lo, hi = min(lo, m.Q.Value), max(hi, m.Q.Value)
		}
		if s.Identified {
			lo, hi = min(lo, s.Alpha), max(hi, s.Alpha)
		}
	}
	pad := 0.12 * (hi - lo)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = first/1.5, last*1.5, lo-pad, hi+pad
	at := p.X.Max * 2 // of trapped states, beyond all times
	if d.Ends() {
		p.X.Max *= 4
		p.Add(house.Rule{X: last * 1.5, Style: house.Thin(house.Grey)}, house.Note{X: at, Y: p.Y.Min, DY: 5,
			Text: "trapped", XAlign: draw.XCenter, YAlign: draw.YBottom})
	}
	if d.Of.RSB.Known() {
		p.Add(house.Curve{X: []float64{p.X.Min, p.X.Max}, Y: []float64{d.Of.RSB.Value, d.Of.RSB.Value},
			Style: house.Line(house.Vermillion)}, house.Note{X: p.X.Min, Y: d.Of.RSB.Value, DX: 6, DY: -3,
			Text: inputs.ThresholdName + ", 1RSB", Color: house.Vermillion, YAlign: draw.YTop})
	}
	for k, s := range rows {
		pts := house.Points{Look: d.look(s.N, s.Last() != nil)}
		add := func(x float64, q house.Quantity) {
			pts.AddPoint(x, q.Value, max(q.Lo, p.Y.Min), min(q.Hi, p.Y.Max))
		}
		for _, m := range s.Moments {
			add(m.T*apart(1.06, k, len(rows)), m.Q)
		}
		if s.Identified {
			add(at*apart(1.5, k, len(rows)), s.Q)
		}
		p.AddKeyed(fmt.Sprintf("null model, $N = %d$", s.N), pts)
	}
	return p
}
