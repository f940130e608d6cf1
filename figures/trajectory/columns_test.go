package trajectory_test

import (
	"testing"

	"zerotohero/figures/internal/figurestest"
	"zerotohero/figures/trajectory"
	"zerotohero/stages/descent"
	"zerotohero/stages/hessian"
)

func TestColumnsAreThoseOfStages(t *testing.T) {
	figurestest.Reads[trajectory.Descent, descent.Descent](t)
	figurestest.Reads[trajectory.State, hessian.Row](t)
}
