package trajectory

import (
	"math"

	"zerotohero/figures/inputs"
	"zerotohero/stages/outcome"
)

// State is what figures use of the Hessian at one time of a descent.
type State struct {
	Seed        int64     `arrow:"seed"`
	Start       int64     `arrow:"start"`
	N           int64     `arrow:"n"`
	M           int64     `arrow:"m"`
	Loss        string    `arrow:"loss"`
	A           float64   `arrow:"a"`
	T           float64   `arrow:"t"`
	Reached     float64   `arrow:"reached"`
	Overlap     float64   `arrow:"overlap"`
	Mu          float64   `arrow:"mu"`
	Eigenvalues []float64 `arrow:"eigenvalues"`
	Lowest      []Low     `arrow:"lowest"`
}

// About is the loss of the descent, and Size that of its problem.
func (s State) About() inputs.Loss { return inputs.Loss{Name: s.Loss, A: s.A} }
func (s State) Size() inputs.Size  { return inputs.Size{N: s.N, M: s.M} }

// A Low is one of the lowest eigenvectors: its squared overlap with the signal.
type Low struct {
	Overlap float64 `arrow:"overlap"`
}

// Ended says that the descent had ended before the time asked for, so that the state
// is its last.
func (s State) Ended() bool { return s.Reached < s.T }

// Softness is q² of the lowest eigenvector; in the signal itself there is none.
func (s State) Softness() float64 {
	if s.Overlap >= outcome.RecoveredOverlap {
		return math.NaN()
	}
	return s.Lowest[0].Overlap
}

// StatesAt gives the states of runs at a time asked for.
func StatesAt(runs []Run, t float64) (out []State) {
	for _, r := range runs {
		for _, s := range r.States {
			if s.T == t {
				out = append(out, s)
			}
		}
	}
	return out
}
