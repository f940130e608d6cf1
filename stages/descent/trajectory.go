package descent

import (
	"context"
	"math"

	"zerotohero/stages/outcome"
)

// A Trajectory is one descent, under way until it has an outcome.
type Trajectory struct {
	At          *Evaluation // the last state reached, of finite loss
	T           float64     // its time
	Steps       int64       // states reached after the start
	Evaluations int64
	Outcome     string // "" while the descent goes on
	Trace       []Record
	Kept        []Kept

	method      Method
	convergence convergence
	recorder    *recorder
	next        *Evaluation // the point being evaluated
}

// A Start is where a descent starts, and on how many measurements it is.
type Start struct {
	M    int               // the first of those of the problem, 0 for all
	Fill func(w []float64) // gives the point, ‖w‖² = N
}

// newTrajectory starts one of n components.
func newTrajectory(p Params, m Method, n int, from Start) *Trajectory {
	tr := &Trajectory{
		method:      m,
		convergence: convergence{p.Floor, int64(p.Budget), p.MaxTime},
		recorder:    newRecorder(p.PerDecade, p.Keep),
		At:          NewEvaluation(n),
		next:        NewEvaluation(n),
	}
	tr.At.M, tr.next.M = from.M, from.M
	from.Fill(tr.next.W)
	return tr
}

// ask prepares the next point to evaluate.
func (tr *Trajectory) ask() *Evaluation {
	if tr.Evaluations > 0 {
		tr.next.Inner = !tr.method.Ask(tr.next.W)
	}
	return tr.next
}

// tell goes on from there once it is evaluated.
func (tr *Trajectory) tell() {
	tr.Evaluations++
	if tr.Evaluations == 1 {
		tr.begin()
	} else if t, reached := tr.method.Tell(tr.next); reached {
		tr.reach(t)
	}
	if tr.Outcome == "" && tr.convergence.exhausted(tr.Evaluations) {
		tr.Outcome = outcome.Unresolved
	}
	if tr.Outcome != "" {
		tr.recorder.end(tr.At, tr.T)
		tr.Trace, tr.Kept = tr.recorder.trace, tr.recorder.kept
	}
}

func (tr *Trajectory) begin() {
	tr.At, tr.next = tr.next, tr.At
	tr.Outcome = tr.convergence.outcome(0, tr.At)
	if tr.Outcome == outcome.Diverged {
		// There is no finite state to report: its place is taken by the largest
		// numbers there are.
		tr.At.Energy, tr.At.Gradient = math.MaxFloat64, math.MaxFloat64
	}
	tr.method.Start(tr.At, tr.convergence.maxTime)
	tr.recorder.state(nil, 0, tr.At, 0)
}

func (tr *Trajectory) reach(t float64) {
	if tr.Outcome = tr.convergence.outcome(t, tr.next); tr.Outcome == outcome.Diverged {
		return
	}
	tr.recorder.state(tr.At, tr.T, tr.next, t)
	tr.At, tr.next = tr.next, tr.At
	tr.T = t
	tr.Steps++
}

// width is the number of trajectories that share a pass over X: enough for the
// pass to be bound by arithmetic, few enough for the students to stay in cache.
const width = 16

// Follow runs descents on one problem, each by a method of its own that begin makes; of p
// it takes floor, budget, max_time, keep and per_decade. The result of each is the same,
// to the bit, whatever others run beside it.
func Follow(ctx context.Context, p Params, begin func() (Method, error), problem *Problem,
	from []Start) ([]*Trajectory, error) {
	all := make([]*Trajectory, len(from))
	var active []*Trajectory
	var at []*Evaluation
	for next := 0; ; {
		for next < len(all) && len(active) < width {
			m, err := begin()
			if err != nil {
				return nil, err
			}
			all[next] = newTrajectory(p, m, len(problem.signal), from[next])
			active = append(active, all[next])
			next++
		}
		if len(active) == 0 {
			return all, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		at = at[:0]
		for _, tr := range active {
			at = append(at, tr.ask())
		}
		if err := problem.Evaluate(at...); err != nil {
			return nil, err
		}
		going := active[:0]
		for _, tr := range active {
			if tr.tell(); tr.Outcome == "" {
				going = append(going, tr)
			}
		}
		active = going
	}
}
