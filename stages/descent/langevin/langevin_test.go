package langevin_test

import (
	"flag"
	"math"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	"zerotohero/stages/descent/langevin"
	"zerotohero/stages/outcome"
)

var long = flag.Bool("long", false, "a hundred times the steps in comparisons with Gibbs averages")

// At T = 0 it is gradient descent, to the bit.
func TestNoTemperature(t *testing.T) {
	in := descenttest.Instances(t, 12, 3, 1, 2)
	values := map[string]any{"method": "gd", "max_time": 3.0}
	want := pipelinetest.Run[descent.Descent](t, descent.Kind, values, in)
	values["method"], values["temperature"] = "langevin", 0.0
	for i, got := range pipelinetest.Run[descent.Descent](t, descent.Kind, values, in) {
		if !slices.Equal(got.Student, want[i].Student) || !slices.Equal(got.Trace, want[i].Trace) {
			t.Errorf("seed %d: L/N = %v at t = %v, and by gd %v at %v", got.Seed, got.Energy, got.T, want[i].Energy,
				want[i].T)
		}
	}
}

// gibbs is the mean of f over the states of a descent at constant temperature, with its
// standard error, from the means of 50 blocks.
func gibbs(t *testing.T, p langevin.Params, evaluate func(*descent.Evaluation), w []float64, steps int,
	f func(e *descent.Evaluation) float64) (mean, se float64) {
	t.Helper()
	m, err := langevin.New(p)
	if err != nil {
		t.Fatal(err)
	}
	if *long {
		steps *= 100
	}
	const blocks = 50
	var sums [blocks]float64
	k := 0
	descenttest.Drive(t, m, evaluate, w, steps, func(_ float64, e *descent.Evaluation) {
		sums[k*blocks/steps] += f(e) * blocks / float64(steps)
		k++
	})
	for _, s := range sums {
		mean += s / blocks
	}
	for _, s := range sums {
		se += (s - mean) * (s - mean) / blocks / (blocks - 1)
	}
	return mean, math.Sqrt(se)
}

// The stationary law is exp(−L/T): averages of L over a long run against integrals over the
// circle (N = 2) of the loss of an instance with five measurements. Within 4 standard errors
// (a chance of 1e-4 each to fail) and 1e-2 of the mean for the steps, whose error is of
// their order.
func TestStationaryLaw(t *testing.T) {
	const n, m = 2, 5
	s := descenttest.NewSample(n, m, 3)
	problem := s.Problem(t, descenttest.Ell(t, 1))
	evaluate := func(e *descent.Evaluation) {
		if err := problem.Evaluate(e); err != nil {
			t.Fatal(err)
		}
	}
	energy := func(e *descent.Evaluation) float64 { return e.Energy * n }
	for _, temperature := range []float64{0.3, 1, 5} {
		const points = 2000
		var weight, want float64
		at := descent.NewEvaluation(n)
		for k := range points {
			phi := 2 * math.Pi * float64(k) / points
			at.W[0], at.W[1] = math.Sqrt2*math.Cos(phi), math.Sqrt2*math.Sin(phi)
			evaluate(at)
			p := math.Exp(-energy(at) / temperature)
			weight, want = weight+p, want+p*energy(at)
		}
		want /= weight
		got, se := gibbs(t, langevin.Params{Eta: 0.002, Temperature: temperature, Seed: 1}, evaluate, s.W,
			400_000, energy)
		if math.Abs(got-want) > 4*se+1e-2*want || se > 0.1*want {
			t.Errorf("T = %v: mean loss %v ± %v, want %v", temperature, got, se, want)
		}
	}
}

// The same for a quadratic in three dimensions, against an integral over the sphere: in
// cos θ and φ, E w_1² for L = ½ Σ λ_j w_j².
func TestStationaryLawOnSphere(t *testing.T) {
	q := descenttest.Quadratic{1, 2, 4}
	const temperature, points = 1.5, 400
	var weight, want float64
	for i := range points {
		z := 2*(float64(i)+0.5)/points - 1
		for k := range points {
			phi := 2 * math.Pi * float64(k) / points
			x, y := math.Sqrt(1-z*z)*math.Cos(phi), math.Sqrt(1-z*z)*math.Sin(phi)
			p := math.Exp(-3 * (q[0]*x*x + q[1]*y*y + q[2]*z*z) / 2 / temperature)
			weight, want = weight+p, want+p*3*x*x
		}
	}
	want /= weight
	got, se := gibbs(t, langevin.Params{Eta: 0.004, Temperature: temperature, Seed: 2}, q.Evaluate, []float64{1, 1, 1},
		400_000, func(e *descent.Evaluation) float64 { return e.W[0] * e.W[0] })
	if math.Abs(got-want) > 4*se+1e-2*want || se > 0.05*want {
		t.Errorf("mean of w_1² is %v ± %v, want %v", got, se, want)
	}
}

// The temperature falls to 0 at the time until, and flow goes on to a trap or to recovery;
// the seed decides where. At a constant temperature there is no end but that of the budget or recovery.
func TestUntil(t *testing.T) {
	in := descenttest.Instances(t, 24, 2, 1, 2)
	run := func(seed, until any) []descent.Descent {
		return pipelinetest.Run[descent.Descent](t, descent.Kind, map[string]any{"method": "langevin", "until": until,
			"temperature": 0.5, "seed": seed, "budget": int64(5000)}, in)
	}
	one, other := run(int64(1), 2.0), run(int64(2), 2.0)
	again := run(int64(1), 2.0)
	for i, d := range one {
		if d.Outcome != outcome.Recovered && d.Outcome != outcome.Trapped || !(d.T > 2) {
			t.Errorf("seed %d: %s at t = %v", d.Seed, d.Outcome, d.T)
		}
		if !slices.Equal(d.Student, again[i].Student) || slices.Equal(d.Trace, other[i].Trace) {
			t.Errorf("seed %d: the noise is not that of its seed", d.Seed)
		}
	}
	for _, d := range run(int64(1), 0.0) {
		if d.Outcome != outcome.Recovered && (d.Outcome != outcome.Unresolved || d.Evaluations != 5000) {
			t.Errorf("seed %d: %s after %d evaluations", d.Seed, d.Outcome, d.Evaluations)
		}
	}
}

func TestParamErrors(t *testing.T) {
	for _, c := range []struct {
		param string
		value float64
	}{{"temperature", -0.1}, {"temperature", math.NaN()}, {"temperature", math.Inf(1)}, {"eta", 0}, {"until", -1},
		{"tol", 2}} {
		_, err := descent.Kind.Resolve(map[string]any{"method": "langevin", c.param: c.value})
		if err == nil || !strings.HasPrefix(err.Error(), c.param+": ") {
			t.Errorf("%s = %v: %v", c.param, c.value, err)
		}
	}
}
