package finitesize

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/random"
)

var level = confidence.Level{Confidence: 0.95}

// draw makes descents with P(recovered) logistic in α for each descent. Seed k has
// a threshold, recovered where α exceeds it: outcomes of one seed agree at all α
// and starts as much as they can.
func draw(stream *random.Source, n int64, alpha []float64, seeds, starts int, a50, width float64) []descent {
	var out []descent
	for k := range seeds {
		u := stream.Uniform()
		threshold := a50 + width*math.Log(u/(1-u))
		for _, a := range alpha {
			outcome := "trapped"
			if a > threshold {
				outcome = "recovered"
			}
			for s := range starts {
				out = append(out, descent{Seed: int64(k), Start: int64(s), N: n, Alpha: a, Loss: "ell",
					A: 1, Method: "gd", Outcome: outcome})
			}
		}
	}
	return out
}

// apart draws each α with seeds of its own.
func apart(stream *random.Source, n int64, alpha []float64, seeds int, a50, width float64) []descent {
	var out []descent
	for j, a := range alpha {
		rows := draw(stream, n, []float64{a}, seeds, 1, a50, width)
		for i := range rows {
			rows[i].Seed += int64(j * seeds)
		}
		out = append(out, rows...)
	}
	return out
}

// coverage simulates experiments and counts how often the interval of alpha50 and
// of the width hold the truth.
func coverage(t *testing.T, domain string, runs int, make func(*random.Source) []descent, a50,
	width float64) (covA, covW float64) {
	t.Helper()
	p := Params{confidence.Bootstrap{Level: level, Resamples: 299, Seed: 1}}
	for i := range runs {
		rows := make(random.New(domain, 1, int64(i)))
		r := reduce(p, sorted(t, rows))
		if !r.Identified {
			t.Fatalf("experiment %d is not identified: %s", i, r.Reason)
		}
		if r.Alpha50Lo <= a50 && a50 <= r.Alpha50Hi {
			covA += 1 / float64(runs)
		}
		if r.WidthLo <= width && width <= r.WidthHi {
			covW += 1 / float64(runs)
		}
	}
	return covA, covW
}

