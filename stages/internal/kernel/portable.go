package kernel

import "math"

// dotGo is the definition of a dot product; the other implementations are tested against it.
func dotGo(x []float32, w []float64) float64 {
	w = w[:len(x)]
	var s0, s1, s2, s3, s4, s5, s6, s7 float64
	for len(x) >= lanes {
		a, b := (*[lanes]float32)(x), (*[lanes]float64)(w)
		s0 = math.FMA(float64(a[0]), b[0], s0)
		s1 = math.FMA(float64(a[1]), b[1], s1)
		s2 = math.FMA(float64(a[2]), b[2], s2)
		s3 = math.FMA(float64(a[3]), b[3], s3)
		s4 = math.FMA(float64(a[4]), b[4], s4)
		s5 = math.FMA(float64(a[5]), b[5], s5)
		s6 = math.FMA(float64(a[6]), b[6], s6)
		s7 = math.FMA(float64(a[7]), b[7], s7)
		x, w = x[lanes:], w[lanes:]
	}
	if len(x) > 0 {
		// The zeros that complete the group are not without effect: they turn a partial sum of −0 into +0.
		var a, b [lanes]float64
		for l := range x {
			a[l], b[l] = float64(x[l]), w[l]
		}
		s0 = math.FMA(a[0], b[0], s0)
		s1 = math.FMA(a[1], b[1], s1)
		s2 = math.FMA(a[2], b[2], s2)
		s3 = math.FMA(a[3], b[3], s3)
		s4 = math.FMA(a[4], b[4], s4)
		s5 = math.FMA(a[5], b[5], s5)
		s6 = math.FMA(a[6], b[6], s6)
		s7 = math.FMA(a[7], b[7], s7)
	}
	return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

// axpyGo is the definition of an accumulation: g_j ← fma(a, x_j, g_j).
func axpyGo(a float64, x []float32, g []float64) {
	g = g[:len(x)]
	for j, v := range x {
		g[j] = math.FMA(a, float64(v), g[j])
	}
}
