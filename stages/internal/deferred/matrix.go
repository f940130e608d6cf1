// Package deferred is the sensing matrix X of a phase retrieval problem, drawn as a
// descent asks for it, exactly in law: the principle of deferred decisions, as in Y. M. Lu,
// "Householder Dice", IEEE Trans. Inf. Theory 67 (2021) 8264 (arXiv:2101.07464). After T
// products with Xᵀ it takes 2TM numbers of memory, whatever N, where X has MN.
//
// X is M×N with independent standard normal entries, and only its products with vectors
// that are made of earlier ones are ever asked for. A basis of R^N is made with them:
// v_1 is along the signal, v_2 along the part of the start orthogonal to it, and each
// product with Xᵀ adds one more. Points are their components in that basis, which are 0
// beyond the directions that there are. Kept are the images a_j = X v_j, and an
// orthonormal basis u_l of the vectors that were multiplied by Xᵀ:
//
//	X w     = Σ_j w_j a_j
//	u'      = (r − Σ_l (u_l·r) u_l)/β,   β its norm
//	Xᵀr     = Σ_{j≤k} (a_j·r) v_j + βχ v_{k+1},   χ² chi-squared with N − k degrees of freedom
//	a_{k+1} = χu' + (I − Σ_l u_l u_lᵀ − u'u'ᵀ) ξ,  ξ standard normal in R^M
//
// For, given all that is known of X, it is standard normal between the complements of
// the two bases. Beyond the known directions Xᵀu' is thus a normal vector of N − k
// components, of length χ, along which v_{k+1} is laid.
package deferred

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"zerotohero/stages/internal/kernel"
	"zerotohero/stages/internal/random"
)

// Params say which matrix.
type Params struct {
	N, M int
	Seed int64
	Null bool // labels have nothing to do with X

	// Wide stores vectors as float64 instead of float32. It takes twice the memory, and
	// the slow way. Arithmetic is of float64 in any case; rounding what is stored changes
	// single trajectories, which are sensitive, but not their law.
	Wide bool
}

// A Matrix is X as far as it is known. It is not safe for concurrent use.
type Matrix struct {
	p      Params
	labels []float64
	start  [2]float64

	k      int     // directions there are
	images vectors // a_j, j < k
	left   vectors // u_l, l < k − 2

	// The last direction, if its image and its u are still to be made, which the next
	// sweep does on its way.
	pending *extension
	r       []float64 // M: what is multiplied by Xᵀ, then its part beyond the u
	fresh   []float64 // M: ξ
}

// An extension is what u' and a_{k+1} are made of, but for r and ξ.
type extension struct {
	corrections [2][]float64 // −u_l·r and −u_l·ξ, r being what the first time has left of it
	beta, chi   float64
	along       float64 // u'·ξ
}

// New draws signal, labels and start.
func New(p Params) (*Matrix, error) {
	if p.N < 2 || p.M < 1 {
		return nil, fmt.Errorf("deferred: N = %d and M = %d; a signal and a start need N ≥ 2, and M must be at least 1",
			p.N, p.M)
	}
	if _, err := kernel.Path(); err != nil {
		return nil, err
	}
	x := &Matrix{p: p, k: 2, r: make([]float64, p.M), fresh: make([]float64, p.M)}
	x.images, x.left = newVectors(p), newVectors(p)
	x.images.grow(2)
	for j := range 2 {
		source := x.stream("image", j)
		for b := range blocks(p.M) {
			part := x.fresh[b.first:][:b.size]
			normals(source, part)
			x.images.put(b, j, part)
		}
	}
	x.labels = make([]float64, p.M)
	if p.Null {
		normals(x.stream("null", 0), x.labels)
	} else {
		for b := range blocks(p.M) {
			x.images.get(b, 0, x.labels[b.first:][:b.size])
		}
	}
	source := x.stream("start", 0)
	along := source.Normal()
	across := math.Sqrt(source.ChiSquared(p.N - 1))
	scale := math.Sqrt(float64(p.N) / (float64(along*along) + float64(across*across)))
	x.start = [2]float64{along * scale, across * scale}
	return x, nil
}

// stream names the random numbers of something; those of the dense matrix are others.
func (x *Matrix) stream(name string, index int) *random.Source {
	return random.New("deferred/"+name+"/"+strconv.Itoa(x.p.N), x.p.Seed, int64(index))
}

func normals(source *random.Source, v []float64) {
	for i := range v {
		v[i] = source.Normal()
	}
}

// N is the dimension.
func (x *Matrix) N() int { return x.p.N }

// Directions is how many there are.
func (x *Matrix) Directions() int { return x.k }

// Labels are the teacher's pre-activations y = X w*/√N, M of them; in the null model
// independent N(0,1).
func (x *Matrix) Labels() []float64 { return x.labels }

// Start fills w with the components of a point uniform on the sphere ‖w‖² = N.
func (x *Matrix) Start(w []float64) {
	clear(w)
	copy(w, x.start[:])
}

