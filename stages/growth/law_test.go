package growth

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/outcome"
)

// A truth has laws that are known exactly: σ = 3 t^κ with κ = 0.4·max(0, α − 2.4), and
// trapping times whose median is N^0.6.
var truth = struct{ s, zero, z, prefactor float64 }{0.4, 2.4, 0.6, 3}

// synthetic makes descents with √N m = g σ(t)·N^(size/2).
func synthetic(n int64, alpha float64, g, times []float64, size float64) []descent {
	kappa := truth.s * max(0, alpha-truth.zero)
	var out []descent
	for i, x := range g {
		d := descent{Seed: int64(i), N: n, Alpha: alpha, Outcome: outcome.Trapped}
		d.T = math.Pow(float64(n), truth.z) * math.Exp(times[i]/2)
		out = append(out, follow(d, func(t float64) float64 {
			return x * truth.prefactor * math.Pow(t, kappa) * math.Pow(float64(n), size/2)
		}))
	}
	return out
}

// grown is the growth of all sizes and α, of 41 quantiles, in an order of trapping times
// that has nothing to do with that of g.
func grown(t *testing.T, ns []int64, alphas []float64, size float64) pipeline.Input {
	t.Helper()
	g := quantiles(41)
	times := make([]float64, len(g))
	for i := range times {
		times[i] = g[17*i%41]
	}
	var all []descent
	for _, n := range ns {
		for _, a := range alphas {
			all = append(all, synthetic(n, a, g, times, size)...)
		}
	}
	return pipelinetest.Stage(t, Kind, map[string]any{"resamples": int64(199)}, pipelinetest.Input("descent/x",
		"descent", nil, all))
}

func law(t *testing.T, values map[string]any, in ...pipeline.Input) LawRow {
	t.Helper()
	rows := pipelinetest.Run[LawRow](t, LawKind, values, in...)
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	return rows[0]
}

func (c Crossing) holds(want, within float64) bool {
	return c.Identified && c.Reason == "" && math.Abs(c.Alpha-want) < within && c.Lo <= c.Alpha && c.Alpha <= c.Hi
}

// The laws come out. What interpolation of traces does to κ is below 0.0093κ² over a window
// of a factor of ten (TestPower), 0.003 in α with the slope 0.4. z is of exact medians.
func TestLaw(t *testing.T) {
	alphas := []float64{2, 2.2, 2.6, 3, 3.5, 4, 5}
	row := law(t, nil, grown(t, []int64{1e5, 1e6, 1e7}, alphas, 0))
	if len(row.Kappas) != 21 || row.Loss != "ell" || row.A != 1 || row.Method != "flow" {
		t.Errorf("%d κ of %s", len(row.Kappas), row.Loss)
	}
	for _, e := range row.largest() {
		want := truth.s * max(0, e.Alpha-truth.zero)
		if math.Abs(e.Value-want) > 0.0093*want*want+1e-9 || e.N != 1e7 {
			t.Errorf("α = %v: κ = %v at N = %d, want %v", e.Alpha, e.Value, e.N, want)
		}
	}
	for k, e := range row.Traps {
		if !e.Identified || math.Abs(e.Value-truth.z) > 1e-9 || e.Lo > e.Value || e.Value > e.Hi || !(e.Error > 0) ||
			e.Dof != 1 || e.Chi2 > 1e-9 {
			t.Errorf("z = %+v", e)
		}
		if kz := row.KappaZ[k]; !kz.Identified || math.Abs(kz.Value-e.Value*row.largest()[k].Value) > 1e-12 {
			t.Errorf("κz = %+v", kz)
		}
	}
	if want := truth.zero + 0.5/truth.z/truth.s; !row.Half.holds(want, 0.01) {
		t.Errorf("κz = ½: %+v, want %v", row.Half, want)
	}
	// 0.6745·3·t^κ = ½√N at t = N^0.6.
	for k, n := range []float64{1e5, 1e6, 1e7} {
		kappa := (math.Log(n)/2 - math.Log(0.6745*truth.prefactor/0.5)) / (truth.z * math.Log(n))
		got := row.Crossovers[k]
		if want := truth.zero + kappa/truth.s; got.N != int64(n) || !got.Crossing.holds(want, 0.02) || got.Alphas != 7 {
			t.Errorf("N = %v: %+v, want %v", n, got, want)
		}
		// d ln(overlap)/dα = 0.4·ln t: what a factor of e in it is in α.
		if want := 1 / (truth.s * truth.z * math.Log(n)); math.Abs(got.Shift/want-1) > 0.02 {
			t.Errorf("N = %v: shift %v, want %v", n, got.Shift, want)
		}
		if got.Beyond < 1 {
			t.Errorf("N = %v: σ extrapolated by %v", n, got.Beyond)
		}
	}
	for _, e := range append(row.Sizes, row.Size) {
		if !e.Identified || math.Abs(e.Value) > 0.01 || e.Lo > 0 || e.Hi < 0 {
			t.Errorf("d ln σ²/d ln N = %+v", e)
		}
	}
	// At ever larger N the crossover tends to κz = ½: at N = 1e5 to 1e7 from below, as ln.
	if !slices.IsSortedFunc(row.Crossovers, func(a, b Crossover) int {
		return int(math.Copysign(1, a.Crossing.Alpha-b.Crossing.Alpha))
	}) {
		t.Errorf("%+v", row.Crossovers)
	}
}

