package inputs

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"zerotohero/figures/house"
	"zerotohero/pipeline"
)

// Transition is what figures use of a theory-transition artifact.
type Transition struct {
	At    string  `arrow:"at"`
	Loss  string  `arrow:"loss"`
	A     float64 `arrow:"a"`
	Found bool    `arrow:"found"`
	Alpha float64 `arrow:"alpha"`
	Edge  string  `arrow:"edge"`
}

// SearchesAt gives the transitions looked for in a matrix, found or not. That none was is
// no error.
func SearchesAt(in pipeline.Inputs, at string) ([]From[Transition], error) {
	var out []From[Transition]
	for _, one := range in.Of("theory-transition") {
		rows, err := pipeline.Rows[Transition](one)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.At == at {
				out = append(out, From[Transition]{one.Stage, r})
			}
		}
	}
	return out, nil
}

// TransitionsAt gives the transitions found in a matrix, by loss and then a. None is
// no error.
func TransitionsAt(in pipeline.Inputs, at string) ([]From[Transition], error) {
	out, err := SearchesAt(in, at)
	if err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(r From[Transition]) bool { return !r.Row.Found })
	order := func(a, b From[Transition]) int {
		return cmp.Or(cmp.Compare(a.Row.Loss, b.Row.Loss), cmp.Compare(a.Row.A, b.Row.A))
	}
	slices.SortStableFunc(out, order)
	for i := 1; i < len(out); i++ {
		// A parameter of its own and a point of a grid may ask for the same transition.
		if order(out[i-1], out[i]) == 0 && out[i-1].Row.Alpha != out[i].Row.Alpha {
			return nil, fmt.Errorf("%s and %s are both for the %s at %s, and differ; give the figure one of them",
				out[i-1].Stage, out[i].Stage, out[i].Row.about(), at)
		}
	}
	return slices.CompactFunc(out, func(a, b From[Transition]) bool { return order(a, b) == 0 }), nil
}

func (r Transition) about() Loss { return Loss{r.Loss, r.A} }

// Names of the transitions in labels: at a random start, and of the threshold states.
const (
	InitName      = "$α_{\\rm{BBP}}^{\\rm{init}}$"
	ThresholdName = "$α_{\\rm{BBP}}^{\\rm{TS}}$"
)

// TransitionQuantity is a transition as a quantity, none at NaN.
func TransitionQuantity(name, text string, alpha float64) house.Quantity {
	return house.Exact(name, text, alpha).Unless(math.IsNaN(alpha), "theory finds none")
}

// CriticalAlpha is the transition of a loss at init, threshold or in another matrix, NaN if
// theory finds none; searched says whether an input of kind theory-transition is about it.
func CriticalAlpha(in pipeline.Inputs, about Loss, at string) (alpha float64, searched bool, err error) {
	all, err := SearchesAt(in, at)
	found, err2 := TransitionsAt(in, at)
	is := func(r From[Transition]) bool { return r.Row.about() == about }
	if i := slices.IndexFunc(found, is); i >= 0 {
		return found[i].Row.Alpha, true, nil
	}
	return math.NaN(), slices.ContainsFunc(all, is), cmp.Or(err, err2)
}
