package random

import (
	"math"

	"zerotohero/stages/internal/portable"
)

// The ziggurat of G. Marsaglia and W. W. Tsang, "The ziggurat method for generating
// random variables", J. Stat. Softw. 5 (2000), issue 8: the area under exp(−x²/2),
// x > 0, is covered by layers of equal area, a base that ends at reach and holds the
// tail beyond it too, and rectangles above it, the last of which closes at x = 0.
// reach and area are fixed by that condition.
const (
	layers = 256
	reach  = 3.65415288536100877
	area   = 0.00492867323397465535
)

// layer i goes from height[i] to height[i+1], out to width[i]; what lies within
// width[i+1] is under the curve. The base, layer 0, is as wide as a rectangle of its
// area would be.
var (
	width  [layers + 1]float64
	height [layers + 1]float64
	fast   [layers]struct{ unit, inside float64 } // 2⁻⁵² width[i], width[i+1]
)

func init() {
	density := func(x float64) float64 { return portable.Exp(-0.5 * x * x) }
	width[0], width[1] = area/density(reach), reach
	height[1] = density(reach)
	for i := 1; i < layers-1; i++ {
		height[i+1] = height[i] + area/width[i]
		width[i+1] = math.Sqrt(-2 * portable.Log(height[i+1]))
	}
	height[layers] = 1
	for i := range fast {
		fast[i].unit, fast[i].inside = 0x1p-52*width[i], width[i+1]
	}
}

// Normal draws a standard normal number.
func (s *Source) Normal() float64 {
	for {
		u := s.Uint64()
		if x, ok := inside(u); ok {
			return x
		}
		if x, ok := s.outside(u); ok {
			return x
		}
	}
}

// Normals fills dst with standard normal numbers rounded to float32, those of as many
// calls of Normal.
func (s *Source) Normals(dst []float32) {
	for j := range dst {
		u := s.Uint64()
		x, ok := inside(u)
		if !ok {
			if x, ok = s.outside(u); !ok {
				x = s.Normal()
			}
		}
		dst[j] = float32(x)
	}
}

// inside makes a number of a word of the stream, and says whether it lies in the part of
// its layer that is under the curve, as all but one in 86 do.
//
// The sign and 52 bits are in a uniform number, at midpoints of cells, and the layer is
// of other bits of the same word: in the first ziggurat the bits were shared, which
// showed in tests.
func inside(u uint64) (x float64, ok bool) {
	l := &fast[u%layers]
	x = (float64(int64(u)>>11) + 0.5) * l.unit
	return x, math.Abs(x) < l.inside
}

// outside decides on a number that is not inside: what follows in the stream says
// whether it counts, or what does.
func (s *Source) outside(u uint64) (x float64, ok bool) {
	i := u % layers
	if x, _ = inside(u); i == 0 {
		return math.Copysign(s.tail(), x), true
	}
	return x, height[i]+float64(s.Uniform()*(height[i+1]-height[i])) < portable.Exp(-0.5*x*x)
}

// tail draws from beyond reach (G. Marsaglia, Technometrics 6 (1964) 101).
func (s *Source) tail() float64 {
	for {
		x := -portable.Log(s.Uniform()) / reach
		y := -portable.Log(s.Uniform())
		if 2*y > x*x {
			return reach + x
		}
	}
}
