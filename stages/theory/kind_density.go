package theory

import (
	"context"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

// DensityParams are the parameters of the kind theory-density.
type DensityParams struct {
	Loss  loss.Choice `param:"loss" default:"ell" help:"the loss"`
	Alpha float64     `param:"alpha" help:"signal-to-noise ratio M/N"`
	At    string      `param:"at" default:"init" help:"init, threshold, averaged, wide or optimal"`
}

// Validate checks the parameters.
func (p DensityParams) Validate() error {
	if err := checkAlpha(p.Alpha); err != nil {
		return pipeline.BadParam("alpha", "%v", err)
	}
	return validate(p.At, p.Loss)
}

// A DensityRow is the only row of a theory-density artifact.
type DensityRow struct {
	At         string    `arrow:"at" doc:"which matrix: init, threshold, averaged, wide or optimal"`
	Loss       string    `arrow:"loss" doc:"name of the loss"`
	A          float64   `arrow:"a" unit:"1" doc:"parameter a of the loss; 0 for a loss without it"`
	Alpha      float64   `arrow:"alpha" unit:"1" doc:"signal-to-noise ratio M/N"`
	Mu         float64   `arrow:"mu" unit:"1" doc:"radial multiplier μ; 0 for averaged, wide and optimal"`
	Edge       float64   `arrow:"edge" unit:"1" doc:"left edge λ₋ of the bulk"`
	EdgeKind   string    `arrow:"edge_kind" doc:"sharp (square root), smooth (below any power) or atom (rank below N)"`
	AMax       float64   `arrow:"a_max" unit:"1" doc:"A at the end g_max of the branch left of the bulk; the edge is sharp above 1; +Inf where it diverges"`
	Outlier    bool      `arrow:"outlier" doc:"whether an eigenvalue along the signal lies below the bulk"`
	LambdaStar float64   `arrow:"lambda_star" unit:"1" doc:"that eigenvalue λ*; NaN without outlier"`
	Q2         float64   `arrow:"q2" unit:"1" doc:"squared overlap (v·w*)²/N of its eigenvector with the signal; 0 without outlier"`
	DEdge      float64   `arrow:"d_edge" unit:"1" doc:"D(g) at the edge, negative with outlier"`
	Lambda     []float64 `arrow:"lambda" unit:"1" doc:"eigenvalues λ at which the density is given, ascending"`
	Rho        []float64 `arrow:"rho" unit:"1" doc:"spectral density ρ(λ)"`
	Weight     []float64 `arrow:"weight" unit:"1" doc:"quadrature weights: ∫f(λ)ρ(λ)dλ = Σ weight·f·rho"`
	CDF        []float64 `arrow:"cdf" unit:"1" doc:"share of eigenvalues at or below λ, atoms included"`
	Atoms      []AtomRow `arrow:"atoms" doc:"eigenvalues that a finite share takes"`
	Mass       float64   `arrow:"mass" unit:"1" doc:"integral of the density with the atoms; departs from 1 by the numerical error"`
}

// An AtomRow is an [Atom] in an artifact.
type AtomRow struct {
	Lambda float64 `arrow:"lambda" unit:"1" doc:"eigenvalue"`
	Mass   float64 `arrow:"mass" unit:"1" doc:"share of all eigenvalues"`
}

// DensityKind is the kind of stage that computes the spectrum at large N.
var DensityKind = pipeline.Define(pipeline.Definition[DensityParams, DensityRow]{
	Name: "theory-density",
	Doc:  "spectral density, edge and outlier of the Hessian at large N",
	Cost: func(DensityParams, []*pipeline.Stage) pipeline.Cost {
		return pipeline.NewCost(0.2, 64<<20)
	},
	Run: runDensity,
})

func runDensity(_ context.Context, p DensityParams, _ pipeline.Inputs) ([]DensityRow, error) {
	row, err := densityRow(p)
	if err != nil {
		return nil, err
	}
	return []DensityRow{row}, nil
}

func densityRow(p DensityParams) (DensityRow, error) {
	problem, err := NewProblem(p.At, p.Loss, 0)
	if err != nil {
		return DensityRow{}, err
	}
	sp, mu, err := problem.Spectrum(p.Alpha)
	if err != nil {
		return DensityRow{}, err
	}
	o, err := sp.Outlier(p.Alpha, mu)
	if err != nil {
		return DensityRow{}, err
	}
	d, err := problem.Density(p.Alpha)
	if err != nil {
		return DensityRow{}, err
	}
	row := DensityRow{
		At: p.At, Loss: loss.Label(p.Loss), A: loss.A(p.Loss), Alpha: p.Alpha, Mu: mu,
		Edge: o.Edge.Lambda, EdgeKind: string(o.Edge.Kind), AMax: o.Edge.AMax,
		Outlier: o.Exists, LambdaStar: o.Lambda, Q2: o.Overlap, DEdge: o.DEdge,
		Lambda: d.Lambda, Rho: d.Rho, Weight: d.Weight, CDF: d.CDF, Mass: d.Mass,
	}
	for _, a := range d.Atoms {
		row.Atoms = append(row.Atoms, AtomRow(a))
	}
	return row, nil
}
