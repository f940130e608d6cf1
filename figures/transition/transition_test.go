package transition

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/spectral"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "transition", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "transition", nil, "inputs")
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[outlierRow, theory.OutlierRow](t)
	figurestest.Reads[estimateRow, spectral.Row](t)
}

func TestTransitionIsWhereTheoryHasIt(t *testing.T) {
	caption, n := figurestest.Described(t, "transition", good())
	// The grid of outlierOf brackets its transitions by 0.05 on either side.
	for key, want := range map[string]float64{"alpha-bbp-init-ell-a=1": 1.15, "alpha-bbp-init-ell-a=2": 1.65,
		"q2-jump-ell-a=2": 0.1 + 0.8*(1-1.65/1.7)} {
		if q, ok := n[key]; !ok || math.Abs(q.Value-want) > 1e-9 {
			t.Errorf("%s = %v, want %v", key, q.Value, want)
		}
	}
	if _, ok := n["q2-jump-ell-a=1"]; ok {
		t.Error("the continuous transition has a jump")
	}
	if !strings.Contains(caption, "8 instances") || !strings.Contains(caption, "jumps to") {
		t.Error(caption)
	}
}

func TestOverlapIsAveragedOverInstances(t *testing.T) {
	row := func(seed int64, q2 float64) estimateRow {
		return estimateRow{Seed: seed, N: 100, M: 200, AlphaAsked: 2, Loss: "ell", A: 1, Estimator: "hessian", Q2: q2}
	}
	panels, err := overlapPanels(pipeline.Inputs{
		figurestest.Stage("theory-outlier", "outlier", outlierOf(1, 1.15)),
		figurestest.Stage("spectral", "spectral/1", row(1, 0.1), row(2, 0.5)),
		figurestest.Stage("spectral", "spectral/2", row(1, 0.3), row(3, 0.8)),
	})
	if err != nil || len(panels[0].measured) != 1 {
		t.Fatal(err)
	}
	// Instances 0.2, 0.5, 0.8: variance 0.09, so that the error is 0.3/√3; percentile
	// 16 lies 0.32 of a step above the least.
	m := panels[0].measured[0]
	for i, d := range []float64{m.mean - 0.5, m.err - 0.3/math.Sqrt(3), m.least - 0.296, m.most - 0.704,
		panels[0].Last.Theory.Value - (1 - 1.15/2)} {
		if math.Abs(d) > 1e-9 {
			t.Errorf("value %d is off by %g: %+v", i, d, m)
		}
	}
	if m.instances != 3 {
		t.Errorf("%d instances", m.instances)
	}
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	row := func(q2 float64) estimateRow {
		return estimateRow{Seed: 1, N: 100, M: 200, AlphaAsked: 2, Loss: "ell", A: 1, Estimator: "hessian", Q2: q2}
	}
	of := func(at float64, rows ...estimateRow) pipeline.Inputs {
		return pipeline.Inputs{figurestest.Stage("theory-outlier", "outlier", outlierOf(1, at)),
			figurestest.Stage("spectral", "spectral/1", rows...)}
	}
	far := row(0.1)
	far.M = 2000
	for _, c := range []struct {
		what  string
		in    pipeline.Inputs
		words []string
	}{
		{"below every transition", of(99, row(0.01)), []string{"is none (there is no outlier at any α computed)"}},
		{"no overlap at all", of(99, row(0)), []string{"is none", "the mean is 0, in theory 0"}},
		{"above every transition", of(0.1, row(0.01)),
			[]string{"is none (the outlier is there from the least α computed)"}},
		{"one seed", of(1.15, row(0.2)), []string{"of one instance, whose error is unknown"}},
		{"beyond the theory", of(1.15, far), nil},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "transition", c.in, c.words...) })
	}
	_, n := figurestest.Described(t, "transition", of(99, row(0.01)))
	if n["alpha-bbp-init-ell-a=1"].None == "" {
		t.Errorf("%+v", n)
	}
}

func TestTransitionRefuses(t *testing.T) {
	all := good()
	odd := estimateRow{Seed: 1, N: 10, M: 10, Loss: "ell", A: 1, Estimator: "hessian", Q2: 0.1}
	with := func(change func(*estimateRow)) pipeline.Inputs {
		r := odd
		change(&r)
		return append(pipeline.Inputs{figurestest.Stage("spectral", "spectral/odd", r)}, all...)
	}
	figurestest.Refused(t, "transition", with(func(r *estimateRow) { r.Estimator = "optimal" }), "optimal")
	figurestest.Refused(t, "transition", with(func(r *estimateRow) { r.A = 7 }), "spectral/odd")
	figurestest.Refused(t, "transition", with(func(r *estimateRow) { r.Q2 = math.NaN() }), "spectral/odd")
	figurestest.Refused(t, "transition", append(pipeline.Inputs{all[0]}, all...), "outlier/a=2")
	figurestest.Refused(t, "transition", all[:2], "spectral")
	short := outlierOf(1, 1)
	short.Q2 = short.Q2[1:]
	figurestest.Refused(t, "transition",
		append(pipeline.Inputs{figurestest.Stage("theory-outlier", "outlier/short", short)}, all[2:]...),
		"outlier/short")
	if _, err := figurestest.Render("transition", pipeline.Inputs{all[1], all[2]}); err != nil {
		t.Errorf("one loss: %v", err)
	}
}

func TestInterpolate(t *testing.T) {
	xs, ys := []float64{1, 2, 4}, []float64{10, 20, 0}
	got := fmt.Sprint(interpolate(xs, ys, 1), interpolate(xs, ys, 1.5), interpolate(xs, ys, 3), interpolate(xs, ys, 4),
		interpolate(xs, ys, 0.9), interpolate(xs, ys, 4.1))
	if got != "10 15 10 0 NaN NaN" {
		t.Error(got)
	}
}
