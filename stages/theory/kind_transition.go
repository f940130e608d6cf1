package theory

import (
	"context"
	"slices"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

// TransitionParams are the parameters of the kind theory-transition.
type TransitionParams struct {
	At   string      `param:"at" default:"init" help:"init, threshold, averaged, wide or optimal"`
	Loss loss.Choice `param:"loss" default:"ell" help:"the loss"`
	From float64     `param:"from" default:"0.1" help:"least alpha to look at"`
	To   float64     `param:"to" default:"100" help:"largest alpha to look at"`
}

// Validate checks the parameters.
func (p TransitionParams) Validate() error {
	if !(p.From > 0) {
		return pipeline.BadParam("from", "alpha = %v must be positive", p.From)
	}
	if !(p.To > p.From) {
		return pipeline.BadParam("to", "alpha = %v must exceed from = %v", p.To, p.From)
	}
	return validate(p.At, p.Loss)
}

// validate names the parameter that makes [NewProblem] fail.
func validate(at string, l loss.Choice) error {
	_, err := NewProblem(at, l, 0)
	switch {
	case err == nil:
		return nil
	case !slices.Contains(Matrices(), at):
		return pipeline.BadParam("at", "%q is unknown; known are %s", at, strings.Join(Matrices(), ", "))
	}
	return pipeline.BadParam("loss", "%v", err)
}

// A TransitionRow is the only row of a theory-transition artifact.
type TransitionRow struct {
	At     string          `arrow:"at" doc:"which matrix: init, threshold, averaged, wide or optimal"`
	Loss   string          `arrow:"loss" doc:"name of the loss"`
	A      float64         `arrow:"a" unit:"1" doc:"parameter a of the loss; 0 for a loss without it"`
	Found  bool            `arrow:"found" doc:"whether the range of α holds a transition"`
	Alpha  float64         `arrow:"alpha" unit:"1" doc:"the smallest α of a transition; 0 if there is none"`
	Error  float64         `arrow:"error" unit:"1" doc:"its numerical error: the change when every panel of the quadrature is halved"`
	Edge   string          `arrow:"edge" doc:"how the bulk ends there: sharp or smooth"`
	Others []TransitionAlt `arrow:"others" doc:"further transitions in the range, ascending"`
}

// A TransitionAlt is a further transition of the same matrix.
type TransitionAlt struct {
	Alpha float64 `arrow:"alpha" unit:"1" doc:"α of the transition"`
	Error float64 `arrow:"error" unit:"1" doc:"its numerical error"`
	Edge  string  `arrow:"edge" doc:"how the bulk ends there: sharp or smooth"`
}

// TransitionKind is the kind of stage that computes where the outlier along the signal leaves
// the bulk.
var TransitionKind = pipeline.Define(pipeline.Definition[TransitionParams, TransitionRow]{
	Name: "theory-transition",
	Doc:  "values of α at which an outlier along the signal leaves the left edge of the bulk",
	Cost: func(TransitionParams, []*pipeline.Stage) pipeline.Cost {
		return pipeline.NewCost(0.02, 40<<20)
	},
	Run: runTransition,
})

func runTransition(_ context.Context, p TransitionParams, _ pipeline.Inputs) ([]TransitionRow, error) {
	row, err := transitionRow(p)
	if err != nil {
		return nil, err
	}
	return []TransitionRow{row}, nil
}

func transitionRow(p TransitionParams) (TransitionRow, error) {
	problem, err := NewProblem(p.At, p.Loss, 0)
	if err != nil {
		return TransitionRow{}, err
	}
	found, err := problem.Transitions(p.From, p.To)
	if err != nil {
		return TransitionRow{}, err
	}
	row := TransitionRow{At: p.At, Loss: loss.Label(p.Loss), A: loss.A(p.Loss)}
	for i, t := range found {
		if i == 0 {
			row.Found, row.Alpha, row.Error, row.Edge = true, t.Alpha, t.Err, string(t.Edge)
			continue
		}
		row.Others = append(row.Others, TransitionAlt{t.Alpha, t.Err, string(t.Edge)})
	}
	return row, nil
}
