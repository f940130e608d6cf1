package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"zerotohero/stages/theory"
)

type transitionOut struct {
	Alpha  number          `json:"alpha"`
	Error  number          `json:"error"`
	Edge   theory.EdgeKind `json:"edge"`
	Others []transitionOut `json:"others,omitempty"`
}

func transition() *cobra.Command {
	var q question
	var from, to float64
	c := &cobra.Command{
		Use:   "transition",
		Short: "The alpha at which an outlier along the signal leaves the bulk",
		Long: `Print the alpha at which an eigenvalue along the signal leaves the left edge of the
bulk, with its numerical error (the change when the quadrature is refined) and the
kind of the edge: sharp (the overlap grows from 0) or smooth (it jumps). The
smallest solution comes first. It is an error if the range holds none.`,
		Example: `  hero theory transition --loss ell --a 1
  hero theory transition --at wide --a 0.1 --json
  hero theory transition --at threshold --loss plain
  hero theory transition --at averaged --a 0.01 --from 1 --to 10`,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := q.problem()
			if err != nil {
				return err
			}
			ts, err := p.Transitions(from, to)
			if err != nil {
				return err
			}
			if len(ts) == 0 {
				return fmt.Errorf(
					"no transition with alpha in [%v, %v] (at %s, loss %s); try a wider range with --from and --to",
					from, to, q.at, p.Loss.Name)
			}
			var out []transitionOut
			for _, t := range ts {
				out = append(out, transitionOut{Alpha: number(t.Alpha), Error: number(t.Err), Edge: t.Edge})
			}
			out[0].Others = out[1:]
			if q.json {
				return printJSON(c.OutOrStdout(), out[0])
			}
			for _, t := range ts {
				event := "outlier appears"
				if !t.Appears {
					event = "outlier disappears"
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "alpha = %.9g ± %.1g, %s edge, %s\n",
					t.Alpha, t.Err, t.Edge, event)
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().Float64Var(&q.m, "m", 0, "overlap with the signal (at init only)")
	c.Flags().Float64Var(&from, "from", 0.1, "least alpha to look at")
	c.Flags().Float64Var(&to, "to", 100, "largest alpha to look at")
	q.addMatrix(c)
	return c
}
