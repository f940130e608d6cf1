package flow

import (
	"math"
	"testing"
)

// One step of the linear equation y' = λy multiplies y by the stability polynomial,
// compared here with its definition in closed form: cosh outside [−1,1], cos inside.
// It is at most 1 in absolute value over the stable interval, at most 0.96 away from
// 0, and it approximates exp(z) with an error of at most |z|³/6 + O(z⁴) near 0.
func TestStabilityPolynomial(t *testing.T) {
	for _, s := range []int{2, 3, 4, 7, 20, 61, maxStages} {
		stages := make([]stage, s)
		chebyshev(stages)
		multiply := func(z float64) float64 {
			d, before := stages[0].onLast*z, 0.0
			for _, c := range stages[1:] {
				d, before = c.last*d+c.beforeLast*before+z*c.onLast*(1+d)+z*c.onFirst, d
			}
			return 1 + d
		}
		n := float64(s)
		w0 := 1 + damping/(n*n)
		theta := math.Acosh(w0)
		sinh, coth := math.Sinh(theta), w0/math.Sinh(theta)
		d1 := n * math.Sinh(n*theta) / sinh
		d2 := (n*n*math.Cosh(n*theta) - n*coth*math.Sinh(n*theta)) / (sinh * sinh)
		w1, b := d1/d2, d2/(d1*d1)
		polynomial := func(z float64) float64 {
			x, value := w0+w1*z, 0.0
			if x >= 1 {
				value = math.Cosh(n * math.Acosh(x))
			} else {
				value = math.Cos(n * math.Acos(math.Max(x, -1)))
			}
			return 1 - b*math.Cosh(n*theta) + b*value
		}
		end := -0.65 * (n*n - 1)
		if x := w0 + w1*end; x < -1 {
			t.Errorf("s = %d: the stable interval ends before %v", s, end)
		}
		for k := range 5001 {
			z := end * float64(k) / 5000
			got, want := multiply(z), polynomial(z)
			// Rounding: s stages, amplified by up to s² as the paper shows.
			if math.Abs(got-want) > 1e-14*n*n {
				t.Errorf("s = %d: P(%v) = %.17g, want %.17g", s, z, got, want)
			}
			if math.Abs(got) > 1 || z < -3 && s > 2 && math.Abs(got) > 0.96 {
				t.Errorf("s = %d: P(%v) = %v", s, z, got)
			}
		}
		for _, z := range []float64{-1e-2, 1e-2} {
			if gap := math.Abs(multiply(z) - math.Exp(z)); gap > 1.01e-6/6+1e-14*n*n {
				t.Errorf("s = %d: P(%v) is off exp by %v", s, z, gap)
			}
		}
	}
}
