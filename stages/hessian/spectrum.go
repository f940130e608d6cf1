package hessian

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"zerotohero/stages/internal/eigen"
	"zerotohero/stages/internal/kernel"
	"zerotohero/stages/loss"
)

// A Spectrum is the Hessian's at one student.
type Spectrum struct {
	Energy      float64   // L/N
	Mu          float64   // μ, the radial multiplier
	Eigenvalues []float64 // N−1, ascending
	Lowest      []Pair    // of the first eigenvalues, in their order
}

// A Pair is an eigenvalue with its eigenvector.
type Pair struct {
	Lambda float64
	Vector []float64 // N components, ‖v‖ = 1, orthogonal to w
}

// At computes the spectrum of the spherical Hessian of l (physics.md 1) at the
// student w, N components with ‖w‖² = N, and the eigenvectors of the lowest few
// eigenvalues. x is X, M rows of N, row-major; y are the M labels.
//
// Shapes that do not fit, N < 2, a norm off by more than 1e-6, and a curvature
// that is not finite are errors.
func At(x []float32, y, w []float64, l loss.Loss, lowest int) (*Spectrum, error) {
	h, err := newTangent(w)
	if err != nil {
		return nil, err
	}
	s := new(Spectrum)
	matrix, err := h.hessian(x, y, l, s)
	if err != nil {
		return nil, err
	}
	values, vectors, err := eigen.Symmetric(matrix, lowest)
	if err != nil {
		return nil, fmt.Errorf("hessian: %w", err)
	}
	s.Eigenvalues = values
	for i, z := range vectors {
		s.Lowest = append(s.Lowest, Pair{values[i], h.embed(z)})
	}
	return s, nil
}

// A tangent is an orthonormal basis of the space orthogonal to w: the reflection
// Q = I − (e+σε)(e+σε)ᵀ/(1+|e_0|), e = w/‖w‖, σ the sign of e_0, ε the first unit
// vector, maps e to −σε, so that its columns but the first are orthogonal to e.
type tangent struct {
	e    []float64
	sign float64 // σ
}

func newTangent(w []float64) (*tangent, error) {
	n := len(w)
	if n < 2 {
		return nil, fmt.Errorf("hessian: a student of %d components has no tangent space; N must be at least 2", n)
	}
	norm := floats.Norm(w, 2)
	if root := math.Sqrt(float64(n)); !(math.Abs(norm-root) <= 1e-6*root) {
		return nil, fmt.Errorf("hessian: ‖w‖² = %v, and not N = %d", norm*norm, n)
	}
	t := &tangent{e: make([]float64, n), sign: math.Copysign(1, w[0])}
	floats.ScaleTo(t.e, 1/norm, w)
	return t, nil
}

// embed returns the vector of R^N whose coordinates in the basis are z.
func (t *tangent) embed(z []float64) []float64 {
	v := make([]float64, len(t.e))
	copy(v[1:], z)
	along := floats.Dot(t.e[1:], z)
	floats.AddScaled(v[1:], -along/(1+math.Abs(t.e[0])), t.e[1:])
	v[0] = -t.sign * along
	return v
}

// The matrix is formed in blocks that stay in cache: of measurements, and of rows
// and columns.
const (
	rows  = 256
	block = 64
)

