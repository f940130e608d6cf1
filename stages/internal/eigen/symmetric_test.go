package eigen

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

func lower(m mat.Symmetric) blas64.Symmetric {
	n := m.SymmetricDim()
	a := blas64.Symmetric{N: n, Stride: n, Data: make([]float64, n*n), Uplo: blas.Lower}
	for i := range n {
		for j := range n {
			a.Data[i*n+j] = m.At(i, j)
			if j > i {
				a.Data[i*n+j] = math.NaN() // must not be read
			}
		}
	}
	return a
}

// check compares with gonum's EigenSym and tests pairs by what defines them.
func check(t *testing.T, name string, m *mat.SymDense, k int) {
	t.Helper()
	n := m.SymmetricDim()
	values, vectors, err := Symmetric(lower(m), k)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(values) != n || len(vectors) != min(k, n) {
		t.Fatalf("%s: %d values and %d vectors", name, len(values), len(vectors))
	}
	var full mat.EigenSym
	if !full.Factorize(m, false) {
		t.Fatalf("%s: reference failed", name)
	}
	norm := math.Max(mat.Norm(m, 2), 1e-300)
	// Both methods are backward stable: errors of n rounding units are generous.
	tol := 4 * float64(n) * epsilon * norm
	for i, want := range full.Values(nil) {
		if math.Abs(values[i]-want) > tol {
			t.Errorf("%s: eigenvalue %d is %v, reference %v", name, i, values[i], want)
		}
	}
	for i, v := range vectors {
		var hv mat.VecDense
		hv.MulVec(m, mat.NewVecDense(n, v))
		hv.AddScaledVec(&hv, -values[i], mat.NewVecDense(n, v))
		if r := mat.Norm(&hv, 2); r > tol {
			t.Errorf("%s: residual of pair %d is %g", name, i, r)
		}
		for j := range i + 1 {
			want := 0.0
			if i == j {
				want = 1
			}
			if got := floats.Dot(v, vectors[j]); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: product of vectors %d and %d is %v", name, i, j, got)
			}
		}
	}
}

func TestSymmetric(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for _, n := range []int{1, 2, 3, 17, 64, 150} {
		m := mat.NewSymDense(n, nil)
		for i := range n {
			for j := range i + 1 {
				m.SetSym(i, j, random.NormFloat64())
			}
		}
		check(t, "random", m, 8)
		check(t, "no vectors", m, 0)
		check(t, "all vectors", m, n)
	}
}

// Multiple eigenvalues, decoupled blocks and extreme scales.
func TestSymmetricDegenerate(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	const n = 40
	zero := mat.NewSymDense(n, nil)
	check(t, "zero", zero, 8)

	diagonal := mat.NewSymDense(n, nil)
	for i := range n {
		diagonal.SetSym(i, i, float64(i/4))
	}
	check(t, "diagonal with multiplicities", diagonal, 10)

	// Rank 3: the eigenvalue 0 has multiplicity 37 and is the lowest.
	rank := mat.NewSymDense(n, nil)
	for range 3 {
		x := make([]float64, n)
		for i := range x {
			x[i] = random.NormFloat64()
		}
		rank.SymRankOne(rank, 1, mat.NewVecDense(n, x))
	}
	check(t, "rank 3", rank, 8)

	// Wilkinson's W21⁺ has pairs of eigenvalues equal to 15 digits; negated, these
	// pairs are the lowest.
	wilkinson := mat.NewSymDense(21, nil)
	for i := range 21 {
		wilkinson.SetSym(i, i, -math.Abs(float64(i-10)))
		if i > 0 {
			wilkinson.SetSym(i, i-1, 1)
		}
	}
	check(t, "Wilkinson", wilkinson, 8)

	// gonum's EigenSym panics at such scales: compare with the matrix itself.
	want, _, err := Symmetric(lower(rank), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, scale := range []float64{1e-150, 1e150} {
		var scaled mat.SymDense
		scaled.ScaleSym(scale, rank)
		got, vectors, err := Symmetric(lower(&scaled), 8)
		if err != nil || len(vectors) != 8 {
			t.Fatalf("scale %g: %v", scale, err)
		}
		for i, v := range want {
			if math.Abs(got[i]/scale-v) > 4*n*epsilon*want[n-1] {
				t.Errorf("scale %g: eigenvalue %d is %v times it, not %v", scale, i, got[i]/scale, v)
			}
		}
	}
}

func TestSymmetricErrors(t *testing.T) {
	m := mat.NewSymDense(3, []float64{1, 0, 0, 0, math.NaN(), 0, 0, 0, 1})
	if _, _, err := Symmetric(lower(m), 1); err == nil {
		t.Error("NaN is no error")
	}
	if _, _, err := Symmetric(blas64.Symmetric{N: 1, Stride: 1, Data: []float64{1}, Uplo: blas.Upper}, 1); err == nil {
		t.Error("an upper triangle is no error")
	}
	if v, _, err := Symmetric(blas64.Symmetric{Uplo: blas.Lower, Stride: 1}, 1); err != nil || len(v) != 0 {
		t.Errorf("empty matrix: %v, %v", v, err)
	}
}
