package slurm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/batch"
	"zerotohero/pipeline/engine"
)

// A Run brings a graph up to date by jobs of Slurm.
type Run struct {
	Place
	Config
	Client *Client
	Tries  int // of a stage that is killed, before it is given up

	// Plan says what is to be done, from what the store has now.
	Plan func() (*engine.Plan, error)

	// Cut makes jobs of stages, whose requests are raised by factors of time and memory.
	Cut func(stages []*pipeline.Stage, limits Limits, raised func(*pipeline.Stage) (time, memory float64)) ([]batch.Job, error)

	Tell func(Progress)
	Note func(text string)

	limits Limits
	noted  map[string]bool
}

// Progress is how far a run is.
type Progress struct {
	Done, Total     int // stages
	Queued, Running int // tasks
	Failed, Skipped int // stages
	Left            []*pipeline.Stage
}

// A Failure is a stage that is given up.
type Failure struct {
	Stage string
	Why   string
	Log   string // file; empty if there is none
}

// A Result is what came of following a run.
type Result struct {
	Failures []Failure
	Skipped  int  // stages that need one of these
	Detached bool // the run goes on without being followed
}

// late is how long what a task has written may take to be seen here: NFS clients keep what they
// know of a folder for up to a minute.
const late = 2 * time.Minute

// a view is what is known of all tasks at one time.
type view struct {
	plan     *engine.Plan
	toRun    map[string]*pipeline.Stage
	inFlight map[string]*Submission // by stage
	queued   int
	running  int
	reason   string              // why what is queued longest is
	kills    map[string][]string // of a stage, how each try that was killed ended
	failed   map[string]Failure
}

// Follow submits what is to be done and is not in the queue, and waits for it, until all is done
// or given up, or the context ends.
func (r *Run) Follow(ctx context.Context) (Result, error) {
	r.noted = make(map[string]bool)
	var err error
	if r.limits, err = r.Client.Limits(ctx); err != nil {
		return Result{}, err
	}
	if r.Array > 0 {
		r.limits.Array = min(r.limits.Array, r.Array)
	}
	if r.Jobs > 0 {
		r.limits.Jobs = min(r.limits.Jobs, r.Jobs)
	}
	total := -1
	probed := false
	for {
		v, err := r.look(ctx)
		if err != nil {
			return r.detached(ctx, err)
		}
		total = max(total, len(v.toRun))
		todo, skipped := v.todo()
		if len(todo) == 0 && len(v.inFlight) == 0 {
			r.tell(v, total, skipped)
			return Result{Failures: v.failures(), Skipped: skipped}, nil
		}
		if len(todo) > 0 && !probed && len(v.inFlight) == 0 {
			if err := r.probe(ctx); err != nil {
				return r.detached(ctx, err)
			}
			probed = true
		}
		if err := r.submit(ctx, v, todo); err != nil {
			return r.detached(ctx, err)
		}
		r.tell(v, total, skipped)
		select {
		case <-time.After(r.poll):
		case <-ctx.Done():
			return Result{Detached: true}, nil
		}
	}
}

// detached is the result of an error, which the end of the context is none of.
func (r *Run) detached(ctx context.Context, err error) (Result, error) {
	if ctx.Err() != nil {
		return Result{Detached: true}, nil
	}
	return Result{}, err
}

func (r *Run) tell(v *view, total, skipped int) {
	p := Progress{Done: total - len(v.toRun), Total: total, Queued: v.queued, Running: v.running, Failed: len(v.failed),
		Skipped: skipped}
	for _, i := range v.plan.Items {
		if s := v.toRun[i.Stage.Name]; s != nil && v.failed[i.Stage.Name].Stage == "" {
			p.Left = append(p.Left, s)
		}
	}
	r.Tell(p)
	if v.reason != "" && v.running == 0 {
		r.note("waiting in the queue: " + v.reason)
	}
}

