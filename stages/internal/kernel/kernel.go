// Package kernel holds the passes over the sensing matrix X that gradient descent in phase retrieval is made of.
//
// X is M×N, float32, row-major; points, products and gradients are float64, and so is all arithmetic. Two
// operations suffice for the gradient and for Hessian-vector products (physics.md, sections 1 and 4):
// the products h_i = x_i·w, and the accumulation g += Σ_i c_i x_i.
//
// Bits are part of the definition. A dot product has 8 partial sums; number l takes the elements j ≡ l (mod 8)
// in ascending order by fused multiply-adds s_l ← fma(x_j, w_j, s_l) from s_l = +0, a last incomplete group of 8
// being completed with zeros in both factors; the partial sums are then added as
//
//	((s0+s4) + (s2+s6)) + ((s1+s5) + (s3+s7)).
//
// An accumulation is g_j ← fma(c_i, x_ij, g_j) in ascending order of the rows i. Every implementation follows this
// order, so results are equal bit for bit between them, between one student and several at once, and whatever
// number of rows is taken at a time. (Only the payload of a NaN may differ.)
//
// Rounding: a dot product of n elements is off by at most γ Σ|x_j w_j| with γ = ku/(1−ku), k = ⌈n/8⌉+3,
// u = 2⁻⁵³, barring underflow.
package kernel

import "fmt"

// lanes is the number of partial sums in a dot product.
const lanes = 8

// Products sets h[k][i] to the product of row i of x with w[k] for every student k. x holds whole
// rows; all w have the length of a row, and each h holds at least as many elements as there are rows.
func Products(x []float32, w, h [][]float64) {
	active.allProducts(x, w, h)
}

// Accumulate adds Σ_i c[k][i] x_i to g[k] for every student k, one row i after another. x holds
// whole rows; all g have the length of a row, and each c holds at least as many elements as there are rows.
// No g overlaps a c or another g.
func Accumulate(x []float32, c, g [][]float64) {
	active.allAccumulate(x, c, g)
}

// Sweep goes once through the rows of x, in blocks that stay in cache, for all students at once. In each block it
// sets h[k][i] to the product of row first+i with w[k], calls coefficients, which replaces them by the coefficients
// c[k][i], and adds Σ_i c[k][i] x_{first+i} to g[k]. With c = ℓ_ŷ(y, h/√N) it makes √N times the gradient's first term,
// with c = ℓ_ŷŷ·h the first term of N times a Hessian-vector product (physics.md, sections 1 and 4).
//
// x is M rows of N elements; w and g hold one vector of N elements for each student, and no g overlaps anything else.
// An error is returned, before anything is computed, for shapes that do not fit, and if the environment variable
// HERO_KERNEL asks for an implementation that is not there.
func Sweep(x []float32, w, g [][]float64, coefficients func(first int, h [][]float64)) error {
	if activeErr != nil {
		return activeErr
	}
	return active.sweep(x, w, g, coefficients)
}

func (p *implementation) sweep(x []float32, w, g [][]float64, coefficients func(first int, h [][]float64)) error {
	if len(w) != len(g) {
		return fmt.Errorf("kernel: %d points but %d gradients", len(w), len(g))
	}
	if len(w) == 0 || len(x) == 0 {
		return nil
	}
	n := len(w[0])
	for k := range w {
		if len(w[k]) != n || len(g[k]) != n {
			return fmt.Errorf(
				"kernel: student %d has %d coordinates and a gradient of %d, student 0 has %d coordinates",
				k, len(w[k]), len(g[k]), n)
		}
	}
	if n == 0 || len(x)%n != 0 {
		return fmt.Errorf("kernel: %d elements of X are not whole rows of %d", len(x), n)
	}
	// For one student a block goes twice through the processor at the rate of the cache that it fits; for several,
	// arithmetic sets the pace. Eight rows are the most that one kernel takes, and beyond 64 the fixed costs of a
	// block no longer show.
	bytes := p.block
	if len(w) == 1 {
		bytes = p.single
	}
	block := min(max(bytes/(4*n)&^7, 8), 64)
	buffer := make([]float64, block*len(w))
	h := make([][]float64, len(w))
	for first, rows := 0, len(x)/n; first < rows; first += block {
		size := min(block, rows-first)
		for k := range h {
			h[k] = buffer[k*block:][:size:size]
		}
		part := x[first*n : (first+size)*n]
		p.allProducts(part, w, h)
		coefficients(first, h)
		p.allAccumulate(part, h, g)
	}
	return nil
}

func (p *implementation) allProducts(x []float32, w, h [][]float64) {
	if len(w) == 0 || len(w[0]) == 0 || len(x) < len(w[0]) {
		return
	}
	n := len(w[0])
	rows := len(x) / n
	// The assembly does not check bounds, so they are checked here.
	for k := range w {
		_, _ = w[k][n-1], h[k][rows-1]
	}
	single := &p.products[len(p.products)-1]
	kernel := p.products
	for k := 0; k < len(w); {
		for kernel[0].students > len(w)-k {
			kernel = kernel[1:]
		}
		b := &kernel[0]
		i := 0
		for ; i+b.rows <= rows; i += b.rows {
			b.run(&x[i*n], n, n, &w[k], &h[k], i)
		}
		for ; i < rows; i++ {
			for q := k; q < k+b.students; q++ {
				single.run(&x[i*n], n, n, &w[q], &h[q], i)
			}
		}
		k += b.students
	}
}

func (p *implementation) allAccumulate(x []float32, c, g [][]float64) {
	if len(g) == 0 || len(g[0]) == 0 || len(x) < len(g[0]) {
		return
	}
	n := len(g[0])
	rows := len(x) / n
	for k := range g {
		_, _ = c[k][rows-1], g[k][n-1]
	}
	kernel := p.accumulate
	for k := 0; k < len(g); {
		for kernel[0].students > len(g)-k {
			kernel = kernel[1:]
		}
		kernel[0].run(&x[0], n, rows, n, &c[k], 0, &g[k])
		k += kernel[0].students
	}
}
