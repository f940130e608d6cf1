package kick_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	"zerotohero/stages/instance"
	"zerotohero/stages/outcome"
)

const testN = 16

func follow(t *testing.T, values map[string]any) []descent.Descent {
	t.Helper()
	return pipelinetest.Run[descent.Descent](t, descent.Kind, values, descenttest.Instances(t, testN, 3, 1, 4))
}

// A kick that would come after the end of a descent leaves it what flow makes it, to the bit.
func TestKickBeyondTheEnd(t *testing.T) {
	want := follow(t, map[string]any{"method": "flow"})
	for i, got := range follow(t, map[string]any{"method": "kick", "t_kick": 1e9}) {
		if got.Outcome != want[i].Outcome || !slices.Equal(got.Student, want[i].Student) ||
			!slices.Equal(got.Trace, want[i].Trace) || got.Evaluations != want[i].Evaluations {
			t.Errorf("seed %d: %s at t = %v, and by flow %s at %v", got.Seed, got.Outcome, got.T, want[i].Outcome,
				want[i].T)
		}
	}
}

// softest is the lowest eigenvector of the spherical Hessian of ℓ_1 at w, by a dense solver, with
// the sign that makes the loss fall along it.
func softest(t *testing.T, inst instance.Instance, w []float64) []float64 {
	t.Helper()
	x, err := inst.X(nil)
	if err != nil {
		t.Fatal(err)
	}
	h, mu, g := mat.NewSymDense(testN, nil), 0.0, make([]float64, testN)
	for i, y := range inst.Y {
		row, yhat := x[i*testN:][:testN], 0.0
		for j, v := range row {
			yhat += float64(v) * w[j] / math.Sqrt(testN)
		}
		d1, d2 := 2*yhat*(yhat*yhat-y*y)/(1+y*y), (6*yhat*yhat-2*y*y)/(1+y*y)
		mu += d1 * yhat / testN
		for j := range testN {
			g[j] += d1 * float64(row[j])
			for k := range j + 1 {
				h.SetSym(j, k, h.At(j, k)+d2*float64(row[j])*float64(row[k])/testN)
			}
		}
	}
	p := mat.NewDense(testN, testN, nil)
	for j := range testN {
		h.SetSym(j, j, h.At(j, j)-mu)
		for k := range testN {
			p.Set(j, k, -w[j]*w[k]/testN)
		}
		p.Set(j, j, 1-w[j]*w[j]/testN)
	}
	var projected mat.Dense
	projected.Product(p, h, p)
	sym := mat.NewSymDense(testN, nil)
	for j := range testN {
		for k := range j + 1 {
			// the direction of w is lifted above all others
			sym.SetSym(j, k, (projected.At(j, k)+projected.At(k, j))/2+1e3*w[j]*w[k]/testN)
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, true) {
		t.Fatal("no eigenvectors")
	}
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	v := mat.Col(nil, 0, &vectors)
	if floats.Dot(g, v) > 0 { // v is orthogonal to w
		floats.Scale(-1, v)
	}
	return v
}

// The step is along the softest eigenvector, downhill, of the length asked for: the point
// behind it, where a descent of no further time is, against a dense eigensolver. The angle
// that Lanczos is asked for is 1e-4.
func TestStep(t *testing.T) {
	rows := pipelinetest.Rows[instance.Instance](t, descenttest.Instances(t, testN, 3, 1, 4))
	for _, at := range []float64{0, 0.3} {
		flow := map[string]any{"method": "flow", "max_time": at}
		if at == 0 {
			flow = map[string]any{"method": "flow", "budget": int64(1)}
		}
		before := follow(t, flow)
		// The step and what is needed for it come before flow has made another state.
		kicked := follow(t, map[string]any{"method": "kick", "t_kick": at, "length": 0.7, "max_time": at + 1e-9})
		for i, b := range before {
			w, v := b.Student, softest(t, rows[i], b.Student)
			after := kicked[i].Student
			want := make([]float64, testN)
			for j := range want {
				want[j] = w[j] + 0.7*math.Sqrt(testN)*v[j]
			}
			descent.ToSphere(want, testN)
			if d := descenttest.Distance(after, want); d > 1e-3 {
				t.Errorf("t = %v, seed %d: %v off what the dense solver gives", at, b.Seed, d)
			}
		}
	}
}

// After it flow goes on to a trap or to recovery, and ends at max_time where that comes first; one of no
// length changes next to nothing. A budget that ends in the search is no harm.
func TestAfterwards(t *testing.T) {
	for _, d := range follow(t, map[string]any{"method": "kick", "t_kick": 0.5}) {
		if d.Outcome != outcome.Recovered && d.Outcome != outcome.Trapped {
			t.Errorf("seed %d: %s", d.Seed, d.Outcome)
		}
		times := 0
		for i, r := range d.Trace {
			if i > 0 && r.T < d.Trace[i-1].T {
				t.Errorf("seed %d: time runs back in the trace, to %v", d.Seed, r.T)
			}
			if r.T > 0.5 {
				times++
			}
		}
		if times < 3 {
			t.Errorf("seed %d: %d records after the kick", d.Seed, times)
		}
	}
	want := follow(t, map[string]any{"method": "flow", "max_time": 2.0, "tol": 1e-6})
	for i, d := range follow(t, map[string]any{"method": "kick", "t_kick": 0.5, "length": 0.0, "max_time": 2.0,
		"tol": 1e-6}) {
		if d.T != 2 || descenttest.Distance(d.Student, want[i].Student) > 1e-4 {
			t.Errorf("seed %d: without length it is %v off flow, at t = %v", d.Seed,
				descenttest.Distance(d.Student, want[i].Student), d.T)
		}
	}
	for _, d := range follow(t, map[string]any{"method": "kick", "budget": int64(5)}) {
		if d.Outcome != outcome.Unresolved || d.T != 0 || d.Evaluations != 5 {
			t.Errorf("seed %d: %s at t = %v", d.Seed, d.Outcome, d.T)
		}
	}
}

func TestParamErrors(t *testing.T) {
	for _, c := range []struct {
		param string
		value float64
	}{{"t_kick", -1}, {"t_kick", math.NaN()}, {"length", -1}, {"length", math.Inf(1)}, {"tol", 0}} {
		_, err := descent.Kind.Resolve(map[string]any{"method": "kick", c.param: c.value})
		if err == nil || !strings.HasPrefix(err.Error(), c.param+": ") {
			t.Errorf("%s = %v: %v", c.param, c.value, err)
		}
	}
}
