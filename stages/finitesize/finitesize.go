// Package finitesize reduces descents to finite-size statistics: the rate of
// recovery at each α with its interval, and for each N a logistic curve in α
// (physics.md 3).
//
// # Trials
//
// A descent that ended "recovered" is a success; "trapped" and "diverged" are
// failures. An "unresolved" one ran out of budget: it is censored, that is, left
// out of the trials, which is unbiased only if running out does not depend on
// where the descent would have ended. Every outcome is counted in the artifact,
// so that a reader can bound what the censored ones might change.
//
// # Intervals of the rates
//
// Wilson's score interval on the resolved descents of one (N, α). Descents that
// share an instance share its landscape and are not independent; n is then
// replaced by the effective number of trials (package confidence).
//
// # The curve
//
// P(recovered; α) = 1/(1+exp(−(α−alpha50)/width)) for each N on its own, by
// maximum likelihood over the resolved descents of all α, taken as independent
// Bernoulli trials. The curve is identified when that likelihood has a maximum
// (the α with successes and those with failures overlap, Albert and Anderson
// 1984), rises with α, and alpha50 lies within the range of α that has trials:
// nothing is extrapolated.
//
// # Intervals of the curve
//
// Percentile bootstrap of instances. The same seed at another α is the same X
// with more rows, the same signal and the same starts, so its outcomes are
// correlated along α: a seed is drawn with all its descents at all α. Seeds that
// occur at the same set of α form a stratum, resampled on its own, so that every
// α keeps its number of instances; where no seed occurs at two α this is the
// resampling of instances within each α.
//
// A resample whose curve is not identified is counted, and takes part with the
// whole range that its likelihood leaves open: a separated resample says
// lastF ≤ alpha50 ≤ firstS and width = 0, one without successes says alpha50 ≥
// lastF. Ends of an interval are the outermost that these ranges allow, and can
// be infinite. Dropping such resamples would make intervals too narrow.
package finitesize

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/outcome"
	"zerotohero/stages/students"
)

// Kind computes the finite-size statistics of all descents of one loss and method.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name:    "finitesize",
	Doc:     "recovery rates with intervals and a logistic curve in α for each N",
	Reads:   []pipeline.Read{pipeline.Reads[descent]("descent")},
	Accepts: accepts,
	Cost:    cost,
	Run:     run,
})

// cost was measured on one core of an AMD EPYC (2025): 13 ns a descent and resample,
// for inputs of some tens of descents, and reading.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	var largest, files, rows float64
	for _, s := range in {
		load := students.LoadOf(append(slices.Clip(s.Inputs), s))
		largest = max(largest, load.Files)
		files += load.Files
		rows += load.Rows
	}
	seconds := 13e-9*rows*float64(p.Resamples) + 2.5e-9*files
	// One file is read at a time, and decoding it takes a copy; what is kept of a descent is
	// held sorted and unsorted.
	return pipeline.NewCost(seconds, 42<<20+3*largest+800*rows+100*float64(p.Resamples))
}

// Params are the parameters of Kind.
type Params struct{ confidence.Bootstrap }

// A Row is one N.
type Row struct {
	N      int64   `arrow:"n" doc:"dimension"`
	Loss   string  `arrow:"loss" doc:"name of the loss"`
	A      float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	Method string  `arrow:"method" doc:"method of descent"`
	From   string  `arrow:"from" doc:"where descents start: random, or the estimator of spectral starts"`
	Points []Point `arrow:"points" doc:"rates, α ascending"`

	Identified bool    `arrow:"identified" doc:"the likelihood has a maximum that rises with α, with alpha50 within the α simulated"`
	Reason     string  `arrow:"reason" doc:"why the curve is not identified; empty if it is"`
	Alpha50    float64 `arrow:"alpha50" doc:"α at which the curve is 1/2; NaN, as the five columns that follow, if not identified"`
	Alpha50Lo  float64 `arrow:"alpha50_lo" doc:"lower bootstrap percentile, -Inf if the resamples leave it open"`
	Alpha50Hi  float64 `arrow:"alpha50_hi" doc:"upper bootstrap percentile, +Inf if the resamples leave it open"`
	Width      float64 `arrow:"width" doc:"width of P = 1/(1+exp(−(α−alpha50)/width))"`
	WidthLo    float64 `arrow:"width_lo" doc:"lower bootstrap percentile, 0 if separated resamples reach it"`
	WidthHi    float64 `arrow:"width_hi" doc:"upper bootstrap percentile, +Inf if the resamples leave it open"`

	Resamples    int64 `arrow:"resamples" doc:"bootstrap resamples drawn; 0 if the curve is not identified"`
	Unidentified int64 `arrow:"unidentified" doc:"resamples whose likelihood has no maximum that rises with α"`
}

