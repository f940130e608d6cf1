package theory

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestOutlierKind(t *testing.T) {
	row := stage[OutlierRow](t, OutlierKind, map[string]any{"alpha_min": 1.0, "alpha_max": 3.0, "points": int64(5)})
	n := len(row.Alphas)
	if n != 7 || len(row.Edge) != n || len(row.EdgeKind) != n ||
		len(row.Outlier) != n || len(row.LambdaStar) != n || len(row.Q2) != n {
		t.Fatalf("%d values of alpha: %v", n, row.Alphas)
	}
	// physics.md 2a, to the digits it gives.
	for alpha, want := range map[float64][2]float64{2: {-8.26674, 0.14949}, 3: {-11.24834, 0.28381}} {
		i := slices.Index(row.Alphas, alpha)
		if i < 0 || !row.Outlier[i] || math.Abs(row.LambdaStar[i]-want[0]) > 1e-5 || math.Abs(row.Q2[i]-want[1]) > 1e-5 {
			t.Errorf("alpha = %v: λ* = %v, q² = %v, want %v", alpha, row.LambdaStar, row.Q2, want)
		}
	}
	if row.Outlier[0] || row.Q2[0] != 0 || !math.IsNaN(row.LambdaStar[0]) {
		t.Errorf("below the transition: %v, q² = %v", row.Outlier[0], row.Q2[0])
	}
	// The pair about the transition at 1.13485 has the outlier appear between its two.
	if row.Outlier[1] || !row.Outlier[2] || row.Q2[2] > 1e-6 || math.Abs(row.Alphas[1]-1.13485) > 1e-5 {
		t.Errorf("at the sharp transition: alpha = %v, outlier %v, q² = %v", row.Alphas[:4], row.Outlier[:4], row.Q2[:4])
	}
}

// For the wide student q² jumps at (1+a)/2, physics.md 2b, when that is on a smooth
// edge. There g = g_max = 1, as inf s = −1, and with x = y² and
// gs/(1+gs) = (1−x)/(1+a) both moments are those of the normal distribution:
// A = α·2/(1+a)², B = α·E[x(1−x)²]/(1+a)² = α·10/(1+a)².
func TestOutlierJump(t *testing.T) {
	const a = 2.0
	row := stage[OutlierRow](t, OutlierKind,
		map[string]any{"at": AtWide, "a": a, "alpha_min": 1.0, "alpha_max": 2.0, "points": int64(3)})
	i := slices.Index(row.Outlier, true)
	alpha := (1 + a) / 2
	A, B := alpha*2/((1+a)*(1+a)), alpha*10/((1+a)*(1+a))
	want := (1 - A) / (1 - A + B)
	// q² grows past the jump with a finite slope, and the pair is some 1e-9 apart.
	if i < 1 || row.Alphas[i]-row.Alphas[i-1] > 1e-6 || math.Abs(row.Alphas[i]-alpha) > 1e-6 ||
		math.Abs(row.Q2[i]-want) > 1e-4 {
		t.Errorf("alpha = %v, q² = %v, want a jump to %v", row.Alphas, row.Q2, want)
	}
	if row.EdgeKind[i] != "smooth" {
		t.Errorf("edge %s", row.EdgeKind[i])
	}
}

func TestOutlierAtThreshold(t *testing.T) {
	// α_BBP^TS = 7.09396, physics.md 2c; the left edge is at 0.
	row := stage[OutlierRow](t, OutlierKind,
		map[string]any{"at": AtThreshold, "alpha_min": 7.0, "alpha_max": 7.2, "points": int64(2)})
	if len(row.Alphas) != 4 || row.Outlier[1] || !row.Outlier[2] ||
		math.Abs(row.Alphas[1]-7.09396) > 1e-4 || math.Abs(row.Edge[3]) > 1e-7 {
		t.Errorf("%+v", row)
	}
}

func TestOutlierKindErrors(t *testing.T) {
	for _, c := range []struct {
		values map[string]any
		want   string
	}{
		{map[string]any{"at": "start"}, "at: "},
		{map[string]any{"loss": "plain"}, "no finite edge"},
		{map[string]any{"alpha_min": 0.0}, "alpha_min: "},
		{map[string]any{"alpha_max": 0.1}, "alpha_max: "},
		{map[string]any{"points": int64(1)}, "points: "},
	} {
		if _, err := OutlierKind.Resolve(c.values); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want one with %q", c.values, err, c.want)
		}
	}
}
