package lanczos

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"zerotohero/stages/internal/random"
)

// symmetric is a random matrix of order n, of Gaussian entries.
func symmetric(n int, seed int64) *mat.SymDense {
	s := random.New("lanczos test", seed, 0)
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			a.SetSym(i, j, s.Normal())
		}
	}
	return a
}

func apply(a mat.Symmetric) func(dst, v []float64) error {
	return func(dst, v []float64) error {
		n := len(v)
		for i := range n {
			dst[i] = 0
			for j := range n {
				dst[i] += float64(a.At(i, j) * v[j])
			}
		}
		return nil
	}
}

// reference is gonum's decomposition, ascending.
func reference(t *testing.T, a mat.Symmetric) (values []float64, vectors [][]float64) {
	t.Helper()
	var f mat.EigenSym
	if !f.Factorize(a, true) {
		t.Fatal("the reference failed")
	}
	var v mat.Dense
	f.VectorsTo(&v)
	values = f.Values(nil)
	for k := range values {
		vectors = append(vectors, mat.Col(nil, k, &v))
	}
	return values, vectors
}

// sine is that of the angle between unit vectors, up to sign.
func sine(u, v []float64) float64 {
	r := slices.Clone(u)
	floats.AddScaled(r, -dot(u, v), v)
	return norm(r)
}

// compare wants pairs to be the first of values and vectors, to the tolerance.
func compare(t *testing.T, p Problem, pairs []Pair, values []float64, vectors [][]float64, size float64) {
	t.Helper()
	if len(pairs) != p.Pairs {
		t.Fatalf("%d pairs, want %d", len(pairs), p.Pairs)
	}
	for k, pair := range pairs {
		// The error of a value is residual²/gap, here below rounding.
		if math.Abs(pair.Value-values[k]) > 1e-12*size {
			t.Errorf("value %d is %v, want %v", k, pair.Value, values[k])
		}
		if s := sine(pair.Vector, vectors[k]); s > p.Tol+1e-12 || math.Abs(norm(pair.Vector)-1) > 1e-14 {
			t.Errorf("vector %d of norm %v is off by %.2g, tolerance %v", k, norm(pair.Vector), s, p.Tol)
		}
		r := make([]float64, p.N)
		if err := p.Apply(r, pair.Vector); err != nil {
			t.Fatal(err)
		}
		for _, u := range p.Orthogonal {
			floats.AddScaled(r, -dot(u, r), u)
		}
		floats.AddScaled(r, -pair.Value, pair.Vector)
		if math.Abs(norm(r)-pair.Residual) > 1e-13*size*math.Sqrt(float64(p.N)) {
			t.Errorf("residual %d is %.3g, and said to be %.3g", k, norm(r), pair.Residual)
		}
	}
}

// The lowest pairs of random matrices, from orders at which every step is needed to those at
// which few are, against a dense decomposition.
func TestDense(t *testing.T) {
	for _, n := range []int{2, 3, 5, 20, 200} {
		a := symmetric(n, int64(n))
		values, vectors := reference(t, a)
		size := max(-values[0], values[n-1])
		count := 0
		product := apply(a)
		p := Problem{N: n, Pairs: min(3, n), Tol: 1e-7, Seed: 1, Apply: func(dst, v []float64) error {
			count++
			return product(dst, v)
		}}
		low, err := Lowest(p)
		if err != nil {
			t.Fatal(err)
		}
		if n == 200 && count > 150 {
			t.Errorf("%d products at N = 200", count)
		}
		compare(t, p, low, values, vectors, size)
	}
}

// On the space orthogonal to two vectors, against PAP formed and shifted out of the way there.
func TestOrthogonal(t *testing.T) {
	const n = 40
	a := symmetric(n, 7)
	u := make([][]float64, 2)
	for k := range u {
		u[k] = make([]float64, n)
		random.New("lanczos test", 8, int64(k)).Sphere(u[k])
	}
	unit(u[0], nil)
	unit(u[1], u[:1])
	project := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			project.Set(i, j, -u[0][i]*u[0][j]-u[1][i]*u[1][j])
		}
		project.Set(i, i, project.At(i, i)+1)
	}
	var full mat.Dense
	full.Product(project, a, project)
	inner := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			// 1000 along u.
			inner.SetSym(i, j, (full.At(i, j)+full.At(j, i))/2+1000*(u[0][i]*u[0][j]+u[1][i]*u[1][j]))
		}
	}
	values, vectors := reference(t, inner)
	p := Problem{N: n, Apply: apply(a), Orthogonal: u, Pairs: 4, Tol: 1e-8}
	pairs, err := Lowest(p)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, p, pairs, values, vectors, 1000)
	for _, pair := range pairs {
		if s := math.Abs(dot(pair.Vector, u[0])) + math.Abs(dot(pair.Vector, u[1])); s > 1e-14 {
			t.Errorf("a vector has product %.2g with those it must be orthogonal to", s)
		}
	}
}

