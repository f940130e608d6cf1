package lanczos

import "gonum.org/v1/gonum/floats"

// A Line is a point of a discrete spectral measure.
type Line struct {
	Value  float64 `arrow:"value" doc:"eigenvalue"`
	Weight float64 `arrow:"weight" doc:"weight of the measure there; all add up to 1"`
}

// Measure is the spectral measure of the vector start, Σ_i (v_i·start)² δ(λ − λ_i) over the
// eigenpairs of the problem's operator, divided by ‖start‖², by Gauss quadrature: steps of
// the method from start on give as many lines, ascending, with the same moments up to twice
// as many (Golub and Meurant, Matrices, Moments and Quadrature, ch. 6). An eigenvalue outside the bulk
// on which start has weight becomes a line of that value and weight as steps are added. There
// are fewer lines if the space of start is complete before. Pairs, Tol, Limit and Seed of
// the problem are not used; start is made orthogonal to Orthogonal.
func Measure(p Problem, start []float64, steps int) ([]Line, error) {
	b := &basis{p: p}
	q := append([]float64(nil), start...)
	for range 2 {
		b.orthogonalize(q)
	}
	floats.Scale(1/norm(q), q)
	b.q = append(b.q, q)
	steps = min(steps, p.N-len(p.Orthogonal))
	for len(b.alpha) < steps && !b.closed {
		if err := b.step(); err != nil {
			return nil, err
		}
	}
	n := len(b.alpha)
	var lines []Line
	var vectors [][]float64
	for _, value := range tridiagonalValues(b.alpha, b.beta[:n-1], n) {
		v, err := tridiagonalVector(b.alpha, b.beta[:n-1], value, vectors)
		if err != nil {
			return nil, err
		}
		vectors = append(vectors, v)
		lines = append(lines, Line{value, float64(v[0] * v[0])})
	}
	return lines, nil
}
