package formula_test

import (
	"testing"

	"zerotohero/stages/loss"
	"zerotohero/stages/loss/losstest"
)

// A call of each function of a loss for a point, as a formula and in Go, and for the points of a block
// of a descent.
func BenchmarkCalls(b *testing.B) {
	formula, inGo := losstest.New(b, "my-ell", read(b, "my-ell", same["ell"])), losstest.New(b, "ell", nil)
	for _, f := range []struct {
		name string
		of   loss.Loss
	}{{"formula", formula}, {"go", inGo}} {
		for _, d := range []struct {
			name string
			one  func(y, u float64) float64
			all  func(y, u, out []float64)
		}{{"value", f.of.Value, f.of.Values}, {"d1", f.of.D1, f.of.D1s}, {"d2", f.of.D2, f.of.D2s}} {
			b.Run(f.name+"/"+d.name+"/one", func(b *testing.B) {
				sum, u := 0.0, 0.3
				for b.Loop() {
					u = 1.9 - u
					sum += d.one(0.7, u)
				}
				_ = sum
			})
			b.Run(f.name+"/"+d.name+"/64", func(b *testing.B) {
				y, u, out := make([]float64, 64), make([]float64, 64), make([]float64, 64)
				for i := range y {
					y[i], u[i] = 0.7+float64(i)/100, 1.9-float64(i)/30
				}
				for b.Loop() {
					d.all(y, u, out)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(64*b.N), "ns/point")
			})
		}
	}
}
