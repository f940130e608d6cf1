package formula

import (
	"math"

	"zerotohero/stages/internal/portable"
)

// An interval holds what an expression can be over a box: all of it, and perhaps more.
type interval struct{ lo, hi float64 }

var everything = interval{math.Inf(-1), math.Inf(1)}

func point(x float64) interval { return interval{x, x} }

// outward makes an interval wider by some rounding units. Infinite bounds stay, and what is
// no number can be anything.
func outward(lo, hi float64) interval {
	const (
		units = 4 * 0x1p-52
		least = 0x1p-1000 // denormal numbers are slow
	)
	a := lo - (float64(units*math.Abs(lo)) + least)
	b := hi + (float64(units*math.Abs(hi)) + least)
	if a <= lo && b >= hi {
		return interval{a, b}
	}
	return loosest(lo, hi)
}

func loosest(lo, hi float64) interval {
	if math.IsNaN(lo) || math.IsInf(lo, 1) {
		lo = math.Inf(-1)
	}
	if math.IsNaN(hi) || math.IsInf(hi, -1) {
		hi = math.Inf(1)
	}
	return interval{lo, hi}
}

func (a interval) plus(b interval) interval {
	switch {
	case a.isZero():
		return b
	case b.isZero():
		return a
	}
	return outward(a.lo+b.lo, a.hi+b.hi)
}

func (a interval) minus(b interval) interval { return a.plus(b.negative()) }

func (a interval) negative() interval { return interval{-a.hi, -a.lo} }
func (a interval) has(x float64) bool { return a.lo <= x && x <= a.hi }
func (a interval) isZero() bool       { return a.lo == 0 && a.hi == 0 }

func (a interval) hull(b interval) interval {
	return interval{math.Min(a.lo, b.lo), math.Max(a.hi, b.hi)}
}

func (a interval) times(b interval) interval {
	if a.isZero() || b.isZero() {
		return point(0)
	}
	if a.lo > 0 && b.lo > 0 {
		return outward(float64(a.lo*b.lo), float64(a.hi*b.hi))
	}
	// Of 0 and an infinite bound it is no number, and the product anything.
	p, q, r, t := float64(a.lo*b.lo), float64(a.lo*b.hi), float64(a.hi*b.lo), float64(a.hi*b.hi)
	return outward(min(p, q, r, t), max(p, q, r, t))
}

func (a interval) over(b interval) interval {
	if b.has(0) {
		return everything
	}
	return a.times(outward(1/b.hi, 1/b.lo))
}

func (a interval) square() interval {
	lo, hi := float64(a.lo*a.lo), float64(a.hi*a.hi)
	if a.has(0) {
		return outward(0, math.Max(lo, hi)).atLeast(0)
	}
	return outward(math.Min(lo, hi), math.Max(lo, hi)).atLeast(0)
}

func (a interval) atLeast(x float64) interval {
	return interval{math.Max(a.lo, x), math.Max(a.hi, x)}
}

func (a interval) within(lo, hi float64) interval {
	return interval{math.Min(math.Max(a.lo, lo), hi), math.Max(math.Min(a.hi, hi), lo)}
}

// rising is a function that increases.
func (a interval) rising(f func(float64) float64) interval { return outward(f(a.lo), f(a.hi)) }

func (a interval) abs() interval {
	if a.has(0) {
		return interval{0, math.Max(-a.lo, a.hi)}
	}
	return interval{math.Min(math.Abs(a.lo), math.Abs(a.hi)), math.Max(math.Abs(a.lo), math.Abs(a.hi))}
}

func (a interval) powInt(n int) interval {
	f := func(x float64) float64 { return powInt(x, n) }
	// Powers by squaring have a rounding a factor; logarithmically many.
	loose := func(i interval) interval { return outward(outward(i.lo, i.hi).lo, outward(i.lo, i.hi).hi) }
	switch {
	case n < 0:
		return point(1).over(a.powInt(-n))
	case n%2 == 0:
		return loose(a.abs().rising(f)).atLeast(0)
	}
	return loose(a.rising(f))
}

// function is an operation of one operand, or of one and a number.
func (a interval) function(o op, exponent float64) interval {
	positive := func(f func(float64) float64) interval {
		if a.lo <= 0 {
			return everything
		}
		return a.rising(f)
	}
	switch o {
	case opSqrt:
		if a.lo < 0 {
			return everything
		}
		return a.rising(math.Sqrt).atLeast(0)
	case opExp:
		return a.rising(portable.Exp).atLeast(0)
	case opLog:
		return positive(portable.Log)
	case opLog1p:
		if a.lo <= -1 {
			return everything
		}
		return a.rising(portable.Log1p)
	case opTanh:
		return a.rising(portable.Tanh).within(-1, 1)
	case opSinh:
		return a.rising(portable.Sinh)
	case opCosh:
		return a.abs().rising(portable.Cosh).atLeast(1)
	case opLogCosh:
		return a.abs().rising(portable.LogCosh).atLeast(0)
	case opPow:
		if a.lo <= 0 {
			return everything
		}
		l := a.function(opLog, 0).times(point(exponent))
		return l.function(opExp, 0)
	}
	return everything
}

// A box is one of y and u.
type box struct{ y, u interval }

// A bound is a node over a box, with its slopes in y and u.
type bound struct{ v, y, u interval }

