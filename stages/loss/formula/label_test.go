package formula_test

import (
	"fmt"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/pipelinetest"
	"zerotohero/stages/descent"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/instance"
	"zerotohero/stages/loss"
	"zerotohero/stages/loss/losstest"
)

// power is a loss with a second parameter.
var power = table{"formula": "(a + y^2)^(1 - b)*((u^2 - y^2)^2)/(2*(a + y^2))", "a": 1.0, "b": 1.0}

// What rows call a loss tells it from one with another parameter, whichever; a alone has a
// column. What is claimed of a formula makes no other loss.
func TestLabels(t *testing.T) {
	quadratic := table{"formula": "(u^2 - y^2)^2/(1 + y^2)/2"}
	claimed := table{"formula": quadratic["formula"], "inf_d2": -2.0, "kink": false}
	for _, c := range []struct {
		in   table
		a, b float64
		want string
	}{
		{power, 1, 1, "mine(b=1)"}, {power, 2, 1, "mine(b=1)"}, {power, 1, 0.25, "mine(b=0.25)"}, {cauchy, 3, 0, "mine"},
		{quadratic, 0, 0, "mine"}, {claimed, 0, 0, "mine"},
	} {
		values := read(t, "mine", c.in)
		if c.a != 0 {
			values["a"] = c.a
		}
		if c.b != 0 {
			values["b"] = c.b
		}
		if got := loss.Label(losstest.Choose(t, "mine", values)); got != c.want {
			t.Errorf("%v: called %s, not %s", values, got, c.want)
		}
	}
	// The losses of packages have their names alone, as they have no parameter but a.
	for name := range same {
		if got := loss.Label(losstest.Choose(t, name, nil)); got != name {
			t.Errorf("%s is called %s", name, got)
		}
	}
}

// Descents on losses that differ in a second parameter are not merged into one curve.
func TestParametersApart(t *testing.T) {
	in := pipelinetest.Stage(t, instance.Kind, table{"N": int64(16), "alpha": 3.0, "seeds": pipeline.Range{First: 1, Last: 2}})
	var all pipeline.Inputs
	for _, b := range []float64{1, 0.5} {
		params := table{"loss": "mine", "method": "flow", "b": b}
		for k, v := range read(t, "mine", power) {
			if _, given := params[k]; !given {
				params[k] = v
			}
		}
		rows := pipelinetest.Run[descent.Descent](t, descent.Kind, params, in)
		for i := range rows {
			rows[i].Seed += int64(100 * b) // other seeds, as the same would be refused anyway
		}
		all = append(all, pipelinetest.Input(fmt.Sprintf("descents/b=%v", b), "descent", nil, rows))
	}
	_, err := pipelinetest.Compute(t.Context(), finitesize.Kind, nil, all...)
	if err == nil || !strings.Contains(err.Error(), "loss mine(b=0.5), a = 1") {
		t.Errorf("finitesize takes descents on two losses for one: %v", err)
	}
}
