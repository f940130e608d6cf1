package curvature

import (
	"math"
	"strings"
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/pipeline"
	"zerotohero/stages/landscape"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "curvature", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "curvature", nil, "inputs")
}

// good has three descents that end trapped and two that recover.
func good() pipeline.Inputs {
	var circles []circleRow
	for seed, overlap := range []float64{0.3, 0.3, 0.3, 1, 1} {
		circles = append(circles, circlesOf(int64(seed), 0.1+0.1*float64(seed), overlap)...)
	}
	return pipeline.Inputs{figurestest.Stage("landscape", "circles", circles...)}
}

// circlesOf is a descent with a softest direction of overlap q2 at the start.
func circlesOf(seed int64, q2, overlap float64) (out []circleRow) {
	for k, t := range []float64{0, 1, 1e9} {
		for _, direction := range []string{"softest", "signal"} {
			c := circleRow{Seed: seed, N: 30, M: 90, AlphaAsked: 3, Loss: "ell", A: 1, From: "random", T: t,
				Reached: min(t, 50),
				Overlap: []float64{0.1, 0.2, overlap}[k], Direction: direction, Q2: []float64{q2, q2 / 2, 0.01}[k],
				Curvature: float64(2*k - 1)}
			for i := -4; i <= 4; i++ {
				x := math.Pi / 8 * float64(i)
				c.Angles, c.Energies = append(c.Angles, x), append(c.Energies, 1+c.Curvature*(1-math.Cos(x)))
			}
			if direction == "softest" || overlap < 1 || k < 2 {
				out = append(out, c)
			}
		}
	}
	return out
}

// The descent shown is the median one of its outcome.
func TestTypicalWalk(t *testing.T) {
	d, err := figure(good())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(d.Caption, "trapped (seed 1, of 3 such) and one that ended recovered (seed 3, of 2 such)") {
		t.Error(d.Caption)
	}
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[circleRow, landscape.Row](t)
}

func TestPartialDataIsDrawn(t *testing.T) {
	figurestest.Drawn(t, "curvature", pipeline.Inputs{figurestest.Stage("landscape", "circles",
		circlesOf(1, 0.2, 1)...)})
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	of := func(change func(*circleRow), overlaps ...float64) pipeline.Inputs {
		var circles []circleRow
		for seed, overlap := range overlaps {
			for _, c := range circlesOf(int64(seed), 0.1, overlap) {
				change(&c)
				circles = append(circles, c)
			}
		}
		return pipeline.Inputs{figurestest.Stage("landscape", "circles", circles...)}
	}
	as := func(*circleRow) {}
	for _, c := range []struct {
		what  string
		in    pipeline.Inputs
		words []string
	}{
		{"all recovered", of(as, 1, 1, 1), []string{"Descents that ended trapped: none"}},
		{"none recovered", of(as, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3), []string{"Descents that ended recovered: none"}},
		{"one seed", of(as, 0.3), []string{"over the 1 trapped descent",
			"none (1 value cannot bound a median) at t = 0"}},
		{"always in the signal", of(func(c *circleRow) { c.Overlap, c.Q2 = 1, math.NaN() }, 1, 1),
			[]string{"trapped: none"}},
		{"one time", of(func(c *circleRow) { c.T = 0; c.Seed = 10*c.Seed + int64(c.Curvature) }, 0.3), nil},
	} {
		t.Run(c.what, func(t *testing.T) { figurestest.Nones(t, "curvature", c.in, c.words...) })
	}
	_, n := figurestest.Described(t, "curvature", of(as, 1, 1, 1, 1, 1, 1))
	if n["q2-trapped-t=0"].None == "" || n["q2-recovered-t=0"].None != "" || n["q2-recovered-t=1000000000"].None == "" {
		t.Errorf("%+v", n)
	}
}

func TestUnusableInputIsAnError(t *testing.T) {
	twice := circlesOf(0, 0.1, 0.3)
	figurestest.Refused(t, "curvature", append(good(), figurestest.Stage("landscape", "circles/twice", twice...)),
		"circles")
	figurestest.Refused(t, "curvature", pipeline.Inputs{figurestest.Stage("landscape", "circles/odd", twice[1])},
		"circles/odd")
}
