package growth

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"zerotohero/pipeline"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/portable"
)

// LawKind draws what follows for large N from growth at all N and α (physics.md 2f): where
// growth ends, how trapping times scale, and the crossover between the two.
//
// # Where κ vanishes
//
// A hinge, κ(α) = s·max(0, α − α0), is fitted by weighted least squares to κ at the largest
// N of each α, with the standard deviation of resamples as error. α below α0 take part by
// how far κ is from 0. χ² says whether κ is straight above; α0 must lie between the α that
// there are. κ is of a finite time: where it still falls (drift), α0 is a lower bound.
//
// # Trapping times
//
// z(α) is the slope of a weighted line through ln(median trapping time) against ln N. The
// median is of runs that were trapped, a share that changes with N.
//
// # The crossover
//
// At N the growth of σ, which does not depend on N, has half of the runs at the overlap
// reached when 0.6745 σ(t) = reached·√N, 0.6745 being the median of |Gaussian|. The
// crossover α_c(N) is where that time is the median trapping time at N. σ is taken from the
// fit of the late growth at the largest N of the α, which is extrapolated in time if need
// be: beyond says how far. The criterion takes growth for linear response up to an overlap
// of order one; shift says how α_c moves with the constant. If σ ~ t^κ and t ~ N^z, α_c(N)
// tends to the α where κz = ½. All of this is a hypothesis that the numbers test.
//
// # Intervals
//
// Percentiles over the resamples of the inputs, which at one N hold the same instances at
// all α, and are independent between N. A resample in which what is looked for lies outside
// the α simulated leaves the interval open on that side.
var LawKind = pipeline.Define(pipeline.Definition[LawParams, LawRow]{
	Name:    "growth-law",
	Doc:     "growth exponent against α, scaling of trapping times, and the crossover that follows",
	Reads:   []pipeline.Read{pipeline.ReadsWith[size, settings]("growth")},
	Accepts: acceptsLaw,
	Cost:    lawCost,
	Run:     runLaw,
})

// LawParams are the parameters of LawKind.
type LawParams struct {
	confidence.Level
	Least   int     `param:"least" default:"64" help:"smallest N that takes part in the scaling of trapping times"`
	Grows   int     `param:"grows" default:"2" help:"smallest N whose growth counts: at a smaller one it leaves linear response early, where kappa is another"`
	Reached float64 `param:"reached" default:"0.5" help:"overlap at which a run counts as having found the signal in the crossover"`
}

// Validate checks the parameters.
func (p LawParams) Validate() error {
	switch {
	case p.Least < 2:
		return pipeline.BadParam("least", "is %d; N starts at 2", p.Least)
	case !(p.Reached > 0 && p.Reached <= 1):
		return pipeline.BadParam("reached", "is %v; an overlap lies between 0 and 1", p.Reached)
	}
	return p.Level.Validate()
}

