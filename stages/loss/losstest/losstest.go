// Package losstest checks losses: that derivatives are derivatives, that symmetries hold,
// that the signal is a minimum, and what else package loss says of each. The test of a
// package that registers a loss calls Check.
package losstest

import (
	"math"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

// Values are parameters by name, as in {"a": 0.1}.
type Values = map[string]any

// Choose is the choice of a registered loss; parameters not given have their defaults.
func Choose(t testing.TB, name string, values Values) loss.Choice {
	t.Helper()
	c, err := pipeline.Choose[loss.Loss](name, values)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// New is the loss itself.
func New(t testing.TB, name string, values Values) loss.Loss {
	t.Helper()
	l, err := Choose(t, name, values).New()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Check checks a registered loss with its default parameters and with each of those
// given.
func Check(t *testing.T, name string, values ...Values) {
	t.Helper()
	CheckEach(t, name, append([]Values{nil}, values...)...)
}

// CheckEach checks a loss with each of the parameters given, a formula among them if it is written so.
func CheckEach(t *testing.T, name string, values ...Values) {
	t.Helper()
	for _, v := range values {
		c := Choose(t, name, v)
		t.Run(c.String(), func(t *testing.T) {
			l, err := c.New()
			if err != nil {
				t.Fatal(err)
			}
			if l.Name != c.String() {
				t.Errorf("its name is %q, not %q", l.Name, c)
			}
			derivatives(t, l)
			symmetries(t, l)
			minimum(t, l)
			infimum(t, l)
			blocks(t, l)
		})
	}
}

// Refuses checks that these parameters, each on its own, are errors.
func Refuses(t *testing.T, name string, values ...Values) {
	t.Helper()
	for _, v := range values {
		if _, err := pipeline.Choose[loss.Loss](name, v); err == nil {
			t.Errorf("loss %s accepts %v", name, v)
		}
	}
}

// grid visits labels and outputs of every size, both signs of ŷ, and 0.
func grid(f func(y, yhat float64)) {
	for y := 0.0; y < 4.2; y += 0.14 {
		for yhat := -4.0; yhat < 4.1; yhat += 0.125 {
			f(y, yhat)
		}
	}
}

// size is the largest of the loss and its derivatives within 1 of ŷ.
func size(l loss.Loss, y, yhat float64) float64 {
	s := 0.0
	for u := yhat - 1; u <= yhat+1; u += 0.5 {
		for _, f := range []func(y, yhat float64) float64{l.Value, l.D1, l.D2} {
			s = math.Max(s, math.Abs(f(y, u)))
		}
	}
	return s
}

// accuracy of a derivative, relative to the size of the loss around: far above what
// differences leave (see difference) of a loss that varies on scales of 1e-3 or more, and
// far below what a wrong term makes.
const accuracy = 1e-8

func derivatives(t *testing.T, l loss.Loss) {
	t.Helper()
	check := func(what string, f, derivative func(y, yhat float64) float64, y, yhat float64) {
		want, off := difference(func(u float64) float64 { return f(y, u) }, yhat)
		tolerance := accuracy * size(l, y, yhat)
		got := derivative(y, yhat)
		switch {
		case !(off <= tolerance+100*noise(func(u float64) float64 { return f(y, u) }, yhat)):
			t.Errorf("%s(%v, %v) = %v cannot be told from differences, which give %v ± %.1g: is the loss smooth there?",
				what, y, yhat, got, want, off)
		case !(math.Abs(got-want) <= tolerance+off):
			t.Errorf("%s(%v, %v) = %v, differences give %v ± %.1g", what, y, yhat, got, want, off)
		}
	}
	grid(func(y, yhat float64) {
		check("ℓ'", l.Value, l.D1, y, yhat)
		check("ℓ''", l.D1, l.D2, y, yhat)
	})
}

// difference is the derivative of f at x by central differences with steps from 1/4 down
// to 3e-5, extrapolated to step 0 by Richardson's scheme (Ridders, Adv. Eng. Software 4
// (1982) 75), and an estimate of its error: by how much the best value of the scheme
// differs from those that it is made of, and what the noise of f makes of its step.
// Whatever the scale on which f varies, the best step is near that scale.
func difference(f func(float64) float64, x float64) (value, off float64) {
	const steps = 14
	var table [steps][steps]float64 // by step, then by order
	off = math.Inf(1)
	h, rounding := 0.25, noise(f, x)
	for i := range steps {
		table[i][0] = (f(x+h) - f(x-h)) / ((x + h) - (x - h))
		factor := 1.0
		for k := 1; k <= i; k++ {
			factor *= 4
			table[i][k] = table[i][k-1] + (table[i][k-1]-table[i-1][k-1])/(factor-1)
			e := math.Max(math.Abs(table[i][k]-table[i][k-1]), math.Abs(table[i][k]-table[i-1][k-1]))
			if e += rounding / h; e < off {
				value, off = table[i][k], e
			}
		}
		h /= 2
	}
	return value, off
}

// noise is how far roundings move f about x, those of terms that cancel within f too: the
// largest of second differences over distances at which a smooth f has none (as in Moré
// and Wild, SIAM J. Sci. Comput. 33 (2011) 1292).
func noise(f func(float64) float64, x float64) float64 {
	at := f(x)
	most := 0x1p-52 * math.Abs(at)
	for k := 1.0; k <= 16; k++ {
		d := k * 0x1p-36
		most = math.Max(most, math.Abs(f(x+d)-2*at+f(x-d)))
	}
	return most
}

// symmetries hold to the bit.
func symmetries(t *testing.T, l loss.Loss) {
	t.Helper()
	grid(func(y, yhat float64) {
		if l.Value(-y, yhat) != l.Value(y, yhat) || l.D1(-y, yhat) != l.D1(y, yhat) || l.D2(-y, yhat) != l.D2(y, yhat) {
			t.Errorf("not even in y at (%v, %v)", y, yhat)
		}
		if l.Value(y, -yhat) != l.Value(y, yhat) || l.D1(y, -yhat) != -l.D1(y, yhat) ||
			l.D2(y, -yhat) != l.D2(y, yhat) {
			t.Errorf("not even in ŷ at (%v, %v)", y, yhat)
		}
	})
}

// blocks of points, in place too, have the bits of points one by one.
func blocks(t *testing.T, l loss.Loss) {
	t.Helper()
	var y, yhat []float64
	grid(func(a, b float64) { y, yhat = append(y, a), append(yhat, b) })
	y, yhat = append(y, 0.3, 0, math.Inf(1), 1), append(yhat, math.Inf(-1), math.NaN(), 0, math.Copysign(0, -1))
	for what, f := range map[string]struct {
		all func(y, yhat, out []float64)
		one func(y, yhat float64) float64
	}{"ℓ": {l.Values, l.Value}, "ℓ'": {l.D1s, l.D1}, "ℓ''": {l.D2s, l.D2}} {
		for _, n := range []int{0, 1, 63, 64, 65, len(y)} {
			out, inPlace := make([]float64, n), append([]float64(nil), yhat[len(y)-n:]...)
			f.all(y[len(y)-n:], yhat[len(y)-n:], out)
			f.all(y[len(y)-n:], inPlace, inPlace)
			for i, v := range out {
				a, b := y[len(y)-n+i], yhat[len(y)-n+i]
				want := math.Float64bits(f.one(a, b))
				if math.Float64bits(v) != want && !math.IsNaN(v) || math.Float64bits(inPlace[i]) != math.Float64bits(v) {
					t.Fatalf("%s of %d points is %v at (%v, %v), in place %v, and %v of one", what, n, v, a, b, inPlace[i],
						f.one(a, b))
				}
			}
		}
	}
}

// minimum checks that the signal is a global minimum of cost 0, up to some roundings of
// what the loss is at distance 1, and its noise.
func minimum(t *testing.T, l loss.Loss) {
	t.Helper()
	const rounding = 1e-13
	grid(func(y, yhat float64) {
		least := rounding*size(l, y, y) + 4*noise(func(u float64) float64 { return l.Value(y, u) }, y)
		if math.Abs(l.Value(y, y)) > least || math.Abs(l.D1(y, y)) > least || l.D2(y, y) < -least {
			t.Errorf("ŷ = y = %v is not a minimum of cost 0: %v, ℓ' = %v, ℓ'' = %v",
				y, l.Value(y, y), l.D1(y, y), l.D2(y, y))
		}
		if v := l.Value(y, yhat); !(v >= -least) {
			t.Errorf("ℓ(%v, %v) = %v is negative", y, yhat, v)
		}
	})
}

// infimum checks that InfD2 bounds ℓ” from below, and is approached; or that there is no
// bound.
func infimum(t *testing.T, l loss.Loss) {
	t.Helper()
	// What is said of y up to 1e8 and all ŷ: the grid misses a minimum by a few per cent
	// in y and ŷ at most, and the value there by less than 1 %, since y and ŷ enter a loss
	// with a scale no finer than themselves.
	within := func(limit float64) float64 {
		least := math.Inf(1)
		for y := 1e-3; y <= limit; y *= 1.1 {
			yhat := []float64{0}
			for u := 1e-3; u < 1e4; u *= 1.5 {
				yhat = append(yhat, u)
			}
			for k := range 33 {
				yhat = append(yhat, y*float64(k)/16)
			}
			for _, u := range yhat {
				d := l.D2(y, u)
				// ℓ'' is a quotient of sums of a few roundings each.
				if !(d >= l.InfD2-1e-14*math.Abs(l.InfD2)) {
					t.Fatalf("ℓ''(%v, %v) = %v is below InfD2 = %v", y, u, d, l.InfD2)
				}
				least = math.Min(least, d)
			}
		}
		return least
	}
	least, before := within(1e8), within(1e7)
	if math.IsInf(l.InfD2, -1) {
		// Without a bound ℓ'' falls on, however slowly; one that has a bound is at it by here.
		if !(least < 0 && before-least > 0.01*math.Abs(before)) {
			t.Errorf("InfD2 is -Inf, but from y = 1e7 to 1e8 the least ℓ'' goes from %v to %v", before, least)
		}
		return
	}
	if !(least <= l.InfD2+0.01*math.Max(math.Abs(l.InfD2), math.Abs(l.D2(1, 1)))) {
		t.Errorf("the least ℓ'' met is %v, InfD2 = %v", least, l.InfD2)
	}
}
