package theory

import (
	"cmp"
	"math"
	"math/cmplx"
	"slices"

	"zerotohero/stages/internal/portable"
)

// segments is a law of s made of pieces on which its density is linear: piece k has
// mass p[k], centre c[k], half-width h[k], which is 0 for an atom, and density
// proportional to 1+tilt[k]·ξ, ξ from −1 to 1 across it. Inside the bulk the pole
// s = −1/g comes close to the real axis, where a sum over nodes would show the
// nodes; the integrals over such a piece are logarithms and do not.
type segments struct {
	p, c, h, tilt []float64
}

const (
	maxAtoms   = 2000  // a sample of more labels is binned
	bulkBins   = 500   // a bin holds at most 1/bulkBins of the mass,
	tailGrowth = 0.15  // nor more than this share of what lies beyond it
	lightest   = 1e-15 // and at least this much
)

// newSegments spreads every node of a quadrature over values of s near it and
// bins the result; nodes of a sample are atoms, binned only if there are many.
func newSegments(sp *Spectrum) *segments {
	n := len(sp.s)
	sg := &segments{p: sp.Law.P, c: sp.s, h: make([]float64, n), tilt: make([]float64, n)}
	if sp.Law.empirical() {
		if n <= maxAtoms {
			return sg
		}
		return sg.binned()
	}
	sg.c = make([]float64, n)
	for k := range n {
		sg.c[k], sg.h[k] = spread(sp, k)
	}
	return sg.binned()
}

// spread returns centre and half-width of the values of s that node k stands for.
// On a line the cells' images tile the values of s. In the plane the images of
// neighbouring cells overlap many times, and a part of each fills the gaps.
func spread(sp *Spectrum, k int) (centre, half float64) {
	const part = 0.2
	l, s := sp.Law, sp.Weight.S
	at := func(y, u float64) float64 {
		if v := s(y, u); !math.IsInf(v, 0) && !math.IsNaN(v) {
			return v
		}
		// s diverges on an axis; stop short of it.
		return s(y+0.01*(l.Y[k]-y), u+0.01*(l.Yhat[k]-u))
	}
	y0, y1 := at(l.YLo[k], l.Yhat[k]), at(l.YHi[k], l.Yhat[k])
	if l.ULo[k] == l.UHi[k] {
		return 0.5 * (y0 + y1), 0.5 * math.Abs(y1-y0)
	}
	u0, u1 := at(l.Y[k], l.ULo[k]), at(l.Y[k], l.UHi[k])
	return sp.s[k], 0.5 * part * math.Hypot(y1-y0, u1-u0)
}

// binned collects the pieces into adjoining bins, narrow in mass towards both ends,
// keeping mass and mean of each.
func (sg *segments) binned() *segments {
	order := make([]int, len(sg.p))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(sg.c[i], sg.c[j]) })
	lowest, top := math.Inf(1), math.Inf(-1)
	for k := range sg.p {
		lowest, top = math.Min(lowest, sg.c[k]-sg.h[k]), math.Max(top, sg.c[k]+sg.h[k])
	}
	edges := []float64{lowest}
	var below, inBin float64
	for i, k := range order[:len(order)-1] {
		inBin += sg.p[k]
		below += sg.p[k]
		room := math.Max(lightest, math.Min(1.0/bulkBins, tailGrowth*math.Min(below, 1-below)))
		if e := 0.5 * (sg.c[k] + sg.c[order[i+1]]); inBin >= room && e > edges[len(edges)-1] && e < top {
			edges = append(edges, e)
			inBin = 0
		}
	}
	edges = append(edges, top)

	out := &segments{}
	bins := len(edges) - 1
	mass, first := make([]float64, bins), make([]float64, bins)
	for _, k := range order {
		lo, hi := sg.c[k]-sg.h[k], sg.c[k]+sg.h[k]
		j, _ := slices.BinarySearch(edges[1:bins], lo)
		for ; j < bins; j++ {
			from, to := math.Max(lo, edges[j]), math.Min(hi, edges[j+1])
			part := 1.0
			if hi > lo {
				part = (to - from) / (hi - lo)
			}
			mass[j] += sg.p[k] * part
			first[j] += sg.p[k] * part * 0.5 * (from + to)
			if hi <= edges[j+1] {
				break
			}
		}
	}
	for j, m := range mass {
		if m > 0 {
			out.add(m, first[j]/m, edges[j], edges[j+1])
		}
	}
	return out
}

