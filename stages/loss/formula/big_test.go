package formula

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// precision of numbers that derivatives are compared with, in bits, and the step of their
// differences: central ones are off by h² = 2⁻¹²⁰ of a third or fourth derivative.
const (
	precision = 400
	stepBits  = 60
)

func bigOf(x float64) *big.Float        { return new(big.Float).SetPrec(precision).SetFloat64(x) }
func bigAdd(a, b *big.Float) *big.Float { return bigOf(0).Add(a, b) }
func bigSub(a, b *big.Float) *big.Float { return bigOf(0).Sub(a, b) }
func bigMul(a, b *big.Float) *big.Float { return bigOf(0).Mul(a, b) }
func bigQuo(a, b *big.Float) *big.Float { return bigOf(0).Quo(a, b) }

// bigExp is e^x by its series at x/2^k, squared k times.
func bigExp(x *big.Float) *big.Float {
	const halvings = 24
	r := bigOf(0).SetMantExp(x, -halvings)
	sum, term := bigOf(1), bigOf(1)
	for k := 1; k < 40; k++ {
		term = bigQuo(bigMul(term, r), bigOf(float64(k)))
		sum = bigAdd(sum, term)
	}
	for range halvings {
		sum = bigMul(sum, sum)
	}
	return sum
}

// bigLog is ln x by Newton's method on e^z = x.
func bigLog(x *big.Float) *big.Float {
	f, _ := x.Float64()
	z := bigOf(math.Log(f))
	for range 5 {
		z = bigAdd(z, bigSub(bigMul(x, bigExp(bigOf(0).Neg(z))), bigOf(1)))
	}
	return z
}

// bigValue computes an expression at a point.
func bigValue(e *expr, y, u *big.Float) *big.Float {
	in := make([]*big.Float, len(e.args))
	for i, a := range e.args {
		in[i] = bigValue(a, y, u)
	}
	half := bigOf(0.5)
	cosh := func(x *big.Float) *big.Float {
		return bigMul(half, bigAdd(bigExp(x), bigExp(bigOf(0).Neg(x))))
	}
	switch e.op {
	case opNumber:
		return bigOf(e.num)
	case opName:
		return map[string]*big.Float{"y": y, "u": u}[e.name]
	case opAdd:
		return bigAdd(in[0], in[1])
	case opSub:
		return bigSub(in[0], in[1])
	case opMul:
		return bigMul(in[0], in[1])
	case opDiv:
		return bigQuo(in[0], in[1])
	case opNeg:
		return bigOf(0).Neg(in[0])
	case opPow:
		if n, _ := in[1].Float64(); n == math.Trunc(n) {
			out := bigOf(1)
			for range int(math.Abs(n)) {
				out = bigMul(out, in[0])
			}
			if n < 0 {
				return bigQuo(bigOf(1), out)
			}
			return out
		}
		return bigExp(bigMul(in[1], bigLog(in[0])))
	case opSqrt:
		return bigOf(0).Sqrt(in[0])
	case opAbs:
		return bigOf(0).Abs(in[0])
	case opExp:
		return bigExp(in[0])
	case opLog:
		return bigLog(in[0])
	case opLog1p:
		return bigLog(bigAdd(bigOf(1), in[0]))
	case opCosh:
		return cosh(in[0])
	case opLogCosh:
		return bigLog(cosh(in[0]))
	case opTanh:
		return bigQuo(bigSub(bigExp(in[0]), cosh(in[0])), cosh(in[0]))
	case opMin, opMax:
		if (in[0].Cmp(in[1]) < 0) == (e.op == opMin) {
			return in[0]
		}
		return in[1]
	case opWhere:
		if in[0].Sign() != 0 {
			return in[1]
		}
		return in[2]
	}
	a, _ := in[0].Float64()
	b, _ := in[len(in)-1].Float64()
	if e.op.compares() {
		a, b = float64(in[0].Cmp(in[1])), 0
	}
	return bigOf(truth(e.op, a, b))
}

