package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

func (w *workspace) logCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "log FIGURE/QUANTITY",
		Short: "Show the values that a number of a figure had",
		Long: `Shows the values that a number has had, by all records of the store that made its
figure, of any version of the code and any profile, oldest first: when, by which revision
of the sources, and whether it is what a profile has now. Records of one artifact are one
line. The revision has a + if the sources were not as it has them. The name may have * in
it, and is that of numbers.toml: figure, slash, quantity.
` + logJSON,
		Example:           w.app.examples("log 'FIGURE/*'", "log 'FIGURE/*' --json"),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: w.completeQuantities,
		RunE: func(c *cobra.Command, args []string) error {
			figure, name, ok := strings.Cut(args[0], "/")
			if !ok || figure == "" || name == "" {
				return usage("%q is not FIGURE/QUANTITY, as the keys of numbers.toml with their figure", args[0])
			}
			if _, err := path.Match(name, ""); err != nil {
				return usage("%q is no pattern: %w", name, err)
			}
			plan, err := w.planOf(nil)
			if err != nil {
				return err
			}
			f := &finder{}
			f.setProfile(w, plan)
			found, err := f.history(figure, name)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), found)
			}
			writeHistory(c.OutOrStdout(), found)
			return nil
		},
	}
	addJSON(c, &asJSON)
	return c
}

const logJSON = `
With --json: {"profile", "quantities": [{"figure", "name", "text", "values": [{"value",
"lo", "hi", "rounded", "none", "digest", "start", "revision", "modified", "build",
"now": [profiles]}]}]}. Value, lo and hi are null where there is no number.
`

type logReport struct {
	Profile    string        `json:"profile"`
	Quantities []quantityLog `json:"quantities"`
}

type quantityLog struct {
	Figure string     `json:"figure"`
	Name   string     `json:"name"`
	Text   string     `json:"text"` // the newest
	Values []logValue `json:"values"`
}

type logValue struct {
	Value    *float64        `json:"value"`
	Lo       *float64        `json:"lo"`
	Hi       *float64        `json:"hi"`
	Rounded  string          `json:"rounded"` // with its interval
	None     string          `json:"none"`
	Digest   digest.Artifact `json:"digest"`
	Start    time.Time       `json:"start"`
	Revision string          `json:"revision"`
	Modified bool            `json:"modified"`
	Build    string          `json:"build"`
	Now      []string        `json:"now"`
}

// history is that of the quantities of a figure whose name a pattern matches.
func (f *finder) history(figure, pattern string) (logReport, error) {
	out := logReport{Profile: f.profile, Quantities: []quantityLog{}}
	versions, figures := f.drawings(figure)
	if versions == nil {
		return out, fmt.Errorf("the store has no record of a figure %s; %s", figure, spec.Hint(figure, figures))
	}
	now := f.current()
	at := make(map[string]int)
	var names []string
	var unread error
	for _, r := range versions {
		x, err := f.exportOf(r)
		if err != nil {
			unread = errors.Join(unread, err)
			continue
		}
		for _, q := range x.Quantities {
			names = append(names, q.Name)
			if ok, _ := path.Match(pattern, q.Name); !ok && q.Name != pattern {
				continue
			}
			k, known := at[q.Name]
			if !known {
				k = len(out.Quantities)
				at[q.Name] = k
				out.Quantities = append(out.Quantities, quantityLog{Figure: figure, Name: q.Name})
			}
			of := &out.Quantities[k]
			of.Text = q.Text.Plain
			of.Values = append(of.Values, valueOf(q, r.Action, now[r.Action.Output]))
		}
	}
	if len(out.Quantities) > 0 {
		return out, nil
	}
	if len(names) == 0 && unread != nil {
		return out, fmt.Errorf("nothing can be read of %s: %w", figure, unread)
	}
	slices.Sort(names)
	return out, usage("%s has no quantity %s; %s", figure, pattern, spec.Hint(pattern, slices.Compact(names)))
}

