package lanczos

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"zerotohero/stages/internal/random"
)

// tridiagonalValues gives the k lowest eigenvalues, ascending, of the symmetric
// tridiagonal matrix of diagonal d and off-diagonal e, one shorter, by bisection: each
// to the rounding of the largest.
func tridiagonalValues(d, e []float64, k int) []float64 {
	lo, hi := bounds(d, e)
	width := epsilon / 4 * max(math.Abs(lo), math.Abs(hi))
	values := make([]float64, k)
	for j := range values {
		a, b := lo, hi
		if j > 0 {
			a = values[j-1]
		}
		for b-a > width {
			middle := a + (b-a)/2
			if middle <= a || middle >= b {
				break // they are neighbours
			}
			if below(d, e, middle) > j {
				b = middle
			} else {
				a = middle
			}
		}
		values[j] = a
	}
	return values
}

// bounds are Gershgorin's, a little wider.
func bounds(d, e []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for i, v := range d {
		r := 0.0
		if i > 0 {
			r += math.Abs(e[i-1])
		}
		if i < len(e) {
			r += math.Abs(e[i])
		}
		lo, hi = min(lo, v-r), max(hi, v+r)
	}
	pad := float64(4*epsilon*max(math.Abs(lo), math.Abs(hi))) + 0x1p-1000
	return lo - pad, hi + pad
}

// below counts the eigenvalues below x: by Sylvester's law the negative pivots of
// the elimination of T − x.
func below(d, e []float64, x float64) int {
	count := 0
	pivot := 1.0
	for i, v := range d {
		fill := 0.0
		if i > 0 {
			fill = float64(e[i-1]*e[i-1]) / pivot
		}
		pivot = v - x - fill
		// A pivot of 0 moves by less than rounding of the matrix.
		if math.Abs(pivot) < 0x1p-900 {
			pivot = -0x1p-900
		}
		if pivot < 0 {
			count++
		}
	}
	return count
}

// tridiagonalVector finds the unit eigenvector of value by inverse iteration,
// orthogonal to those in before.
func tridiagonalVector(d, e []float64, value float64, before [][]float64) ([]float64, error) {
	n := len(d)
	lo, hi := bounds(d, e)
	size := max(math.Abs(lo), math.Abs(hi), 0x1p-400)
	f := factorize(d, e, value, epsilon*size)
	source := random.New("lanczos tridiagonal", int64(n), int64(len(before)))
	x := make([]float64, n)
	for i := range x {
		x[i] = source.Uniform() - 0.5
	}
	tolerance := 16 * math.Sqrt(float64(n)) * epsilon * size
	residual := 0.0
	for range 12 {
		unit(x, before)
		f.solve(x)
		// Solutions are as large as 1/ε: far from overflow.
		unit(x, before)
		residual = 0
		for i, v := range x {
			r := float64((d[i] - value) * v)
			if i > 0 {
				r += float64(e[i-1] * x[i-1])
			}
			if i < n-1 {
				r += float64(e[i] * x[i+1])
			}
			residual += float64(r * r)
		}
		if residual = math.Sqrt(residual); residual <= tolerance {
			return x, nil
		}
	}
	return nil, fmt.Errorf("lanczos: inverse iteration for eigenvalue %v of a tridiagonal matrix of order %d "+
		"stopped at residual %.2g", value, n, residual)
}

// unit projects unit vectors out of x and normalises it; twice, since the first
// projection can leave little.
func unit(x []float64, before [][]float64) {
	for range 2 {
		floats.Scale(1/norm(x), x)
		for _, v := range before {
			floats.AddScaled(x, -dot(v, x), v)
		}
	}
	floats.Scale(1/norm(x), x)
}

// A factorization is T − x = P L U with partial pivoting: rows of U have up to three
// entries.
type factorization struct {
	diagonal, first, second []float64 // of U
	lower                   []float64 // multipliers
	swapped                 []bool    // whether rows i and i+1 were
}

// factorize replaces a pivot smaller than tiny by it.
func factorize(d, e []float64, x, tiny float64) *factorization {
	n := len(d)
	f := &factorization{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]bool, n)}
	pivot, next := d[0]-x, 0.0
	if n > 1 {
		next = e[0]
	}
	for i := range n - 1 {
		// Rows: (pivot, next, 0) and (sub, diagonal, after).
		sub, diagonal, after := e[i], d[i+1]-x, 0.0
		if i+2 < n {
			after = e[i+1]
		}
		if math.Abs(sub) > math.Abs(pivot) {
			f.swapped[i] = true
			l := pivot / sub
			f.diagonal[i], f.first[i], f.second[i], f.lower[i] = sub, diagonal, after, l
			pivot, next = next-float64(l*diagonal), -float64(l*after)
			continue
		}
		if math.Abs(pivot) < tiny {
			pivot = math.Copysign(tiny, pivot)
		}
		l := sub / pivot
		f.diagonal[i], f.first[i], f.lower[i] = pivot, next, l
		pivot, next = diagonal-float64(l*next), after
	}
	if math.Abs(pivot) < tiny {
		pivot = math.Copysign(tiny, pivot)
	}
	f.diagonal[n-1] = pivot
	return f
}

// solve replaces b by (T − x)⁻¹ b.
func (f *factorization) solve(b []float64) {
	n := len(b)
	for i := range n - 1 {
		if f.swapped[i] {
			b[i], b[i+1] = b[i+1], b[i]
		}
		b[i+1] -= float64(f.lower[i] * b[i])
	}
	for i := n - 1; i >= 0; i-- {
		v := b[i]
		if i+1 < n {
			v -= float64(f.first[i] * b[i+1])
		}
		if i+2 < n {
			v -= float64(f.second[i] * b[i+2])
		}
		b[i] = v / f.diagonal[i]
	}
}
