package format

import (
	"math"
	"testing"
	"time"
)

func TestFormat(t *testing.T) {
	for want, got := range map[string]string{
		"0 rows":                  Count(0, "row"),
		"1 row":                   Count(1, "row"),
		"2 rows":                  Count(2, "row"),
		"":                        List(nil, 3),
		"a, b, c":                 List([]string{"a", "b", "c"}, 3),
		"a, b and 2 more":         List([]string{"a", "b", "c", "d"}, 3),
		"0 B":                     Bytes(0),
		"67.1 MB":                 Bytes(64 << 20),
		"5 GB":                    Bytes(5e9),
		"1200.0 TB":               Bytes(12e14),
		"0.00 s":                  Seconds(0),
		"0.31 s":                  Seconds(0.31),
		"1.5 s":                   Seconds(1.5),
		"60 s":                    Seconds(60),
		"5 min":                   Seconds(300),
		"2.5 h":                   Seconds(9000),
		"+Inf h":                  Seconds(math.Inf(1)),
		"0.3 s":                   Duration(300 * time.Millisecond),
		"2 min":                   Duration(2 * time.Minute),
		"2026-01-02 02:04:05 UTC": Time(time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
