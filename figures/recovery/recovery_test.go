package recovery_test

import (
	"fmt"
	"math"
	"testing"

	"zerotohero/figures/house"
	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/recovery"
	"zerotohero/stages/finitesize"
)

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[recovery.Curve, finitesize.Row](t)
}

func TestCurve(t *testing.T) {
	nan := math.NaN()
	c := recovery.Curve{Identified: true, Alpha50: 3, Alpha50Lo: 2, Alpha50Hi: 4, Width: 0.5, Points: []recovery.Rate{
		{Alpha: 1, Trials: 4, P: 0.25, Lo: 0.1, Hi: 0.5}, {Alpha: 2, Unresolved: 4, P: nan, Lo: nan, Hi: nan},
	}}
	if m := c.Marks(house.Look{}, 0.5); fmt.Sprint(m.X, m.Y, m.Lo, m.Hi) != "[1.5] [0.25] [0.1] [0.5]" ||
		!c.Resolved() {
		t.Errorf("%+v", m)
	}
	// The logistic function at 0 and 1.
	if half, far := c.At(3), c.At(3.5); half != 0.5 || math.Abs(far-1/(1+math.Exp(-1))) > 1e-15 || !c.Fitted() {
		t.Errorf("%g and %g", half, far)
	}
	figurestest.Near(t, c.Half("half", "half"), 3, 2, 4)
	c.Identified, c.Points = false, c.Points[1:]
	if c.Resolved() || c.Fitted() || c.Half("half", "half").None == "" {
		t.Errorf("%+v", c)
	}
}
