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
//
// Runs of large N are not trapped in any time that can be simulated: ‖G‖² has far to fall.
// So the same is found of the states at each time kept, where D still changes; what it
// tends to is for the reader of these to judge.
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

	Identified bool    `arrow:"identified" doc:"D of trapped states falls through zero within the α simulated, and so does the line"`
	Reason     string  `arrow:"reason" doc:"why the transition is not identified; empty if it is"`
	Alpha      float64 `arrow:"alpha" doc:"zero of the line; NaN, as the five columns that follow, if not identified"`
	Error      float64 `arrow:"error" doc:"standard error: half the distance of the 16th and 84th bootstrap percentiles"`
	Lo         float64 `arrow:"lo" doc:"lower bootstrap percentile, -Inf if the resamples leave it open"`
	Hi         float64 `arrow:"hi" doc:"upper bootstrap percentile, +Inf if the resamples leave it open"`
	Slope      float64 `arrow:"slope" doc:"of the line, dD/dα"`
	ChiSquare  float64 `arrow:"chi_square" doc:"Σ (residual/σ)² of the line, to be compared with the number of α less 2; the α are taken as independent"`

	Points []TransitionPoint `arrow:"points" doc:"the α, ascending"`
	Times  []TransitionTime  `arrow:"times" doc:"the same of the states at the times that all α have, ascending"`
}

// A TransitionTime is where D of the states at one time is zero.
type TransitionTime struct {
	T          float64 `arrow:"t" doc:"time"`
	Identified bool    `arrow:"identified" doc:"D falls through zero within the α simulated, and so does the line"`
	Reason     string  `arrow:"reason" doc:"why the zero is not identified; empty if it is"`
	Alpha      float64 `arrow:"alpha" doc:"zero of the line; NaN, as the three columns that follow, if not identified"`
	Error      float64 `arrow:"error" doc:"standard error: half the distance of the 16th and 84th bootstrap percentiles"`
	Lo         float64 `arrow:"lo" doc:"lower bootstrap percentile, -Inf if the resamples leave it open"`
	Hi         float64 `arrow:"hi" doc:"upper bootstrap percentile, +Inf if the resamples leave it open"`
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
	N           int64          `arrow:"n"`
	Alpha       float64        `arrow:"alpha"`
	AlphaAsked  float64        `arrow:"alpha_asked"`
	Loss        string         `arrow:"loss"`
	A           float64        `arrow:"a"`
	Method      string         `arrow:"method"`
	TrappedRuns int64          `arrow:"trapped_runs"`
	Trapped     trappedState   `arrow:"trapped"`
	Times       []trappedState `arrow:"times"`
	Threshold   trappedIn1RSB  `arrow:"threshold"`
}

type trappedState struct {
	T      float64   `arrow:"t"`
	Energy float64   `arrow:"energy"`
	D      float64   `arrow:"d_edge"`
	DLo    float64   `arrow:"d_lo"`
	DHi    float64   `arrow:"d_hi"`
	Drawn  []float64 `arrow:"d_resampled"`
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

// transition makes the row of one N from its states, α ascending.
func transition(p TransitionParams, states []trapped) TransitionRow {
	row := TransitionRow{N: states[0].N, Loss: states[0].Loss, A: states[0].A}
	at := make([]float64, len(states))
	end := make([]trappedState, len(states))
	for k, s := range states {
		at[k], end[k] = s.Alpha, s.Trapped
	}
	z := p.zero(at, end)
	row.Identified, row.Reason = z.reason == "", z.reason
	row.Alpha, row.Error, row.Lo, row.Hi, row.Slope, row.ChiSquare = z.alpha, z.err, z.lo, z.hi, z.slope, z.chiSquare
	for k, s := range states {
		pt := TransitionPoint{
			Alpha: s.Alpha, AlphaAsked: s.AlphaAsked, Runs: s.TrappedRuns, D: s.Trapped.D,
			DLo: s.Trapped.DLo, DHi: s.Trapped.DHi, Error: stat.StdDev(s.Trapped.Drawn, nil),
			Energy: s.Trapped.Energy, Fitted: z.fitted[k], Theory: math.NaN(),
		}
		if s.Threshold.Found {
			pt.Theory = s.Threshold.D
		}
		row.Points = append(row.Points, pt)
	}
	for _, first := range states[0].Times {
		then := make([]trappedState, 0, len(states))
		for _, s := range states {
			if k := slices.IndexFunc(s.Times, func(o trappedState) bool { return o.T == first.T }); k >= 0 {
				then = append(then, s.Times[k])
			}
		}
		if len(then) < len(states) {
			continue
		}
		z := p.zero(at, then)
		row.Times = append(row.Times, TransitionTime{T: first.T, Identified: z.reason == "", Reason: z.reason,
			Alpha: z.alpha, Error: z.err, Lo: z.lo, Hi: z.hi})
	}
	return row
}
