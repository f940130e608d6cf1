package cli

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/calibration"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
)

func (w *workspace) planCommand() *cobra.Command {
	var all, asJSON bool
	var memory memoryFlag
	var onBatch batchFlags
	c := &cobra.Command{
		Use:   "plan [FIGURE|STAGE-GLOB...]",
		Short: "Say what run would do, and why",
		Long: `Lists the stages that are not fresh: "restore" if the artifact is in the store
already, "run" if it has to be computed, with what changed since the stage was
last up to date: its code, its parameters or which of its inputs. A stage whose
input runs first is planned to run too; if the input comes out as it was, it
will not. Stages of a family with the same reasons are listed together, unless
--all is given.

With --on slurm it lists the jobs that would be submitted instead: arrays of tasks, how
long the longest is expected to take, what each asks for, and after which jobs it
begins; = stands before one whose corresponding task alone is waited for.
` + planJSON + batchJSON,
		Example: w.app.examples("plan", "plan --all", "plan FIGURE --profile full",
			"plan --profile full --on slurm --simulate 64,1000,10000"),
		ValidArgsFunction: w.completeNames,
		RunE: func(c *cobra.Command, patterns []string) error {
			limit, err := memory.limit()
			if err != nil {
				return err
			}
			batched, err := onBatch.check(c)
			if err != nil {
				return err
			}
			plan, err := w.planOf(patterns)
			if err != nil {
				return err
			}
			if batched {
				return w.planBatch(c, plan, onBatch, asJSON)
			}
			if asJSON {
				w.writeNotes(c.ErrOrStderr())
				return writeJSON(c.OutOrStdout(), w.planReport(plan, plan.TooLarge(limit)))
			}
			w.writeNotes(c.OutOrStdout())
			writePlan(c.OutOrStdout(), plan, all, w.calibration(plan, w.machine()))
			if large := plan.TooLarge(limit); large != nil {
				fmt.Fprintf(c.OutOrStdout(), "run will refuse %s\n", memory.refusal(large))
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "list every stage by itself")
	addJSON(c, &asJSON)
	memory.add(c)
	onBatch.add(c)
	return c
}

// planBatch says which jobs would bring a plan up to date.
func (w *workspace) planBatch(c *cobra.Command, plan *engine.Plan, b batchFlags, asJSON bool) error {
	report, err := w.batchReport(plan, b)
	if err != nil {
		return err
	}
	if asJSON {
		w.writeNotes(c.ErrOrStderr())
		return writeJSON(c.OutOrStdout(), report)
	}
	w.writeNotes(c.OutOrStdout())
	report.write(c.OutOrStdout())
	return nil
}

func (w *workspace) planOf(patterns []string) (*engine.Plan, error) {
	if err := w.open(); err != nil {
		return nil, err
	}
	targets, err := w.targets(patterns)
	if err != nil {
		return nil, err
	}
	return w.engine.Plan(w.graph.Closure(targets))
}

// countByStatus says how many stages of a plan are fresh, to restore and to run.
func countByStatus(p *engine.Plan) string {
	return fmt.Sprintf("%d stages: %d fresh, %d to restore, %d to run",
		len(p.Items), p.Count(engine.Fresh), p.Count(engine.Restore), p.Count(engine.Run))
}

// planMemory is that of the largest stage which a plan runs.
func planMemory(plan *engine.Plan) (bytes int64) {
	for _, s := range plan.ToRun() {
		bytes = max(bytes, s.Cost().Bytes)
	}
	return bytes
}

func writePlan(out io.Writer, plan *engine.Plan, all bool, learned *calibration.Calibration) {
	var waiting []*engine.Item
	for _, i := range plan.Items {
		if i.Status != engine.Fresh {
			waiting = append(waiting, i)
		}
	}
	together := func(i *engine.Item) string { return fmt.Sprint(i.Stage.Family(), i.Status, summary(i.Reasons)) }
	if all {
		together = func(i *engine.Item) string { return i.Stage.Name }
	}
	for _, group := range groupBy(waiting, together) {
		first := group[0]
		if len(group) == 1 {
			fmt.Fprintf(out, "%-8s %s\n", first.Status, first.Stage.Name)
		} else {
			fmt.Fprintf(out, "%-8s %s, %d stages such as %s\n",
				first.Status, first.Stage.Family(), len(group), first.Stage.Name)
		}
		for _, r := range first.Reasons {
			fmt.Fprintf(out, "           %s: %s\n", r.What, format.List(r.Details, 4))
		}
	}
	fmt.Fprint(out, countByStatus(plan))
	if plan.Count(engine.Run) > 0 {
		fmt.Fprintf(out, " in %s, the largest in %s of memory", expect(plan, learned).text(), format.Bytes(planMemory(plan)))
	}
	fmt.Fprintln(out)
}

// summary writes reasons so that stages of one family that changed in the same way have
// the same: of inputs it names families alone.
func summary(reasons []engine.Reason) string {
	var b strings.Builder
	for _, r := range reasons {
		var details []string
		for _, d := range r.Details {
			if r.What == "inputs" {
				stage, change, _ := strings.Cut(d, " ")
				d = family(stage) + " " + change
			}
			if !slices.Contains(details, d) {
				details = append(details, d)
			}
		}
		fmt.Fprintln(&b, r.What, strings.Join(details, "; "))
	}
	return b.String()
}

func (w *workspace) statusCommand() *cobra.Command {
	var asJSON, held bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Summarise how far a profile is computed",
		Long: `Counts the stages of each family by what they need, with the size of their artifacts
and the time that computing them took.

With --held it says of the whole store instead what in it is needed, by which profiles
and locks, and what ` + w.app.Name + ` gc would remove.
` + statusJSON,
		Example: w.app.examples("status", "status --profile smoke", "status --held", "status --json"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if held {
				return w.held(c.OutOrStdout(), asJSON)
			}
			plan, err := w.planOf(nil)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), w.statusOf(plan))
			}
			w.writeStatus(c.OutOrStdout(), plan)
			return nil
		},
	}
	addJSON(c, &asJSON)
	c.Flags().BoolVar(&held, "held", false, "say what of the store is needed, and by what")
	return c
}

func (w *workspace) writeStatus(out io.Writer, plan *engine.Plan) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "stages\tfresh\trestore\trun\tsize\tcomputed in\t  \n")
	line := func(name string, c statusCount) {
		fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%s\t%s\t  %s\n", c.Stages, c.Fresh, c.Restore, c.Run,
			format.Bytes(c.Bytes), format.Seconds(c.Seconds), name)
	}
	status := w.statusOf(plan)
	for _, f := range status.Families {
		line(f.Family, f.statusCount)
	}
	line(fmt.Sprintf("profile %s, store %s", w.profile, path.Clean(w.storeDir)), status.Total)
	t.Flush()
}
