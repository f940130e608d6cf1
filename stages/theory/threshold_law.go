package theory

import (
	"math"

	"zerotohero/stages/internal/portable"
	"zerotohero/stages/internal/quadrature"
)

const (
	fineNodes       = 8    // nodes a panel, good to 1e-9
	coarseNodes     = 4    // nodes a panel to find starting points with
	exponentRange   = 45.0 // exponents further than this above the least are dropped
	maxExponentStep = 6.0  // largest change of the exponent over one panel
)

// A thresholdLaw visits the nodes of the 1RSB law of labels at (χ, z),
//
//	P(u|y) ∝ exp(−t²/2 − zM)(1+χℓ″) du,   t = u+χℓ',   M = ℓ + χℓ'²/2,
//
// with y ~ N(0,1) and P(·|y) normalised for each y (physics.md 2c). u runs over the
// branches of the proximal map, so that dt = (1+χℓ″)du.
type thresholdLaw struct {
	proximal
	z      float64
	refine int
	rule   *quadrature.Legendre

	labels quadrature.Rule // nodes in y; W includes the Gaussian and both signs

	us   quadrature.Rule
	node []node
}

// A node is one u at fixed y.
type node struct {
	u, lo, hi         float64
	value, d1, d2     float64 // ℓ, ℓ', ℓ″
	stiffness, weight float64 // 1+χℓ″; weight/stiffness is the density in u times du
}

// newThresholdLaw places the labels, with nodes points on each panel of them and of u,
// cut into 2^refine parts; scale is scaleOf(ℓ″).
func newThresholdLaw(p proximal, z, scale float64, nodes, refine int) *thresholdLaw {
	s := &thresholdLaw{proximal: p, z: z, refine: refine, rule: quadrature.NewLegendre(nodes)}
	s.setLabels(scale)
	return s
}

// setLabels splits y ∈ (0, reach) where a jump opens or closes. The marginality
// integrand diverges there like |y−y_c|^(−1/2); y = y_c ± s² absorbs it.
func (s *thresholdLaw) setLabels(scale float64) {
	const points = 90
	cuts := []float64{0}
	a, fa := 0.0, s.minStiffness(0)
	for i := 1; i <= points; i++ {
		b := reach * float64(i) / points
		fb := s.minStiffness(b)
		if (fa > 0) != (fb > 0) {
			cuts = append(cuts, findRoot(s.minStiffness, a, b, fa, fb))
		}
		a, fa = b, fb
	}
	for i, c := range cuts {
		start, end := c, reach
		if i+1 < len(cuts) {
			end = 0.5 * (c + cuts[i+1])
		}
		if i == 0 {
			for _, p := range pairs(quadrature.Geometric(scale, panelRatio, 1, end)) {
				s.labelPanel(p[0], p[1], 0, 0)
			}
		} else {
			begin := 0.5 * (c + cuts[i-1])
			s.squareRootPanels(c, -1, math.Sqrt(c-begin), scale)
			s.squareRootPanels(c, +1, math.Sqrt(end-start), scale)
		}
	}
}

// squareRootPanels covers y = c ± s² for s in (0, end).
func (s *thresholdLaw) squareRootPanels(c, sign, end, scale float64) {
	for _, p := range pairs(quadrature.Geometric(0.3*math.Sqrt(math.Min(scale, c)), panelRatio, 0.4, end)) {
		s.labelPanel(p[0], p[1], c, sign)
	}
}

// labelPanel adds the nodes of one panel: in y itself if sign is 0, else in the s
// of y = c + sign·s².
func (s *thresholdLaw) labelPanel(a, b, c, sign float64) {
	parts := 1 << s.refine
	var r quadrature.Rule
	for k := range parts {
		s.rule.Append(&r, a+(b-a)*float64(k)/float64(parts), a+(b-a)*float64(k+1)/float64(parts))
	}
	for k, x := range r.X {
		y, w, lo, hi := x, r.W[k], r.Lo[k], r.Hi[k]
		if sign != 0 {
			y, w = c+sign*x*x, 2*x*w
			lo, hi = c+sign*lo*lo, c+sign*hi*hi
		}
		s.labels.X = append(s.labels.X, y)
		s.labels.W = append(s.labels.W, 2*w*quadrature.Normal(y))
		s.labels.Lo = append(s.labels.Lo, math.Min(lo, hi))
		s.labels.Hi = append(s.labels.Hi, math.Max(lo, hi))
	}
}

