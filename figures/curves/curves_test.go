package curves

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func square(y, u float64) float64 { return (u - y) * (u - y) }

// Every format is drawn, whatever the title, and the same each time.
func TestFile(t *testing.T) {
	for _, suffix := range Suffixes() {
		for _, title := range []string{"", "a_b^{c$\\", strings.Repeat("ℓ", 1000)} {
			a, err := File(title, suffix, []string{"f", "f'"}, []func(y, u float64) float64{square, square})
			b, err2 := File(title, suffix, []string{"f", "f'"}, []func(y, u float64) float64{square, square})
			if err != nil || err2 != nil || len(a) == 0 || !bytes.Equal(a, b) {
				t.Errorf("%.20s%s: %d and %d bytes, %v", title, suffix, len(a), len(b), err)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for _, suffix := range []string{"", "svg", ".jpg"} {
		if _, err := File("f", suffix, nil, nil); err == nil || !strings.Contains(err.Error(), "one of .pdf, .png, .svg") {
			t.Errorf("%q: %v", suffix, err)
		}
	}
	none := func(y, u float64) float64 { return math.NaN() }
	if _, err := File("f", ".svg", []string{"f"}, []func(y, u float64) float64{none}); err == nil {
		t.Error("NaN is drawn")
	}
}