func diagonal(d []float64) func(dst, v []float64) error {
	return func(dst, v []float64) error {
		for i := range v {
			dst[i] = float64(d[i] * v[i])
		}
		return nil
	}
}

// Eigenvalues with their multiplicity, where the space of one start closes early; and
// no more pairs than there are.
func TestMultiple(t *testing.T) {
	d := []float64{3, -1, 2, -1, 3, -1, 0, 0}
	p := Problem{N: len(d), Apply: diagonal(d), Pairs: 6, Tol: 1e-10}
	pairs, err := Lowest(p)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range []float64{-1, -1, -1, 0, 0, 2} {
		r := slices.Clone(pairs[k].Vector)
		for i := range r {
			r[i] *= d[i] - want
		}
		if math.Abs(pairs[k].Value-want) > 1e-14 || norm(r) > 1e-13 {
			t.Errorf("value %d is %v with residual %.2g, want %v", k, pairs[k].Value, norm(r), want)
		}
		for _, before := range pairs[:k] {
			if math.Abs(dot(before.Vector, pairs[k].Vector)) > 1e-13 {
				t.Errorf("vectors of %v and %v are not orthogonal", before.Value, pairs[k].Value)
			}
		}
	}
	for _, n := range []int{1, 3} {
		if pairs, err := Lowest(Problem{N: n, Apply: diagonal(d), Pairs: 5, Tol: 1e-8}); err != nil || len(pairs) != n {
			t.Errorf("%d pairs at N = %d, %v", len(pairs), n, err)
		}
	}
	zero := make([]float64, 5)
	pairs, err = Lowest(Problem{N: 5, Apply: diagonal(zero), Pairs: 2, Tol: 1e-8})
	if err != nil || math.Abs(pairs[0].Value) > 1e-300 || math.Abs(pairs[1].Value) > 1e-300 {
		t.Errorf("of the zero matrix: %v, %v", pairs, err)
	}
}

// A lower end near 0 of a spectrum that reaches to 1e6.
func TestStiff(t *testing.T) {
	const n = 400
	d := make([]float64, n)
	for i := range d {
		x := float64(i+1) / n
		d[i] = 1/((1-x)*(1-x)+1e-6) - 1.5 // 1/… from 1 up
	}
	d[0] = -1
	p := Problem{N: n, Apply: diagonal(d), Pairs: 2, Tol: 1e-6}
	pairs, err := Lowest(p)
	if err != nil {
		t.Fatal(err)
	}
	if s := math.Abs(pairs[0].Vector[0]); math.Abs(pairs[0].Value+1) > 1e-9 || 1-s > 1e-12 {
		t.Errorf("lowest %v, product with its eigenvector %v", pairs[0].Value, s)
	}
}

func TestErrors(t *testing.T) {
	d := make([]float64, 100)
	for i := range d {
		d[i] = float64(i)
	}
	good := Problem{N: 100, Apply: diagonal(d), Pairs: 2, Tol: 1e-9}
	broken := errors.New("broken")
	for _, c := range []struct {
		want string
		edit func(p *Problem)
	}{
		{"2 eigenpairs have not converged after 12 steps", func(p *Problem) { p.Limit = 12 }},
		{"make no problem", func(p *Problem) { p.Tol = 0 }},
		{"make no problem", func(p *Problem) { p.Pairs = 0 }},
		{"make no problem", func(p *Problem) { p.N = 0 }},
		{"make no problem", func(p *Problem) { p.N, p.Orthogonal = 1, [][]float64{{1}} }},
		{"has 1 components", func(p *Problem) { p.Orthogonal = [][]float64{{1}} }},
		{"broken", func(p *Problem) { p.Apply = func(_, _ []float64) error { return broken } }},
		{"not finite", func(p *Problem) { p.Apply = diagonal(append([]float64{math.NaN()}, d[1:]...)) }},
		{"not finite", func(p *Problem) { p.Apply = diagonal(append([]float64{1e200}, d[1:]...)) }},
	} {
		p := good
		c.edit(&p)
		if _, err := Lowest(p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
}

// The bits, which a compiler that fused a product with a sum would change.
func TestGolden(t *testing.T) {
	pairs, err := Lowest(Problem{N: 50, Apply: apply(symmetric(50, 3)), Pairs: 1, Tol: 1e-6, Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	if got := pairs[0]; got.Value != goldenValue || got.Vector[0] != goldenFirst {
		t.Errorf("value %x, first component %x", got.Value, got.Vector[0])
	}
}

const (
	goldenValue = -0x1.985f03fc4429p+03
	goldenFirst = -0x1.863798892f0b6p-07
)
