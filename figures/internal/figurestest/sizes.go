package figurestest

import (
	"math"
)

// A Point is a row of the points of Size.
type Point struct {
	Alpha      float64 `arrow:"alpha"`
	Trials     int64   `arrow:"trials"`
	Recovered  int64   `arrow:"recovered"`
	Trapped    int64   `arrow:"trapped"`
	Unresolved int64   `arrow:"unresolved"`
	Diverged   int64   `arrow:"diverged"`
	P          float64 `arrow:"p"`
	Lo         float64 `arrow:"lo"`
	Hi         float64 `arrow:"hi"`
}

// A Size is a row of a finitesize artifact.
type Size struct {
	N          int64   `arrow:"n"`
	Loss       string  `arrow:"loss"`
	A          float64 `arrow:"a"`
	Method     string  `arrow:"method"`
	From       string  `arrow:"from"`
	Points     []Point `arrow:"points"`
	Identified bool    `arrow:"identified"`
	Alpha50    float64 `arrow:"alpha50"`
	Alpha50Lo  float64 `arrow:"alpha50_lo"`
	Alpha50Hi  float64 `arrow:"alpha50_hi"`
	Width      float64 `arrow:"width"`
	WidthLo    float64 `arrow:"width_lo"`
	WidthHi    float64 `arrow:"width_hi"`
}

// SizeOf has α50 = 3, identified below N = 1000.
func SizeOf(n int64) Size {
	s := Size{N: n, Loss: "ell", A: 1, Method: "gd", From: "random", Identified: n < 1000, Alpha50: 3, Alpha50Lo: 2.9,
		Alpha50Hi: 3.1, Width: 40 / float64(n), WidthLo: 35 / float64(n), WidthHi: 45 / float64(n)}
	for k := range 9 {
		alpha := 1 + 0.5*float64(k)
		p := 1 / (1 + math.Exp(-(alpha-3)/s.Width))
		q := Point{Alpha: alpha, Trials: 49, Unresolved: 1, Recovered: int64(math.Round(49 * p))}
		q.Trapped = 49 - q.Recovered
		q.P = float64(q.Recovered) / 49
		q.Lo, q.Hi = math.Max(0, q.P-0.1), math.Min(1, q.P+0.1)
		s.Points = append(s.Points, q)
	}
	return s
}
