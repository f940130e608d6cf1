// Package scaling extrapolates the finite-size statistics of recovery: the law by
// which α50(N) and the width of the curve move with N, how well the curves of all
// sizes collapse on one, and the crossover that the dynamics predicts (physics.md 2d
// and 3).
//
// # The laws of α50(N)
//
//	log              α∞ + c/ln N       α∞ and c fitted
//	power            α∞ + c·N^(−b)     α∞, c and b fitted, 0 < b < 5
//	log-threshold    the same two with α∞ fixed at the transition of the threshold
//	power-threshold  states, where the 1RSB theory has the gap close at last
//
// Weighted least squares: sizes are independent, since an instance of another N
// shares no random number, and α50 of one is taken as Gaussian with standard error
// (hi − lo)/2z, z being the normal quantile at the level of the bootstrap interval
// [lo, hi]. The asymmetry of an interval is not used; a note tells when it is large.
// A size whose interval is open or a point is left out, with a reason.
//
// Intervals of the parameters are profile likelihood: the values at which
// χ² exceeds its minimum by at most z², minimised over the other parameters. That is
// exact for the linear laws. For the power law the ends may be infinite: as b → 0 it
// becomes growth like ln N, with α∞ infinite, and when χ² has no minimum at a b
// inside (0,5) the values are not identified while intervals remain.
//
// # Which law
//
// Errors being known, AIC = χ² + 2k with k parameters, up to what all laws share.
// AICc adds 2k(k+1)/(n−k−1). That term corrects for an error estimated from the
// residuals, which is not the case here: AICc is given, and AIC decides.
//
// The power law imitates the logarithmic one: with a small b and free α∞ it follows
// 1/ln N over any range of N in reach within usual errors, so that its AIC exceeds that
// of the logarithm by little more than 2, the price of its third parameter, whatever
// the data. A fixed bound on ΔAIC would therefore hardly ever decide for the logarithm.
// Rivals are judged by a parametric bootstrap of ΔAIC instead (Cox 1961; Williams
// 1970): data sets are drawn from either fit, and a law is rejected when these differ
// from the data, towards the other law, at the level of the intervals. The share of
// data sets drawn from one law that would reject the other says whether they could
// have. One law is preferred when it has the lower AIC, the other is rejected, and
// data drawn from it would reject that other at least half the time; else the data do
// not decide. Of nested laws (log-threshold and log) the smaller cannot win in this
// way: undecided then says that the data are compatible with it.
//
// # The width
//
// width = w0·N^(−ν), by weighted least squares in ln width, with the standard error
// ln(hi/lo)/2z.
//
// # Collapse
//
// Two rescalings of α: by the α50 and width of each N, and by the laws "log" and of
// the width; both count x in widths. The quality S is that of Houdayer and
// Hartmann, Phys. Rev. B 70, 014418 (2004), appendix: the mean of
// (p − Y)²/(dp² + dY²) over the points for which the other sizes have points on both
// sides, Y ± dY being the straight line through these, weighted. S near 1 or below
// means that the curves agree within errors, which are half a Wilson interval over z.
// Straight lines bring a bias of about h²/80 for points h widths apart. Points with
// |x| above the window, where every curve is 0 or 1, do not count.
//
// χ² compares the rates with the logistic 1/(1+exp(−x)): Pearson's, with the
// effective trials, over points where at least one success and one failure are
// expected (Cochran). Its degrees of freedom are these points less the parameters.
//
// # The predicted crossover
//
// W(α) = ∫|λ*|dt along the null model grows with α, and for random starts α_c(N)
// solves W(α) = ½ ln N on a monotone cubic through the points (Fritsch and Butland 1984).
// The interval holds each α at which ½ ln N lies within the band of W's intervals;
// being read at one α at a time it needs no assumption on how their errors are
// correlated. Where the outlier is not lost by the last time kept, W is a lower
// bound: it bounds α_c from above and is no point of the curve. Nothing is
// extrapolated. The criterion drops a constant of order one beside ½ ln N, and a shift
// of α_c of that origin is not in the interval.
package scaling

import (
	"context"

	"zerotohero/pipeline"
	"zerotohero/stages/internal/confidence"
)

