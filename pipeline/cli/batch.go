package cli

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"zerotohero/pipeline"
	"zerotohero/pipeline/batch"
	"zerotohero/pipeline/calibration"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
)

const (
	// arrayTasks is how many tasks a job array has at most: what Slurm allows by default.
	arrayTasks = 1000

	// slower is how many times as long as on the machines that were measured a stage may take on
	// another: from the fastest to the slowest processors of a cluster of several years.
	slower = 1.5

	// secondsToStart is what a task takes until its first stage begins, where schedules are
	// simulated: some seconds for the queue, one or two for the program.
	secondsToStart = 10
)

// batchFlags are --on and what goes with it for plan.
type batchFlags struct {
	on       string
	chunk    time.Duration
	simulate []int
}

func (b *batchFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&b.on, "on", "", "say which jobs would be submitted to a batch system: slurm")
	flags.DurationVar(&b.chunk, "chunk", time.Hour, `with --on, how long a task of several stages should take at
most`)
	flags.IntSliceVar(&b.simulate, "simulate", nil, `with --on, say how long all of it takes on these numbers of
cores, such as 64,1000`)
	c.RegisterFlagCompletionFunc("on", cobra.FixedCompletions([]string{"slurm"}, cobra.ShellCompDirectiveNoFileComp))
}

// check reports whether jobs are wanted, and wants flags that go together.
func (b *batchFlags) check(c *cobra.Command) (wanted bool, err error) {
	switch {
	case b.on == "" && (c.Flags().Changed("chunk") || b.simulate != nil):
		return false, usage("--chunk and --simulate are for --on slurm")
	case b.on == "":
		return false, nil
	case b.on != "slurm":
		return false, usage("--on %s: no batch system of that name is known; known is slurm", b.on)
	case c.Flags().Changed("memory") || c.Flags().Changed("all"):
		return false, usage("--memory and --all are for plans of runs on this machine, without --on")
	case b.chunk < time.Minute:
		return false, usage("--chunk is %v and must be at least 1m", b.chunk)
	}
	for _, cores := range b.simulate {
		if cores < 1 {
			return false, usage("--simulate %d: there is at least one core", cores)
		}
	}
	return true, nil
}

// limits are those of jobs where nothing is known of the cluster.
func (b *batchFlags) limits() batch.Limits {
	return batch.Limits{Chunk: b.chunk.Seconds(), Tasks: arrayTasks, Cores: 1}
}

// jobs cuts what a plan runs into jobs.
func jobs(plan *engine.Plan, c *calibration.Calibration, l batch.Limits) ([]batch.Job, error) {
	return batch.Cut(plan.ToRun(), func(s *pipeline.Stage) batch.Estimate { return estimateOf(s, c) }, l)
}

// estimateOf is what a stage is expected to take in a job.
func estimateOf(s *pipeline.Stage, c *calibration.Calibration) batch.Estimate {
	cost := s.Cost()
	return batch.Estimate{
		Seconds: expected(s, c), Longest: slower*c.Of(s).High*cost.Seconds + engineSeconds, Bytes: cost.Bytes,
	}
}

const batchJSON = `
With --on and --json: {"profile", "store", "on", "stages", "tasks", "seconds", "measured",
"longest_path", "bytes", "jobs": [{"job", "cores", "seconds", "bytes", "after": [{"job",
"corresponding"}], "tasks": [{"seconds", "stages": []}]}], "schedules": [{"cores",
"seconds", "efficiency", "bound", "full", "chain": [{"job", "seconds"}]}]}. Seconds are
estimates: in all, and of tasks what is expected; those of jobs, and bytes, are what each
task asks for. A task waits for all of a job, or for the corresponding task of it. No
schedule is shorter than its bound; the chain is what ends last, task after task, and
begins at full, up to when its first task waited for a core.
`

type batchReport struct {
	Profile     string           `json:"profile"`
	Store       string           `json:"store"`
	On          string           `json:"on"`
	Stages      int              `json:"stages"`
	Tasks       int              `json:"tasks"`
	Seconds     float64          `json:"seconds"`
	Measured    *measuredReport  `json:"measured"`
	LongestPath float64          `json:"longest_path"`
	Bytes       int64            `json:"bytes"` // the most that a task asks for
	Jobs        []jobReport      `json:"jobs"`
	Schedules   []scheduleReport `json:"schedules"`

	all    expectation
	counts string
}

type jobReport struct {
	Job     string        `json:"job"`
	Cores   int           `json:"cores"`
	Seconds float64       `json:"seconds"`
	Bytes   int64         `json:"bytes"`
	After   []afterReport `json:"after"`
	Tasks   []taskReport  `json:"tasks"`
}

type afterReport struct {
	Job           string `json:"job"`
	Corresponding bool   `json:"corresponding"`
}

type taskReport struct {
	Seconds float64  `json:"seconds"`
	Stages  []string `json:"stages"`
}

