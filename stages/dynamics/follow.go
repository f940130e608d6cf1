package dynamics

import (
	"context"
	"fmt"
	"math"

	"zerotohero/stages/labels"
	"zerotohero/stages/loss"
)

// end fills in the trapped state and its comparison with 1RSB, and returns the
// resamples of the former; none without trapped descents on two instances.
func (row *Row) end(ctx context.Context, p Params, l loss.Loss, r *reduction) (replicates, error) {
	nan := math.NaN()
	row.TrappedRuns = int64(r.trappedRuns)
	row.Trapped = State{T: nan, Energy: nan, Mu: nan, Edge: nan, EdgeLo: nan, EdgeHi: nan, Tail: nan, D: nan,
		DLo: nan, DHi: nan,
		LambdaStar: nan, LambdaStarLo: nan, LambdaStarHi: nan, Q2: nan, Q2Lo: nan, Q2Hi: nan,
		BelowZero: nan, BelowZeroLo: nan, BelowZeroHi: nan}
	if len(r.trapped) < 2 {
		row.Threshold.Reason = "not looked for: fewer than 2 instances have a trapped descent"
		return replicates{}, nil
	}
	var at []labels.Sketch
	for _, u := range r.trapped {
		at = append(at, u.end)
	}
	draws := resample(p, seeds(r.trapped))
	s, reps, err := state(ctx, p, l, row.Alpha, at, draws)
	if err != nil {
		return reps, fmt.Errorf("the trapped state: %w", err)
	}
	s.T = r.endTime
	row.Trapped = s
	row.Threshold, row.Labels, err = compare(p, l, row.Alpha, r.trapped, draws)
	return reps, err
}

// follow fills in the states at the times kept, and what integrates over them and
// the trapped state, in which the trajectory ends if all descents do.
func (row *Row) follow(ctx context.Context, p Params, l loss.Loss, r *reduction, times []float64,
	end replicates) error {
	draws := resample(p, seeds(r.along))
	var all curve
	each := make([]curve, len(draws))
	add := func(s State, reps replicates) {
		all.add(s.T, s.D, s.LambdaStar)
		for b := range each {
			each[b].add(s.T, reps.d[b], reps.lambda[b])
		}
	}
	for k, t := range times {
		at := make([]labels.Sketch, len(r.along))
		for i, u := range r.along {
			at[i] = u.at[k]
		}
		s, reps, err := state(ctx, p, l, row.Alpha, at, draws)
		if err != nil {
			return fmt.Errorf("t = %v: %w", t, err)
		}
		s.T = t
		row.Times = append(row.Times, s)
		add(s, reps)
	}
	if row.TrappedRuns == row.Runs && row.Trapped.T > times[len(times)-1] {
		add(row.Trapped, end)
	}
	g, half := all.growth(), all.thinned().growth()
	row.Lost, row.TBBP, row.W = !math.IsInf(g.lost, 1), g.lost, g.w
	row.TBBPGrid, row.WGrid = math.Abs(g.lost-half.lost), math.Abs(g.w-half.w)
	if g.lost == half.lost {
		row.TBBPGrid = 0 // +Inf − +Inf too
	}
	var losts, ws []float64
	for _, c := range each {
		g := c.growth()
		losts, ws = append(losts, g.lost), append(ws, g.w)
	}
	row.TBBPLo, row.TBBPHi = p.Percentiles(losts)
	row.WLo, row.WHi = p.Percentiles(ws)
	return nil
}
