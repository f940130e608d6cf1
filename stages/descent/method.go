package descent

import "zerotohero/stages/instance"

// A Method advances one trajectory w(t) on the sphere. It works by reverse
// communication, as the methods of gonum/optimize do: it never evaluates
// anything, but says at which point it wants an evaluation and is told the
// result. That leaves the caller free to serve many trajectories in one pass
// over X, and to stop any of them between two evaluations.
//
// The calls are Start, and then Ask and Tell in turn. To add a method, copy gd/gd.go,
// a package that registers one, and import yours in main.go.
type Method interface {
	// Start gives the evaluation at the initial state, t = 0, and the time at which the
	// trajectory ends if nothing ends it before, 0 for none. A method whose steps may be
	// of any length makes the last one end there.
	Start(e *Evaluation, end float64)

	// Ask fills w with the next point to evaluate, on the sphere ‖w‖² = N, and says what
	// is wanted of it. For Curvature it fills w with a direction at the last state.
	Ask(w []float64) Request

	// Tell gives the evaluation there, and reports whether that point is the next
	// state of the trajectory, and if so its time. Other points are intermediate,
	// or the ends of rejected steps. A method that finds no state where the loss
	// is finite reports one where it is not, which ends the trajectory as diverged.
	//
	// The evaluation at a state stays unchanged until the next state is reached;
	// one at another point only until the next call of Ask.
	Tell(e *Evaluation) (t float64, reached bool)
}

// A Request is what is wanted of an evaluation.
type Request int

const (
	State     Request = iota // all of it: the point may become a state
	Gradient                 // μ and G: the point is intermediate
	Curvature                // G is to be the derivative of the gradient along a direction: H d, but for a part along w
)

// A coster is the parameters of a method that say how many evaluations of the gradient a
// descent by it takes on average on such instances, up to max_time if that is not 0 and
// without regard to budget, for estimates of cost.
type coster interface {
	Cost(q instance.Params, maxTime float64) (evaluations float64)
}

// usual is the number for a method that does not say.
const usual = 1000
