package figures

import (
	"math"
	"strings"
	"testing"

	"zerotohero/pipeline"
)

func TestLossesKeepTheirOwnTransitions(t *testing.T) {
	in := append(goodInputs()["losses"],
		stage("theory-transition", "threshold/plain", testTransition{At: "threshold", Loss: "plain", A: 1, Found: true, Alpha: 13.85, Edge: "sharp"}))
	plain := lossCurvesOf(1, 7, 128)
	plain[0].Loss = "plain"
	plain[0].Points[0].Unresolved = 1
	in = append(in, stage("finitesize", "sizes/plain", plain...))
	all, method, err := contenders(in)
	if err != nil || len(all) != 3 || method != "flow" {
		t.Fatal(len(all), method, err)
	}
	// transitionAt and thresholdAt of inputs_test.go.
	if all[1].a != 3 || math.Abs(all[1].init-(1.1+math.Log(3)*math.Log(3)/10)) > 1e-12 || math.Abs(all[1].threshold-(7+0.6*math.Log(3))) > 1e-12 {
		t.Errorf("%+v", all[1])
	}
	if all[2].loss != "plain" || !math.IsNaN(all[2].init) || all[2].threshold != 13.85 {
		t.Errorf("%+v", all[2])
	}
	caption, n := described(t, "losses", in)
	if n["alpha-bbp-ts-plain-a=1"].Value != 13.85 || math.Abs(n["alpha50-N=64-ell-a=3"].Hi-3.8) > 1e-9 {
		t.Errorf("%+v", n)
	}
	if _, ok := n["alpha50-N=256-ell-a=1"]; ok || !strings.Contains(caption, "not identified at $N = 256$") || !strings.Contains(caption, "1 of 2701 descents ran out of budget and is left out") {
		t.Error(caption)
	}
	if _, err := drawWith("losses", in); err != nil {
		t.Error(err)
	}
}

func TestLossesRefuse(t *testing.T) {
	good := goodInputs()["losses"]
	refused(t, "losses", good[:2], "theory-transition")
	refused(t, "losses", append(pipeline.Inputs{good[0]}, good...), "sizes/a=1")
	other := lossCurvesOf(3, 3, 512)
	other[0].Method = "gd"
	refused(t, "losses", append(pipeline.Inputs{stage("finitesize", "sizes/gd", other...)}, good...), "sizes/gd")
	many := pipeline.Inputs{}
	for _, a := range []float64{1, 2, 3, 4, 5, 6, 7, 8, 9} {
		many = append(many, stage("finitesize", "sizes", lossCurvesOf(a, 3, 64)...), transitionAt(a))
	}
	refused(t, "losses", many, "room for 8")
	if _, err := drawWith("losses", many[:2]); err != nil {
		t.Errorf("one loss: %v", err)
	}
}
