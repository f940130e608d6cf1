package descent

import (
	"math"
	"testing"
)

func TestDecadeRoot(t *testing.T) {
	for _, k := range []int{1, 2, 3, 12, 50, 1000} {
		// r^k = 10 fixes r to 10ε/(k·10): k products of relative error ε/2, over k.
		if got, want := decadeRoot(k), math.Pow(10, 1/float64(k)); math.Abs(got-want) > 4e-16*want {
			t.Errorf("10^(1/%d) = %.17g, want %.17g", k, got, want)
		}
	}
}

// On a great circle traversed with unit angular velocity, cubic interpolation over
// an angle h is off by at most h⁴/384 of the radius, and it is exact at the ends.
func TestBetween(t *testing.T) {
	const n = 5
	at := func(theta float64) *Evaluation {
		e := NewEvaluation(n)
		e.W[1], e.W[3] = math.Sqrt(n)*math.Cos(theta), math.Sqrt(n)*math.Sin(theta)
		e.G[1], e.G[3] = math.Sqrt(n)*math.Sin(theta), -math.Sqrt(n)*math.Cos(theta)
		return e
	}
	for _, h := range []float64{0.02, 0.5} {
		a, b, w := at(0.3), at(0.3+h), make([]float64, n)
		for _, s := range []float64{0, 0.2, 0.5, 0.9, 1} {
			between(w, a, 2, b, 2+h, 2+s*h)
			want := at(0.3 + s*h).W
			bound := math.Sqrt(n)*h*h*h*h/384 + 1e-14
			if math.Hypot(w[1]-want[1], w[3]-want[3]) > bound {
				t.Errorf("h = %v, s = %v: %v, want %v", h, s, w, want)
			}
		}
	}
}
