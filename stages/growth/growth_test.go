package growth

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/internal/portable"
	"zerotohero/stages/internal/random"
	"zerotohero/stages/outcome"
)

// defaults are the parameters of the tests, whose resamples are few.
func defaults(t testing.TB) Params {
	return pipelinetest.Resolve[Params](t, Kind, map[string]any{"resamples": int64(199)})
}

// follow makes the trace of a run whose √N m is x(t): at 12 times a decade from 0.01 on,
// and at its end.
func follow(d descent, x func(t float64) float64) descent {
	at := func(t float64) record { return record{t, math.Abs(x(t)) / math.Sqrt(float64(d.N))} }
	d.Loss, d.A, d.Method, d.From, d.AlphaAsked = "ell", 1, "flow", outcome.FromRandom, d.Alpha
	d.Trace = []record{{0, math.Abs(x(0.01)) / math.Sqrt(float64(d.N))}}
	for k := 0; ; k++ {
		t := 0.01 * math.Pow(10, float64(k)/12)
		if t >= d.T {
			break
		}
		d.Trace = append(d.Trace, at(t))
	}
	d.Trace = append(d.Trace, at(d.T))
	return d
}

// powerLaw makes runs of one N and α with √N m = g_i σ(t), σ = t^κ: all that is random of
// them is g.
func powerLaw(n int64, kappa, end float64, g []float64) []descent {
	var out []descent
	for i, x := range g {
		d := descent{Seed: int64(i), N: n, Alpha: 3, Outcome: outcome.Trapped, T: end}
		out = append(out, follow(d, func(t float64) float64 { return x * math.Pow(t, kappa) }))
	}
	return out
}

// quantiles are n numbers spread as a standard normal's, of mean square 1.
func quantiles(n int) []float64 {
	out := make([]float64, n)
	square := 0.0
	for i := range out {
		out[i] = portable.NormalQuantile((float64(i) + 0.5) / float64(n))
		square += out[i] * out[i] / float64(n)
	}
	for i := range out {
		out[i] /= math.Sqrt(square)
	}
	return out
}

// σ² and κ of an exact power law. Interpolation between records, 12 a decade or h = 0.192
// apart, makes σ² too large by a share 2·κ²h²/8 at most, twice the error of a chord (of
// which the next order is less than a hundredth), and κ wrong by what that changes over the
// window. The last time of the grid before the end at 1000 is 750, or 1000 but for rounding.
func TestPower(t *testing.T) {
	const kappa = 0.6
	g := quantiles(41)
	row := reduce(defaults(t), powerLaw(1e8, kappa, 1000, g))
	if row.LinearReason != "the runs end" {
		t.Errorf("linear response ends as %s", row.LinearReason)
	}
	bias := 1.01 * 2 * kappa * kappa * 0.192 * 0.192 / 8
	for _, pt := range row.Points {
		if r := pt.Sigma2/math.Pow(pt.T, 2*kappa) - 1; r < -1e-9 || r > bias {
			t.Errorf("t = %v: σ² = %v, off by a share %v", pt.T, pt.Sigma2, r)
		}
		if !math.IsNaN(pt.Kappa) && math.Abs(pt.Kappa-kappa) > bias {
			t.Errorf("t = %v: κ = %v", pt.T, pt.Kappa)
		}
	}
	r := row.Growth
	if !r.Identified || math.Abs(r.Kappa-kappa) > bias || math.Abs(r.Drift) > 2*bias ||
		math.Abs(r.To/r.From-10) > 1e-9 || r.To < 749 {
		t.Errorf("κ = %v, drift %v from t = %v to %v", r.Kappa, r.Drift, r.From, r.To)
	}
	if want := math.Pow(r.Mid, kappa); math.Abs(r.Sigma/want-1) > bias {
		t.Errorf("σ = %v at t = %v, want %v", r.Sigma, r.Mid, want)
	}
	p := defaults(t)
	p.Statistic = typical
	g = quantiles(400)
	row = reduce(p, powerLaw(1e8, kappa, 1000, g))
	for _, pt := range row.Points {
		// |g| of 400 quantiles has pairs 1/100 apart in share: the median is as exact.
		if r := pt.Sigma2/math.Pow(pt.T, 2*kappa) - 1; math.Abs(r) > bias+0.01 {
			t.Errorf("t = %v: σ² = %v by the median, off by a share %v", pt.T, pt.Sigma2, r)
		}
	}
}

