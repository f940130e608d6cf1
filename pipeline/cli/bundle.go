package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/bundle"
	"zerotohero/pipeline/citation"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/report"
	"zerotohero/pipeline/store"
)

func (w *workspace) bundleCommand() *cobra.Command {
	var to string
	var figuresOnly bool
	c := &cobra.Command{
		Use:   "bundle -o FILE",
		Short: "Write one archive of the paper to deposit",
		Long: `Writes a ZIP file with the figures, captions and numbers of the profile, its artifacts
and records, ` + paperFile + `, ` + lockFile + `, the sources, and a description of it all for programs:
` + bundle.MetadataFile + `, by RO-Crate 1.1 and its profile Provenance Run Crate. Title, authors,
version, date and licence are those of ` + citation.File + `; if data are under another
licence than the program, license in [report] of ` + paperFile + ` names it.

Unpacked it is a folder in which ` + w.app.Name + ` has nothing left to compute.
The same store and sources make the same bytes.`,
		Example: w.app.examples("bundle -o paper.zip", "bundle -o figures.zip --figures-only",
			"bundle -o smoke.zip --profile smoke"),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if to == "" {
				return usage("-o is empty; name the file to write")
			}
			return w.bundle(c.OutOrStdout(), to, figuresOnly)
		},
	}
	c.Flags().StringVarP(&to, "output", "o", "", "file to write, which must not be there")
	c.MarkFlagRequired("output")
	c.MarkFlagFilename("output", "zip")
	c.Flags().BoolVar(&figuresOnly, "figures-only", false, "leave out the store: artifacts, records and lists of sources")
	return c
}

func (w *workspace) bundle(out io.Writer, to string, figuresOnly bool) error {
	if err := mayBeNew(to); err != nil {
		return err
	}
	ctx, stop, release := interruptible()
	defer release()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-stop: // nothing that was begun is worth ending
			cancel()
		case <-ctx.Done():
		}
	}()
	contents, err := w.bundleContents(ctx)
	if err == nil {
		writeNote(out, w.buildNote())
		what := format.Count(len(contents.Runs), "stage")
		if figuresOnly {
			contents.Store = nil
			what = "figures"
		}
		var size int64
		if size, err = writeNew(to, func(f io.Writer) error { return bundle.Write(ctx, f, contents) }); err == nil {
			fmt.Fprintf(out, "wrote %s: %s of profile %s, %s\n", to, what, w.profile, format.Bytes(size))
			return nil
		}
		err = fmt.Errorf("%s is not written: %w", to, err)
	}
	if ctx.Err() != nil {
		return &exit{exitInterrupted, fmt.Errorf("stopped; %s is not written", to)}
	}
	return err
}

// mayBeNew is an error if a file cannot be made because there is one, or no folder for it.
func mayBeNew(to string) error {
	if _, err := os.Lstat(to); err == nil {
		return usage("%s is there already; remove it or name another file with -o", to)
	}
	dir := filepath.Dir(to)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usage("%s cannot be written, as %s is not a folder; make it or name another file with -o", to, dir)
	}
	return nil
}

// writeNew writes a file that is not there yet, and which is there whole or not at all.
func writeNew(to string, write func(io.Writer) error) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+"-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	err = write(f)
	if err == nil {
		size, err = f.Seek(0, io.SeekEnd)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	os.Chmod(f.Name(), 0o644) // where files have modes
	// A link is never made over a file; where there are none, the file was not there before.
	if err = os.Link(f.Name(), to); err == nil || errors.Is(err, fs.ErrExist) {
		return size, err
	}
	return size, os.Rename(f.Name(), to)
}

