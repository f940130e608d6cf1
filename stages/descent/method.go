package descent

import (
	"sort"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
)

// A method advances one trajectory w(t) on the sphere. It works by reverse
// communication, as the methods of gonum/optimize do: it never evaluates
// anything, but says at which point it wants an evaluation and is told the
// result. That leaves the caller free to serve many trajectories in one pass
// over X, and to stop any of them between two evaluations.
//
// The calls are start, and then ask and tell in turn.
type method interface {
	// start gives the evaluation at the initial state, t = 0.
	start(e *Evaluation)

	// ask fills w with the next point to evaluate, on the sphere ‖w‖² = N, and says
	// whether it may become a state: elsewhere the gradient alone is evaluated.
	ask(w []float64) (state bool)

	// tell gives the evaluation there, and reports whether that point is the next
	// state of the trajectory, and if so its time. Other points are intermediate,
	// or the ends of rejected steps. A method that finds no state where the loss
	// is finite reports one where it is not, which ends the trajectory as diverged.
	//
	// The evaluation at a state stays unchanged until the next state is reached;
	// one at another point only until the next call of ask.
	tell(e *Evaluation) (t float64, reached bool)
}

// A family makes methods.
type family struct {
	check func(p Params) error // of the parameters that only this method reads
	new   func(p Params) method

	// evaluations is how many a descent takes on average on such instances, without
	// regard to MaxTime, for estimates of cost.
	evaluations func(p Params, q instance.Params) float64
}

var families = map[string]family{}

// register adds a family; each file of this package that declares one calls it
// from init.
func register(name string, f family) { families[name] = f }

func lookup(name string) (family, error) {
	f, ok := families[name]
	if ok {
		return f, nil
	}
	var names []string
	for known := range families {
		names = append(names, known)
	}
	sort.Strings(names)
	return family{}, pipeline.BadParam("method", "unknown method %q; known are %s", name, strings.Join(names, ", "))
}