func pairs(breaks []float64) [][2]float64 {
	var out [][2]float64
	for i := 1; i < len(breaks); i++ {
		out = append(out, [2]float64{breaks[i-1], breaks[i]})
	}
	return out
}

// exponent is t²/2 + zM.
func (s *thresholdLaw) exponent(y, u float64) float64 {
	d1 := s.l.D1(y, u)
	t := u + s.chi*d1
	return 0.5*t*t + s.z*(s.l.Value(y, u)+0.5*s.chi*d1*d1)
}

// atLabel fills s.node with the nodes in u at label y, weights summing to 1.
func (s *thresholdLaw) atLabel(y float64) {
	s.us.X, s.us.W, s.us.Lo, s.us.Hi = s.us.X[:0], s.us.W[:0], s.us.Lo[:0], s.us.Hi[:0]
	s.node = s.node[:0]
	least := math.Inf(1)
	bs := s.branches(y)
	var panels [][2]float64
	for _, b := range bs {
		// A branch may start where dt/du nearly vanishes, at either end.
		mid := 0.5 * (b.lo + b.hi)
		if len(bs) == 1 && s.even {
			mid = b.hi
		}
		for _, p := range pairs(quadrature.Geometric(
			s.doublingLength(y, b.lo, mid), panelRatio, (b.hi-b.lo)/6, mid-b.lo,
		)) {
			panels = append(panels, [2]float64{b.lo + p[0], b.lo + p[1]})
		}
		for _, p := range pairs(quadrature.Geometric(
			s.doublingLength(y, b.hi, mid), panelRatio, (b.hi-b.lo)/6, b.hi-mid,
		)) {
			panels = append(panels, [2]float64{b.hi - p[1], b.hi - p[0]})
		}
	}
	for _, p := range panels {
		least = math.Min(least, math.Min(s.exponent(y, p[0]), s.exponent(y, p[1])))
	}
	for _, p := range panels {
		s.split(y, p[0], p[1], s.exponent(y, p[0]), s.exponent(y, p[1]), &least, 0)
	}
	var total float64
	for k, u := range s.us.X {
		n := node{u: u, lo: s.us.Lo[k], hi: s.us.Hi[k], value: s.l.Value(y, u), d1: s.l.D1(y, u), d2: s.l.D2(y, u)}
		t := u + s.chi*n.d1
		n.stiffness = 1 + s.chi*n.d2
		n.weight = s.us.W[k] * n.stiffness * portable.Exp(least-0.5*t*t-s.z*(n.value+0.5*s.chi*n.d1*n.d1))
		total += n.weight
		s.node = append(s.node, n)
	}
	for k := range s.node {
		s.node[k].weight /= total
	}
}

// doublingLength is the length from the end u of a branch, towards the other side, over
// which dt/du doubles.
func (s *thresholdLaw) doublingLength(y, u, towards float64) float64 {
	whole := math.Abs(towards - u)
	if whole == 0 {
		return 1
	}
	k0 := math.Max(s.stiffness(y, u), 1e-14)
	length := whole / 4
	for range 40 {
		if k := s.stiffness(y, u+math.Copysign(length, towards-u)); math.Abs(k-k0) <= k0 {
			break
		}
		length *= 0.5
	}
	return 2 * length
}

// split bisects [a, b] until the exponent varies little over each panel, and adds
// the panels that carry weight.
func (s *thresholdLaw) split(y, a, b, ea, eb float64, least *float64, depth int) {
	mid := 0.5 * (a + b)
	em := s.exponent(y, mid)
	*least = math.Min(*least, em)
	lo, hi := math.Min(em, math.Min(ea, eb)), math.Max(em, math.Max(ea, eb))
	if lo > *least+exponentRange && depth > 1 {
		return
	}
	if hi-lo > maxExponentStep && depth < 30 {
		s.split(y, a, mid, ea, em, least, depth+1)
		s.split(y, mid, b, em, eb, least, depth+1)
		return
	}
	parts := 1 << s.refine
	for k := range parts {
		s.rule.Append(&s.us, a+(b-a)*float64(k)/float64(parts), a+(b-a)*float64(k+1)/float64(parts))
	}
}
