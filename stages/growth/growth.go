// Package growth follows how the overlap with the signal grows from a random start, when
// descents recover and when they are trapped (physics.md 2f).
//
// # Linear response
//
// While m ≪ 1 the overlap responds linearly to its chance value at the start, and √N m is
// Gaussian with a variance σ²(t; α) that does not depend on N. It is estimated by the mean
// of N m² over runs, m being interpolated in ln t between recorded times (12 a decade:
// for growth like t^κ the error of σ² is a share κ²/100 at most). The regime is taken to
// end at the first time of the grid at which the root of the mean of m² reaches the
// parameter linear, or a run has ended. σ² is given beyond that time too, and marked; no
// exponent is fitted there.
//
// The mean is the most efficient estimate, and the first to leave the regime: a few runs
// of large m escape early and carry it away. The parameter statistic takes the median of
// N m² instead, over 0.6745², the same for a Gaussian at 2.7 times the variance. Its regime
// lasts until the median of m reaches linear, or a run ends otherwise than recovered.
//
// κ = d ln σ/d ln t. Errors of ln σ² at successive times are nearly the same error, of the
// chance values at the start, so a line in ln t is fitted without weights, and its interval
// is that of resampled instances. Whether κ is a constant is the question: drift is the
// slope of the later half of the window less that of the earlier half.
//
// # Intervals
//
// Those of σ² and κ are percentiles of a bootstrap of whole instances, each with all its
// starts, that draws K−1 of K (package confidence): unbiased variances, but for K below 10
// somewhat too narrow, as normal quantiles are in place of Student's. The stream depends on
// N and the seeds alone, so that a resample holds the same instances at all α of an N.
//
// # Times to recovery and to a trap
//
// The estimate of P(not recovered by t) is Kaplan and Meier's (1958). A trapped run never
// recovers, and stays at risk for ever; so does a diverged one. An unresolved one is
// censored at its end. Runs that share an instance are not independent: the variance of
// ln P is Greenwood's, generalised to instances, K/(K−1) Σ_k (Σ_{i∈k} u_i)², where u_i is
// the derivative of ln P by the weight of run i (Williams 1995). With one run an instance
// Σ u_i² is Greenwood's formula. Intervals are symmetric in ln(−ln P), as the exact ones
// nearly are, and stay within 0 and 1.
//
// The interval of the median trapping time is made of order statistics, free of any law of
// these times: ranks of a binomial with p = ½, of as many trials as trapped runs are worth
// where they share instances (package confidence). An unresolved run may be trapped later: the upper end
// counts all of them so, the median none.
package growth

import (
	"context"

	"zerotohero/pipeline"
	"zerotohero/stages/contract"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/students"
)

// Kind computes growth, recovery and trapping at each N and α of one loss and method.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name:    "growth",
	Doc:     "variance of the overlap against time, its exponent, and times to recovery and to a trap",
	Reads:   []pipeline.Read{pipeline.Reads[descent]("descent")},
	Accepts: accepts,
	Cost:    cost,
	Run:     run,
})

// Params are the parameters of Kind.
type Params struct {
	confidence.Bootstrap
	PerDecade int     `param:"per_decade" default:"8" help:"times of the grid for a factor of ten"`
	Statistic string  `param:"statistic" default:"mean" help:"what σ² is taken from: mean or median of N m²"`
	Linear    float64 `param:"linear" default:"0.1" help:"root mean square of m, or its median, at which growth stops being linear response"`
	After     float64 `param:"after" default:"2" help:"time from which growth counts as late: none before enters kappa"`
	Span      float64 `param:"span" default:"10" help:"kappa is fitted over the last factor of this in time, or less"`
}

// The statistics that σ² is taken from.
const (
	mean    = "mean"
	typical = "median"
)

// statistics are those of the overlap that the parameter linear limits.
var statistics = map[string]string{mean: "root mean square", typical: "median"}

