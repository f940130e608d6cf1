package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"zerotohero/pipeline/engine"
)

func (w *workplace) runCommand() *cobra.Command {
	var cores int
	var memory string
	c := &cobra.Command{
		Use:   "run [FIGURE|STAGE-GLOB...]",
		Short: "Bring figures and stages up to date",
		Long: `Brings the named figures and stages, and all that they need, up to date; without
names, everything of the profile. What is in the store already is not computed.

The first ^C finishes what is running and begins nothing else, the second drops
what is running. In both cases, and after a crash, the same command goes on.`,
		Example: `  hero run                             # everything
  hero run success                     # one figure
  hero run 'curve-descent/N=128,*'     # some stages
  hero run --profile smoke -j 1`,
		ValidArgsFunction: w.completeNames,
		RunE: func(c *cobra.Command, patterns []string) error {
			if cores < 1 {
				return Usage(fmt.Errorf("-j is %d and must be at least 1", cores))
			}
			bytes, err := parseBytes(memory)
			if err != nil {
				return Usage(fmt.Errorf("--memory: %w", err))
			}
			if err := w.open(); err != nil {
				return err
			}
			targets, err := w.targets(patterns)
			if err != nil {
				return err
			}
			if w.app.BuildNote != "" {
				fmt.Fprintln(c.OutOrStdout(), w.app.BuildNote)
			}
			ctx, stop, release := interruptible()
			defer release()
			report := newReporter(c.OutOrStdout(), cores)
			graph := w.graph.Closure(targets)
			sum, err := w.engine.Run(ctx, graph, engine.Options{
				Cores: cores, Memory: bytes, Stop: stop, Report: report,
			})
			report.Close()
			if err != nil {
				return err
			}
			err = w.conclude(c.OutOrStdout(), sum)
			if exporting(graph) {
				var plan *engine.Plan
				if len(graph.Stages) == len(w.graph.Stages) && sum.Done[engine.Unchanged] == sum.Stages {
					plan = sum.Plan
				}
				_, wrong := w.writeReport(c.OutOrStdout(), plan)
				err = cmp.Or(err, wrong)
			}
			return err
		},
	}
	c.Flags().IntVarP(&cores, "jobs", "j", runtime.GOMAXPROCS(0), "stages computed at once, one core each")
	c.Flags().StringVar(&memory, "memory", "", `memory that stages may use at once, such as "4GiB" (default three quarters of the machine's)`)
	return c
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

// conclude says what a run did.
func (w *workplace) conclude(out io.Writer, sum *engine.Summary) error {
	var parts []string
	for _, how := range []engine.Outcome{engine.Ran, engine.Restored, engine.Elsewhere, engine.Unchanged} {
		if n := sum.Done[how]; n > 0 || how == engine.Ran {
			parts = append(parts, fmt.Sprintf("%d %s", n, how))
		}
	}
	fmt.Fprintf(out, "%d stages: %s (%s)\n", sum.Stages, strings.Join(parts, ", "), seconds(sum.Seconds))
	for _, path := range sum.Exported {
		fmt.Fprintf(out, "wrote %s\n", path)
	}
	if n := len(sum.Failures); n > 0 {
		var lines strings.Builder
		for k, f := range sum.Failures {
			if k == 10 {
				fmt.Fprintf(&lines, "\n  and %d more", n-k)
				break
			}
			fmt.Fprintf(&lines, "\n  %v", f)
		}
		rest := ""
		if sum.Skipped > 0 {
			rest = fmt.Sprintf("; left out because of that: %d", sum.Skipped)
		}
		if sum.Left > 0 {
			rest += fmt.Sprintf("; not begun: %d", sum.Left)
		}
		return fmt.Errorf("%s failed%s:%s", counted(n, "stage"), rest, lines.String())
	}
	if sum.Left > 0 {
		return &exit{exitInterrupted, fmt.Errorf("stopped with %s to go; what is computed is kept, and the same command goes on from here", counted(sum.Left, "stage"))}
	}
	return nil
}

// newReporter shows progress on a terminal, and plain lines elsewhere.
func newReporter(out io.Writer, cores int) reporter {
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		return newLive(f, cores)
	}
	return &plain{tally: tally{cores: cores}, out: out}
}

// A reporter is closed when the run has ended.
type reporter interface {
	engine.Reporter
	Close()
}
