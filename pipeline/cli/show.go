package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/artifact"
)

func (w *workplace) showCommand() *cobra.Command {
	var rows int
	c := &cobra.Command{
		Use:   "show ARTIFACT",
		Short: "Show an artifact: its columns, metadata and first rows",
		Long: `Shows the columns of an artifact with types, units and meanings, the parameters of
the stage that computed it, and its first rows. Any reader of Arrow IPC files
opens the file itself, whose path is shown too.`,
		Example: `  hero show init-threshold/a=1
  hero show data/view/curve-fit.arrow
  hero show 3f9ac2 --rows 20`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: w.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			plan, err := w.planOf(nil)
			if err != nil {
				return err
			}
			items, err := w.find(plan, args[0])
			if err != nil {
				return err
			}
			i := items[0]
			if len(items) > 1 {
				fmt.Fprintf(c.OutOrStdout(), "%d artifacts are called %s; this is the first\n", len(items), args[0])
			}
			if i.Action == nil {
				profile := ""
				if w.view() != "" {
					profile = " --profile " + w.profile
				}
				return fmt.Errorf("%s is not computed, or not intact; run: %s run '%s'%s", i.Stage.Name, w.app.Name, i.Stage.Name, profile)
			}
			data, err := w.store.Get(i.Action.Output)
			if err != nil {
				return err
			}
			t, err := artifact.Parse(data)
			if err != nil {
				return fmt.Errorf("%s: %w", i.Stage.Name, err)
			}
			out := c.OutOrStdout()
			fmt.Fprintf(out, "%s\n%s\nkind %s, parameters %s\n\n", i.Stage.Name, w.store.ObjectPath(i.Action.Output), t.Kind, t.Params)
			writeTable(out, t, rows)
			return nil
		},
	}
	c.Flags().IntVar(&rows, "rows", 5, "rows to show")
	return c
}

const cellWidth = 48

func writeTable(out io.Writer, t *artifact.Table, rows int) {
	columns := t.Columns()
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range columns {
		unit := ""
		if c.Unit != "" {
			unit = "[" + c.Unit + "]"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", c.Name, c.Type, unit, c.Doc)
	}
	tw.Flush()
	shown := min(max(rows, 0), t.NumRows())
	fmt.Fprintf(out, "\n%s, the first %d:\n", counted(t.NumRows(), "row"), shown)
	var names []string
	for _, c := range columns {
		// Fields of nested columns are shown inside their parent.
		if !strings.Contains(c.Name, ".") {
			names = append(names, c.Name)
		}
	}
	for row := range shown {
		tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for col, name := range names {
			fmt.Fprintf(tw, "  %s\t%s\n", name, t.Cell(row, col, cellWidth))
		}
		tw.Flush()
		fmt.Fprintln(out)
	}
}
