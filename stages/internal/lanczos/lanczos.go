// Package lanczos finds the lowest few eigenpairs of a symmetric operator that is given
// as a function, by the Lanczos method with full reorthogonalisation
// (Paige 1972; Parlett, The Symmetric Eigenvalue Problem, ch. 13).
//
// Full reorthogonalisation keeps the basis orthogonal to rounding, so that no
// eigenvalue appears twice and the method ends after N steps at the latest. Steps
// cost one product with the operator and 8 j N operations at step j; the basis takes
// 8 N bytes a step.
//
// Results are the same to the bit on every platform, if those of the operator are and
// products are not fused with sums: nothing transcendental is called.
package lanczos

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"zerotohero/stages/internal/random"
)

// A Problem asks for eigenpairs of a symmetric operator A on R^N, or, with
// Orthogonal, of PAP on the space that P projects on.
type Problem struct {
	N     int
	Apply func(dst, v []float64) error // dst = A v, N components each; it keeps neither

	// Orthogonal are orthonormal vectors of N components. The eigenvectors found are
	// orthogonal to them, and A needs not be.
	Orthogonal [][]float64

	// Pairs is how many eigenpairs are wanted, from the lowest on; one more eigenvalue is
	// found, for the distance between the last and its neighbour.
	Pairs int

	// Tol is the accuracy of the eigenvectors: the residual ‖Av − λv‖ over the distance of λ
	// to its neighbours, which bounds the angle between v and the eigenvector. The relative
	// error of λ is of the order of Tol². Of neighbours that rounding cannot tell apart the
	// vectors are arbitrary in the space that they span.
	Tol float64

	// Limit is the largest number of steps; 0 is for N.
	Limit int

	// Seed names the start vector. It must have a part along the eigenvectors sought,
	// which a random one does.
	Seed int64
}

// A Pair is an eigenvalue with its eigenvector.
type Pair struct {
	Value    float64
	Vector   []float64 // N components, ‖v‖ = 1
	Residual float64   // estimate of ‖Av − λv‖
}

// Lowest finds the lowest eigenpairs, ascending; all there are if these are fewer
// than asked for. It is an error if they do not converge within the limit of steps, and
// if a product with the operator fails or is not finite.
func Lowest(p Problem) ([]Pair, error) {
	free := p.N - len(p.Orthogonal)
	if p.N < 1 || free < 1 || p.Pairs < 1 || !(p.Tol > 0) || p.Limit < 0 {
		return nil, fmt.Errorf("lanczos: N = %d with %d vectors projected out, %d pairs, tolerance %v and limit %d "+
			"make no problem", p.N, len(p.Orthogonal), p.Pairs, p.Tol, p.Limit)
	}
	for k, v := range p.Orthogonal {
		if len(v) != p.N {
			return nil, fmt.Errorf("lanczos: vector %d to be orthogonal to has %d components, N = %d", k, len(v), p.N)
		}
	}
	limit := free
	if p.Limit > 0 {
		limit = min(limit, p.Limit)
	}
	b := &basis{p: p}
	if err := b.restart(); err != nil {
		return nil, err
	}
	for due := 0; ; {
		if err := b.step(); err != nil {
			return nil, err
		}
		steps := len(b.alpha)
		last := steps == limit
		// Ritz pairs cost about as much as a few steps.
		if steps < due && !last {
			continue
		}
		due = steps + 4 + steps/16
		pairs, worst, err := b.ritz(steps == free)
		if err != nil {
			return nil, err
		}
		switch {
		case worst <= 1 && len(pairs) == min(p.Pairs, free):
			for k := range pairs {
				pairs[k].Vector = b.combine(pairs[k].Vector)
			}
			return pairs, nil
		case last:
			return nil, fmt.Errorf(
				"lanczos: %d eigenpairs have not converged after %d steps, the worst to %.2g times the "+
					"tolerance %v; raise the limit or the tolerance", p.Pairs, steps, worst, p.Tol)
		}
	}
}

// epsilon is the distance from 1 to the next number.
const epsilon = 0x1p-52

// A vector that keeps this share of its length when it is made orthogonal to the basis is
// orthogonal to it to rounding; another is made so once more, which is enough (Parlett 6.9).
const retained = 0.7

// A basis is that of the Krylov space: A in it is the tridiagonal matrix of
// diagonal alpha and off-diagonal beta.
type basis struct {
	p           Problem
	q           [][]float64 // orthonormal; one more than there are steps
	alpha, beta []float64   // beta[j] couples vectors j and j+1; 0 where the space was complete
	norm        float64     // bound of the matrix so far, the largest sum of sizes in a row
	streams     int64       // random vectors drawn
	closed      bool        // the space of some start was complete before R^N was
}