// hessian builds the matrix of order N−1 in the tangent basis, lower triangle, and
// sets the energy and the multiplier in s.
func (t *tangent) hessian(x []float32, y []float64, l loss.Loss, s *Spectrum) (blas64.Symmetric, error) {
	n, m := len(t.e), len(y)
	h := blas64.Symmetric{N: n, Stride: n, Uplo: blas.Lower}
	if len(x) != m*n {
		return h, fmt.Errorf("hessian: X has %d entries, not M·N = %d·%d", len(x), m, n)
	}
	h.Data = make([]float64, n*n)
	u := update{h: h}
	yhat := make([]float64, rows)
	for first := 0; first < m; first += rows {
		size := min(rows, m-first)
		part := x[first*n : (first+size)*n]
		kernel.Products(part, [][]float64{t.e}, [][]float64{yhat})
		for i, yi := range y[first : first+size] {
			d2 := l.D2(yi, yhat[i])
			if math.IsNaN(d2) || math.IsInf(d2, 0) {
				return h, fmt.Errorf("hessian: ℓ'' = %v at measurement %d, y = %v, ŷ = %v", d2, first+i, yi, yhat[i])
			}
			s.Energy += l.Value(yi, yhat[i])
			s.Mu += float64(l.D1(yi, yhat[i]) * yhat[i])
			u.weight[i] = d2 / float64(n)
		}
		u.add(part, size)
	}
	s.Energy /= float64(n)
	s.Mu /= float64(n)
	t.reflect(h)
	// The first axis, which was w, is left out.
	full := h.Data
	h.N, h.Stride, h.Data = n-1, n-1, full[:(n-1)*(n-1)]
	for j := range n - 1 {
		row := h.Data[j*(n-1):][:j+1]
		copy(row, full[(j+1)*n+1:])
		row[j] -= s.Mu
	}
	return h, nil
}

// reflect replaces the matrix h by Q h Q, Q being as for the tangent. With
// v = e+σε, β = 1/(1+|e_0|), u = βhv and q = u − ½β(v·u)v it is h − vqᵀ − qvᵀ.
func (t *tangent) reflect(h blas64.Symmetric) {
	v := blas64.Vector{N: h.N, Inc: 1, Data: slices.Clone(t.e)}
	v.Data[0] += t.sign
	beta := 1 / (1 + math.Abs(t.e[0]))
	q := blas64.Vector{N: h.N, Inc: 1, Data: make([]float64, h.N)}
	blas64.Symv(beta, h, v, 0, q)
	blas64.Axpy(-0.5*beta*blas64.Dot(v, q), v, q)
	blas64.Syr2(-1, v, q, h)
}

// An update adds Σ_i weight_i x_i x_iᵀ to the lower triangle of a matrix, and to
// some of what is next to the diagonal above it.
type update struct {
	h            blas64.Symmetric
	weight       [rows]float64
	coefficients [block][rows]float64
	columns      [rows * block]float32
}

// add takes size measurements, at most rows, the rows of x. A row j of the matrix
// is Σ_i (weight_i x_ij) x_i.
func (u *update) add(x []float32, size int) {
	n := u.h.N
	var c, g [block][]float64
	for top := 0; top < n; top += block {
		height := min(block, n-top)
		for k := range height {
			c[k] = u.coefficients[k][:size]
			for i := range c[k] {
				c[k][i] = u.weight[i] * float64(x[i*n+top+k])
			}
		}
		for left := 0; left <= top; left += block {
			width := min(block, n-left)
			for i := range size {
				copy(u.columns[i*width:(i+1)*width], x[i*n+left:])
			}
			for k := range height {
				at := (top+k)*u.h.Stride + left
				g[k] = u.h.Data[at : at+width]
			}
			kernel.Accumulate(u.columns[:size*width], c[:height], g[:height])
		}
	}
}

// Overlap is (v·w*)²/(N(1−m²)) for a unit vector v orthogonal to w: its squared
// overlap with the part of the signal w* that is orthogonal to w, between 0 and 1
// (physics.md 2). All have N components. It is NaN where that part vanishes to 12
// digits, w = ±w*.
func Overlap(v, w, signal []float64) float64 {
	rest := make([]float64, len(w))
	copy(rest, signal)
	floats.AddScaled(rest, -floats.Dot(w, signal)/floats.Dot(w, w), w)
	norm := floats.Dot(rest, rest)
	if !(norm > 1e-24*float64(len(w))) {
		return math.NaN()
	}
	q := floats.Dot(v, rest)
	return q * q / norm
}
