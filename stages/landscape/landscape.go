// Package landscape follows the loss along great circles through the students that a
// descent kept: in the softest direction, the lowest eigenvector of the Hessian, and in
// that of the signal. Early in a descent the softest direction leads towards the signal
// though nothing in the energy at hand says so; on the way to a trap that is lost
// (physics.md 2d).
//
// With v a unit vector orthogonal to w, the circle is
//
//	w(θ) = cos θ · w + sin θ · √N v,
//
// on the sphere throughout, and (d²/dθ²)(L/N) at θ = 0 is vᵀHv, H the spherical Hessian
// of physics.md 1. Results are the same to the bit on every platform.
package landscape

import (
	"context"
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
	"zerotohero/stages/students"
)

// Kind computes the loss along circles through the students of descents.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name:    "landscape",
	Doc:     "the loss along great circles through kept students, in the softest direction and the signal's",
	Reads:   students.Reads,
	Accepts: Params.Accepts,
	Cost:    cost,
	Run:     run,
})

// Params are the parameters of Kind.
type Params struct {
	students.Selection
	Angle  float64 `param:"angle" default:"1.5707963267948966" help:"largest angle on either side, in radians, at most π"`
	Points int     `param:"points" default:"45" help:"angles on either side, equidistant, besides 0"`
}

// Validate checks the times and the angles.
func (p Params) Validate() error {
	if err := p.Selection.Validate(); err != nil {
		return err
	}
	if !(p.Angle > 0 && p.Angle <= math.Pi) {
		return pipeline.BadParam("angle", "%v must be positive and at most π", p.Angle)
	}
	if p.Points < 1 || p.Points > 10000 {
		return pipeline.BadParam("points", "%d must be between 1 and 10000", p.Points)
	}
	return nil
}

// The directions of circles.
const (
	toSoftest = "softest" // the eigenvector of the Hessian's lowest eigenvalue
	toSignal  = "signal"  // the part of w* orthogonal to w: the circle passes through w* and −w*
)

// A Row is one circle through a student. Either sense of it is towards one of w* and
// −w*, which are the signal alike; θ > 0 is towards the one nearer to w.
type Row struct {
	Seed       int64     `arrow:"seed" doc:"of the instance"`
	Start      int64     `arrow:"start" doc:"number of the descent on its instance"`
	N          int64     `arrow:"n" doc:"dimension"`
	M          int64     `arrow:"m" doc:"measurements"`
	Alpha      float64   `arrow:"alpha" doc:"M/N"`
	AlphaAsked float64   `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Loss       string    `arrow:"loss" doc:"name of the loss"`
	A          float64   `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	From       string    `arrow:"from" doc:"where the descent started"`
	T          float64   `arrow:"t" doc:"time asked for; +Inf for the end of the descent"`
	Reached    float64   `arrow:"reached" doc:"time of the student: t, or that of the descent's last state if it is earlier"`
	Overlap    float64   `arrow:"overlap" doc:"m = |w·w*|/N of the student"`
	Direction  string    `arrow:"direction" doc:"softest: the lowest eigenvector of the Hessian; signal: the part of w* orthogonal to w"`
	Q2         float64   `arrow:"q2" doc:"(v·w*)²/(N(1−m²)), 0 to 1, of the unit direction v; NaN at w = ±w*"`
	Slope      float64   `arrow:"slope" doc:"derivative of L/N in θ at 0"`
	Curvature  float64   `arrow:"curvature" doc:"second derivative of L/N in θ at 0, vᵀHv; for softest the lowest eigenvalue"`
	Angles     []float64 `arrow:"angles" unit:"rad" doc:"θ, ascending, 0 in the middle; positive towards the nearer of ±w*"`
	Energies   []float64 `arrow:"energies" doc:"L/N at θ"`
	Overlaps   []float64 `arrow:"overlaps" doc:"|w·w*|/N at θ"`
}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Row, error) {
	circle := newCircle(p.Angle, p.Points)
	var out []Row
	err := p.Each(ctx, in, func(s students.Student) error {
		rows, err := problem{s.Problem}.circles(ctx, circle, s.W)
		if err != nil {
			return err
		}
		d := s.Descent
		for _, r := range rows {
			r.Seed, r.Start, r.N, r.M, r.Alpha, r.AlphaAsked = d.Seed, d.Start, d.N, d.M, d.Alpha, d.AlphaAsked
			r.Loss, r.A, r.From, r.T, r.Reached = d.Loss, d.A, d.From, s.T, s.Reached
			out = append(out, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// cost was measured on one core of an AMD EPYC (2025) between N = 128 and 512.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	load := students.LoadOf(in)
	var seconds, matrices, rows float64
	for _, q := range instance.ParamsOf(in) {
		n, m, seeds := float64(q.N), float64(q.M()), float64(q.Seeds.Len())
		angles, steps := float64(2*p.Points+1), min(n, 7*math.Sqrt(n))
		visits := seeds * load.Descents * p.Visits(load)
		seconds += seeds*5e-9*m*n + visits*(50e-6+steps*(3e-6+m*(12e-9+0.15e-9*n)+0.8e-9*steps*n)+10e-9*m*angles)
		matrices = max(matrices, 4*m*n+8*n*steps)
		rows += visits * 2 * (300 + 24*angles)
	}
	// What is made, as Go values, as Arrow columns and as bytes.
	return pipeline.NewCost(seconds, 40<<20+load.Bytes+matrices+3.5*rows)
}
