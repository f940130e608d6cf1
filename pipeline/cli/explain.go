package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/store"
)

// maxInputs is up to how many inputs of a family explain lists one by one.
const maxInputs = 3

func (w *workspace) explainCommand() *cobra.Command {
	var all, asJSON bool
	c := &cobra.Command{
		Use:   "explain FIGURE|ARTIFACT",
		Short: "Show where a figure or an artifact comes from",
		Long: `Follows a figure or an artifact back through everything it was computed from, to
the seeds and the code, with digests, times and machines. Of many inputs of one
family the first stands for all; --all lists every one.
` + explainJSON + namingHelp,
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
			if asJSON {
				writeNote(c.ErrOrStderr(), w.ageNote())
				f.writeNotes(c.ErrOrStderr())
				return writeJSON(c.OutOrStdout(), f.explanation(found))
			}
			e := &explainer{out: c.OutOrStdout(), all: all, seen: make(map[string]bool)}
			writeNote(e.out, w.ageNote())
			f.writeNotes(e.out)
			for _, m := range found {
				e.write(f.provenance(m), "")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&all, "all", false, "list every input")
	addJSON(c, &asJSON)
	return c
}

// namingHelp tells how explain and show take what they are about.
const namingHelp = `
An artifact is named by its stage, by the first digits (four or more) of its digest
or of its record's key, or by a file: in the store, its objects, its records or its
view, or among the exported figures. A file in the folder of a profile is that
profile's. What is no stage of the paper any more, or was computed by an earlier
version of it, is found too, as long as the store holds it.`

// A provenance is what is known of an artifact and of where it comes from.
type provenance struct {
	id     string // is written in full once
	title  string
	stage  string // empty if not known, as is the kind
	kind   string
	params []byte
	facts  []string // what else there is to say
	action *store.Action
	code   digest.Code
	source *code.Manifest // nil if not known
	inputs []input
}

// An input is one in a provenance.
type input struct {
	stage      string
	computed   bool
	provenance func() *provenance
}

// An explainer writes provenances, each once.
type explainer struct {
	out  io.Writer
	all  bool
	seen map[string]bool
}

func (e *explainer) write(p *provenance, indent string) {
	fmt.Fprint(e.out, indent, p.title)
	if e.seen[p.id] {
		fmt.Fprintln(e.out, ", see above")
		return
	}
	e.seen[p.id] = true
	fmt.Fprintln(e.out)
	indent += "  "
	line := func(text string) { fmt.Fprintln(e.out, indent+text) }
	if p.params != nil {
		line(fact("parameters", "%s", p.params))
	}
	for _, f := range p.facts {
		line(f)
	}
	if a := p.action; a != nil {
		line(fact("artifact", "%s, %s", a.Output, format.Bytes(a.Size)))
		by := []string{a.Platform, a.Go}
		if a.Machine != "" {
			by = append(by, a.Machine)
		}
		line(fact("computed", "%s on %s (%s) in %s",
			format.Time(a.Start), a.Host, strings.Join(by, ", "), format.Seconds(a.Seconds)))
		line(fact("program", "%s", a.Build))
		line(fact("key", "%s", a.Key))
	}
	if p.code != "" {
		line(fact("code", "%s%s", p.code, e.sources(p.source)))
	}
	if len(p.inputs) > 0 {
		line("from")
	}
	for _, inputs := range groupBy(p.inputs, func(in input) string { return family(in.stage) }) {
		e.inputs(inputs, indent+"  ")
	}
}

// fact is a line that says something of an artifact.
func fact(name, text string, args ...any) string {
	return fmt.Sprintf("%-10s %s", name, fmt.Sprintf(text, args...))
}

// sources lists packages and modules.
func (e *explainer) sources(d *code.Manifest) string {
	if d == nil {
		return ", of which the store has no list of sources"
	}
	var packages, modules []string
	for _, p := range d.Packages {
		packages = append(packages, p.Path)
	}
	for _, m := range d.Modules {
		modules = append(modules, m.Path+" "+m.Version)
	}
	most := 4
	if e.all {
		most = len(packages) + len(modules)
	}
	text := ": " + format.List(packages, most)
	if len(modules) > 0 {
		text += "; " + format.List(modules, most)
	}
	return text
}

// inputs writes those of one family.
func (e *explainer) inputs(inputs []input, indent string) {
	if len(inputs) > maxInputs && !e.all {
		computed := 0
		for _, in := range inputs {
			if in.computed {
				computed++
			}
		}
		fmt.Fprintf(e.out, "%s%d stages of %s, %d computed, such as\n",
			indent, len(inputs), family(inputs[0].stage), computed)
		e.write(inputs[0].provenance(), indent+"  ")
		return
	}
	for _, in := range inputs {
		e.write(in.provenance(), indent)
	}
}
