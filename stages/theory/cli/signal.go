package cli

import (
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"zerotohero/stages/theory"
)

type estimateOut struct {
	Value number `json:"value"`
	Error number `json:"error"`
}

func newEstimateOut(e theory.Estimate) estimateOut {
	return estimateOut{number(e.Value), number(e.Error)}
}

func (e estimateOut) String() string { return fmt.Sprintf("%.6g ± %.1g", e.Value, e.Error) }

type atomOut struct {
	Lambda estimateOut `json:"lambda"`
	Weight estimateOut `json:"weight"`
}

type signalOut struct {
	Atoms []atomOut `json:"atoms"`
	Below struct {
		Lambda number      `json:"lambda"`
		Weight estimateOut `json:"weight"`
	} `json:"below"`
	Lowest struct {
		Share  number      `json:"share"`
		UpTo   estimateOut `json:"up_to"`
		Weight estimateOut `json:"weight"`
	} `json:"lowest"`
	Mean number `json:"mean"`
	Mass number `json:"mass"`
}

func newSignalOut(s *theory.Signal, below, share float64) (signalOut, error) {
	out := signalOut{Atoms: []atomOut{}, Mean: number(s.Mean), Mass: number(s.Mass)}
	for _, a := range s.Atoms {
		out.Atoms = append(out.Atoms, atomOut{newEstimateOut(a.Lambda), newEstimateOut(a.Weight)})
	}
	out.Below.Lambda, out.Below.Weight = number(below), newEstimateOut(s.Below(below))
	upTo, weight, err := s.Lowest(share)
	out.Lowest.Share, out.Lowest.UpTo, out.Lowest.Weight = number(share), newEstimateOut(upTo), newEstimateOut(weight)
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
	const format = "%sbelow %-4.4g weight %v\n" +
		"lowest     weight %v in %g of the eigenvalues, up to %v\n" +
		"mean       %.9g\n"
	_, err := fmt.Fprintf(w, format,
		text, s.Below.Lambda, s.Below.Weight, s.Lowest.Weight, s.Lowest.Share, s.Lowest.UpTo, s.Mean)
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
			s, err := p.Signal(q.alpha)
			if err != nil {
				return err
			}
			out, err := newSignalOut(s, below, share)
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
