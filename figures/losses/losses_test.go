package losses

import (
	"math"
	"strings"
	"testing"

	"zerotohero/figures/inputs"
	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/recovery"
	"zerotohero/pipeline"
	"zerotohero/stages/theory"
)

func TestSameBesideOthers(t *testing.T) {
	figurestest.SameBesideOthers(t, "losses", good())
}

func TestNeedsInputs(t *testing.T) {
	figurestest.Refused(t, "losses", nil, "inputs")
}

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[inputs.Transition, theory.TransitionRow](t)
}

func TestLossesKeepTheirOwnTransitions(t *testing.T) {
	in := append(good(),
		figurestest.Stage("theory-transition", "threshold/plain",
			figurestest.Transition{At: "threshold", Loss: "plain", Found: true, Alpha: 13.85, Edge: "sharp"}))
	plain := lossCurvesOf(1, 7, 128)
	plain[0].Loss, plain[0].A = "plain", 0
	plain[0].Points[0].Unresolved = 1
	in = append(in, figurestest.Stage("finitesize", "sizes/plain", plain...))
	c, err := read(in)
	if err != nil || len(c.Losses) != 3 || c.Method != "gradient flow" {
		t.Fatal(c, err)
	}
	all := c.Losses
	// figurestest.TransitionAt and ThresholdAt.
	if all[1].A != 3 || math.Abs(all[1].Init.Value-(1.1+math.Log(3)*math.Log(3)/10)) > 1e-12 ||
		math.Abs(all[1].Threshold.Value-(7+0.6*math.Log(3))) > 1e-12 {
		t.Errorf("%+v", all[1])
	}
	if all[2].Name != "plain" || all[2].Init.Known() || all[2].Threshold.Value != 13.85 {
		t.Errorf("%+v", all[2])
	}
	caption, n := figurestest.Described(t, "losses", in)
	if n["alpha-bbp-ts-plain"].Value != 13.85 || math.Abs(n["alpha50-N=64-ell-a=3"].Hi-3.8) > 1e-9 {
		t.Errorf("%+v", n)
	}
	if n["alpha50-N=256-ell-a=1"].None == "" || !strings.Contains(caption, "not identified at $N = 256$") ||
		!strings.Contains(caption, "1 of 2701 descents ran out of budget and is left out") {
		t.Error(caption)
	}
	if _, err := figurestest.Render("losses", in); err != nil {
		t.Error(err)
	}
}

// Losses that differ in a parameter that has no column of its own have panels, transitions and
// quantities of their own.
func TestSecondParameter(t *testing.T) {
	var in pipeline.Inputs
	for k, name := range []string{"power(b=1)", "power(b=0.5)"} {
		curve := lossCurvesOf(1, 3+float64(k), 64)
		curve[0].Loss = name
		in = append(in, figurestest.Stage("finitesize", "sizes/"+name, curve...),
			figurestest.Stage("theory-transition", "init/"+name, figurestest.Transition{At: "init", Loss: name, A: 1, Found: true,
				Alpha: 1 + float64(k), Edge: "sharp"}))
	}
	caption, n := figurestest.Described(t, "losses", in)
	for name, want := range map[string]float64{"alpha50-N=64-power-b=1-a=1": 3, "alpha50-N=64-power-b=0.5-a=1": 4,
		"alpha-bbp-init-power-b=1-a=1": 1, "alpha-bbp-init-power-b=0.5-a=1": 2} {
		if n[name].Value != want {
			t.Errorf("%s is %v, not %v", name, n[name].Value, want)
		}
	}
	for _, want := range []string{"power, $b = 1$, $a = 1$", "power, $b = 0.5$, $a = 1$"} {
		if !strings.Contains(caption, want) {
			t.Errorf("no %s in %s", want, caption)
		}
	}
}

// A statistic of an empty set is none.
func TestNones(t *testing.T) {
	nan := math.NaN()
	with := func(change func(c *recovery.Curve)) pipeline.Input {
		c := lossCurvesOf(1, 3, 64)[0]
		c.Identified, c.Alpha50, c.Alpha50Lo, c.Alpha50Hi, c.Width = false, nan, nan, nan, nan
		change(&c)
		return figurestest.Stage("finitesize", "sizes/odd", c)
	}
	rate := func(p float64) func(*recovery.Curve) {
		return func(c *recovery.Curve) {
			for i := range c.Points {
				c.Points[i].P, c.Points[i].Lo, c.Points[i].Hi = p, 0, 1
			}
		}
	}
	unresolved := func(c *recovery.Curve) {
		for i := range c.Points {
			c.Points[i] = recovery.Rate{Alpha: c.Points[i].Alpha, Unresolved: 50, P: nan, Lo: nan, Hi: nan}
		}
	}
	never := figurestest.Stage("theory-transition", "transition/none",
		figurestest.Transition{At: "init", Loss: "ell", A: 1})
	for what, in := range map[string]pipeline.Inputs{
		"all recovered":                {with(rate(1)), figurestest.TransitionAt(1)},
		"none recovered":               {with(rate(0)), figurestest.TransitionAt(1), figurestest.ThresholdAt(1)},
		"all unresolved":               {with(unresolved), figurestest.TransitionAt(1)},
		"unresolved and no transition": {with(unresolved), never},
		"one point and no transition":  {with(func(c *recovery.Curve) { c.Points = c.Points[:1] }), never},
	} {
		t.Run(what, func(t *testing.T) { figurestest.Nones(t, "losses", in, "α₅₀: none") })
	}
	_, n := figurestest.Described(t, "losses", pipeline.Inputs{with(unresolved), never})
	for name, q := range n {
		if q.None == "" {
			t.Errorf("%s is %+v", name, q)
		}
	}
}

func TestLossesRefuse(t *testing.T) {
	all := good()
	figurestest.Refused(t, "losses", all[:2], "theory-transition")
	figurestest.Refused(t, "losses", append(pipeline.Inputs{all[0]}, all...), "sizes/a=1")
	other := lossCurvesOf(3, 3, 512)
	other[0].Method = "gd"
	figurestest.Refused(t, "losses", append(pipeline.Inputs{figurestest.Stage("finitesize", "sizes/gd", other...)},
		all...), "sizes/gd")
	many := pipeline.Inputs{}
	for _, a := range []float64{1, 2, 3, 4, 5, 6, 7, 8, 9} {
		many = append(many, figurestest.Stage("finitesize", "sizes", lossCurvesOf(a, 3, 64)...),
			figurestest.TransitionAt(a))
	}
	figurestest.Refused(t, "losses", many, "room for 8")
	if _, err := figurestest.Render("losses", many[:2]); err != nil {
		t.Errorf("one loss: %v", err)
	}
}
