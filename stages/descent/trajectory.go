package descent

import (
	"context"
	"math"
)

// A trajectory is one descent under way.
type trajectory struct {
	method      method
	convergence convergence
	recorder    *recorder

	at   *Evaluation // the last state reached, of finite loss
	next *Evaluation // the point being evaluated
	t    float64     // time of the last state

	steps       int64 // states reached after the start
	evaluations int64
	outcome     string // "" while the descent goes on
}

// newTrajectory starts one of n components.
func newTrajectory(p Params, f family, n int, b beginning) *trajectory {
	tr := &trajectory{
		method:      f.new(p),
		convergence: convergence{p.Floor, int64(p.Budget), p.MaxTime},
		recorder:    newRecorder(p.PerDecade, p.Keep),
		at:          newEvaluation(n),
		next:        newEvaluation(n),
	}
	tr.at.M, tr.next.M = b.m, b.m
	b.fill(tr.next.W)
	return tr
}

// ask prepares the next point to evaluate.
func (tr *trajectory) ask() *Evaluation {
	if tr.evaluations > 0 {
		tr.next.Inner = !tr.method.ask(tr.next.W)
	}
	return tr.next
}

// tell goes on from its evaluation.
func (tr *trajectory) tell() {
	tr.evaluations++
	if tr.evaluations == 1 {
		tr.begin()
	} else if t, reached := tr.method.tell(tr.next); reached {
		tr.reach(t)
	}
	if tr.outcome == "" && tr.convergence.exhausted(tr.evaluations) {
		tr.outcome = Unresolved
	}
	if tr.outcome != "" {
		tr.recorder.end(tr.at, tr.t)
	}
}

func (tr *trajectory) begin() {
	tr.at, tr.next = tr.next, tr.at
	tr.outcome = tr.convergence.outcome(0, tr.at)
	if tr.outcome == Diverged {
		// There is no finite state to report: its place is taken by the largest
		// numbers there are.
		tr.at.Energy, tr.at.Gradient = math.MaxFloat64, math.MaxFloat64
	}
	tr.method.start(tr.at)
	tr.recorder.state(nil, 0, tr.at, 0)
}

func (tr *trajectory) reach(t float64) {
	if tr.outcome = tr.convergence.outcome(t, tr.next); tr.outcome == Diverged {
		return
	}
	tr.recorder.state(tr.at, tr.t, tr.next, t)
	tr.at, tr.next = tr.next, tr.at
	tr.t = t
	tr.steps++
}

// width is the number of trajectories that share a pass over X: enough for the
// pass to be bound by arithmetic, few enough for the students to stay in cache.
const width = 16

// A beginning is where a descent starts, and on how many measurements it is.
type beginning struct {
	m    int
	fill func(w []float64)
}

// beginnings are those of the starts of an instance of m measurements, 0 for all of X:
// fill fills w with start number k.
func beginnings(starts, m int, fill func(k int, w []float64)) []beginning {
	all := make([]beginning, starts)
	for k := range all {
		all[k] = beginning{m, func(w []float64) { fill(k, w) }}
	}
	return all
}

// descend runs descents on one X. The result of each is the same, to the bit, whatever
// others run beside it.
func descend(ctx context.Context, p Params, f family, problem *Problem, from []beginning) ([]*trajectory, error) {
	all := make([]*trajectory, len(from))
	var active []*trajectory
	var at []*Evaluation
	for next := 0; ; {
		for next < len(all) && len(active) < width {
			all[next] = newTrajectory(p, f, len(problem.signal), from[next])
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
			if tr.tell(); tr.outcome == "" {
				going = append(going, tr)
			}
		}
		active = going
	}
}
