package descent

import (
	"fmt"
	"testing"

	"zerotohero/stages/instance"
	"zerotohero/stages/internal/random"
)

// One gradient at α = 3, of one student and of 16 in one pass.
func BenchmarkGradient(b *testing.B) {
	l := ell(b, 1)
	for _, n := range []int{64, 128, 256, 512} {
		for _, students := range []int{1, width} {
			b.Run(fmt.Sprintf("N=%d/students=%d", n, students), func(b *testing.B) {
				m := 3 * n
				y := make([]float64, m)
				random.New("y", 1, 0).Sphere(y)
				signal := make([]float64, n)
				random.New("signal", 1, 0).Sphere(signal)
				p, err := NewProblem(instance.DrawX(1, n, m), y, signal, l)
				if err != nil {
					b.Fatal(err)
				}
				at := make([]*Evaluation, students)
				for k := range at {
					at[k] = NewEvaluation(n)
					random.New("start", 1, int64(k)).Sphere(at[k].W)
				}
				b.ReportAllocs()
				for b.Loop() {
					if err := p.Evaluate(at...); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*students)/1000, "µs/gradient")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*students)/float64(n*m), "ns/entry")
			})
		}
	}
}
