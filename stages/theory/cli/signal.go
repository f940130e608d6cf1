package cli

import (
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"zerotohero/stages/theory"
)

// An estimate is a number with its numerical error.
type estimate struct {
	Value number `json:"value"`
	Error number `json:"error"`
}

func newEstimate(fine, coarse float64) estimate {
	return estimate{number(fine), number(math.Abs(fine - coarse))}
}

func (e estimate) String() string { return fmt.Sprintf("%.6g ± %.1g", e.Value, e.Error) }

type atomOut struct {
	Lambda estimate `json:"lambda"`
	Weight estimate `json:"weight"`
}

type signalOut struct {
	Atoms []atomOut `json:"atoms"`
	Below struct {
		Lambda number   `json:"lambda"`
		Weight estimate `json:"weight"`
	} `json:"below"`
	Lowest struct {
		Share  number   `json:"share"`
		Lambda estimate `json:"lambda"`
		Weight estimate `json:"weight"`
	} `json:"lowest"`
	Mean number `json:"mean"`
	Mass number `json:"mass"`
}

func newSignalOut(fine, coarse *theory.Signal, below, share float64) (signalOut, error) {
	out := signalOut{Atoms: []atomOut{}, Mean: number(fine.Mean), Mass: number(fine.Mass)}
	for i, a := range fine.Atoms {
		other := theory.Atom{Lambda: math.NaN(), Mass: math.NaN()}
		if len(coarse.Atoms) == len(fine.Atoms) {
			other = coarse.Atoms[i]
		}
		out.Atoms = append(out.Atoms, atomOut{newEstimate(a.Lambda, other.Lambda), newEstimate(a.Mass, other.Mass)})
	}
	out.Below.Lambda, out.Below.Weight = number(below), newEstimate(fine.Below(below), coarse.Below(below))
	lambda, weight, err := fine.Lowest(share)
	if err != nil {
		return out, err
	}
	otherLambda, otherWeight, err := coarse.Lowest(share)
	out.Lowest.Share = number(share)
	out.Lowest.Lambda, out.Lowest.Weight = newEstimate(lambda, otherLambda), newEstimate(weight, otherWeight)
	return out, err
}

func (s signalOut) print(w io.Writer) error {
	text := ""
	for _, a := range s.Atoms {
		text += fmt.Sprintf("atom       weight %v at %v\n", a.Weight, a.Lambda)
	}
	if len(s.Atoms) == 0 {
		text = "no atom\n"
	}
	_, err := fmt.Fprintf(w, "%sbelow %-4.4g weight %v\nlowest     weight %v in %g of the eigenvalues, up to %v\nmean       %.9g\n",
		text, s.Below.Lambda, s.Below.Weight, s.Lowest.Weight, s.Lowest.Share, s.Lowest.Lambda, s.Mean)
	return err
}

func signal() *cobra.Command {
	var q question
	var below, share float64
	c := &cobra.Command{
		Use:   "signal",
		Short: "Where in the spectrum the signal sits",
		Long: `Print how the signal is spread over the eigenvectors of the matrix, as weights that
sum to 1: the sum of (v·w*)²/N over eigenvectors v. Atoms are eigenvalues that hold a
weight each, the outlier below the bulk first among them; so does a peak where there
are next to no eigenvalues, as before the transition on a smooth edge. The rest is
spread over the bulk: printed are the weight at eigenvalues below --below and at the
lowest --share of all eigenvalues. mean is the curvature along the signal. Errors are
changes when the quadrature is refined.`,
		Example: `  hero theory signal --at init --alpha 3
  hero theory signal --at threshold --alpha 8 --below 0.1 --share 0.05 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := q.problem()
			if err != nil {
				return err
			}
			if err := q.checkAlpha(); err != nil {
				return err
			}
			if math.IsNaN(below) || math.IsInf(below, 0) {
				return usage("below = %v must be finite", below)
			}
			if !(share > 0 && share < 1) {
				return usage("share = %v must be between 0 and 1", share)
			}
			fine, coarse, err := p.Signal(q.alpha)
			if err != nil {
				return err
			}
			out, err := newSignalOut(fine, coarse, below, share)
			if err != nil {
				return err
			}
			if q.json {
				return printJSON(c.OutOrStdout(), out)
			}
			return out.print(c.OutOrStdout())
		},
	}
	q.addPoint(c)
	c.Flags().Float64Var(&below, "below", 0, "eigenvalue below which the weight is printed")
	c.Flags().Float64Var(&share, "share", 0.01, "share of all eigenvalues, the lowest, of which the weight is printed")
	q.addMatrix(c)
	return c
}
