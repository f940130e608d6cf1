package dynamics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"zerotohero/pipeline"
	"zerotohero/stages/internal/confidence"
	"zerotohero/stages/internal/line"
)

// TransitionParams are the parameters of TransitionKind.
type TransitionParams struct {
	confidence.Level
	Window float64 `param:"window" default:"0.12" help:"alpha farther than this share of it from the crossing of D take no part in the fit"`
}

// Validate checks the parameters.
func (p TransitionParams) Validate() error {
	if err := p.Level.Validate(); err != nil {
		return err
	}
	if !(p.Window > 0) {
		return pipeline.BadParam("window", "is %v; it must be positive", p.Window)
	}
	return nil
}

// TransitionKind finds the α beyond which descents of the null model end in states
// with an outlier along the signal: α_BBP^TS by the dynamics (physics.md 2c).
//
// D at the edge of the trapped states is fitted by a line in α around where it changes
// sign, with weights 1/σ² of the bootstrap; the line's zero is the
// transition. In 1RSB the slope of D for ℓ_1 changes by a tenth between α = 6 and 7.2,
// which moves the zero of a line by less than 0.01. The error is that of sampling:
// each resample is fitted anew, and where the stages have the same seeds a resample
// holds the same instances at all α. It does not contain the effect of finite N, to be
// judged from rows of different N: for ℓ_1, over 32 runs an α, the zero is at 6.24 ± 0.07 for N = 250 and
// at 6.39 ± 0.04 for N = 500.
var TransitionKind = pipeline.Define(pipeline.Definition[TransitionParams, TransitionRow]{
	Name:    "dynamics-transition",
	Doc:     "the α at which the outlier along the signal appears in trapped states of the null model",
	Reads:   []pipeline.Read{pipeline.Reads[trapped]("dynamics")},
	Accepts: acceptsTransition,
	Cost: func(TransitionParams, []*pipeline.Stage) pipeline.Cost {
		return pipeline.NewCost(1e-3, 48<<20)
	},
	Run: runTransition,
})

// A TransitionRow is one N.
type TransitionRow struct {
	N    int64   `arrow:"n" doc:"dimension"`
	Loss string  `arrow:"loss" doc:"name of the loss"`
	A    float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`

	Identified bool    `arrow:"identified" doc:"D falls through zero within the α simulated, and so does the line"`
	Reason     string  `arrow:"reason" doc:"why the transition is not identified; empty if it is"`
	Alpha      float64 `arrow:"alpha" doc:"zero of the line; NaN, as the five columns that follow, if not identified"`
	Error      float64 `arrow:"error" doc:"standard error: half the distance of the 16th and 84th bootstrap percentiles"`
	Lo         float64 `arrow:"lo" doc:"lower bootstrap percentile, -Inf if the resamples leave it open"`
	Hi         float64 `arrow:"hi" doc:"upper bootstrap percentile, +Inf if the resamples leave it open"`
	Slope      float64 `arrow:"slope" doc:"of the line, dD/dα"`
	ChiSquare  float64 `arrow:"chi_square" doc:"Σ (residual/σ)² of the line, to be compared with the number of α less 2; the α are taken as independent"`

	Points []TransitionPoint `arrow:"points" doc:"the α, ascending"`
}

// A TransitionPoint is one α.
type TransitionPoint struct {
	Alpha      float64 `arrow:"alpha" doc:"M/N"`
	AlphaAsked float64 `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Runs       int64   `arrow:"runs" doc:"trapped descents"`
	D          float64 `arrow:"d" doc:"D at the edge of the trapped state"`
	DLo        float64 `arrow:"d_lo" doc:"lower bootstrap percentile"`
	DHi        float64 `arrow:"d_hi" doc:"upper bootstrap percentile"`
	Error      float64 `arrow:"error" doc:"standard deviation σ over resamples"`
	Energy     float64 `arrow:"energy" doc:"L/N of the trapped state"`
	Fitted     bool    `arrow:"fitted" doc:"whether it takes part in the line"`
	Theory     float64 `arrow:"theory" doc:"D of the 1RSB threshold state; NaN if there is none"`
}

// A trapped is what this kind reads of an artifact of kind dynamics.
type trapped struct {
	N           int64         `arrow:"n"`
	Alpha       float64       `arrow:"alpha"`
	AlphaAsked  float64       `arrow:"alpha_asked"`
	Loss        string        `arrow:"loss"`
	A           float64       `arrow:"a"`
	Method      string        `arrow:"method"`
	TrappedRuns int64         `arrow:"trapped_runs"`
	Trapped     trappedState  `arrow:"trapped"`
	TrappedD    []float64     `arrow:"trapped_d"`
	Threshold   trappedIn1RSB `arrow:"threshold"`
}

type trappedState struct {
	Energy float64 `arrow:"energy"`
	D      float64 `arrow:"d_edge"`
	DLo    float64 `arrow:"d_lo"`
	DHi    float64 `arrow:"d_hi"`
}

type trappedIn1RSB struct {
	Found bool    `arrow:"found"`
	D     float64 `arrow:"d"`
}

