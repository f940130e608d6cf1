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
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/build"
	"zerotohero/pipeline/citation"
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
	Name      string
	Short     string
	Long      string
	Examples  Examples
	Exports   string // the folder of exported files and the report, beside paper.toml; out if empty
	Kinds     []*pipeline.Kind
	Sources   fs.FS    // go.mod and all packages of the module, as compiled into the program
	Citation  []byte   // CITATION.cff, which has the program's version; optional
	Documents []string // patterns of files beside the paper that go with the sources into a bundle
	Commands  []*cobra.Command

	Build   func() (build.Build, error) // how the program was built; nil for as it should be
	Rebuild string                      // the command that builds it so; go build if empty

	// Machine says what of this machine computes, as its processor and the kernel that is taken
	// for it; nil for the architecture. Results must not depend on it.
	Machine func() string
}

// Exit codes of every verb.
const (
	exitFailed      = 1   // a stage failed, or is not computed, or verify found a difference, or output failed
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

// errDiffer is that of a comparison which found a difference and has said so.
var errDiffer error = &exit{exitFailed, errors.New("they differ")}

// Usage marks an error of the command line, for its exit code; nil stays nil. Verbs
// from outside this package use it too.
func Usage(err error) error {
	if err == nil {
		return nil
	}
	return &exit{exitUsage, err}
}

func usage(format string, args ...any) error { return Usage(fmt.Errorf(format, args...)) }

// Main runs the program on the process's arguments and returns its exit code.
func Main(app App) int { return execute(app, os.Args[1:], os.Stdout, os.Stderr) }

func execute(app App, args []string, out, errs io.Writer) int {
	if mistakes := pipeline.Mistakes(); mistakes != nil {
		for _, m := range mistakes {
			fmt.Fprintf(errs, "%s: %s\n", app.Name, m)
		}
		return exitUsage
	}
	w := &workspace{app: app, storeDir: storeDir, errs: errs}
	defer w.close()
	root := w.rootCommand()
	root.SetArgs(args)
	watched := &output{to: out}
	root.SetOut(watched)
	root.SetErr(errs)
	err := root.Execute()
	for _, err := range []error{err, watched.failure(err)} {
		if err != nil && err != errDiffer {
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
func (w *workspace) rootCommand() *cobra.Command {
	app := &w.app
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
		return usage("%w; see %s --help", err, c.CommandPath())
	})
	if app.Build != nil {
		w.build, w.buildErr = app.Build()
	}
	root.Version = w.version()
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	exporting := []*cobra.Command{ // that write exported files, or know stages by them
		w.runCommand(), w.planCommand(), w.statusCommand(), w.explainCommand(),
		w.showCommand(), w.reportCommand(), w.pullCommand(),
	}
	for _, c := range exporting {
		c.Flags().Var((*folder)(&w.outDir), "out", "folder in which exported files and the report lie, of any profile\n"+
			"(default "+app.Exports+" for the store "+storeDir+", "+storeOut+" in the store for another,\n"+
			"with a folder below for a profile that is not the default)")
		c.MarkFlagDirname("out")
	}
	for _, c := range exporting[:2] { // run and plan
		c.Flags().StringArrayVar(&w.settings, "set", nil, "FAMILY.PARAM=VALUE: another value of a parameter, for a trial; may be\n"+
			"given several times. Exported files go to "+storeOut+"/"+trialView+" in the store")
	}
	ofProfile := append(exporting, w.verifyCommand(), w.graphCommand(), w.logCommand(), w.diffCommand(),
		w.pushCommand(), w.bundleCommand(), w.cancelCommand())
	for _, c := range ofProfile {
		c.Flags().StringVar(&w.profile, "profile", "", "profile of "+paperFile+" (default: the file's default-profile)")
		c.RegisterFlagCompletionFunc("profile", w.completeProfiles)
	}
	for _, c := range append(ofProfile, w.gcCommand()) {
		c.Flags().Var((*folder)(&w.storeDir), "store", "folder of the store")
		c.MarkFlagDirname("store")
		root.AddCommand(c)
	}
	root.AddCommand(app.Commands...)
	// Arguments that a command refuses are usage errors too.
	wrapArgs(root)
	return root
}

// version is that of CITATION.cff, and how the program was built.
func (w *workspace) version() string {
	c, err := citation.Parse(w.app.Citation)
	if err != nil {
		return w.build.String()
	}
	return c.Version + ", " + w.build.String()
}

const exitHelp = `

Exit codes: 0 done; 1 a stage failed, what show is asked for is not computed, verify or
diff found a difference or the output could not be written (2 of diff); 2 the command line or paper.toml
is wrong, or the store cannot be used; 130 stopped by ^C or SIGTERM (what was computed is kept).`

func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usage("%w; see %s --help", err, c.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

// A folder is the value of a flag that names one, which is not empty.
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