// bundleContents gathers what a bundle of the profile is made of.
func (w *workspace) bundleContents(ctx context.Context) (*bundle.Contents, error) {
	if err := w.open(); err != nil {
		return nil, err
	}
	if note := w.ageNote(); note != "" {
		return nil, usage("%s, so that what is computed belongs to the sources beside it", note)
	}
	plan, err := w.complete()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(citation.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("no %s in this folder, which says by whom, of what version and under which licence the bundle is; "+
			"https://citation-file-format.github.io tells how to write one", citation.File)
	}
	if err != nil {
		return nil, Usage(err)
	}
	cited, err := citation.Parse(text)
	if err != nil {
		return nil, Usage(err)
	}
	c := &bundle.Contents{Program: w.app.Name, Paper: paperFile, Profile: w.profile, Citation: cited,
		License: w.paper.Report().License, Store: w.store}
	if c.Files, err = w.sourceFiles(); err != nil {
		return nil, err
	}
	exported, byStage, err := w.renderedFiles(ctx, plan)
	if err != nil {
		return nil, err
	}
	c.Files = append(c.Files, exported...)
	manifests := make(map[digest.Code]code.Manifest)
	for _, i := range plan.Items {
		if _, known := manifests[i.Code]; !known {
			if manifests[i.Code], err = w.engine.CodeOf(i); err != nil {
				return nil, err
			}
		}
		c.Runs = append(c.Runs, bundle.Run{Action: i.Action, Family: i.Stage.Family(), Kind: i.Stage.Kind.Name,
			Doc: i.Stage.Kind.Doc, Package: i.Stage.Kind.Entry.Package, Code: manifests[i.Code], Export: byStage[i.Stage]})
	}
	return c, nil
}

// complete is the plan of the profile, all of which must be computed, as the lock has it if that has
// the profile.
func (w *workspace) complete() (*engine.Plan, error) {
	plan, err := w.engine.Plan(w.graph)
	if err != nil {
		return nil, err
	}
	if n := plan.Count(engine.Run); n > 0 {
		return nil, fmt.Errorf("%d of %s of profile %s have to run; do so first, with: %s run --profile %s",
			n, format.Count(len(plan.Items), "stage"), w.profile, w.app.Name, w.profile)
	}
	file, err := engine.ReadLockFile(lockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return plan, nil
	}
	if err != nil {
		return nil, Usage(err)
	}
	if lock := file.Of(w.profile); lock != nil && !lock.Compare(plan).Equal() {
		return nil, fmt.Errorf("artifacts are not as %s has them; see %s verify --profile %s, "+
			"and with --update take them into it", lockFile, w.app.Name, w.profile)
	}
	return plan, nil
}

// sourceFiles are the sources in this program, which are those beside the paper, and the files that
// go with them.
func (w *workspace) sourceFiles() ([]bundle.File, error) {
	var out []bundle.File
	err := fs.WalkDir(w.app.Sources, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(w.app.Sources, name)
		out = append(out, bundle.File{Name: name, Content: content, Source: true})
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, pattern := range slices.Concat([]string{paperFile, lockFile, citation.File}, w.app.Documents) {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil {
				return nil, err
			}
			if info.IsDir() || slices.ContainsFunc(out, func(f bundle.File) bool { return f.Name == filepath.ToSlash(name) }) {
				continue
			}
			content, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			out = append(out, bundle.File{Name: filepath.ToSlash(name), Content: content, Source: name != lockFile,
				Executable: info.Mode().Perm()&0o100 != 0})
		}
	}
	return out, nil
}

// renderedFiles are the exported files of a complete plan and the report, made from the artifacts,
// whatever lies in the folder of exported files.
func (w *workspace) renderedFiles(ctx context.Context, plan *engine.Plan) (
	all []bundle.File, of map[*pipeline.Stage][]string, err error) {
	dir, err := os.MkdirTemp("", w.app.Name+"-bundle-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	titles := w.paper.Report().Titles
	of = make(map[*pipeline.Stage][]string)
	title := make(map[string]string)
	at := path.Join(filepath.ToSlash(w.app.Exports), w.view())
	for _, i := range plan.Items {
		if !i.Stage.Kind.Export {
			continue
		}
		x, err := w.engine.Export(i)
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, nil, err
		}
		_, figure, _ := strings.Cut(i.Stage.Name, "/")
		for _, f := range x.Files {
			if !filepath.IsLocal(f.Name) {
				return nil, nil, fmt.Errorf("%s exports %q, which is not the name of a file below a folder", i.Stage.Name, f.Name)
			}
			if _, err := store.WriteFile(filepath.Join(dir, f.Name), f.Content); err != nil {
				return nil, nil, err
			}
			name := path.Join(at, f.Name)
			of[i.Stage] = append(of[i.Stage], name)
			title[name] = titles[figure]
		}
	}
	// Unpacked, the view shows nothing yet, which is nothing that the page should speak of.
	for _, i := range plan.Items {
		i.Status = engine.Fresh
	}
	if _, err := report.Write(w.reportSource(plan, dir)); err != nil {
		return nil, nil, err
	}
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		to := path.Join(at, name)
		all = append(all, bundle.File{Name: to, Title: title[to], Content: bytes.Clone(content), Listed: true})
		return err
	})
	return all, of, err
}
