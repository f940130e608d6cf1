package theory

import (
	"fmt"
	"math"
	"math/cmplx"

	"zerotohero/stages/internal/portable"
	"zerotohero/stages/internal/quadrature"
)

const (
	densityNodes  = 8    // nodes a panel
	panelError    = 5e-9 // of a panel's mass
	maxBisections = 48   // of a first panel
)

// panelRule is the rule on [−1, 1] of one panel.
var panelRule = func() *quadrature.Rule {
	r := &quadrature.Rule{}
	quadrature.NewLegendre(densityNodes).Append(r, -1, 1)
	return r
}()

// bulk solves 1/g + ζ = α E[s/(1+gs)] for ζ = λ+μ, on the real axis on the branch that is
// the limit from the upper half plane.
type bulk struct {
	sg        *segments
	alpha, mu float64
	active    float64 // P(s ≠ 0)
	scale     float64 // typical |ζ|
	lo, hi    float64 // bounds on the support in ζ, outliers included
}

// point is a solution at real ζ. The share of eigenvalues at or below needs no integral,
//
//	cdf = (1/π) Im[ log g + ζg − α E log(1+gs) ],
//
// because the bracket is stationary in g and its derivative in ζ is g.
type point struct {
	zeta, cdf float64
	g         complex128
}

func newBulk(sp *Spectrum, alpha, mu float64) (*bulk, error) {
	if err := checkAlpha(alpha); err != nil {
		return nil, err
	}
	if math.IsNaN(mu) || math.IsInf(mu, 0) {
		return nil, fmt.Errorf("theory: mu = %v is not finite", mu)
	}
	sg := newSegments(sp)
	b := &bulk{sg: sg, alpha: alpha, mu: mu}
	var lo, hi, logs, total float64
	for k, p := range sg.p {
		lo, hi = math.Min(lo, sg.c[k]-sg.h[k]), math.Max(hi, sg.c[k]+sg.h[k])
		if size := math.Max(math.Abs(sg.c[k]), sg.h[k]); size > 0 {
			b.active += p
			logs += p * portable.Log(size)
		}
		total += p
	}
	if total-b.active < 1e-12 {
		b.active = 1
	}
	// (1+√α)² times s bounds the eigenvalues of a Wishart matrix with weights s.
	reach := (1 + math.Sqrt(alpha)) * (1 + math.Sqrt(alpha))
	b.lo, b.hi = reach*lo, reach*hi
	b.scale = reach * portable.Exp(logs/math.Max(b.active, 1e-300))
	return b, nil
}

// atoms is the eigenvalue −μ of a matrix of rank below N.
func (b *bulk) atoms() []Atom {
	if rank := b.alpha * b.active; rank < 1 {
		return []Atom{{Lambda: -b.mu, Mass: 1 - rank}}
	}
	return nil
}

// nodes are the points of panels that cover the spectrum, ascending, with the weights of
// their quadrature. Points of weight 0 bound empty panels.
type nodes struct {
	points []point
	weight []float64

	// Between these two next to ζ = 0 nothing is sampled: an atom or a divergence of the
	// density may sit there.
	left, right point
}

// A criterion says how fine panels must be besides that the density integrates to the
// change of the CDF over each.
type criterion interface {
	// empty reports whether nothing has to be resolved between l and r, where there is
	// next to no density.
	empty(l, r point) bool
	// resolved reports whether the points of the panel from l to r tell enough.
	resolved(l, r point, panel []point) bool
}

// nodes bisects panels until they meet the criterion.
func (b *bulk) nodes(c criterion) *nodes {
	n := &nodes{}
	starts := b.breaks()
	left := b.solve(starts[0], nil)
	for _, z := range starts[1:] {
		right := b.after(&left, z, left.cdf)
		if left.zeta < 0 && z > 0 {
			n.left, n.right = left, right
		} else {
			b.panel(n, c, left, right, 0)
		}
		left = right
	}
	return n
}

// after is the solution at z, where the CDF is not below lo, from a neighbouring one if near
// is not nil.
func (b *bulk) after(near *point, z, lo float64) point {
	if math.Abs(z) < 1e-6*b.scale {
		near = nil // beside a divergence, where nothing is near
	}
	return b.between(z, near, lo, 1)
}

// breaks are the ends of the first panels: growing away from ζ = 0, which itself
// is left out.
func (b *bulk) breaks() []float64 {
	gap := 1e-8 * b.scale
	var neg, pos []float64
	for x := b.scale / 8; x < -1.01*b.lo; x *= 1.5 {
		neg = append(neg, -x)
	}
	for x := b.scale / 8; x < 1.01*b.hi; x *= 1.5 {
		pos = append(pos, x)
	}
	all := []float64{math.Min(1.02*b.lo, -b.scale/4)}
	for i := len(neg) - 1; i >= 0; i-- {
		if neg[i] > all[0] {
			all = append(all, neg[i])
		}
	}
	all = append(all, -gap, gap)
	all = append(all, pos...)
	return append(all, math.Max(1.02*b.hi, all[len(all)-1]+b.scale/4))
}

