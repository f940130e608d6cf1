package best

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// A descent goes downhill in α.
type descent struct {
	Search
	near   float64 // the lowest α so far
	failed error
}

// outside is what is minimised where there is no transition: more than any.
const outside = 1e6

// window is by which factor above and below the lowest α so far the next is looked for first, as most of the time
// of a transition goes into the range of α.
const window = 1.15

// alpha is the first transition at x, each logarithm being taken into its range.
func (d *descent) alpha(x []float64) float64 {
	in := make([]float64, len(x))
	for k, v := range x {
		lo, hi := d.logs(k)
		in[k] = min(max(v, lo), hi)
	}
	t, found, err := d.first(in, max(d.From, d.near/window), min(d.To, d.near*window))
	if err == nil && !found {
		t, found, err = d.first(in, d.From, d.To)
	}
	if err != nil {
		d.failed = err
	}
	if err != nil || !found {
		return outside
	}
	d.near = min(d.near, t.Alpha)
	return t.Alpha
}

// cornered reports whether α rises from a corner of the range, with this α, in every direction into it.
func (d *descent) cornered(corner []float64, alpha float64) bool {
	x := slices.Clone(corner)
	for k := range corner {
		lo, hi := d.logs(k)
		switch inside := d.step(k) / 1000; {
		case corner[k] == lo:
			x[k] += inside
		case corner[k] == hi:
			x[k] -= inside
		default:
			return false
		}
		if d.alpha(x) < alpha {
			return false
		}
		x[k] = corner[k]
	}
	return true
}

// golden is the share of a bracket that a golden section keeps.
const golden = 0.6180339887498949

// section finds the lowest α of one parameter by golden sections between the neighbours of the best of the scan, at
// logarithm x; it has a kink where the edge changes from sharp to smooth, where methods that
// interpolate are no faster. Gain is by how much α exceeds the lowest at the ends of the last bracket.
func (d *descent) section(x float64) (best, gain float64) {
	lo, hi := d.logs(0)
	step := d.step(0)
	at := func(x float64) float64 { return d.alpha([]float64{x}) }
	a, b := max(lo, x-step), min(hi, x+step)
	fa, fb := at(a), at(b)
	c, e := b-golden*(b-a), a+golden*(b-a)
	fc, fe := at(c), at(e)
	for d.failed == nil && max(fa, fb)-min(fc, fe) > d.Tol && b-a > 1e-12 {
		if fc < fe {
			b, fb, e, fe = e, fe, c, fc
			c = b - golden*(b-a)
			fc = at(c)
		} else {
			a, fa, c, fc = c, fc, e, fe
			e = a + golden*(b-a)
			fe = at(e)
		}
	}
	if fc < fe {
		return c, max(fa, fb) - fc
	}
	return e, max(fa, fb) - fe
}

// rounds is how often a simplex begins anew, smaller, at most: it may collapse before it is at
// the minimum.
const rounds = 8

// simplex finds the lowest α of several parameters by the method of Nelder and Mead, from the best of the scan. Gain
// is what the last simplex gained, or what it would have to gain to go on.
func (d *descent) simplex(at []float64) (best []float64, gain float64, err error) {
	size := d.step(0) / 2
	for k := range at {
		size = min(size, d.step(k)/2)
	}
	last, gain := math.Inf(1), math.Inf(1)
	for round := 0; round < rounds && gain > d.Tol; round, size = round+1, size/4 {
		r, err := optimize.Minimize(optimize.Problem{Func: d.alpha}, at, &optimize.Settings{
			Converger:       &optimize.FunctionConverge{Absolute: d.Tol, Iterations: 8},
			FuncEvaluations: 400 * len(at),
		}, &optimize.NelderMead{SimplexSize: size})
		if err != nil {
			return at, gain, fmt.Errorf("minimising α over %v: %w", d.Vary, err)
		}
		if gain = last - r.F; gain >= 0 {
			at, last = r.X, r.F
		}
	}
	for k, v := range at {
		lo, hi := d.logs(k)
		at[k] = min(max(v, lo), hi)
	}
	return at, max(gain, d.Tol), nil
}
