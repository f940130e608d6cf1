// Package best finds, in a class of losses, the one with which the outlier along the signal
// appears at the lowest α: at a random start, or at threshold states (the paper asks for the
// loss that is best).
package best

import (
	"context"
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
	"zerotohero/stages/theory"
)

// Params are the parameters of the kind.
type Params struct {
	At    string      `param:"at" default:"init" help:"init or threshold, or averaged, wide or optimal"`
	Loss  loss.Choice `param:"loss" default:"ell" help:"the class of losses, with what is not varied"`
	Vary  []string    `param:"vary" help:"parameters of the loss that are varied"`
	Least []float64   `param:"least" default:"0.01" help:"least value of each, or one for all"`
	Most  []float64   `param:"most" default:"100" help:"largest value of each, or one for all"`
	Scan  int         `param:"scan" default:"17" help:"values of each that are tried first"`
	Tol   float64     `param:"tol" default:"1e-9" help:"of alpha: the search ends when it gains no more than this"`
	From  float64     `param:"from" default:"0.1" help:"least alpha to look at"`
	To    float64     `param:"to" default:"100" help:"largest alpha to look at"`
}

func (p Params) search() Search {
	return Search{At: p.At, Loss: p.Loss, Vary: p.Vary, Least: p.Least, Most: p.Most, From: p.From, To: p.To, Scan: p.Scan,
		Tol: p.Tol}
}

// Validate checks the parameters.
func (p Params) Validate() error {
	if err := (theory.TransitionParams{At: p.At, Loss: p.Loss, From: p.From, To: p.To}).Validate(); err != nil {
		return err
	}
	return p.search().Validate()
}

// A Row is the only row of a theory-best artifact.
type Row struct {
	At     string    `arrow:"at" doc:"which matrix: init, threshold, averaged, wide or optimal"`
	Loss   string    `arrow:"loss" doc:"the class of losses, with what is not varied"`
	Vary   []string  `arrow:"vary" doc:"parameters that are varied"`
	Found  bool      `arrow:"found" doc:"whether any of the losses tried has a transition"`
	Values []float64 `arrow:"values" doc:"those of the parameters at which the first transition is lowest"`
	Bound  []bool    `arrow:"bound" doc:"of each, whether that is at an end of its range, beyond which α may be lower still"`
	Alpha  float64   `arrow:"alpha" unit:"1" doc:"α of the transition there; NaN if there is none"`
	Error  float64   `arrow:"error" unit:"1" doc:"its numerical error, and what the search still gained"`
	Edge   string    `arrow:"edge" doc:"how the bulk ends there: sharp or smooth"`
	Tried  []TryRow  `arrow:"tried" doc:"the losses that were tried first"`
}

// A TryRow is one loss of the class.
type TryRow struct {
	Values []float64 `arrow:"values" doc:"of the parameters that are varied"`
	Alpha  float64   `arrow:"alpha" unit:"1" doc:"its first transition; NaN if it has none"`
}

// Kind is the kind of stage that finds the loss of a class whose transition is lowest.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name: "theory-best",
	Doc:  "the loss of a class at which the outlier along the signal appears at the lowest α",
	Cost: func(p Params, _ []*pipeline.Stage) pipeline.Cost {
		n := float64(len(p.Vary))
		return pipeline.NewCost(0.05*(math.Pow(float64(p.Scan), n)+40*n*n), 40<<20)
	},
	Run: run,
})

func run(_ context.Context, p Params, _ pipeline.Inputs) ([]Row, error) {
	b, err := p.search().Run()
	if err != nil {
		return nil, err
	}
	row := Row{At: p.At, Loss: p.Loss.Except(p.Vary...), Vary: p.Vary, Found: b.Found, Alpha: math.NaN(), Error: math.NaN()}
	if b.Found {
		row.Values, row.Bound, row.Alpha, row.Error, row.Edge = b.Values, b.Bound, b.Alpha, b.Error, string(b.Edge)
	}
	for _, t := range b.Tried {
		row.Tried = append(row.Tried, TryRow(t))
	}
	return []Row{row}, nil
}
