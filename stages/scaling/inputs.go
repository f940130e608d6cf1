package scaling

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/outcome"
)

// A size is what this package reads of an artifact of kind finitesize.
type size struct {
	N      int64   `arrow:"n"`
	Loss   string  `arrow:"loss"`
	A      float64 `arrow:"a"`
	Method string  `arrow:"method"`
	From   string  `arrow:"from"`
	Points []rate  `arrow:"points"`

	Identified bool    `arrow:"identified"`
	Reason     string  `arrow:"reason"`
	Alpha50    float64 `arrow:"alpha50"`
	Alpha50Lo  float64 `arrow:"alpha50_lo"`
	Alpha50Hi  float64 `arrow:"alpha50_hi"`
	Width      float64 `arrow:"width"`
	WidthLo    float64 `arrow:"width_lo"`
	WidthHi    float64 `arrow:"width_hi"`
}

// A rate is one α of it.
type rate struct {
	Alpha     float64 `arrow:"alpha"`
	Trials    int64   `arrow:"trials"`
	P         float64 `arrow:"p"`
	Lo        float64 `arrow:"lo"`
	Hi        float64 `arrow:"hi"`
	Effective float64 `arrow:"effective"`
}

// A transition is what this package reads of an artifact of kind theory-transition.
type transition struct {
	At    string  `arrow:"at"`
	Loss  string  `arrow:"loss"`
	A     float64 `arrow:"a"`
	Found bool    `arrow:"found"`
	Alpha float64 `arrow:"alpha"`
}

// A growth is what this package reads of an artifact of kind dynamics.
type growth struct {
	N     int64   `arrow:"n"`
	Alpha float64 `arrow:"alpha"`
	Loss  string  `arrow:"loss"`
	A     float64 `arrow:"a"`
	Lost  bool    `arrow:"lost"`
	W     float64 `arrow:"w"`
	WLo   float64 `arrow:"w_lo"`
	WHi   float64 `arrow:"w_hi"`
}

// read makes the row with what the inputs alone say, and the sizes, N ascending.
func read(p Params, in pipeline.Inputs) (Row, []size, error) {
	sizes, err := readSizes(p, in.Of("finitesize"))
	if err != nil {
		return Row{}, nil, err
	}
	row := Row{Loss: sizes[0].Loss, A: sizes[0].A, Method: sizes[0].Method, From: sizes[0].From}
	if row.Init, row.Threshold, err = readTransitions(row, in.Of("theory-transition")); err != nil {
		return Row{}, nil, err
	}
	curve, err := readGrowth(p, row, in.Of("dynamics"))
	if err != nil {
		return Row{}, nil, err
	}
	for _, s := range sizes {
		out := Size{N: s.N, Alpha50: s.Alpha50, Lo: s.Alpha50Lo, Hi: s.Alpha50Hi, Width: s.Width, WidthLo: s.WidthLo,
			WidthHi: s.WidthHi}
		if !s.Identified {
			out.Reason, out.WidthReason = s.Reason, s.Reason
		}
		curve.predict(&out)
		row.Sizes = append(row.Sizes, out)
	}
	if ns := curve.sizes(); len(ns) > 1 {
		row.Notes = append(row.Notes,
			fmt.Sprintf("W comes from null models of N = %v; each α has the largest that it was simulated at", ns))
	}
	return row, sizes, nil
}

// A level is what is read of the parameters of stages with intervals.
type level struct {
	Confidence float64 `json:"confidence"`
}

// rows reads an input whose intervals must be at the level of this stage.
func rows[T any](p Params, in pipeline.Input) ([]T, error) {
	out, made, err := pipeline.RowsAndParams[T, level](in)
	if err != nil {
		return nil, err
	}
	if made.Confidence != p.Confidence {
		return nil, fmt.Errorf("%s has intervals at the level %v, this stage %v; give both the same confidence",
			in.Stage, made.Confidence, p.Confidence)
	}
	return out, nil
}