// A growth that slows, d ln σ/d ln t = 1/(1+t/10)·½ for σ² = t/(1+t/10), shows as a
// negative drift, and the local slope follows it.
func TestDrift(t *testing.T) {
	var runs []descent
	for i, x := range quantiles(41) {
		d := descent{Seed: int64(i), N: 1e8, Alpha: 3, Outcome: outcome.Unresolved, T: 40}
		runs = append(runs, follow(d, func(t float64) float64 { return x * math.Sqrt(t/(1+t/10)) }))
	}
	row := reduce(defaults(t), runs)
	for _, pt := range row.Points {
		// Over a factor of 3 the slope changes by 0.13 at most, nearly linearly in ln t.
		if want := 0.5 / (1 + pt.T/10); !math.IsNaN(pt.Kappa) && math.Abs(pt.Kappa-want) > 0.01 {
			t.Errorf("t = %v: κ = %v, want %v", pt.T, pt.Kappa, want)
		}
	}
	if r := row.Growth; !(r.Drift < -0.1 && r.DriftHi < 0 && r.Late < r.Kappa && r.Kappa < r.Early) {
		t.Errorf("κ = %v, early %v, late %v, drift to %v at most", r.Kappa, r.Early, r.Late, r.DriftHi)
	}
}

// rotating are runs that change their order: √N m = t^κ (g cos φ + h sin φ), φ = ½ ln t, has
// the variance t^2κ at all times and an exponent that is random. Starts share g and h.
func rotating(s *random.Source, instances, starts int, kappa float64) []descent {
	var out []descent
	for i := range instances {
		g, h := s.Normal(), s.Normal()
		for k := range starts {
			d := descent{Seed: int64(i), Start: int64(k), N: 1e8, Alpha: 3, Outcome: outcome.Unresolved, T: 30}
			out = append(out, follow(d, func(t float64) float64 {
				phi := math.Log(t) / 2
				return math.Pow(t, kappa) * (g*math.Cos(phi) + h*math.Sin(phi))
			}))
		}
	}
	return out
}

// Over 200 experiments coverage has a standard error of 0.0154 at 0.95; the bounds are 4
// of these below, for percentiles of K = 40 are somewhat narrow, and the rest above. With
// starts that agree there are only as many runs as instances.
func TestCoverage(t *testing.T) {
	for _, c := range []struct {
		statistic string
		starts    int
	}{{mean, 1}, {mean, 3}, {typical, 1}} {
		p := defaults(t)
		p.Statistic = c.statistic
		kappa, sigma := 0.0, 0.0
		for e := range 200 {
			row := reduce(p, rotating(random.New("growth test coverage", 1, int64(e)), 40, c.starts, 0.5))
			if r := row.Growth; r.Lo <= 0.5 && 0.5 <= r.Hi {
				kappa += 1. / 200
			}
			k := slices.IndexFunc(row.Points, func(pt Point) bool { return pt.T > 9.99 })
			if pt := row.Points[k]; pt.Sigma2Lo <= 10 && 10 <= pt.Sigma2Hi {
				sigma += 1. / 200
			}
		}
		t.Logf("%s, %d starts: coverage of κ %.3f, of σ² %.3f", c.statistic, c.starts, kappa, sigma)
		if kappa < 0.89 || sigma < 0.88 {
			t.Errorf("%s, %d starts: coverage of κ %.3f, of σ² %.3f", c.statistic, c.starts, kappa, sigma)
		}
	}
}

