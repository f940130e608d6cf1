package formula

import (
	"math"
	"testing"
)

// What is read, whatever it is, is an error or an expression that is read again from its
// canonical form as the same, and whose derivatives are computed without a panic.
// Run for long by: go test ./stages/loss/formula -fuzz FuzzParse -fuzztime 10000000x -fuzzminimizetime 1x -timeout 2h
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"(a + y^2) * log(1 + r^2/2)", "-u^-y^2*(3 - -2)", "where(u<y && !(y >= 1e3) || u != 2, min(u, y), max(1, a))",
		"((((", "log cosh(u)", "u^0.5/0", "2^-64*u^65", "sqrt(abs(u))-log1p(tanh(u))", "0x1p3", "1..2", "\"u", "u;y", "func(u)",
		"--+-!u", "(-2)^2^y", "1e-320*u", "u//", "/*", "exp(exp(exp(u)))^(y-1)",
	} {
		f.Add(text, 0.5, 1.5)
	}
	f.Fuzz(func(t *testing.T, text string, y, u float64) {
		e, bad := parse(text, nil)
		if bad != nil {
			if bad.msg == "" || bad.offset < 0 || bad.offset > len(text) {
				t.Fatalf("%q: a mistake %+v", text, bad)
			}
			_ = textError(nil, text, bad).Error()
			return
		}
		canonical := e.String()
		if len(canonical) <= maxText {
			again, bad := parse(canonical, nil)
			if bad != nil {
				t.Fatalf("%q: its canonical form %q is not read: %s", text, canonical, bad.msg)
			}
			if s := again.String(); s != canonical {
				t.Fatalf("%q: canonical forms %q and %q", text, canonical, s)
			}
		}
		if e.truth() || e.size > 200 {
			return
		}
		g := newFunction(e, nil)
		for _, p := range []*program{g.value, g.d1, g.d2} {
			one, out := p.at(math.Abs(y), math.Abs(u)), []float64{0}
			p.blocks(false)([]float64{y}, []float64{u}, out)
			if math.Float64bits(one) != math.Float64bits(out[0]) && !(math.IsNaN(one) && math.IsNaN(out[0])) {
				t.Fatalf("%q at y = %v, u = %v is %v, and %v in a block", text, y, u, one, out[0])
			}
		}
	})
}
