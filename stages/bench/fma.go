package bench

import (
	"math"
	"runtime"

	"zerotohero/stages/internal/kernel"
)

// chains of multiply-adds that do not wait for each other: enough to hide the latency of one
// on any processor, few enough for the registers.
const chains = 12

// A peak is the fastest that one core can do multiply-adds of float64 in the vectors that the
// kernels use: of numbers in registers, memory having no part in it.
type peak struct {
	width int              // numbers in a vector
	run   func(rounds int) // does chains·width·rounds multiply-adds
}

// scalar is the peak where the kernels have no vectors.
var scalar = peak{1, func(rounds int) { runtime.KeepAlive(multiplyAdds(rounds)) }}

func multiplyAdds(rounds int) float64 {
	const x = 0.5
	var a, b, c, d, e, f, g, h, i, j, k, l float64
	for range rounds {
		a, b, c = math.FMA(a, x, x), math.FMA(b, x, x), math.FMA(c, x, x)
		d, e, f = math.FMA(d, x, x), math.FMA(e, x, x), math.FMA(f, x, x)
		g, h, i = math.FMA(g, x, x), math.FMA(h, x, x), math.FMA(i, x, x)
		j, k, l = math.FMA(j, x, x), math.FMA(k, x, x), math.FMA(l, x, x)
	}
	return a + b + c + d + e + f + g + h + i + j + k + l
}

// multiplying is the side of the peak, with how many multiply-adds it does.
func multiplying() (peak side, count float64, err error) {
	path, err := kernel.Path()
	if err != nil {
		return nil, 0, err
	}
	p, ok := peaks[path]
	if !ok {
		p = scalar
	}
	const rounds = 1 << 20
	return timed(func() error { p.run(rounds); return nil }), float64(chains * p.width * rounds), nil
}
