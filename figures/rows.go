package figures

import (
	"fmt"
	"math"

	"zerotohero/pipeline"
)

// from is a row with the stage that it comes from, for errors to name.
type from[T any] struct {
	Stage string
	Row   T
}

// read gives the rows of all inputs of a kind, in their order. That there are none
// is an error.
func read[T any](in pipeline.Inputs, kind string) ([]from[T], error) {
	var out []from[T]
	of := in.Of(kind)
	for _, one := range of {
		rows, err := pipeline.Rows[T](one)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, from[T]{one.Stage, r})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("nothing of kind %s to draw: the figure has %d inputs of it, with no rows; add a family of that kind to its inputs", kind, len(of))
	}
	return out, nil
}

// A model is the loss that a row is about. A figure has one.
type model struct {
	loss string
	a    float64
}

func (m model) String() string { return fmt.Sprintf("loss %s with a = %g", m.loss, m.a) }

// oneOf checks that all rows agree in a property, which what names.
func oneOf[T any, P comparable](rows []from[T], what string, of func(T) P) (P, error) {
	var first P
	for i, r := range rows {
		p := of(r.Row)
		if i == 0 {
			first = p
		}
		if p != first {
			return first, fmt.Errorf("the figure shows one %s, but %s has %v and %s has %v; leave one of them out of its inputs",
				what, rows[0].Stage, first, r.Stage, p)
		}
	}
	return first, nil
}

// meanError is the mean and its standard error, 0 for a single value.
func meanError(values []float64) (mean, err float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		err += float64((v - mean) * (v - mean))
	}
	return mean, math.Sqrt(err / (n * max(1, n-1)))
}
