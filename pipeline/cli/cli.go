// Package cli is the command line of a pipeline: the verbs that need no physics.
// A program joins them with its kinds, its sources and verbs of its own by Main.
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
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/build"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

// Names of what a pipeline's folder holds.
const (
	paperFile = "paper.toml"
	lockFile  = "paper.lock"
	storeDir  = "data"
	storeOut  = "out" // of exported files, in another store than that
)

// An App is a program: what Main joins with the verbs of this package.
type App struct {
	Name     string
	Short    string
	Long     string
	Examples Examples
	Exports  string // the folder of exported files and the report, beside paper.toml; out if empty
	Kinds    []*pipeline.Kind
	Sources  fs.FS // go.mod and all packages of the module, as compiled into the program
	Commands []*cobra.Command

	Build   func() (build.Build, error) // how the program was built; nil for as it should be
	Rebuild string                      // the command that builds it so; go build if empty
}

// Exit codes of every verb.
const (
	exitFailed      = 1   // a stage failed, verify found a difference, or the output could not be written
	exitUsage       = 2   // the command line or paper.toml is wrong, or the store cannot be used
	exitInterrupted = 130 // stopped by ^C or SIGTERM
)

// An exit is an error with the exit code that it leads to.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return e.err.Error() }
func (e *exit) Unwrap() error { return e.err }

// Usage marks an error of the command line, for its exit code; nil stays nil. Verbs
// from outside this package use it too.
func Usage(err error) error {
	if err == nil {
		return nil
	}
	return &exit{exitUsage, err}
}

// Main runs the program on the process's arguments and returns its exit code.
func Main(app App) int { return execute(app, os.Args[1:], os.Stdout, os.Stderr) }

func execute(app App, args []string, out, errs io.Writer) int {
	if mistakes := pipeline.Mistakes(); mistakes != nil {
		for _, m := range mistakes {
			fmt.Fprintf(errs, "%s: %s\n", app.Name, m)
		}
		return exitUsage
	}
	root := rootCommand(app)
	root.SetArgs(args)
	watched := &output{to: out}
	root.SetOut(watched)
	root.SetErr(errs)
	err := root.Execute()
	for _, err := range []error{err, watched.failure(err)} {
		if err != nil {
			fmt.Fprintf(errs, "%s: %v\n", app.Name, err)
		}
	}
	var e *exit
	var unusable *store.AccessError
	switch {
	case err == nil && watched.failure(nil) == nil:
		return 0
	case err == nil:
		return exitFailed
	case errors.As(err, &e):
		return e.code
	case errors.As(err, &unusable):
		return exitUsage
	case strings.HasPrefix(err.Error(), "required flag(s)"): // cobra has no type for it
		return exitUsage
	}
	return exitFailed
}

// rootCommand is the command with all its verbs.
func rootCommand(app App) *cobra.Command {
	app.Exports = cmp.Or(app.Exports, "out")
	app.Rebuild = cmp.Or(app.Rebuild, "go build")
	root := &cobra.Command{
		Use:           app.Name,
		Short:         app.Short,
		Long:          app.Long + exitHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var known []string
			for _, sub := range c.Commands() {
				known = append(known, sub.Name())
			}
			return fmt.Errorf("no command is called %s; %s", args[0], spec.Hint(args[0], known))
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return Usage(fmt.Errorf("%w; see %s --help", err, c.CommandPath()))
	})
	w := &workplace{app: app, storeDir: storeDir}
	if app.Build != nil {
		w.build, w.buildErr = app.Build()
	}
	root.Version = w.build.String()
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	exporting := []*cobra.Command{ // that write exported files, or know stages by them
		w.runCommand(), w.planCommand(), w.statusCommand(), w.explainCommand(),
		w.showCommand(), w.reportCommand(),
	}
	for _, c := range exporting {
		c.Flags().Var((*folder)(&w.outDir), "out", "folder in which exported files and the report lie, of any profile (default "+app.Exports+" for the store "+storeDir+
			", "+storeOut+" in the store for another, with a folder below for a profile that is not the default)")
		c.MarkFlagDirname("out")
	}
	for _, c := range append(exporting, w.verifyCommand(), w.graphCommand()) {
		c.Flags().StringVar(&w.profile, "profile", "", "profile of "+paperFile+" (default: the file's default-profile)")
		c.Flags().Var((*folder)(&w.storeDir), "store", "folder of the store")
		c.MarkFlagDirname("store")
		c.RegisterFlagCompletionFunc("profile", w.completeProfiles)
		root.AddCommand(c)
	}
	root.AddCommand(app.Commands...)
	// Arguments that a command refuses are usage errors too.
	wrapArgs(root)
	return root
}

