package scaling

import (
	"math"
	"testing"

	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/random"
)

// A case small enough to work out: the point (0, 0.5) of the first curve against
// (−1, 0.2) and (1, 0.6) of the second with equal errors 0.1 has Y = 0.4 and
// dY² = 0.01/2, so that S = 0.01/(0.01 + 0.005). The second's points lie between no
// two of the first.
func TestQualityByHand(t *testing.T) {
	curves := [][]scaled{{{0, 0.5, 0.1, 1}}, {{-1, 0.2, 0.1, 1}, {1, 0.6, 0.1, 1}}}
	s, n := quality(curves, 4)
	if n != 1 || math.Abs(s-2.0/3) > 1e-12 {
		t.Errorf("S = %v of %d points", s, n)
	}
	// With the weights of a line through four points, by the textbook formula in x.
	curves = [][]scaled{{{0.3, 0.5, 0.1, 1}}, {{-1, 0.2, 0.1, 1}, {1, 0.6, 0.2, 1}},
		{{0, 0.4, 0.05, 1}, {0.5, 0.7, 0.3, 1}}}
	var k, kx, ky, kxx, kxy float64
	for _, c := range curves[1:] {
		for _, m := range c {
			w := 1 / (m.dp * m.dp)
			k, kx, ky, kxx, kxy = k+w, kx+w*m.x, ky+w*m.p, kxx+w*m.x*m.x, kxy+w*m.x*m.p
		}
	}
	det := k*kxx - kx*kx
	y := (kxx*ky-kx*kxy)/det + 0.3*(k*kxy-kx*ky)/det
	dy2 := (kxx - 2*0.3*kx + 0.09*k) / det
	var want float64 = (0.5 - y) * (0.5 - y) / (0.01 + dy2)
	// Points of the third curve lie between those of the second.
	for _, m := range curves[2] {
		a, b := curves[1][0], curves[1][1]
		at := (b.x - m.x) / (b.x - a.x)
		straight := at*a.p + (1-at)*b.p
		variance := at*at*a.dp*a.dp + (1-at)*(1-at)*b.dp*b.dp
		want += (m.p - straight) * (m.p - straight) / (m.dp*m.dp + variance)
	}
	if s, n := quality(curves, 4); n != 3 || math.Abs(s-want/3) > 1e-12 {
		t.Errorf("S = %v of %d points, want %v of 3", s, n, want/3)
	}
}

// curves draws rates of recovery at five sizes from the laws log and of the width.
func curves(stream *random.Source, trials int) []size {
	var out []size
	for _, n := range []int64{64, 128, 256, 512, 1024} {
		s := size{N: n, Loss: "ell", A: 1, Method: "gd", From: "random", Identified: true}
		s.Alpha50, s.Width = 7-20/math.Log(float64(n)), 2*math.Pow(float64(n), -0.3)
		// What a fit to about ten rates near the middle leaves uncertain.
		e := 2 * s.Width / math.Sqrt(3*float64(trials))
		s.Alpha50Lo, s.Alpha50Hi = s.Alpha50-z95*e, s.Alpha50+z95*e
		s.WidthLo, s.WidthHi = 0.85*s.Width, s.Width/0.85
		for i := -5; i <= 5; i++ {
			x := 0.6 * float64(i)
			r := rate{Alpha: s.Alpha50 + x*s.Width, Trials: int64(trials), Effective: float64(trials)}
			for range trials {
				if stream.Uniform() < 1/(1+math.Exp(-x)) {
					r.P += 1 / float64(trials)
				}
			}
			k, v := z95*z95/float64(trials), r.P*(1-r.P)/float64(trials)
			half := z95 * math.Sqrt(v+k/4/float64(trials)) / (1 + k)
			centre := (r.P + k/2) / (1 + k)
			r.Lo, r.Hi = centre-half, centre+half
			s.Points = append(s.Points, r)
		}
		out = append(out, s)
	}
	return out
}

// With the true laws χ² is that of 55 rates: mean 55, standard deviation 10.5. No
// parameter was fitted, so it has 55 degrees of freedom. S averages 55 squares of
// about unit size, correlated through shared neighbours: its standard deviation is
// near 0.25. Bounds are 4 standard deviations: 1e-4 were the seed not fixed.
func TestCollapse(t *testing.T) {
	sizes := curves(random.New("scaling test collapse", 1, 0), 200)
	p := Params{Bootstrap: confidence.Bootstrap{Level: confidence.Level{Confidence: 0.95}}, Least: 2, Window: 4}
	good := rescaling{
		at: func(n int64) (float64, float64) {
			return 7 - 20/math.Log(float64(n)), 2 * math.Pow(float64(n), -0.3)
		},
		parameters: func(int) int { return 0 },
	}
	c := collapse(p, z95, sizes, good)
	t.Logf("S = %.3f of %d points, χ² = %.1f", c.Quality, c.Compared, c.Chi2)
	if !c.Identified || c.Reason != "" || len(c.Points) != 55 || c.Dof < 50 || math.Abs(c.Chi2-55) > 42 {
		t.Errorf("%+v", c)
	}
	if c.Compared < 40 || c.Quality > 2 || c.Quality < 0.3 {
		t.Errorf("S = %v of %d points", c.Quality, c.Compared)
	}
	// Half a width of drift between sizes is many errors.
	bad := good
	bad.at = func(n int64) (float64, float64) {
		l, w := good.at(n)
		return l + w*math.Log(float64(n)/256), w
	}
	if b := collapse(p, z95, sizes, bad); b.Quality < 5 || b.Reduced < 3 {
		t.Errorf("a bad collapse has S = %v, χ²/dof = %v", b.Quality, b.Reduced)
	}
	p.Least = 1024
	if b := collapse(p, z95, sizes, good); !b.Identified || b.Compared != 0 || b.Reason == "" ||
		!math.IsNaN(b.Quality) {
		t.Errorf("one size: %+v", b)
	}
	p.Least = 2048
	if b := collapse(p, z95, sizes, good); b.Identified || b.Reason == "" {
		t.Errorf("no size: %+v", b)
	}
}
