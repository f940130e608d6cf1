package label

import (
	"math"
	"testing"
)

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", -0.5: "−0.5", 128: "128", 1e5: "10^{5}", 2.5e-7: "2.5×10^{−7}", -1e-4: "−10^{−4}",
		math.Copysign(0, -1): "0",
	} {
		if got := Number(v); got != want {
			t.Errorf("%g: %q, want %q", v, got, want)
		}
	}
}