// Where κ vanishes, with an error at each α: κ that scatters by what resamples say.
func TestZero(t *testing.T) {
	stream := random.New("growth test zero", 1, 0)
	alphas := []float64{2, 2.3, 2.6, 3, 3.5, 4}
	within := 0
	const experiments = 200
	for range experiments {
		var kappas []Exponent
		for _, a := range alphas {
			e := Exponent{Identified: true, Alpha: a, Error: 0.02, Value: 0.4*max(0, a-2.4) + 0.02*stream.Normal()}
			for range 199 {
				e.drawn = append(e.drawn, e.Value+0.02*stream.Normal())
			}
			kappas = append(kappas, e)
		}
		var row LawRow
		row.vanish(LawParams{Level: confidence.Level{Confidence: 0.95}}, kappas)
		if !row.Zero.holds(2.4, 0.4) || row.Dof != 4 {
			t.Fatalf("%+v", row.Zero)
		}
		if row.Zero.Lo <= 2.4 && 2.4 <= row.Zero.Hi {
			within++
		}
	}
	// The standard error of coverage is 0.0154 at 0.95: four of these, and as much again
	// for the kink of the hinge next to α = 2.3 and 2.6.
	if c := float64(within) / experiments; c < 0.83 {
		t.Errorf("coverage %v", c)
	}
}

// No hinge on a grid of zeros, each with the best slope, has a smaller χ².
func TestHinge(t *testing.T) {
	stream := random.New("growth test hinge", 1, 0)
	for i := range 200 {
		n := 3 + i%5
		x, y, w := make([]float64, n), make([]float64, n), make([]float64, n)
		for k := range x {
			x[k] = float64(k) + 0.5*stream.Uniform()
			y[k] = 0.5*max(0, x[k]-float64(i%3)) + stream.Normal()*[]float64{0.01, 0.3}[i%2]
			w[k] = 0.5 + stream.Uniform()
		}
		h := fitHinge(x, y, w)
		least := math.Inf(1)
		for zero := x[0]; zero < x[n-1]; zero += 1e-3 {
			var xx, xy, chi2 float64
			for k := range x {
				d := max(0, x[k]-zero)
				xx, xy = xx+w[k]*d*d, xy+w[k]*d*y[k]
			}
			for k := range x {
				r := y[k] - xy/xx*max(0, x[k]-zero)
				chi2 += w[k] * r * r
			}
			if xy > 0 {
				least = min(least, chi2)
			}
		}
		if h.chi2 > least+1e-9 {
			t.Errorf("set %d: χ² = %v at %v, on the grid %v", i, h.chi2, h.zero, least)
		}
	}
	if h := fitHinge([]float64{1, 2, 3}, []float64{0, -1, -2}, []float64{1, 1, 1}); !math.IsNaN(h.zero) {
		t.Errorf("a hinge %+v of what falls", h)
	}
}