// restart adds a random vector orthogonal to all others: the first, and one whenever
// the space of those before is complete.
func (b *basis) restart() error {
	v := make([]float64, b.p.N)
	for range 8 {
		random.New("lanczos", b.p.Seed, b.streams).Sphere(v)
		b.streams++
		before := norm(v)
		b.orthogonalize(v)
		// A generic vector loses at most all but one of N components.
		if after := norm(v); after > 1e-6/math.Sqrt(float64(b.p.N))*before {
			floats.Scale(1/after, v)
			b.orthogonalize(v)
			floats.Scale(1/norm(v), v)
			b.q = append(b.q, v)
			return nil
		}
	}
	return fmt.Errorf(
		"lanczos: no direction is left next to %d vectors; the vectors to be orthogonal to must be orthonormal",
		len(b.q)+len(b.p.Orthogonal))
}

func (b *basis) orthogonalize(v []float64) {
	for _, u := range b.p.Orthogonal {
		floats.AddScaled(v, -dot(u, v), u)
	}
	for _, u := range b.q {
		floats.AddScaled(v, -dot(u, v), u)
	}
}

// step applies the operator to the last vector and adds what is new.
func (b *basis) step() error {
	j := len(b.alpha)
	v := make([]float64, b.p.N)
	if err := b.p.Apply(v, b.q[j]); err != nil {
		return err
	}
	alpha := dot(b.q[j], v)
	if alpha-alpha != 0 {
		return fmt.Errorf("lanczos: the operator gives %v at step %d, which is not finite", alpha, j)
	}
	floats.AddScaled(v, -alpha, b.q[j])
	if j > 0 {
		floats.AddScaled(v, -b.beta[j-1], b.q[j-1])
	}
	// In exact arithmetic v is orthogonal to the basis now.
	before := norm(v)
	b.orthogonalize(v)
	beta := norm(v)
	if beta < retained*before {
		b.orthogonalize(v)
		beta = norm(v)
	}
	if beta-beta != 0 {
		return fmt.Errorf("lanczos: the operator gives a vector of norm %v at step %d, which is not finite", beta, j)
	}
	row := math.Abs(alpha) + beta
	if j > 0 {
		row += b.beta[j-1]
	}
	b.norm = max(b.norm, row)
	b.alpha = append(b.alpha, alpha)
	if j+1 == b.p.N-len(b.p.Orthogonal) {
		b.beta = append(b.beta, 0)
		return nil
	}
	if beta <= 10*epsilon*math.Sqrt(float64(b.p.N))*b.norm {
		b.beta = append(b.beta, 0)
		b.closed = true
		return b.restart()
	}
	b.beta = append(b.beta, beta)
	floats.Scale(1/beta, v)
	b.q = append(b.q, v)
	return nil
}

// ritz finds the lowest pairs of the tridiagonal matrix, vectors in the basis, and the
// largest ratio of a residual to what it may be, 1 or less if all have converged.
// Complete says that the basis is, so that the pairs are exact. Once a start's space
// has closed nothing less will do: eigenvalues are simple in it, whatever their
// multiplicity.
func (b *basis) ritz(complete bool) (pairs []Pair, worst float64, err error) {
	steps := len(b.alpha)
	if !complete && (b.closed || steps <= b.p.Pairs) {
		return nil, math.Inf(1), nil
	}
	values := tridiagonalValues(b.alpha, b.beta[:steps-1], min(b.p.Pairs+1, steps))
	floor := 16 * epsilon * math.Sqrt(float64(steps)) * b.norm
	var vectors [][]float64
	for k := range min(b.p.Pairs, steps) {
		s, err := tridiagonalVector(b.alpha, b.beta[:steps-1], values[k], vectors)
		if err != nil {
			return nil, 0, err
		}
		vectors = append(vectors, s)
		residual := b.beta[steps-1] * math.Abs(s[steps-1])
		if !complete {
			gap := values[k+1] - values[k]
			if k > 0 {
				gap = min(gap, values[k]-values[k-1])
			}
			worst = max(worst, residual/max(b.p.Tol*gap, floor))
		}
		pairs = append(pairs, Pair{values[k], s, residual})
	}
	return pairs, worst, nil
}

// combine is the unit vector with coordinates s in the basis.
func (b *basis) combine(s []float64) []float64 {
	v := make([]float64, b.p.N)
	for j, c := range s {
		floats.AddScaled(v, c, b.q[j])
	}
	floats.Scale(1/norm(v), v)
	return v
}

// dot is the product of two vectors, in four partial sums over j mod 4 and then
// (s0+s2)+(s1+s3).
func dot(x, y []float64) float64 {
	var s0, s1, s2, s3 float64
	y = y[:len(x)]
	j := 0
	for ; j+4 <= len(x); j += 4 {
		s0 += float64(x[j] * y[j])
		s1 += float64(x[j+1] * y[j+1])
		s2 += float64(x[j+2] * y[j+2])
		s3 += float64(x[j+3] * y[j+3])
	}
	for ; j < len(x); j++ {
		s0 += float64(x[j] * y[j])
	}
	return (s0 + s2) + (s1 + s3)
}

func norm(v []float64) float64 { return math.Sqrt(dot(v, v)) }
