// Package dynamicscompare is the figure dynamics-compare: other dynamics than gradient flow,
// from the same starts on the same instances.
package dynamicscompare

import (
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

//go:embed caption.tmpl
var words string

func init() {
	pipeline.Register("dynamics-compare", "recovery, cost and early overlap by other dynamics, from the same starts",
		figures.New[params](figure, pipeline.ReadsWith[row, inputs.Level]("comparison")))
}

// params has no parameters.
type params struct{}

// Accepts wants comparisons for one loss, each N once.
func (params) Accepts(in []*pipeline.Stage) error {
	return cmp.Or(inputs.OneLoss(in), inputs.OneStart(in), inputs.OnceN(in, inputs.LossWords))
}

// A picture is what the figure shows.
type picture struct {
	Loss, Starts, Level string
	Reference           string  // its name in a sentence
	Sizes               []int64 // at which others than the reference are, descending
	Largest             int64
	Variants            []variant // the reference first
	Alpha               float64   // of the overlaps, NaN if t_BBP is known at none
	TBBP                float64
	Instances           int64 // pairs of the largest N at the least, over the α there
	Open                int64 // unresolved

	quantities []house.Quantity
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	p, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	grid := house.Grid{Panels: [][]*house.Panel{{p.rates(), p.shifts()}, {p.overlaps(), p.costs()}}}
	return house.Drawing{Width: house.DoubleColumn, Height: 13 * vg.Centimeter, Draw: grid.Draw}.
		Described(words, p, p.quantities)
}

func read(in pipeline.Inputs) (*picture, error) {
	from, level, err := inputs.ReadIntervals[row](in, "comparison")
	about, err2 := inputs.OneOf(from, "loss", row.about)
	starts, err3 := inputs.OneOf(from, "kind of start", func(r row) string { return r.From })
	if err := cmp.Or(err, err2, err3); err != nil {
		return nil, err
	}
	p := &picture{Loss: about.Words(), Starts: inputs.StartWords(starts), Level: level, Alpha: math.NaN()}
	var rows []row
	for _, r := range from {
		if !r.Row.Reference {
			p.Sizes = append(p.Sizes, r.Row.N)
		}
		rows = append(rows, r.Row)
	}
	slices.Sort(p.Sizes)
	slices.Reverse(p.Sizes)
	p.Sizes = slices.Compact(p.Sizes)
	if len(p.Sizes) == 0 {
		return nil, fmt.Errorf("%s and all others have the reference alone; give the comparison descents by other methods",
			from[0].Stage)
	}
	p.Largest = p.Sizes[0]
	rows = slices.DeleteFunc(rows, func(r row) bool { return !slices.Contains(p.Sizes, r.N) })
	for _, n := range p.Sizes {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.N == n && r.Reference }) {
			return nil, fmt.Errorf("%s has no row of the reference at N = %d; run that stage again", from[0].Stage, n)
		}
	}
	p.group(rows)
	p.choose()
	p.count()
	return p, nil
}

// group makes the variants: the reference, and then the order of the known methods and of their parameters.
func (p *picture) group(rows []row) {
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.N, a.N) })
	for _, r := range rows {
		key, suffix := varied(r, rows)
		i := slices.IndexFunc(p.Variants, func(v variant) bool { return v.Key == key })
		if i < 0 {
			name, known := names[r.Method]
			look := looks[r.Method]
			if !known {
				name[0], look = r.Method, house.Look{Color: house.Grey, Shape: house.Cross}
			}
			var dashes []vg.Length
			if r.Method == "kick" && r.TKick > 0 {
				look.Shape, dashes = house.TriangleDown, house.Dashed
			}
			if name[1] == "" {
				name[1] = name[0]
			}
			i, p.Variants = len(p.Variants), append(p.Variants, variant{Key: key, Label: name[0] + suffix,
				Words: name[1] + suffix, row: r, look: look, dashes: dashes})
		}
		p.Variants[i].sizes = append(p.Variants[i].sizes, r)
	}
	order := []string{"gd", "heavyball", "nesterov", "anneal", "sgd", "langevin", "kick"}
	slices.SortStableFunc(p.Variants, func(a, b variant) int {
		if a.Reference != b.Reference {
			if a.Reference {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(slices.Index(order, a.Method), slices.Index(order, b.Method)),
			cmp.Compare(a.TKick, b.TKick))
	})
	p.Reference = p.Variants[0].Words
}

// choose takes the α of the overlaps: of those with a t_BBP, that at which the reference
// recovers most nearly half of the instances of the largest N.
func (p *picture) choose() {
	best := math.Inf(1)
	for _, q := range p.Variants[0].Points {
		if off := math.Abs(q.P - 0.5); q.TBBP-q.TBBP == 0 && q.Trials > 0 && p.everywhere(q.AlphaAsked) && off < best {
			best, p.Alpha, p.TBBP = off, q.AlphaAsked, q.TBBP
		}
	}
}