func sorted(t *testing.T, rows []descent) []descent {
	t.Helper()
	out, err := read(pipeline.Inputs{pipelinetest.Input("descent/x", "descent", nil, rows)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Coverage over 300 experiments has a standard error of 0.0126 at 0.95. The
// bounds are 0.95 − 4.4 and + 3.4 of these: a correct interval fails with
// probability below 1e-3, were the seed not fixed. The percentile interval of the
// width is known to run below its level at these sizes; 0.88 is what is asked of it.
func TestCoverageIndependent(t *testing.T) {
	alpha := []float64{2, 2.5, 3, 3.5, 4}
	a, w := coverage(t, "finitesize test independent", 300, func(s *random.Source) []descent {
		return apart(s, 128, alpha, 60, 3.1, 0.4)
	}, 3.1, 0.4)
	t.Logf("coverage of alpha50 %.3f, of the width %.3f", a, w)
	if a < 0.895 || a > 0.993 || w < 0.88 {
		t.Errorf("coverage of alpha50 %.3f, of the width %.3f", a, w)
	}
}

// Seeds shared by all α and starts that share their instance: the interval must
// see that there are only as many independent outcomes as seeds. The same data
// with the seeds renamed at each α, so that each is resampled on its own, show
// what it would be to overlook that.
func TestCoverageShared(t *testing.T) {
	alpha := []float64{2, 2.5, 3, 3.5, 4}
	shared := func(s *random.Source) []descent { return draw(s, 128, alpha, 80, 2, 3.1, 0.4) }
	a, w := coverage(t, "finitesize test shared", 300, shared, 3.1, 0.4)
	t.Logf("coverage of alpha50 %.3f, of the width %.3f", a, w)
	if a < 0.895 || a > 0.993 || w < 0.88 {
		t.Errorf("coverage of alpha50 %.3f, of the width %.3f", a, w)
	}
	overlooked, _ := coverage(t, "finitesize test shared", 300, func(s *random.Source) []descent {
		rows := shared(s)
		for i := range rows {
			rows[i].Seed += int64(1e6 * rows[i].Alpha)
		}
		return rows
	}, 3.1, 0.4)
	t.Logf("coverage of alpha50 %.3f with α apart", overlooked)
	if overlooked > 0.88 {
		t.Errorf("the data do not tell the two ways of resampling apart: coverage %.3f", overlooked)
	}
}

// Rates on instances whose chances differ, four starts each: the interval of p
// covers its mean. Same bounds as above but 2000 experiments, standard error
// 0.005; 0.93 leaves room for the noise of n_eff, without which plain Wilson
// covers 0.80.
func TestCoverageRate(t *testing.T) {
	const runs, seeds, starts = 2000, 60, 4
	plain, clustered := 0.0, 0.0
	for i := range runs {
		stream := random.New("finitesize test rate", 1, int64(i))
		clusters := make([]confidence.Cluster, seeds)
		r := 0.0
		for k := range clusters {
			chance := stream.Uniform() // mean 1/2
			for range starts {
				clusters[k].Trials++
				if stream.Uniform() < chance {
					clusters[k].Successes++
					r++
				}
			}
		}
		p := r / (seeds * starts)
		if lo, hi := level.Wilson(p, seeds*starts); lo <= 0.5 && 0.5 <= hi {
			plain += 1. / runs
		}
		if lo, hi := level.Wilson(p, confidence.Effective(clusters)); lo <= 0.5 && 0.5 <= hi {
			clustered += 1. / runs
		}
	}
	t.Logf("coverage %.3f, of plain Wilson %.3f", clustered, plain)
	if clustered < 0.93 || clustered > 0.97 || plain > 0.9 {
		t.Errorf("coverage %.3f, of plain Wilson %.3f", clustered, plain)
	}
}

// The artifact does not depend on how descents are cut into inputs, nor on the
// order of inputs and rows.
func TestOrder(t *testing.T) {
	stream := random.New("finitesize test order", 1, 0)
	var all []descent
	for _, n := range []int64{64, 128} {
		all = append(all, draw(stream, n, []float64{2, 3, 4}, 30, 2, 3, 0.5)...)
	}
	p := pipelinetest.Resolve[Params](t, Kind, map[string]any{"resamples": int64(99)})
	want := pipelinetest.Run[Row](t, Kind, p, pipelinetest.Input("descent/all", "descent", nil, all))
	if len(want) != 2 || want[0].N != 64 || want[1].N != 128 || !want[0].Identified {
		t.Fatalf("rows %+v", want)
	}
	mixed := slices.Clone(all)
	for i := range mixed {
		j := i + int(stream.Uniform()*float64(len(mixed)-i))
		mixed[i], mixed[j] = mixed[j], mixed[i]
	}
	got := pipelinetest.Run[Row](t, Kind, p, pipelinetest.Input("descent/b", "descent", nil, mixed[100:]),
		pipelinetest.Input("descent/a", "descent", nil, mixed[:100]))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	other := pipelinetest.Run[Row](t, Kind, map[string]any{"resamples": int64(99), "seed": int64(2)},
		pipelinetest.Input("descent/all", "descent", nil, all))
	if other[0].Alpha50 != want[0].Alpha50 || other[0].Alpha50Lo == want[0].Alpha50Lo &&
		other[0].WidthLo == want[0].WidthLo {
		t.Error("another seed must change the interval and not the fit")
	}
}

// count makes n descents of one outcome, each on a seed of its own.
func count(alpha float64, outcome string, n int) []descent {
	var out []descent
	for range n {
		out = append(out, descent{Seed: int64(len(out)), N: 32, Alpha: alpha, AlphaAsked: alpha, Loss: "ell",
			A: 1, Method: "flow", Outcome: outcome})
	}
	return out
}

// join renumbers seeds so that no descent occurs twice.
func join(parts ...[]descent) []descent {
	var out []descent
	for _, p := range parts {
		out = append(out, p...)
	}
	for i := range out {
		out[i].Seed = int64(i)
	}
	return out
}

func TestOutcomes(t *testing.T) {
	p := pipelinetest.Resolve[Params](t, Kind, nil)
	descents := join(
		count(2, "recovered", 3), count(2, "trapped", 4), count(2, "diverged", 2), count(2, "unresolved", 5),
		count(1, "unresolved", 6))
	descents[3].AlphaAsked = 1.98 // rounded to 2, as at N = 32
	rows := pipelinetest.Run[Row](t, Kind, p, pipelinetest.Input("descent/x", "descent", nil, descents))
	pts := rows[0].Points
	if len(pts) != 2 || pts[0].Alpha != 1 || pts[1].Alpha != 2 {
		t.Fatalf("points %+v", pts)
	}
	if got := pts[0]; got.Trials != 0 || got.Unresolved != 6 || !math.IsNaN(got.P) || got.Lo != 0 || got.Hi != 1 {
		t.Errorf("only unresolved: %+v", got)
	}
	lo, hi := level.Wilson(3./9, 9)
	want := Point{Alpha: 2, AlphaAsked: 1.98, Trials: 9, Recovered: 3, Trapped: 4, Unresolved: 5, Diverged: 2,
		P: 3. / 9, Lo: lo, Hi: hi, Instances: 9, Effective: 9}
	if pts[1] != want {
		t.Errorf("got %+v, want %+v", pts[1], want)
	}
	if rows[0].Identified || rows[0].Reason != "only one α has resolved descents" {
		t.Errorf("%+v", rows[0])
	}
}

func TestNotIdentified(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []descent
		want string
	}{
		{name: "only unresolved", rows: join(count(1, "unresolved", 5), count(2, "unresolved", 5)),
			want: "no descent was resolved"},
		{name: "separable", rows: join(count(1, "trapped", 5), count(2, "recovered", 5)), want: "separated"},
		{name: "outside", rows: join(count(1, "trapped", 9), count(1, "recovered", 1), count(2, "trapped", 7),
			count(2, "recovered", 3)), want: "outside"},
		// The slope is zero but for rounding, which decides between two reasons.
		{name: "flat", rows: join(count(1, "trapped", 9), count(1, "recovered", 1), count(2, "trapped", 9),
			count(2, "recovered", 1)), want: ""},
	} {
		r := pipelinetest.Run[Row](t, Kind, nil, pipelinetest.Input("descent/x", "descent", nil, c.rows))[0]
		if r.Identified || r.Reason == "" || !strings.Contains(r.Reason, c.want) || r.Resamples != 0 {
			t.Errorf("%s: %+v", c.name, r)
		}
		for _, x := range []float64{r.Alpha50, r.Alpha50Lo, r.Alpha50Hi, r.Width, r.WidthLo, r.WidthHi} {
			if !math.IsNaN(x) {
				t.Errorf("%s: a number without a fit, %+v", c.name, r)
			}
		}
	}
}

// Few trials on a steep curve: many resamples are separated. They are counted,
// and widen the interval to their range instead of leaving it.
func TestUnidentifiedResamples(t *testing.T) {
	rows := join(count(1, "trapped", 9), count(1, "recovered", 1), count(2, "trapped", 1), count(2, "recovered", 9))
	r := pipelinetest.Run[Row](t, Kind, nil, pipelinetest.Input("descent/x", "descent", nil, rows))[0]
	// Either α keeps one outcome only with probability 0.9¹⁰ = 0.349: at least one
	// does in a fraction 0.576, and the count has a standard deviation of 16.
	if !r.Identified || r.Unidentified < 496 || r.Unidentified > 656 {
		t.Fatalf("%+v", r)
	}
	if r.WidthLo != 0 || r.Alpha50Lo > 1 || r.Alpha50Hi < 2 {
		t.Errorf("separated resamples were left out: %+v", r)
	}
}

func TestErrors(t *testing.T) {
	ok := count(2, "recovered", 3)
	change := func(f func(*descent)) []descent {
		rows := slices.Clone(ok)
		for i := range rows {
			rows[i].Seed += 100
			f(&rows[i])
		}
		return rows
	}
	for want, rows := range map[string][]descent{
		"loss":              change(func(d *descent) { d.Loss = "plain" }),
		"a = 2":             change(func(d *descent) { d.A = 2 }),
		"method gd":         change(func(d *descent) { d.Method = "gd" }),
		"starts hessian":    change(func(d *descent) { d.From = "hessian" }),
		"unknown outcome":   change(func(d *descent) { d.Outcome = "lost" }),
		"both hold":         ok,
		"no size and ratio": change(func(d *descent) { d.Alpha = math.NaN() }),
		"N = 0":             change(func(d *descent) { d.N = 0 }),
	} {
		_, err := pipelinetest.Compute(t.Context(), Kind, nil, pipelinetest.Input("descent/one", "descent", nil, ok),
			pipelinetest.Input("descent/two", "descent", nil, rows))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "descent/two") {
			t.Errorf("%s: error %v", want, err)
		}
	}
	if _, err := pipelinetest.Compute(t.Context(), Kind, nil,
		pipelinetest.Input[descent]("descent/none", "descent", nil, nil)); err == nil {
		t.Error("no descents are no error")
	}
	for _, v := range []map[string]any{
		{"confidence": 1.0}, {"confidence": -0.5}, {"resamples": int64(38)}, {"resamples": int64(-1)},
	} {
		if _, err := Kind.Resolve(v); err == nil {
			t.Errorf("%v is valid", v)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	var rows []descent
	stream := random.New("finitesize bench", 1, 0)
	alpha := []float64{2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 3.75, 4, 4.25}
	rows = draw(stream, 128, alpha, 1000, 1, 3.1, 0.4)
	for b.Loop() {
		table, err := artifact.New(rows)
		if err != nil {
			b.Fatal(err)
		}
		in := pipeline.Input{Stage: "x", Kind: "descent", Open: func() (*artifact.Table, error) { return table, nil }}
		if _, err := run(context.Background(), Params{confidence.Bootstrap{Level: level, Resamples: 1000, Seed: 1}},
			pipeline.Inputs{in}); err != nil {
			b.Fatal(fmt.Errorf("bench: %w", err))
		}
	}
}
