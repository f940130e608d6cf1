package bench

import (
	"context"
	"fmt"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
	"zerotohero/stages/loss/ell"
	"zerotohero/stages/theory"
)

// accuracy that a transition is computed to, relative.
const accuracy = 1e-6

func transitionRow(s sizes) row {
	return theoryRow(s, "transition", "α_BBP of ℓ_1 at a random start, to 1e-6, the law of labels included",
		0.05, func() error {
			l, err := pipeline.Choose[loss.Loss]("ell", map[string]any{"a": 1.0})
			if err != nil {
				return err
			}
			p, err := theory.NewProblem(theory.AtInit, l, 0)
			if err != nil {
				return err
			}
			found, err := p.Transitions(0.1, 100)
			if err != nil {
				return err
			}
			if len(found) != 1 || !(found[0].Err <= accuracy*found[0].Alpha) {
				return fmt.Errorf("found %v, which is not one transition to %v", found, accuracy)
			}
			return nil
		})
}

func thresholdRow(s sizes) row {
	return theoryRow(s, "threshold", "threshold state (1RSB) of ℓ_1 at α = 5, from a cold start", 0.2, func() error {
		l, err := ell.New(ell.Params{A: 1})
		if err != nil {
			return err
		}
		_, err = theory.ThresholdStates(l, 5)
		return err
	})
}

// theoryRow times a computation, which runs twice before that.
func theoryRow(s sizes, name, what string, most float64, work func() error) row {
	return row{
		name:   name,
		what:   what,
		target: target{unit: seconds, most: true, value: most},
		measure: func(ctx context.Context) (finding, error) {
			t, err := alternate(ctx, s, timed(work))
			if err != nil {
				return finding{}, err
			}
			return finding{ours: duration(median(t[0])), result: summarize(t[0])}, nil
		},
	}
}
