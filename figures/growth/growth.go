// Package growth is the figure growth: how the overlap grows from a random start, how long
// descents take to recover and to be trapped, and the crossover that follows.
package growth

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

func init() {
	pipeline.Register("growth", "how the overlap grows, and when descents recover or are trapped",
		figures.New[params](figure, pipeline.ReadsWith[overlapRow, inputs.Level]("growth"),
			pipeline.Reads[lawRow]("growth-law"), pipeline.Reads[scalingRow]("scaling")))
}

//go:embed caption.tmpl
var words string

// A picture is what the figure shows.
type picture struct {
	Loss, Method, Level string
	Large, Small        int64          // the largest N, and the one below it at the same α; 0 if there is none
	Grow                []grown        // α at these, ascending
	Alpha               string         // at which times to recovery are shown
	Times               []overlapRow   // there, N ascending
	Traps               []trapQuantity // of these
	Kappas              []kappa        // α ascending
	Zero, Half, Size    house.Quantity
	Z                   []zed
	Crossovers          []predicted
	Sizes               []measuredSize // where recovery was measured
}

// A grown is the growth at one α, at the largest N and at the one below.
type grown struct {
	Alpha float64
	At    []overlapRow // N descending, at most two
}

// A kappa is the exponent of growth at one α.
type kappa struct {
	exponent
	Kappa house.Quantity
}

// A zed is the exponent of trapping times at one α.
type zed struct {
	Alpha float64
	Z     house.Quantity
}

// A predicted is a crossover that follows from growth and trapping.
type predicted struct {
	N     int64
	Alpha house.Quantity
}

// A trapQuantity is the median trapping time at one N.
type trapQuantity struct {
	N    int64
	Time house.Quantity
}

const (
	mostAlpha = 6 // that panel (a) shows
	mostTimes = 6 // N that panel (c) shows
)

func figure(in pipeline.Inputs) (house.Drawing, error) {
	p, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	grid := house.Grid{Panels: [][]*house.Panel{{p.overlap(), p.exponents()}, {p.waiting(), p.crossover()}}}
	return house.Drawing{Width: house.DoubleColumn, Height: 12.6 * vg.Centimeter, Draw: grid.Draw}.
		Described(words, p, p.quantities())
}

func read(in pipeline.Inputs) (*picture, error) {
	rows, level, err := inputs.ReadIntervals[overlapRow](in, "growth")
	if err != nil {
		return nil, err
	}
	laws, err := inputs.Read[lawRow](in, "growth-law")
	scalings, err2 := inputs.Read[scalingRow](in, "scaling")
	about, err3 := inputs.OneOf(rows, "loss", overlapRow.about)
	method, err4 := inputs.OneOf(rows, "method of descent", func(r overlapRow) string { return r.Method })
	if err := cmp.Or(err, err2, err3, err4); err != nil {
		return nil, err
	}
	if len(laws) != 1 || len(scalings) != 1 {
		return nil, fmt.Errorf("the inputs of kinds growth-law and scaling have %d and %d rows, "+
			"and the figure takes one of each", len(laws), len(scalings))
	}
	p := &picture{Loss: about.Words(), Method: inputs.MethodWords(method), Level: level, Sizes: scalings[0].Row.Sizes}
	all := make([]overlapRow, len(rows))
	for i, r := range rows {
		all[i] = r.Row
	}
	slices.SortStableFunc(all, func(a, b overlapRow) int {
		return cmp.Or(cmp.Compare(a.Alpha, b.Alpha), cmp.Compare(b.N, a.N))
	})
	p.takeGrowth(all)
	p.takeTimes(all)
	p.takeLaw(laws[0].Row)
	return p, nil
}

