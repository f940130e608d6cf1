package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"zerotohero/pipeline"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/report"
	"zerotohero/pipeline/slurm"
)

func (w *workspace) runCommand() *cobra.Command {
	var cores int
	var memory memoryFlag
	var how runFlags
	var cluster clusterFlags
	c := &cobra.Command{
		Use:   "run [FIGURE|STAGE-GLOB...]",
		Short: "Bring figures and stages up to date",
		Long: `Brings the named figures and stages, and all that they need, up to date; without
names, everything of the profile. A figure may be named by a file of it. What is in
the store already is not computed.

With --stages, nothing is computed but what the list names. A stage of which an input is
neither in the store nor in the list fails, and the error names it. Several such runs can
work on one store, on machines of their own.

The first ^C or SIGTERM finishes what is running and begins nothing else, the second
drops what is running. In both cases, and after a crash, the same command goes on.

Exported files and the report go to ` + w.app.Exports + `, or to ` + storeOut + ` in the store if that is
another than ` + storeDir + `. With --out they lie in the folder that it names, without one
for the profile.

With --remote, what a store elsewhere has is fetched instead of being computed, and what
is computed is put there as well. One that does not answer, or has something wrong, costs
time: the run goes on computing.
` + remoteHelp + "\n" + trustHelp + "\n" + clusterHelp,
		Example: w.app.examples(
			"run\t# everything",
			"run FIGURE\t# one figure",
			"run 'STAGES'\t# some stages",
			"run --profile smoke -j 1",
			"run --stages FILE\t# what the file lists, and nothing else",
			"run --profile full --on slurm\t# by the jobs of a cluster"),
		ValidArgsFunction: w.completeNames,
		RunE: func(c *cobra.Command, patterns []string) error {
			if cores < 1 {
				return usage("-j is %d and must be at least 1", cores)
			}
			if on, err := cluster.check(c); err != nil || on {
				if err != nil {
					return err
				}
				return w.runOn(c.OutOrStdout(), patterns, cluster)
			}
			limit, err := memory.limit()
			if err != nil {
				return err
			}
			err = w.run(c.InOrStdin(), c.OutOrStdout(), patterns, how, engine.Options{Cores: cores, Memory: limit})
			var large *engine.MemoryError
			if errors.As(err, &large) {
				return Usage(errors.New(memory.refusal(large)))
			}
			return err
		},
	}
	c.Flags().IntVarP(&cores, "jobs", "j", runtime.GOMAXPROCS(0), "stages computed at once, one core each")
	memory.add(c)
	how.add(c)
	cluster.add(c)
	return c
}

// runFlags say which stages are run and what is fetched.
type runFlags struct {
	only   onlyFlag
	remote string
	trust  bool

	failures string
}

func (f *runFlags) add(c *cobra.Command) {
	f.only.add(c)
	c.Flags().StringVar(&f.failures, "failures", "", "write the stages that fail, and why, into this file as JSON")
	c.MarkFlagFilename("failures", "json")
	c.Flags().StringVar(&f.remote, "remote", "", "a store elsewhere, to fetch from and put into")
	addTrust(c, &f.trust)
}

// run brings the stages that patterns name, or those of a list alone, up to date, with the
// store elsewhere that is named, if one is.
func (w *workspace) run(in io.Reader, out io.Writer, patterns []string, f runFlags, options engine.Options) error {
	if f.trust && f.remote == "" {
		return usage("--trust is about what --remote fetches, which is not given")
	}
	if err := w.open(); err != nil {
		return err
	}
	var err error
	if options.Only, err = f.only.stages(in, w.graph, patterns); err != nil {
		return err
	}
	options.Wait = f.only.wait
	if f.remote != "" {
		if options.Exchange, err = w.exchange(f.remote, f.trust); err != nil {
			return err
		}
		if err := mark(context.Background(), options.Exchange.Remote); err != nil {
			options.Exchange.Unsent = true
			fmt.Fprintf(out, "nothing is put into the remote: %v\n", err)
		}
	}
	w.failures = f.failures
	return w.bring(out, patterns, options, newReporter(out, options.Cores))
}

