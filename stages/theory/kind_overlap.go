package theory

import (
	"context"
	"fmt"

	"zerotohero/pipeline"
	"zerotohero/stages/loss"
)

// OverlapParams are the parameters of the kind theory-overlap.
type OverlapParams struct {
	Loss     loss.Choice `param:"loss" default:"ell" help:"the loss"`
	Overlaps []float64   `param:"overlaps" default:"0,0.05,0.1,0.15,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9" help:"overlaps m of the point with the signal, ascending from 0 to below 1"`
	Alphas   []float64   `param:"alphas" default:"" help:"values of alpha at which the outlier is followed"`
	Lowest   float64     `param:"from" default:"0.1" help:"least alpha to look at for transitions"`
	Highest  float64     `param:"to" default:"100" help:"largest alpha to look at"`
}

// Validate checks the parameters.
func (p OverlapParams) Validate() error {
	for i, m := range p.Overlaps {
		if !(m >= 0 && m < 1) || i > 0 && !(m > p.Overlaps[i-1]) {
			return pipeline.BadParam("overlaps", "%v must ascend from 0 to below 1", p.Overlaps)
		}
	}
	if len(p.Overlaps) == 0 {
		return pipeline.BadParam("overlaps", "is empty; give the overlaps that are meant")
	}
	for _, alpha := range p.Alphas {
		if err := checkAlpha(alpha); err != nil {
			return pipeline.BadParam("alphas", "%v", err)
		}
	}
	if err := checkRange(p.Lowest, p.Highest); err != nil {
		return pipeline.BadParam("from", "%v", err)
	}
	return validate(AtInit, p.Loss)
}

// An OverlapRow is one overlap: where the outlier along the signal is there at a point that is
// random but for that, and what it is at some α.
type OverlapRow struct {
	Overlap float64            `arrow:"overlap" unit:"1" doc:"overlap m of the point with the signal"`
	Loss    string             `arrow:"loss" doc:"name of the loss"`
	A       float64            `arrow:"a" unit:"1" doc:"parameter a of the loss; 0 for a loss without it"`
	Found   bool               `arrow:"found" doc:"whether the range of α holds a transition"`
	Alpha   float64            `arrow:"alpha" unit:"1" doc:"the smallest α of a transition; 0 if there is none"`
	Error   float64            `arrow:"error" unit:"1" doc:"its numerical error: the change when every panel of the quadrature is halved"`
	Edge    string             `arrow:"edge" doc:"how the bulk ends there: sharp or smooth"`
	Appears bool               `arrow:"appears" doc:"whether the outlier is there just above it; if not, just below"`
	Others  []TransitionAlt    `arrow:"others" doc:"further transitions in the range, ascending"`
	Follows []OutlierAtOverlap `arrow:"follows" doc:"the outlier at the α asked for"`
}

// An OutlierAtOverlap is the outlier along the part of the signal orthogonal to the point.
type OutlierAtOverlap struct {
	Alpha  float64 `arrow:"alpha" unit:"1" doc:"M/N"`
	Edge   float64 `arrow:"edge" unit:"1" doc:"left edge λ₋ of the bulk"`
	Exists bool    `arrow:"exists" doc:"whether there is one"`
	Lambda float64 `arrow:"lambda" unit:"1" doc:"that eigenvalue λ*; NaN without outlier"`
	Q2     float64 `arrow:"q2" unit:"1" doc:"squared overlap of its eigenvector with the direction of the signal's part orthogonal to the point; 0 without outlier"`
}

// OverlapKind is the kind of stage that looks for the outlier away from the equator.
var OverlapKind = pipeline.Define(pipeline.Definition[OverlapParams, OverlapRow]{
	Name: "theory-overlap",
	Doc:  "transition and outlier of the Hessian at a point of given overlap with the signal, random otherwise, at large N",
	Cost: func(p OverlapParams, _ []*pipeline.Stage) pipeline.Cost {
		return pipeline.NewCost(float64(len(p.Overlaps))*(0.03+0.02*float64(len(p.Alphas))), 96<<20)
	},
	Run: runOverlap,
})

func runOverlap(ctx context.Context, p OverlapParams, _ pipeline.Inputs) ([]OverlapRow, error) {
	var out []OverlapRow
	for _, m := range p.Overlaps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := overlapRow(p, m)
		if err != nil {
			return nil, fmt.Errorf("overlap %v: %w", m, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func overlapRow(p OverlapParams, m float64) (OverlapRow, error) {
	r := OverlapRow{Overlap: m, Loss: loss.Label(p.Loss), A: loss.A(p.Loss)}
	problem, err := NewProblem(AtInit, p.Loss, m)
	if err != nil {
		return r, err
	}
	found, err := problem.Transitions(p.Lowest, p.Highest)
	if err != nil {
		return r, err
	}
	for i, t := range found {
		if i == 0 {
			r.Found, r.Alpha, r.Error, r.Edge, r.Appears = true, t.Alpha, t.Err, string(t.Edge), t.Appears
			continue
		}
		r.Others = append(r.Others, TransitionAlt{t.Alpha, t.Err, string(t.Edge)})
	}
	for _, alpha := range p.Alphas {
		sp, mu, err := problem.Spectrum(alpha)
		if err != nil {
			return r, err
		}
		o, err := sp.Outlier(alpha, mu)
		if err != nil {
			return r, err
		}
		r.Follows = append(r.Follows, OutlierAtOverlap{alpha, o.Edge.Lambda, o.Exists, o.Lambda, o.Overlap})
	}
	return r, nil
}
