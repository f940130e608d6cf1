package random

import (
	"math"

	"zerotohero/stages/internal/portable"
)

// ChiSquared draws the squared length of k independent standard normal numbers, k ≥ 0, in
// a time that does not depend on k: twice a gamma variable of shape k/2, by rejection
// (G. Marsaglia and W. W. Tsang, ACM Trans. Math. Softw. 26 (2000) 363).
func (s *Source) ChiSquared(k int) float64 {
	switch k {
	case 0:
		return 0
	case 1: // the method needs a shape of 1 at least
		x := s.Normal()
		return x * x
	}
	d := float64(k)/2 - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.Normal()
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		v = float64(v * v * v)
		if portable.Log(s.Uniform()) < float64(0.5*x*x)+float64(d*(1-v+portable.Log(v))) {
			return 2 * d * v
		}
	}
}
