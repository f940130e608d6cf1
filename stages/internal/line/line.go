// Package line fits straight lines.
package line

// A Point is a number y at x with its standard error.
type Point struct{ X, Y, Sigma float64 }

// A Line is y = A + B·x by weighted least squares, with the (co)variances of A and B.
type Line struct {
	A, B            float64
	VarA, VarB, Cov float64
	ChiSquare       float64 // Σ (residual/σ)²
}

// Zero is the x at which y is 0.
func (l Line) Zero() float64 { return -l.A / l.B }

// Fit fits A and B. Of the points, two differ in X.
func Fit(points []Point) Line {
	var total, x, y float64
	for _, p := range points {
		w := 1 / (p.Sigma * p.Sigma)
		total += w
		x += float64(w * p.X)
		y += float64(w * p.Y)
	}
	x /= total
	y /= total
	l, xx := slope(points, x, y)
	l.A = y - float64(l.B*x)
	l.VarA = 1/total + float64(x*x)/xx
	l.Cov = -x / xx
	return l
}

// FitSlope fits B to points of which one is not at X = 0, A being known.
func FitSlope(points []Point, a float64) Line {
	l, _ := slope(points, 0, a)
	l.A = a
	return l
}

// slope fits B alone, to a line through (x, y); xx is Σ w (X−x)².
func slope(points []Point, x, y float64) (l Line, xx float64) {
	var xy float64
	for _, p := range points {
		w, dx := 1/(p.Sigma*p.Sigma), p.X-x
		xx += float64(float64(w*dx) * dx)
		xy += float64(float64(w*dx) * (p.Y - y))
	}
	l.B, l.VarB = xy/xx, 1/xx
	for _, p := range points {
		// About (x, y), so that A and B large and opposite do not cancel here.
		r := (p.Y - y - float64(l.B*(p.X-x))) / p.Sigma
		l.ChiSquare += float64(r * r)
	}
	return l, xx
}
