package formula

import (
	"math"
)

// A graph holds operations on y and u, each once, after its operands: node i is
// nodes[i]. Numbers are folded, and what is 0 or multiplied by 1 drops out, as it does
// for most of the terms of a derivative.
type graph struct {
	nodes []node
	index map[node]int
}

// A node is an operation on the nodes a, b and c; those that it does not have are none.
type node struct {
	op      op
	a, b, c int
	num     uint64 // bits of a number, so that a node can be a key of a map
}

const none = -1

// The first nodes of a graph.
const (
	nodeY = iota
	nodeU
)

func newGraph() *graph {
	g := &graph{index: make(map[node]int)}
	g.add(node{opName, none, none, none, nodeY})
	g.add(node{opName, none, none, none, nodeU})
	return g
}

func (g *graph) add(n node) int {
	if i, ok := g.index[n]; ok {
		return i
	}
	g.nodes = append(g.nodes, n)
	g.index[n] = len(g.nodes) - 1
	return len(g.nodes) - 1
}

func (g *graph) number(x float64) int {
	return g.add(node{opNumber, none, none, none, math.Float64bits(x)})
}

// value is the number that a node is; ok is false of any other.
func (g *graph) value(i int) (x float64, ok bool) {
	if i == none || g.nodes[i].op != opNumber {
		return 0, i == none
	}
	return math.Float64frombits(g.nodes[i].num), true
}

func (g *graph) is(i int, x float64) bool {
	v, ok := g.value(i)
	return ok && i != none && v == x
}

// apply adds an operation, in a simpler form if there is one with the same value.
func (g *graph) apply(o op, args ...int) int {
	in := [3]int{none, none, none}
	copy(in[:], args)
	a, b, c := in[0], in[1], in[2]
	x, isA := g.value(a)
	y, isB := g.value(b)
	z, isC := g.value(c)
	if isA && isB && isC {
		return g.number(apply(o, x, y, z))
	}
	switch o {
	case opAdd:
		switch {
		case g.is(a, 0):
			return b
		case g.is(b, 0):
			return a
		}
		a, b = min(a, b), max(a, b) // the same sum, and the same bits
	case opSub:
		switch {
		case g.is(b, 0):
			return a
		case g.is(a, 0):
			return g.apply(opNeg, b)
		}
	case opMul:
		switch {
		case g.is(a, 0) || g.is(b, 0):
			return g.number(0)
		case g.is(a, 1):
			return b
		case g.is(b, 1):
			return a
		case a == b:
			return g.apply(opSquare, a)
		}
		a, b = min(a, b), max(a, b)
	case opDiv:
		switch {
		case g.is(a, 0):
			return a
		case g.is(b, 1):
			return a
		}
	case opNeg:
		if g.nodes[a].op == opNeg {
			return g.nodes[a].a
		}
	case opWhere:
		if isA {
			if x != 0 {
				return b
			}
			return c
		}
		if b == c {
			return b
		}
	case opPow:
		return g.pow(a, b)
	case opPowInt:
		switch y {
		case 0:
			return g.number(1)
		case 1:
			return a
		case 2:
			return g.apply(opSquare, a)
		}
	}
	return g.add(node{o, a, b, c, 0})
}

// pow is a^b: by multiplications for small integers b, and by logarithms otherwise.
func (g *graph) pow(a, b int) int {
	const integers = 64
	y, isB := g.value(b)
	switch {
	case isB && y == math.Trunc(y) && math.Abs(y) <= integers:
		return g.apply(opPowInt, a, b)
	case isB && y == 0.5:
		return g.apply(opSqrt, a)
	case isB:
		return g.add(node{opPow, a, b, none, 0})
	}
	return g.apply(opExp, g.apply(opMul, b, g.apply(opLog, a)))
}

// A jet is an expression with its first and second derivatives in u, as nodes.
type jet struct{ v, d, dd int }

// A differentiator makes jets of expressions: second-order forward differentiation, of the
// expression once instead of at each point.
type differentiator struct {
	*graph
	params map[string]float64
	jets   map[*expr]jet
}

func (g *differentiator) constant(x float64) jet { return jet{g.number(x), g.number(0), g.number(0)} }

func (g *differentiator) jet(e *expr) jet {
	if j, ok := g.jets[e]; ok {
		return j
	}
	j := g.derive(e)
	g.jets[e] = j
	return j
}

