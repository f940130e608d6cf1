package formula_test

import (
	"testing"

	"zerotohero/stages/loss/losstest"
)

// A call of each function of a loss, as a formula and in Go.
func BenchmarkCalls(b *testing.B) {
	formula := losstest.New(b, "my-ell", read(b, "my-ell", same["ell"]))
	for name, l := range map[string]func(y, u float64) float64{
		"formula/value": formula.Value, "formula/d1": formula.D1, "formula/d2": formula.D2,
		"go/value": losstest.New(b, "ell", nil).Value, "go/d1": losstest.New(b, "ell", nil).D1,
	} {
		b.Run(name, func(b *testing.B) {
			sum, u := 0.0, 0.3
			for b.Loop() {
				u = 1.9 - u
				sum += l(0.7, u)
			}
			_ = sum
		})
	}
}
