package flow

import (
	"math"

	"zerotohero/stages/descent"
	"zerotohero/stages/internal/vector"
)

const (
	probeSize  = 0x1p-22 // RMS of the displacement that a derivative is taken over
	converged  = 0.05    // relative change at which the power method stops
	maxProbes  = 40      // evaluations for one estimate
	overhead   = 1.1     // what the result is multiplied by, as it comes from below
	refreshAge = 10      // states that an estimate serves for
	leastValue = 0x1p-20 // of the estimate, which bounds the step where all is flat
)

// A radius estimates the spectral radius of the Hessian by the power method on
// differences of the gradient, one evaluation an iteration. Each estimate starts
// from the vector that the one before ended with.
//
// It may be too small, when the method stops on a plateau or the Hessian has
// changed since. Then the step is unstable, its error shows it and rejects it, and
// the estimate is made again.
type radius struct {
	value      float64 // the estimate, positive once there is one
	age        int     // states reached since
	estimating bool
	probes     int
	last       float64   // quotient of the probe before
	direction  []float64 // RMS 1, or 0
}

// start begins the first estimate, along the gradient.
func (r *radius) start(at *descent.Evaluation) {
	r.direction = make([]float64, len(at.G))
	r.restart(at)
	r.estimating = true
}

func (r *radius) restart(at *descent.Evaluation) {
	copy(r.direction, at.G)
	r.normalise()
}

// refresh begins an estimate, unless the last was made at this very state.
func (r *radius) refresh() {
	r.estimating, r.probes = r.age > 0, 0
}

// ask fills w with a point displaced from the state along the direction.
func (r *radius) ask(w []float64, at *descent.Evaluation) {
	for k, v := range at.W {
		w[k] = v + float64(probeSize*r.direction[k])
	}
	descent.ToSphere(w)
}

// tell makes the difference quotient, normalised, the next direction.
func (r *radius) tell(e, at *descent.Evaluation) {
	for k, g := range e.G {
		r.direction[k] = (g - at.G[k]) / probeSize
	}
	quotient := r.normalise()
	r.probes++
	switch {
	case !e.Finite() || quotient-quotient != 0:
		// Nothing to be learnt here; the estimate of the error has to do alone.
		if r.value == 0 {
			r.value = 1
		}
		r.restart(at)
	case r.probes > 1 && math.Abs(quotient-r.last) <= converged*quotient, r.probes == maxProbes:
		r.value = math.Max(overhead*quotient, leastValue)
	default:
		r.last = quotient
		return
	}
	r.estimating, r.age = false, 0
}

// normalise scales the direction to RMS 1, unless it is 0, and returns its RMS.
func (r *radius) normalise() float64 {
	rms := math.Sqrt(vector.Dot(r.direction, r.direction) / float64(len(r.direction)))
	if rms > 0 {
		for k := range r.direction {
			r.direction[k] /= rms
		}
	}
	return rms
}
