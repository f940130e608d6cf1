package random

import (
	"math"
	"sort"
	"testing"

	"zerotohero/stages/internal/portable"
)

// The bits that artifacts rest on.
func TestGolden(t *testing.T) {
	s := New("golden", 7, 3)
	if got := [2]uint64{s.Uint64(), s.Uint64()}; got != goldenBits {
		t.Errorf("Uint64: %#x", got)
	}
	if got := [3]float64{s.Normal(), s.Normal(), s.Normal()}; got != goldenNormals {
		t.Errorf("Normal: %x", got)
	}
	// Enough values to visit every branch, folded into one word.
	h := uint64(0)
	for range 1_000_000 {
		h = h*0x9E3779B97F4A7C15 + math.Float64bits(s.Normal())
	}
	if h != goldenHash {
		t.Errorf("hash of a million normals: %#x", h)
	}
}

// Normals are those of Normal, those outside the fast path too, and leave the stream at
// the same place.
func TestNormals(t *testing.T) {
	a, b := New("normals", 1, 0), New("normals", 1, 0)
	x := make([]float32, 100_000)
	a.Normals(x)
	for i, got := range x {
		if want := float32(b.Normal()); got != want {
			t.Fatalf("number %d is %v, by Normal %v", i, got, want)
		}
	}
	if a.Uint64() != b.Uint64() {
		t.Error("the streams go on differently")
	}
}

// Kolmogorov–Smirnov at n = 100,000: P(√n D > 2.7) ≈ 2exp(−2·2.7²) = 9e-7 for
// each of the two.
func TestKolmogorovSmirnov(t *testing.T) {
	const n = 100_000
	s := New("ks", 1, 0)
	for _, c := range []struct {
		name string
		draw func() float64
		cdf  func(float64) float64
	}{
		{"Uniform", s.Uniform, func(x float64) float64 { return x }},
		{"Normal", s.Normal, func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }},
	} {
		x := make([]float64, n)
		for i := range x {
			x[i] = c.draw()
		}
		sort.Float64s(x)
		d := 0.0
		for i, v := range x {
			p := c.cdf(v)
			d = math.Max(d, math.Max(p-float64(i)/n, float64(i+1)/n-p))
		}
		if d*math.Sqrt(n) > 2.7 {
			t.Errorf("%s: √n D = %.2f", c.name, d*math.Sqrt(n))
		}
	}
}

// The last layer closes at x = 0, where the curve has height 1: reach and area are
// what they must be. Rounding adds up over 256 layers.
func TestZiggurat(t *testing.T) {
	if top := height[layers-1] + area/width[layers-1]; math.Abs(top-1) > 1e-13 {
		t.Errorf("the ziggurat closes at height %v", top)
	}
	if base := reach*height[1] + math.Sqrt(math.Pi/2)*math.Erfc(reach/math.Sqrt2); math.Abs(base-area) > 1e-15 {
		t.Errorf("the base and the tail have area %v, not %v", base, area)
	}
}

// Counts of 16,000,000 normals in 64 cells of equal probability, the outer ones cut
// at the ends of the base layer and one unit beyond: χ² of 67 degrees of freedom.
// P(χ² > 135) = 2e-6. A mistake in the wedges or in the tail, which one number in a
// hundred and one in four thousand pass through, shows here.
func TestCells(t *testing.T) {
	if testing.Short() {
		t.Skip("draws millions of numbers")
	}
	const n = 16_000_000
	cdf := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	cuts := []float64{-reach - 1, -reach, reach, reach + 1}
	for k := 1; k < 64; k++ {
		cuts = append(cuts, portable.NormalQuantile(float64(k)/64))
	}
	sort.Float64s(cuts)
	counts := make([]float64, len(cuts)+1)
	s := New("cells", 1, 0)
	for range n {
		counts[sort.SearchFloat64s(cuts, s.Normal())]++
	}
	chi2, below := 0.0, 0.0
	for i, c := range counts {
		upto := 1.0
		if i < len(cuts) {
			upto = cdf(cuts[i])
		}
		expected := n * (upto - below)
		chi2 += (c - expected) * (c - expected) / expected
		below = upto
	}
	if chi2 > 135 {
		t.Errorf("χ² = %.1f for %d degrees of freedom", chi2, len(cuts))
	}
}

