// Package dynamics follows the spectrum of the Hessian along descents of the null
// model, and finds the transitions that the dynamics itself meets (physics.md 2c
// and 2d).
//
// # The law of labels at a time
//
// In the null model the labels y_i are independent of X: there is no signal to
// drift towards, and a large system stays on the equator for ever. The labels
// (y_i, ŷ_i) of its runs at time t are a sample of the law P(y,ŷ) of the N→∞
// dynamics at overlap m = 0. The direction of a signal, were there one, would be
// orthogonal to the student: y_⊥ = y. Everything of physics.md 2 follows from that
// law: the bulk edge λ₋, the outlier λ* with its overlap q², and D at the edge,
// which is negative while the outlier exists.
//
// # The end of the branch
//
// Left of the bulk g runs up to −1/inf s. The infimum meant is that of the law, not
// that of ℓ″ over the plane (−2 for ℓ_a): descent removes the labels of lowest
// curvature, until in a trapped state 1+χs > 0 for all of them, with χ above ½ for ℓ_1
// below α = 4. So it is the lowest s among the labels. With ℓ″'s own infimum the edge
// of trapped states at α = 2 would be −0.5, with theirs it is −0.06 at N = 500 and closes
// in on 0, the marginality of 1RSB, as N grows.
//
// While A(g) = 1 well before that end, and so up to t_BBP of ℓ_1 and at its transition,
// nothing depends on it. Where it does, the column tail is not small: the share of A
// that the labels of lowest s hold. λ₋ is stationary in g and suffers little. D is not: if
// the law's edge is smooth (a random start with a ≥ 2 at small α), D from a sample lies
// below the law's, by an amount that falls only slowly as labels are added. Of a random
// start the exact values are known (theory-density). At a random start of the plain loss
// the bulk has no edge at all, and what is reported for one moves with the number of
// labels.
//
// # Errors
//
// Intervals are percentiles of a bootstrap of whole instances, each with all its
// starts at all times. A resample draws K−1 of the K instances, which makes the
// variance of a mean unbiased (Rao and Wu 1988); drawing K would make it too small by
// the factor 1−1/K. For K below 10 percentiles remain somewhat too narrow, as
// normal quantiles are in place of Student's. An error of finite N is not in them.
//
// Where the signal sits in the spectrum takes an integral of some hundred solutions, too dear
// for each resample. The weights of resamples are taken to first order in the law of labels,
// by the derivatives that come with the integral.
//
// The stream of a resample depends on the seeds of the instances alone. Stages with
// the same seeds at other α therefore resample the same instances, which share rows
// of X, and [TransitionKind] uses that.
package dynamics

import (
	"context"
	"fmt"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/loss"
	"zerotohero/stages/students"
)

// Kind computes the spectrum along descents of the null model at one N and α.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name: "dynamics",
	Doc:  "edge and outlier of the Hessian along descents of the null model, and their trapped state beside 1RSB",
	Reads: []pipeline.Read{pipeline.ReadsWith[students.Descent, students.Keep]("descent"),
		pipeline.ReadsWith[instance.Instance, model]("instance")},
	Accepts: accepts,
	Cost:    cost,
	Run:     run,
})

// Params are the parameters of Kind. The times are those at which the descents kept
// students.
type Params struct {
	Loss   loss.Choice `param:"loss" default:"ell" help:"the loss; that of the descent"`
	Shares []float64   `param:"shares" default:"0.01" help:"shares of all eigenvalues, the lowest, at which the weight of the signal is found"`
	confidence.Bootstrap
}

// Validate checks the shares.
func (p Params) Validate() error {
	for _, s := range p.Shares {
		if !(s > 0 && s < 1) {
			return pipeline.BadParam("shares", "holds %v, which is not between 0 and 1", s)
		}
	}
	return p.Bootstrap.Validate()
}

