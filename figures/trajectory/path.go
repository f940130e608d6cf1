package trajectory

import (
	"math"
	"sort"

	"zerotohero/figures/inputs"
	"zerotohero/figures/portable"
)

// Descent is what figures use of a descent.
type Descent struct {
	Seed        int64   `arrow:"seed"`
	Start       int64   `arrow:"start"`
	N           int64   `arrow:"n"`
	M           int64   `arrow:"m"`
	AlphaAsked  float64 `arrow:"alpha_asked"` // α of paper.toml; M is αN, rounded
	Loss        string  `arrow:"loss"`
	A           float64 `arrow:"a"`
	From        string  `arrow:"from"`
	Method      string  `arrow:"method"`
	Outcome     string  `arrow:"outcome"`
	Evaluations int64   `arrow:"evaluations"`
	Trace       []Step  `arrow:"trace"`
}

// About is the loss of the descent, and Size that of its problem.
func (d Descent) About() inputs.Loss { return inputs.Loss{Name: d.Loss, A: d.A} }
func (d Descent) Size() inputs.Size  { return inputs.Size{N: d.N, M: d.M} }

// A Step is a record of the trace of a descent: overlap m and loss L/N at a time.
type Step struct {
	T       float64 `arrow:"t"`
	Energy  float64 `arrow:"energy"`
	Overlap float64 `arrow:"overlap"`
}

// Drawable leaves out what a logarithmic axis of time and a diverging loss cannot show.
func Drawable(trace []Step) (out []Step) {
	for _, s := range trace {
		if s.T > 0 && !math.IsNaN(s.Overlap) && !math.IsNaN(s.Energy) && !math.IsInf(s.Energy, 0) {
			out = append(out, s)
		}
	}
	return out
}

// OverlapAt is the overlap at a time, between records linear in the logarithm of time.
// The last record stands for later times.
func OverlapAt(trace []Step, t float64) float64 {
	trace = Drawable(trace)
	i := sort.Search(len(trace), func(i int) bool { return trace[i].T >= t })
	switch {
	case len(trace) == 0:
		return math.NaN()
	case i == 0:
		return trace[0].Overlap
	case i == len(trace):
		return trace[i-1].Overlap
	}
	a, b := trace[i-1], trace[i]
	return a.Overlap + (b.Overlap-a.Overlap)*portable.Log(t/a.T)/portable.Log(b.T/a.T)
}
