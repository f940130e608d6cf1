package figurestest

import (
	"fmt"
	"math"

	"zerotohero/pipeline"
)

// The rows below have the columns of the artifacts that figures read, and some that
// they pass over.

// An Atom is an atom of a Density.
type Atom struct {
	Lambda float64 `arrow:"lambda"`
	Mass   float64 `arrow:"mass"`
}

// A Density is a row of a theory-density artifact.
type Density struct {
	At         string    `arrow:"at"`
	Loss       string    `arrow:"loss"`
	A          float64   `arrow:"a"`
	Alpha      float64   `arrow:"alpha"`
	Mu         float64   `arrow:"mu"`
	Edge       float64   `arrow:"edge"`
	EdgeKind   string    `arrow:"edge_kind"`
	Outlier    bool      `arrow:"outlier"`
	LambdaStar float64   `arrow:"lambda_star"`
	Q2         float64   `arrow:"q2"`
	Lambda     []float64 `arrow:"lambda"`
	Rho        []float64 `arrow:"rho"`
	CDF        []float64 `arrow:"cdf"`
	Atoms      []Atom    `arrow:"atoms"`
	Mass       float64   `arrow:"mass"`
}

// A Low is a lowest eigenvector of a Hessian.
type Low struct {
	Lambda  float64 `arrow:"lambda"`
	Overlap float64 `arrow:"overlap"`
}

// A Hessian is a row of a hessian artifact.
type Hessian struct {
	Seed        int64     `arrow:"seed"`
	Start       int64     `arrow:"start"`
	N           int64     `arrow:"n"`
	M           int64     `arrow:"m"`
	Alpha       float64   `arrow:"alpha"`
	Loss        string    `arrow:"loss"`
	A           float64   `arrow:"a"`
	T           float64   `arrow:"t"`
	Mu          float64   `arrow:"mu"`
	Eigenvalues []float64 `arrow:"eigenvalues"`
	Lowest      []Low     `arrow:"lowest"`
}

// A Transition is a row of a theory-transition artifact.
type Transition struct {
	At    string  `arrow:"at"`
	Loss  string  `arrow:"loss"`
	A     float64 `arrow:"a"`
	Found bool    `arrow:"found"`
	Alpha float64 `arrow:"alpha"`
	Error float64 `arrow:"error"`
	Edge  string  `arrow:"edge"`
}

// Semicircle is a theory-density input of radius 2, with an outlier to its left.
func Semicircle(alpha float64, outlier bool) Density {
	d := Density{At: "init", Loss: "ell", A: 1, Alpha: alpha, Mu: 1, Edge: -3, EdgeKind: "sharp",
		Outlier: outlier, LambdaStar: -3.4, Q2: 0.3, Mass: 1}
	for i := range 201 {
		x := -2 + 0.02*float64(i)
		d.Lambda = append(d.Lambda, x-1)
		d.Rho = append(d.Rho, math.Sqrt(math.Max(0, 4-x*x))/(2*math.Pi))
		d.CDF = append(d.CDF, 0.5+x*math.Sqrt(math.Max(0, 4-x*x))/(4*math.Pi)+math.Asin(math.Max(-1,
			math.Min(1, x/2)))/math.Pi)
	}
	return d
}

// TransitionAt has the transition at a random start at α = 1.1 + ln²a/10.
func TransitionAt(a float64) pipeline.Input {
	edge := "sharp"
	if a > 1.2 {
		edge = "smooth"
	}
	l := math.Log(a)
	return Stage("theory-transition", fmt.Sprintf("transition/a=%g", a),
		Transition{At: "init", Loss: "ell", A: a, Found: true, Alpha: 1.1 + l*l/10, Edge: edge})
}

// ThresholdAt has the transition of the threshold states at α = 7 + 0.6 ln a.
func ThresholdAt(a float64) pipeline.Input {
	return Stage("theory-transition", fmt.Sprintf("threshold/a=%g", a),
		Transition{At: "threshold", Loss: "ell", A: a, Found: true, Alpha: 7 + 0.6*math.Log(a), Edge: "sharp"})
}