// panel adds the points between l and r to n.
func (b *bulk) panel(n *nodes, c criterion, l, r point, depth int) {
	mass := r.cdf - l.cdf
	if math.Abs(mass) < 1e-3*panelError && c.empty(l, r) {
		n.addEmpty(l)
		n.addEmpty(r)
		return
	}
	half := 0.5 * (r.zeta - l.zeta)
	var pts [densityNodes]point
	var sum float64
	near := &l
	for i, x := range panelRule.X {
		pts[i] = b.between(l.zeta+half*(1+x), near, near.cdf, r.cdf)
		near = &pts[i]
		sum += half * panelRule.W[i] * imag(pts[i].g) / math.Pi
	}
	if depth < maxBisections && (math.Abs(sum-mass) > panelError || !c.resolved(l, r, pts[:])) {
		mid := b.between(l.zeta+half, &pts[densityNodes/2], l.cdf, r.cdf)
		b.panel(n, c, l, mid, depth+1)
		b.panel(n, c, mid, r, depth+1)
		return
	}
	for i, p := range pts {
		n.add(p, half*panelRule.W[i])
	}
}

func (n *nodes) add(p point, weight float64) {
	n.points, n.weight = append(n.points, p), append(n.weight, weight)
}

func (n *nodes) addEmpty(p point) {
	if k := len(n.points); k == 0 || n.points[k-1].zeta < p.zeta {
		n.add(p, 0)
	}
}

// trim drops all but one of the points without density before and after the bulk.
func (n *nodes) trim() {
	first, last := 0, len(n.points)
	for first+1 < last && n.weight[first+1] == 0 {
		first++
	}
	for first < last-2 && n.weight[last-2] == 0 {
		last--
	}
	n.points, n.weight = n.points[first:last], n.weight[first:last]
}

// residual is F(g) = 1/g + ζ − α E[s/(1+gs)] and its derivative.
func (b *bulk) residual(z, g complex128) (f, df complex128) {
	s1, s2 := b.sg.stieltjes(g)
	al := complex(b.alpha, 0)
	return 1/g + z - al*s1, -1/(g*g) + al*s2
}

// solve finds g at ζ, from a neighbouring solution if near is not nil.
func (b *bulk) solve(zeta float64, near *point) point {
	if near != nil {
		if g, ok := b.newton(complex(zeta, 0), near.g); ok {
			return b.at(zeta, g)
		}
	}
	// Descend from far up in the half plane, where g = −1/z is a good start.
	height := 8 * (math.Abs(zeta) + b.scale)
	g := -1 / complex(zeta, height)
	for range 34 {
		if next, ok := b.newton(complex(zeta, height), g); ok {
			g = next
		}
		height *= 0.25
	}
	if next, ok := b.newton(complex(zeta, 0), g); ok {
		g = next
	}
	return b.at(zeta, g)
}

// between is solve where the CDF is known to lie in [lo, hi]. From afar Newton can
// end on a branch that is not the limit from above, and there the CDF is another.
func (b *bulk) between(zeta float64, near *point, lo, hi float64) point {
	const slack = 1e-7
	if p := b.solve(zeta, near); p.cdf >= lo-slack && p.cdf <= hi+slack {
		return p
	}
	return b.solve(zeta, nil)
}

func (b *bulk) at(zeta float64, g complex128) point {
	if imag(g) < realTolerance*cmplx.Abs(g) {
		g = complex(real(g), 0)
	}
	arg := math.Atan2(imag(g), real(g))
	return point{zeta, (arg + zeta*imag(g) - b.alpha*b.sg.meanArg(g)) / math.Pi, g}
}

// realTolerance is the Im g/|g| below which a solution counts as real.
const realTolerance = 1e-11

// newton iterates from g, staying in the upper half plane. On the real axis of z
// it accepts a complex solution, or a real one with dζ/dg > 0: each is then the
// limit from above.
func (b *bulk) newton(z, g complex128) (complex128, bool) {
	if imag(g) <= 0 {
		g = complex(real(g), 1e-3*realTolerance*cmplx.Abs(g))
	}
	for range 40 {
		f, df := b.residual(z, g)
		step := f / df
		if cmplx.IsNaN(step) || cmplx.IsInf(step) {
			return g, false
		}
		next := g - step
		if imag(next) <= 0 {
			next = complex(real(next), 0.1*imag(g))
		}
		done := cmplx.Abs(next-g) < 1e-9*cmplx.Abs(g)
		g = next
		if !done {
			continue
		}
		if imag(z) > 0 || imag(g) > realTolerance*cmplx.Abs(g) {
			return g, true
		}
		_, df = b.residual(z, complex(real(g), 0))
		return complex(real(g), 0), real(df) < 0 && math.Abs(imag(df)) < 1e-6*math.Abs(real(df))
	}
	return g, false
}
