package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
)

// Command is the command bench.
func Command() *cobra.Command { return command(full) }

func command(s sizes) *cobra.Command {
	var out string
	all := rows(s)
	c := &cobra.Command{
		Use:   "bench [ROW-GLOB…]",
		Short: "Measure speed against its targets, both sides of each comparison in one run",
		Long: `Measure what this program promises of its speed, all rows or those that a pattern
matches, and print each result with its target. The sides of a comparison take turns;
a result is the median of the ratios of the turns, with their quartiles. Expect
three minutes and 3.5 GB of memory for all rows; other work on the machine shows.
A target that is missed is reported and is no error.

Rows:
` + listing(all),
		Example: `  hero bench
  hero bench 'gonum-*' students-1024
  hero bench --out stages/bench/LAST.md`,
		Args: func(_ *cobra.Command, args []string) error {
			_, err := choose(all, args)
			return err
		},
		SilenceUsage: true,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return names(all), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			chosen, err := choose(all, args)
			if err != nil {
				return err
			}
			if out != "" {
				// An error now, rather than after minutes.
				if _, err := os.Stat(filepath.Dir(out)); err != nil {
					return fmt.Errorf("--out %s: %w", out, err)
				}
			}
			facts, err := circumstances(time.Now())
			if err != nil {
				return err
			}
			lines, err := measure(c.Context(), chosen,
				func(r row) { fmt.Fprintf(c.ErrOrStderr(), "measuring %s\n", r.name) })
			if err != nil {
				return err
			}
			if err := writeText(c.OutOrStdout(), lines, facts); err != nil || out == "" {
				return err
			}
			var page bytes.Buffer
			if err := writeMarkdown(&page, lines, facts); err != nil {
				return err
			}
			return os.WriteFile(out, page.Bytes(), 0o666)
		},
	}
	c.Flags().StringVar(&out, "out", "", "also write the result to this file, in Markdown")
	return c
}

// listing names the rows with what each measures.
func listing(all []row) string {
	var b bytes.Buffer
	for _, r := range all {
		fmt.Fprintf(&b, "  %-16s  %-22s  %s\n", r.name, r.target, r.what)
	}
	return b.String()
}
