package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/batch"
	"zerotohero/pipeline/calibration"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/slurm"
)

// clusterFlags are those of a run by a batch system.
type clusterFlags struct {
	on     string
	chunk  time.Duration
	tries  int
	config string
	script bool
}

func (f *clusterFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.on, "on", "", "have a batch system compute: slurm")
	flags.DurationVar(&f.chunk, "chunk", time.Hour, "with --on, how long a task of several stages should take at most")
	flags.IntVar(&f.tries, "tries", 3, "with --on, how often a killed task is tried that computed nothing")
	flags.BoolVar(&f.script, "script", false, "with --on, write the scripts and submit nothing")
	f.addConfig(c)
	c.RegisterFlagCompletionFunc("on", cobra.FixedCompletions([]string{"slurm"}, cobra.ShellCompDirectiveNoFileComp))
}

func (f *clusterFlags) addConfig(c *cobra.Command) {
	c.Flags().StringVar(&f.config, "config", "", "what the cluster is like (default cluster.toml in your settings)")
	c.MarkFlagFilename("config", "toml")
}

// check reports whether a batch system is to compute, and wants flags that go together.
func (f *clusterFlags) check(c *cobra.Command) (wanted bool, err error) {
	given := func(names ...string) string {
		for _, name := range names {
			if c.Flags().Changed(name) {
				return name
			}
		}
		return ""
	}
	switch {
	case f.on == "":
		if name := given("chunk", "tries", "script", "config"); name != "" {
			return false, usage("--%s is for --on slurm", name)
		}
		return false, nil
	case f.on != "slurm":
		return false, usage("--on %s: no batch system of that name is known; known is slurm", f.on)
	case f.chunk < time.Minute:
		return false, usage("--chunk is %v and must be at least 1m", f.chunk)
	case f.tries < 1:
		return false, usage("--tries is %d and must be at least 1", f.tries)
	}
	if name := given("jobs", "memory", "stages", "wait", "failures", "remote", "trust"); name != "" {
		return false, usage("--%s is for runs on this machine, without --on", name)
	}
	return true, nil
}

const clusterHelp = `
With --on slurm, jobs of a cluster compute: arrays of tasks of some minutes up to --chunk,
which wait for what they need (plan --on slurm lists them), on a store that all nodes see.
This program submits and follows them, and draws and computes nothing itself. ^C leaves
them to go on; the same command comes back to them, and cancel takes them out of the queue.
A task that is killed (time, memory, a node) is tried again with more of what it lacked, and
its stages are given up after --tries in which none of them was computed; a stage that
fails by its own error is not tried again until it is asked for again. Of two such commands
for one store and profile the second only watches. What the cluster is like is said in
[slurm] of a file cluster.toml in your settings, or that --config names: account, partition,
qos, constraint, extra = ["--flag"], before = ["module load x"], wrapper = ["apptainer",
"exec", "image"], scratch (TMPDIR of tasks), array and jobs (less than the cluster allows)
and poll (15s). With --script it writes what it would submit into the store's folder jobs,
and submits nothing.`

// cluster makes the run by Slurm of some stages.
func (w *workspace) cluster(out io.Writer, f clusterFlags, graph *pipeline.Graph) (*slurm.Run, error) {
	path := f.config
	if path == "" {
		path = slurm.ConfigPath(w.app.Name)
	} else if _, err := os.Stat(path); err != nil {
		return nil, Usage(err)
	}
	config, err := slurm.ReadConfig(path)
	if err != nil {
		return nil, Usage(err)
	}
	dir, err := filepath.Abs(w.storeDir)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // one name for one store
	}
	text, err := os.ReadFile(paperFile)
	if err != nil {
		return nil, err
	}
	run := &slurm.Run{
		Place: slurm.Place{Name: w.app.Name, Store: dir, Profile: w.profile, Paper: string(text)}, Config: config,
		Client: &slurm.Client{Pause: 2 * time.Second}, Tries: f.tries,
		Plan: func() (*engine.Plan, error) { return w.engine.Plan(graph) }, Identify: w.engine.Identities,
		Note: func(text string) { fmt.Fprintln(out, text) },
	}
	return run, nil
}

// runOn has the stages that patterns name computed by Slurm, and shows and exports what came of it.
func (w *workspace) runOn(out io.Writer, patterns []string, f clusterFlags) error {
	if len(w.settings) > 0 {
		return usage("--set is for trials on this machine, without --on")
	}
	if err := w.open(); err != nil {
		return err
	}
	targets, err := w.targets(patterns)
	if err != nil {
		return err
	}
	graph := w.graph.Closure(targets)
	w.writeNotes(out)
	if err := w.checkExports(graph); err != nil {
		return err
	}
	plan, err := w.engine.Plan(graph)
	if err != nil {
		return err
	}
	var failure error
	if plan.Count(engine.Run) > 0 {
		run, learnt, err := w.submittable(out, f, graph, plan)
		if err != nil {
			return err
		}
		if f.script {
			return w.writeScripts(out, run, plan)
		}
		var why *clusterError
		if err := w.follow(out, run, learnt, plan); errors.As(err, &why) {
			failure = err // what is done is shown all the same
		} else if err != nil {
			return err
		}
	}
	return cmp.Or(w.showDone(out, patterns, graph, failure), failure)
}

// showDone shows and exports what of a graph is in the store, and computes nothing.
func (w *workspace) showDone(out io.Writer, patterns []string, graph *pipeline.Graph, failure error) error {
	plan, err := w.engine.Plan(graph)
	if err != nil {
		return err
	}
	n := plan.Count(engine.Run)
	switch {
	case n > 0 && failure == nil:
		return fmt.Errorf("%s of %s are not in the store after all; run again", format.Count(n, "stage"), w.profile)
	case n > 0 && plan.Count(engine.Restore) == 0:
		return nil
	}
	options := engine.Options{Cores: 1}
	if n > 0 {
		for _, i := range plan.Items {
			if i.Status != engine.Run {
				options.Only = append(options.Only, i.Stage)
			}
		}
	}
	return w.bring(out, patterns, options, newReporter(out, 1))
}

