// Package comparison compares methods of descent on the same instances, from the same starts:
// recovery beside a reference method with paired intervals, cost in passes over X, and the
// overlap that each has at the time when the null model loses the outlier (physics.md 2i).
package comparison

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/descent/sgd"
	"zerotohero/stages/finitesize"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/students"
)

// Kind compares the methods among its inputs.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name: "comparison",
	Doc:  "methods of descent on the same instances from the same starts: recovery beside a reference, cost, early overlap",
	Reads: []pipeline.Read{pipeline.ReadsWith[descent, MethodParams]("descent"),
		pipeline.Reads[nullRow]("dynamics").OrNone()},
	Accepts: accepts,
	Cost:    cost,
	Run:     run,
})

// Params are the parameters of Kind.
type Params struct {
	confidence.Bootstrap
	Reference string `param:"reference" default:"flow" help:"method that the others are compared with"`
}

// MethodParams are the parameters of methods by which variants of one are told apart; what a
// method does not have is 0.
type MethodParams struct {
	Method      string  `json:"method"`
	Eta         float64 `json:"eta"`
	Momentum    float64 `json:"momentum"`
	Fraction    float64 `json:"fraction"`
	Temperature float64 `json:"temperature"`
	Decay       float64 `json:"decay"`
	Until       float64 `json:"until"`
	TKick       float64 `json:"t_kick"`
	Length      float64 `json:"length"`
}

// A Row is one method at one N.
type Row struct {
	N         int64   `arrow:"n" doc:"dimension"`
	Loss      string  `arrow:"loss" doc:"name of the loss"`
	A         float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	From      string  `arrow:"from" doc:"where descents start: random, or the estimator of spectral starts"`
	Method    string  `arrow:"method" doc:"method of descent"`
	Reference bool    `arrow:"reference" doc:"whether it is the one that the others are compared with"`

	Eta         float64 `arrow:"eta" doc:"parameter eta of the method, 0 if it has none, as the seven that follow"`
	Momentum    float64 `arrow:"momentum"`
	Fraction    float64 `arrow:"fraction"`
	Temperature float64 `arrow:"temperature"`
	Decay       float64 `arrow:"decay"`
	Until       float64 `arrow:"until"`
	TKick       float64 `arrow:"t_kick"`
	Length      float64 `arrow:"length"`

	Identified bool    `arrow:"identified" doc:"the logistic curve in α is determined, as of kind finitesize"`
	Reason     string  `arrow:"reason" doc:"why it is not; empty if it is"`
	Alpha50    float64 `arrow:"alpha50" doc:"α at which the curve is 1/2; NaN, as the five columns that follow, if not identified"`
	Alpha50Lo  float64 `arrow:"alpha50_lo" doc:"lower bootstrap percentile"`
	Alpha50Hi  float64 `arrow:"alpha50_hi" doc:"upper bootstrap percentile"`
	Width      float64 `arrow:"width" doc:"width of P = 1/(1+exp(−(α−alpha50)/width))"`
	WidthLo    float64 `arrow:"width_lo" doc:"lower bootstrap percentile"`
	WidthHi    float64 `arrow:"width_hi" doc:"upper bootstrap percentile"`

	Pairs         int64   `arrow:"pairs" doc:"starts from which both the method and the reference were resolved; 0 for the reference"`
	Only          int64   `arrow:"only" doc:"of these, those from which only the method recovers"`
	OnlyReference int64   `arrow:"only_reference" doc:"those from which only the reference does"`
	Shift         float64 `arrow:"shift" doc:"alpha50 less that of the reference, both from the pairs; NaN if one is not identified"`
	ShiftLo       float64 `arrow:"shift_lo" doc:"lower percentile over resampled instances, -Inf if they leave it open"`
	ShiftHi       float64 `arrow:"shift_hi" doc:"upper percentile, +Inf if they leave it open"`
	Gain          float64 `arrow:"gain" doc:"share recovered of the pairs, less that of the reference"`
	GainLo        float64 `arrow:"gain_lo" doc:"lower percentile over resampled instances"`
	GainHi        float64 `arrow:"gain_hi" doc:"upper percentile"`

	PassesRecovered Passes  `arrow:"passes_recovered" doc:"passes over X to recovery, over all α; a batch of sgd is its share of one"`
	PassesTrapped   Passes  `arrow:"passes_trapped" doc:"passes over X to a trap"`
	Points          []Point `arrow:"points" doc:"α ascending"`
}

// Passes is a distribution of numbers of passes over X; NaN without descents.
type Passes struct {
	Descents int64   `arrow:"descents"`
	Median   float64 `arrow:"median"`
	Lo       float64 `arrow:"lo" doc:"that a tenth take fewer than"`
	Hi       float64 `arrow:"hi" doc:"that a tenth take more than"`
}