// bounds bounds the nodes up to one over a box. Given what they are at its middle, each is
// bounded by the mean value form too: what node by node cancels in a derivative, as numerator
// and denominator do that are both large, does so by the slopes.
func (g *graph) bounds(b box, result int, out, mid []bound) bound {
	y, u := b.y.minus(point(middle(b.y))), b.u.minus(point(middle(b.u)))
	for i := 0; i <= result; i++ {
		at := g.bound(i, b, out)
		if mid != nil {
			mean := mid[i].v.plus(at.y.times(y)).plus(at.u.times(u))
			at.v = interval{math.Max(at.v.lo, mean.lo), math.Min(at.v.hi, mean.hi)}
		}
		out[i] = at
	}
	return out[result]
}

// across is the slope of a variable; of one that is a single number none is needed.
func across(x interval) interval {
	if x.lo == x.hi {
		return point(0)
	}
	return point(1)
}

func (g *graph) bound(i int, in box, at []bound) bound {
	n := g.nodes[i]
	var a, b, c bound
	if n.a != none {
		a = at[n.a]
	}
	if n.b != none {
		b = at[n.b]
	}
	if n.c != none {
		c = at[n.c]
	}
	switch n.op {
	case opNumber:
		x, _ := g.value(i)
		return bound{v: point(x)}
	case opName:
		if i == nodeY {
			return bound{in.y, across(in.y), point(0)}
		}
		return bound{in.u, point(0), across(in.u)}
	case opAdd:
		return bound{a.v.plus(b.v), a.y.plus(b.y), a.u.plus(b.u)}
	case opSub:
		return bound{a.v.minus(b.v), a.y.minus(b.y), a.u.minus(b.u)}
	case opNeg:
		return bound{a.v.negative(), a.y.negative(), a.u.negative()}
	case opMul:
		return bound{a.v.times(b.v), a.y.times(b.v).plus(a.v.times(b.y)), a.u.times(b.v).plus(a.v.times(b.u))}
	case opDiv:
		q := a.v.over(b.v)
		return bound{q, a.y.minus(q.times(b.y)).over(b.v), a.u.minus(q.times(b.u)).over(b.v)}
	case opWhere:
		return chosen(a, b, c)
	case opMin:
		return chosen(compared(a.v, b.v), a, b)
	case opMax:
		return chosen(compared(b.v, a.v), a, b)
	case opAbs:
		return chosen(compared(point(0), a.v), a, bound{a.v.negative(), a.y.negative(), a.u.negative()})
	case opSign:
		return chosen(compared(point(0), a.v), bound{v: point(1)}, bound{v: point(-1)})
	}
	if n.op >= opLess && n.op <= opNot {
		return condition(n.op, a.v, b.v)
	}
	return smooth(n.op, a, b.v.lo)
}

// smooth has the slopes f'·a' of a function.
func smooth(o op, a bound, exponent float64) bound {
	var v, slope interval
	switch o {
	case opSquare:
		v, slope = a.v.square(), point(2).times(a.v)
	case opPowInt:
		n := int(exponent)
		v, slope = a.v.powInt(n), point(exponent).times(a.v.powInt(n-1))
	default:
		v = a.v.function(o, exponent)
		switch o {
		case opSqrt:
			slope = point(0.5).over(v)
		case opExp:
			slope = v
		case opLog:
			slope = point(1).over(a.v)
		case opLog1p:
			slope = point(1).over(point(1).plus(a.v))
		case opTanh:
			slope = point(1).minus(v.square()).within(0, 1)
		case opSinh:
			slope = a.v.function(opCosh, 0)
		case opCosh:
			slope = a.v.function(opSinh, 0)
		case opLogCosh:
			slope = a.v.function(opTanh, 0)
		case opPow:
			slope = point(exponent).times(a.v.function(opPow, exponent-1))
		default:
			slope = everything
		}
	}
	return bound{v, slope.times(a.y), slope.times(a.u)}
}

// chosen is b where a holds and c where it does not. Where both can be the value may jump,
// and has no slope.
func chosen(a, b, c bound) bound {
	switch {
	case !a.v.has(0):
		return b
	case a.v.isZero():
		return c
	}
	return bound{b.v.hull(c.v), everything, everything}
}

// compared is the condition a ≤ b; at a = b, where a value may be that of neither side,
// it is both.
func compared(a, b interval) bound {
	switch {
	case a.hi < b.lo:
		return bound{v: point(1)}
	case a.lo > b.hi:
		return bound{v: point(0)}
	}
	return bound{v: interval{0, 1}}
}

// condition has no slope where it may change.
func condition(o op, a, b interval) bound {
	v := conditionValue(o, a, b)
	if v.lo != v.hi {
		return bound{v, everything, everything}
	}
	return bound{v: v}
}

func conditionValue(o op, a, b interval) interval {
	either := interval{0, 1}
	switch o {
	case opLess, opLessEqual:
		return compared(a, b).v
	case opGreater, opGreaterEqual:
		return compared(b, a).v
	case opNot:
		if a.has(0) && !a.isZero() {
			return either
		}
		return point(truth(opNot, a.lo, 0))
	case opAnd, opOr: // of what is 0, 1 or either
		return interval{truth(o, a.lo, b.lo), truth(o, a.hi, b.hi)}
	}
	// Equal where the intervals meet; a line of the plane, and unequal elsewhere.
	if a.hi < b.lo || a.lo > b.hi {
		return point(truth(o, 0, 1))
	}
	return either
}
