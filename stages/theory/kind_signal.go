package theory

import (
	"context"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

// SignalParams are the parameters of the kind theory-signal.
type SignalParams struct {
	Loss  loss.Choice `param:"loss" default:"ell" help:"the loss"`
	Alpha float64     `param:"alpha" help:"signal-to-noise ratio M/N"`
	At    string      `param:"at" default:"init" help:"init, threshold, averaged, wide or optimal"`
	Share float64     `param:"share" default:"0.01" help:"share of all eigenvalues, the lowest, whose weight is given"`
}

// Validate checks the parameters.
func (p SignalParams) Validate() error {
	if err := checkAlpha(p.Alpha); err != nil {
		return pipeline.BadParam("alpha", "%v", err)
	}
	if err := checkShare(p.Share); err != nil {
		return pipeline.BadParam("share", "%v", err)
	}
	return validate(p.At, p.Loss)
}

// A SignalRow is the only row of a theory-signal artifact.
type SignalRow struct {
	At        string       `arrow:"at" doc:"which matrix: init, threshold, averaged, wide or optimal"`
	Loss      string       `arrow:"loss" doc:"name of the loss"`
	A         float64      `arrow:"a" unit:"1" doc:"parameter a of the loss; 0 for a loss without it"`
	Alpha     float64      `arrow:"alpha" unit:"1" doc:"signal-to-noise ratio M/N"`
	Mu        float64      `arrow:"mu" unit:"1" doc:"multiplier μ; 0 for averaged, wide and optimal"`
	Atoms     []SignalAtom `arrow:"atoms" doc:"eigenvalues with a finite weight, or peaks too narrow to tell"`
	BelowZero Estimate     `arrow:"below_zero" doc:"weight at eigenvalues below 0"`
	Share     float64      `arrow:"share" unit:"1" doc:"share of all eigenvalues meant by lowest"`
	UpTo      Estimate     `arrow:"up_to" doc:"eigenvalue that the lowest share reaches up to"`
	Lowest    Estimate     `arrow:"lowest" doc:"weight at the lowest share, atoms below included"`
	Mean      float64      `arrow:"mean" unit:"1" doc:"of the measure, the curvature along the signal"`
	Lambda    []float64    `arrow:"lambda" unit:"1" doc:"eigenvalues λ of the densities, ascending"`
	Rho       []float64    `arrow:"rho" unit:"1" doc:"density of the signal's spectral measure"`
	Bulk      []float64    `arrow:"bulk" unit:"1" doc:"spectral density of the bulk"`
	Weight    []float64    `arrow:"weight" unit:"1" doc:"∫f dν without atoms = Σ weight·f·rho"`
	Mass      float64      `arrow:"mass" unit:"1" doc:"of the measure; departs from 1 by the numerical error"`
}

// SignalKind is the kind of stage that computes where in the spectrum the signal sits.
var SignalKind = pipeline.Define(pipeline.Definition[SignalParams, SignalRow]{
	Name: "theory-signal",
	Doc:  "spectral measure of the signal at large N: density, atoms, and weights of the softest eigenvalues",
	Cost: func(SignalParams, []*pipeline.Stage) pipeline.Cost {
		return pipeline.NewCost(1.2, 64<<20)
	},
	Run: runSignal,
})

func runSignal(_ context.Context, p SignalParams, _ pipeline.Inputs) ([]SignalRow, error) {
	problem, err := NewProblem(p.At, p.Loss, 0)
	if err != nil {
		return nil, err
	}
	m, err := problem.Signal(p.Alpha)
	if err != nil {
		return nil, err
	}
	upTo, lowest, err := m.Lowest(p.Share)
	if err != nil {
		return nil, err
	}
	return []SignalRow{{
		At: p.At, Loss: loss.Label(p.Loss), A: loss.A(p.Loss), Alpha: p.Alpha, Mu: m.bulk.mu,
		Atoms: m.Atoms, BelowZero: m.Below(0), Share: p.Share, UpTo: upTo, Lowest: lowest, Mean: m.Mean,
		Lambda: m.Lambda, Rho: m.Rho, Bulk: m.Bulk, Weight: m.Weight, Mass: m.Mass,
	}}, nil
}