// submittable makes the run by Slurm of a plan, with what was learnt of how long stages take.
func (w *workspace) submittable(out io.Writer, f clusterFlags, graph *pipeline.Graph, plan *engine.Plan) (*slurm.Run,
	*calibration.Calibration, error) {
	run, err := w.cluster(out, f, graph)
	if err != nil {
		return nil, nil, err
	}
	if _, err := w.store.Prepare(); err != nil {
		return nil, nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	if run.Program, err = slurm.CopyProgram(run.Store, program, w.app.Name); err != nil {
		return nil, nil, err
	}
	learnt := w.calibration(plan, "")
	run.Cut = func(stages []*pipeline.Stage, l slurm.Limits, raised func(*pipeline.Stage) (float64, float64)) ([]batch.Job,
		error) {
		return batch.Cut(stages, func(s *pipeline.Stage) batch.Estimate {
			e := estimateOf(s, learnt)
			time, memory := raised(s)
			e.Longest *= time
			if bytes := int64(float64(e.Bytes) * memory); l.Bytes == 0 || e.Bytes > l.Bytes {
				e.Bytes = bytes
			} else {
				e.Bytes = min(bytes, l.Bytes) // there is no larger node
			}
			return e
		}, batch.Limits{Chunk: f.chunk.Seconds(), Tasks: l.Tasks, Cores: 1, Seconds: l.Seconds, Bytes: l.Bytes})
	}
	return run, learnt, nil
}

// follow submits and follows until all is done.
func (w *workspace) follow(out io.Writer, run *slurm.Run, learnt *calibration.Calibration, plan *engine.Plan) error {
	progress := &follower{out: out, start: time.Now(), expected: func(stages []*pipeline.Stage) float64 {
		seconds := 0.0
		for _, s := range stages {
			seconds += expected(s, learnt)
		}
		return seconds
	}}
	run.Tell = progress.tell
	ctx, stop, release := interruptible()
	defer release()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-stop:
			cancel() // nothing is lost: the jobs go on
		case <-ctx.Done():
		}
	}()
	fmt.Fprintf(out, "%s; following them as paper %s in the queue\n", countByStatus(plan), run.ID())
	result, err := run.Follow(ctx)
	progress.close()
	var command *slurm.CommandError
	var large *batch.LimitError
	switch {
	case errors.As(err, &large):
		return Usage(fmt.Errorf("%w; name a partition of larger nodes in the configuration", err))
	case errors.As(err, &command) && !command.Passing:
		return Usage(err)
	case err != nil:
		return err
	case result.Detached:
		return &exit{exitInterrupted, fmt.Errorf("the jobs go on; the same command follows them again, and "+
			"%s cancel takes them out of the queue", w.app.Name)}
	case result.Cancelled:
		return &exit{exitInterrupted, fmt.Errorf("%s cancel took the jobs out of the queue; what is computed is kept, and "+
			"the same command goes on from here", w.app.Name)}
	case len(result.Failures) > 0:
		return &clusterError{result}
	}
	return nil
}

func (w *workspace) writeScripts(out io.Writer, run *slurm.Run, plan *engine.Plan) error {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	limits, err := run.Limits(ctx)
	if err != nil {
		fmt.Fprintf(out, "no Slurm answers here (%v): arrays have %s at most, see array in the configuration\n", err,
			format.Count(limits.Tasks, "task"))
	}
	jobs, err := run.Cut(plan.ToRun(), limits, func(*pipeline.Stage) (float64, float64) { return 1, 1 })
	if err != nil {
		return err
	}
	file, err := run.Scripts(jobs, w.engine.Identities(plan))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "wrote %s in %s; submit it with: sh %s\n", format.Count(len(jobs), "job"), filepath.Dir(file), file)
	return nil
}

// mostFailures is how many stages that failed are listed, with the ends of their logs.
const mostFailures = 5

// A clusterError says what jobs could not compute.
type clusterError struct{ slurm.Result }

func (r *clusterError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s failed", format.Count(len(r.Failures), "stage"))
	if r.Skipped > 0 {
		fmt.Fprintf(&b, "; left out because of that: %d", r.Skipped)
	}
	for k, f := range r.Failures {
		if k == mostFailures {
			fmt.Fprintf(&b, "\n  and %d more", len(r.Failures)-k)
			break
		}
		fmt.Fprintf(&b, "\n  %s: %s", f.Stage, f.Why)
		if tail := slurm.Tail(f.Log, 8); tail != "" {
			fmt.Fprintf(&b, "; the end of %s:\n    %s", f.Log, strings.ReplaceAll(tail, "\n", "\n    "))
		}
	}
	return b.String()
}

func (w *workspace) cancelCommand() *cobra.Command {
	var f clusterFlags
	c := &cobra.Command{
		Use:   "cancel",
		Short: "Take the jobs of a profile out of the queue of a cluster",
		Long: `Cancels the jobs that run --on slurm has submitted for this profile and store, and no
others. What they have computed stays in the store.`,
		Example: w.app.examples("cancel", "cancel --profile smoke"),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := w.open(); err != nil {
				return err
			}
			run, err := w.cluster(c.OutOrStdout(), f, w.graph)
			if err != nil {
				return err
			}
			ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute)
			defer stop()
			n, err := run.Cancel(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s of profile %s cancelled\n", format.Count(n, "task"), w.profile)
			return nil
		},
	}
	f.addConfig(c)
	return c
}
