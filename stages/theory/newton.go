package theory

import "math"

// A jacobian is the inverse of the derivative of two equations, carried from one
// solution to the next.
type jacobian struct {
	inv   [2][2]float64
	known bool
}

const (
	stepTolerance = 1e-11 // largest last step in ln χ and ln z
	maxStep       = 0.7   // longest step
	residualNoise = 1e-9  // residual below which the quadrature's noise may show
)

// newton solves stationarity and eq from x by Broyden's method, starting from a
// derivative by differences where jac has none, and returns the moments at the
// solution.
func (s *solver) newton(x unknowns, eq equation, refine int, jac *jacobian) (unknowns, moments, bool) {
	residual := func(x unknowns) (unknowns, moments) {
		m := s.moments(x, fineNodes, refine)
		return unknowns{stationarity(x, m), eq(x, m)}, m
	}
	f, m := residual(x)
	fresh := false
	for range 40 {
		if !jac.known {
			if !jac.differences(x, f, residual) {
				return x, m, false
			}
			fresh = true
		}
		dx := jac.step(f)
		size := math.Max(math.Abs(dx[0]), math.Abs(dx[1]))
		if math.IsNaN(size) {
			return x, m, false
		}
		if size > maxStep {
			dx[0], dx[1] = dx[0]*maxStep/size, dx[1]*maxStep/size
		}
		next := unknowns{x[0] + dx[0], x[1] + dx[1]}
		fn, mn := residual(next)
		// A step that makes things worse means a stale derivative, or one too long.
		if !(norm(fn) < norm(f)) && norm(f) > residualNoise {
			if !fresh {
				jac.known = false
				continue
			}
			next = unknowns{x[0] + dx[0]/4, x[1] + dx[1]/4}
			fn, mn = residual(next)
			jac.known = false
		} else {
			jac.update(unknowns{next[0] - x[0], next[1] - x[1]}, unknowns{fn[0] - f[0], fn[1] - f[1]})
		}
		fresh = false
		x, f, m = next, fn, mn
		if size < stepTolerance || norm(f) < 1e-13 {
			return x, m, true
		}
	}
	return x, m, norm(f) < residualNoise
}

func norm(v unknowns) float64 { return math.Hypot(v[0], v[1]) }

// differences sets the derivative at x by forward differences.
func (j *jacobian) differences(x, f unknowns, residual func(unknowns) (unknowns, moments)) bool {
	const h = 1e-5
	var d [2][2]float64
	for c := range 2 {
		y := x
		y[c] += h
		g, _ := residual(y)
		d[0][c], d[1][c] = (g[0]-f[0])/h, (g[1]-f[1])/h
	}
	det := d[0][0]*d[1][1] - d[0][1]*d[1][0]
	if det == 0 || math.IsNaN(det) {
		return false
	}
	j.inv = [2][2]float64{{d[1][1] / det, -d[0][1] / det}, {-d[1][0] / det, d[0][0] / det}}
	j.known = true
	return true
}

// step is −J⁻¹f.
func (j *jacobian) step(f unknowns) unknowns {
	return unknowns{-(j.inv[0][0]*f[0] + j.inv[0][1]*f[1]), -(j.inv[1][0]*f[0] + j.inv[1][1]*f[1])}
}

// update is Broyden's first update by the step dx that changed the residual by df.
func (j *jacobian) update(dx, df unknowns) {
	u := unknowns{-j.step(df)[0], -j.step(df)[1]} // J⁻¹df
	v := unknowns{dx[0]*j.inv[0][0] + dx[1]*j.inv[1][0], dx[0]*j.inv[0][1] + dx[1]*j.inv[1][1]}
	den := dx[0]*u[0] + dx[1]*u[1]
	if math.Abs(den) < 1e-30 {
		return
	}
	for r := range 2 {
		for c := range 2 {
			j.inv[r][c] += (dx[r] - u[r]) / den * v[c]
		}
	}
}