// Kind computes the laws of finite size of one loss and method.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name: "scaling",
	Doc:  "laws of α50 and width in N, rivals compared, collapse, and the crossover that the dynamics predicts",
	Reads: []pipeline.Read{
		pipeline.ReadsWith[size, level]("finitesize"),
		pipeline.Reads[transition]("theory-transition").OrNone(),
		pipeline.ReadsWith[growth, level]("dynamics").OrNone(),
	},
	Accepts: accepts,
	Cost: func(p Params, in []*pipeline.Stage) pipeline.Cost {
		// 0.06 ms a resample at four sizes, 0.2 at ten with a threshold, on one core of an
		// AMD EPYC (2025).
		return pipeline.NewCost(1e-4*float64(p.Resamples), 48<<20+1e3*float64(p.Resamples))
	},
	Run: run,
})

// Params are the parameters of Kind.
type Params struct {
	confidence.Bootstrap         // parametric: resamples are data sets drawn from each law, to compare rivals
	Least                int     `param:"least" default:"2" help:"smallest N that enters fits and collapse"`
	Window               float64 `param:"window" default:"4" help:"largest |x| that counts in the quality of a collapse, in widths"`
}

// Validate checks the parameters.
func (p Params) Validate() error {
	// The least one-sided p value (1+count)/(B+1) falls below 1 − confidence as well.
	if err := p.Bootstrap.Validate(); err != nil {
		return err
	}
	if p.Least < 2 {
		return pipeline.BadParam("least", "is %d; the laws need ln N > 0, so N of 2 at least", p.Least)
	}
	if !(p.Window > 0) {
		return pipeline.BadParam("window", "is %v; it must be positive", p.Window)
	}
	return nil
}

// A Row is the only row of the artifact.
type Row struct {
	Loss   string  `arrow:"loss" doc:"name of the loss"`
	A      float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	Method string  `arrow:"method" doc:"method of descent"`
	From   string  `arrow:"from" doc:"where descents start: random, or the estimator of spectral starts"`

	Init      float64 `arrow:"alpha_init" doc:"α of the transition at a random start; NaN without such an input"`
	Threshold float64 `arrow:"alpha_threshold" doc:"α of the transition of the threshold states; NaN without such an input"`

	Sizes       []Size       `arrow:"sizes" doc:"N ascending"`
	Models      []Model      `arrow:"models" doc:"laws of α50(N)"`
	Comparisons []Comparison `arrow:"comparisons" doc:"rivals among these"`
	Preferred   string       `arrow:"preferred" doc:"log or power if the data decide, else undecided: the first comparison's"`
	DeltaAIC    float64      `arrow:"delta_aic" doc:"AIC of power less that of log, positive if log is better; NaN if either has no fit"`
	Reason      string       `arrow:"reason" doc:"why the data do not decide; empty if they do"`
	WidthLaw    Model        `arrow:"width_law" doc:"law of width(N)"`

	Collapse    Collapse `arrow:"collapse" doc:"x = (α − alpha50(N))/width(N)"`
	CollapseLaw Collapse `arrow:"collapse_law" doc:"x = (α − α∞ − c/ln N)·N^ν/w0, by the laws log and of the width"`

	Notes []string `arrow:"notes" doc:"what a reader of these numbers should know"`
}

// A Size is one N.
type Size struct {
	N       int64   `arrow:"n" doc:"dimension"`
	Alpha50 float64 `arrow:"alpha50" doc:"α at which half of the descents recover; NaN, as the five columns that follow, if not identified"`
	Lo      float64 `arrow:"lo" doc:"lower end of its interval"`
	Hi      float64 `arrow:"hi" doc:"upper end of its interval"`
	Width   float64 `arrow:"width" doc:"width of the logistic curve"`
	WidthLo float64 `arrow:"width_lo" doc:"lower end of its interval"`
	WidthHi float64 `arrow:"width_hi" doc:"upper end of its interval"`

	Used        bool   `arrow:"used" doc:"whether alpha50 enters the laws"`
	Reason      string `arrow:"reason" doc:"why it does not"`
	WidthUsed   bool   `arrow:"width_used" doc:"whether the width enters its law"`
	WidthReason string `arrow:"width_reason" doc:"why it does not"`

	Predicted           float64 `arrow:"predicted" doc:"α_c with W(α_c) = ½ ln N; NaN if not identified"`
	PredictedLo         float64 `arrow:"predicted_lo" doc:"lower end of its interval, -Inf if the α simulated leave it open; NaN without dynamics"`
	PredictedHi         float64 `arrow:"predicted_hi" doc:"upper end of its interval, +Inf if the α simulated leave it open; NaN without dynamics"`
	PredictedIdentified bool    `arrow:"predicted_identified" doc:"whether W crosses ½ ln N once among the α simulated"`
	PredictedReason     string  `arrow:"predicted_reason" doc:"why it is not identified"`
	PredictedGrid       float64 `arrow:"predicted_grid" doc:"how far predicted moves when straight lines replace the cubic: what the grid of α leaves uncertain"`
}

