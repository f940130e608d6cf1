package eigen

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// BenchmarkSymmetric compares the lowest 8 pairs and all eigenvalues with gonum's
// EigenSym, for eigenvalues alone and for all pairs.
func BenchmarkSymmetric(b *testing.B) {
	for _, n := range []int{256, 512, 1000} {
		random := rand.New(rand.NewPCG(1, 2))
		m := mat.NewSymDense(n, nil)
		for i := range n {
			for j := range i + 1 {
				m.SetSym(i, j, random.NormFloat64())
			}
		}
		source := lower(m)
		a := blas64.Symmetric{N: n, Stride: n, Data: make([]float64, n*n), Uplo: blas.Lower}
		b.Run(fmt.Sprintf("lowest/N=%d", n), func(b *testing.B) {
			for b.Loop() {
				copy(a.Data, source.Data)
				if _, _, err := Symmetric(a, 8); err != nil {
					b.Fatal(err)
				}
			}
		})
		for _, vectors := range []bool{false, true} {
			b.Run(fmt.Sprintf("gonum,vectors=%v/N=%d", vectors, n), func(b *testing.B) {
				for b.Loop() {
					var full mat.EigenSym
					full.Factorize(m, vectors)
				}
			})
		}
	}
}
