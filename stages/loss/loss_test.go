package loss

import (
	"math"
	"strings"
	"testing"
)

// every calls f for each registered family, at those of a few values of its
// parameter that it accepts.
func every(t *testing.T, f func(t *testing.T, l Loss)) {
	for _, name := range Names() {
		tried := false
		for _, a := range []float64{0.01, 1, 2, 50} {
			if l, err := New(name, a); err == nil {
				t.Run(l.Name, func(t *testing.T) { f(t, l) })
				tried = true
			}
		}
		if !tried {
			t.Errorf("loss %s accepts none of the parameters tried", name)
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

// Central differences: their error is h²/6 = 2e-9 times the derivative after the
// next, and ε/h = 2e-12 times the value from rounding. Where a loss varies on the
// scale of 1, both are far below 1e-6 of the values around the point.
func TestDerivatives(t *testing.T) {
	every(t, func(t *testing.T, l Loss) {
		const h = 1e-4
		grid(func(y, yhat float64) {
			if got, want := (l.Value(y, yhat+h)-l.Value(y, yhat-h))/(2*h), l.D1(y, yhat); math.Abs(got-want) > 1e-6*scale(l, y, yhat) {
				t.Errorf("ℓ'(%v, %v) = %v, differences of ℓ give %v", y, yhat, want, got)
			}
			if got, want := (l.D1(y, yhat+h)-l.D1(y, yhat-h))/(2*h), l.D2(y, yhat); math.Abs(got-want) > 1e-6*scale(l, y, yhat) {
				t.Errorf("ℓ''(%v, %v) = %v, differences of ℓ' give %v", y, yhat, want, got)
			}
		})
	})
}

// scale is the largest of the loss and its derivatives within 1 of ŷ.
func scale(l Loss, y, yhat float64) float64 {
	s := 0.0
	for _, u := range []float64{yhat - 1, yhat, yhat + 1} {
		s = math.Max(s, math.Max(math.Abs(l.Value(y, u)), math.Max(math.Abs(l.D1(y, u)), math.Abs(l.D2(y, u)))))
	}
	return s
}

func TestSymmetries(t *testing.T) {
	every(t, func(t *testing.T, l Loss) {
		grid(func(y, yhat float64) {
			if l.Value(-y, yhat) != l.Value(y, yhat) || l.D1(-y, yhat) != l.D1(y, yhat) || l.D2(-y, yhat) != l.D2(y, yhat) {
				t.Errorf("not even in y at (%v, %v)", y, yhat)
			}
			if l.Value(y, -yhat) != l.Value(y, yhat) || l.D1(y, -yhat) != -l.D1(y, yhat) || l.D2(y, -yhat) != l.D2(y, yhat) {
				t.Errorf("not even in ŷ at (%v, %v)", y, yhat)
			}
		})
		// The signal is a global minimum of cost 0.
		grid(func(y, _ float64) {
			if l.Value(y, y) != 0 || l.D1(y, y) != 0 || l.D2(y, y) < 0 {
				t.Errorf("ŷ = y = %v is not a minimum of cost 0", y)
			}
		})
	})
}

// InfD2 bounds ℓ” from below, and is approached.
func TestInfD2(t *testing.T) {
	every(t, func(t *testing.T, l Loss) {
		least := math.Inf(1)
		for y := 1e-3; y < 1e4; y *= 1.1 {
			for _, yhat := range []float64{0, 1e-3, 0.1, 1, 10, 100} {
				d := l.D2(y, yhat)
				// ℓ'' is a quotient of sums of two roundings each.
				if d < l.InfD2-1e-14*math.Abs(l.InfD2) {
					t.Fatalf("ℓ''(%v, %v) = %v is below %v", y, yhat, d, l.InfD2)
				}
				least = math.Min(least, d)
			}
		}
		// The grid misses a minimum at finite y by a few per cent in y at most, and the
		// value there by less than 1 %: y enters a loss with a scale no finer than itself.
		if math.IsInf(l.InfD2, -1) && least > -1e6 || !math.IsInf(l.InfD2, -1) && least > l.InfD2+0.01*math.Abs(l.InfD2) {
			t.Errorf("the least ℓ'' met is %v, InfD2 = %v", least, l.InfD2)
		}
	})
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		a    float64
		want string
	}{
		{"elle", 1, `unknown loss "elle"; known are ell, plain`},
		{"ell", 0, "a = 0 must be positive"},
		{"ell", -1, "a = -1 must be positive"},
		{"plain", math.NaN(), "a = NaN is not finite"},
	} {
		if _, err := New(c.name, c.a); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("New(%q, %v): %v", c.name, c.a, err)
		}
	}
}
