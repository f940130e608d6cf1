package flowvsgd

import (
	"math"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "flow-vs-gd", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "flow-vs-gd", nil, "inputs")
}

// good has eight pairs at α = 2 and four at α = 4, where one descent is without a partner.
func good() pipeline.Inputs {
	of := figurestest.OutcomesOf
	return pipeline.Inputs{
		figurestest.Stage("descent", "flow/2", of("flow", 80, 100, "rrttrttu")...),
		figurestest.Stage("descent", "gd/2", of("gd", 80, 1000, "rrttrrtt")...),
		figurestest.Stage("descent", "flow/4", of("flow", 160, 100, "rrrr")...),
		figurestest.Stage("descent", "gd/4", append(of("gd", 160, 1000, "rrrt"),
			figurestest.PathOf(99, 40, 160, "trapped", "gd", 5))...),
	}
}

func TestSignTest(t *testing.T) {
	for _, c := range []struct {
		a, b int64
		want float64
	}{{0, 0, 1}, {0, 5, 2. / 32}, {9, 1, 22. / 1024}, {3, 3, 1}} {
		if got := signTest(c.a, c.b); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%d against %d: p = %g, want %g", c.a, c.b, got, c.want)
		}
	}
	// The approximation for many beside the exact sum for not so many.
	if exact, many := signTest(460, 540), math.Erfc(79/math.Sqrt(2000)); math.Abs(exact/many-1) > 0.01 {
		t.Errorf("p = %g, by the normal law %g", exact, many)
	}
}

func TestNumbers(t *testing.T) {
	_, n := figurestest.Described(t, "flow-vs-gd", good())
	nan := math.NaN()
	figurestest.Near(t, n["recovered-flow-alpha=4"], 1, 0.5101, 1)
	figurestest.Near(t, n["pairs-flow-recovers-gd-fails"], 1, nan, nan)
	figurestest.Near(t, n["pairs-flow-fails-gd-recovers"], 1, nan, nan)
	figurestest.Near(t, n["pairs-flow-recovers-gd-recovers"], 6, nan, nan)
	figurestest.Near(t, n["sign-test"], 1, nan, nan)
	// Medians of (1000+i)/(100+i) over the six instances recovered by both.
	figurestest.Near(t, n["ratio-recovered"], 1001./101, 1004./104, 10)
}

func TestPartialDataIsDrawn(t *testing.T) {
	figurestest.Drawn(t, "flow-vs-gd", good()[:2])
	figurestest.Drawn(t, "flow-vs-gd", pipeline.Inputs{
		figurestest.Stage("descent", "flow", figurestest.OutcomesOf("flow", 80, 100, "rtu")...),
		figurestest.Stage("descent", "gd", figurestest.OutcomesOf("gd", 80, 100, "uuu")...),
	})
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	of := func(flow, gd string, evaluations int64) pipeline.Inputs {
		return pipeline.Inputs{
			figurestest.Stage("descent", "flow", figurestest.OutcomesOf("flow", 80, evaluations, flow)...),
			figurestest.Stage("descent", "gd", figurestest.OutcomesOf("gd", 80, evaluations, gd)...),
		}
	}
	diverged := figurestest.OutcomesOf("gd", 80, 100, "uuu")
	for i := range diverged {
		diverged[i].Outcome = "diverged"
	}
	for _, c := range []struct {
		what  string
		in    pipeline.Inputs
		words []string
	}{
		{"all unresolved", of("uuu", "uuu", 100), []string{"on which they agree is none (no pair is resolved by both)",
			"evaluations: none"}},
		{"all recovered", of("rrrrrr", "rrrrrr", 100), []string{"Both recover 6 instances"}},
		{"none recovered", of("tttttt", "tttttt", 100), []string{"neither 6"}},
		{"one seed", of("r", "t", 100), []string{"evaluations: none"}},
		{"no evaluations", of("r", "r", 0), []string{"evaluations: none"}},
		{"diverged", pipeline.Inputs{figurestest.Stage("descent", "flow",
			figurestest.OutcomesOf("flow", 80, 100, "uuu")...), figurestest.Stage("descent", "gd", diverged...)},
			[]string{"is none (no pair", "evaluations: none"}},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "flow-vs-gd", c.in, c.words...) })
	}
	_, n := figurestest.Described(t, "flow-vs-gd", of("uuu", "uuu", 100))
	for _, name := range []string{"recovered-flow-alpha=2", "agree", "sign-test", "ratio-trapped"} {
		if n[name].None == "" {
			t.Errorf("%s is %+v", name, n[name])
		}
	}
}

func TestUnusableInputIsAnError(t *testing.T) {
	all := good()
	figurestest.Refused(t, "flow-vs-gd", all[:1], "flow/2")
	figurestest.Refused(t, "flow-vs-gd", append(all[:1:1], all...), "flow/2")
	figurestest.Refused(t, "flow-vs-gd",
		append(all[1:], figurestest.Stage("descent", "newton", figurestest.OutcomesOf("newton", 80, 1, "r")...)),
		"newton")
}
