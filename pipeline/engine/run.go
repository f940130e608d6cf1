package engine

import (
	"container/heap"
	"context"
	"fmt"
	"runtime"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/store"
)

// Options bound a run and report on it.
type Options struct {
	Cores  int   // stages at once; each uses one core
	Memory int64 // bytes that stages at once may declare, 0 for no limit

	// Stop asks for an orderly end when it is closed: what is running is finished,
	// nothing else is begun. Ending the context drops what is running. Optional.
	Stop <-chan struct{}

	Report Reporter // optional
}

// A Reporter is told of a run's progress, one call at a time.
type Reporter interface {
	Planned(p *Plan)
	Waiting(s *pipeline.Stage) // another process, or a stage with the same key, is computing it
	Started(s *pipeline.Stage)
	Done(s *pipeline.Stage, how Outcome, seconds float64)
	Failed(s *pipeline.Stage, err error)
	Stopping(running int) // nothing else is begun
	Note(text string)
}

// An Outcome says how a stage came up to date.
type Outcome string

const (
	Ran       Outcome = "ran"
	Shared    Outcome = "shared" // the artifact of another stage of the run, with the same key
	Restored  Outcome = "restored"
	Unchanged Outcome = "fresh"
	Elsewhere Outcome = "computed elsewhere"
)

// A Summary is what a run did.
type Summary struct {
	Stages   int
	Done     map[Outcome]int
	Failures []Failure
	Skipped  int      // stages that need one that failed
	Left     int      // stages not begun because the run was stopped
	Exported []string // files written because their content changed
	Seconds  float64
	Plan     *Plan // what there was before the run
}

// A Failure is a stage that could not be computed.
type Failure struct {
	Stage *pipeline.Stage
	Err   error
}

func (f Failure) String() string { return fmt.Sprintf("%s: %v", f.Stage.Name, f.Err) }

// pollEvery is how often a stage that is computed elsewhere is looked at.
const pollEvery = 150 * time.Millisecond

// Run brings a graph up to date. Stages that do not need a failed one are run all
// the same. The error is for what concerns the run as a whole: a *MemoryError if a
// stage alone is too large for it.
func (e *Engine) Run(ctx context.Context, g *pipeline.Graph, opt Options) (*Summary, error) {
	start := time.Now()
	plan, err := e.Plan(g)
	if err != nil {
		return nil, err
	}
	if large := plan.Beyond(opt.Memory); large != nil {
		return nil, large
	}
	r := newRunner(e, ctx, plan, opt)
	if plan.Count(Run) > 0 {
		if err := e.prepare(); err != nil {
			return nil, err
		}
	}
	r.report.Planned(plan)
	r.loop()
	e.remember() // a new store could not be written to before
	r.sum.Seconds, r.sum.Plan = time.Since(start).Seconds(), plan
	return r.sum, nil
}

// A job is a stage under way through a run.
type job struct {
	*Item
	cost   pipeline.Cost
	path   float64 // seconds of the longest chain of runs that starts here
	needs  int     // inputs not done
	users  []*job
	state  state
	waited bool // for another to compute its key
}

type state int

const (
	blocked state = iota
	queued        // in the queue, waiting, or following
	running
	done
	failed // or needs one that failed
)

// A runner is one run. Its fields belong to the goroutine of loop.
type runner struct {
	e       *Engine
	ctx     context.Context
	opt     Options
	report  Reporter
	jobs    []*job
	byStage map[*pipeline.Stage]*job

	queue     queue             // to be computed, longest path first
	waiting   []*job            // whose keys other processes compute
	followers map[string][]*job // whose keys, these, another job computes; it has an entry
	mine      map[string]bool   // keys computed in this run

	finished chan result
	running  int
	memory   int64 // declared by what is running
	repairs  int
	prepared bool // the store, for writing
	behind   bool // the view, and it was said
	stopped  bool
	sum      *Summary
}

// A result is what a job's goroutine found.
type result struct {
	job     *job
	seconds float64
	note    string
	err     error
}