// Sweep adds Xᵀr to g, which gains a component that was 0 before, unless all of R^N or of
// R^M is spanned or r depends on those before it. As kernel.Sweep does for the whole matrix, it
// goes through the rows in blocks and calls coefficients for each, with h[p][i] the
// product of row first+i with w[p]; here these are the points that r depends on, and
// coefficients replaces h[0][i] by r_{first+i}.
//
// It is an error, before anything is computed, if points do not lie in the directions
// that there are, or if g has no component for one more.
func (x *Matrix) Sweep(w [][]float64, coefficients func(first int, h [][]float64), g []float64) error {
	l := x.k - 2
	incomplete := x.k < x.p.N && l < x.p.M
	if len(w) == 0 || len(g) < x.k || incomplete && len(g) == x.k {
		return fmt.Errorf(
			"deferred: %d points and a product of %d components, with %d directions; make room for one more a sweep",
			len(w), len(g), x.k)
	}
	for _, w := range w {
		if len(w) != len(g) || slices.ContainsFunc(w[x.k:], func(c float64) bool { return c != 0 }) {
			return fmt.Errorf(
				"deferred: a point has %d components, of %d, and must have none beyond the %d directions that there are",
				len(w), len(g), x.k)
		}
	}
	products := make([]float64, x.k)
	var first []float64 // u_l·r
	if incomplete {
		first = make([]float64, l)
	}
	buffer, h := make([]float64, blockRows*len(w)), make([][]float64, len(w))
	for b := range blocks(x.p.M) {
		if x.pending != nil {
			x.complete(b)
		}
		clear(buffer)
		for p := range h {
			h[p] = buffer[p*blockRows:][:b.size]
		}
		x.images.sums(b, x.k, w, h)
		coefficients(b.first, h)
		copy(x.r[b.first:], h[0])
		x.images.products(b, h[:1], [][]float64{products})
		x.left.products(b, h[:1], [][]float64{first})
	}
	x.pending = nil
	for j, v := range products {
		g[j] += v
	}
	if incomplete {
		if beta, chi := x.extend(first); beta > 0 {
			g[x.k-1] += float64(beta * chi)
		}
	}
	return nil
}

// Products replaces h by the M components of X w, for a point in the directions that there
// are.
func (x *Matrix) Products(w, h []float64) error {
	if len(w) < x.k || slices.ContainsFunc(w[x.k:], func(c float64) bool { return c != 0 }) || len(h) != x.p.M {
		return fmt.Errorf(
			"deferred: %d products with a point of %d components, of which %d are in the directions that there are, and M = %d",
			len(h), len(w), x.k, x.p.M)
	}
	clear(h)
	for b := range blocks(x.p.M) {
		if x.pending != nil {
			x.complete(b)
		}
		x.images.sums(b, x.k, [][]float64{w}, [][]float64{h[b.first:][:b.size]})
	}
	x.pending = nil
	return nil
}

// extend makes r orthogonal to all u_l a first time, and to what is left of their
// directions a second time as far as numbers go that stand for all of R^M; complete does
// the rest. If r depends on the u_l there is nothing to add, and beta is 0.
//
// Twice is needed, as r lies within 1e-4 of the span of those before it, and is enough
// (Parlett, The Symmetric Eigenvalue Problem, 6.9): if the second time takes away half of
// what is left, that was rounding.
func (x *Matrix) extend(first []float64) (beta, chi float64) {
	l := len(first)
	for i := range first {
		first[i] = -first[i]
	}
	e := &extension{corrections: [2][]float64{make([]float64, l), make([]float64, l)}}
	source := x.stream("image", x.k)
	var square, cross float64
	for b := range blocks(x.p.M) {
		r, xi := x.r[b.first:][:b.size], x.fresh[b.first:][:b.size]
		x.left.sums(b, l, [][]float64{first}, [][]float64{r})
		normals(source, xi)
		for i, v := range r {
			square += float64(v * v)
			cross += float64(v * xi[i])
		}
		x.left.products(b, [][]float64{r, xi}, e.corrections[:])
	}
	left := square
	for i, d := range e.corrections[0] {
		left -= float64(d * d)
		cross -= float64(d * e.corrections[1][i])
		e.corrections[0][i], e.corrections[1][i] = -d, -e.corrections[1][i]
	}
	if !(left > square/2) {
		return 0, 0
	}
	e.beta = math.Sqrt(left)
	e.chi = math.Sqrt(x.stream("length", x.k).ChiSquared(x.p.N - x.k))
	e.along = cross / e.beta
	x.left.grow(l + 1)
	x.images.grow(x.k + 1)
	x.k++
	x.pending = e
	return e.beta, e.chi
}

// complete makes a block of the last u and a.
func (x *Matrix) complete(b block) {
	e, l := x.pending, x.k-3
	u, a := x.r[b.first:][:b.size], x.fresh[b.first:][:b.size]
	x.left.sums(b, l, e.corrections[:], [][]float64{u, a})
	c := e.chi - e.along
	for i := range u {
		u[i] /= e.beta
		a[i] += float64(c * u[i])
	}
	x.left.put(b, l, u)
	x.images.put(b, x.k-1, a)
}
