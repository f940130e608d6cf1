package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
)

func (w *workspace) graphCommand() *cobra.Command {
	formats := []string{"dot", "mermaid"}
	var format string
	var stages bool
	c := &cobra.Command{
		Use:   "graph",
		Short: "Write the graph of stages for Graphviz or Mermaid",
		Long: `Writes which families of stages read which, with the number of stages of each. With
--stages every stage is a node of its own.`,
		Example: w.app.examples("graph | dot -Tsvg > graph.svg", "graph --format mermaid"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := w.read(); err != nil {
				return err
			}
			d := diagramOf(w.graph, stages)
			switch format {
			case "dot":
				d.dot(c.OutOrStdout())
			case "mermaid":
				d.mermaid(c.OutOrStdout())
			default:
				return usage("--format is %q; known are %s", format, strings.Join(formats, ", "))
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", formats[0], strings.Join(formats, " or "))
	c.Flags().BoolVar(&stages, "stages", false, "every stage by itself")
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// A diagram is nodes and the edges from inputs to users, in the graph's order.
type diagram struct {
	nodes []*box
	edges [][2]*box
}

type box struct {
	id          int
	name, kind  string
	stages      int
	exportsFile bool
}

func diagramOf(g *pipeline.Graph, each bool) *diagram {
	d := &diagram{}
	boxes := make(map[string]*box)
	name := func(s *pipeline.Stage) string {
		if each {
			return s.Name
		}
		return s.Family()
	}
	seen := make(map[[2]*box]bool)
	for _, s := range g.Stages {
		b := boxes[name(s)]
		if b == nil {
			b = &box{id: len(d.nodes), name: name(s), kind: s.Kind.Name, exportsFile: s.Kind.Export}
			boxes[b.name] = b
			d.nodes = append(d.nodes, b)
		}
		b.stages++
		for _, in := range s.Inputs {
			e := [2]*box{boxes[name(in)], b}
			if !seen[e] {
				seen[e] = true
				d.edges = append(d.edges, e)
			}
		}
	}
	return d
}

func (b *box) label(newline string) string {
	if b.stages == 1 {
		return b.name + newline + b.kind
	}
	return fmt.Sprintf("%s%s%s, %d stages", b.name, newline, b.kind, b.stages)
}

func (d *diagram) dot(out io.Writer) {
	fmt.Fprintln(out, "digraph paper {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];")
	for _, b := range d.nodes {
		extra := ""
		if b.exportsFile {
			extra = ", style=filled, fillcolor=\"#e8f0f8\""
		}
		fmt.Fprintf(out, "  n%d [label=\"%s\"%s];\n", b.id, b.label(`\n`), extra)
	}
	for _, e := range d.edges {
		fmt.Fprintf(out, "  n%d -> n%d;\n", e[0].id, e[1].id)
	}
	fmt.Fprintln(out, "}")
}

func (d *diagram) mermaid(out io.Writer) {
	fmt.Fprintln(out, "flowchart LR")
	for _, b := range d.nodes {
		open, close := "[", "]"
		if b.exportsFile {
			open, close = "([", "])"
		}
		fmt.Fprintf(out, "  n%d%s\"%s\"%s\n", b.id, open, b.label("<br>"), close)
	}
	for _, e := range d.edges {
		fmt.Fprintf(out, "  n%d --> n%d\n", e[0].id, e[1].id)
	}
}