// Sample moments of 400,000 normals within 5 standard deviations of 0, 1, 0, 3:
// failure probability 2e-6 in all (the moments are close to normal themselves).
func TestMoments(t *testing.T) {
	const n = 400_000
	s := New("moments", 1, 0)
	var sum [4]float64
	for range n {
		x := s.Normal()
		for k, v := 0, x; k < 4; k, v = k+1, v*x {
			sum[k] += v
		}
	}
	want := [4]float64{0, 1, 0, 3}
	variance := [4]float64{1, 2, 15, 96}
	for k := range sum {
		if got := sum[k] / n; math.Abs(got-want[k]) > 5*math.Sqrt(variance[k]/n) {
			t.Errorf("moment %d: %v, want %v", k+1, got, want[k])
		}
	}
}

// Streams that differ in one part of their name, even by one bit, are
// uncorrelated, also when one is shifted by one place: 21 correlations of 100,000
// pairs, each within 5/√n, failure probability 1.2e-5.
func TestIndependence(t *testing.T) {
	const n = 100_000
	draw := func(domain string, seed, index int64) []float64 {
		s := New(domain, seed, index)
		x := make([]float64, n)
		for i := range x {
			x[i] = s.Normal()
		}
		return x
	}
	base := draw("x", 1, 1)
	others := map[string][]float64{
		"domain": draw("y", 1, 1), "longer domain": draw("xx", 1, 1), "seed": draw("x", 2, 1), "index": draw("x", 1, 2),
		"exchanged": draw("x", 0, 1), "negative": draw("x", -1, 1), "high bit": draw("x", 1+1<<62, 1),
	}
	for name, other := range others {
		for shift := -1; shift <= 1; shift++ {
			sum := 0.0
			for i := 1; i < n-1; i++ {
				sum += base[i] * other[i+shift]
			}
			if math.Abs(sum) > 5*math.Sqrt(n) {
				t.Errorf("%s, shift %d: correlation %v", name, shift, sum/n)
			}
		}
	}
}

// A point on the sphere has the norm asked for, and each coordinate of a point
// uniform on it has mean 0 and variance 1 (exactly, for any n): over 20,000 points,
// within 5 standard deviations, failure probability 2e-6. The square of a
// coordinate has variance 3n/(n+2) − 1 < 2.
func TestSphere(t *testing.T) {
	const n, points = 5, 20_000
	s := New("sphere", 1, 0)
	w := make([]float64, n)
	var mean, square float64
	for range points {
		s.Sphere(w)
		norm := 0.0
		for _, v := range w {
			norm += v * v
		}
		if math.Abs(norm-n) > 1e-14*n {
			t.Fatalf("‖w‖² = %v", norm)
		}
		mean += w[2] / points
		square += w[2] * w[2] / points
	}
	if math.Abs(mean) > 5/math.Sqrt(points) || math.Abs(square-1) > 5*math.Sqrt2/math.Sqrt(points) {
		t.Errorf("a coordinate has mean %v and variance %v", mean, square)
	}
}

func BenchmarkNormal(b *testing.B) {
	s := New("bench", 1, 0)
	for b.Loop() {
		s.Normal()
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New("bench", 1, 0)
	}
}

var (
	goldenBits    = [2]uint64{0x50aeab9d80a61d53, 0x536aabc9eaf3ccaf}
	goldenNormals = [3]float64{0x1.2f1a685bbb306p+01, -0x1.1167851b45a37p-01, 0x1.30cc9f4349387p-02}
	goldenHash    = uint64(0xbd5fa6ed5d96bd80)
)
