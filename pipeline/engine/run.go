package engine

import (
	"context"
	"time"

	"zerotohero/pipeline"
)

// Options bound a run and report on it.
type Options struct {
	Cores  int   // stages at once; each uses one core
	Memory int64 // bytes that stages at once may declare, 0 for no limit

	// Stop asks for an orderly end when it is closed: what is running is finished,
	// nothing else is begun. Ending the context drops what is running. Optional.
	Stop <-chan struct{}

	Report Reporter // optional

	Exchange *Exchange // with a store elsewhere; optional

	// Only, if not nil, are the stages that the run is about, of all that the graph has. No other is
	// computed or published: a stage whose input is not in the store fails with a *MissingInputError.
	Only []*pipeline.Stage

	// Wait is how long such inputs are waited for. What another machine has written may take some
	// time to be seen on a network file system.
	Wait time.Duration
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
	Fetched   Outcome = "fetched"
)

// A Summary is what a run did.
type Summary struct {
	Stages   int
	Done     map[Outcome]int
	Failures []Failure
	Skipped  int      // stages that need one that failed
	Absent   int      // stages that a run which only fetches did not find at the remote, or that need one of these
	Left     int      // stages not begun, or dropped, because the run was stopped
	Exported []string // files written because their content changed
	Seconds  float64
	Plan     *Plan // what there was before the run
}

// A Failure is a stage that could not be computed.
type Failure struct {
	Stage *pipeline.Stage
	Err   error
}

// Run brings a graph up to date. A stage that fails stops only those that need it, and is
// in the summary. The error is about the run as a whole: a *MemoryError if a stage alone
// needs more memory than the run may use.
func (e *Engine) Run(ctx context.Context, g *pipeline.Graph, opt Options) (*Summary, error) {
	start := time.Now()
	plan, ready, err := e.planRun(ctx, g, opt)
	if err != nil {
		return nil, err
	}
	if n := len(plan.Items); !ready {
		return &Summary{Stages: n, Left: n, Plan: plan, Seconds: time.Since(start).Seconds()}, nil
	}
	if large := plan.TooLarge(opt.Memory); large != nil {
		return nil, large
	}
	if plan.Count(Run) > 0 {
		if _, err := e.prepare(); err != nil {
			return nil, err
		}
	}
	r := newRunner(e, plan, opt)
	r.report.Planned(plan)
	r.run(ctx)
	e.saveSums() // a new store did not exist when the plan was made
	e.keepAllCode(plan)
	r.sum.Seconds, r.sum.Plan = time.Since(start).Seconds(), plan
	return r.sum, nil
}

// silent reports nothing.
type silent struct{}

func (silent) Planned(*Plan)                          {}
func (silent) Waiting(*pipeline.Stage)                {}
func (silent) Started(*pipeline.Stage)                {}
func (silent) Stopping(int)                           {}
func (silent) Done(*pipeline.Stage, Outcome, float64) {}
func (silent) Failed(*pipeline.Stage, error)          {}
func (silent) Note(string)                            {}
