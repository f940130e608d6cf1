package formula_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"zerotohero/stages/descent"
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

// A gradient at N = 512, α = 3, X being there: what a formula adds to it by blocks and point by
// point, as ratios to the same loss in Go. The three take turns.
func BenchmarkEvaluation(b *testing.B) {
	const n, m = 512, 3 * 512
	r := rand.New(rand.NewPCG(17, 3))
	x, y, signal := make([]float32, n*m), make([]float64, m), make([]float64, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	e := descent.NewEvaluation(n)
	for j := range signal {
		signal[j], e.W[j] = r.NormFloat64(), r.NormFloat64()
	}
	descent.ToSphere(e.W, n)
	for i := range y {
		y[i] = r.NormFloat64()
	}
	blocks := losstest.New(b, "my-ell", read(b, "my-ell", same["ell"]))
	points := blocks
	points.Blocks = loss.Blocks{}
	losses := []loss.Loss{losstest.New(b, "ell", nil), blocks, points}
	var problems []*descent.Problem
	for _, l := range losses {
		p, err := descent.NewProblem(x, y, signal, l)
		if err != nil {
			b.Fatal(err)
		}
		problems = append(problems, p)
	}
	took := make([][]float64, len(losses))
	for b.Loop() {
		for k, p := range problems {
			start := time.Now()
			for range 20 {
				if err := p.Evaluate(e); err != nil {
					b.Fatal(err)
				}
			}
			took[k] = append(took[k], time.Since(start).Seconds())
		}
	}
	// The least time is the one with the least of other work in it.
	for k, name := range []string{"go-µs", "blocks/go", "points/go"} {
		value := 1e6 / 20 * slices.Min(took[0])
		if k > 0 {
			value = slices.Min(took[k]) / slices.Min(took[0])
		}
		b.ReportMetric(value, name)
	}
}
