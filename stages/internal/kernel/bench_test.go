package kernel

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// stopwatch keeps the shortest time of what it has timed: the one least disturbed by other work on the machine.
type stopwatch struct{ shortest time.Duration }

func (s *stopwatch) time(f func()) {
	start := time.Now()
	f()
	if d := time.Since(start); s.shortest == 0 || d < s.shortest {
		s.shortest = d
	}
}

// each runs a benchmark on every implementation that this processor has.
func each(b *testing.B, run func(b *testing.B, p *implementation)) {
	for _, p := range append(accelerated(), portable) {
		b.Run(p.name, func(b *testing.B) { run(b, &p) })
	}
}

func instance(n, m, students int) (x []float32, w, g [][]float64) {
	r := rand.New(rand.NewPCG(1, 2))
	x = make([]float32, n*m)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for range students {
		v := make([]float64, n)
		for j := range v {
			v[j] = r.NormFloat64()
		}
		w, g = append(w, v), append(g, make([]float64, n))
	}
	return x, w, g
}

// scale stands for the loss, which costs little beside the sweep.
func scale(_ int, h [][]float64) {
	for _, hk := range h {
		for i := range hk {
			hk[i] *= 1e-3
		}
	}
}

// read goes through x and does next to nothing with it, for the bandwidth that a sweep can have at most.
func read(x []float32) {
	b := unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
	bytes.Count(b, []byte{1})
}

// BenchmarkGradient measures one gradient, for one student, against two float64 Gemv of gonum, and the rate at which
// it goes through X against the rate of reading it.
func BenchmarkGradient(b *testing.B) {
	for _, n := range []int{256, 1024, 4096} {
		b.Run(fmt.Sprintf("N=%d", n), func(b *testing.B) {
			each(b, func(b *testing.B, p *implementation) {
				m := 3 * n
				x, w, g := instance(n, m, 1)
				wide := blas64.General{Rows: m, Cols: n, Stride: n, Data: make([]float64, n*m)}
				for i, v := range x {
					wide.Data[i] = float64(v)
				}
				h := blas64.Vector{N: m, Inc: 1, Data: make([]float64, m)}
				wv, gv := blas64.Vector{N: n, Inc: 1, Data: w[0]}, blas64.Vector{N: n, Inc: 1, Data: g[0]}
				var ours, gonum, reading stopwatch
				for b.Loop() {
					ours.time(func() { _ = p.sweep(x, w, g, scale) })
					gonum.time(func() {
						blas64.Gemv(blas.NoTrans, 1, wide, wv, 0, h)
						scale(0, [][]float64{h.Data})
						blas64.Gemv(blas.Trans, 1, wide, h, 1, gv)
					})
					reading.time(func() { read(x) })
				}
				bytes := float64(4 * n * m)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(ours.shortest.Nanoseconds()), "ns/gradient")
				b.ReportMetric(bytes/float64(ours.shortest.Nanoseconds()), "GB/s")
				b.ReportMetric(bytes/float64(reading.shortest.Nanoseconds()), "readGB/s")
				b.ReportMetric(float64(reading.shortest)/float64(ours.shortest), "x-read")
				b.ReportMetric(float64(gonum.shortest)/float64(ours.shortest), "x-gonum")
			})
		})
	}
}

// BenchmarkStudents measures the gradients of several students at once against one student's.
func BenchmarkStudents(b *testing.B) {
	for _, n := range []int{256, 1024, 4096} {
		for _, students := range []int{4, 8, 16} {
			b.Run(fmt.Sprintf("N=%d/S=%d", n, students), func(b *testing.B) {
				each(b, func(b *testing.B, p *implementation) {
					m := 3 * n
					x, w, g := instance(n, m, students)
					var batch, single stopwatch
					for b.Loop() {
						batch.time(func() { _ = p.sweep(x, w, g, scale) })
						single.time(func() { _ = p.sweep(x, w[:1], g[:1], scale) })
					}
					b.ReportMetric(0, "ns/op")
					flops := 4 * float64(n) * float64(m) * float64(students)
					b.ReportMetric(flops/float64(batch.shortest.Nanoseconds()), "GFLOP/s")
					b.ReportMetric(float64(batch.shortest.Nanoseconds())/float64(students), "ns/student")
					b.ReportMetric(float64(single.shortest)*float64(students)/float64(batch.shortest), "x-single")
				})
			})
		}
	}
}
