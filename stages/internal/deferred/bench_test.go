package deferred

import (
	"bytes"
	"fmt"
	"math"
	"testing"
	"time"
	"unsafe"
)

// BenchmarkSweep measures a sweep at N = 65536, M = 3N with so many directions, and the rate
// at which it goes through the vectors, images once and the others twice, against the rate of
// reading them: that bounds it, as arithmetic, 8 multiplications a direction and row, does not.
func BenchmarkSweep(b *testing.B) {
	const n, m = 65536, 3 * 65536
	for _, directions := range []int{30, 100, 300} {
		b.Run(fmt.Sprintf("directions=%d", directions), func(b *testing.B) {
			x, err := New(Params{N: n, M: m, Seed: 1})
			if err != nil {
				b.Fatal(err)
			}
			w, g := make([]float64, 2*directions), make([]float64, 2*directions)
			x.Start(w)
			cubic := func(_ int, h [][]float64) {
				for i, v := range h[0] {
					h[0][i] = v * v * v
				}
			}
			sweep := func() time.Duration {
				start := time.Now()
				if err := x.Sweep([][]float64{w}, cubic, g); err != nil {
					b.Fatal(err)
				}
				return time.Since(start)
			}
			for x.k < directions {
				sweep()
				for j := range x.k {
					w[j] = math.Sqrt(n) * math.Cos(float64(j*x.k))
				}
			}
			shortest, reading, before := time.Hour, time.Hour, *x
			for b.Loop() {
				again := before
				x = &again
				shortest = min(shortest, sweep())
				start := time.Now()
				for range 3 {
					for _, s := range before.images.(*stored[float32]).slabs {
						bytes.Count(unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), 4*len(s)), []byte{1})
					}
				}
				reading = min(reading, time.Since(start))
			}
			rows := float64(m * directions)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(shortest.Nanoseconds())/1e6, "ms/sweep")
			b.ReportMetric(16*rows/float64(shortest.Nanoseconds()), "GFLOP/s")
			b.ReportMetric(12*rows/float64(shortest.Nanoseconds()), "GB/s")
			b.ReportMetric(12*rows/float64(reading.Nanoseconds()), "readGB/s")
			b.ReportMetric(float64(reading)/float64(shortest), "x-read")
		})
	}
}
