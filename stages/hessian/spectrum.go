package hessian

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"zerotohero/stages/internal/eigen"
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

// reflection is the multiple of e that Q takes from the components 1 to N−1 of a
// vector with product along with e and first component first.
func (t *tangent) reflection(along, first float64) float64 {
	return (along + t.sign*first) / (1 + math.Abs(t.e[0]))
}

// embed returns the vector of R^N whose coordinates in the basis are z.
func (t *tangent) embed(z []float64) []float64 {
	v := make([]float64, len(t.e))
	copy(v[1:], z)
	along := floats.Dot(t.e[1:], z)
	floats.AddScaled(v[1:], -t.reflection(along, 0), t.e[1:])
	v[0] = -t.sign * along
	return v
}

// rows is the number of measurements added to the matrix at once: enough for a
// rank-k update to run at speed, few enough for the rows to stay in cache.
const rows = 64

// hessian builds the matrix of order N−1 in the tangent basis, lower triangle, and
// sets the energy and the multiplier in s. The x_i are reflected, not the matrix:
// (Q H Q)_jk = (1/N) Σ_i ℓ”_i (Q x_i)_j (Q x_i)_k − μ δ_jk for j, k ≥ 1.
func (t *tangent) hessian(x []float32, y []float64, l loss.Loss, s *Spectrum) (blas64.Symmetric, error) {
	n, m := len(t.e), len(y)
	h := blas64.Symmetric{N: n - 1, Stride: n - 1, Uplo: blas.Lower}
	if len(x) != m*n {
		return h, fmt.Errorf("hessian: X has %d entries, not M·N = %d·%d", len(x), m, n)
	}
	h.Data = make([]float64, (n-1)*(n-1))
	positive, negative := newRankUpdate(h, 1), newRankUpdate(h, -1)
	row := make([]float64, n)
	for i, yi := range y {
		for j, v := range x[i*n : (i+1)*n] {
			row[j] = float64(v)
		}
		yhat := floats.Dot(row, t.e)
		d2 := l.D2(yi, yhat)
		if math.IsNaN(d2) || math.IsInf(d2, 0) {
			return h, fmt.Errorf("hessian: ℓ'' = %v at measurement %d, y = %v, ŷ = %v", d2, i, yi, yhat)
		}
		s.Energy += l.Value(yi, yhat)
		s.Mu += l.D1(yi, yhat) * yhat
		to := positive
		if d2 < 0 {
			to = negative
		}
		z := to.next()
		weight := math.Sqrt(math.Abs(d2) / float64(n))
		floats.ScaleTo(z, weight, row[1:])
		floats.AddScaled(z, -weight*t.reflection(yhat, row[0]), t.e[1:])
	}
	positive.flush()
	negative.flush()
	s.Energy /= float64(n)
	s.Mu /= float64(n)
	for j := range n - 1 {
		h.Data[j*h.Stride+j] -= s.Mu
	}
	return h, nil
}

// A rankUpdate gathers rows z and adds ± Σ z zᵀ to a matrix, many at a time.
type rankUpdate struct {
	to   blas64.Symmetric
	sign float64
	z    blas64.General
}

func newRankUpdate(to blas64.Symmetric, sign float64) *rankUpdate {
	return &rankUpdate{to, sign, blas64.General{Cols: to.N, Stride: to.N, Data: make([]float64, rows*to.N)}}
}

// next is the place for another row, which the caller fills.
func (u *rankUpdate) next() []float64 {
	if u.z.Rows == rows {
		u.flush()
	}
	u.z.Rows++
	return u.z.Data[(u.z.Rows-1)*u.z.Stride : u.z.Rows*u.z.Stride]
}

func (u *rankUpdate) flush() {
	if u.z.Rows > 0 {
		blas64.Syrk(blas.Trans, u.sign, u.z, 1, u.to)
	}
	u.z.Rows = 0
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
