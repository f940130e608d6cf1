package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

const (
	// pollEvery is how often a stage that another process computes is looked at.
	pollEvery = 150 * time.Millisecond

	// collectFrom is the estimate of memory from which on garbage of earlier stages is
	// collected before a stage begins, so that both together do not exceed the budget.
	collectFrom = 256 << 20

	// maxRepairs bounds how often a run computes damaged artifacts again, so that a disk
	// that damages all it is given ends in an error.
	maxRepairs = 100
)

// A runner does what a schedule decides: it looks into the store, computes and publishes.
// Its fields belong to the goroutine of run.
type runner struct {
	*schedule
	e       *Engine
	opt     Options
	report  Reporter
	plan    *Plan
	byStage map[*pipeline.Stage]*task

	computed map[digest.Key]bool // in this run
	waited   map[*task]bool      // reported as waiting for another process
	finished chan result
	repairs  int
	prepared bool // the store, for writing
	viewLags bool // the view could not be written to, and this was reported
	sum      *Summary
}

// A result is what came of computing a stage.
type result struct {
	task    *task
	seconds float64
	how     Outcome
	notes   []string
	err     error
}

func newRunner(e *Engine, plan *Plan, opt Options) *runner {
	r := &runner{
		e: e, opt: opt, report: opt.Report, plan: plan,
		byStage:  make(map[*pipeline.Stage]*task, len(plan.Items)),
		computed: make(map[digest.Key]bool),
		waited:   make(map[*task]bool),
		finished: make(chan result),
		sum:      &Summary{Stages: len(plan.Items), Done: make(map[Outcome]int)},
	}
	if r.report == nil {
		r.report = silent{}
	}
	tasks := make([]*task, len(plan.Items))
	for k, i := range plan.Items {
		cost := i.Stage.Cost()
		t := &task{name: i.Stage.Name, bytes: cost.Bytes}
		if i.Status == Run {
			t.path = cost.Seconds
		}
		for _, s := range i.Stage.Inputs {
			if from := r.byStage[s]; from != nil { // else it is none of Options.Only
				t.inputs = append(t.inputs, from)
			}
		}
		tasks[k], r.byStage[i.Stage] = t, t
	}
	r.schedule = newSchedule(opt.Cores, opt.Memory, tasks)
	return r
}

func (r *runner) item(t *task) *Item { return r.plan.Items[t.index] }

// run runs until nothing is running and nothing can be begun.
func (r *runner) run(ctx context.Context) {
	stop := r.opt.Stop
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		r.advance(ctx)
		if r.ended() {
			break
		}
		select {
		case res := <-r.finished:
			r.settle(ctx, res)
		case <-stop:
			r.stopping, stop = true, nil
			r.report.Stopping(r.running)
		case <-ctx.Done():
			// What is running ends by itself, and says so.
			r.stopping = true
			if r.running > 0 {
				r.settle(ctx, <-r.finished)
			}
		case <-poll.C:
			r.retry()
		}
	}
	r.sum.Left = r.left()
}

// advance looks at what is ready and begins what there is room for.
func (r *runner) advance(ctx context.Context) {
	for {
		if t := r.nextReady(); t != nil {
			r.look(t)
		} else if t := r.next(); t != nil {
			r.begin(ctx, t)
		} else {
			return
		}
	}
}

// look takes up a stage whose inputs are done: at once if its artifact is in the
// store, else it joins the queue.
func (r *runner) look(t *task) {
	i := r.item(t)
	if i.Status == Fresh {
		r.succeed(t, Unchanged, 0)
		return
	}
	if err := r.resolve(i); err != nil {
		r.giveUp(t, err)
		return
	}
	if i.Action == nil {
		if r.memory > 0 && t.bytes > r.memory {
			// It was not planned to run: its artifact was found damaged.
			r.giveUp(t, &MemoryError{Limit: r.memory, Stages: []*pipeline.Stage{i.Stage}})
			return
		}
		r.enqueue(t, i.Key)
		return
	}
	how := Restored
	if i.Status == Run {
		viewed, err := r.e.store.ViewIsOf(r.e.viewName(i.Stage), i.Action)
		switch {
		case err != nil:
			r.giveUp(t, err)
			return
		case viewed:
			how = Unchanged // its inputs ran and came out as they were
		case r.computed[i.Key]:
			how = Shared
		}
	}
	r.publish(t, how, 0)
}

// resolve finds the key and action of a stage, now that all its inputs are done.
func (r *runner) resolve(i *Item) error {
	in := make([]input, len(i.Stage.Inputs))
	for k, s := range i.Stage.Inputs {
		from := r.plan.Of(s)
		if from.Action == nil {
			return &MissingInputError{Stage: i.Stage, Input: s}
		}
		in[k] = input{s, from.Params, from.Action.Output}
	}
	r.e.setKey(i, in)
	a, err := r.e.findAction(i.Key)
	if isDamage(err) {
		r.report.Note(err.Error())
		name, ok := damagedArtifact(err)
		a, err = nil, nil
		if ok {
			err = r.discard(name)
		}
	}
	i.Action = a
	return err
}