// drawings are the records that made a figure, oldest first, one for each artifact, and the
// names of all figures on record.
func (f *finder) drawings(figure string) (of []*store.Record, figures []string) {
	exports := make(map[string]bool)
	for _, k := range f.app.Kinds {
		exports[k.Name] = k.Export
	}
	seen := make(map[digest.Artifact]bool)
	for _, r := range slices.Backward(f.recordIndex().records) {
		if !exports[r.Action.Kind] {
			continue
		}
		name := path.Base(r.Action.Stage)
		if !slices.Contains(figures, name) {
			figures = append(figures, name)
		}
		if name == figure && !seen[r.Action.Output] {
			seen[r.Action.Output] = true
			of = append(of, r)
		}
	}
	slices.Sort(figures)
	return of, figures
}

// current says of artifacts which profiles have them now.
func (f *finder) current() map[digest.Artifact][]string {
	out := make(map[digest.Artifact][]string)
	for _, name := range f.paper.Profiles() {
		graph, err := f.paper.Graph(name, f.app.Kinds)
		if err != nil {
			continue // it may be unfinished while others are in use
		}
		plan, err := f.engine.Plan(graph)
		if err != nil {
			continue
		}
		for _, i := range plan.Items {
			if i.Stage.Kind.Export && i.Action != nil {
				out[i.Action.Output] = append(out[i.Action.Output], name)
			}
		}
	}
	return out
}

// exportOf reads what a record's artifact has for people. That of an earlier version may have
// another form.
func (f *finder) exportOf(r *store.Record) (*pipeline.Export, error) {
	data, err := f.store.Get(r.Action.Output)
	if err != nil {
		return nil, err
	}
	t, err := artifact.Parse(data)
	if err != nil {
		return nil, err
	}
	rows, err := artifact.Rows[pipeline.Export](t)
	if err == nil && len(rows) != 1 {
		err = fmt.Errorf("it has %d rows", len(rows))
	}
	if err != nil {
		return nil, fmt.Errorf("artifact %s: %w", digest.Short(r.Action.Output), err)
	}
	return &rows[0], nil
}

func valueOf(q pipeline.Quantity, a *store.Action, now []string) logValue {
	number := func(v float64) *float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	return logValue{Value: number(q.Value), Lo: number(q.Lo), Hi: number(q.Hi), Rounded: withInterval(q),
		None: q.None.Plain, Digest: a.Output, Start: a.Start, Revision: a.Build.Revision, Modified: a.Build.Modified,
		Build: a.Build.Identity, Now: notNil(now)}
}

// withInterval writes a quantity as reports do.
func withInterval(q pipeline.Quantity) string {
	switch {
	case q.None.Plain != "":
		return "none: " + q.None.Plain
	case q.RoundedLo == "":
		return strings.TrimSpace(q.Rounded + " " + q.Unit)
	}
	return strings.TrimSpace(fmt.Sprintf("%s [%s, %s] %s", q.Rounded, q.RoundedLo, q.RoundedHi, q.Unit))
}

func writeHistory(out io.Writer, h logReport) {
	for k, q := range h.Quantities {
		if k > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%s/%s: %s\n", q.Figure, q.Name, q.Text)
		t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, v := range q.Values {
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\n", v.Start.Format("2006-01-02 15:04"), v.revision(), v.Rounded,
				digest.Short(v.Digest), v.now())
		}
		t.Flush()
	}
}

// revision names the sources.
func (v logValue) revision() string {
	r := v.Revision
	if r == "" {
		return "unknown"
	}
	if r = r[:min(9, len(r))]; v.Modified {
		r += "+"
	}
	return r
}

func (v logValue) now() string {
	if len(v.Now) == 0 {
		return ""
	}
	return "now in " + format.List(v.Now, 5)
}

// completeQuantities completes figures, and after the slash their quantities.
func (w *workspace) completeQuantities(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	plan, err := w.planOf(nil)
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []string
	for _, i := range plan.Items {
		if !i.Stage.Kind.Export {
			continue
		}
		figure := path.Base(i.Stage.Name)
		if !strings.HasPrefix(typed, figure+"/") {
			out = append(out, figure+"/")
			continue
		}
		if x, err := w.engine.Export(i); err == nil && x != nil {
			for _, q := range x.Quantities {
				out = append(out, figure+"/"+q.Name)
			}
		}
	}
	out = slices.DeleteFunc(out, func(name string) bool { return !strings.HasPrefix(name, typed) })
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
