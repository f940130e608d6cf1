// Package cli is the command line of a pipeline: the verbs that need no physics.
// A program joins them with its kinds, its sources and verbs of its own by Main.
package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

// Names of what a pipeline's folder holds.
const (
	paperFile = "paper.toml"
	lockFile  = "paper.lock"
	exportDir = "figures/out"
	storeDir  = "data"
)

// An App is a program: what Main joins with the verbs of this package.
type App struct {
	Name     string
	Short    string
	Long     string
	Kinds    []*pipeline.Kind
	Sources  fs.FS // go.mod and the packages of the kinds, as compiled into the program
	Commands []*cobra.Command

	// BuildNote says what in this program's build can make artifacts differ from
	// those of paper.lock, and what to do; verify reports it beside differences.
	// Empty if nothing.
	BuildNote string
}

// Exit codes of every verb.
const (
	exitFailed      = 1   // a stage failed, or verify found a difference
	exitUsage       = 2   // the command line or paper.toml is wrong, or the store cannot be used
	exitInterrupted = 130 // stopped by ^C
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
	root := rootCommand(app)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.Execute()
	if err == nil {
		return 0
	}
	fmt.Fprintf(errs, "%s: %v\n", app.Name, err)
	var e *exit
	var unusable *store.AccessError
	switch {
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
	w := &workplace{app: app}
	for _, c := range []*cobra.Command{
		w.runCommand(), w.planCommand(), w.statusCommand(), w.explainCommand(),
		w.showCommand(), w.verifyCommand(), w.graphCommand(), w.reportCommand(),
	} {
		c.Flags().StringVar(&w.profile, "profile", "", "profile of "+paperFile+" (default: the file's default-profile)")
		c.Flags().StringVar(&w.storeDir, "store", storeDir, "folder of the store")
		c.RegisterFlagCompletionFunc("profile", w.completeProfiles)
		root.AddCommand(c)
	}
	root.AddCommand(app.Commands...)
	// Arguments that a command refuses are usage errors too.
	wrapArgs(root)
	return root
}

const exitHelp = `

Exit codes: 0 done; 1 a stage failed or verify found a difference; 2 the command
line or paper.toml is wrong, or the store cannot be used; 130 stopped by ^C (what was
computed is kept).`

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

// A workplace is the folder in which a verb works.
type workplace struct {
	app      App
	profile  string
	storeDir string

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
	var err error
	if w.store, err = store.Open(w.storeDir); err != nil {
		return Usage(err)
	}
	tree, err := code.Load(w.app.Sources)
	if err != nil {
		return err
	}
	w.engine = engine.New(w.store, tree, w.exports(), w.view())
	return nil
}

// view is where the profile has its stages in the store's view, and exports where
// its files go: those of the default profile are the paper's.
func (w *workplace) view() string {
	if w.profile == w.paper.DefaultProfile() {
		return ""
	}
	return w.profile
}

func (w *workplace) exports() string { return path.Join(exportDir, w.view()) }

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
		return Usage(err)
	}
	if w.profile == "" {
		w.profile = w.paper.DefaultProfile()
	}
	if w.graph, err = w.paper.Graph(w.profile, w.app.Kinds); err != nil {
		return Usage(err)
	}
	return nil
}

// targets are the stages that patterns name, all of them if there is none.
func (w *workplace) targets(patterns []string) ([]*pipeline.Stage, error) {
	if len(patterns) == 0 {
		return w.graph.Stages, nil
	}
	var out []*pipeline.Stage
	for _, pattern := range patterns {
		found := w.graph.Match(pattern)
		if len(found) == 0 {
			return nil, Usage(fmt.Errorf("no figure or stage of profile %s is called %s; %s",
				w.profile, pattern, spec.Hint(pattern, w.names())))
		}
		out = append(out, found...)
	}
	return out, nil
}

// names are those of figures and families, for hints and completion.
func (w *workplace) names() []string {
	names := slices.Clone(w.paper.Figures())
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

func (w *workplace) completeProfiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	if w.read() != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return w.paper.Profiles(), cobra.ShellCompDirectiveNoFileComp
}

func (w *workplace) completeNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	if w.read() != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return w.names(), cobra.ShellCompDirectiveNoFileComp
}