// Validate checks the parameters.
func (p Params) Validate() error {
	switch {
	case statistics[p.Statistic] == "":
		return pipeline.BadParam("statistic", "%q is unknown; known are %s and %s", p.Statistic, mean, typical)
	case p.PerDecade < 4 || p.PerDecade > 100:
		return pipeline.BadParam("per_decade", "is %d; it must be between 4 and 100", p.PerDecade)
	case !(p.Linear > 0 && p.Linear < 1):
		return pipeline.BadParam("linear", "is %v; an overlap lies between 0 and 1", p.Linear)
	case !(p.After >= 0):
		return pipeline.BadParam("after", "is %v; times start at 0", p.After)
	case !(p.Span > 1):
		return pipeline.BadParam("span", "is %v; it must be more than 1", p.Span)
	}
	return p.Bootstrap.Validate()
}

// A Row is one N and α.
type Row struct {
	N          int64   `arrow:"n" doc:"dimension"`
	Alpha      float64 `arrow:"alpha" doc:"M/N"`
	AlphaAsked float64 `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Loss       string  `arrow:"loss" doc:"name of the loss"`
	A          float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	Method     string  `arrow:"method" doc:"method of descent"`

	Runs       int64 `arrow:"runs" doc:"descents"`
	Instances  int64 `arrow:"instances" doc:"instances of these, the units of the bootstrap"`
	Recovered  int64 `arrow:"recovered"`
	Trapped    int64 `arrow:"trapped"`
	Unresolved int64 `arrow:"unresolved" doc:"censored at their end"`
	Diverged   int64 `arrow:"diverged" doc:"count as never recovered"`

	Points       []Point `arrow:"points" doc:"times of the grid, ascending, from the first that all runs have a record before"`
	Statistic    string  `arrow:"statistic" doc:"what σ² is taken from: mean or median of N m²"`
	LinearTo     float64 `arrow:"linear_to" doc:"last time of linear response; NaN if there is none"`
	LinearReason string  `arrow:"linear_reason" doc:"what ends it"`

	Growth   Growth   `arrow:"growth" doc:"the late growth of σ"`
	Recovery Recovery `arrow:"recovery" doc:"times to recovery"`
	Trapping Trapping `arrow:"trapping" doc:"times to a trap"`
}

// A Point is one time.
type Point struct {
	T        float64   `arrow:"t" doc:"time"`
	Sigma2   float64   `arrow:"sigma2" doc:"σ², the mean of N m² over runs, or from their median; of a run that has ended the last state stands"`
	Sigma2Lo float64   `arrow:"sigma2_lo" doc:"lower bootstrap percentile"`
	Sigma2Hi float64   `arrow:"sigma2_hi" doc:"upper bootstrap percentile"`
	Linear   bool      `arrow:"linear" doc:"whether this is linear response: beyond it σ² depends on N"`
	Drawn    []float64 `arrow:"drawn" doc:"ln σ² in each bootstrap resample; none beyond linear response"`
	Kappa    float64   `arrow:"kappa" doc:"d ln σ/d ln t over a factor of about 3 around t; NaN unless all of it is linear response"`
	KappaLo  float64   `arrow:"kappa_lo" doc:"lower bootstrap percentile"`
	KappaHi  float64   `arrow:"kappa_hi" doc:"upper bootstrap percentile"`

	Recovered      int64   `arrow:"recovered" doc:"runs recovered by t"`
	Trapped        int64   `arrow:"trapped" doc:"runs trapped by t"`
	AtRisk         int64   `arrow:"at_risk" doc:"runs neither recovered nor censored before t"`
	NotRecovered   float64 `arrow:"not_recovered" doc:"Kaplan-Meier estimate of P(not recovered by t)"`
	NotRecoveredLo float64 `arrow:"not_recovered_lo" doc:"lower end of its interval; NaN while no run or once every run is recovered"`
	NotRecoveredHi float64 `arrow:"not_recovered_hi" doc:"upper end of its interval; NaN likewise"`
}

// A Growth is a fit of ln σ = ln sigma + κ ln(t/t_mid) to the late linear response.
type Growth struct {
	Identified bool    `arrow:"identified" doc:"whether linear response lasts long enough for a fit"`
	Reason     string  `arrow:"reason" doc:"why it does not; all numbers are then NaN"`
	From       float64 `arrow:"from" doc:"first time of the window"`
	To         float64 `arrow:"to" doc:"last time of the window"`
	Mid        float64 `arrow:"t_mid" doc:"geometric mean of its times"`
	Sigma      float64 `arrow:"sigma" doc:"σ there, of the fit"`
	Kappa      float64 `arrow:"kappa" doc:"κ"`
	Lo         float64 `arrow:"kappa_lo" doc:"lower bootstrap percentile"`
	Hi         float64 `arrow:"kappa_hi" doc:"upper bootstrap percentile"`
	Early      float64 `arrow:"kappa_early" doc:"κ of the earlier half of the window"`
	Late       float64 `arrow:"kappa_late" doc:"κ of the later half"`
	Drift      float64 `arrow:"drift" doc:"kappa_late less kappa_early: 0 for a power of time"`
	DriftLo    float64 `arrow:"drift_lo" doc:"lower bootstrap percentile"`
	DriftHi    float64 `arrow:"drift_hi" doc:"upper bootstrap percentile"`
	Drawn      []Line  `arrow:"drawn" doc:"the fit in each bootstrap resample"`
}

// A Line is a fit to a resample.
type Line struct {
	LogSigma float64 `arrow:"log_sigma" doc:"ln σ at t_mid"`
	Kappa    float64 `arrow:"kappa" doc:"κ"`
}

// A descent is what this package reads of the artifact of that name.
type descent struct {
	Seed       int64    `arrow:"seed"`
	Start      int64    `arrow:"start"`
	N          int64    `arrow:"n"`
	Alpha      float64  `arrow:"alpha"`
	AlphaAsked float64  `arrow:"alpha_asked"`
	Loss       string   `arrow:"loss"`
	A          float64  `arrow:"a"`
	Method     string   `arrow:"method"`
	From       string   `arrow:"from"`
	Outcome    string   `arrow:"outcome"`
	T          float64  `arrow:"t"`
	Trace      []record `arrow:"trace"`
}

type record struct {
	T       float64 `arrow:"t"`
	Overlap float64 `arrow:"overlap"`
}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Row, error) {
	groups, err := read(in.Of("descent"))
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, runs := range groups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows = append(rows, reduce(p, runs))
	}
	return rows, nil
}

// reduce makes the row of one N and α from its runs, sorted by seed and start.
func reduce(p Params, runs []descent) Row {
	f := runs[0]
	row := Row{N: f.N, Alpha: f.Alpha, AlphaAsked: f.AlphaAsked, Loss: f.Loss, A: f.A, Method: f.Method,
		Runs: int64(len(runs)), Statistic: p.Statistic}
	row.count(runs)
	s := newSample(p, runs)
	row.Instances = int64(len(s.instances))
	row.follow(p, s)
	row.Growth = s.late(p, row.Points)
	times := survival(s, runs, p.Level)
	times.mark(row.Points)
	row.Recovery = times.recovery(runs)
	row.Trapping = trapping(s, runs, p)
	return row
}

// cost was measured on one core of an AMD EPYC (2025), for inputs of some tens of descents.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	var largest, files, rows float64
	for _, s := range in {
		load := students.LoadOf(append([]*pipeline.Stage{s}, s.Inputs...))
		largest = max(largest, load.Files)
		files += load.Files
		rows += load.Rows
	}
	sizes, instances := extent(in)
	resamples, times := float64(p.Resamples), 5*float64(p.PerDecade)
	seconds := 2.5e-9*files + 20e-6*rows + 8e-9*resamples*times*(rows+20*sizes)
	// One file is read at a time, and decoding it takes a copy; of a descent the trace is
	// kept. Resamples are of one size at a time, and what is drawn stays.
	return pipeline.NewCost(seconds, 62<<20+3*largest+3500*rows+16*resamples*(instances+times*(1+sizes)))
}

// extent is at how many N and α descents are, and how many instances one has at most.
func extent(descents []*pipeline.Stage) (sizes, instances float64) {
	type size struct{ n, m int }
	seeds := make(map[size]float64)
	for _, b := range contract.Blocks(descents...) {
		k := size{b.N, b.M()}
		seeds[k] += float64(b.Seeds.Len())
		instances = max(instances, seeds[k])
	}
	return float64(len(seeds)), instances
}