// A Row is the only row of the artifact.
type Row struct {
	N          int64   `arrow:"n" doc:"dimension"`
	Alpha      float64 `arrow:"alpha" doc:"M/N"`
	AlphaAsked float64 `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Loss       string  `arrow:"loss" doc:"name of the loss"`
	A          float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	Method     string  `arrow:"method" doc:"method of descent"`

	Runs       int64 `arrow:"runs" doc:"descents used"`
	Instances  int64 `arrow:"instances" doc:"instances of these, the units of the bootstrap"`
	Unresolved int64 `arrow:"unresolved" doc:"descents left out because they ran out of budget before the last time asked for"`
	Diverged   int64 `arrow:"diverged" doc:"descents left out because the loss stopped being finite"`
	Recovered  int64 `arrow:"recovered" doc:"descents left out because they ran into the signal by chance, as happens at very small N"`

	Times []State `arrow:"times" doc:"the states at the times kept, ascending"`

	Lost     bool    `arrow:"lost" doc:"whether the outlier is lost by the last of the times, or by the trapped state if that is later"`
	TBBP     float64 `arrow:"t_bbp" doc:"first time with D ≥ 0 at the edge, D being linear between times; +Inf if the outlier is never lost"`
	TBBPLo   float64 `arrow:"t_bbp_lo" doc:"lower bootstrap percentile"`
	TBBPHi   float64 `arrow:"t_bbp_hi" doc:"upper bootstrap percentile, +Inf if resamples never lose the outlier"`
	TBBPGrid float64 `arrow:"t_bbp_grid" doc:"how far t_bbp moves when every other time is left out"`
	W        float64 `arrow:"w" doc:"W = ∫|λ*|dt up to t_bbp, trapezoids between times; up to the end if the outlier is never lost"`
	WLo      float64 `arrow:"w_lo" doc:"lower bootstrap percentile"`
	WHi      float64 `arrow:"w_hi" doc:"upper bootstrap percentile"`
	WGrid    float64 `arrow:"w_grid" doc:"how far W moves when every other time is left out; the error of W is about a third"`

	TrappedRuns int64 `arrow:"trapped_runs" doc:"descents among those used that ended trapped"`
	Trapped     State `arrow:"trapped" doc:"the state at the end of these, t being their mean time; NaN if there are none"`

	Threshold Threshold  `arrow:"threshold" doc:"the 1RSB threshold state at this α"`
	Labels    []Marginal `arrow:"labels" doc:"marginals of the labels of trapped runs beside those of 1RSB; none if there is no threshold state, or if X is deferred"`
}

// A State is the spectrum of the Hessian for the labels of all runs at one time.
type State struct {
	T      float64 `arrow:"t" doc:"time"`
	Energy float64 `arrow:"energy" doc:"L/N"`
	Mu     float64 `arrow:"mu" doc:"radial multiplier μ"`

	Edge     float64 `arrow:"edge" doc:"left edge λ₋ of the bulk"`
	EdgeLo   float64 `arrow:"edge_lo" doc:"lower bootstrap percentile"`
	EdgeHi   float64 `arrow:"edge_hi" doc:"upper bootstrap percentile"`
	EdgeKind string  `arrow:"edge_kind" doc:"sharp, or atom if no label has negative ℓ″"`
	Tail     float64 `arrow:"tail" doc:"share of A at the edge that the labels of lowest ℓ″ hold, a single one as a rule; if not small, D belongs to the sample and not to the law"`

	D   float64 `arrow:"d_edge" doc:"D(g) at the edge, negative with an outlier"`
	DLo float64 `arrow:"d_lo" doc:"lower bootstrap percentile"`
	DHi float64 `arrow:"d_hi" doc:"upper bootstrap percentile"`

	DResampled []float64 `arrow:"d_resampled" doc:"D at the edge in each bootstrap resample"`

	Outlier      bool    `arrow:"outlier" doc:"whether an eigenvalue along the signal would lie below the bulk"`
	LambdaStar   float64 `arrow:"lambda_star" doc:"that eigenvalue λ*; λ₋, into which it has gone, if there is none"`
	LambdaStarLo float64 `arrow:"lambda_star_lo" doc:"lower bootstrap percentile"`
	LambdaStarHi float64 `arrow:"lambda_star_hi" doc:"upper bootstrap percentile"`
	Q2           float64 `arrow:"q2" doc:"squared overlap (v·w*)²/N of its eigenvector with the signal; 0 without outlier"`
	Q2Lo         float64 `arrow:"q2_lo" doc:"lower bootstrap percentile"`
	Q2Hi         float64 `arrow:"q2_hi" doc:"upper bootstrap percentile"`

	BelowZero   float64  `arrow:"below_zero" doc:"weight of the signal, Σ(v·w*)²/N, at eigenvalues below 0"`
	BelowZeroLo float64  `arrow:"below_zero_lo" doc:"lower percentile of a bootstrap that is linear in the law of labels"`
	BelowZeroHi float64  `arrow:"below_zero_hi" doc:"upper one"`
	Lowest      []Lowest `arrow:"lowest" doc:"that weight at the lowest eigenvalues, for each of the shares asked for"`
}

// A Lowest is the weight of the signal at the lowest eigenvalues.
type Lowest struct {
	Share  float64 `arrow:"share" doc:"share of all eigenvalues"`
	UpTo   float64 `arrow:"up_to" doc:"eigenvalue that they reach up to"`
	Weight float64 `arrow:"weight" doc:"weight of the signal there, that of an outlier below included"`
	Lo     float64 `arrow:"lo" doc:"lower percentile of a bootstrap that is linear in the law of labels"`
	Hi     float64 `arrow:"hi" doc:"upper one"`
}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Row, error) {
	l, err := p.Loss.New()
	if err != nil {
		return nil, err
	}
	instances, err := readInstances(in.Of("instance"))
	if err != nil {
		return nil, err
	}
	descents, times, err := readDescents(p, in.Of("descent"))
	if err != nil {
		return nil, err
	}
	used, row := choose(descents, times)
	row.Loss, row.A = loss.Label(p.Loss), loss.A(p.Loss)
	r, err := reduce(ctx, l, used, instances, times)
	if err != nil {
		return nil, err
	}
	row.Instances = int64(len(r.along))
	if row.Instances < 2 {
		return nil, fmt.Errorf("%d descents on %d instances can be used, %d unresolved, "+
			"%d diverged and %d recovered ones are left out; "+
			"a bootstrap needs at least 2 instances: add seeds, or raise the budget of the descents",
			row.Runs, row.Instances, row.Unresolved, row.Diverged, row.Recovered)
	}
	end, err := row.end(ctx, p, l, r)
	if err != nil {
		return nil, err
	}
	if err := row.follow(ctx, p, l, r, times, end); err != nil {
		return nil, err
	}
	return []Row{row}, nil
}

// cost was measured on one core of an AMD EPYC (2025) between N = 250 and 2000.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	load := students.LoadOf(in)
	times := load.Kept + 1
	seconds := 0.1 + times*(float64(p.Resamples)*4e-4+float64(1+len(p.Shares))*5e-3)
	var matrix, sketches float64
	for _, q := range instance.ParamsOf(in) {
		n, m, descents := float64(q.N), float64(q.M()), float64(q.Seeds.Len())*load.Descents
		if q.Deferred() {
			sketches += descents * 64 * times * 1000
			continue
		}
		// X is drawn and hashed again, multiplied by the students, and their labels sorted.
		seconds += float64(q.Seeds.Len())*5e-9*m*n + descents*times*m*(3e-7+0.13e-9*n)
		matrix = max(matrix, 4*m*n+8*load.Descents*times*m)
		// Some 1000 nodes, or all labels where they are fewer.
		sketches += descents * (64*times*min(m, 1000) + 32*m)
	}
	return pipeline.NewCost(seconds, 56<<20+load.Bytes+matrix+sketches)
}
