package scaling

import (
	"math"
	"testing"
)

func TestUnusable(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		n      int64
		lo, hi float64
		ok     bool
	}{{64, 1, 2, true}, {32, 1, 2, false}, {64, -inf, 2, false}, {64, 1, inf, false}, {64, 1, 1, false},
		{64, nan, nan, false}} {
		if reason := unusable(&Size{N: c.n}, Params{Least: 64}, "it", c.lo, c.hi); c.ok != (reason == "") {
			t.Errorf("%+v: %q", c, reason)
		}
	}
}
