package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/cli"
	"zerotohero/stages/theory"
	"zerotohero/stages/theory/best"
)

// aims are what can be minimised, by the matrix whose transition it is.
var aims = map[string]string{
	"alpha-init": theory.AtInit, "alpha-ts": theory.AtThreshold, "alpha-averaged": theory.AtAveraged,
}

type optimiseOut struct {
	Alpha  number            `json:"alpha"`
	Error  number            `json:"error"`
	Edge   theory.EdgeKind   `json:"edge"`
	Values map[string]number `json:"values"`
	Bound  []string          `json:"bound"`
}

func optimise() *cobra.Command {
	var q question
	var s best.Search
	var aim string
	c := &cobra.Command{
		Use:   "optimise",
		Short: "The parameters of a loss at which a transition is lowest",
		Long: `Vary parameters of a loss, and print at which of them the first transition is lowest,
at a random start (alpha-init), of threshold states (alpha-ts) or of the averaged Hessian
(alpha-averaged): with its error, numerical and of the search, and which parameters are at
an end of their range, beyond which it may be lower ("bound"). The other parameters stay as they are
given.`,
		Example: `  hero theory optimise --loss ell --over a --minimise alpha-init
  hero theory optimise --loss pseudohuber --minimise alpha-ts --least 0.05 --most 5 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			at, ok := aims[aim]
			if !ok {
				return usage("--minimise %s: known are %s", aim, strings.Join(aimNames(), ", "))
			}
			l, err := q.choice()
			if err != nil {
				return err
			}
			s.At, s.Loss = at, l
			if err := s.Validate(); err != nil {
				return cli.Usage(err)
			}
			b, err := s.Run()
			if err != nil {
				return err
			}
			if !b.Found {
				return fmt.Errorf("no loss tried has a transition with alpha in [%v, %v]; try a wider range with --from and --to",
					s.From, s.To)
			}
			return q.printBest(c, s, b)
		},
	}
	c.Flags().StringSliceVar(&s.Vary, "over", []string{"a"}, "parameters to vary, such as a,b")
	c.Flags().StringVar(&aim, "minimise", "alpha-init", "what is to be low: "+strings.Join(aimNames(), ", "))
	complete(c, "minimise", aimNames())
	c.Flags().Float64SliceVar(&s.Least, "least", []float64{0.01}, "least value of each, as 0.01,0.5, or one for all")
	c.Flags().Float64SliceVar(&s.Most, "most", []float64{100}, "largest value of each, or one for all")
	c.Flags().Float64Var(&s.Tol, "tol", 1e-9, "of alpha: the search ends when it gains no more than this")
	c.Flags().IntVar(&s.Scan, "scan", 17, "values of each that are tried first")
	c.Flags().Float64Var(&s.From, "from", 0.1, "least alpha to look at")
	c.Flags().Float64Var(&s.To, "to", 100, "largest alpha to look at")
	q.addLoss(c)
	return c
}

func aimNames() (out []string) {
	for name := range aims {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func (q *question) printBest(c *cobra.Command, s best.Search, b best.Best) error {
	out := optimiseOut{Alpha: number(b.Alpha), Error: number(b.Error), Edge: b.Edge, Values: make(map[string]number),
		Bound: []string{}}
	var values []string
	for k, name := range s.Vary {
		out.Values[name] = number(b.Values[k])
		if b.Bound[k] {
			out.Bound = append(out.Bound, name)
		}
		values = append(values, fmt.Sprintf("%s = %.6g", name, b.Values[k]))
	}
	if q.json {
		return printJSON(c.OutOrStdout(), out)
	}
	end := ""
	if len(out.Bound) > 0 {
		end = ", " + strings.Join(out.Bound, ", ") + " at an end of the range"
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "alpha = %.9g ± %.1g at %s%s, %s edge\n", b.Alpha, b.Error,
		strings.Join(values, ", "), end, b.Edge)
	return err
}