func readSizes(p Params, in pipeline.Inputs) ([]size, error) {
	type source struct {
		size
		stage string
	}
	var all []source
	for _, i := range in {
		list, err := rows[size](p, i)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if s.N < 2 {
				return nil, fmt.Errorf("%s: N = %d cannot be on a scale of ln N; leave sizes below 2 out", i.Stage, s.N)
			}
			all = append(all, source{s, i.Stage})
			if f := all[0]; s.Loss != f.Loss || s.A != f.A || s.Method != f.Method || s.From != f.From {
				return nil, fmt.Errorf("%s has loss %s, a = %v, method %s, starts %s, but %s has loss %s, a = %v, "+
					"method %s, starts %s; give each combination a scaling stage of its own",
					i.Stage, s.Loss, s.A, s.Method, s.From, f.stage, f.Loss, f.A, f.Method, f.From)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the inputs hold no sizes; add finitesize stages with descents")
	}
	slices.SortStableFunc(all, func(a, b source) int { return cmp.Compare(a.N, b.N) })
	out := make([]size, len(all))
	for i, s := range all {
		if i > 0 && s.N == all[i-1].N {
			return nil, fmt.Errorf("%s and %s both have a row for N = %d; one stage takes each size once",
				all[i-1].stage, s.stage, s.N)
		}
		out[i] = s.size
	}
	return out, nil
}

// readTransitions finds α of the transitions of this loss; other losses and
// transitions are passed over, so that a family of stages over a can be given as it is.
func readTransitions(row Row, in pipeline.Inputs) (init, threshold float64, err error) {
	init, threshold = math.NaN(), math.NaN()
	matched := false
	for _, i := range in {
		list, err := pipeline.Rows[transition](i)
		if err != nil {
			return 0, 0, err
		}
		for _, t := range list {
			if t.Loss != row.Loss || t.A != row.A || t.At != "init" && t.At != "threshold" {
				continue
			}
			matched = true
			dst := &init
			if t.At == "threshold" {
				dst = &threshold
			}
			if !t.Found {
				continue
			}
			if !math.IsNaN(*dst) && *dst != t.Alpha {
				return 0, 0, fmt.Errorf("%s has the transition at %s of loss %s, a = %v at α = %v, "+
					"another input at %v; give one of them",
					i.Stage, t.At, t.Loss, t.A, t.Alpha, *dst)
			}
			*dst = t.Alpha
		}
	}
	if len(in) > 0 && !matched {
		return 0, 0, fmt.Errorf("none of the theory-transition inputs is of loss %s, a = %v at init or threshold; "+
			"add one that is, or take them out", row.Loss, row.A)
	}
	return init, threshold, nil
}

// readGrowth collects W, α ascending, of the largest N at each α.
func readGrowth(p Params, row Row, in pipeline.Inputs) (crossover, error) {
	if len(in) > 0 && row.From != outcome.FromRandom {
		return nil, fmt.Errorf("%s predicts a crossover for random starts, and these sizes have starts %s; "+
			"take dynamics out of the inputs", in[0].Stage, row.From)
	}
	var all crossover
	for _, i := range in {
		list, err := rows[growth](p, i)
		if err != nil {
			return nil, err
		}
		for _, g := range list {
			if g.Loss != row.Loss || g.A != row.A {
				return nil, fmt.Errorf("%s has loss %s, a = %v, but the finitesize inputs have loss %s, a = %v; "+
					"give dynamics of the same", i.Stage, g.Loss, g.A, row.Loss, row.A)
			}
			if !(g.WLo <= g.WHi) || math.IsNaN(g.W) || math.IsNaN(g.Alpha) || math.IsInf(g.W, 0) ||
				math.IsInf(g.Alpha, 0) {
				return nil, fmt.Errorf("%s: W = %v in [%v, %v] at α = %v is no number to interpolate; "+
					"run that stage again", i.Stage, g.W, g.WLo, g.WHi, g.Alpha)
			}
			all = append(all, g)
		}
	}
	slices.SortStableFunc(all,
		func(a, b growth) int { return cmp.Or(cmp.Compare(a.Alpha, b.Alpha), cmp.Compare(b.N, a.N)) })
	var out crossover
	for i, g := range all {
		if i > 0 && g.Alpha == all[i-1].Alpha && g.N == all[i-1].N {
			return nil, fmt.Errorf("two dynamics inputs are of N = %d, α = %v; give one of them", g.N, g.Alpha)
		}
		if len(out) == 0 || out[len(out)-1].Alpha != g.Alpha {
			out = append(out, g)
		}
	}
	return out, nil
}
