// Package inputs reads what several figures show of artifacts: rows with the stage that they
// come from, what these must agree in, losses, sizes and transitions.
package inputs

import (
	"fmt"

	"zerotohero/pipeline"
)

// From is a row with the stage that it comes from, for errors to name.
type From[T any] struct {
	Stage string
	Row   T
}

// Read gives the rows of all inputs of a kind, in their order. That there are none
// is an error.
func Read[T any](in pipeline.Inputs, kind string) ([]From[T], error) {
	var out []From[T]
	of := in.Of(kind)
	for _, one := range of {
		rows, err := pipeline.Rows[T](one)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, From[T]{one.Stage, r})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("nothing of kind %s to draw: the figure has %d inputs of it, with no rows; add a family of that kind to its inputs", kind, len(of))
	}
	return out, nil
}

// OneOf checks that all rows agree in a property, which what names.
func OneOf[T any, P comparable](rows []From[T], what string, of func(T) P) (P, error) {
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