// For every function and operator the derivatives agree with differences of numbers of 400
// bits at random points, to 1e-13 of the terms that they are sums of: of the order of value and derivatives.
func TestDerivatives(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 1))
	texts := []string{
		"u^3*y - u/(1 + y^2)", "(u + 2*y)^2*(u - y)", "(1 + u^2)^1.5", "(2 + u^2)^-0.7", "(1 + u^2)^-3", "(2 + u*u)^(1 + u/9)",
		"sqrt(1 + u^2*y^2)", "abs(u - y)*u^2", "exp(-u^2/2 + y)", "log(1 + u^2 + y^2)", "log1p(u^2*exp(y))",
		"tanh(u*y + 0.3)", "cosh(u - y/2)", "logcosh(u^2 - y^2)", "min(u^2, y*u)", "max(u^3, u + y)",
		"where(u > y, u^2*y, u^3)", "where(!(u <= y) && u >= 0 || u == y, u^4, -u^2)", "-u^2 + --u*2^3^0.5",
		"where(u < y && u != 0, log(cosh(u*y)), u/(1 + y))",
	}
	for o := opAdd; o <= opNot; o++ {
		if _, symbol := o.symbol(); !strings.Contains(strings.Join(texts, " "), symbol) {
			t.Errorf("%s is not tested", symbol)
		}
	}
	for name := range functions {
		if !strings.Contains(strings.Join(texts, " "), name+"(") {
			t.Errorf("%s is not tested", name)
		}
	}
	h := bigOf(0).SetMantExp(bigOf(1), -stepBits)
	for _, text := range texts {
		e, bad := parse(text, nil)
		if bad != nil {
			t.Fatalf("%s: %v", text, bad)
		}
		f := newFunction(e, nil)
		for range 40 {
			y, u := 3*r.Float64(), 6*r.Float64()-3
			at := func(k float64) *big.Float { return bigValue(e, bigOf(y), bigAdd(bigOf(u), bigMul(bigOf(k), h))) }
			low, mid, high := at(-1), at(0), at(1)
			d1, _ := bigQuo(bigSub(high, low), bigMul(bigOf(2), h)).Float64()
			d2, _ := bigQuo(bigAdd(bigSub(high, mid), bigSub(low, mid)), bigMul(h, h)).Float64()
			v, _ := mid.Float64()
			size := math.Max(1, math.Max(math.Abs(v), math.Max(math.Abs(d1), math.Abs(d2))))
			for i, got := range []float64{f.value.at(y, u), f.d1.at(y, u), f.d2.at(y, u)} {
				if want := []float64{v, d1, d2}[i]; !(math.Abs(got-want) <= 1e-13*20*size) {
					t.Errorf("%s: derivative %d at y = %v, u = %v is %v, not %v", text, i, y, u, got, want)
				}
			}
		}
	}
}

// Bounds hold the values that they bound, at random points of random boxes.
func TestBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 2))
	for _, text := range []string{
		"(1 + y^2)*log(1 + ((u^2 - y^2)/(1 + y^2))^2/2)", "logcosh(u^2 - y^2)", "sqrt(1 + (u^2 - y^2)^2) - 1",
		"(u^2 - y^2)^2*exp(-y^2/2)", "tanh(u - y)*cosh(u/3)/(2 + u^3 + (1 + y)^1.5)", "min(u^2, max(y, 1))*abs(u - 1)",
		"where(u^2 < y^2 || !(u > 0.5), u^3, u*y)", "log1p(u^2)^-2", "exp(u)/log(2 + y) - u^2*y^3",
	} {
		e, bad := parse(text, nil)
		if bad != nil {
			t.Fatal(text, bad)
		}
		f := newFunction(e, nil)
		for _, node := range []int{f.jet.v, f.jet.d, f.jet.dd} {
			p := f.graph.compile(node)
			at, mid := make([]bound, len(f.graph.nodes)), make([]bound, len(f.graph.nodes))
			for range 300 {
				y, u := 3*r.Float64(), 3*r.Float64()
				w := math.Exp(-8 * r.Float64())
				b := box{interval{y, y + w*r.Float64()}, interval{u, u + w*r.Float64()}}
				f.graph.bounds(box{point(middle(b.y)), point(middle(b.u))}, node, mid, nil)
				all := f.graph.bounds(b, node, at, mid).v
				for range 8 {
					py, pu := b.y.lo+r.Float64()*(b.y.hi-b.y.lo), b.u.lo+r.Float64()*(b.u.hi-b.u.lo)
					v := p.at(py, pu)
					slack := 1e-12 * math.Max(1, math.Abs(v)) // of the value, which has roundings of its own
					if !math.IsNaN(v) && !(v >= all.lo-slack && v <= all.hi+slack) {
						t.Fatalf("%s: %v at y = %v, u = %v is outside of %v over %v", text, v, py, pu, all, b)
					}
				}
			}
		}
	}
}
