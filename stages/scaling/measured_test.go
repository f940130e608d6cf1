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
	}{{n: 64, lo: 1, hi: 2, ok: true}, {n: 32, lo: 1, hi: 2, ok: false}, {n: 64, lo: -inf, hi: 2, ok: false},
		{n: 64, lo: 1, hi: inf, ok: false}, {n: 64, lo: 1, hi: 1, ok: false},
		{n: 64, lo: nan, hi: nan, ok: false}} {
		if reason := unusable(&Size{N: c.n}, Params{Least: 64}, "it", c.lo, c.hi); c.ok != (reason == "") {
			t.Errorf("%+v: %q", c, reason)
		}
	}
}