// add appends a piece of mass p and the given mean over [lo, hi]; where no linear
// density has that mean, a shorter piece centred on it.
func (sg *segments) add(p, mean, lo, hi float64) {
	c, h, tilt := 0.5*(lo+hi), 0.5*(hi-lo), 0.0
	switch off := math.Abs(mean - c); {
	case h > 0 && off <= h/3:
		tilt = 3 * (mean - c) / h
	case h > 0:
		c, h = mean, math.Max(0, h-off)
	}
	sg.p, sg.c = append(sg.p, p), append(sg.c, c)
	sg.h, sg.tilt = append(sg.h, h), append(sg.tilt, tilt)
}

// With x = gh/(1+gc) and L = atanh(x)/x, a piece has
//
//	E[1/(1+gs)] = (1 + (L−1)(1 − tilt/x)) / (1+gc).
//
// Below |x|² = narrow the series of L is used, whose five terms leave 3e-13.
const narrow = 0.005

// stieltjes returns E[s/(1+gs)] and E[(s/(1+gs))²], the second to the accuracy
// that Newton's method needs.
func (sg *segments) stieltjes(g complex128) (s1, s2 complex128) {
	inv := 1 / g
	gr, gi := real(g), imag(g)
	for k, p := range sg.p {
		c, h, tilt := sg.c[k], sg.h[k], sg.tilt[k]
		dr, di := 1+gr*c, gi*c
		n := 1 / (dr*dr + di*di)
		r := complex(dr*n, -di*n)
		cr := complex(c, 0) * r
		hr := complex(h, 0) * r
		x := g * hr
		x2 := x * x
		size := real(x)*real(x) + imag(x)*imag(x)
		if size < narrow {
			// l is (L−1)/x².
			l := complex(1./3, 0) + x2*complex(1./5, 0)
			if size > 1e-5 {
				l += x2 * x2 * (1./7 + x2*(1./9))
			}
			s1 += complex(p, 0) * (cr - r*hr*l*(x-complex(tilt, 0)))
			s2 += complex(p, 0) * (cr*cr +
				(hr*hr-4*cr*hr*x+3*cr*cr*x2+complex(2*tilt, 0)*cr*(hr-cr*x))*complex(1./3, 0))
			continue
		}
		lo := complex(1+gr*(c-h), gi*(c-h))
		hi := complex(1+gr*(c+h), gi*(c+h))
		el := (portable.LogComplex(hi) - portable.LogComplex(lo)) / (2 * x)
		both := 1 / (lo * hi)
		m1 := r * (el + complex(tilt, 0)*(1-el)/x)
		m2 := both + complex(tilt, 0)*(r*r*el-both)/x
		s1 += complex(p, 0) * (1 - m1) * inv
		s2 += complex(p, 0) * (1 - 2*m1 + m2) * inv * inv
	}
	return s1, s2
}

// meanArg returns E[arg(1+gs)], the limit from above for real g.
func (sg *segments) meanArg(g complex128) float64 {
	var sum float64
	for k, p := range sg.p {
		c, h, tilt := sg.c[k], sg.h[k], sg.tilt[k]
		mid := complex(1+real(g)*c, imag(g)*c)
		x := g * complex(h, 0) / mid
		if x2 := x * x; cmplx.Abs(x2) < narrow {
			even := x2 * (1./6 + x2*(1./20+x2*(1./42+x2*(1./72))))
			odd := x * (1./3 + x2*(1./15+x2*(1./35+x2*(1./63))))
			sum += p * (math.Atan2(imag(mid), real(mid)) - imag(even) + tilt*imag(odd))
			continue
		}
		lo := complex(1+real(g)*(c-h), imag(g)*(c-h))
		hi := complex(1+real(g)*(c+h), imag(g)*(c+h))
		logLo, logHi := portable.LogComplex(lo), portable.LogComplex(hi)
		diff := logHi - logLo
		odd := diff/4 + (1-diff/(2*x))/(2*x)
		sum += p * imag((hi*logHi-lo*logLo)/(g*complex(2*h, 0))+complex(tilt, 0)*odd)
	}
	return sum
}
