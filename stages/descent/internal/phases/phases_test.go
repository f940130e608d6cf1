package phases_test

import (
	"testing"

	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/descent/descenttest"
	"zerotohero/stages/descent/flow"
	"zerotohero/stages/descent/gd"
	"zerotohero/stages/descent/internal/phases"
	"zerotohero/stages/outcome"
)

// both is gradient descent with a step up to a time, and then flow.
func both(t *testing.T, eta, until float64) func() (descent.Method, error) {
	t.Helper()
	return func() (descent.Method, error) {
		first, err := gd.New(gd.Params{Eta: eta})
		if err != nil {
			return nil, err
		}
		return phases.Params{Until: until, Params: flow.Params{Tol: 1e-3}}.Then(first)
	}
}

// The second method takes over at the first state at that time or later, ends exactly at
// max_time, also where that is no sum of times, and before it takes over if that is earlier.
func TestTimes(t *testing.T) {
	s := descenttest.NewSample(12, 36, 4)
	for _, c := range []struct {
		eta, until, maxTime, want float64
		least, most               int64
	}{
		{0x1p-6, 0.5, 1.1, 1.1, 34, 120},
		{0x1p-6, 0.51, 0.7, 0.7, 34, 120},
		{0x1p-6, 2, 1, 1, 65, 65},
		{0x1p-6, 0, 1, 1, 65, 65},
		{0.1, 0.7, 0.9000000000000001, 0.9000000000000001, 9, 120},
		{0.3, 0.9, 1.7, 1.7, 4, 120},
	} {
		p := pipelinetest.Resolve[descent.Params](t, descent.Kind, map[string]any{"max_time": c.maxTime})
		got := s.Follow(t, descenttest.Ell(t, 1), p, both(t, c.eta, c.until))
		if got.T != c.want || got.Outcome != outcome.Unresolved || got.Evaluations < c.least || got.Evaluations > c.most {
			t.Errorf("%+v: ends at t = %v, %s after %d evaluations", c, got.T, got.Outcome, got.Evaluations)
		}
	}
}

// Both parts are the methods: flow of the same problem by itself differs by the error of
// gradient descent, which is small here, at all times.
func TestFollowsFlow(t *testing.T) {
	s := descenttest.NewSample(12, 36, 4)
	p := pipelinetest.Resolve[descent.Params](t, descent.Kind,
		map[string]any{"max_time": 3.0, "keep": []any{0.2, 0.5, 1.0, 3.0}})
	got := s.Follow(t, descenttest.Ell(t, 1), p, both(t, 0x1p-12, 0.5))
	want := s.Follow(t, descenttest.Ell(t, 1), p, func() (descent.Method, error) { return flow.New(flow.Params{Tol: 1e-5}) })
	for i, k := range want.Kept {
		if d := descenttest.Distance(got.Kept[i].Student, k.Student); d > 5e-3 || got.Kept[i].T != k.T {
			t.Errorf("at t = %v it is %v off flow", k.T, d)
		}
	}
}
