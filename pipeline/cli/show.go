package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/store"
)

func (w *workspace) showCommand() *cobra.Command {
	var x extract
	c := &cobra.Command{
		Use:   "show FIGURE|STAGE|FAMILY|DIGEST",
		Short: "Show an artifact: its columns, metadata and rows; write its rows for other programs",
		Long: `Shows the columns of an artifact with types, units and meanings, the parameters of
the stage that computed it, and its first rows; of a figure, its caption and numbers.
Any reader of Arrow IPC files opens the file itself, whose path is shown too.
` + rowsHelp + namingHelp,
		Example: w.app.examples(
			"show STAGE",
			"show "+storeDir+"/view/FAMILY.arrow",
			"show 3f9ac2 --rows 20",
			"show STAGE --format csv -o rows.csv",
			"show 'STAGES' --format parquet -o family.parquet",
			"show FIGURE --format csv --unnest quantities"),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: w.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			if err := x.check(c.OutOrStdout()); err != nil {
				return err
			}
			f, found, err := w.find(args[0])
			if err != nil {
				return err
			}
			if err := x.checkFile(w); err != nil {
				return err
			}
			if x.text() {
				return x.save(c.OutOrStdout(), func(out io.Writer) error {
					f.writeNotes(out)
					return f.show(out, args[0], found, x.rows.orAll(defaultRows))
				})
			}
			f.writeNotes(c.ErrOrStderr())
			return f.extract(c, args[0], found, &x)
		},
	}
	x.add(c)
	return c
}

// show writes the first match that is computed.
func (f *finder) show(out io.Writer, name string, found []match, rows int) error {
	candidates, first := f.candidates(found)
	x := candidates[first]
	if len(found) > 1 {
		var titles []string
		for _, c := range candidates {
			titles = append(titles, c.title)
		}
		fmt.Fprintf(out, "%d artifacts are called %s: %s; this is %s\n",
			len(found), name, format.List(titles, 6), x.title)
	}
	if x.output == "" {
		return f.notComputed([]string{x.title}, x.title)
	}
	for _, n := range x.notes {
		fmt.Fprintln(out, n)
	}
	t, err := f.open(x)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n%s\nkind %s, parameters %s\n\n", x.title, f.store.ObjectPath(x.output), t.Kind, t.Params)
	writeColumns(out, t)
	if x, err := artifact.Rows[pipeline.Export](t); err == nil && len(x) == 1 {
		writeExport(out, x[0])
	} else {
		writeRows(out, t, rows)
	}
	return nil
}

// open reads the artifact of a candidate that has one.
func (f *finder) open(x *candidate) (*artifact.Table, error) {
	data, err := f.store.Get(x.output)
	if err != nil {
		return nil, err
	}
	t, err := artifact.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", x.title, err)
	}
	return t, nil
}

// notComputed is the error for stages that have no artifact, which running a target gives them.
func (f *finder) notComputed(stages []string, target string) error {
	profile, are := "", "is"
	if f.view() != "" {
		profile = " --profile " + f.profile
	}
	if len(stages) > 1 {
		are = "are"
	}
	return fmt.Errorf("%s %s not computed, or not intact; run: %s run '%s'%s",
		format.List(stages, 4), are, f.app.Name, target, profile)
}

// candidates are those of all matches, and which is the first that is computed, or else 0.
func (f *finder) candidates(found []match) (out []*candidate, first int) {
	for k, m := range found {
		out = append(out, f.candidate(m))
		if out[first].output == "" && out[k].output != "" {
			first = k
		}
	}
	return out, first
}

// A candidate is the artifact that a match has to show.
type candidate struct {
	stage  string          // empty if there is no record
	title  string          // the stage, and of which version
	output digest.Artifact // empty if there is none
	notes  []string
}

func (f *finder) candidate(m match) *candidate {
	x := &candidate{}
	records := m.records
	switch {
	case m.item != nil && m.item.Action != nil:
		return &candidate{stage: m.item.Stage.Name, title: m.item.Stage.Name, output: m.item.Action.Output}
	case m.item != nil:
		x.stage, x.title = m.item.Stage.Name, m.item.Stage.Name
		if records = f.recordIndex().ofStage(x.title); records == nil {
			return x
		}
		if own := f.recordIndex().byKey[m.item.Key]; own != nil {
			records = []*store.Record{own}
		}
		x.notes = append(x.notes, f.notCurrent(m.item, records[0]))
	case records != nil:
		x.stage = records[0].Action.Stage
		x.title = x.stage + f.version(records[0].Action.Key)
	default:
		return &candidate{title: noRecord, output: m.output}
	}
	x.output = records[0].Action.Output
	x.notes = append(append(x.notes, f.versions("also", records[1:], "")...), defects(records[0])...)
	return x
}

// notCurrent says why a record, shown for a stage, is not up to date for it.
func (f *finder) notCurrent(i *engine.Item, r *store.Record) string {
	profile := f.otherProfile(r.Action.Key)
	switch {
	case r.Action.Key == i.Key && f.store.Check(r.Action.Output) != nil:
		return i.Stage.Name + " was computed as it is now, but its artifact is damaged"
	case r.Action.Key == i.Key:
		return i.Stage.Name + " was computed as it is now, but its record is damaged"
	case profile != "":
		return fmt.Sprintf("%s is not computed in profile %s; this is that of profile %s",
			i.Stage.Name, f.profile, profile)
	}
	return i.Stage.Name + " is not computed as it is now; this is the last that the store has of it"
}

const cellWidth = 48

func writeColumns(out io.Writer, t *artifact.Table) {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, c := range t.Columns() {
		unit := ""
		if c.Unit != "" {
			unit = "[" + c.Unit + "]"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", c.Name, c.Type, unit, c.Doc)
	}
	tw.Flush()
}

func writeRows(out io.Writer, t *artifact.Table, rows int) {
	shown := min(rows, t.NumRows())
	fmt.Fprintf(out, "\n%s, the first %d:\n", format.Count(t.NumRows(), "row"), shown)
	var names []string
	for _, c := range t.Columns() {
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

// writeExport writes what is exported as people read it.
func writeExport(out io.Writer, x pipeline.Export) {
	for _, words := range x.Caption {
		fmt.Fprintf(out, "\n%s\n", words.Plain)
	}
	fmt.Fprintln(out)
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, q := range x.Quantities {
		value := q.Rounded
		switch {
		case q.None.Plain != "":
			value = "none: " + q.None.Plain
		case q.RoundedLo != "":
			value += " [" + q.RoundedLo + ", " + q.RoundedHi + "]"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", q.Name, strings.TrimSpace(value+" "+q.Unit), q.Text.Plain)
	}
	for _, f := range x.Files {
		fmt.Fprintf(tw, "%s\t%d bytes\t\n", f.Name, len(f.Content))
	}
	tw.Flush()
}
