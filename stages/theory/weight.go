package theory

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/portable"
	"zerotohero/stages/internal/quadrature"
	"zerotohero/stages/loss"
)

// A Weight is the function s(y,ŷ) by which a measurement enters the matrix
// (1/N) Σ s_i x_i x_iᵀ, with what the theory must know beyond its values.
type Weight struct {
	Name string
	S    func(y, yhat float64) float64

	Inf, Sup float64 // of s over the plane, ∓Inf if unbounded
	Scale    float64 // length over which s varies next to the axes, as √a for ℓ_a
	Even     bool    // s(y,−ŷ) = s(y,ŷ)
	YOnly    bool    // s does not depend on ŷ
}

// Curvature is the weight of the Hessian itself, s = ℓ″ (physics.md 2).
func Curvature(l loss.Loss) Weight {
	w := Weight{Name: "curvature of " + l.Name, S: l.D2, Inf: l.InfD2}
	_, w.Sup = extent(l.D2, true)
	w.Scale = scaleOf(l.D2)
	w.Even = isEven(l.D2)
	return w
}

// averaged is the weight of the Hessian averaged over the student's Gaussian
// pre-activation, s(y) = E ℓ″(y,ŷ) over ŷ ~ N(0,1) (physics.md 2b).
func averaged(l loss.Loss) (Weight, error) {
	rule, err := quadrature.Composite(quadrature.Geometric(scaleOf(l.D2), panelRatio, panelWidth, reach), panelNodes, 0)
	if err != nil {
		return Weight{}, err
	}
	for k, u := range rule.X {
		rule.W[k] *= quadrature.Normal(u)
	}
	s := func(y, _ float64) float64 {
		var sum float64
		for k, u := range rule.X {
			sum += rule.W[k] * (l.D2(y, u) + l.D2(y, -u))
		}
		return sum
	}
	w := Weight{Name: "averaged curvature of " + l.Name, S: s, Even: true, YOnly: true}
	w.Inf, w.Sup = extent(s, false)
	w.Inf = math.Max(w.Inf, l.InfD2)
	w.Scale = scaleOf(s)
	return w, nil
}

// wideStudent is the weight of the limit of wide students,
// s(y) = (1−y²)/(a+y²) (physics.md 2b), a > 0.
func wideStudent(a float64) (Weight, error) {
	if !(a > 0) || math.IsInf(a, 0) {
		return Weight{}, fmt.Errorf("theory: a = %v of the wide student must be positive and finite", a)
	}
	return Weight{
		Name:  fmt.Sprintf("wide student(a=%v)", a),
		S:     func(y, _ float64) float64 { return (1 - y*y) / (a + y*y) },
		Inf:   -1,
		Sup:   1 / a,
		Scale: math.Sqrt(a),
		Even:  true,
		YOnly: true,
	}, nil
}

// optimal is the weight of the optimal spectral estimator, s(y) = 1/y² − 1
// (physics.md 2b; Lu and Li 2017, Mondelli and Montanari 2018).
func optimal() Weight {
	return Weight{
		Name:  "optimal",
		S:     func(y, _ float64) float64 { return 1/(y*y) - 1 },
		Inf:   -1,
		Sup:   math.Inf(1),
		Scale: minScale,
		Even:  true,
		YOnly: true,
	}
}

const minScale = 1e-4 // finest scale that scaleOf looks for

// scaleOf returns the smallest length x at which s has changed by a tenth between
// x/2 and x along either axis: the size that the first panels need. Integrands are
// rational functions of s, so a change of s by an amount of order 1 counts too.
func scaleOf(s func(y, u float64) float64) float64 {
	for x := minScale; x < 1; x *= 1.5 {
		for _, c := range []float64{1e-3, 0.03, 0.3, 1, 3} {
			for _, pair := range [][2]float64{{s(x, c), s(x/2, c)}, {s(c, x), s(c, x/2)}} {
				if math.Abs(pair[0]-pair[1]) > 0.1*(1+math.Abs(pair[1])) {
					return 2 * x
				}
			}
		}
	}
	return 1
}

// extent returns the infimum and supremum of s as seen on a logarithmic grid out
// to 1e8, both signs of ŷ if plane is set, the line ŷ = 0 otherwise. A bound still
// moving by more than a per cent over the last decade is infinite.
func extent(s func(y, u float64) float64, plane bool) (inf, sup float64) {
	var axis []float64
	for e := -8.0; e <= 8.001; e += 0.25 {
		axis = append(axis, portable.Pow(10, e))
	}
	us := []float64{0}
	if plane {
		for _, x := range axis {
			us = append(us, x, -x)
		}
	}
	within := func(limit float64) (lo, hi float64) {
		lo, hi = math.Inf(1), math.Inf(-1)
		for _, y := range append([]float64{0}, axis...) {
			for _, u := range us {
				if y > limit || math.Abs(u) > limit || math.Max(y, math.Abs(u)) < 1/limit {
					continue
				}
				v := s(y, u)
				lo, hi = math.Min(lo, v), math.Max(hi, v)
			}
		}
		return lo, hi
	}
	lo7, hi7 := within(1.0001e7)
	inf, sup = within(1.0001e8)
	if inf < lo7-0.01*math.Abs(lo7) {
		inf = math.Inf(-1)
	}
	if sup > hi7+0.01*math.Abs(hi7) {
		sup = math.Inf(1)
	}
	return inf, sup
}

// isEven reports whether s is even in ŷ at points spread over the plane.
func isEven(s func(y, u float64) float64) bool {
	for _, y := range []float64{0.013, 0.31, 1.1, 2.7, 6.1} {
		for _, u := range []float64{0.007, 0.23, 0.9, 1.7, 4.3} {
			p, q := s(y, u), s(y, -u)
			if math.Abs(p-q) > 1e-12*(math.Abs(p)+math.Abs(q)) {
				return false
			}
		}
	}
	return true
}