// A Point is one α: the rate of recovery, and the overlap when the outlier is lost.
type Point struct {
	Alpha      float64 `arrow:"alpha" doc:"M/N"`
	AlphaAsked float64 `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Trials     int64   `arrow:"trials" doc:"resolved descents"`
	Recovered  int64   `arrow:"recovered"`
	Unresolved int64   `arrow:"unresolved"`
	P          float64 `arrow:"p" doc:"recovered/trials; NaN without trials"`
	Lo         float64 `arrow:"lo" doc:"lower end of the Wilson interval of p"`
	Hi         float64 `arrow:"hi" doc:"upper end of the Wilson interval of p"`

	TBBP      float64 `arrow:"t_bbp" doc:"time at which the null model loses the outlier, of its largest N; NaN if not known at this α, +Inf if never"`
	Overlap   float64 `arrow:"overlap" doc:"root mean square overlap at t_bbp, over all descents, between records of the trace linear in t; NaN without t_bbp"`
	OverlapLo float64 `arrow:"overlap_lo" doc:"lower percentile over resampled instances"`
	OverlapHi float64 `arrow:"overlap_hi" doc:"upper percentile"`
}

// A descent is what is read of a descent.
type descent struct {
	Seed        int64    `arrow:"seed"`
	Start       int64    `arrow:"start"`
	N           int64    `arrow:"n"`
	M           int64    `arrow:"m"`
	Alpha       float64  `arrow:"alpha"`
	AlphaAsked  float64  `arrow:"alpha_asked"`
	Loss        string   `arrow:"loss"`
	A           float64  `arrow:"a"`
	Method      string   `arrow:"method"`
	From        string   `arrow:"from"`
	Outcome     string   `arrow:"outcome"`
	Steps       int64    `arrow:"steps"`
	Evaluations int64    `arrow:"evaluations"`
	Trace       []record `arrow:"trace"`
}

type record struct {
	T       float64 `arrow:"t"`
	Overlap float64 `arrow:"overlap"`
}

// A nullRow is what is read of the null model.
type nullRow struct {
	N          int64   `arrow:"n"`
	AlphaAsked float64 `arrow:"alpha_asked"`
	Loss       string  `arrow:"loss"`
	A          float64 `arrow:"a"`
	TBBP       float64 `arrow:"t_bbp"`
}

// trial is what statistics of outcomes need.
func (d descent) trial() finitesize.Trial {
	return finitesize.Trial{Seed: d.Seed, Start: d.Start, N: d.N, Alpha: d.Alpha, AlphaAsked: d.AlphaAsked,
		Loss: d.Loss, A: d.A,
		Method: d.Method, From: d.From, Outcome: d.Outcome}
}

// A contender is one method with its parameters at one N, its descents sorted by seed, α and
// start.
type contender struct {
	MethodParams
	descents []descent
}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Row, error) {
	all, err := contenders(in.Of("descent"))
	if err != nil {
		return nil, err
	}
	lost, err := timesOfLoss(in.Of("dynamics"))
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, c := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all, func(r contender) bool { return r.Method == p.Reference && r.n() == c.n() })
		if i < 0 {
			return nil, fmt.Errorf("no descent at N = %d is by the method %s, which is the reference; add a family of it "+
				"on these instances", c.n(), p.Reference)
		}
		out = append(out, c.compare(p, all[i], lost))
	}
	return out, nil
}

func (c contender) n() int64 { return c.descents[0].N }

// contenders are the methods among the inputs in their order, N ascending.
func contenders(in pipeline.Inputs) ([]contender, error) {
	var out []contender
	for _, i := range in {
		rows, params, err := pipeline.RowsAndParams[descent, MethodParams](i)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			k := slices.IndexFunc(out, func(c contender) bool { return c.MethodParams == params && c.n() == d.N })
			if k < 0 {
				k, out = len(out), append(out, contender{MethodParams: params})
			}
			out[k].descents = append(out[k].descents, d)
		}
	}
	for _, c := range out {
		slices.SortStableFunc(c.descents, func(a, b descent) int { return a.order(b) })
		for k, d := range c.descents {
			if k > 0 && d.order(c.descents[k-1]) == 0 {
				return nil, fmt.Errorf("two descents by %s are on the instance of N = %d, α = %v, seed %d from start %d; "+
					"give each once", c.Method, d.N, d.Alpha, d.Seed, d.Start)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b contender) int { return cmp.Compare(a.n(), b.n()) })
	if len(out) == 0 {
		return nil, fmt.Errorf("the inputs hold no descents; add descent stages with seeds")
	}
	return out, nil
}

func (d descent) order(b descent) int {
	return cmp.Or(cmp.Compare(d.Seed, b.Seed), cmp.Compare(d.Alpha, b.Alpha), cmp.Compare(d.Start, b.Start))
}

// timesOfLoss are the t_BBP of the null model for each loss and α, of the largest N.
func timesOfLoss(in pipeline.Inputs) (map[nullRow]float64, error) {
	times, largest := make(map[nullRow]float64), make(map[nullRow]int64)
	for _, i := range in {
		rows, err := pipeline.Rows[nullRow](i)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			k := nullRow{AlphaAsked: r.AlphaAsked, Loss: r.Loss, A: r.A}
			if r.N > largest[k] {
				largest[k], times[k] = r.N, r.TBBP
			}
		}
	}
	return times, nil
}

// passes is how many passes over X a descent took.
func (c contender) passes(d descent) float64 {
	if c.Method != "sgd" {
		return float64(d.Evaluations)
	}
	p := sgd.Params{Eta: c.Eta, Fraction: c.Fraction}
	p.Until = c.Until
	return p.Passes(int(d.M), d.Steps, d.Evaluations)
}

// cost is that of as many resamples as of kind finitesize, thrice, and of reading.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	var largest, files, rows float64
	for _, s := range pipeline.StagesOf("descent", in) {
		load := students.LoadOf(append(slices.Clip(s.Inputs), s))
		largest = max(largest, load.Files)
		files += load.Files
		rows += load.Rows
	}
	return pipeline.NewCost(40e-9*rows*float64(p.Resamples)+2.5e-9*files, 64<<20+3*largest+3000*rows)
}
