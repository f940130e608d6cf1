package descent

import "zerotohero/stages/outcome"

// A convergence decides when a descent is over, and how.
type convergence struct {
	floor   float64 // of ‖G‖²/N
	budget  int64   // evaluations
	maxTime float64 // 0 for no limit
}

// outcome of a state that has been reached at time t, or "" if the descent goes on.
func (c convergence) outcome(t float64, at *Evaluation) string {
	switch {
	case !at.Finite():
		return outcome.Diverged
	case at.Overlap >= outcome.RecoveredOverlap:
		return outcome.Recovered
	case at.Gradient < c.floor:
		return outcome.Trapped
	case c.maxTime > 0 && t >= c.maxTime:
		return outcome.Unresolved
	}
	return ""
}

// exhausted says whether the budget is spent, in the middle of a step or not.
func (c convergence) exhausted(evaluations int64) bool { return evaluations >= c.budget }
