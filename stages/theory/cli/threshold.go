package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"zerotohero/stages/theory"
)

func threshold() *cobra.Command {
	var q question
	c := &cobra.Command{
		Use:   "threshold",
		Short: "The threshold state, where descent gets stuck, in the 1RSB approximation",
		Long: `Print the threshold state of a loss on the equator: chi and z, the radial multiplier
mu, and the energy L/N. mu_edge is the mu that would put the left edge of the bulk
at 0; it differs from mu where the student's output jumps, as for the plain loss.
The outlier along the signal exists where d is negative. error is the largest
relative change when the quadrature is refined.`,
		Example: `  hero theory threshold --a 1 --alpha 7
  hero theory threshold --loss plain --alpha 13.853 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			q.at = theory.AtThreshold
			p, err := q.problem()
			if err != nil {
				return err
			}
			states, err := theory.ThresholdStates(p.Loss, q.alpha)
			if err != nil {
				return err
			}
			t := states[0]
			if q.json {
				return printJSON(c.OutOrStdout(), struct {
					Alpha  number `json:"alpha"`
					Chi    number `json:"chi"`
					Z      number `json:"z"`
					Mu     number `json:"mu"`
					MuEdge number `json:"mu_edge"`
					Energy number `json:"energy"`
					D      number `json:"d"`
					Error  number `json:"error"`
				}{
					number(q.alpha), number(t.Chi), number(t.Z), number(t.Mu),
					number(t.MuEdge), number(t.Energy), number(t.D), number(t.Err),
				})
			}
			outlier := "no outlier"
			if t.D < 0 {
				outlier = "an outlier"
			}
			const format = "chi     %.9g\nz       %.9g\nmu      %.9g\nmu_edge %.9g\n" +
				"energy  %.9g\nd       %.9g (%s)\nerror   %.1g\n"
			_, err = fmt.Fprintf(c.OutOrStdout(), format, t.Chi, t.Z, t.Mu, t.MuEdge, t.Energy, t.D, outlier, t.Err)
			return err
		},
	}
	q.addAlpha(c)
	q.addLoss(c)
	return c
}
