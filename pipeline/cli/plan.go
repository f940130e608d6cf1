package cli

import (
	"fmt"
	"io"
	"path"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
)

func (w *workplace) planCommand() *cobra.Command {
	var all bool
	var memory memoryFlag
	c := &cobra.Command{
		Use:   "plan [FIGURE|STAGE-GLOB...]",
		Short: "Say what run would do, and why",
		Long: `Lists the stages that are not fresh: "restore" if the artifact is in the store
already, "run" if it has to be computed, with what changed since the stage was
last up to date: its code, its parameters or which of its inputs. A stage whose
input runs first is planned to run too; if the input comes out as it was, it
will not. Stages of a family with the same reasons are listed together, unless
--all is given.`,
		Example:           w.app.examples("plan", "plan --all", "plan FIGURE --profile full"),
		ValidArgsFunction: w.completeNames,
		RunE: func(c *cobra.Command, patterns []string) error {
			limit, err := memory.limit()
			if err != nil {
				return err
			}
			plan, err := w.planOf(patterns)
			if err != nil {
				return err
			}
			w.writeNotes(c.OutOrStdout())
			writePlan(c.OutOrStdout(), plan, all)
			if large := plan.TooLarge(limit); large != nil {
				fmt.Fprintf(c.OutOrStdout(), "run will refuse %s\n", memory.refusal(large))
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "list every stage by itself")
	memory.add(c)
	return c
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

func writePlan(out io.Writer, plan *engine.Plan, all bool) {
	var order []string
	groups := make(map[string][]*engine.Item)
	var spent float64
	var memory int64
	for n, i := range plan.Items {
		if i.Status == engine.Fresh {
			continue
		}
		if i.Status == engine.Run {
			cost := i.Stage.Cost()
			spent += cost.Seconds
			memory = max(memory, cost.Bytes)
		}
		key := fmt.Sprint(n)
		if !all {
			key = fmt.Sprint(familyOf(i.Stage), i.Status, alike(i.Reasons))
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
	}
	for _, key := range order {
		group := groups[key]
		first := group[0]
		if len(group) == 1 {
			fmt.Fprintf(out, "%-8s %s\n", first.Status, first.Stage.Name)
		} else {
			fmt.Fprintf(out, "%-8s %s, %d stages such as %s\n", first.Status, familyOf(first.Stage), len(group), first.Stage.Name)
		}
		for _, r := range first.Reasons {
			fmt.Fprintf(out, "           %s: %s\n", r.What, few(r.Details, 4))
		}
	}
	fmt.Fprintf(out, "%d stages: %d fresh, %d to restore, %d to run",
		len(plan.Items), plan.Count(engine.Fresh), plan.Count(engine.Restore), plan.Count(engine.Run))
	if spent > 0 {
		fmt.Fprintf(out, " in about %s of core time, the largest in %s of memory", seconds(spent), sized(memory))
	}
	fmt.Fprintln(out)
}

// familyOf is the family of a stage, a figure being its own.
func familyOf(s *pipeline.Stage) string {
	if s.Kind.Export {
		return s.Name
	}
	family, _, _ := strings.Cut(s.Name, "/")
	return family
}

// alike writes reasons so that those of stages of one family that changed in the
// same way are the same: of inputs only the families count.
func alike(reasons []engine.Reason) string {
	var b strings.Builder
	for _, r := range reasons {
		b.WriteString(string(r.What))
		seen := make(map[string]bool)
		for _, d := range r.Details {
			if r.What == "inputs" {
				name, change, _ := strings.Cut(d, " ")
				name, _, _ = strings.Cut(name, "/")
				d = name + " " + change
			}
			if !seen[d] {
				seen[d] = true
				fmt.Fprintf(&b, "; %s", d)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
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
		Use:     "status",
		Short:   "Summarise how far a profile is computed",
		Long:    `Counts the stages of each family by what they need, with the size of their artifacts and the time that computing them took.`,
		Example: w.app.examples("status", "status --profile smoke"),
		Args:    cobra.NoArgs,
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
		family := familyOf(i.Stage)
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
