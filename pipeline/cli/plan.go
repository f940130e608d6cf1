package cli

import (
	"fmt"
	"io"
	"path"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/engine"
)

func (w *workplace) planCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "plan [FIGURE|STAGE-GLOB...]",
		Short: "Say what run would do, and why",
		Long: `Lists the stages that are not fresh: "restore" if the artifact is in the store
already, "run" if it has to be computed, with what changed since the stage was
last up to date: its code, its parameters or which of its inputs. A stage whose
input runs first is planned to run too; if the input comes out as it was, it
will not.`,
		Example: `  hero plan
  hero plan success --profile full`,
		ValidArgsFunction: w.completeNames,
		RunE: func(c *cobra.Command, patterns []string) error {
			plan, err := w.planOf(patterns)
			if err != nil {
				return err
			}
			writePlan(c.OutOrStdout(), plan)
			return nil
		},
	}
}

func (w *workplace) planOf(patterns []string) (*engine.Plan, error) {
	if err := w.open(); err != nil {
		return nil, err
	}
	targets, err := w.targets(patterns)
	if err != nil {
		return nil, err
	}
	return w.engine.Plan(w.graph.Closure(targets))
}

func writePlan(out io.Writer, plan *engine.Plan) {
	var spent float64
	var memory int64
	for _, i := range plan.Items {
		switch i.Status {
		case engine.Restore:
			fmt.Fprintf(out, "restore  %s\n", i.Stage.Name)
		case engine.Run:
			fmt.Fprintf(out, "run      %s\n", i.Stage.Name)
			for _, r := range i.Reasons {
				fmt.Fprintf(out, "           %s: %s\n", r.What, few(r.Details, 4))
			}
			cost := i.Stage.Cost()
			spent += cost.Seconds
			memory = max(memory, cost.Bytes)
		}
	}
	fmt.Fprintf(out, "%d stages: %d fresh, %d to restore, %d to run",
		len(plan.Items), plan.Count(engine.Fresh), plan.Count(engine.Restore), plan.Count(engine.Run))
	if spent > 0 {
		fmt.Fprintf(out, " in about %s of core time, the largest in %s of memory", seconds(spent), sized(memory))
	}
	fmt.Fprintln(out)
}

// few joins the first of some words and counts the rest.
func few(words []string, most int) string {
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most-1], ", "), len(words)-most+1)
}

func (w *workplace) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Summarise how far a profile is computed",
		Long:  `Counts the stages of each family by what they need, with the size of their artifacts and the time that computing them took.`,
		Example: `  hero status
  hero status --profile smoke`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			plan, err := w.planOf(nil)
			if err != nil {
				return err
			}
			w.writeStatus(c.OutOrStdout(), plan)
			return nil
		},
	}
}

func (w *workplace) writeStatus(out io.Writer, plan *engine.Plan) {
	type row struct {
		stages, fresh, restore, run int
		bytes                       int64
		seconds                     float64
	}
	rows := make(map[string]*row)
	var order []string
	var total row
	for _, i := range plan.Items {
		family := i.Stage.Name
		if !i.Stage.Kind.Export {
			family, _, _ = strings.Cut(family, "/")
		}
		if rows[family] == nil {
			rows[family] = &row{}
			order = append(order, family)
		}
		for _, r := range []*row{rows[family], &total} {
			r.stages++
			switch i.Status {
			case engine.Fresh:
				r.fresh++
			case engine.Restore:
				r.restore++
			case engine.Run:
				r.run++
			}
			if i.Action != nil {
				r.bytes += i.Action.Size
				r.seconds += i.Action.Seconds
			}
		}
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "stages\tfresh\trestore\trun\tsize\tcomputed in\t  \n")
	line := func(name string, r *row) {
		fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%s\t%s\t  %s\n", r.stages, r.fresh, r.restore, r.run, sized(r.bytes), seconds(r.seconds), name)
	}
	for _, family := range order {
		line(family, rows[family])
	}
	line(fmt.Sprintf("profile %s, store %s", w.profile, path.Clean(w.storeDir)), &total)
	t.Flush()
}
