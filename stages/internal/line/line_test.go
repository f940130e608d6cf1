package line

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

var points = []Point{{1, 2, 0.1}, {2, 2.7, 0.3}, {3.5, 4.4, 0.2}, {-2, -1.2, 0.5}}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12*math.Abs(want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// The line is gonum's; variances are the inverse of the matrix of normal equations.
func TestFit(t *testing.T) {
	var x, y, w []float64
	normal, chi := mat.NewSymDense(2, nil), 0.0
	for _, p := range points {
		k := 1 / (p.Sigma * p.Sigma)
		x, y, w = append(x, p.X), append(y, p.Y), append(w, k)
		normal.SymRankOne(normal, k, mat.NewVecDense(2, []float64{1, p.X}))
	}
	l := Fit(points)
	a, b := stat.LinearRegression(x, y, w, false)
	near(t, "A", l.A, a)
	near(t, "B", l.B, b)
	near(t, "the zero", l.Zero(), -a/b)
	var inverse mat.Dense
	if err := inverse.Inverse(normal); err != nil {
		t.Fatal(err)
	}
	near(t, "VarA", l.VarA, inverse.At(0, 0))
	near(t, "VarB", l.VarB, inverse.At(1, 1))
	near(t, "Cov", l.Cov, inverse.At(0, 1))
	for i := range x {
		r := y[i] - a - b*x[i]
		chi += w[i] * r * r
	}
	near(t, "χ²", l.ChiSquare, chi)
}

// With A known, B is gonum's line through the origin of y − A.
func TestFitSlope(t *testing.T) {
	var x, y, w []float64
	var xx, chi float64
	for _, p := range points {
		k := 1 / (p.Sigma * p.Sigma)
		x, y, w = append(x, p.X), append(y, p.Y-0.7), append(w, k)
		xx += k * p.X * p.X
	}
	l := FitSlope(points, 0.7)
	_, b := stat.LinearRegression(x, y, w, true)
	for i := range x {
		r := y[i] - b*x[i]
		chi += w[i] * r * r
	}
	near(t, "A", l.A, 0.7)
	near(t, "B", l.B, b)
	near(t, "VarB", l.VarB, 1/xx)
	near(t, "χ²", l.ChiSquare, chi)
	if l.VarA != 0 || l.Cov != 0 {
		t.Errorf("variances %v, %v of what is known", l.VarA, l.Cov)
	}
}