// note tells something once.
func (r *Run) note(text string) {
	if !r.noted[text] {
		r.noted[text] = true
		r.Note(text)
	}
}

// look finds out what is done, what is under way and what became of the rest.
func (r *Run) look(ctx context.Context) (*view, error) {
	// The queue first: what leaves it later is in the store by then, or counts as missing next time.
	queue, err := r.Client.Queue(ctx, r.comment())
	if err != nil {
		return nil, err
	}
	subs, err := r.submissions()
	if err != nil {
		return nil, err
	}
	v := &view{toRun: make(map[string]*pipeline.Stage), inFlight: make(map[string]*Submission),
		kills: make(map[string][]string), failed: make(map[string]Failure)}
	if v.plan, err = r.Plan(); err != nil {
		return nil, err
	}
	for _, s := range v.plan.ToRun() {
		v.toRun[s.Name] = s
	}
	under := make(map[string]map[int]bool) // by hash, the tasks in the queue
	for _, q := range queue {
		hash := q.Comment[len(r.comment()):]
		if under[hash] == nil {
			under[hash] = make(map[int]bool)
		}
		under[hash][q.Task] = true
		if q.State == "PENDING" || q.State == "CONFIGURING" {
			v.queued++
			if v.reason == "" && q.Reason != "Dependency" && q.Reason != "None" {
				v.reason = q.Reason
			}
		} else {
			v.running++
		}
	}
	for _, s := range subs {
		if err := r.adopt(s, queue); err != nil {
			return nil, err
		}
		for task, names := range s.Stages {
			r.lookAt(ctx, v, s, task, names, under[s.hash][task])
		}
	}
	for name, kills := range v.kills {
		if v.toRun[name] != nil && v.inFlight[name] == nil && len(kills) >= r.Tries && v.failed[name].Stage == "" {
			v.failed[name] = Failure{Stage: name, Why: fmt.Sprintf("killed %d times, the last time by %s", len(kills),
				orUnknown(kills[len(kills)-1])), Log: r.lastLog(subs, name)}
		}
	}
	return v, nil
}

// adopt takes the number of a job that was submitted by someone who did not live to note it.
func (r *Run) adopt(s *Submission, queue []Queued) error {
	for _, q := range queue {
		if s.Job == "" && q.Comment == r.comment()+s.hash {
			s.Job = q.Job
			return s.save()
		}
	}
	return nil
}

// lookAt finds out about one task.
func (r *Run) lookAt(ctx context.Context, v *view, s *Submission, task int, names []string, queued bool) {
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return v.toRun[name] == nil })
	if queued {
		for _, name := range missing {
			v.inFlight[name] = s
		}
		return
	}
	e, code := s.end(task)
	switch {
	case e == notBegun, len(missing) == 0 && e == ended:
		return
	case e == ended && code == 0 && s.age(task) < late:
		for _, name := range missing { // it will be seen soon
			v.inFlight[name] = s
		}
		return
	case e == ended && code != 0:
		for _, name := range missing {
			v.failed[name] = Failure{name, fmt.Sprintf("its task ended with exit code %d", code), r.log(s, task)}
		}
		return
	}
	fate := r.fate(ctx, s, task)
	for _, name := range missing {
		v.kills[name] = append(v.kills[name], fate)
	}
}

// todo are the stages to be submitted, and how many cannot be, as they need one that failed.
func (v *view) todo() (todo []*pipeline.Stage, skipped int) {
	blocked := make(map[string]bool)
	for _, i := range v.plan.Items { // inputs first
		name := i.Stage.Name
		if v.toRun[name] == nil {
			continue
		}
		needs := slices.ContainsFunc(i.Stage.Inputs, func(in *pipeline.Stage) bool {
			return blocked[in.Name] || v.failed[in.Name].Stage != ""
		})
		switch {
		case v.failed[name].Stage != "":
		case needs:
			blocked[name] = true
			skipped++
		case v.inFlight[name] == nil:
			todo = append(todo, i.Stage)
		}
	}
	return todo, skipped
}

