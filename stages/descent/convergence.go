package descent

// Outcomes of a descent (physics.md 1).
const (
	Recovered  = "recovered"  // m ≥ 0.99
	Trapped    = "trapped"    // ‖G‖²/N below the floor with m < 0.99
	Unresolved = "unresolved" // evaluations or time ran out before either
	Diverged   = "diverged"   // the loss stopped being finite
)

// recoveredOverlap is the overlap from which the signal counts as found.
const recoveredOverlap = 0.99

// A convergence decides when a descent is over, and how.
type convergence struct {
	floor   float64 // of ‖G‖²/N
	budget  int64   // evaluations
	maxTime float64 // 0 for no limit
}

// outcome of a state that has been reached at time t, or "" if the descent goes on.
func (c convergence) outcome(t float64, at *Evaluation) string {
	switch {
	case !at.finite():
		return Diverged
	case at.Overlap >= recoveredOverlap:
		return Recovered
	case at.Gradient < c.floor:
		return Trapped
	case c.maxTime > 0 && t >= c.maxTime:
		return Unresolved
	}
	return ""
}

// exhausted says whether the budget is spent, in the middle of a step or not.
func (c convergence) exhausted(evaluations int64) bool { return evaluations >= c.budget }