// takeGrowth takes the α of the largest N, and the next N at which there are as many.
func (p *picture) takeGrowth(all []overlapRow) {
	for _, r := range all {
		p.Large = max(p.Large, r.N)
	}
	for _, r := range all {
		if r.N == p.Large && len(p.Grow) < mostAlpha {
			p.Grow = append(p.Grow, grown{r.Alpha, []overlapRow{r}})
		}
	}
	for i, g := range p.Grow {
		for _, r := range all {
			if r.Alpha == g.Alpha && r.N < p.Large && (p.Small == 0 || r.N == p.Small) {
				p.Small = r.N
				p.Grow[i].At = append(p.Grow[i].At, r)
				break
			}
		}
	}
}

// takeTimes takes the α at which most descents are decided either way, counting the rarer way at
// each N.
func (p *picture) takeTimes(all []overlapRow) {
	of := make(map[float64]int64)
	var best float64
	for _, r := range all {
		of[r.Alpha] += min(r.Recovered, r.Trapped)
		if of[r.Alpha] > of[best] {
			best = r.Alpha
		}
	}
	p.Alpha = house.NumberName(best)
	for _, r := range slices.Backward(all) {
		if r.Alpha == best && min(r.Recovered, r.Trapped) > 0 && len(p.Times) < mostTimes {
			p.Times = append(p.Times, r)
			p.Traps = append(p.Traps, trapQuantity{r.N, house.Estimate(
				fmt.Sprintf("trap-time-N=%d-alpha=%s", r.N, p.Alpha),
				fmt.Sprintf("median trapping time at $α = %s$, $N = %d$", p.Alpha, r.N),
				r.Trapping.Median, r.Trapping.Lo, r.Trapping.Hi).
				Unless(r.Trapped == 0, "no descent is trapped")})
		}
	}
}

// takeLaw takes what follows from all of them.
func (p *picture) takeLaw(l lawRow) {
	for i, k := range l.Kappas {
		if i > 0 && k.Alpha == l.Kappas[i-1].Alpha {
			continue // the first of an α is of the largest N
		}
		name := house.NumberName(k.Alpha)
		p.Kappas = append(p.Kappas, kappa{k, k.quantity("kappa-alpha="+name,
			fmt.Sprintf("exponent $κ$ of the growth of the overlap in time, $α = %s$, $N = %d$", name, k.N))})
	}
	for _, z := range l.Traps {
		name := house.NumberName(z.Alpha)
		p.Z = append(p.Z, zed{z.Alpha, z.quantity("z-alpha="+name,
			fmt.Sprintf("exponent $z$ of the median trapping time in $N$, $α = %s$", name))})
	}
	p.Zero = l.Zero.quantity("kappa-zero", "$α$ at which $κ$ vanishes")
	p.Half = l.Half.quantity("kappa-z-half", "$α$ at which $κz = ½$")
	p.Size = l.Size.quantity("sigma-size", "$d \\rm{ln} σ^2/d \\rm{ln} N$ at equal times, 0 in linear response")
	for _, c := range l.Crossovers {
		p.Crossovers = append(p.Crossovers, predicted{c.N, c.Crossing.quantity(fmt.Sprintf("alpha-c-N=%d", c.N),
			fmt.Sprintf("crossover $α_c$ that growth and trapping predict, $N = %d$", c.N))})
	}
}

func (e exponent) quantity(name, text string) house.Quantity {
	return house.Estimate(name, text, e.Value, e.Lo, e.Hi).Unless(!e.Identified, e.Reason)
}

func (c crossing) quantity(name, text string) house.Quantity {
	return house.Estimate(name, text, c.Alpha, c.Lo, c.Hi).Unless(!c.Identified, c.Reason)
}

func (p *picture) quantities() (out []house.Quantity) {
	for _, k := range p.Kappas {
		out = append(out, k.Kappa)
	}
	for _, z := range p.Z {
		out = append(out, z.Z)
	}
	out = append(out, p.Zero, p.Half, p.Size)
	for _, t := range p.Traps {
		out = append(out, t.Time)
	}
	for _, c := range p.Crossovers {
		out = append(out, c.Alpha)
	}
	return out
}