// What ends linear response: √N m = t with mean square 1 has rms m = 0.1 at N = 10⁴ at
// t = 10, and its median, 0.6745 of it, at t = 14.8.
func TestLinear(t *testing.T) {
	g := quantiles(401)
	for _, c := range []struct {
		name, statistic, outcome string
		first                    float64 // when the first run ends
		to                       float64
		reason                   string
	}{
		{"rms", mean, outcome.Trapped, 100, 7.5, "the root mean square of the overlap is 0.1"},
		{"median", typical, outcome.Trapped, 100, 13.3, "the median of the overlap is"},
		{"trapped", mean, outcome.Trapped, 3, 2.37, "a run ends at t = 3"},
		{"recovered", mean, outcome.Recovered, 3, 2.37, "a run ends at t = 3"},
		{"median, trapped", typical, outcome.Trapped, 3, 2.37, "a run ends at t = 3"},
		{"median, recovered", typical, outcome.Recovered, 3, 13.3, "the median of the overlap is"},
	} {
		runs := powerLaw(1e4, 1, 100, g)
		last := len(runs) - 1 // of the largest m
		runs[last] = powerLaw(1e4, 1, c.first, g)[last]
		runs[last].Outcome = c.outcome
		p := defaults(t)
		p.Statistic = c.statistic
		row := reduce(p, runs)
		if math.Abs(row.LinearTo/c.to-1) > 0.01 || !strings.Contains(row.LinearReason, c.reason) {
			t.Errorf("%s: to %v, %s; want to %v, %s", c.name, row.LinearTo, row.LinearReason, c.to, c.reason)
		}
		for _, pt := range row.Points {
			if pt.Linear != (pt.T <= row.LinearTo) || pt.Linear != (len(pt.Drawn) > 0) {
				t.Errorf("%s: %+v", c.name, pt)
			}
		}
	}
	// Nothing can be said of runs that made no step.
	runs := powerLaw(1e4, 1, 100, g[:2])
	for i := range runs {
		runs[i].T, runs[i].Trace, runs[i].Outcome = 0, runs[i].Trace[:1], outcome.Unresolved
	}
	row := reduce(defaults(t), runs)
	if len(row.Points) != 0 || row.LinearReason == "" || row.Growth.Identified || row.Growth.Reason == "" {
		t.Errorf("%+v", row)
	}
}

func TestArtifact(t *testing.T) {
	a, b := powerLaw(1e6, 0.5, 300, quantiles(21)), powerLaw(1e5, 0.5, 300, quantiles(20))
	for i := range b {
		b[i].Alpha = 2.99
	}
	x, y := pipelinetest.Input("descent/a", "descent", nil, a), pipelinetest.Input("descent/b", "descent", nil, b)
	content := pipelinetest.Bytes(t, Kind, nil, x, y)
	if !bytes.Equal(content, pipelinetest.Bytes(t, Kind, nil, y, x)) {
		t.Error("the order of the inputs is in the artifact")
	}
	rows := pipelinetest.Run[Row](t, Kind, nil, x, y)
	if len(rows) != 2 || rows[0].N != 1e5 || rows[0].Alpha != 2.99 || rows[0].AlphaAsked != 3 || rows[1].Runs != 21 ||
		rows[1].Trapped != 21 || rows[1].Instances != 21 {
		t.Errorf("%d rows, %+v", len(rows), rows[0])
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := pipelinetest.Compute(ctx, Kind, nil, x); err != context.Canceled {
		t.Errorf("after a cancel: %v", err)
	}
}

func TestErrors(t *testing.T) {
	edit := func(f func(*descent)) []descent {
		runs := powerLaw(1e6, 0.5, 10, quantiles(3))
		f(&runs[1])
		return runs
	}
	for _, c := range []struct {
		want string
		runs []descent
	}{
		{"no descents", nil},
		{"one instance", powerLaw(1e6, 0.5, 10, []float64{1})},
		{"both hold", edit(func(d *descent) { d.Seed = 0 })},
		{"of its own", edit(func(d *descent) { d.A = 2 })},
		{"hessian", edit(func(d *descent) { d.From = "hessian" })},
		{"unknown outcome", edit(func(d *descent) { d.Outcome = "lost" })},
		{"times must ascend", edit(func(d *descent) { d.Trace[2].T = 0 })},
		{"times must ascend", edit(func(d *descent) { d.Trace[2].Overlap = math.NaN() })},
		{"do not go together", edit(func(d *descent) { d.N = 1 })},
		{"do not go together", edit(func(d *descent) { d.Trace = nil })},
	} {
		_, err := pipelinetest.Compute(t.Context(), Kind, nil, pipelinetest.Input("descent/x", "descent", nil, c.runs))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
	for name, value := range map[string]any{
		"confidence": 1.0, "resamples": int64(10), "per_decade": int64(3), "linear": 1.0, "after": -1.0, "span": 1.0, "statistic": "mode",
	} {
		if _, err := Kind.Resolve(map[string]any{name: value}); err == nil || !strings.HasPrefix(err.Error(), name+":") {
			t.Errorf("%s = %v: %v", name, value, err)
		}
	}
}
