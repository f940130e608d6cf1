package cli

import (
	"fmt"
	"io"
	"path"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/report"
)

func (w *workplace) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "report",
		Short: "Write the page with all figures, numbers and where they come from",
		Long: `Writes, beside the figures of the profile,
  ` + report.PageFile + `    one page with every figure, its caption and numbers, where it comes
                 from, the graph of stages, and what is not up to date;
  ` + report.TOMLFile + `   the numbers of all figures;
  ` + report.TeXFile + `    the same as macros of LaTeX.
run does so too whenever it brings figures up to date. Files whose content would be
the same are left alone.`,
		Example: `  hero report
  hero report --profile smoke`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := w.open(); err != nil {
				return err
			}
			changed, err := w.writeReport(c.OutOrStdout(), nil)
			if err == nil && changed == 0 {
				fmt.Fprintf(c.OutOrStdout(), "%s is up to date\n", path.Join(w.exports(), report.PageFile))
			}
			return err
		},
	}
}

// writeReport brings the report of the profile up to date, by a plan of its whole graph
// if there is one that holds yet.
func (w *workplace) writeReport(out io.Writer, plan *engine.Plan) (changed int, err error) {
	if plan == nil {
		if plan, err = w.engine.Plan(w.graph); err != nil {
			return 0, err
		}
	}
	files, err := report.Write(report.Source{
		Program: w.app.Name, Title: w.app.Short, Profile: w.profile, Folder: w.exports(), Plan: plan, Code: w.engine.CodeOf,
	})
	for _, f := range files {
		fmt.Fprintf(out, "wrote %s\n", f)
	}
	return len(files), err
}

// exporting reports whether a graph has stages whose files people read.
func exporting(g *pipeline.Graph) bool {
	for _, s := range g.Stages {
		if s.Kind.Export {
			return true
		}
	}
	return false
}