// everywhere says whether all variants have an α.
func (p *picture) everywhere(alpha float64) bool {
	for _, v := range p.Variants {
		if _, ok := v.at(alpha); !ok {
			return false
		}
	}
	return true
}

// A finding is what the caption says of a variant.
type finding struct {
	Words string
	Shift house.Quantity
	clear bool // its interval leaves out 0
}

// Lower are the variants whose α50 is below that of the reference at the largest N, Same those
// whose interval does not tell, Higher the others.
func (p *picture) Lower() []finding {
	return p.findings(func(f finding) bool { return f.clear && f.Shift.Value < 0 })
}

// Same: see Lower.
func (p *picture) Same() []finding { return p.findings(func(f finding) bool { return !f.clear }) }

// Higher: see Lower.
func (p *picture) Higher() []finding {
	return p.findings(func(f finding) bool { return f.clear && f.Shift.Value > 0 })
}

func (p *picture) findings(keep func(finding) bool) (out []finding) {
	for _, v := range p.Variants[1:] {
		r := v.row
		if r.N != p.Largest || math.IsNaN(r.Shift) {
			continue
		}
		f := finding{Words: v.Words, Shift: v.shift(r), clear: r.ShiftLo > 0 || r.ShiftHi < 0}
		if keep(f) {
			out = append(out, f)
		}
	}
	return out
}

// Beside is the overlap of the reference at t_BBP, for the largest N.
func (p *picture) Beside() house.Quantity { return p.Variants[0].overlap(p.Variants[0].row, p.Alpha) }

// Ahead are the variants whose overlap at t_BBP is larger than that of the reference, by their
// intervals, and Early the others.
func (p *picture) Ahead() []finding { return p.early(true) }

// Early: see Ahead.
func (p *picture) Early() []finding { return p.early(false) }

func (p *picture) early(ahead bool) (out []finding) {
	beside := p.Beside()
	for _, v := range p.Variants[1:] {
		if q := v.overlap(v.row, p.Alpha); v.N == p.Largest && q.Known() && beside.Known() &&
			(q.Lo > beside.Hi) == ahead {
			out = append(out, finding{Words: v.Words, Shift: q})
		}
	}
	return out
}

// overlap is that at t_BBP.
func (v variant) overlap(r row, alpha float64) house.Quantity {
	q, ok := r.at(alpha)
	return house.Estimate(fmt.Sprintf("overlap-%s-N=%d", v.Key, r.N), fmt.Sprintf("root mean square overlap at "+
		"$t_{\\rm{BBP}}$ by %s, $N = %d$", v.Label, r.N), q.Overlap, q.OverlapLo, q.OverlapHi).
		Unless(math.IsNaN(q.OverlapLo), "of one instance there is no interval").
		Unless(!ok || math.IsNaN(q.Overlap), "$t_{\\rm{BBP}}$ is not known")
}

func (v variant) shift(r row) house.Quantity {
	at := fmt.Sprintf(", $N = %d$", r.N)
	return house.Estimate(fmt.Sprintf("shift-%s-N=%d", v.Key, r.N),
		"$α_{50}$ by "+v.Label+" less that of the reference, from "+
			"the same starts"+at, r.Shift, r.ShiftLo, r.ShiftHi).Unless(math.IsNaN(r.Shift),
		"the data do not determine both curves")
}

// count lists the numbers.
func (p *picture) count() {
	p.Instances = math.MaxInt64
	for _, v := range p.Variants {
		for _, r := range v.sizes {
			at := fmt.Sprintf(", $N = %d$", r.N)
			name := func(what string) string { return fmt.Sprintf("%s-%s-N=%d", what, v.Key, r.N) }
			p.quantities = append(p.quantities, house.Estimate(name("alpha50"), "$α_{50}$ by "+v.Label+at,
				r.Alpha50, r.Alpha50Lo,
				r.Alpha50Hi).Unless(!r.Identified, "the data do not determine a curve"))
			if !r.Reference {
				p.quantities = append(p.quantities, v.shift(r), house.Estimate(name("gain"),
					"share recovered by "+v.Label+
						" less that of the reference, from the same starts at all $α$"+at, r.Gain, r.GainLo, r.GainHi).
					Unless(r.Pairs == 0, "no pair is resolved by both"))
			}
			for _, of := range []struct {
				what, words string
				passes
			}{{"passes-recovered", "to recovery", r.PassesRecovered}, {"passes-trapped", "to a trap", r.PassesTrapped}} {
				p.quantities = append(p.quantities, house.Exact(name(of.what), "passes over X "+of.words+" by "+v.Label+
					", median"+at, of.Median).Unless(of.Descents == 0, "no descent ends so"))
			}
			p.quantities = append(p.quantities, v.overlap(r, p.Alpha))
			for _, q := range r.Points {
				p.Open += q.Unresolved
				if r.N == p.Largest && q.Trials > 0 {
					p.Instances = min(p.Instances, q.Trials)
				}
			}
		}
	}
	if p.Instances == math.MaxInt64 {
		p.Instances = 0
	}
}
