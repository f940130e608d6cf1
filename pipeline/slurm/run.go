package slurm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"zerotohero/pipeline"
	"zerotohero/pipeline/batch"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
)

// A Run brings a graph up to date by jobs of Slurm.
type Run struct {
	Place
	Config
	Client *Client
	Tries  int // of a stage whose tasks are killed without computing anything, before it is given up

	// Plan says what is to be done, from what the store has now, and Identify what its stages are.
	Plan     func() (*engine.Plan, error)
	Identify func(*engine.Plan) map[*pipeline.Stage]digest.Key

	// Cut makes jobs of stages, whose requests are raised by factors of time and memory.
	Cut func(stages []*pipeline.Stage, limits Limits, raised func(*pipeline.Stage) (time, memory float64)) ([]batch.Job,
		error)

	Tell func(Progress)
	Note func(text string)

	limits  Limits
	noted   map[string]bool
	gone    map[string]time.Time // when a task was first seen to have left the queue
	refused map[digest.Key]string
	first   []*pipeline.Stage // to run when following began
	lock    *flock.Flock

	// The last plan, of when, and what was in the queue then.
	plan       *engine.Plan
	identities map[*pipeline.Stage]digest.Key
	planned    time.Time
	queue      string
}

// Progress is how far a run is.
type Progress struct {
	Done, Left      []*pipeline.Stage // since following began
	Queued, Running int               // tasks
	Failed, Skipped int               // stages
	Used            float64           // seconds of cores that what is done took
}

// A Failure is a stage that is given up.
type Failure struct {
	Stage string
	Why   string
	Log   string // file; empty if there is none
}

// A Result is what came of following a run.
type Result struct {
	Failures  []Failure
	Skipped   int  // stages that need one of these
	Detached  bool // the run goes on without being followed
	Cancelled bool // by Cancel, elsewhere
}

// Delays in polls. Network file systems show late what another machine has written: NFS clients keep what they
// know of a folder for up to a minute.
const (
	latePolls = 8 // until what a task wrote before it ended is missed: two minutes at the least poll of 15 s
	planPolls = 4 // until the store is looked at though nothing has left the queue
)

func (r *Run) late() time.Duration { return latePolls * r.poll }

// errCancelled ends a run that Cancel has ended elsewhere.
var errCancelled = errors.New("cancelled")

// Follow submits what is to be done and is not in the queue, and waits for it, until all is done
// or given up, or the context ends.
func (r *Run) Follow(ctx context.Context) (Result, error) {
	r.noted, r.gone = make(map[string]bool), make(map[string]time.Time)
	r.refused = make(map[digest.Key]string)
	r.Client.Slow = func(command string) {
		r.note(fmt.Sprintf("%s takes long to answer: the controller is slow, or the queue full; waiting", command))
	}
	var err error
	if r.limits, err = r.Limits(ctx); err != nil {
		return r.detached(ctx, err)
	}
	if err := os.MkdirAll(filepath.Join(r.Store, "locks"), 0o777); err != nil {
		return Result{}, err
	}
	r.lock = flock.New(filepath.Join(r.Store, "locks", "jobs-"+r.id()), flock.SetPermissions(0o666))
	defer r.lock.Unlock()
	for probed := false; ; {
		result, done, err := r.step(ctx, &probed)
		var e *CommandError
		switch {
		case errors.Is(err, errCancelled):
			return Result{Cancelled: true}, nil
		case errors.As(err, &e) && e.Passing && ctx.Err() == nil:
			r.note("still trying: " + e.Error()) // what is in the queue goes on
		case err != nil || done:
			return r.detached(ctx, err, result)
		}
		select {
		case <-time.After(r.poll):
		case <-ctx.Done():
			return Result{Detached: true}, nil
		}
	}
}

// Limits are those of the cluster and of the configuration.
func (r *Run) Limits(ctx context.Context) (Limits, error) {
	l, err := r.Client.Limits(ctx, r.Partition)
	if r.Array > 0 {
		l.Tasks = min(l.Tasks, r.Array)
	}
	if r.Jobs > 0 {
		l.Jobs = min(l.Jobs, r.Jobs)
	}
	l.Tasks = min(l.Tasks, l.Jobs)
	return l, err
}

// detached is the result of an error, which the end of the context is none of.
func (r *Run) detached(ctx context.Context, err error, result ...Result) (Result, error) {
	switch {
	case err == nil:
		return result[0], nil
	case ctx.Err() != nil:
		return Result{Detached: true}, nil
	}
	return Result{}, err
}

// step looks once and does what there is to do.
func (r *Run) step(ctx context.Context, probed *bool) (result Result, done bool, err error) {
	mine, err := r.claim(ctx)
	if err != nil {
		return result, false, err
	}
	v, err := r.look(ctx, mine)
	if err != nil {
		return result, false, err
	}
	todo, skipped := v.todo()
	if r.first == nil {
		r.first = v.plan.ToRun()
	}
	if len(todo) == 0 && len(v.inFlight) == 0 {
		r.tell(v, skipped)
		return Result{Failures: v.failures(), Skipped: skipped}, true, r.forget(v.under)
	}
	if len(todo) > 0 && mine {
		if !*probed && len(v.inFlight) == 0 {
			if err := r.probe(ctx, v); err != nil {
				return result, false, err
			}
		}
		*probed = true
		if err := r.submit(ctx, v, todo); err != nil {
			return result, false, err
		}
	}
	r.tell(v, skipped)
	return result, false, nil
}

// claim makes this process the one that submits, if no other is. One that was killed has no claim.
func (r *Run) claim(ctx context.Context) (mine bool, err error) {
	if r.lock.Locked() {
		if _, err := os.Stat(r.cancelled()); err == nil {
			return true, errCancelled
		}
		return true, nil
	}
	mine, err = r.lock.TryLock()
	if err != nil {
		return false, fmt.Errorf("locking %s: %w", r.lock.Path(), err)
	}
	if !mine {
		r.note("another process follows this run already, and submits what it needs; this one only watches")
		return false, nil
	}
	if _, err := os.Stat(r.cancelled()); err != nil {
		return true, nil
	}
	// What was cancelled is begun anew.
	queue, err := r.Client.Queue(ctx, r.comment())
	if err == nil {
		if err = r.forget(r.byHash(queue)); err == nil {
			err = os.RemoveAll(r.cancelled())
		}
	}
	return true, err
}

// cancelled is the file by which Cancel tells the process that follows a run.
func (p Place) cancelled() string { return filepath.Join(p.jobs(), "cancelled") }

// forget removes the submissions of which nothing is in the queue.
func (r *Run) forget(under map[string]map[int]bool) error {
	entries, err := os.ReadDir(r.jobs())
	if err != nil {
		return nil // there is nothing
	}
	left := false
	for _, e := range entries {
		if under[e.Name()] != nil || filepath.Join(r.jobs(), e.Name()) == r.cancelled() {
			left = true
		} else if err := os.RemoveAll(filepath.Join(r.jobs(), e.Name())); err != nil {
			return err
		}
	}
	if !left {
		return os.RemoveAll(r.jobs())
	}
	return nil
}

func (r *Run) tell(v *view, skipped int) {
	p := Progress{Queued: v.queued, Running: v.running, Failed: len(v.failed), Skipped: skipped}
	for _, s := range r.first {
		switch i := v.items[s.Name]; {
		case i.Status != engine.Run:
			p.Done = append(p.Done, s)
			if i.Action != nil {
				p.Used += i.Action.Seconds
			}
		case v.failed[s.Name].Stage == "":
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