// The crossing of three α by hand, with resamples that have none.
func TestCrossing(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name   string
		y      []float64
		alpha  float64
		drawn  []float64 // y of the three resamples, all alike
		lo, hi float64
		open   int64
		reason string
	}{
		{"rises", []float64{-3, 1, 2}, 2.75, []float64{-1, -1, 1}, 3.5, 3.5, 0, ""},
		{"negative", []float64{-3, -2, -1}, 0, []float64{-3, -2, -1}, 4, inf, 1, "still negative at α = 4"},
		{"positive", []float64{1, 2, 3}, 0, []float64{1, 2, 3}, -inf, 2, 1, "positive from α = 2 on"},
		{"falls", []float64{1, -1, -2}, 0, []float64{1, -1, -2}, -inf, inf, 1, "falls"},
		{"twice", []float64{-1, 1, -1, 1}, 0, []float64{-1, 1, -1, 1}, 2.5, 2.5, 0, "2 times"},
	} {
		var p profile
		for k, y := range c.y {
			p.add(float64(2+k), y, []float64{c.drawn[k], c.drawn[k], c.drawn[k]})
		}
		got := p.crossing(confidence.Level{Confidence: 0.5}, "it")
		if got.Lo != c.lo || got.Hi != c.hi || got.Open != 3*c.open || got.Identified != (c.reason == "") ||
			!strings.Contains(got.Reason, c.reason) || got.Identified && got.Alpha != c.alpha {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// What the data do not determine says why, and a dependence on N shows.
func TestLawReasons(t *testing.T) {
	check := func(what string, c Crossing, want string) {
		t.Helper()
		if c.Identified || !math.IsNaN(c.Alpha) || !strings.Contains(c.Reason, want) {
			t.Errorf("%s: %+v, want %q", what, c, want)
		}
	}
	row := law(t, nil, grown(t, []int64{1e6}, []float64{2.6, 3, 3.2}, 0))
	check("zero", row.Zero, "positive from α = 2.6 on")
	check("half", row.Half, "known at 0 α")
	check("crossover", row.Crossovers[0].Crossing, "negative at α = 3.2")
	if row.Crossovers[0].Crossing.Lo != 3.2 || !math.IsInf(row.Crossovers[0].Crossing.Hi, 1) ||
		row.Crossovers[0].Crossing.Open != 199 {
		t.Errorf("%+v", row.Crossovers[0])
	}
	if row.Size.Identified || row.Size.Reason == "" || row.Traps[0].Identified ||
		!strings.Contains(row.Traps[0].Reason, "at 1 of 1 sizes") || row.KappaZ[0].Reason == "" {
		t.Errorf("%+v, %+v, %+v", row.Size, row.Traps[0], row.KappaZ[0])
	}
	row = law(t, nil, grown(t, []int64{1e6, 1e7}, []float64{4.8, 5}, 0.2))
	check("zero", row.Zero, "the hinge takes 3")
	check("half", row.Half, "positive from α = 4.8 on")
	if e := row.Size; !e.Identified || math.Abs(e.Value-0.2) > 1e-3 {
		t.Errorf("d ln σ²/d ln N = %+v", e)
	}
	// Small sizes have no late linear response at all.
	row = law(t, map[string]any{"least": int64(100)}, grown(t, []int64{64, 128}, []float64{2, 3, 4}, 0))
	check("zero", row.Zero, "at 0 α")
	check("crossover", row.Crossovers[1].Crossing, "at 0 α")
	if row.Kappas[0].Identified || !strings.Contains(row.Kappas[0].Reason, "larger N") || row.Traps[0].Identified {
		t.Errorf("%+v", row.Kappas[0])
	}
}

func TestLawInputs(t *testing.T) {
	a, b := grown(t, []int64{1e5}, []float64{3, 4}, 0), grown(t, []int64{1e6}, []float64{3, 4}, 0)
	if !bytes.Equal(pipelinetest.Bytes(t, LawKind, nil, a, b), pipelinetest.Bytes(t, LawKind, nil, b, a)) {
		t.Error("the order of the inputs is in the artifact")
	}
	rows := pipelinetest.Rows[Row](t, a)
	edit := func(f func(*Row)) pipeline.Input {
		out := slices.Clone(rows)
		f(&out[1])
		return pipelinetest.Input("growth/x", "growth", settings{0.95, 199, mean}, out)
	}
	for _, c := range []struct {
		want string
		in   []pipeline.Input
	}{
		{"no growth", nil},
		{"two rows are of N = 100000, α = 3", []pipeline.Input{a, a}},
		{"level 0.9", []pipeline.Input{pipelinetest.Input("growth/x", "growth", settings{0.9, 199, mean}, rows)}},
		{"enough resamples", []pipeline.Input{pipelinetest.Input("growth/x", "growth", settings{0.95, 10, mean}, rows)}},
		{"not 200 resamples", []pipeline.Input{pipelinetest.Input("growth/x", "growth", settings{0.95, 200, mean}, rows)}},
		{"another input 199 of mean", []pipeline.Input{a, pipelinetest.Input("growth/x", "growth", settings{0.95, 199, typical}, rows)}},
		{"of its own", []pipeline.Input{edit(func(r *Row) { r.A = 2 })}},
		{"run that stage again", []pipeline.Input{edit(func(r *Row) { r.Growth.Drawn = nil })}},
		{"run that stage again", []pipeline.Input{edit(func(r *Row) { r.N = 1 })}},
	} {
		_, err := pipelinetest.Compute(t.Context(), LawKind, nil, c.in...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
	for name, value := range map[string]any{"confidence": 1.0, "least": int64(1), "reached": 0.0} {
		if _, err := LawKind.Resolve(map[string]any{name: value}); err == nil ||
			!strings.HasPrefix(err.Error(), name+":") {
			t.Errorf("%s = %v: %v", name, value, err)
		}
	}
}
