package house

import (
	"math"
	"testing"
)

func TestString(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		q    Quantity
		want string
	}{
		{Exact("x", "x", 1.13485414), "$1.1349$"},
		{Exact("x", "x", 1.234567e-13), "$1.2346 × 10^{-13}$"},
		{Estimate("x", "x", 2.789, 2.5, 3.1), "$2.79$ [$2.50$, $3.10$]"},
		{Estimate("x", "x", 3, 2.9, inf), "$3.00$ [$2.90$, $∞$]"},
		{Estimate("x", "x", 3, -inf, inf), "$3.0$ [$-∞$, $∞$]"},
		{Estimate("x", "x", 2e-9, 1e-9, 3e-9), "$2.0 × 10^{-9}$ [$1.0 × 10^{-9}$, $3.0 × 10^{-9}$]"},
		{Quantity{Name: "x", Text: "x", Value: 7, Lo: nan, Hi: nan}, "$7$"},
		{None("x", "x", "no $x$"), "none (no $x$)"},
		{Share("x", "x", 2, 10, ""), "$0.20$ [$0.06$, $0.51$]"},
		{Share("x", "x", 0, 0, "nothing"), "none (nothing)"},
		{Median("x", "x", []float64{1, 2}), "none (2 values cannot bound a median)"},
		{Mean("x", "x", []float64{0.3}, 1), "$0.3$"},
		{Mean("x", "x", []float64{1, 2, 3}, 1), "$2.00$ [$1.42$, $2.58$]"},
		{Mean("x", "x", nil, 1), "none (nothing was measured)"},
	} {
		if got := c.q.String(); got != c.want {
			t.Errorf("%v: %s, want %s", c.q, got, c.want)
		}
	}
}
