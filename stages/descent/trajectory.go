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

// newTrajectory starts one at w, which it copies.
func newTrajectory(p Params, f family, w []float64) *trajectory {
	n := len(w)
	tr := &trajectory{
		method:      f.new(p),
		convergence: convergence{p.Floor, int64(p.Budget), p.MaxTime},
		recorder:    newRecorder(p.PerDecade, p.Keep),
		at:          newEvaluation(n),
		next:        newEvaluation(n),
	}
	copy(tr.next.W, w)
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

// descend runs the descents of one instance from starts 0 to p.Starts−1, with which
// fill fills w. The result of each is the same, to the bit, whatever others run beside it.
func descend(ctx context.Context, p Params, f family, problem *Problem, fill func(k int, w []float64)) ([]*trajectory, error) {
	all := make([]*trajectory, p.Starts)
	var active []*trajectory
	var at []*Evaluation
	w := make([]float64, len(problem.signal))
	for next := 0; ; {
		for next < len(all) && len(active) < width {
			fill(next, w)
			all[next] = newTrajectory(p, f, w)
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