// bring brings the stages that patterns name, or those of the options alone, up to date, and the
// report with them.
func (w *workspace) bring(out io.Writer, patterns []string, options engine.Options, progress reporter) error {
	targets := options.Only
	if targets == nil {
		var err error
		if targets, err = w.targets(patterns); err != nil {
			return err
		}
	}
	graph := w.graph.Closure(targets)
	w.writeNotes(out)
	if err := w.checkExports(graph); err != nil {
		return err
	}
	switch {
	case !exporting(graph) || w.outDir != "":
	case len(w.settings) > 0:
		fmt.Fprintf(out, "exported files go to %s, as this is a trial; --out names another folder\n", w.exports())
	case !sameFolder(w.storeDir, storeDir):
		fmt.Fprintf(out, "exported files go to %s, as the store is not %s; --out names another folder\n",
			w.exports(), storeDir)
	}
	ctx, stop, release := interruptible()
	defer release()
	options.Stop, options.Report = stop, progress
	sum, err := w.engine.Run(ctx, graph, options)
	progress.Close()
	if err != nil {
		return err
	}
	writeSummary(out, sum)
	if w.failures != "" {
		if err := slurm.WriteFailures(w.failures, sum.Failures); err != nil {
			return err
		}
	}
	w.fetched(out, options.Exchange, sum)
	var r report.Result
	if exporting(graph) {
		r, err = w.reportAfter(graph, sum)
	}
	writeFiles(out, append(sum.Exported, r.Changed...), w.exports())
	if len(r.Left) > 0 {
		fmt.Fprintf(out, "%s and the numbers of %s are left as they were: not up to date in this store, "+
			"and this run did not come to them; %s report writes the page all the same\n",
			report.PageFile, format.List(r.Left, 4), w.app.Name)
	}
	return cmp.Or(w.outcome(sum), w.withAdvice(err))
}

// reportAfter brings the report up to date after a run. One that was stopped speaks of
// no figure that it did not come to.
func (w *workspace) reportAfter(graph *pipeline.Graph, sum *engine.Summary) (report.Result, error) {
	asked := make(map[*pipeline.Stage]bool)
	for _, s := range graph.Stages {
		asked[s] = sum.Left == 0
	}
	var plan *engine.Plan
	if len(sum.Plan.Items) == len(w.graph.Stages) && sum.Done[engine.Unchanged] == sum.Stages {
		plan = sum.Plan
	}
	return w.report(func(s *pipeline.Stage) bool { return asked[s] }, plan)
}

// interruptible gives a context that the second ^C ends, and a channel that the
// first one closes. The third ends the process.
func interruptible() (ctx context.Context, stop <-chan struct{}, release func()) {
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan struct{})
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if _, ok := <-signals; !ok {
			return
		}
		close(first)
		if _, ok := <-signals; ok {
			signal.Stop(signals)
			cancel()
		}
	}()
	return ctx, first, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}

// writeSummary says what a run did. Stages that share a key are computed once.
func writeSummary(out io.Writer, sum *engine.Summary) {
	var parts []string
	outcomes := []engine.Outcome{engine.Ran, engine.Fetched, engine.Shared, engine.Restored, engine.Elsewhere, engine.Unchanged}
	for _, how := range outcomes {
		if n := sum.Done[how]; n > 0 || how == engine.Ran {
			parts = append(parts, fmt.Sprintf("%d %s", n, how))
		}
	}
	fmt.Fprintf(out, "%d stages: %s (%s)\n", sum.Stages, strings.Join(parts, ", "), format.Seconds(sum.Seconds))
}

// outcome is the error of a run of which not all stages came up to date.
func (w *workspace) outcome(sum *engine.Summary) error {
	if n := len(sum.Failures); n > 0 {
		var lines strings.Builder
		for k, f := range sum.Failures {
			if k == 10 {
				fmt.Fprintf(&lines, "\n  and %d more", n-k)
				break
			}
			fmt.Fprintf(&lines, "\n  %s: %v", f.Stage.Name, w.withAdvice(f.Err))
		}
		rest := ""
		if sum.Skipped > 0 {
			rest = fmt.Sprintf("; left out because of that: %d", sum.Skipped)
		}
		if sum.Left > 0 {
			rest += fmt.Sprintf("; not begun: %d", sum.Left)
		}
		return fmt.Errorf("%s failed%s:%s", format.Count(n, "stage"), rest, lines.String())
	}
	if sum.Absent > 0 && sum.Left == 0 {
		return fmt.Errorf("%s not at the remote; %s run computes what is missing", format.Count(sum.Absent, "stage"),
			w.app.Name)
	}
	if sum.Left > 0 {
		return &exit{exitInterrupted, fmt.Errorf("stopped with %s to go; what is computed is kept, "+
			"and the same command goes on from here", format.Count(sum.Left, "stage"))}
	}
	return nil
}

// newReporter shows progress on a terminal that has room for it, and plain lines
// elsewhere. A pseudo-terminal that nobody looks at, as of a CI service, has no size.
func newReporter(out io.Writer, cores int) reporter {
	if f := terminal(out); f != nil && os.Getenv("TERM") != "dumb" {
		size := func() (cols, rows int) {
			cols, rows, _ = term.GetSize(int(f.Fd()))
			return cols, rows
		}
		if cols, rows := size(); cols >= minCols && rows >= minRows {
			return newLive(out, cores, size)
		}
	}
	return &plain{estimate: estimate{cores: cores}, out: out}
}

// A reporter is closed when the run has ended.
type reporter interface {
	engine.Reporter
	Close()
}
