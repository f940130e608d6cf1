package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// product is that of one row with one student.
func product(x []float32, w []float64) float64 {
	h := []float64{0}
	Products(x, [][]float64{w}, [][]float64{h})
	return h[0]
}

// With small integers every intermediate result is exact, so any order of summation gives the integer sum.
func TestExactOnIntegers(t *testing.T) {
	for n := range 100 {
		x, w, g := make([]float32, n), make([]float64, n), make([]float64, n)
		sum := 0
		for j := range n {
			x[j], w[j], g[j] = float32(j%7-3), float64(j%11-5), float64(j)
			sum += (j%7 - 3) * (j%11 - 5)
		}
		if got := product(x, w); got != float64(sum) {
			t.Errorf("n=%d: the product is %v, want %d", n, got, sum)
		}
		Accumulate(x, [][]float64{{-2.5}}, [][]float64{g})
		for j := range n {
			if want := float64(j) - 2.5*float64(j%7-3); math.Float64bits(g[j]) != math.Float64bits(want) {
				t.Errorf("n=%d: element %d of the accumulation is %v, want %v", n, j, g[j], want)
			}
		}
	}
}

// A plain transcription of the package comment.
func TestDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for n := range 100 {
		for name, element := range draws {
			p := draw(r, element, n, 1, 1)
			var s [8]float64
			for j := range (n + 7) / 8 * 8 {
				var x, w float64
				if j < n {
					x, w = float64(p.x[j]), p.w[0][j]
				}
				s[j%8] = math.FMA(x, w, s[j%8])
			}
			for half := 4; half > 0; half /= 2 {
				for l := range half {
					s[l] += s[l+half]
				}
			}
			if got := dotGo(p.x, p.w[0]); !same(got, s[0]) {
				t.Fatalf("%s, n=%d: the product is %x, want %x", name, n, got, s[0])
			}
		}
	}
}

// exact returns Σ x_j w_j and Σ |x_j w_j|. 2000 bits hold any sum of products of normal draws exactly.
func exact(x []float32, w []float64) (sum, size *big.Float) {
	sum, size = new(big.Float).SetPrec(2000), new(big.Float).SetPrec(2000)
	for j := range x {
		v := new(big.Float).SetPrec(2000).SetFloat64(float64(x[j]))
		v.Mul(v, new(big.Float).SetFloat64(w[j]))
		sum.Add(sum, v)
		size.Add(size, v.Abs(v))
	}
	return sum, size
}

// Each element passes through at most k = ⌈n/8⌉+3 roundings, each a factor 1+δ with |δ| ≤ u, so the error is at most
// ku/(1−ku) Σ|x_j w_j|. (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1.) A bound, not a probability.
func TestRoundingBound(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	const u = 0x1p-53
	for n := range 300 {
		x, w, _ := instance(n, 1, 1)
		for j := range x {
			x[j], w[0][j] = float32(r.NormFloat64()), r.NormFloat64()
		}
		if n > 1 {
			// Make the sum nearly cancel, so that the bound is not met just because the terms are alike.
			rest, _ := exact(x[1:], w[0][1:])
			f, _ := rest.Float64()
			x[0], w[0][0] = 1, -f
		}
		sum, size := exact(x, w[0])
		off := new(big.Float).SetPrec(2000).SetFloat64(product(x, w[0]))
		off.Sub(off, sum)
		got, _ := off.Float64()
		scale, _ := size.Float64()
		k := float64((n+lanes-1)/lanes + 3)
		if bound := k * u / (1 - k*u) * scale; math.Abs(got) > bound {
			t.Errorf("n=%d: error %g exceeds the bound %g", n, got, bound)
		}
	}
}

// A sweep equals products and accumulations of one row after another, whatever the blocks, and a student's result does not depend on
// the others.
func TestSweep(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, path := range append(accelerated(), portable) {
		for _, shape := range [][3]int{{1, 1, 1}, {3, 200, 2}, {130, 259, 7}, {1024, 70, 5}, {5000, 41, 3},
			{40000, 9, 2}} {
			n, m, students := shape[0], shape[1], shape[2]
			p := draw(r, draws["normal"], n, m, students)
			want := copies(p.g)
			for k := range want {
				for i := range m {
					row := p.x[i*n:][:n]
					h := dotGo(row, p.w[k])
					axpyGo(h*h*h-float64(i), row, want[k])
				}
			}
			seen := 0
			err := path.sweep(p.x, p.w, p.g, func(first int, h [][]float64) {
				if first != seen || len(h) != students {
					t.Fatalf("block at row %d with %d students, want row %d and %d students",
						first, len(h), seen, students)
				}
				seen += len(h[0])
				for _, hk := range h {
					for i, v := range hk {
						hk[i] = v*v*v - float64(first+i)
					}
				}
			})
			if err != nil || seen != m {
				t.Fatalf("%s: sweep went through %d of %d rows, error %v", path.name, seen, m, err)
			}
			for k := range want {
				for j := range want[k] {
					if !same(p.g[k][j], want[k][j]) {
						t.Fatalf("%s, N=%d, M=%d: element %d of gradient %d is %x, want %x",
							path.name, n, m, j, k, p.g[k][j], want[k][j])
					}
				}
			}
		}
	}
}

func TestSweepErrors(t *testing.T) {
	two, three := make([]float64, 2), make([]float64, 3)
	for _, c := range []struct {
		x    int
		w, g [][]float64
		want string
	}{
		{4, [][]float64{two}, nil, "1 points but 0 gradients"},
		{4, [][]float64{two, three}, [][]float64{two, three}, "student 1 has 3 coordinates"},
		{4, [][]float64{two, two}, [][]float64{two, three}, "gradient of 3"},
		{4, [][]float64{three}, [][]float64{three}, "whole rows"},
		{4, [][]float64{{}}, [][]float64{{}}, "whole rows"},
	} {
		err := Sweep(make([]float32, c.x), c.w, c.g,
			func(int, [][]float64) { t.Error("computed in spite of the shape") })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	if err := Sweep(nil, [][]float64{two}, [][]float64{two}, nil); err != nil {
		t.Errorf("no rows: error %v", err)
	}
	if err := Sweep(make([]float32, 4), nil, nil, nil); err != nil {
		t.Errorf("no students: error %v", err)
	}
}

// Products and Accumulate are the two halves of a sweep.
func TestHalves(t *testing.T) {
	p := draw(rand.New(rand.NewPCG(7, 7)), draws["normal"], 77, 30, 6)
	want := copies(p.g)
	if err := Sweep(p.x, p.w, want, scale); err != nil {
		t.Fatal(err)
	}
	Products(p.x, p.w, p.h)
	scale(0, p.h)
	Accumulate(p.x, p.h, p.g)
	for k := range want {
		for j := range want[k] {
			if !same(p.g[k][j], want[k][j]) {
				t.Fatalf("element %d of gradient %d is %x, in a sweep %x", j, k, p.g[k][j], want[k][j])
			}
		}
	}
}