func newRunner(e *Engine, ctx context.Context, plan *Plan, opt Options) *runner {
	r := &runner{
		e: e, ctx: ctx, opt: opt, report: opt.Report,
		byStage:   make(map[*pipeline.Stage]*job, len(plan.Items)),
		followers: make(map[string][]*job),
		mine:      make(map[string]bool),
		finished:  make(chan result),
		sum:       &Summary{Stages: len(plan.Items), Done: make(map[Outcome]int)},
	}
	if r.report == nil {
		r.report = silent{}
	}
	r.opt.Cores = max(1, r.opt.Cores)
	for _, item := range plan.Items {
		j := &job{Item: item, cost: item.Stage.Cost()}
		r.jobs = append(r.jobs, j)
		r.byStage[item.Stage] = j
		for _, in := range item.Stage.Inputs {
			from := r.byStage[in]
			from.users = append(from.users, j)
			j.needs++
		}
	}
	for k := len(r.jobs) - 1; k >= 0; k-- {
		j := r.jobs[k]
		for _, u := range j.users {
			j.path = max(j.path, u.path)
		}
		if j.Status == Run {
			j.path += j.cost.Seconds
		}
	}
	return r
}

// prepare makes the store ready for what is to be computed, and says the first time
// what it lacks. A run that computes nothing does without: the store may be read-only.
func (r *runner) prepare() error {
	if r.prepared {
		return nil
	}
	if err := r.e.prepare(); err != nil {
		return err
	}
	r.prepared = true
	for _, lack := range r.e.store.Lacks() {
		r.report.Note(lack)
	}
	return nil
}

// loop runs until nothing is running and nothing can be begun.
func (r *runner) loop() {
	stop := r.opt.Stop
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for _, j := range r.jobs {
		if j.needs == 0 && j.state == blocked {
			r.ready(j)
		}
	}
	for {
		if !r.stopped {
			r.begin()
		}
		if r.running == 0 && (r.stopped || len(r.queue)+len(r.waiting) == 0) {
			break
		}
		select {
		case res := <-r.finished:
			r.settle(res)
		case <-stop:
			r.stopped, stop = true, nil
			r.report.Stopping(r.running)
		case <-r.ctx.Done():
			// What is running ends by itself, and says so.
			r.stopped = true
			if r.running > 0 {
				r.settle(<-r.finished)
			}
		case <-poll.C:
			for _, j := range r.waiting {
				heap.Push(&r.queue, j)
			}
			r.waiting = nil
		}
	}
	for _, j := range r.jobs {
		if j.state != done && j.state != failed {
			r.sum.Left++
		}
	}
}

// ready takes up a job whose inputs are done: at once if its artifact is in the
// store, else it joins the queue.
func (r *runner) ready(j *job) {
	if j.Status == Fresh {
		r.done(j, Unchanged, 0)
		return
	}
	if err := r.resolve(j); err != nil {
		r.fail(j, err)
		return
	}
	if j.Action == nil {
		j.state = queued
		heap.Push(&r.queue, j)
		return
	}
	how := Restored
	if j.Status == Run {
		shown, err := r.e.store.Shown(r.e.shownAs(j.Stage), j.Action)
		if err != nil {
			r.fail(j, err)
			return
		}
		switch {
		case shown:
			how = Unchanged // an input ran and came out as it was
		case r.mine[j.Key]:
			how = Shared
		}
	}
	r.finish(j, how, 0)
}

// resolve finds a job's key and action, now that all its inputs are done.
func (r *runner) resolve(j *job) error {
	in := make([]input, 0, len(j.Stage.Inputs))
	for _, s := range j.Stage.Inputs {
		from := r.byStage[s]
		in = append(in, input{s, from.Params, from.Action.Output})
	}
	sortInputs(in)
	j.inputs = in
	j.Key = keyOf(j.Stage.Kind.Name, j.Code, r.e.build.Identity, j.Params, in)
	a, err := r.e.find(j.Key)
	if damage(err) {
		r.report.Note(err.Error())
		digest, ok := damaged(err)
		a, err = nil, nil
		if ok {
			err = r.discard(digest)
		}
	}
	j.Action = a
	return err
}

// collectFrom is the estimate of memory from which what stages before have left is
// collected first: uncollected, it would count beside the stage's own.
const collectFrom = 256 << 20