// A LawRow is the only row of the artifact.
type LawRow struct {
	Loss   string  `arrow:"loss" doc:"name of the loss"`
	A      float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`
	Method string  `arrow:"method" doc:"method of descent"`

	Kappas     []Exponent  `arrow:"kappas" doc:"κ at each N and α, by α, then N descending: the first of an α is what the laws use, if identified"`
	Zero       Crossing    `arrow:"zero" doc:"α0 at which κ vanishes"`
	Slope      float64     `arrow:"slope" doc:"dκ/dα above it; NaN if it is not identified"`
	Chi2       float64     `arrow:"chi2" doc:"χ² of the hinge; NaN likewise"`
	Dof        int64       `arrow:"dof" doc:"α in it less 2 parameters"`
	Traps      []Exponent  `arrow:"traps" doc:"z at each α: median trapping time ~ N^z"`
	KappaZ     []Exponent  `arrow:"kappa_z" doc:"κz at each α that has both"`
	Half       Crossing    `arrow:"half" doc:"α at which κz = ½, linear between α"`
	Crossovers []Crossover `arrow:"crossovers" doc:"the crossover at each N, ascending"`
	Sizes      []Exponent  `arrow:"sizes" doc:"d ln σ²/d ln N at equal times, of the two largest N at each α: 0 if σ² does not depend on N"`
	Size       Exponent    `arrow:"size" doc:"the mean of these over α, whose own is NaN"`
}

// An Exponent is a number at one α with its error.
type Exponent struct {
	Identified bool    `arrow:"identified"`
	Reason     string  `arrow:"reason" doc:"why it is not; the numbers are then NaN"`
	Alpha      float64 `arrow:"alpha" doc:"α that was asked for"`
	N          int64   `arrow:"n" doc:"dimension, the largest if several take part; 0 if that differs"`
	Value      float64 `arrow:"value"`
	Lo         float64 `arrow:"lo" doc:"lower percentile"`
	Hi         float64 `arrow:"hi" doc:"upper percentile"`
	Error      float64 `arrow:"error" doc:"standard deviation of resamples"`
	Chi2       float64 `arrow:"chi2" doc:"χ² of the line that it is the slope of; NaN if it is of none"`
	Dof        int64   `arrow:"dof" doc:"points of the line less 2"`
	Drift      float64 `arrow:"drift" doc:"κ late in its window less κ early; NaN of other exponents"`

	drawn []float64
}

// A Crossing is an α at which a curve takes a value.
type Crossing struct {
	Identified bool    `arrow:"identified"`
	Reason     string  `arrow:"reason" doc:"why it is not"`
	Alpha      float64 `arrow:"alpha" doc:"NaN if not identified"`
	Lo         float64 `arrow:"lo" doc:"lower percentile, -Inf if the resamples leave it open; NaN without a curve"`
	Hi         float64 `arrow:"hi" doc:"upper percentile, +Inf likewise"`
	Open       int64   `arrow:"open" doc:"resamples without such an α among those simulated"`
}

// A Crossover is the crossover at one N.
type Crossover struct {
	N        int64    `arrow:"n" doc:"dimension"`
	Crossing Crossing `arrow:"crossing" doc:"α_c(N)"`
	Alphas   int64    `arrow:"alphas" doc:"α at which both growth and the median trapping time are known"`
	Beyond   float64  `arrow:"beyond" doc:"factor in time by which σ was extrapolated beyond its linear response, at the α on either side the larger; 1 if it was not"`
	Shift    float64  `arrow:"shift" doc:"by how much α_c rises if the overlap reached is e times larger"`
}

// A size is what this kind reads of an artifact of kind growth.
type size struct {
	N          int64    `arrow:"n"`
	Alpha      float64  `arrow:"alpha"`
	AlphaAsked float64  `arrow:"alpha_asked"`
	Loss       string   `arrow:"loss"`
	A          float64  `arrow:"a"`
	Method     string   `arrow:"method"`
	Points     []point  `arrow:"points"`
	Growth     late     `arrow:"growth"`
	Trapping   trapTime `arrow:"trapping"`
}

type point struct {
	T      float64   `arrow:"t"`
	Sigma2 float64   `arrow:"sigma2"`
	Drawn  []float64 `arrow:"drawn"`
}

type late struct {
	Identified bool    `arrow:"identified"`
	Reason     string  `arrow:"reason"`
	From       float64 `arrow:"from"`
	To         float64 `arrow:"to"`
	Mid        float64 `arrow:"t_mid"`
	Sigma      float64 `arrow:"sigma"`
	Kappa      float64 `arrow:"kappa"`
	Drift      float64 `arrow:"drift"`
	Drawn      []Line  `arrow:"drawn"`
}

type trapTime struct {
	Median float64   `arrow:"median"`
	Drawn  []float64 `arrow:"drawn"`
}

// settings are what is read of the parameters of growth stages.
type settings struct {
	Confidence float64 `json:"confidence"`
	Resamples  int     `json:"resamples"`
	Statistic  string  `json:"statistic"`
}

func runLaw(ctx context.Context, p LawParams, in pipeline.Inputs) ([]LawRow, error) {
	sizes, err := readSizes(p, in.Of("growth"))
	if err != nil {
		return nil, err
	}
	for i, s := range sizes {
		if s.N < int64(p.Grows) {
			sizes[i].Growth = late{Reason: fmt.Sprintf("N is less than %d, from which on growth counts here", p.Grows)}
		}
	}
	row := LawRow{Loss: sizes[0].Loss, A: sizes[0].A, Method: sizes[0].Method}
	row.kappas(p, sizes)
	row.traps(p, sizes)
	row.products(p)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	row.crossovers(p, sizes)
	row.collapse(p, sizes)
	return []LawRow{row}, nil
}

// readSizes collects the rows by (α, N descending).
func readSizes(p LawParams, in pipeline.Inputs) ([]size, error) {
	var all []size
	var first settings
	for _, i := range in {
		rows, m, err := pipeline.RowsAndParams[size, settings](i)
		if err != nil {
			return nil, err
		}
		if m.Confidence != p.Confidence || p.Rank(m.Resamples) < 1 {
			return nil, fmt.Errorf("%s has %d resamples and intervals at the level %v, this stage %v; "+
				"give both the same confidence, and enough resamples",
				i.Stage, m.Resamples, m.Confidence, p.Confidence)
		}
		if first == (settings{}) {
			first = m
		}
		if m != first {
			return nil, fmt.Errorf(
				"%s has %d resamples of the statistic %s, another input %d of %s; give both the same",
				i.Stage, m.Resamples, m.Statistic, first.Resamples, first.Statistic)
		}
		for _, s := range rows {
			if !s.sound(m.Resamples) {
				return nil, fmt.Errorf(
					"%s, N = %d, α = %v: what it has drawn are not %d resamples; run that stage again",
					i.Stage, s.N, s.AlphaAsked, m.Resamples)
			}
			all = append(all, s)
			if f := all[0]; s.Loss != f.Loss || s.A != f.A || s.Method != f.Method {
				return nil, fmt.Errorf("%s has loss %s, a = %v, method %s, and another input loss %s, a = %v, "+
					"method %s; give each combination a stage of its own",
					i.Stage, s.Loss, s.A, s.Method, f.Loss, f.A, f.Method)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the inputs hold no growth; add growth stages with descents")
	}
	order := func(a, b size) int {
		return cmp.Or(cmp.Compare(a.AlphaAsked, b.AlphaAsked), cmp.Compare(b.N, a.N))
	}
	slices.SortStableFunc(all, order)
	for k := 1; k < len(all); k++ {
		if s := all[k]; order(all[k-1], s) == 0 {
			return nil, fmt.Errorf("two rows are of N = %d, α = %v; one stage takes each once", s.N, s.AlphaAsked)
		}
	}
	return all, nil
}

// sound makes sure that there are as many resamples of everything as there should be.
func (s size) sound(resamples int) bool {
	of := func(n int, there bool) bool { return n == resamples && there || n == 0 && !there }
	ok := s.N >= 2 && !math.IsNaN(s.AlphaAsked) && of(len(s.Growth.Drawn), s.Growth.Identified) &&
		of(len(s.Trapping.Drawn), s.Trapping.Median > 0)
	for k, pt := range s.Points {
		// Linear response is a run of points from the first on.
		ok = ok && pt.T > 0 && of(len(pt.Drawn), len(pt.Drawn) > 0) && (k == 0 || pt.T > s.Points[k-1].T &&
			len(pt.Drawn) <= len(s.Points[k-1].Drawn))
	}
	return ok
}

// byAlpha cuts sizes, sorted by α, into those of one each.
func byAlpha(sizes []size) [][]size {
	var out [][]size
	for k, s := range sizes {
		if k == 0 || s.AlphaAsked != sizes[k-1].AlphaAsked {
			out = append(out, nil)
		}
		last := len(out) - 1
		out[last] = append(out[last], s)
	}
	return out
}

// lawCost was measured on one core of an AMD EPYC (2025).
func lawCost(_ LawParams, in []*pipeline.Stage) pipeline.Cost {
	var drawn float64
	for _, s := range in {
		sizes, _ := extent(pipeline.StagesOf("descent", s.Inputs))
		drawn += 40 * sizes * float64(pipeline.ParamsOf[settings](s).Resamples)
	}
	return pipeline.NewCost(5e-3+100e-9*drawn, 44<<20+40*drawn)
}

// exponent sums up a number and its resamples.
func exponent(p LawParams, value float64, drawn []float64) Exponent {
	e := Exponent{Identified: true, Value: value, drawn: drawn, Chi2: math.NaN(), Drift: math.NaN(),
		Error: stat.StdDev(drawn, nil)}
	e.Lo, e.Hi = p.Percentiles(drawn)
	return e
}

// none is an exponent that there is not.
func none(reason string) Exponent {
	nan := math.NaN()
	return Exponent{Reason: reason, Value: nan, Lo: nan, Hi: nan, Error: nan, Chi2: nan, Drift: nan}
}

func logN(n int64) float64 { return portable.Log(float64(n)) }
