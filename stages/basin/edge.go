package basin

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/outcome"
)

// EdgeKind finds the overlap from which half of the descents recover, at each N and α.
var EdgeKind = pipeline.Define(pipeline.Definition[EdgeParams, Edge]{
	Name:    "basin-edge",
	Doc:     "overlap of the start from which half of the descents recover, at each N and α",
	Reads:   []pipeline.Read{pipeline.Reads[Descent]("basin")},
	Accepts: acceptsEdge,
	Cost: func(p EdgeParams, in []*pipeline.Stage) pipeline.Cost {
		return pipeline.NewCost(1e-3*float64(p.Resamples)*float64(len(in))/10+0.01*float64(len(in)), 64<<20)
	},
	Run: runEdge,
})

// EdgeParams are the parameters of EdgeKind.
type EdgeParams struct{ confidence.Bootstrap }

// An Edge is one N and α.
type Edge struct {
	N          int64   `arrow:"n" doc:"dimension"`
	Alpha      float64 `arrow:"alpha" doc:"M/N"`
	AlphaAsked float64 `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Loss       string  `arrow:"loss" doc:"name of the loss"`
	A          float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	Method     string  `arrow:"method" doc:"method of descent"`
	Instances  int64   `arrow:"instances" doc:"instances, the units of the bootstrap"`
	Points     []Rate  `arrow:"points" doc:"rates of recovery, overlap ascending"`

	Identified bool    `arrow:"identified" doc:"a logistic curve in the overlap is determined by the descents, with its middle within the overlaps they start at"`
	Reason     string  `arrow:"reason" doc:"why it is not; empty if it is"`
	Half       float64 `arrow:"half" doc:"overlap at which it is 1/2; NaN if not identified"`
	HalfLo     float64 `arrow:"half_lo" doc:"lower percentile over resampled instances, -Inf if they leave it open"`
	HalfHi     float64 `arrow:"half_hi" doc:"upper percentile, +Inf if they leave it open"`
}

// A Rate is that of the starts at one overlap.
type Rate struct {
	Overlap   float64 `arrow:"overlap" doc:"of the start with the signal"`
	Trials    int64   `arrow:"trials" doc:"resolved descents"`
	Recovered int64   `arrow:"recovered"`
	P         float64 `arrow:"p" doc:"recovered/trials; NaN without trials"`
	Lo        float64 `arrow:"lo" doc:"lower end of the Wilson interval of p"`
	Hi        float64 `arrow:"hi" doc:"upper end of the Wilson interval of p"`
}

func runEdge(ctx context.Context, p EdgeParams, in pipeline.Inputs) ([]Edge, error) {
	var all []Descent
	for _, i := range in.Of("basin") {
		rows, err := pipeline.Rows[Descent](i)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			if err := outcome.Check(d.Outcome); err != nil {
				return nil, fmt.Errorf("%s: descent of seed %d, start %d: %w", i.Stage, d.Seed, d.Start, err)
			}
			if f := rows[0]; d.Loss != f.Loss || d.A != f.A || d.Method != f.Method {
				return nil, fmt.Errorf("%s has descents of loss %s, method %s and of loss %s, method %s; run that stage again",
					i.Stage, d.Loss, d.Method, f.Loss, f.Method)
			}
		}
		all = append(all, rows...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the inputs hold no descents; add basin stages with seeds")
	}
	slices.SortStableFunc(all, func(a, b Descent) int {
		return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.M, b.M), cmp.Compare(a.Seed, b.Seed))
	})
	var out []Edge
	for i := 0; i < len(all); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		j := i
		for j < len(all) && all[j].N == all[i].N && all[j].M == all[i].M {
			j++
		}
		out = append(out, edgeOf(p, all[i:j]))
		i = j
	}
	return out, nil
}

// A tally is what one instance has at each overlap.
type tally struct{ trials, recovered []float64 }

// edgeOf is one N and M, its descents sorted by seed.
func edgeOf(p EdgeParams, descents []Descent) Edge {
	d := descents[0]
	out := Edge{N: d.N, Alpha: d.Alpha, AlphaAsked: d.AlphaAsked, Loss: d.Loss, A: d.A, Method: d.Method,
		Half: math.NaN(), HalfLo: math.NaN(), HalfHi: math.NaN()}
	var overlaps []float64
	for _, d := range descents {
		overlaps = append(overlaps, d.StartOverlap)
	}
	slices.Sort(overlaps)
	overlaps = slices.Compact(overlaps)
	var units []tally
	for i, d := range descents {
		if i == 0 || d.Seed != descents[i-1].Seed {
			units = append(units, tally{make([]float64, len(overlaps)), make([]float64, len(overlaps))})
		}
		at, _ := slices.BinarySearch(overlaps, d.StartOverlap)
		if d.Outcome == outcome.Unresolved {
			continue
		}
		units[len(units)-1].trials[at]++
		if d.Outcome == outcome.Recovered {
			units[len(units)-1].recovered[at]++
		}
	}
	out.Instances = int64(len(units))
	ones := make([]int, len(units))
	for i := range ones {
		ones[i] = 1
	}
	n, k := weighed(units, ones, len(overlaps))
	out.Points = rates(p.Level, overlaps, n, k, units)
	fit := finitesize.Fit(overlaps, n, k)
	if fit.Reason != "" {
		fit.Reason = "the rates of recovery do not pass from below one half to above it among these overlaps"
	}
	if fit.Reason == "" && !(fit.Lo >= overlaps[0] && fit.Lo <= overlaps[len(overlaps)-1]) {
		fit.Reason = fmt.Sprintf("the middle would be %.3g, outside the overlaps from %v to %v", fit.Lo, overlaps[0],
			overlaps[len(overlaps)-1])
	}
	if len(units) < 2 {
		fit.Reason = cmp.Or(fit.Reason, "there is one instance only")
	}
	if out.Reason = fit.Reason; out.Reason != "" {
		return out
	}
	out.Identified, out.Half = true, fit.Lo
	var lo, hi []float64
	for _, draw := range p.Resample(fmt.Sprintf("basin N=%d M=%d", d.N, d.M), len(units)) {
		n, k := weighed(units, draw, len(overlaps))
		f := finitesize.Fit(overlaps, n, k)
		lo, hi = append(lo, f.Lo), append(hi, f.Hi)
	}
	out.HalfLo, out.HalfHi = p.Outermost(lo, hi)
	return out
}

// weighed sums trials and recovered over instances, each so many times.
func weighed(units []tally, times []int, overlaps int) (trials, recovered []float64) {
	trials, recovered = make([]float64, overlaps), make([]float64, overlaps)
	for i, u := range units {
		for j := range trials {
			trials[j] += float64(float64(times[i]) * u.trials[j])
			recovered[j] += float64(float64(times[i]) * u.recovered[j])
		}
	}
	return trials, recovered
}

func rates(level confidence.Level, overlaps, trials, recovered []float64, units []tally) (out []Rate) {
	for j, m := range overlaps {
		r := Rate{Overlap: m, Trials: int64(trials[j]), Recovered: int64(recovered[j]), P: math.NaN(), Lo: 0, Hi: 1}
		if trials[j] > 0 {
			var clusters []confidence.Cluster
			for _, u := range units {
				if u.trials[j] > 0 {
					clusters = append(clusters, confidence.Cluster{Trials: u.trials[j], Successes: u.recovered[j]})
				}
			}
			r.P = recovered[j] / trials[j]
			r.Lo, r.Hi = level.Wilson(r.P, confidence.Effective(clusters))
		}
		out = append(out, r)
	}
	return out
}