func (g *differentiator) derive(e *expr) jet {
	switch e.op {
	case opNumber:
		return g.constant(e.num)
	case opName:
		switch e.name {
		case "u":
			return jet{nodeU, g.number(1), g.number(0)}
		case "y":
			return jet{nodeY, g.number(0), g.number(0)}
		}
		return g.constant(g.params[e.name])
	}
	in := make([]jet, len(e.args))
	for i, a := range e.args {
		in[i] = g.jet(a)
	}
	switch e.op {
	case opAdd, opSub:
		a, b := in[0], in[1]
		return jet{g.apply(e.op, a.v, b.v), g.apply(e.op, a.d, b.d), g.apply(e.op, a.dd, b.dd)}
	case opNeg:
		return jet{g.apply(opNeg, in[0].v), g.apply(opNeg, in[0].d), g.apply(opNeg, in[0].dd)}
	case opMul:
		return g.product(in[0], in[1])
	case opDiv:
		return g.quotient(in[0], in[1])
	case opPow:
		return g.power(in[0], in[1])
	case opWhere:
		return g.choose(in[0].v, in[1], in[2])
	case opMin:
		return g.choose(g.apply(opLessEqual, in[0].v, in[1].v), in[0], in[1])
	case opMax:
		return g.choose(g.apply(opGreaterEqual, in[0].v, in[1].v), in[0], in[1])
	}
	if e.op.logical() {
		args := make([]int, len(in))
		for i := range in {
			args[i] = in[i].v
		}
		return jet{g.apply(e.op, args...), g.number(0), g.number(0)}
	}
	return g.function(e.op, in[0])
}

func (g *differentiator) choose(condition int, a, b jet) jet {
	return jet{g.apply(opWhere, condition, a.v, b.v), g.apply(opWhere, condition, a.d, b.d),
		g.apply(opWhere, condition, a.dd, b.dd)}
}

func (g *graph) mul(a, b int) int           { return g.apply(opMul, a, b) }
func (g *graph) plus(a, b int) int          { return g.apply(opAdd, a, b) }
func (g *graph) times(x float64, a int) int { return g.apply(opMul, g.number(x), a) }

func (g *differentiator) product(a, b jet) jet {
	if a == b {
		// (a²)' = 2aa', with fewer terms than of two factors.
		return jet{g.apply(opSquare, a.v), g.times(2, g.mul(a.v, a.d)),
			g.times(2, g.plus(g.apply(opSquare, a.d), g.mul(a.v, a.dd)))}
	}
	return jet{g.mul(a.v, b.v), g.plus(g.mul(a.d, b.v), g.mul(a.v, b.d)),
		g.plus(g.plus(g.mul(a.dd, b.v), g.times(2, g.mul(a.d, b.d))), g.mul(a.v, b.dd))}
}

// quotient has q' = (a' − qb')/b and q” = (a” − 2q'b' − qb”)/b.
func (g *differentiator) quotient(a, b jet) jet {
	q := g.apply(opDiv, a.v, b.v)
	d := g.apply(opDiv, g.apply(opSub, a.d, g.mul(q, b.d)), b.v)
	rest := g.plus(g.times(2, g.mul(d, b.d)), g.mul(q, b.dd))
	return jet{q, d, g.apply(opDiv, g.apply(opSub, a.dd, rest), b.v)}
}

func (g *differentiator) power(a, b jet) jet {
	n, ok := g.value(b.v)
	if !ok {
		return g.function(opExp, g.product(b, g.function(opLog, a)))
	}
	if n == 2 {
		return g.product(a, a)
	}
	to := func(m float64) int { return g.pow(a.v, g.number(m)) }
	return g.chain(a, to(n), g.times(n, to(n-1)), g.times(n*(n-1), to(n-2)))
}

// chain is f(a) of f, f' and f” at a.
func (g *differentiator) chain(a jet, f, f1, f2 int) jet {
	return jet{f, g.mul(f1, a.d), g.plus(g.mul(f2, g.mul(a.d, a.d)), g.mul(f1, a.dd))}
}

func (g *differentiator) function(o op, a jet) jet {
	f := g.apply(o, a.v)
	inverse := func(x int) int { return g.apply(opDiv, g.number(1), x) }
	minusSquare := func(x int) int { return g.apply(opNeg, g.mul(x, x)) }
	switch o {
	case opSqrt:
		f1 := g.apply(opDiv, g.number(0.5), f)
		return g.chain(a, f, f1, g.apply(opDiv, g.times(-0.5, f1), a.v))
	case opAbs:
		return g.chain(a, f, g.apply(opSign, a.v), g.number(0))
	case opExp:
		return g.chain(a, f, f, f)
	case opLog:
		f1 := inverse(a.v)
		return g.chain(a, f, f1, minusSquare(f1))
	case opLog1p:
		f1 := inverse(g.plus(g.number(1), a.v))
		return g.chain(a, f, f1, minusSquare(f1))
	case opTanh:
		f1 := g.plus(g.number(1), minusSquare(f))
		return g.chain(a, f, f1, g.times(-2, g.mul(f, f1)))
	case opCosh:
		return g.chain(a, f, g.apply(opSinh, a.v), f)
	case opLogCosh:
		f1 := g.apply(opTanh, a.v)
		return g.chain(a, f, f1, g.plus(g.number(1), minusSquare(f1)))
	}
	return g.constant(math.NaN()) // of no function that there is
}