// A Point is one α at one N. Trials are the resolved descents.
type Point struct {
	Alpha      float64 `arrow:"alpha" doc:"M/N"`
	AlphaAsked float64 `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M; the lowest, if several are rounded to one"`
	Trials     int64   `arrow:"trials" doc:"resolved descents: recovered, trapped or diverged"`
	Recovered  int64   `arrow:"recovered"`
	Trapped    int64   `arrow:"trapped"`
	Unresolved int64   `arrow:"unresolved" doc:"censored: out of budget, not among the trials"`
	Diverged   int64   `arrow:"diverged" doc:"count as not recovered"`
	P          float64 `arrow:"p" doc:"recovered/trials; NaN without trials"`
	Lo         float64 `arrow:"lo" doc:"lower end of the Wilson interval of p"`
	Hi         float64 `arrow:"hi" doc:"upper end of the Wilson interval of p"`
	Instances  int64   `arrow:"instances" doc:"instances with a trial"`
	Effective  float64 `arrow:"effective" doc:"trials as independent ones, n of the interval"`
}

// A descent is what this package reads of the artifact of that name.
type descent struct {
	Seed       int64   `arrow:"seed"`
	Start      int64   `arrow:"start"`
	N          int64   `arrow:"n"`
	Alpha      float64 `arrow:"alpha"`
	AlphaAsked float64 `arrow:"alpha_asked"`
	Loss       string  `arrow:"loss"`
	A          float64 `arrow:"a"`
	Method     string  `arrow:"method"`
	From       string  `arrow:"from"`
	Outcome    string  `arrow:"outcome"`
}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Row, error) {
	descents, err := read(in.Of("descent"))
	if err != nil {
		return nil, err
	}
	var rows []Row
	for len(descents) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := 0
		for end < len(descents) && descents[end].N == descents[0].N {
			end++
		}
		rows = append(rows, reduce(p, descents[:end]))
		descents = descents[end:]
	}
	return rows, nil
}

// read collects the descents of all inputs, sorted by (N, seed, α, start).
func read(in pipeline.Inputs) ([]descent, error) {
	type source struct {
		descent
		stage string
	}
	var all []source
	for _, i := range in {
		rows, err := pipeline.Rows[descent](i)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			at := fmt.Sprintf("%s: descent of seed %d, start %d", i.Stage, d.Seed, d.Start)
			if d.N < 1 || math.IsNaN(d.Alpha) || math.IsInf(d.Alpha, 0) {
				return nil, fmt.Errorf("%s: N = %d, α = %v are no size and ratio to count it at; run that stage again",
					at, d.N, d.Alpha)
			}
			if err := outcome.Check(d.Outcome); err != nil {
				return nil, fmt.Errorf("%s: %w", at, err)
			}
			all = append(all, source{d, i.Stage})
			if f := all[0]; d.Loss != f.Loss || d.A != f.A || d.Method != f.Method || d.From != f.From {
				return nil, fmt.Errorf("%s has loss %s, a = %v, method %s, starts %s, but %s has loss %s, a = %v, "+
					"method %s, starts %s; "+
					"give each combination a finitesize stage of its own",
					i.Stage, d.Loss, d.A, d.Method, d.From, f.stage, f.Loss, f.A, f.Method, f.From)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the inputs hold no descents; add descent stages with seeds")
	}
	order := func(a, b source) int {
		return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Alpha, b.Alpha),
			cmp.Compare(a.Start, b.Start))
	}
	slices.SortStableFunc(all, order)
	out := make([]descent, len(all))
	for i, d := range all {
		if i > 0 && order(all[i-1], d) == 0 {
			return nil, fmt.Errorf("%s and %s both hold the descent of N = %d, α = %v, seed %d, start %d; "+
				"one stage takes each descent once, made with one set of parameters",
				all[i-1].stage, d.stage, d.N, d.Alpha, d.Seed, d.Start)
		}
		out[i] = d.descent
	}
	return out, nil
}

// reduce makes the row of one N from its descents, sorted by (seed, α, start).
func reduce(p Params, descents []descent) Row {
	s := newSample(descents)
	nan := math.NaN()
	row := Row{
		N: descents[0].N, Loss: descents[0].Loss, A: descents[0].A, Method: descents[0].Method, From: descents[0].From,
		Points:  s.points(p.Level),
		Alpha50: nan, Alpha50Lo: nan, Alpha50Hi: nan, Width: nan, WidthLo: nan, WidthHi: nan,
	}
	f := fitLogistic(s.alpha, s.trials, s.recovered)
	if f.reason == "" {
		lo, hi := s.span()
		if a := f.alpha50.lo; a < lo || a > hi {
			f.reason = fmt.Sprintf("alpha50 would be %.3g, outside the simulated α from %v to %v", a, lo, hi)
		}
	}
	if f.reason != "" {
		row.Reason = f.reason
		return row
	}
	row.Identified = true
	row.Alpha50, row.Width = f.alpha50.lo, f.width.lo
	b := s.bootstrap(p)
	row.Alpha50Lo, row.Alpha50Hi = b.alpha50.lo, b.alpha50.hi
	row.WidthLo, row.WidthHi = b.width.lo, b.width.hi
	row.Resamples, row.Unidentified = int64(p.Resamples), b.unidentified
	return row
}
