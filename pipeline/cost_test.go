package pipeline

import (
	"math"
	"strings"
	"testing"
)

func TestCost(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		seconds, bytes float64
		want           string
	}{
		{0, 0, ""}, {1, 1 << 30, ""}, {1e9, 1 << 50, ""},
		{1e11, 0, "years"}, {inf, 0, "years"}, {nan, 0, "years"}, {-1, 0, "years"},
		{0, 1 << 51, "memory"}, {0, 1 << 63, "memory"}, {0, 1 << 64, "memory"}, {0, 1e300, "memory"},
		{0, inf, "memory"}, {0, nan, "memory"}, {0, -1, "memory"}, {0, -1e30, "memory"},
	} {
		cost := NewCost(c.seconds, c.bytes)
		err := cost.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v s, %v bytes: %v, want %q", c.seconds, c.bytes, err, c.want)
		}
		if cost.Bytes < 0 || err == nil && (float64(cost.Bytes) != c.bytes || cost.Seconds <= c.seconds) {
			t.Errorf("%v s, %v bytes became %+v", c.seconds, c.bytes, cost)
		}
	}
	if err := (Cost{Seconds: 1, Bytes: -1}).Check(); err == nil {
		t.Error("a sum that wrapped passed")
	}
}
