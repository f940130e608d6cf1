package theory

import (
	"context"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

// OutlierParams are the parameters of the kind theory-outlier.
type OutlierParams struct {
	At       string      `param:"at" default:"init" help:"init, threshold, averaged, wide or optimal"`
	Loss     loss.Choice `param:"loss" default:"ell" help:"the loss"`
	AlphaMin float64     `param:"alpha_min" default:"0.5" help:"least alpha"`
	AlphaMax float64     `param:"alpha_max" default:"10" help:"largest alpha"`
	Points   int         `param:"points" default:"200" help:"values of alpha, evenly spaced; each transition between them adds two"`
}

// Validate checks the parameters.
func (p OutlierParams) Validate() error {
	if err := checkAlpha(p.AlphaMin); err != nil {
		return pipeline.BadParam("alpha_min", "%v", err)
	}
	if !(p.AlphaMax > p.AlphaMin) || math.IsInf(p.AlphaMax, 1) {
		return pipeline.BadParam("alpha_max", "%v must be finite and exceed alpha_min = %v", p.AlphaMax, p.AlphaMin)
	}
	if p.Points < 2 {
		return pipeline.BadParam("points", "is %d; a curve needs 2 at least", p.Points)
	}
	return validate(p.At, p.Loss)
}

// An OutlierRow is the only row of a theory-outlier artifact.
type OutlierRow struct {
	At         string    `arrow:"at" doc:"which matrix: init, threshold, averaged, wide or optimal"`
	Loss       string    `arrow:"loss" doc:"name of the loss"`
	A          float64   `arrow:"a" unit:"1" doc:"parameter a of the loss; 0 for a loss without it"`
	Alphas     []float64 `arrow:"alphas" unit:"1" doc:"values of α = M/N, ascending; a transition lies between two that differ by its numerical error, so that a jump is one"`
	Edge       []float64 `arrow:"edge" unit:"1" doc:"left edge λ₋ of the bulk at each"`
	EdgeKind   []string  `arrow:"edge_kind" doc:"sharp (square root), smooth (below any power) or atom (rank below N) at each"`
	Outlier    []bool    `arrow:"outlier" doc:"whether an eigenvalue along the signal lies below the bulk, at each"`
	LambdaStar []float64 `arrow:"lambda_star" unit:"1" doc:"that eigenvalue λ*; NaN without outlier"`
	Q2         []float64 `arrow:"q2" unit:"1" doc:"squared overlap (v·w*)²/N of its eigenvector with the signal; 0 without outlier"`
}

// OutlierKind is the kind of stage that follows the outlier along the signal in α.
var OutlierKind = pipeline.Define(pipeline.Definition[OutlierParams, OutlierRow]{
	Name: "theory-outlier",
	Doc:  "outlier along the signal and its overlap against α, at large N",
	Cost: func(p OutlierParams, _ []*pipeline.Stage) pipeline.Cost {
		// Threshold states are solved for at each α; other laws of labels are the same at all.
		each := 4e-4
		if p.At == AtThreshold {
			each = 0.1
		}
		return pipeline.NewCost(each*float64(p.Points), 48<<20+200*float64(p.Points))
	},
	Run: runOutlier,
})

func runOutlier(ctx context.Context, p OutlierParams, _ pipeline.Inputs) ([]OutlierRow, error) {
	row, err := outlierRow(ctx, p)
	if err != nil {
		return nil, err
	}
	return []OutlierRow{row}, nil
}

func outlierRow(ctx context.Context, p OutlierParams) (OutlierRow, error) {
	problem, err := NewProblem(p.At, p.Loss, 0)
	if err != nil {
		return OutlierRow{}, err
	}
	alphas, err := p.grid(problem)
	if err != nil {
		return OutlierRow{}, err
	}
	at, err := problem.spectra()
	if err != nil {
		return OutlierRow{}, err
	}
	row := OutlierRow{At: p.At, Loss: loss.Label(p.Loss), A: loss.A(p.Loss), Alphas: alphas}
	for _, alpha := range alphas {
		if err := ctx.Err(); err != nil {
			return OutlierRow{}, err
		}
		sp, mu, err := at(alpha)
		if err != nil {
			return OutlierRow{}, fmt.Errorf("%w; leave alpha = %.6g out of the range", err, alpha)
		}
		o, err := sp.Outlier(alpha, mu)
		if err != nil {
			return OutlierRow{}, err
		}
		row.Edge, row.EdgeKind = append(row.Edge, o.Edge.Lambda), append(row.EdgeKind, string(o.Edge.Kind))
		row.Outlier, row.LambdaStar = append(row.Outlier, o.Exists), append(row.LambdaStar, o.Lambda)
		row.Q2 = append(row.Q2, o.Overlap)
	}
	return row, nil
}

// grid is the values of α, ascending, with two more on either side of each transition.
func (p OutlierParams) grid(problem Problem) ([]float64, error) {
	var alphas []float64
	for i := range p.Points {
		alphas = append(alphas, p.AlphaMin+(p.AlphaMax-p.AlphaMin)*float64(i)/float64(p.Points-1))
	}
	found, err := problem.Transitions(p.AlphaMin, p.AlphaMax)
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		// The spectra below are on the coarser of the two grids that give the error.
		off := 10*t.Err + 1e-9*t.Alpha
		for _, a := range []float64{t.Alpha - off, t.Alpha + off} {
			if a >= p.AlphaMin && a <= p.AlphaMax {
				alphas = append(alphas, a)
			}
		}
	}
	slices.Sort(alphas)
	return slices.Compact(alphas), nil
}

// spectra gives [Problem.Spectrum] for many α, with what does not depend on α
// computed once.
func (p Problem) spectra() (func(alpha float64) (*Spectrum, float64, error), error) {
	if p.At == AtThreshold {
		return p.Spectrum, nil
	}
	law, err := p.law(0, GridFor(p.weight, 1))
	if err != nil {
		return nil, err
	}
	sp, err := NewSpectrum(law, p.weight)
	if err != nil {
		return nil, err
	}
	perAlpha := 0.0
	if !p.weight.YOnly {
		perAlpha = law.Mu(p.Loss, 1)
	}
	return func(alpha float64) (*Spectrum, float64, error) { return sp, alpha * perAlpha, nil }, nil
}
