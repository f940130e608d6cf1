package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/guptarohit/asciigraph"
	"github.com/spf13/cobra"

	"zerotohero/pipeline/cli"
	"zerotohero/stages/loss"
	"zerotohero/stages/loss/formula"
	"zerotohero/stages/theory"
)

// A Picture draws functions of y and u, with their names, below a title, as a file of the format that
// has a suffix.
type Picture func(title, suffix string, names []string, functions []func(y, u float64) float64) ([]byte, error)

// LossCommand is the command loss, whose pictures the program draws.
func LossCommand(draw Picture) *cobra.Command {
	var q question
	var to file
	c := &cobra.Command{
		Use:   "loss NAME",
		Short: "Draw a loss with its derivatives, and print its transitions",
		Long: `Draw ℓ(y, u) and its first and second derivatives in u at y = 1, u the student's and
y the teacher's pre-activation, and print the infimum of ℓ'' and where an eigenvector along the
signal leaves the bulk, at a random start and at threshold states. NAME is a loss of the program
or of paper.toml; --formula asks for one that is in neither. With -o the picture, for three y, is a
file too.`,
		Example: `  hero loss ell --set a=0.1
  hero loss ell -o ell.svg
  hero loss --formula '(u^2 - y^2)^2/(a + y^2)' --set a=1`,
		SilenceUsage: true,
		Args: func(_ *cobra.Command, args []string) error {
			if (len(args) == 1) == (q.formula != "") || len(args) > 1 {
				return fmt.Errorf("give the name of one loss, or --formula")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				q.loss = args[0]
			}
			choice, err := q.choice()
			if err != nil {
				return err
			}
			l, err := choice.New()
			if err != nil {
				return cli.Usage(err)
			}
			if to.name != "" {
				names, functions := []string{}, []func(y, u float64) float64{}
				for _, f := range functionsOf(l) {
					names, functions = append(names, f.name), append(functions, f.of)
				}
				if err := to.write(func(suffix string) ([]byte, error) { return draw(l.Name, suffix, names, functions) }); err != nil {
					return err
				}
			}
			writeLoss(c.OutOrStdout(), choice, l)
			return nil
		},
	}
	q.addFormula(c)
	to.add(c)
	return c
}

// A file is one that a picture is written to.
type file struct {
	name  string
	force bool
}

func (f *file) add(c *cobra.Command) {
	c.Flags().StringVarP(&f.name, "output", "o", "", "`FILE` to draw into too; its suffix, .svg, .pdf or .png, is the format")
	c.Flags().BoolVar(&f.force, "force", false, "replace the file of -o if it is there")
}

// write writes what is made for the suffix of the file. What is there is replaced only if asked for.
func (f *file) write(content func(suffix string) ([]byte, error)) error {
	b, err := content(filepath.Ext(f.name))
	if err != nil {
		return usage("-o %s: %w", f.name, err)
	}
	mode := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !f.force {
		mode |= os.O_EXCL
	}
	out, err := os.OpenFile(f.name, mode, 0o666)
	switch {
	case errors.Is(err, fs.ErrExist):
		return usage("%s is there already; --force replaces it", f.name)
	case err != nil:
		return cli.Usage(err)
	}
	_, err = out.Write(b)
	return cmp.Or(err, out.Close())
}

type named struct {
	name string
	of   func(y, u float64) float64
}

func functionsOf(l loss.Loss) []named {
	return []named{{"ℓ", l.Value}, {"ℓ'", l.D1}, {"ℓ''", l.D2}}
}

// writeLoss draws a loss and says what theory says of it.
func writeLoss(w io.Writer, choice loss.Choice, l loss.Loss) {
	fmt.Fprintf(w, "%s\n", l.Name)
	if text, ok := choice.Param("formula"); ok {
		fmt.Fprintf(w, "ℓ = %v\n", text)
	}
	fmt.Fprintln(w)
	for _, f := range functionsOf(l) {
		fmt.Fprintf(w, "%s\n\n", sketch(f.name+" at y = 1", f.of))
	}
	fmt.Fprintf(w, "infimum of ℓ''  %.10g%s\n", l.InfD2, certainty(choice))
	for _, at := range []string{theory.AtInit, theory.AtThreshold} {
		fmt.Fprintf(w, "%-15s %s\n", "transition at", at+": "+transitionWords(at, choice))
	}
}

// certainty says how surely the infimum of a formula is one.
func certainty(choice loss.Choice) string {
	text, ok := choice.Param("formula")
	if _, given := choice.Param("inf_d2"); !ok || given {
		return ""
	}
	e, err := formula.InfimumError(text.(string), choice.Param)
	if err != nil || math.IsInf(e, 1) {
		return ""
	}
	return fmt.Sprintf(", found by search; bounded to within %.1g for y and u up to 10", e)
}

// transitionWords are the transitions of a loss, or why there are none.
func transitionWords(at string, l loss.Choice) string {
	const lo, hi = 0.1, 100
	p, err := theory.NewProblem(at, l, 0)
	if err != nil {
		return "none: " + err.Error()
	}
	ts, err := p.Transitions(lo, hi)
	switch {
	case err != nil:
		return "none: " + err.Error()
	case len(ts) == 0:
		return fmt.Sprintf("none with alpha in [%v, %v]", float64(lo), float64(hi))
	}
	out := ""
	for i, t := range ts {
		if i > 0 {
			out += "; "
		}
		out += fmt.Sprintf("alpha = %.9g ± %.1g, %s edge", t.Alpha, t.Err, t.Edge)
	}
	return out
}

// sketch draws a function of u in characters, cut where it is much larger than near the signal.
func sketch(name string, f func(y, u float64) float64) string {
	const width, height, reach = 61, 9, 3.0
	values := make([]float64, width)
	least, most := math.Inf(1), math.Inf(-1)
	for i := range values {
		u := -reach + 2*reach*float64(i)/(width-1)
		values[i] = f(1, u)
		if math.Abs(u) <= 2 {
			least, most = math.Min(least, values[i]), math.Max(most, values[i])
		}
	}
	for i, v := range values {
		if v < least || v > most {
			values[i] = math.NaN()
		}
	}
	return asciigraph.Plot(values, asciigraph.Height(height), asciigraph.Caption(name), asciigraph.LowerBound(least),
		asciigraph.UpperBound(most), asciigraph.XAxisRange(-reach, reach), asciigraph.Precision(2))
}
