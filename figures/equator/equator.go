// Package equator is the figure equator: what happens at points that have an overlap with the
// signal, in theory and by descents from there.
package equator

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
	pipeline.Register("equator", "transition and recovery away from the equator, at points of given overlap",
		figures.New[params](figure, pipeline.Reads[theoryRow]("theory-overlap"),
			pipeline.ReadsWith[edge, inputs.Level]("basin-edge")))
}

// params has no parameters.
type params struct{}

// Accepts wants one loss, and one stage of theory.
func (params) Accepts(in []*pipeline.Stage) error {
	if theory := pipeline.StagesOf("theory-overlap", in); len(theory) > 1 {
		return pipeline.BadInput(theory[1], "the figure shows one stage of kind theory-overlap, and %s is another; leave one "+
			"of the two out", theory[0].Name)
	}
	return cmp.Or(inputs.OneLoss(in), inputs.OneMethod(pipeline.StagesOf("basin-edge", in)))
}

// theoryRow is what the figure shows of theory-overlap: one overlap.
type theoryRow struct {
	Overlap float64  `arrow:"overlap"`
	Loss    string   `arrow:"loss"`
	A       float64  `arrow:"a"`
	Found   bool     `arrow:"found"`
	Alpha   float64  `arrow:"alpha"`
	Follows []follow `arrow:"follows"`
}

type follow struct {
	Alpha  float64 `arrow:"alpha"`
	Exists bool    `arrow:"exists"`
	Q2     float64 `arrow:"q2"`
}

func (r theoryRow) about() inputs.Loss { return inputs.Loss{Name: r.Loss, A: r.A} }

// edge is what it shows of basin-edge: one N and α.
type edge struct {
	N          int64   `arrow:"n"`
	Alpha      float64 `arrow:"alpha"`
	AlphaAsked float64 `arrow:"alpha_asked"`
	Loss       string  `arrow:"loss"`
	A          float64 `arrow:"a"`
	Method     string  `arrow:"method"`
	Instances  int64   `arrow:"instances"`
	Points     []rate  `arrow:"points"`
	Identified bool    `arrow:"identified"`
	Reason     string  `arrow:"reason"`
	Half       float64 `arrow:"half"`
	HalfLo     float64 `arrow:"half_lo"`
	HalfHi     float64 `arrow:"half_hi"`
}

type rate struct {
	Overlap float64 `arrow:"overlap"`
	Trials  int64   `arrow:"trials"`
	P       float64 `arrow:"p"`
	Lo      float64 `arrow:"lo"`
	Hi      float64 `arrow:"hi"`
}

func (e edge) about() inputs.Loss { return inputs.Loss{Name: e.Loss, A: e.A} }

// A picture is what the figure shows.
type picture struct {
	Loss, Method, Level string
	Theory              []theoryRow // overlap ascending
	Edges               []edge      // N descending, α ascending
	Sizes               []int64     // descending
	Least, Most         int64       // instances
	Halves              []half
	Start               house.Quantity // α_BBP at overlap 0
	Last                house.Quantity // at the largest overlap that has one

	quantities []house.Quantity
}

// A half is the overlap from which half of the descents recover.
type half struct {
	Alpha string
	N     int64
	house.Quantity
}

func figure(in pipeline.Inputs) (house.Drawing, error) {
	p, err := read(in)
	if err != nil {
		return house.Drawing{}, err
	}
	grid := house.Grid{Panels: [][]*house.Panel{{p.plane(), p.rates(), p.outlier()}}}
	return house.Drawing{Width: house.DoubleColumn, Height: 6.4 * vg.Centimeter, Draw: grid.Draw}.
		Described(words, p, p.quantities)
}