// A Model is a fitted law.
type Model struct {
	Name       string      `arrow:"name"`
	Formula    string      `arrow:"formula"`
	Identified bool        `arrow:"identified" doc:"whether χ² has a minimum that fixes all parameters"`
	Reason     string      `arrow:"reason" doc:"why it has none; the values of the parameters are then NaN"`
	Parameters []Parameter `arrow:"parameters" doc:"those fitted"`
	Chi2       float64     `arrow:"chi2" doc:"χ² at its minimum, or its infimum; NaN with fewer sizes than parameters"`
	Dof        int64       `arrow:"dof" doc:"sizes less parameters"`
	P          float64     `arrow:"p" doc:"probability of a χ² as large if the law holds, from data sets drawn from the fit; NaN if dof < 1 or not computed"`
	AIC        float64     `arrow:"aic" doc:"χ² + 2k for k parameters"`
	AICc       float64     `arrow:"aicc" doc:"AIC + 2k(k+1)/(n−k−1) for n sizes; NaN for n ≤ k+1"`
}

// A Parameter is a fitted number with its profile-likelihood interval.
type Parameter struct {
	Name  string  `arrow:"name"`
	Value float64 `arrow:"value" doc:"NaN if not identified"`
	Lo    float64 `arrow:"lo" doc:"lower end; can be infinite"`
	Hi    float64 `arrow:"hi" doc:"upper end; can be infinite"`
}

// A Comparison is of two laws on the same data.
type Comparison struct {
	First     string  `arrow:"first" doc:"name of the one law"`
	Second    string  `arrow:"second" doc:"name of the other"`
	DeltaAIC  float64 `arrow:"delta_aic" doc:"AIC of the second less that of the first"`
	DeltaAICc float64 `arrow:"delta_aicc" doc:"the same of AICc; NaN where one of them is"`
	PFirst    float64 `arrow:"p_first" doc:"share of data sets drawn from the first whose delta_aic is at most this one: small rejects the first"`
	PSecond   float64 `arrow:"p_second" doc:"share of data sets drawn from the second whose delta_aic is at least this one: small rejects the second"`
	TellFirst float64 `arrow:"tell_first" doc:"share of data sets drawn from the first that reject the second"`
	TellOther float64 `arrow:"tell_second" doc:"share of data sets drawn from the second that reject the first"`
	Preferred string  `arrow:"preferred" doc:"name of a law, or undecided"`
	Reason    string  `arrow:"reason" doc:"why undecided"`
}

// A Collapse is all rates against a rescaled α.
type Collapse struct {
	Identified bool    `arrow:"identified" doc:"whether there is an x"`
	Reason     string  `arrow:"reason" doc:"why the collapse, S or χ² is missing"`
	Quality    float64 `arrow:"quality" doc:"S of Houdayer and Hartmann; NaN without points to compare"`
	Compared   int64   `arrow:"compared" doc:"points in S"`
	Chi2       float64 `arrow:"chi2" doc:"Pearson's χ² of the rates about 1/(1+exp(−x))"`
	Dof        int64   `arrow:"dof" doc:"points in it less parameters"`
	Reduced    float64 `arrow:"reduced" doc:"chi2/dof; NaN if dof < 1"`
	Points     []Point `arrow:"points" doc:"by N, then α"`
}

// A Point is a rate at one N and α.
type Point struct {
	N  int64   `arrow:"n" doc:"dimension"`
	X  float64 `arrow:"x" doc:"rescaled α, in widths"`
	P  float64 `arrow:"p" doc:"rate of recovery"`
	Lo float64 `arrow:"lo" doc:"lower end of its Wilson interval"`
	Hi float64 `arrow:"hi" doc:"upper end of its Wilson interval"`
}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Row, error) {
	row, sizes, err := read(p, in)
	if err != nil {
		return nil, err
	}
	z := p.Z()
	data := row.locations(p, z)
	laws := lawsOf(row.Threshold)
	row.Models = make([]Model, len(laws))
	for i, l := range laws {
		row.Models[i] = l.model(data, z)
	}
	if err := compare(ctx, p, laws, data, &row); err != nil {
		return nil, err
	}
	row.WidthLaw = widthLaw(row.widths(p, z), z)
	row.Collapse = collapse(p, z, sizes, row.own())
	row.CollapseLaw = collapse(p, z, sizes, row.law())
	row.remark()
	return []Row{row}, nil
}
