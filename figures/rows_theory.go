package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
)

// title names a loss on a panel, in the markup of labels.
func (m model) title() string {
	switch m.loss {
	case "ell":
		return "$ℓ_a$, $a = " + Number(m.a) + "$"
	case "plain":
		return "plain loss"
	case "pseudohuber":
		return "pseudo-Huber, $a = " + Number(m.a) + "$"
	}
	return fmt.Sprintf("%s, $a = %s$", m.loss, Number(m.a))
}

// key names a loss in the name of a quantity.
func (m model) key() string { return fmt.Sprintf("%s-a=%g", m.loss, m.a) }

// transitionRow is what figures use of a theory-transition artifact.
type transitionRow struct {
	At    string  `arrow:"at"`
	Loss  string  `arrow:"loss"`
	A     float64 `arrow:"a"`
	Found bool    `arrow:"found"`
	Alpha float64 `arrow:"alpha"`
	Error float64 `arrow:"error"`
	Edge  string  `arrow:"edge"`
}

// transitionsAt gives the transitions found at a place, by loss and then a. None is
// no error.
func transitionsAt(in pipeline.Inputs, at string) ([]from[transitionRow], error) {
	var out []from[transitionRow]
	for _, one := range in.Of("theory-transition") {
		rows, err := pipeline.Rows[transitionRow](one)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.At == at && r.Found {
				out = append(out, from[transitionRow]{one.Stage, r})
			}
		}
	}
	order := func(a, b from[transitionRow]) int {
		return cmp.Or(cmp.Compare(a.Row.Loss, b.Row.Loss), cmp.Compare(a.Row.A, b.Row.A))
	}
	slices.SortStableFunc(out, order)
	for i := 1; i < len(out); i++ {
		// A parameter of its own and a point of a grid may ask for the same transition.
		if order(out[i-1], out[i]) == 0 && out[i-1].Row.Alpha != out[i].Row.Alpha {
			return nil, fmt.Errorf("%s and %s are both for the %s at %s, and differ; give the figure one of them",
				out[i-1].Stage, out[i].Stage, out[i].Row.model(), at)
		}
	}
	return slices.CompactFunc(out, func(a, b from[transitionRow]) bool { return order(a, b) == 0 }), nil
}

func (r transitionRow) model() model { return model{r.Loss, r.A} }

// transitionOf is the transition of one loss, NaN if there is none.
func transitionOf(rows []from[transitionRow], m model) float64 {
	for _, r := range rows {
		if r.Row.model() == m {
			return r.Row.Alpha
		}
	}
	return math.NaN()
}

// Names of the transitions in labels.
const (
	initName      = "$α_{\\rm{BBP}}^{\\rm{init}}$"
	thresholdName = "$α_{\\rm{BBP}}^{\\rm{TS}}$"
)

// interpolate is the value at x of a curve through points ascending in x, on straight
// lines. It is NaN beyond the points.
func interpolate(xs, ys []float64, x float64) float64 {
	i, exact := slices.BinarySearch(xs, x)
	switch {
	case exact:
		return ys[i]
	case i == 0 || i == len(xs):
		return math.NaN()
	}
	t := (x - xs[i-1]) / (xs[i] - xs[i-1])
	return ys[i-1] + float64(t*(ys[i]-ys[i-1]))
}
