package finitesize

import (
	"math"

	"zerotohero/stages/internal/portable"
)

// An interval is a closed range; its ends may be infinite.
type interval struct{ lo, hi float64 }

// wilson is the score interval of a proportion p in n independent trials (Wilson
// 1927), n > 0 and not necessarily whole.
func wilson(p, n, confidence float64) (lo, hi float64) {
	z := -portable.NormalQuantile((1 - confidence) / 2)
	k := z * z / n
	centre := (p + k/2) / (1 + k)
	half := math.Sqrt(p*(1-p)*k+k*k/4) / (1 + k)
	lo, hi = centre-half, centre+half
	// At these p an end equals p but for rounding.
	if p == 0 {
		lo = 0
	}
	if p == 1 {
		hi = 1
	}
	return lo, hi
}