func runTransition(_ context.Context, p TransitionParams, in pipeline.Inputs) ([]TransitionRow, error) {
	type source struct {
		trapped
		stage string
	}
	var all []source
	for _, i := range in.Of("dynamics") {
		rows, err := pipeline.Rows[trapped](i)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			all = append(all, source{r, i.Stage})
			if f := all[0]; r.Loss != f.Loss || r.A != f.A || r.Method != f.Method {
				return nil, fmt.Errorf("%s has loss %s, a = %v, method %s, and %s has loss %s, a = %v, method %s; "+
					"give each a stage of its own",
					i.Stage, r.Loss, r.A, r.Method, f.stage, f.Loss, f.A, f.Method)
			}
		}
	}
	order := func(a, b source) int { return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.Alpha, b.Alpha)) }
	slices.SortStableFunc(all, order)
	var rows []TransitionRow
	for i := 0; i < len(all); {
		var of []trapped
		for first := i; i < len(all) && all[i].N == all[first].N; i++ {
			if i > first && order(all[i-1], all[i]) == 0 {
				return nil, fmt.Errorf("%s and %s are both at N = %d, alpha = %v; one stage takes each once",
					all[i-1].stage, all[i].stage, all[i].N, all[i].Alpha)
			}
			of = append(of, all[i].trapped)
		}
		rows = append(rows, transition(p, of))
	}
	return rows, nil
}

// samples are D against α, ascending, with the resamples of each.
type samples struct {
	points []line.Point
	drawn  [][]float64
}

// transition makes the row of one N from its states, α ascending.
func transition(p TransitionParams, states []trapped) TransitionRow {
	nan := math.NaN()
	row := TransitionRow{
		N: states[0].N, Loss: states[0].Loss, A: states[0].A,
		Alpha: nan, Error: nan, Lo: nan, Hi: nan, Slope: nan, ChiSquare: nan,
	}
	var all samples
	for _, s := range states {
		pt := TransitionPoint{Alpha: s.Alpha, AlphaAsked: s.AlphaAsked, Runs: s.TrappedRuns, D: s.Trapped.D,
			DLo: s.Trapped.DLo, DHi: s.Trapped.DHi,
			Error: stat.StdDev(s.TrappedD, nil), Energy: s.Trapped.Energy, Theory: nan}
		if s.Threshold.Found {
			pt.Theory = s.Threshold.D
		}
		row.Points = append(row.Points, pt)
		if pt.Error > 0 {
			all.add(pt, s.TrappedD)
		}
	}
	crossing, reason := all.crossing()
	if row.Reason = reason; reason != "" {
		return row
	}
	var near samples
	for k := range row.Points {
		pt := &row.Points[k]
		if pt.Fitted = pt.Error > 0 && math.Abs(pt.Alpha-crossing) <= p.Window*crossing; pt.Fitted {
			near.add(*pt, states[k].TrappedD)
		}
	}
	row.Reason = row.fit(p, near, crossing)
	row.Identified = row.Reason == ""
	return row
}

func (s *samples) add(pt TransitionPoint, drawn []float64) {
	s.points = append(s.points, line.Point{X: pt.Alpha, Y: pt.D, Sigma: pt.Error})
	s.drawn = append(s.drawn, drawn)
}

// crossing is where D falls through zero first, interpolated between neighbouring α;
// or there is a reason why it does not.
func (s *samples) crossing() (alpha float64, reason string) {
	if len(s.points) < 2 {
		return 0, fmt.Sprintf("%d alpha with at least two trapped runs; a transition needs one on either side",
			len(s.points))
	}
	for k, p := range s.points[1:] {
		if before := s.points[k]; before.Y >= 0 && p.Y < 0 {
			return before.X + (p.X-before.X)*before.Y/(before.Y-p.Y), ""
		}
	}
	// What does not fall through zero is negative up to some α and positive from there.
	first, last := s.points[0], s.points[len(s.points)-1]
	switch {
	case last.Y < 0:
		return 0, fmt.Sprintf("D is negative at all alpha from %v to %v: the transition lies below", first.X, last.X)
	case first.Y >= 0:
		return 0, fmt.Sprintf("D is positive at all alpha from %v to %v: the transition lies above, or there is none",
			first.X, last.X)
	}
	return 0, fmt.Sprintf("D rises through zero between alpha = %v and %v and does not fall again", first.X, last.X)
}

// fit fills in the transition, or says why there is none.
func (row *TransitionRow) fit(p TransitionParams, s samples, crossing float64) (reason string) {
	resamples := math.MaxInt
	for _, d := range s.drawn {
		resamples = min(resamples, len(d))
	}
	switch {
	case len(s.points) < 2:
		return fmt.Sprintf("D crosses zero near alpha = %.4g, with %d alpha within a share %v of it; "+
			"add some there, or widen window", crossing, len(s.points), p.Window)
	case p.Rank(resamples) < 1:
		return fmt.Sprintf("%d bootstrap resamples are too few for percentiles at confidence %v; "+
			"raise resamples of the dynamics stages", resamples, p.Confidence)
	}
	f := line.Fit(s.points)
	first, last := s.points[0].X, s.points[len(s.points)-1].X
	if a := f.Zero(); !(f.B < 0) || a < first || a > last {
		return fmt.Sprintf("a line through D from alpha = %v to %v has slope %.3g and its zero at %.4g; "+
			"take alpha closer to the transition, or more runs", first, last, f.B, a)
	}
	row.Alpha, row.Slope, row.ChiSquare = f.Zero(), f.B, f.ChiSquare
	row.bounds(p, s, resamples)
	return ""
}

// bounds fits the resamples. One whose line does not fall leaves the zero open.
func (row *TransitionRow) bounds(p TransitionParams, s samples, resamples int) {
	var lows, highs []float64
	points := slices.Clone(s.points)
	for b := range resamples {
		for k := range points {
			points[k].Y = s.drawn[k][b]
		}
		f := line.Fit(points)
		lo, hi := math.Inf(-1), math.Inf(1)
		if f.B < 0 {
			lo, hi = f.Zero(), f.Zero()
		}
		lows, highs = append(lows, lo), append(highs, hi)
	}
	row.Lo, row.Hi = p.Outermost(lows, highs)
	lo, hi := confidence.Level{Confidence: 0.6827}.Outermost(lows, highs) // ± one standard error
	row.Error = 0.5 * (hi - lo)
}
