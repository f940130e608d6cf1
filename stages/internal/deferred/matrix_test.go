package deferred_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"zerotohero/stages/internal/deferred"
)

// The u stay orthonormal over a long descent, and images orthogonal to all u but their
// own. Components stored as float32 are off by 2⁻²⁴ of their size at most, independently:
// products of unit vectors by 2⁻²³ at most, and by about 2⁻²⁵/√M in the mean
// square, more for what vectors have in few components; with images, of length √M, by √M
// times as much. What is stored as float64 is off by the rounding of sums.
func TestOrthogonal(t *testing.T) {
	const n, m, evaluations = 1000, 3000, 250
	for _, c := range []struct {
		wide      bool
		most, rms float64
	}{{false, 0x1p-23, 1e-9}, {true, 1e-13, 1e-14}} {
		x := newMatrix(t, deferred.Params{N: n, M: m, Seed: 5, Wide: c.wide})
		descend(t, x, map[string]any{"method": "flow", "budget": int64(evaluations)})
		images, left := x.Known()
		if len(left) != evaluations {
			t.Fatalf("%d vectors after %d evaluations", len(left), evaluations)
		}
		most, square, count := 0.0, 0.0, 0.0
		add := func(off float64) {
			most, square, count = max(most, math.Abs(off)), square+off*off, count+1
		}
		for l, u := range left {
			for _, v := range left[:l] {
				add(dot(u, v))
			}
			add(dot(u, u) - 1)
			for _, a := range images[l+3:] {
				add(dot(u, a) / math.Sqrt(m))
			}
		}
		rms := math.Sqrt(square / count)
		t.Logf("wide %v: products are off by %.2g at most, %.2g in the mean square", c.wide, most, rms)
		if !(most <= c.most && rms <= c.rms) {
			t.Errorf("wide %v: more than %v at most and %v in the mean square", c.wide, c.most, c.rms)
		}
	}
}

// The bits of a descent, on every platform and with every kernel, over blocks of rows of
// which the last is short.
func TestGolden(t *testing.T) {
	x := newMatrix(t, deferred.Params{N: 1001, M: 2503, Seed: 1})
	tr := descend(t, x, map[string]any{"method": "flow", "budget": int64(60)})
	got := []float64{float64(tr.Steps), tr.T, tr.At.Energy, tr.At.Overlap, tr.At.Gradient, tr.At.W[20]}
	want := []float64{0x1.4p+04, 0x1.2281da5f233bbp+01, 0x1.3543f6a095441p-02, 0x1.d87fa3021351cp-06,
		0x1.657084491a4ccp-05, -0x1.af931a5c3aaep+01}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("N = 1001, M = 2503, seed 1: %x", got)
	}
}

// A product with a vector that is not new adds no direction; or, where those before are
// rounded when they are stored, one along which it has next to nothing.
func TestDependent(t *testing.T) {
	const n, m = 30, 40
	for _, wide := range []bool{false, true} {
		x := newMatrix(t, deferred.Params{N: n, M: m, Seed: 2, Wide: wide})
		w := make([]float64, n)
		x.Start(w)
		product := func(f func(i int, h float64) float64) []float64 {
			t.Helper()
			g := make([]float64, n)
			err := x.Sweep([][]float64{w}, func(first int, h [][]float64) {
				for i, v := range h[0] {
					h[0][i] = f(first+i, v)
				}
			}, g)
			if err != nil {
				t.Fatal(err)
			}
			return g
		}
		linear := func(_ int, h float64) float64 { return h }
		cubic := func(_ int, h float64) float64 { return h * h * h }
		a, b := product(linear), product(cubic)
		sum := product(func(i int, h float64) float64 { return 2*h - 0.01*h*h*h })
		tolerance, directions := 1e-12, 4
		if !wide {
			// 2⁻²⁴ of 2r and of s/100, which both are about 2√(MN) long, along a direction of √N.
			tolerance, directions = 0x1p-22*math.Sqrt(m*n)*math.Sqrt(n), 5
		}
		for j := range sum {
			if want := 2*a[j] - 0.01*b[j]; math.Abs(sum[j]-want) > tolerance {
				t.Errorf("wide %v: component %d of Xᵀ(2r − s/100) is %v, want %v", wide, j, sum[j], want)
			}
		}
		product(func(int, float64) float64 { return 0 })
		product(func(int, float64) float64 { return math.NaN() })
		product(func(int, float64) float64 { return math.Inf(1) })
		if images, left := x.Known(); len(images) != directions || len(left) != directions-2 {
			t.Errorf("wide %v: %d directions, %d vectors on the left; want %d directions",
				wide, len(images), len(left), directions)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, p := range []deferred.Params{{N: 1, M: 2}, {N: 2, M: 0}} {
		if _, err := deferred.New(p); err == nil || !strings.Contains(err.Error(), "need N ≥ 2") {
			t.Errorf("%+v: %v", p, err)
		}
	}
	x := newMatrix(t, deferred.Params{N: 9, M: 20})
	vector := func(n int, last float64) []float64 {
		v := make([]float64, n)
		v[n-1] = last
		return v
	}
	for _, c := range []struct {
		w    [][]float64
		g    []float64
		want string
	}{
		{nil, vector(9, 0), "0 points"},
		{[][]float64{vector(2, 1)}, vector(2, 0), "make room"},
		{[][]float64{vector(3, 1)}, vector(3, 0), "beyond the 2 directions"},
		{[][]float64{vector(4, 0), vector(3, 0)}, vector(4, 0), "has 3 components"},
	} {
		err := x.Sweep(c.w, func(int, [][]float64) { t.Error("computed in spite of the error") }, c.g)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want one with %q", c.w, err, c.want)
		}
	}
}
