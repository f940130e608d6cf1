package inputs

import (
	"math"

	"zerotohero/figures/label"
)

// Size are the sizes of a problem: N unknowns, M measurements.
type Size struct{ N, M int64 }

// Alpha is M/N to as many digits as it is chosen with.
func (s Size) Alpha() float64 { return label.Rounded(float64(s.M)/float64(s.N), 3) }

// Has says whether M is αN, rounded.
func (s Size) Has(alpha float64) bool {
	return math.Abs(float64(s.M)-alpha*float64(s.N)) <= 0.5+1e-6
}
