// Package cli is the command "hero theory": what happens at large N, asked one
// number at a time.
package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/cli"
	"zerotohero/stages/loss"
	"zerotohero/stages/theory"
)

// Command is the command theory with its subcommands.
func Command() *cobra.Command {
	c := &cobra.Command{
		Use:   "theory",
		Short: "Compute transitions, edges, outliers and spectra at large N",
		Long: `Compute what happens at large N: where the outlier along the signal leaves the
bulk of the Hessian, threshold states, the edge of the bulk, the outlier, the
spectral density, and where in the spectrum the signal sits.`,
		Example: `  hero theory transition --loss ell --a 1
  hero theory outlier --a 1 --alpha 3 --json`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE:         func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(transition(), threshold(), edge(), outlier(), density(), signal(), optimise())
	return c
}

// question holds the flags that say which matrix is meant.
type question struct {
	at, loss string
	alpha, m float64
	json     bool
	params   map[string]any // of the loss, those that are given
}

// addMatrix declares the flags that say which matrix is meant; with those of the loss,
// they come last.
func (q *question) addMatrix(c *cobra.Command) {
	c.Flags().StringVar(&q.at, "at", theory.AtInit, "which matrix: the Hessian at a random start (init) "+
		"or at threshold states (threshold), or one of the estimators averaged, wide, optimal")
	complete(c, "at", theory.Matrices())
	q.addLoss(c)
}

// addLoss declares the flags of the output and of the loss. They come last, so that the
// parameters of losses give way to all others.
func (q *question) addLoss(c *cobra.Command) {
	c.Args = cobra.NoArgs
	c.SilenceUsage = true
	c.Flags().BoolVar(&q.json, "json", false, "print JSON")
	c.Flags().StringVar(&q.loss, "loss", "ell", "name of the loss")
	var names []string
	for _, l := range pipeline.Choices[loss.Loss]() {
		names = append(names, l.Name+"\t"+l.Doc)
	}
	complete(c, "loss", names)
	q.addLossParams(c)
}

// choice is the loss with those of its parameters that are given. A parameter that it
// does not have is an error.
func (q *question) choice() (loss.Choice, error) {
	values := map[string]any{"loss": q.loss, "at": theory.AtOptimal} // where any loss will do
	maps.Copy(values, q.params)
	p, err := theory.TransitionKind.Resolve(values)
	if err != nil {
		return loss.Choice{}, cli.Usage(err)
	}
	return p.(theory.TransitionParams).Loss, nil
}

// addPoint declares the flags of a single point.
func (q *question) addPoint(c *cobra.Command) {
	q.addAlpha(c)
	c.Flags().Float64Var(&q.m, "m", 0, "overlap with the signal (at init only)")
}

// addAlpha declares the required flag alpha.
func (q *question) addAlpha(c *cobra.Command) {
	c.Flags().Float64Var(&q.alpha, "alpha", 0, "signal-to-noise ratio M/N (required)")
	// Marking or completing a flag fails only if it is not declared.
	_ = c.MarkFlagRequired("alpha")
	complete(c, "alpha", nil)
}

func complete(c *cobra.Command, flag string, values []string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func (q *question) problem() (theory.Problem, error) {
	l, err := q.choice()
	if err != nil {
		return theory.Problem{}, err
	}
	p, err := theory.NewProblem(q.at, l, q.m)
	return p, cli.Usage(err)
}

// spectrum is the spectrum and μ at the asked point.
func (q *question) spectrum() (*theory.Spectrum, float64, error) {
	p, err := q.problem()
	if err != nil {
		return nil, 0, err
	}
	if err := q.checkAlpha(); err != nil {
		return nil, 0, err
	}
	return p.Spectrum(q.alpha)
}

func (q *question) checkAlpha() error {
	if !(q.alpha > 0) || math.IsInf(q.alpha, 0) {
		return usage("alpha = %v must be positive and finite", q.alpha)
	}
	return nil
}

// usage is an error of the command line.
func usage(format string, args ...any) error { return cli.Usage(fmt.Errorf(format, args...)) }

// A number is null in JSON where it is not finite.
type number float64

// MarshalJSON writes the number or null.
func (x number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(x))
}

func numbers(x []float64) []number {
	out := make([]number, len(x))
	for i, v := range x {
		out[i] = number(v)
	}
	return out
}

func printJSON(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}