const exitHelp = `

Exit codes: 0 done; 1 a stage failed, verify found a difference or the output could
not be written; 2 the command line or paper.toml is wrong, or the store cannot be
used; 130 stopped by ^C or SIGTERM (what was computed is kept).`

func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return Usage(fmt.Errorf("%w; see %s --help", err, c.CommandPath()))
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

// A folder is the value of a flag that names one, which nothing does not.
type folder string

func (f *folder) String() string { return string(*f) }
func (f *folder) Type() string   { return "DIR" }

func (f *folder) Set(name string) error {
	if name == "" {
		return errors.New("a folder has a name (that of the working directory is .)")
	}
	*f = folder(name)
	return nil
}

// A workplace is the folder in which a verb works.
type workplace struct {
	app      App
	profile  string
	storeDir string
	build    build.Build
	buildErr error
	outDir   string // empty if not given

	// What open found.
	paper  *spec.Paper
	graph  *pipeline.Graph
	store  *store.Store
	engine *engine.Engine
}

// open reads the paper and opens the store.
func (w *workplace) open() error {
	if err := w.read(); err != nil {
		return err
	}
	if err := w.checkOut(); err != nil {
		return err
	}
	var err error
	if w.store, err = store.Open(w.storeDir); err != nil {
		return Usage(err)
	}
	tree, err := code.Load(w.app.Sources)
	if err != nil {
		return err
	}
	if w.buildErr != nil {
		return w.buildErr
	}
	w.engine, err = engine.New(engine.Config{Store: w.store, Code: tree, Build: w.build, Exports: w.exports(), View: w.view()})
	return err
}

// view is where the profile has its stages in the store's view: nowhere apart for the
// default profile, which is the paper's.
func (w *workplace) view() string {
	if w.profile == w.paper.DefaultProfile() {
		return ""
	}
	return w.profile
}

// exports is the folder of exported files and the report. That of the paper, which may
// be under version control, holds what the store beside it has; what another store has
// goes there only if --out says so.
func (w *workplace) exports() string {
	switch {
	case w.outDir != "":
		return filepath.Clean(w.outDir)
	case sameFolder(w.storeDir, storeDir):
		return filepath.Join(w.app.Exports, w.view())
	}
	return filepath.Join(w.storeDir, storeOut, w.view())
}

// sameFolder reports whether two paths lead to one folder, there or not.
func sameFolder(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB)
	}
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absA == absB
}

// read reads the paper and makes the graph of the profile.
func (w *workplace) read() error {
	text, err := os.ReadFile(paperFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Usage(fmt.Errorf("no %s in this folder; run %s in the folder of the paper", paperFile, w.app.Name))
	}
	if err != nil {
		return Usage(err)
	}
	if w.paper, err = spec.Parse(paperFile, text); err != nil {
		return w.outdated(err)
	}
	if w.profile == "" {
		w.profile = w.paper.DefaultProfile()
	}
	if w.graph, err = w.paper.Graph(w.profile, w.app.Kinds); err != nil {
		return w.outdated(err)
	}
	return nil
}

// targets are the stages that names stand for, all of them if there is none.
func (w *workplace) targets(names []string) ([]*pipeline.Stage, error) {
	if len(names) == 0 {
		return w.graph.Stages, nil
	}
	var out []*pipeline.Stage
	for _, name := range names {
		found := w.named(name)
		if len(found) == 0 {
			return nil, Usage(fmt.Errorf("no figure or stage of profile %s is called %s; %s",
				w.profile, name, spec.Hint(name, w.names())))
		}
		out = append(out, found...)
	}
	return out, nil
}

// named are the stages that a name stands for: a pattern of names, the path of an
// exported file, or one in the store's view.
func (w *workplace) named(name string) []*pipeline.Stage {
	if found := w.graph.Match(name); len(found) > 0 {
		return found
	}
	for _, folder := range []string{w.exports(), filepath.Join(w.storeDir, "view", w.view())} {
		base, err := filepath.Abs(folder)
		path, err2 := filepath.Abs(name)
		if err != nil || err2 != nil {
			continue
		}
		rel, err := filepath.Rel(base, path)
		if ext := filepath.Ext(rel); err == nil && filepath.IsLocal(rel) && ext != "" {
			if found := w.graph.Match(filepath.ToSlash(strings.TrimSuffix(rel, ext))); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// names are those of figures and families, for hints and completion.
func (w *workplace) names() []string {
	names := slices.Clone(w.paper.Figures(w.profile))
	families, err := w.paper.Families(w.profile, w.app.Kinds)
	if err != nil {
		return names
	}
	for _, f := range families {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}
