package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
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
the seeds and the code, with digests, times and machines. Of many inputs of one
family the first stands for all; --all lists every one.
` + naming,
		Example: w.app.examples(
			"explain FIGURE",
			"explain EXPORTS/FIGURE.pdf",
			"explain 'FAMILY' --all",
			"explain 3f9ac2"),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: w.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			f, found, err := w.find(args[0])
			if err != nil {
				return err
			}
			e := &explainer{out: c.OutOrStdout(), all: all, seen: make(map[string]bool)}
			if note := w.ageNote(); note != "" {
				fmt.Fprintln(e.out, note)
			}
			f.writeNotes(e.out)
			for _, m := range found {
				e.write(f.history(m), "")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "list every input")
	return c
}

// naming tells how explain and show take what they are about.
const naming = `
An artifact is named by its stage, by the first digits (four or more) of its digest
or of its record's key, or by a file: in the store, its objects, its records or its
view, or among the exported figures. A file in the folder of a profile is that
profile's. What is no stage of the paper any more, or was computed by an earlier
version of it, is found too, as long as the store holds it.`

// A history is what is known of an artifact and of where it comes from.
type history struct {
	id     string // one that was written already is not written again
	title  string
	params []byte
	facts  []string // what else there is to say
	action *store.Action
	code   digest.Code
	source code.Manifest
	listed bool // source is known
	inputs []ancestor
}

// An ancestor is an input in a history.
type ancestor struct {
	stage    string
	computed bool
	history  func() *history
}

// An explainer writes histories, each once.
type explainer struct {
	out  io.Writer
	all  bool
	seen map[string]bool
}

func (e *explainer) write(h *history, indent string) {
	fmt.Fprint(e.out, indent, h.title)
	if e.seen[h.id] {
		fmt.Fprintln(e.out, ", see above")
		return
	}
	e.seen[h.id] = true
	fmt.Fprintln(e.out)
	in := indent + "  "
	line := func(name, format string, args ...any) {
		fmt.Fprintf(e.out, "%s%-10s %s\n", in, name, fmt.Sprintf(format, args...))
	}
	if h.params != nil {
		line("parameters", "%s", h.params)
	}
	for _, f := range h.facts {
		fmt.Fprintf(e.out, "%s%s\n", in, f)
	}
	if a := h.action; a != nil {
		line("artifact", "%s, %s", a.Output, sized(a.Size))
		line("computed", "%s on %s (%s, %s) in %s",
			a.Start.Format("2006-01-02 15:04:05 UTC"), a.Host, a.Platform, a.Go, seconds(a.Seconds))
		line("program", "%s", a.Build)
		line("key", "%s", a.Key)
	}
	if h.code != "" {
		line("code", "%s%s", h.code, e.sources(h))
	}
	e.inputs(h, in)
}

// sources lists packages and modules.
func (e *explainer) sources(h *history) string {
	if !h.listed {
		return ", of which the store has no list of sources"
	}
	var packages, modules []string
	for _, p := range h.source.Packages {
		packages = append(packages, p.Path)
	}
	for _, m := range h.source.Modules {
		modules = append(modules, m.Path+" "+m.Version)
	}
	most := 4
	if e.all {
		most = 1000
	}
	text := ": " + few(packages, most)
	if len(modules) > 0 {
		text += "; " + few(modules, most)
	}
	return text
}

func (e *explainer) inputs(h *history, indent string) {
	var order []string
	byFamily := make(map[string][]ancestor)
	for _, in := range h.inputs {
		family, _, _ := strings.Cut(in.stage, "/")
		if byFamily[family] == nil {
			order = append(order, family)
		}
		byFamily[family] = append(byFamily[family], in)
	}
	if len(order) > 0 {
		fmt.Fprintf(e.out, "%sfrom\n", indent)
	}
	for _, family := range order {
		inputs := byFamily[family]
		if len(inputs) > manyInputs && !e.all {
			computed := 0
			for _, in := range inputs {
				if in.computed {
					computed++
				}
			}
			fmt.Fprintf(e.out, "%s  %d stages of %s, %d computed, such as\n", indent, len(inputs), family, computed)
			e.write(inputs[0].history(), indent+"    ")
			continue
		}
		for _, in := range inputs {
			e.write(in.history(), indent+"  ")
		}
	}
}
