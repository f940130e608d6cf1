package theory_test

import (
	"fmt"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
	_ "zerotohero/stages/loss/ell"
	"zerotohero/stages/theory"
)

// The values of α at which an eigenvalue along the signal leaves the bulk of the Hessian
// of ℓ_1 at a random start. Below the first, that Hessian does not show the signal.
func ExampleProblem_Transitions() {
	ell, err := pipeline.Choose[loss.Loss]("ell", map[string]any{"a": 1.0})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := theory.NewProblem(theory.AtInit, ell, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	transitions, err := p.Transitions(0.5, 30)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range transitions {
		fmt.Printf("α = %.5f on a %s edge, appears: %v\n", t.Alpha, t.Edge, t.Appears)
	}
	// Output:
	// α = 1.13485 on a sharp edge, appears: true
}
