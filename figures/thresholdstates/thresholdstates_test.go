package thresholdstates

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/spectrum"
	"zerotohero/pipeline"
	"zerotohero/stages/dynamics"
	"zerotohero/stages/hessian"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "threshold-states", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "threshold-states", nil, "inputs")
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[spectrum.Theory, theory.DensityRow](t)
	figurestest.Reads[trappedRow, dynamics.Row](t)
	figurestest.Reads[spectrum.Measured, hessian.Row](t)
}

func TestThresholdStatesAreThoseOfTheTheorysAlpha(t *testing.T) {
	in := good()
	larger := trappedOf(90, 7)
	larger.Trapped.Energy, larger.Labels[1].Distance = 1.5, 0.5
	in = append(in, figurestest.Stage("dynamics", "dynamics/7,larger", larger))
	caption, n := figurestest.Described(t, "threshold-states", in)
	if n["energy-trapped"].Value != 1.5 || n["kolmogorov-yhat-y=1.5-Inf"].Value != 0.5 || n["d-1rsb"].Value != 0.2 {
		t.Errorf("not the largest N at alpha = 7: %+v", n)
	}
	if q := n["edge-trapped"]; q.Value != -0.1 || q.Lo != -0.2 || q.Hi != 0 {
		t.Errorf("%+v", q)
	}
	if !strings.Contains(caption, "4 trapped states, $N = 60$") ||
		!strings.Contains(caption, "12 descents on 6 instances") {
		t.Error(caption)
	}
}

func TestClassesAscend(t *testing.T) {
	r := trappedOf(60, 7)
	var got []string
	for _, l := range r.classes() {
		got = append(got, l.title())
	}
	if want := "[$|y| < 0.5$ $0.5 < |y| < 1.5$ $|y| > 1.5$]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	r.Labels = r.Labels[:1]
	if c := r.classes(); len(c) != 1 || c[0].title() != "all $y$" {
		t.Errorf("without ranges: %+v", c)
	}
}

func TestCoarserKeepsTheArea(t *testing.T) {
	area := func(l labelLaw) (sim, theory float64) {
		for i := range l.Simulation {
			w := l.Edges[i+1] - l.Edges[i]
			sim, theory = sim+w*l.Simulation[i], theory+w*l.Theory[i]
		}
		return sim, theory
	}
	l := labelOf("yhat", 0, 0.5, 80)
	c := l.coarser()
	s0, t0 := area(l)
	s1, t1 := area(c)
	// Sums of 80 numbers near 1/80: rounding stays below 1e-13.
	if len(c.Simulation) != 40 || len(c.Edges) != 41 || math.Abs(s1-s0) > 1e-13 || math.Abs(t1-t0) > 1e-13 {
		t.Errorf("%d bins, areas %g %g, were %g %g", len(c.Simulation), s1, t1, s0, t0)
	}
	if one := labelOf("yhat", 0, 0.5, 1).coarser(); len(one.Simulation) != 1 {
		t.Errorf("one bin became %d", len(one.Simulation))
	}
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	all, nan := good(), math.NaN()
	with := func(change func(*trappedRow)) pipeline.Inputs {
		r := trappedOf(60, 7)
		change(&r)
		return pipeline.Inputs{all[0], figurestest.Stage("dynamics", "dynamics/odd", r), all[3]}
	}
	for _, c := range []struct {
		what   string
		change func(*trappedRow)
		words  []string
	}{
		{"no trapped run", func(r *trappedRow) {
			r.Runs, r.Labels = 0, nil
			r.Trapped = trappedState{nan, nan, nan, nan, nan, nan, nan}
		}, []string{"0 descents on 6 instances", "Kolmogorov distance of the two laws: none (no descent ended trapped)",
			"edge at none", "D = none"}},
		{"no threshold state", func(r *trappedRow) {
			r.Labels, r.Threshold = nil, thresholdState{Energy: nan, D: nan}
		}, []string{"two laws: none (theory has no threshold state)", "threshold state by 1RSB: none"}},
		{"neither", func(r *trappedRow) {
			r.Runs, r.Labels, r.Threshold = 0, nil, thresholdState{Energy: nan, D: nan}
			r.Trapped = trappedState{nan, nan, nan, nan, nan, nan, nan}
		}, []string{"threshold state by 1RSB: none"}},
		{"a class without labels", func(r *trappedRow) {
			l := &r.Labels[1]
			l.Distance, l.Noise = nan, nan
			for i := range l.Simulation {
				l.Simulation[i] = nan
			}
		}, nil},
		{"one bin of noise", func(r *trappedRow) { r.Labels[0].Noise = nan }, nil},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "threshold-states", with(c.change), c.words...) })
	}
	_, n := figurestest.Described(t, "threshold-states", with(func(r *trappedRow) { r.Labels[1].Distance = nan }))
	if n["kolmogorov-yhat-y=1.5-Inf"].None == "" || n["kolmogorov-yhat-y=0-0.5"].None != "" {
		t.Errorf("%+v", n)
	}
}

func TestThresholdStatesRefuse(t *testing.T) {
	all := good()
	rng := rand.New(rand.NewPCG(7, 8))
	figurestest.Refused(t, "threshold-states", append(pipeline.Inputs{all[0]}, all...), "there are 2")
	figurestest.Refused(t, "threshold-states", pipeline.Inputs{all[0], all[1], all[3]}, "dynamics/6")
	figurestest.Refused(t, "threshold-states", pipeline.Inputs{all[0], all[2],
		figurestest.Stage("hessian", "hessian/start", trappedSpectraOf(rng, 60, 7, 0)...)}, "hessian/start")
	figurestest.Refused(t, "threshold-states",
		append(pipeline.Inputs{figurestest.Stage("hessian", "hessian/odd", trappedSpectraOf(rng, 40, 7, 1e6)...)},
			all...), "N = 40")
	wrong := trappedSpectraOf(rng, 60, 7, 1e6)
	wrong[0].Eigenvalues[3] = math.NaN()
	figurestest.Refused(t, "threshold-states",
		append(pipeline.Inputs{figurestest.Stage("hessian", "hessian/odd", wrong...)}, all...), "hessian/odd")
	few := trappedOf(60, 7)
	few.Labels = few.Labels[:1]
	if _, err := figurestest.Render("threshold-states", pipeline.Inputs{all[0],
		figurestest.Stage("dynamics", "dynamics/few", few), all[3]}); err != nil {
		t.Errorf("labels of all y only: %v", err)
	}
}
