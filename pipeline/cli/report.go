package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/report"
)

func (w *workspace) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "report",
		Short: "Write the page with all figures, numbers and where they come from",
		Long: `Writes, beside the figures of the profile,
  ` + report.PageFile + `    one page with the findings of paper.toml, every figure, its caption and
                 numbers, where it comes from, the graph of stages, and what is not up
                 to date;
  ` + report.TOMLFile + `   the numbers of all figures;
  ` + report.TeXFile + `    the same as macros of LaTeX.
run does so too whenever it brings figures up to date, for the figures that it was
asked for: of others that are not up to date it leaves the numbers, and the page, as
they stand. Files whose content would be the same are left alone.`,
		Example: w.app.examples("report", "report --profile smoke"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := w.open(); err != nil {
				return err
			}
			r, err := w.report(nil, nil)
			writeFiles(c.OutOrStdout(), r.Changed, w.exports())
			if err == nil && len(r.Changed) == 0 {
				fmt.Fprintf(c.OutOrStdout(), "%s is up to date\n", filepath.Join(w.exports(), report.PageFile))
			}
			return w.withAdvice(err)
		},
	}
}

// report brings the report of the profile up to date, after a run for the figures that
// it was asked for, by a plan of the whole graph if there is one that holds yet.
func (w *workspace) report(asked func(*pipeline.Stage) bool, plan *engine.Plan) (r report.Result, err error) {
	if plan == nil {
		if plan, err = w.engine.Plan(w.graph); err != nil {
			return r, err
		}
	}
	src := w.reportSource(plan, w.exports())
	src.Asked = asked
	return report.Write(src)
}

// reportSource is what there is to report of a plan, in a folder.
func (w *workspace) reportSource(plan *engine.Plan, folder string) report.Source {
	paper := w.paper.Report()
	paper.Title = cmp.Or(paper.Title, w.app.Short)
	return report.Source{
		Program: w.app.Name, Paper: paper, Profile: w.profile, Default: w.paper.DefaultProfile(), Folder: folder,
		Plan: plan, Code: w.engine.CodeOf, Export: w.engine.Export,
	}
}

// maxFiles is up to how many files are listed, and not counted: one figure and the report.
const maxFiles = 11

// writeFiles says which files were written.
func writeFiles(out io.Writer, files []string, folder string) {
	if len(files) > maxFiles {
		fmt.Fprintf(out, "wrote %s in %s\n", format.Count(len(files), "file"), folder)
		return
	}
	for _, f := range files {
		fmt.Fprintf(out, "wrote %s\n", f)
	}
}

// checkOut is an error if what --out names is there and no folder.
func (w *workspace) checkOut() error {
	if w.outDir == "" {
		return nil
	}
	return Usage(notFolder("--out", w.outDir))
}

// notFolder is the error of a path, said to be of something, that cannot be a folder.
func notFolder(what, path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%s: %s cannot be a folder, as one above it is a file", what, path)
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s: %s is not a folder", what, path)
	}
	return nil
}

// checkExports is an error if the folder of exported files cannot be written to and bringing
// a graph up to date may write there: each figure would fail after all the work before it.
func (w *workspace) checkExports(g *pipeline.Graph) error {
	if !exporting(g) {
		return nil
	}
	err := notFolder("exported files", w.exports())
	if err != nil {
		return fmt.Errorf("%w; choose another for them with --out", err)
	}
	if err = probe(w.exports()); err == nil {
		return nil
	}
	plan, err2 := w.engine.Plan(g)
	if err2 != nil {
		return err2
	}
	for _, i := range plan.Items {
		if i.Stage.Kind.Export && i.Status != engine.Fresh {
			return fmt.Errorf("exported files cannot be written to %s: %w; %s", w.exports(), err, chooseOut)
		}
	}
	return nil
}

// probe tries to make a file in a folder or, if it is yet to be made, in the one above.
func probe(folder string) error {
	f, err := os.CreateTemp(folder, ".probe-")
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(folder) != folder {
		return probe(filepath.Dir(folder))
	}
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			return at.Err
		}
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// chooseOut is what to do where exported files cannot be written.
const chooseOut = "choose another folder for exported files with --out"

// withAdvice adds that to an error of writing exported files.
func (w *workspace) withAdvice(err error) error {
	var at *fs.PathError
	if !errors.As(err, &at) || !(errors.Is(at, fs.ErrPermission) || errors.Is(at, syscall.EROFS)) {
		return err
	}
	// The path is below the folder, or is one above it that is to be made.
	for _, way := range [][2]string{{w.exports(), at.Path}, {at.Path, w.exports()}} {
		if rel, err2 := filepath.Rel(way[0], way[1]); err2 == nil && filepath.IsLocal(rel) {
			return fmt.Errorf("%w; %s", err, chooseOut)
		}
	}
	return err
}

// exporting reports whether a graph has stages whose files people read.
func exporting(g *pipeline.Graph) bool {
	return slices.ContainsFunc(g.Stages, func(s *pipeline.Stage) bool { return s.Kind.Export })
}