// begin starts what there is room for, the longest path first: a stage that waits
// for memory is not overtaken, or it might wait for ever.
func (r *runner) begin() {
	for len(r.queue) > 0 && r.running < r.opt.Cores && !r.stopped {
		j := heap.Pop(&r.queue).(*job)
		if j.state != queued {
			continue // blocked again by a repair
		}
		if r.opt.Memory > 0 && j.cost.Bytes > r.opt.Memory {
			// It was not planned to run: its artifact was found damaged.
			r.fail(j, &MemoryError{Limit: r.opt.Memory, Stages: []*pipeline.Stage{j.Stage}})
			continue
		}
		if r.running > 0 && r.opt.Memory > 0 && r.memory+j.cost.Bytes > r.opt.Memory {
			heap.Push(&r.queue, j)
			return
		}
		if f, ok := r.followers[j.Key]; ok {
			r.followers[j.Key] = append(f, j)
			continue
		}
		release := r.claim(j)
		if release == nil {
			continue
		}
		j.state = running
		r.running++
		r.memory += j.cost.Bytes
		r.followers[j.Key] = []*job{}
		r.report.Started(j.Stage)
		go func() {
			if j.cost.Bytes >= collectFrom {
				runtime.GC()
			}
			res := r.e.compute(r.ctx, j.Item)
			res.job = j
			release()
			r.finished <- res
		}()
	}
}

// claim takes the lock under which a job is computed. It returns nil if the job is not
// to be computed here and now: it has failed, waits, or is done.
func (r *runner) claim(j *job) (release func()) {
	if err := r.prepare(); err != nil {
		r.stopped = true // all others would meet the same
		r.fail(j, err)
		return nil
	}
	release, err := r.e.store.TryLock(j.Key)
	if err != nil {
		r.fail(j, err)
		return nil
	}
	if release == nil {
		if !j.waited {
			r.report.Waiting(j.Stage)
		}
		j.waited = true
		r.waiting = append(r.waiting, j)
		return nil
	}
	// It may have been finished between the look and the lock.
	a, err := r.e.find(j.Key)
	switch {
	case err != nil && !damage(err):
		release()
		r.fail(j, err)
		return nil
	case err != nil || a == nil:
		return release
	}
	release()
	j.Action = a
	if r.mine[j.Key] {
		r.finish(j, Shared, 0)
	} else {
		r.finish(j, Elsewhere, 0)
	}
	return nil
}

// settle takes a job back from its goroutine.
func (r *runner) settle(res result) {
	j := res.job
	r.running--
	r.memory -= j.cost.Bytes
	followers := r.followers[j.Key]
	delete(r.followers, j.Key)
	if res.note != "" {
		r.report.Note(res.note)
	}
	switch {
	case j.state == failed: // one that it needs was made again in vain
	case res.err == nil:
		r.mine[j.Key] = true
		r.finish(j, Ran, res.seconds)
	case r.ctx.Err() != nil:
		j.state = blocked // dropped
	default:
		r.trouble(j, res.err)
	}
	for _, f := range followers {
		if f.state == queued {
			f.state = blocked
			r.ready(f)
		}
	}
}

// finish shows and exports a job's artifact.
func (r *runner) finish(j *job, how Outcome, seconds float64) {
	exported, behind, err := r.e.publish(j.Item)
	r.sum.Exported = append(r.sum.Exported, exported...)
	if behind != nil && !r.behind {
		r.behind = true
		r.report.Note(fmt.Sprintf("the view is left as it is, which harms nothing: %v", behind))
	}
	if err != nil {
		r.trouble(j, err)
		return
	}
	r.done(j, how, seconds)
}

func (r *runner) done(j *job, how Outcome, seconds float64) {
	j.state = done
	r.sum.Done[how]++
	r.report.Done(j.Stage, how, seconds)
	for _, u := range j.users {
		if u.state == done || u.state == failed {
			continue
		}
		if u.needs--; u.needs == 0 && u.state == blocked {
			r.ready(u)
		}
	}
}

// fail ends a job and all that need it.
func (r *runner) fail(j *job, err error) {
	if store.Full(err) {
		r.stopped = true // all others would be computed for nothing
	}
	j.state = failed
	r.sum.Failures = append(r.sum.Failures, Failure{j.Stage, err})
	r.report.Failed(j.Stage, err)
	var skip func(j *job)
	skip = func(j *job) {
		for _, u := range j.users {
			if u.state != failed && u.state != done {
				u.state = failed
				r.sum.Skipped++
				skip(u)
			}
		}
	}
	skip(j)
}
