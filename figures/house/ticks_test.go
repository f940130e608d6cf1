package house

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

func TestLogScaleIsThatOfPlot(t *testing.T) {
	for x := -300.0; x <= 300; x += 0.37 {
		v := math.Pow(10, x)
		if got, want := (logScale{}).Normalize(1e-3, 1e4, v),
			(plot.LogScale{}).Normalize(1e-3, 1e4, v); math.Abs(got-want) > 1e-15*max(1, math.Abs(want))*4 {
			t.Errorf("the place of %g is %v, want %v", v, got, want)
		}
	}
}

func TestTicks(t *testing.T) {
	labels := func(tk interface {
		fitted
	}, lo, hi float64, most int) string {
		var out []string
		for _, one := range tk.fit(most).Ticks(lo, hi) {
			if one.Label != "" {
				out = append(out, one.Label)
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		t      fitted
		lo, hi float64
		most   int
		want   string
	}{
		{linearTicks{}, 0, 1, 6, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{linearTicks{}, -2.1, 2.1, 5, "−2 −1 0 1 2"},
		{linearTicks{}, 0.299999, 0.300001, 3, "0.299999 0.300000 0.300001"},
		{linearTicks{}, 1000, 9000, 5, "2000 4000 6000 8000"},
		{linearTicks{}, 0, 3e6, 4, "0 10^{6} 2×10^{6} 3×10^{6}"},
		{logTicks{}, 1e-3, 10, 6, "10^{−3} 10^{−2} 10^{−1} 10^{0} 10^{1}"},
		{logTicks{}, 1e-12, 1, 4, "10^{−12} 10^{−8} 10^{−4} 10^{0}"},
		{logTicks{}, 3, 60, 5, "5 10 20 50"},
	} {
		if got := labels(c.t, c.lo, c.hi, c.most); got != c.want {
			t.Errorf("%T %g to %g: %s, want %s", c.t, c.lo, c.hi, got, c.want)
		}
	}
	for _, bad := range [][2]float64{{1, 1}, {math.NaN(), 1}, {0, math.Inf(1)}, {2, 1}} {
		if n := len(linearTicks{}.Ticks(bad[0], bad[1])) + len(logTicks{}.Ticks(bad[0], bad[1])); n != 0 {
			t.Errorf("%v: %d ticks", bad, n)
		}
	}
}
