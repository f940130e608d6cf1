package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

// manyInputs is how many inputs of one family explain lists one by one.
const manyInputs = 3

func (w *workplace) explainCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "explain FIGURE|ARTIFACT",
		Short: "Show where a figure or an artifact comes from",
		Long: `Follows a figure or an artifact back through everything it was computed from, to
the seeds and the code, with digests, times and machines. An artifact is named by
its stage, by the first digits of its digest, or by a file in the store's view or
among the exported figures. Of many inputs of one family the first stands for
all; --all lists every one.`,
		Example: `  hero explain success
  hero explain figures/out/success.pdf
  hero explain 'curve-fit' --all
  hero explain 3f9ac2`,
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
			e := &explainer{out: c.OutOrStdout(), w: w, plan: plan, all: all, seen: make(map[*engine.Item]bool)}
			for _, i := range items {
				e.item(i, "")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "list every input")
	return c
}

// find returns the items that a name stands for.
func (w *workplace) find(plan *engine.Plan, name string) ([]*engine.Item, error) {
	var out []*engine.Item
	add := func(stages []*pipeline.Stage) {
		for _, s := range stages {
			out = append(out, plan.Of(s))
		}
	}
	if add(w.graph.Match(name)); len(out) > 0 {
		return out, nil
	}
	if rel, err := filepath.Rel(filepath.Join(w.storeDir, "view", w.view()), name); err == nil && filepath.IsLocal(rel) {
		rel = strings.TrimSuffix(strings.TrimSuffix(filepath.ToSlash(rel), ".arrow"), ".json")
		if add(w.graph.Match(rel)); len(out) > 0 {
			return out, nil
		}
		for _, s := range w.graph.Stages {
			if rel == store.ViewName(s.Name) {
				return []*engine.Item{plan.Of(s)}, nil
			}
		}
	}
	if rel, err := filepath.Rel(w.exports(), name); err == nil && filepath.IsLocal(rel) {
		if add(w.graph.Match(strings.TrimSuffix(rel, filepath.Ext(rel)))); len(out) > 0 {
			return out, nil
		}
	}
	digests, err := w.store.Find(name)
	if err != nil {
		return nil, err
	}
	for _, digest := range digests {
		for _, i := range plan.Items {
			if i.Action != nil && i.Action.Output == digest {
				out = append(out, i)
			}
		}
	}
	if len(out) == 0 {
		return nil, Usage(fmt.Errorf("profile %s has no figure, stage or artifact %s; %s", w.profile, name, spec.Hint(name, w.names())))
	}
	return out, nil
}

// An explainer writes the history of items, each once.
type explainer struct {
	out  io.Writer
	w    *workplace
	plan *engine.Plan
	all  bool
	seen map[*engine.Item]bool
}

func (e *explainer) item(i *engine.Item, indent string) {
	fmt.Fprintf(e.out, "%s%s (%s)", indent, i.Stage.Name, i.Stage.Kind.Name)
	if e.seen[i] {
		fmt.Fprintln(e.out, ", see above")
		return
	}
	e.seen[i] = true
	fmt.Fprintln(e.out)
	in := indent + "  "
	fmt.Fprintf(e.out, "%sparameters %s\n", in, i.Params)
	a := i.Action
	if a == nil {
		for _, r := range i.Reasons {
			fmt.Fprintf(e.out, "%snot computed: %s: %s\n", in, r.What, few(r.Details, 4))
		}
	} else {
		fmt.Fprintf(e.out, "%sartifact   %s, %s\n", in, a.Output, sized(a.Size))
		fmt.Fprintf(e.out, "%scomputed   %s on %s (%s, %s) in %s\n", in,
			a.Start.Format("2006-01-02 15:04:05 UTC"), a.Host, a.Platform, a.Go, seconds(a.Seconds))
		fmt.Fprintf(e.out, "%skey        %s\n", in, a.Key)
	}
	e.code(i, in)
	e.inputs(i, in)
}

// code lists packages and modules.
func (e *explainer) code(i *engine.Item, indent string) {
	var packages, modules []string
	for _, p := range i.Code.Packages {
		packages = append(packages, p.Path)
	}
	for _, m := range i.Code.Modules {
		modules = append(modules, m.Path+" "+m.Version)
	}
	most := 4
	if e.all {
		most = 1000
	}
	fmt.Fprintf(e.out, "%scode       %s: %s", indent, i.Code.Sum, few(packages, most))
	if len(modules) > 0 {
		fmt.Fprintf(e.out, "; %s", few(modules, most))
	}
	fmt.Fprintln(e.out)
}

func (e *explainer) inputs(i *engine.Item, indent string) {
	var order []string
	byFamily := make(map[string][]*engine.Item)
	for _, s := range i.Stage.Inputs {
		family, _, _ := strings.Cut(s.Name, "/")
		if byFamily[family] == nil {
			order = append(order, family)
		}
		byFamily[family] = append(byFamily[family], e.plan.Of(s))
	}
	if len(order) > 0 {
		fmt.Fprintf(e.out, "%sfrom\n", indent)
	}
	for _, family := range order {
		items := byFamily[family]
		if len(items) > manyInputs && !e.all {
			computed := 0
			for _, in := range items {
				if in.Action != nil {
					computed++
				}
			}
			fmt.Fprintf(e.out, "%s  %d stages of %s, %d computed, such as\n", indent, len(items), family, computed)
			e.item(items[0], indent+"    ")
			continue
		}
		for _, in := range items {
			e.item(in, indent+"  ")
		}
	}
}
