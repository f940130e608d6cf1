// Package eigen solves dense symmetric eigenproblems: the whole spectrum, and the
// eigenvectors of a few lowest eigenvalues only.
package eigen

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/gonum"
)

var lapack gonum.Implementation

const epsilon = 0x1p-52

// Symmetric computes all eigenvalues of a, ascending, and the orthonormal
// eigenvectors of the k lowest, in the same order, k limited to the order of a. It
// works in the memory of a, whose lower triangle must be set, and on one core but
// for the last transformation of the vectors, which gonum may share out.
//
// The method is one reduction to tridiagonal form, the root-free QR method for the
// eigenvalues, and inverse iteration on the tridiagonal matrix for the vectors: the
// vectors add next to nothing, where computing all N of them by the QR method
// takes five times as long as the eigenvalues, or more. Eigenvalues are within a few
// rounding units times the norm of a. Vectors of eigenvalues closer than that span
// the right space, each alone being arbitrary in it.
//
// A matrix with entries that are not finite is an error.
func Symmetric(a blas64.Symmetric, k int) (values []float64, vectors [][]float64, err error) {
	n := a.N
	if a.Uplo != blas.Lower {
		return nil, nil, errors.New("eigen: the matrix must be stored in the lower triangle")
	}
	if n == 0 {
		return nil, nil, nil
	}
	for i := range n {
		for _, v := range a.Data[i*a.Stride : i*a.Stride+i+1] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, nil, fmt.Errorf("eigen: row %d of the matrix holds %v", i, v)
			}
		}
	}
	d, e, tau := make([]float64, n), make([]float64, n), make([]float64, n)
	e, tau = e[:n-1], tau[:n-1]
	work := make([]float64, 1)
	lapack.Dsytrd(a.Uplo, n, a.Data, a.Stride, d, e, tau, work, -1)
	work = make([]float64, max(1, int(work[0])))
	lapack.Dsytrd(a.Uplo, n, a.Data, a.Stride, d, e, tau, work, len(work))

	// Dsterf needs numbers whose squares are in range; powers of two scale exactly.
	_, exponent := math.Frexp(max(floats.Norm(d, math.Inf(1)), floats.Norm(e, math.Inf(1))))
	exponent = max(exponent, -1000)
	floats.Scale(math.Ldexp(1, -exponent), d)
	floats.Scale(math.Ldexp(1, -exponent), e)

	values = append(values, d...)
	if !lapack.Dsterf(n, values, append([]float64(nil), e...)) {
		return nil, nil, fmt.Errorf("eigen: the QR method did not converge on a matrix of order %d", n)
	}
	k = max(0, min(k, n))
	vectors = make([][]float64, k)
	for j := range k {
		if vectors[j], err = tridiagonalVector(d, e, values[j], vectors[:j]); err != nil {
			return nil, nil, err
		}
	}
	floats.Scale(math.Ldexp(1, exponent), values)
	backTransform(a, tau, vectors)
	return values, vectors, nil
}

// backTransform turns eigenvectors of T into those of a = Q T Qᵀ. Q leaves the first
// coordinate as it is, and acts on the others by the reflectors, with factors tau, that Dsytrd
// left below the subdiagonal of a.
func backTransform(a blas64.Symmetric, tau []float64, vectors [][]float64) {
	rows, cols := a.N-1, len(vectors)
	if rows == 0 || cols == 0 {
		return
	}
	z := make([]float64, rows*cols)
	for j, v := range vectors {
		for i := range rows {
			z[i*cols+j] = v[i+1]
		}
	}
	q := a.Data[a.Stride:]
	work := make([]float64, 1)
	lapack.Dormqr(blas.Left, blas.NoTrans, rows, cols, rows, q, a.Stride, tau, z, cols, work, -1)
	work = make([]float64, max(1, int(work[0])))
	lapack.Dormqr(blas.Left, blas.NoTrans, rows, cols, rows, q, a.Stride, tau, z, cols, work, len(work))
	for j, v := range vectors {
		for i := range rows {
			v[i+1] = z[i*cols+j]
		}
	}
}

// tridiagonalVector finds by inverse iteration the eigenvector of lambda of the
// symmetric tridiagonal matrix with diagonal d and off-diagonal e, orthogonal to
// the vectors in before.
func tridiagonalVector(d, e []float64, lambda float64, before [][]float64) ([]float64, error) {
	n := len(d)
	norm := max(floats.Norm(d, math.Inf(1)), floats.Norm(e, math.Inf(1)))
	if norm == 0 {
		norm = 1
	}
	// A start that is generic, and the same on every call.
	random := rand.New(rand.NewPCG(1, uint64(len(before))))
	x := make([]float64, n)
	for i := range x {
		x[i] = random.Float64() - 0.5
	}
	orthonormalize(x, before)

	diagonal, upper, lower := make([]float64, n), make([]float64, n), make([]float64, n)
	// The shift stands off the eigenvalue by less than the latter's own error; each
	// refusal of an exactly singular matrix moves it on.
	shift := lambda - epsilon*norm
	var residual float64
	tolerance := 8 * math.Sqrt(float64(n)) * epsilon * norm
	for range 10 {
		copy(upper, e)
		copy(lower, e)
		for i := range d {
			diagonal[i] = d[i] - shift
		}
		if !lapack.Dgtsv(n, 1, lower[:n-1], diagonal, upper[:n-1], x, 1) {
			shift -= epsilon * norm
			for i := range x {
				x[i] = random.Float64() - 0.5
			}
		}
		orthonormalize(x, before)
		residual = 0
		for i := range x {
			r := (d[i] - lambda) * x[i]
			if i > 0 {
				r += e[i-1] * x[i-1]
			}
			if i < n-1 {
				r += e[i] * x[i+1]
			}
			residual += r * r
		}
		if residual = math.Sqrt(residual); residual <= tolerance {
			return x, nil
		}
	}
	return nil, fmt.Errorf("eigen: inverse iteration for eigenvalue %v stopped at residual %.2g", lambda, residual)
}

// orthonormalize projects unit vectors out of x and normalises it; twice, since
// the first projection can leave little of x.
func orthonormalize(x []float64, before [][]float64) {
	for range 2 {
		floats.Scale(1/floats.Norm(x, 2), x)
		for _, v := range before {
			floats.AddScaled(x, -floats.Dot(v, x), v)
		}
	}
	floats.Scale(1/floats.Norm(x, 2), x)
}
