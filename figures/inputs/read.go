// Package inputs reads what several figures show of artifacts: rows with the stage that they
// come from, what these must agree in, losses, sizes and transitions.
package inputs

import (
	"fmt"
	"slices"

	"zerotohero/figures/label"
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
	return read(in, kind, pipeline.Rows[T])
}

// Level is the parameter of stages that says how wide their intervals are.
type Level struct {
	Confidence float64 `json:"confidence"`
}

// ReadIntervals gives the rows of all inputs of a kind as Read does, and the level of
// their intervals: "95% " with a space to put before the word, empty if they do not agree
// in one.
func ReadIntervals[T any](in pipeline.Inputs, kind string) (rows []From[T], level string, err error) {
	var levels []float64
	rows, err = read(in, kind, func(one pipeline.Input) ([]T, error) {
		rows, of, err := pipeline.RowsAndParams[T, Level](one)
		levels = append(levels, of.Confidence)
		return rows, err
	})
	if err != nil {
		return nil, "", err
	}
	first := levels[0]
	if slices.ContainsFunc(levels, func(v float64) bool { return v != first }) || !(first > 0 && first < 1) {
		return rows, "", nil
	}
	return rows, label.Number(label.Rounded(100*first, 6)) + "% ", nil
}

func read[T any](in pipeline.Inputs, kind string, rowsOf func(pipeline.Input) ([]T, error)) ([]From[T], error) {
	var out []From[T]
	of := in.Of(kind)
	for _, one := range of {
		rows, err := rowsOf(one)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, From[T]{one.Stage, r})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("nothing of kind %s to draw: the figure has %d inputs of it, with no rows; add a "+
			"family of that kind to its inputs", kind, len(of))
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
			return first, fmt.Errorf("the figure shows one %s, but %s has %v and %s has %v; leave one of them out of "+
				"its inputs",
				what, rows[0].Stage, first, r.Stage, p)
		}
	}
	return first, nil
}