type scheduleReport struct {
	Cores      int          `json:"cores"`
	Seconds    float64      `json:"seconds"`
	Efficiency float64      `json:"efficiency"`
	Bound      float64      `json:"bound"`
	Full       float64      `json:"full"`
	Chain      []linkReport `json:"chain"`
}

type linkReport struct {
	Job     string  `json:"job"`
	Seconds float64 `json:"seconds"`
}

// batchReport says what would be submitted to bring a plan up to date.
func (w *workspace) batchReport(plan *engine.Plan, b batchFlags) (*batchReport, error) {
	c := w.calibration(plan, "")
	list, err := jobs(plan, c, b.limits())
	if err != nil {
		return nil, err
	}
	all := expect(plan, c)
	r := &batchReport{
		Profile: w.profile, Store: w.storeDir, On: b.on, Stages: plan.Count(engine.Run), Seconds: all.estimated,
		Measured: all.report(), LongestPath: batch.LongestPath(list, 0), Jobs: []jobReport{}, Schedules: []scheduleReport{},
		all: all, counts: countByStatus(plan),
	}
	for _, j := range list {
		r.Tasks += len(j.Tasks)
		r.Bytes = max(r.Bytes, j.Bytes)
		r.Jobs = append(r.Jobs, jobOf(j, list))
	}
	for _, cores := range b.simulate {
		s, err := batch.Simulate(list, cores, secondsToStart)
		if err != nil {
			return nil, Usage(err)
		}
		report := scheduleReport{cores, s.Seconds, s.Efficiency, s.Bound, s.Full, []linkReport{}}
		for _, link := range s.Chain {
			report.Chain = append(report.Chain, linkReport{list[link.Job].Name, link.Seconds})
		}
		r.Schedules = append(r.Schedules, report)
	}
	return r, nil
}

// jobOf says what a job of a list is.
func jobOf(j batch.Job, list []batch.Job) jobReport {
	out := jobReport{Job: j.Name, Cores: j.Cores, Seconds: j.Seconds, Bytes: j.Bytes, After: []afterReport{}}
	for _, d := range j.After {
		out.After = append(out.After, afterReport{list[d.Job].Name, d.Corresponding})
	}
	for _, t := range j.Tasks {
		report := taskReport{Seconds: t.Seconds}
		for _, s := range t.Stages {
			report.Stages = append(report.Stages, s.Name)
		}
		out.Tasks = append(out.Tasks, report)
	}
	return out
}

// write prints the jobs as a table, and below what they come to.
func (r *batchReport) write(out io.Writer) {
	if r.Stages == 0 {
		fmt.Fprintf(out, "%s; there is nothing to submit\n", r.counts)
		return
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "stages\ttasks\tlongest\ttime\tmemory\tjob\t  after\n")
	for _, j := range r.Jobs {
		stages, longest := 0, 0.0
		for _, task := range j.Tasks {
			stages += len(task.Stages)
			longest = max(longest, task.Seconds)
		}
		var after []string
		for _, a := range j.After {
			mark := ""
			if a.Corresponding {
				mark = "="
			}
			after = append(after, mark+a.Job)
		}
		fmt.Fprintf(t, "%d\t%d\t%s\t%s\t%s\t%s\t  %s\n", stages, len(j.Tasks), format.Seconds(longest),
			format.Seconds(j.Seconds), format.Bytes(j.Bytes), j.Job, format.List(after, 4))
	}
	t.Flush()
	fmt.Fprintf(out, "%s in %s of %s: %s\n", r.counts, format.Count(len(r.Jobs), "job"), format.Count(r.Tasks, "task"),
		r.all.text())
	enough := int(math.Ceil(r.all.measured / r.LongestPath))
	fmt.Fprintf(out, "the longest path takes %s, so that more than about %s gain nothing; "+
		"the largest task asks for %s of memory\n",
		format.Seconds(r.LongestPath), format.Count(enough, "core"), format.Bytes(r.Bytes))
	r.writeSchedules(out)
}

// mostLinks is of how many tasks of a chain the text speaks.
const mostLinks = 6

func (r *batchReport) writeSchedules(out io.Writer) {
	if len(r.Schedules) == 0 {
		return
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "cores\ttake\tefficiency\tat least\t  ends with\n")
	for _, s := range r.Schedules {
		var links []string
		for _, link := range slices.Backward(s.Chain) {
			links = append(links, fmt.Sprintf("%s %s", link.Job, format.Seconds(link.Seconds)))
		}
		if s.Full > 0 {
			links = append(links, "cores "+format.Seconds(s.Full))
		}
		fmt.Fprintf(t, "%d\t%s\t%.0f %%\t%s\t  %s\n", s.Cores, format.Seconds(s.Seconds), 100*s.Efficiency,
			format.Seconds(s.Bound), format.List(links, mostLinks))
	}
	t.Flush()
}
