package bench

import (
	"context"
	"fmt"
	"slices"

	"zerotohero/stages/descent"
	_ "zerotohero/stages/loss/formula"
	"zerotohero/stages/outcome"
)

// ellFormula is ℓ_a as a formula.
const ellFormula = "(u^2 - y^2)^2/(a + y^2)/2"

// formulaRow compares descents on a loss that is written as a formula with those on the same
// loss as Go.
func (s sizes) formulaRow() row {
	return row{
		name: fmt.Sprintf("formula-%d", s.n),
		what: fmt.Sprintf("a descent by flow on ℓ_1 as a formula against one on ℓ_1 in Go, N = %d, α = %d, X drawn in both",
			s.n, alpha),
		target: target{unit: factor, value: 1.5, most: true},
		measure: func(ctx context.Context) (finding, error) {
			tasks, err := draws(ctx, s.n, []float64{alpha}, 1, "flow")
			if err != nil {
				return finding{}, err
			}
			inGo, inText := tasks[0], tasks[0]
			inText.formula = ellFormula
			var ends [2][]descent.Descent
			run := func(i int, t task) side {
				return timed(func() (err error) {
					ends[i], err = t.run(ctx)
					return err
				})
			}
			t, err := alternate(ctx, s, run(0, inText), run(1, inGo))
			if err != nil {
				return finding{}, err
			}
			f := finding{
				ours:   duration(median(t[0])),
				other:  duration(median(t[1])) + " in Go",
				result: summarize(ratios(t[0], t[1])),
			}
			recovered := func(all []descent.Descent) (out []bool) {
				for _, d := range all {
					out = append(out, d.Outcome == outcome.Recovered)
				}
				return out
			}
			if !slices.Equal(recovered(ends[0]), recovered(ends[1])) {
				f.fault = "They do not recover alike."
			}
			return f, nil
		},
	}
}
