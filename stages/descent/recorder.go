package descent

// A recorder writes down a trajectory: the trace, at most a given number of
// records for a factor of ten in time, and the students at the times asked for.
type recorder struct {
	ratio float64   // of the times of successive records
	due   float64   // time from which the next state is recorded
	keep  []float64 // times asked for and not yet reached, ascending
	trace []Record
	kept  []Kept
}

func newRecorder(perDecade int, keep []float64) *recorder {
	return &recorder{ratio: decadeRoot(perDecade), keep: keep}
}

// state takes a state that the trajectory has reached, and the state before it,
// which is nil at the start.
func (r *recorder) state(before *Evaluation, tBefore float64, at *Evaluation, t float64) {
	if t >= r.due {
		r.record(t, at)
		r.due = t * r.ratio
	}
	for len(r.keep) > 0 && r.keep[0] <= t {
		w := append([]float64(nil), at.W...)
		if r.keep[0] < t && before != nil {
			between(w, before, tBefore, at, t, r.keep[0])
		}
		r.kept = append(r.kept, Kept{r.keep[0], w})
		r.keep = r.keep[1:]
	}
}

// end takes the last state, which stands for all times after it.
func (r *recorder) end(at *Evaluation, t float64) {
	if r.trace[len(r.trace)-1].T != t {
		r.record(t, at)
	}
	for range r.keep {
		r.kept = append(r.kept, Kept{t, append([]float64(nil), at.W...)})
	}
	r.keep = nil
}

func (r *recorder) record(t float64, at *Evaluation) {
	r.trace = append(r.trace, Record{t, at.Energy, at.Overlap, at.Gradient})
}

// between fills w with the state at a time between those of two successive
// states: the cubic with their positions and their velocities −G, brought back to
// the sphere. What is kept does not depend on a method's steps, up to the fourth
// power of the step (for gradient descent, whose steps are the definition of its
// trajectory, this only fills the gaps).
func between(w []float64, a *Evaluation, ta float64, b *Evaluation, tb, t float64) {
	h := tb - ta
	s := (t - ta) / h
	u := 1 - s
	wa, wb := float64(u*u*(1+float64(2*s))), float64(s*s*(1+float64(2*u)))
	ga, gb := float64(-h*s*u*u), float64(h*s*s*u)
	for j := range w {
		w[j] = float64(wa*a.W[j]) + float64(wb*b.W[j]) + float64(ga*a.G[j]) + float64(gb*b.G[j])
	}
	ToSphere(w, b.N)
}

// decadeRoot is 10^(1/k), by Newton's iteration for r^k = 10 from above, where it
// descends until rounding stops it. math.Pow differs between platforms.
func decadeRoot(k int) float64 {
	r := 1 + 9/float64(k)
	for {
		power := 1.0 // r^(k−1)
		for range k - 1 {
			power *= r
		}
		next := r - (r-10/power)/float64(k)
		if next >= r {
			return r
		}
		r = next
	}
}
