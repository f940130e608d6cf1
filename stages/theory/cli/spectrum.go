package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"zerotohero/stages/theory"
)

type edgeOut struct {
	Lambda number          `json:"lambda"`
	Kind   theory.EdgeKind `json:"kind"`
	G      number          `json:"g"`
	AMax   number          `json:"a_max"`
}

func newEdgeOut(e theory.Edge) edgeOut {
	return edgeOut{number(e.Lambda), e.Kind, number(e.G), number(e.AMax)}
}

func edge() *cobra.Command {
	var q question
	c := &cobra.Command{
		Use:   "edge",
		Short: "Where the bulk of the Hessian ends",
		Long: `Print the edges of the bulk. A sharp edge has a square-root density, at a smooth one
it vanishes faster than any power, and an atom ends a bulk of rank below N.`,
		Example: `  hero theory edge --a 1 --alpha 3
  hero theory edge --a 1 --alpha 3 --m 0.5 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			sp, mu, err := q.spectrum()
			if err != nil {
				return err
			}
			left, err := sp.Edge(q.alpha, mu)
			if err != nil {
				return err
			}
			out := struct {
				Left  edgeOut  `json:"left"`
				Right *edgeOut `json:"right"`
				Mu    number   `json:"mu"`
			}{Left: newEdgeOut(left), Mu: number(mu)}
			text := fmt.Sprintf("left edge  %.9g (%s)\n", left.Lambda, left.Kind)
			if sp.HasRightEdge() {
				right, err := sp.RightEdge(q.alpha, mu)
				if err != nil {
					return err
				}
				e := newEdgeOut(right)
				out.Right = &e
				text += fmt.Sprintf("right edge %.9g (%s)\n", right.Lambda, right.Kind)
			} else {
				text += "right edge none, the weights are unbounded above\n"
			}
			if q.json {
				return printJSON(c.OutOrStdout(), out)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%smu         %.9g\n", text, mu)
			return err
		},
	}
	q.addPoint(c)
	q.addMatrix(c)
	return c
}

func outlier() *cobra.Command {
	var q question
	c := &cobra.Command{
		Use:   "outlier",
		Short: "The eigenvalue along the signal, and its overlap",
		Long: `Print the eigenvalue below the bulk along the signal and the squared overlap of its
eigenvector with the signal, or that there is none.`,
		Example: `  hero theory outlier --a 1 --alpha 3
  hero theory outlier --at optimal --alpha 2 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			sp, mu, err := q.spectrum()
			if err != nil {
				return err
			}
			o, err := sp.Outlier(q.alpha, mu)
			if err != nil {
				return err
			}
			if q.json {
				return printJSON(c.OutOrStdout(), struct {
					Exists  bool    `json:"exists"`
					Lambda  number  `json:"lambda"`
					Overlap number  `json:"q2"`
					DEdge   number  `json:"d_edge"`
					Edge    edgeOut `json:"edge"`
				}{o.Exists, number(o.Lambda), number(o.Overlap), number(o.DEdge), newEdgeOut(o.Edge)})
			}
			text := "no outlier below the bulk\n"
			if o.Exists {
				text = fmt.Sprintf("outlier   %.9g\noverlap²  %.9g\n", o.Lambda, o.Overlap)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%sleft edge %.9g (%s)\n", text, o.Edge.Lambda, o.Edge.Kind)
			return err
		},
	}
	q.addPoint(c)
	q.addMatrix(c)
	return c
}

func density() *cobra.Command {
	var q question
	c := &cobra.Command{
		Use:   "density",
		Short: "The spectral density of the bulk",
		Long: `Print the spectral density of the bulk at points that crowd where it varies: the
eigenvalue, the density, and the share of eigenvalues at or below.`,
		Example: `  hero theory density --a 1 --alpha 3
  hero theory density --a 1 --alpha 3 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := q.problem()
			if err != nil {
				return err
			}
			d, err := p.Density(q.alpha)
			if err != nil {
				return err
			}
			if q.json {
				type atom struct {
					Lambda number `json:"lambda"`
					Mass   number `json:"mass"`
				}
				atoms := []atom{}
				for _, a := range d.Atoms {
					atoms = append(atoms, atom{number(a.Lambda), number(a.Mass)})
				}
				return printJSON(c.OutOrStdout(), struct {
					Lambda []number `json:"lambda"`
					Rho    []number `json:"rho"`
					Weight []number `json:"weight"`
					CDF    []number `json:"cdf"`
					Atoms  []atom   `json:"atoms"`
					Mass   number   `json:"mass"`
				}{numbers(d.Lambda), numbers(d.Rho), numbers(d.Weight), numbers(d.CDF), atoms, number(d.Mass)})
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', tabwriter.AlignRight)
			fmt.Fprintln(w, "lambda\trho\tcdf\t")
			for i, x := range d.Lambda {
				fmt.Fprintf(w, "%.6f\t%.6g\t%.8f\t\n", x, d.Rho[i], d.CDF[i])
			}
			if err := w.Flush(); err != nil {
				return err
			}
			for _, a := range d.Atoms {
				if _, err := fmt.Fprintf(c.OutOrStdout(), "atom of mass %.6g at %.6f\n", a.Mass, a.Lambda); err != nil {
					return err
				}
			}
			return nil
		},
	}
	q.addPoint(c)
	q.addMatrix(c)
	return c
}
