// Package prediction measures what the Hessian at a time of a descent says about how the
// descent will end (physics.md 2g; the paper asks what else than the outlier does).
//
// At each time, over the descents that are still under way, a logistic regression takes the
// odds of recovery from one predictor, or from several together:
//
//	ln p/(1−p) = c_0 + Σ_k c_k (x_k − mean_k)/sd_k,
//
// mean and standard deviation being those of the descents that it is fitted to. The
// likelihood has a factor exp(−c_k²/2) for each k ≥ 1, which keeps it bounded where a
// predictor separates the outcomes, and is weak: n descents determine c to about 2/√n.
//
// # Scores
//
// Both are of descents that a regression was not fitted to: the instances, in order of their
// seeds, are dealt to so many folds, each with all its starts, and the odds in a fold come
// from the others. The score is the mean of
//
//	log2 p(outcome) − log2 p_0(outcome),
//
// p_0 the rate in the other folds: the information about the outcome, in bits a descent, of
// at most the entropy of the rate, and negative for a predictor that only adds noise. AUC is
// the share of pairs of a recovered and a trapped descent that the odds put in order, ½ for a
// predictor that says nothing; odds of several folds are compared with those at the means there. Intervals are percentiles of a bootstrap of instances, the
// regressions being kept: they do not have the spread of another fit, which is small where
// descents are many.
package prediction

import (
	"context"
	"math"

	"zerotohero/pipeline"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/students"
)

// Kind computes how well the Hessian predicts the outcome, at each N, α and time.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name:    "prediction",
	Doc:     "how well the Hessian at a time of descents predicts which of them recover",
	Reads:   []pipeline.Read{pipeline.Reads[spectrum]("hessian"), pipeline.Reads[descent]("descent")},
	Accepts: accepts,
	Cost:    cost,
	Run:     run,
})

// Params are the parameters of Kind.
type Params struct {
	confidence.Bootstrap
	Folds int `param:"folds" default:"10" help:"parts of the instances, each predicted from the others"`
}

// Validate checks the parameters.
func (p Params) Validate() error {
	if p.Folds < 2 || p.Folds > 1000 {
		return pipeline.BadParam("folds", "is %d; it must be between 2 and 1000", p.Folds)
	}
	return p.Bootstrap.Validate()
}

// A Row is one N, α and time.
type Row struct {
	N          int64   `arrow:"n" doc:"dimension"`
	Alpha      float64 `arrow:"alpha" doc:"M/N"`
	AlphaAsked float64 `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Loss       string  `arrow:"loss" doc:"name of the loss"`
	A          float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	Method     string  `arrow:"method" doc:"method of descent"`
	T          float64 `arrow:"t" doc:"time"`

	Runs      int64 `arrow:"runs" doc:"descents under way at t that recover or are trapped later"`
	Instances int64 `arrow:"instances" doc:"instances of these, the units of folds and of the bootstrap"`
	Recovered int64 `arrow:"recovered" doc:"of the runs"`
	Ended     int64 `arrow:"ended" doc:"descents left out because they had ended by t"`
	Open      int64 `arrow:"open" doc:"descents left out because they ended neither recovered nor trapped"`

	Identified bool    `arrow:"identified" doc:"whether there is something to predict, from enough descents"`
	Reason     string  `arrow:"reason" doc:"why not; the scores are then NaN"`
	Entropy    float64 `arrow:"entropy" unit:"bit" doc:"of the rate of recovery among the runs: what can be known of an outcome"`

	Predictors []Predictor `arrow:"predictors" doc:"single ones, then those together"`
}

// A Predictor is one, or several together, at one time.
type Predictor struct {
	Name  string `arrow:"name" doc:"which, see Row.Of"`
	Blind bool   `arrow:"blind" doc:"whether it can be known without the signal"`

	Mean          Estimate `arrow:"mean" doc:"over the runs; NaN for several together"`
	MeanRecovered Estimate `arrow:"mean_recovered" doc:"over those that recover"`
	MeanTrapped   Estimate `arrow:"mean_trapped" doc:"over those that are trapped"`

	Score Estimate `arrow:"score" doc:"bits a descent, beyond the rate"`
	AUC   Estimate `arrow:"auc" doc:"share of pairs that it puts in order"`
}

// An Estimate is a number with its interval.
type Estimate struct {
	Value float64 `arrow:"value"`
	Lo    float64 `arrow:"lo" doc:"lower bootstrap percentile"`
	Hi    float64 `arrow:"hi" doc:"upper bootstrap percentile"`
}

var unknown = Estimate{math.NaN(), math.NaN(), math.NaN()}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Row, error) {
	groups, err := read(in)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, g := range groups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out = append(out, p.row(g))
	}
	return out, nil
}

// row is what is to be said of one N, α and time.
func (p Params) row(g group) Row {
	d := g.first
	row := Row{N: d.N, Alpha: d.Alpha, AlphaAsked: d.AlphaAsked, Loss: d.Loss, A: d.A, Method: d.Method, T: g.t,
		Runs: int64(len(g.runs)), Ended: g.ended, Open: g.open, Entropy: math.NaN()}
	instances := g.instances()
	row.Instances = int64(instances)
	for _, r := range g.runs {
		if r.recovered {
			row.Recovered++
		}
	}
	switch least := int64(2 * p.Folds); {
	case row.Instances < least:
		row.Reason = "too few instances are under way for folds of two"
	case row.Recovered == 0:
		row.Reason = "no descent under way recovers"
	case row.Recovered == row.Runs:
		row.Reason = "every descent under way recovers"
	default:
		row.Identified = true
		row.Entropy = entropy(float64(row.Recovered) / float64(row.Runs))
	}
	draws := p.Resample("prediction", instances)
	for _, single := range predictors {
		q := Predictor{Name: single.name, Blind: single.blind, Score: unknown, AUC: unknown}
		q.Mean, q.MeanRecovered, q.MeanTrapped = p.means(g, single, draws)
		if row.Identified {
			q.Score, q.AUC = p.scores(g, []predictor{single}, draws)
		}
		row.Predictors = append(row.Predictors, q)
	}
	for _, several := range together {
		q := Predictor{Name: several.name, Blind: several.blind, Mean: unknown, MeanRecovered: unknown,
			MeanTrapped: unknown, Score: unknown, AUC: unknown}
		if row.Identified {
			q.Score, q.AUC = p.scores(g, several.of(), draws)
		}
		row.Predictors = append(row.Predictors, q)
	}
	return row
}

// cost was measured on one core of an Intel Xeon (2026): reading the spectra, and
// resampling for each time and predictor.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	var spectra, seconds, bytes float64
	for _, s := range pipeline.StagesOf("hessian", in) {
		load := students.LoadOf(s.Inputs)
		for _, b := range blocksOf(s) {
			runs := float64(b.Seeds.Len()) * load.Descents
			visits := runs * pipeline.ParamsOf[students.Selection](s).Visits(load)
			spectra += visits
			bytes += 24 * visits * float64(b.N)
		}
	}
	seconds = 0.05 + spectra*(2e-5+float64(len(predictors))*float64(p.Resamples)*2e-8)
	return pipeline.NewCost(seconds, 60<<20+bytes)
}
