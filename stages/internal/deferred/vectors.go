package deferred

import (
	"iter"

	"zerotohero/stages/internal/kernel"
)

const (
	blockRows = 1024 // rows of a block: with all vectors it should stay in the second-level cache
	slab      = 8    // vectors stored together: as many as the kernels take at a time
)

// A block is consecutive rows. Blocks do not depend on the processor, since the order of
// summation goes with them.
type block struct{ first, size int }

// blocks goes through m rows.
func blocks(m int) iter.Seq[block] {
	return func(yield func(block) bool) {
		for first := 0; first < m; first += blockRows {
			if !yield(block{first, min(blockRows, m-first)}) {
				return
			}
		}
	}
}

// vectors are a growing number of vectors in R^M, which are worked on in blocks of rows.
type vectors interface {
	grow(count int)                  // makes room for so many
	put(b block, i int, v []float64) // sets a block of vector i
	get(b block, i int, v []float64) // and gets it

	// sums adds Σ_{i<count} c[p][i]·(vector i) to h[p], for each p.
	sums(b block, count int, c, h [][]float64)

	// products adds to sums[p][i] the product with h[p] of vector i, i < len(sums[p]), for
	// each p.
	products(b block, h, sums [][]float64)
}

func newVectors(p Params) vectors {
	if p.Wide {
		return &stored[float64]{m: p.M, accumulate: accumulateWide, multiply: multiplyWide}
	}
	return &stored[float32]{m: p.M, accumulate: kernel.Accumulate, multiply: kernel.Products}
}

// stored keeps them in slabs of several, in a slab one block after another, and in a block
// one vector after another: a matrix of short rows, as the kernels for X take it. What is
// a row there is a vector here.
type stored[T float32 | float64] struct {
	m          int
	slabs      [][]T
	accumulate func(x []T, c, g [][]float64) // as kernel.Accumulate
	multiply   func(x []T, w, h [][]float64) // as kernel.Products

	parts [][]float64 // of coefficients, for a slab
	some  [slab * 2]float64
}

func (s *stored[T]) grow(count int) {
	for len(s.slabs)*slab < count {
		s.slabs = append(s.slabs, make([]T, slab*s.m))
	}
}

// at is a block of a number of vectors, up to a slab, from vector i on.
func (s *stored[T]) at(b block, i, count int) []T {
	return s.slabs[i/slab][slab*b.first+i%slab*b.size:][:count*b.size]
}

func (s *stored[T]) put(b block, i int, v []float64) {
	to := s.at(b, i, 1)
	for row, value := range v {
		to[row] = T(value)
	}
}

func (s *stored[T]) get(b block, i int, v []float64) {
	for row, value := range s.at(b, i, 1) {
		v[row] = float64(value)
	}
}

func (s *stored[T]) sums(b block, count int, c, h [][]float64) {
	for i := 0; i < count; i += slab {
		some := min(slab, count-i)
		s.parts = s.parts[:0]
		for p := range c {
			s.parts = append(s.parts, c[p][i:i+some])
		}
		s.accumulate(s.at(b, i, some), s.parts, h)
	}
}

func (s *stored[T]) products(b block, h, sums [][]float64) {
	count := len(sums[0])
	for i := 0; i < count; i += slab {
		some := min(slab, count-i)
		s.parts = s.parts[:0]
		for p := range h {
			s.parts = append(s.parts, s.some[p*slab:][:some])
		}
		s.multiply(s.at(b, i, some), h, s.parts)
		for p, part := range s.parts {
			for q, v := range part {
				sums[p][i+q] += v
			}
		}
	}
}

func accumulateWide(x []float64, c, g [][]float64) {
	for p, g := range g {
		for i, c := range c[p] {
			for j, v := range x[i*len(g):][:len(g)] {
				g[j] += float64(c * v)
			}
		}
	}
}

func multiplyWide(x []float64, w, h [][]float64) {
	for p, w := range w {
		for i := range h[p] {
			sum := 0.0
			for j, v := range x[i*len(w):][:len(w)] {
				sum += float64(v * w[j])
			}
			h[p][i] = sum
		}
	}
}