// begin computes a stage in a goroutine of its own.
func (r *runner) begin(ctx context.Context, t *task) {
	release := r.claim(t)
	if release == nil {
		return
	}
	r.start(t)
	i := r.item(t)
	r.report.Started(i.Stage)
	go func() {
		if t.bytes >= collectFrom {
			runtime.GC()
		}
		start := time.Now()
		how, notes, err := r.e.obtain(ctx, r.plan, i, r.opt.Exchange)
		release()
		r.finished <- result{t, time.Since(start).Seconds(), how, notes, err}
	}()
}

// claim takes the lock under which a stage is computed. It returns nil if the stage is not
// to be computed here and now: it has failed, waits, or is done.
func (r *runner) claim(t *task) (release func()) {
	i := r.item(t)
	if err := r.prepare(); err != nil {
		r.stopping = true // all others would meet the same
		r.giveUp(t, err)
		return nil
	}
	release, err := r.e.store.TryLock(i.Key)
	if err != nil {
		r.giveUp(t, err)
		return nil
	}
	if release == nil {
		if !r.waited[t] {
			r.report.Waiting(i.Stage)
		}
		r.waited[t] = true
		r.wait(t)
		return nil
	}
	// It may have been computed between the look and the lock.
	a, err := r.e.findAction(i.Key)
	switch {
	case err != nil && !isDamage(err):
		release()
		r.giveUp(t, err)
		return nil
	case err != nil || a == nil:
		return release
	}
	release()
	i.Action = a
	how := Elsewhere
	if r.computed[i.Key] {
		how = Shared
	}
	r.publish(t, how, 0)
	return nil
}

// prepare makes the store ready for what is to be computed, and says the first time
// what it lacks. A run that computes nothing does without: the store may be read-only.
func (r *runner) prepare() error {
	if r.prepared {
		return nil
	}
	lacks, err := r.e.prepare()
	if err != nil {
		return err
	}
	r.prepared = true
	for _, lack := range lacks {
		r.report.Note(lack)
	}
	return nil
}

// settle takes a stage back from its goroutine.
func (r *runner) settle(ctx context.Context, res result) {
	t := res.task
	wanted := r.takeBack(t)
	for _, note := range res.notes {
		r.report.Note(note)
	}
	switch {
	case !wanted:
	case res.err == nil:
		r.computed[t.key] = true
		r.publish(t, res.how, res.seconds)
	case errors.Is(res.err, errAbsent):
		r.sum.Absent += 1 + r.fail(t)
	case ctx.Err() == nil: // else it was dropped
		r.repair(t, res.err)
	}
}

// publish ends a stage: its artifact is shown and exported.
func (r *runner) publish(t *task, how Outcome, seconds float64) {
	exported, viewErr, err := r.e.publish(r.item(t))
	r.sum.Exported = append(r.sum.Exported, exported...)
	if viewErr != nil && !r.viewLags {
		r.viewLags = true
		r.report.Note(fmt.Sprintf("the view is left as it is, which harms nothing: %v", viewErr))
	}
	if err != nil {
		r.repair(t, err)
		return
	}
	r.succeed(t, how, seconds)
}

func (r *runner) succeed(t *task, how Outcome, seconds float64) {
	r.sum.Done[how]++
	r.report.Done(r.item(t).Stage, how, seconds)
	r.done(t)
}

// giveUp fails a stage and all that need it.
func (r *runner) giveUp(t *task, err error) {
	var away *UnreachableError
	if store.Full(err) || errors.As(err, &away) {
		r.stopping = true // all others would be computed, or asked for, for nothing
	}
	stage := r.item(t).Stage
	r.sum.Failures = append(r.sum.Failures, Failure{stage, err})
	r.report.Failed(stage, err)
	r.sum.Skipped += r.fail(t)
}

// repair handles an error of a stage: a damaged artifact is removed and computed again, and
// then the stage; any other error fails it.
func (r *runner) repair(t *task, err error) {
	name, ok := damagedArtifact(err)
	for _, in := range r.item(t).inputs {
		if ok && in.digest == name && r.byStage[in.stage] == nil {
			r.giveUp(t, &MissingInputError{r.item(t).Stage, in.stage, err})
			return
		}
	}
	if !ok || r.repairs == maxRepairs || r.discard(name) != nil {
		r.giveUp(t, err)
		return
	}
	r.repairs++
	r.report.Note(err.Error())
	again := []*task{t}
	for _, in := range r.item(t).inputs {
		if from := r.byStage[in.stage]; in.digest == name && from.state == done {
			again = append(again, from)
		}
	}
	for _, t := range again {
		i := r.item(t)
		i.Status = Run
		i.Reasons = []Reason{{ArtifactLost, []string{"an artifact was found damaged"}}}
	}
	r.redo(again)
}

// discard removes an artifact that was found damaged, unless it has been made anew
// since.
func (r *runner) discard(name digest.Artifact) error {
	if r.e.store.Check(name) == nil {
		return nil
	}
	return r.e.store.Discard(name)
}