func read(in pipeline.Inputs) (*picture, error) {
	theory, err := inputs.Read[theoryRow](in, "theory-overlap")
	edges, level, err2 := inputs.ReadIntervals[edge](in, "basin-edge")
	about, err3 := inputs.OneOf(edges, "loss", edge.about)
	of, err4 := inputs.OneOf(theory, "loss", theoryRow.about)
	method, err5 := inputs.OneOf(edges, "method of descent", func(e edge) string { return e.Method })
	if err := cmp.Or(err, err2, err3, err4, err5); err != nil {
		return nil, err
	}
	if of != about {
		return nil, fmt.Errorf("%s is for the %s, and %s for the %s; give the figure one loss", theory[0].Stage, of,
			edges[0].Stage, about)
	}
	p := &picture{Loss: about.Words(), Method: inputs.MethodWords(method), Level: level, Least: math.MaxInt64}
	for _, t := range theory {
		p.Theory = append(p.Theory, t.Row)
	}
	slices.SortStableFunc(p.Theory, func(a, b theoryRow) int { return cmp.Compare(a.Overlap, b.Overlap) })
	for _, e := range edges {
		p.Edges = append(p.Edges, e.Row)
		p.Sizes = append(p.Sizes, e.Row.N)
		p.Least, p.Most = min(p.Least, e.Row.Instances), max(p.Most, e.Row.Instances)
	}
	slices.SortStableFunc(p.Edges, func(a, b edge) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Alpha, b.Alpha)) })
	for i, e := range p.Edges[1:] {
		if before := p.Edges[i]; before.N == e.N && before.Alpha == e.Alpha {
			return nil, fmt.Errorf("two rows of kind basin-edge are at N = %d, α = %v; give the figure one of them", e.N, e.Alpha)
		}
	}
	slices.Sort(p.Sizes)
	p.Sizes = slices.Compact(p.Sizes)
	slices.Reverse(p.Sizes)
	p.count()
	return p, nil
}

// count lists the numbers.
func (p *picture) count() {
	p.Start = house.None("alpha-bbp-m=0", "$α_{\\rm{BBP}}$ at overlap 0", "theory was not asked for it")
	p.Last = house.None("last", "", "theory finds none")
	for _, t := range p.Theory {
		m := house.NumberName(t.Overlap)
		q := house.Exact("alpha-bbp-m="+m, "$α_{\\rm{BBP}}$ of the Hessian at a point of overlap $m = "+m+"$, theory", t.Alpha).
			Unless(!t.Found, "theory finds none")
		if t.Overlap == 0 {
			p.Start = q
		}
		if q.Known() {
			p.Last = q
		}
		p.quantities = append(p.quantities, q)
		for _, f := range t.Follows {
			a := house.NumberName(f.Alpha)
			p.quantities = append(p.quantities, house.Exact("q2-m="+m+"-alpha="+a,
				"$q^2$ of the outlier at overlap $m = "+m+
					"$, $α = "+a+"$, theory", f.Q2).Unless(!f.Exists, "there is no outlier"))
		}
	}
	for _, e := range p.Edges {
		a := house.NumberName(e.AlphaAsked)
		q := house.Estimate(fmt.Sprintf("half-alpha=%s-N=%d", a, e.N),
			fmt.Sprintf("overlap of the start from which half of the "+
				"descents recover at $α = %s$, $N = %d$", a, e.N), e.Half, e.HalfLo, e.HalfHi).Unless(!e.Identified, e.Reason)
		p.Halves = append(p.Halves, half{a, e.N, q})
		p.quantities = append(p.quantities, q)
	}
}

// Quoted are the overlaps of the largest N.
func (p *picture) Quoted() (out []half) {
	for _, h := range p.Halves {
		if h.N == p.Sizes[0] && h.Known() {
			out = append(out, h)
		}
	}
	return out
}

// Largest is the largest N.
func (p *picture) Largest() int64 { return p.Sizes[0] }

// LastOverlap is that of Last.
func (p *picture) LastOverlap() float64 {
	last := math.NaN()
	for _, t := range p.Theory {
		if t.Found {
			last = t.Overlap
		}
	}
	return last
}
