package portable

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// Hyperbolic functions and Log1p are off by a few rounding units from those made of e^x in
// many more bits, at arguments of every size; where they are small too.
func TestHyperbolic(t *testing.T) {
	half := number(0.5)
	sum := func(x float64, sign float64) *big.Float {
		plus, minus := exactExp(number(x)), exactExp(number(-x))
		return new(big.Float).SetPrec(bits).Mul(half, plus.Add(plus, minus.Mul(minus, number(sign))))
	}
	r := rand.New(rand.NewPCG(17, 3))
	for range 2000 {
		x := math.Exp(20*r.Float64()-14) * (1 - 2*float64(r.IntN(2)))
		sinh, cosh := sum(x, -1), sum(x, 1)
		// Near 0 the exact sinh has lost as many bits as x has zeros before it: at most 21 of 160.
		if e := off(Sinh(x), sinh); e > 4 {
			t.Errorf("sinh %v is off by %.1f units", x, e)
		}
		if e := off(Cosh(x), cosh); e > 4 {
			t.Errorf("cosh %v is off by %.1f units", x, e)
		}
		if e := off(Tanh(x), sinh.Quo(sinh, cosh)); e > 6 {
			t.Errorf("tanh %v is off by %.1f units", x, e)
		}
		// e^z − 1 at the value has to be the argument; its slope is 1 + the argument.
		y := math.Abs(x)
		back := exactExp(number(Log1p(y)))
		back.Sub(back, number(1))
		if d, _ := back.Sub(back, number(y)).Float64(); math.Abs(d) > 4*ulp(Log1p(y))*(1+y) {
			t.Errorf("log1p %v is off by %.1f units", y, math.Abs(d)/(1+y)/ulp(Log1p(y)))
		}
		log := exactExp(number(LogCosh(x)))
		if d, _ := log.Sub(log, cosh).Float64(); math.Abs(d) > 6*ulp(LogCosh(x))*Cosh(x) {
			t.Errorf("log cosh %v is off by %.1f units", x, math.Abs(d)/Cosh(x)/ulp(LogCosh(x)))
		}
	}
	for _, c := range []struct{ got, want float64 }{
		{Tanh(800), 1}, {Tanh(-800), -1}, {Sinh(0), 0}, {Cosh(0), 1}, {LogCosh(0), 0}, {LogCosh(1e300), 1e300},
		{Log1p(0), 0}, {Log1p(-1), math.Inf(-1)}, {Log1p(math.Inf(1)), math.Inf(1)}, {Sinh(711), math.Inf(1)},
		{Cosh(-711), math.Inf(1)}, {Tanh(math.Inf(1)), 1},
	} {
		if c.got != c.want {
			t.Errorf("%v, not %v", c.got, c.want)
		}
	}
	for _, f := range []func(float64) float64{Tanh, Sinh, Cosh, LogCosh, Log1p} {
		if !math.IsNaN(f(math.NaN())) {
			t.Error("of no number there is a value")
		}
	}
}