func (v *view) failures() (out []Failure) {
	for _, i := range v.plan.Items {
		if f := v.failed[i.Stage.Name]; f.Stage != "" {
			out = append(out, f)
		}
	}
	return out
}

// raised says by how much a stage may ask for more than at first, as it was killed for that: twice
// the memory or time for each time, one and a half times both where nobody knows why.
func (v *view) raised(s *pipeline.Stage) (time, memory float64) {
	time, memory = 1, 1
	for _, fate := range v.kills[s.Name] {
		switch fate {
		case "TIMEOUT", "DEADLINE":
			time *= 2
		case "OUT_OF_MEMORY":
			memory *= 2
		case "NODE_FAIL", "PREEMPTED", "CANCELLED", "BOOT_FAIL":
		default:
			time, memory = 1.5*time, 1.5*memory
		}
	}
	return time, memory
}

// submit puts what is to be done into the queue, as far as that takes it.
func (r *Run) submit(ctx context.Context, v *view, todo []*pipeline.Stage) error {
	if len(todo) == 0 {
		return nil
	}
	jobs, err := r.Cut(todo, r.limits, v.raised)
	if err != nil {
		return err
	}
	in := v.queued + v.running
	done := make([]*Submission, len(jobs))
	for k, j := range jobs {
		if in+len(j.Tasks) > r.limits.Jobs {
			r.note(fmt.Sprintf("the queue has room for %d tasks: the rest is submitted as these end", r.limits.Jobs))
			return nil
		}
		after, ready := dependencies(j, jobs, done, v)
		if !ready {
			continue // what it needs was not submitted
		}
		s := r.newSubmission(j, 1+v.tries(j))
		err := r.put(ctx, s, after)
		var e *CommandError
		switch {
		case errors.As(err, &e) && e.Full:
			r.note(fmt.Sprintf("the queue takes no more now (%s): the rest is submitted later", e.Text))
			return nil
		case err != nil:
			return fmt.Errorf("job %s: %w", j.Name, err)
		}
		done[k] = s
		in += len(j.Tasks)
		v.queued += len(j.Tasks)
		for _, names := range s.Stages {
			for _, name := range names {
				v.inFlight[name] = s
			}
		}
	}
	return nil
}

// tries is how often a stage of a job was killed, at most.
func (v *view) tries(j batch.Job) int {
	n := 0
	for _, t := range j.Tasks {
		for _, s := range t.Stages {
			n = max(n, len(v.kills[s.Name]))
		}
	}
	return n
}

// dependencies are what a job waits for: jobs of this submission, and those in the queue that
// compute inputs of its stages. It is not ready if one that it needs was not submitted.
func dependencies(j batch.Job, jobs []batch.Job, done []*Submission, v *view) (after []string, ready bool) {
	known := make(map[string]bool)
	for _, d := range j.After {
		s := done[d.Job]
		if s == nil {
			return nil, false
		}
		how := "afterok:"
		if d.Corresponding {
			how = "aftercorr:"
		}
		after = append(after, how+s.Job)
		known[s.Job] = true
	}
	for _, t := range j.Tasks {
		for _, s := range t.Stages {
			for _, in := range s.Inputs {
				if from := v.inFlight[in.Name]; from != nil && v.toRun[in.Name] != nil && !known[from.Job] && !inJobs(in, jobs) {
					known[from.Job] = true
					after = append(after, "afterok:"+from.Job)
				}
			}
		}
	}
	return after, true
}

// inJobs reports whether one of the jobs of this submission computes a stage: batch.Cut has said
// what waits for that.
func inJobs(s *pipeline.Stage, jobs []batch.Job) bool {
	return slices.ContainsFunc(jobs, func(j batch.Job) bool {
		return slices.ContainsFunc(j.Tasks, func(t batch.Task) bool { return slices.Contains(t.Stages, s) })
	})
}
