package best

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"

	"zerotohero/pipeline"
	"zerotohero/stages/internal/portable"
	"zerotohero/stages/loss"
	"zerotohero/stages/theory"
)

// A Search is for the parameters of a class of losses at which the first transition of a
// matrix is lowest. Positive parameters are varied on a logarithmic scale.
type Search struct {
	At    string
	Loss  loss.Choice // the class, with the values of what is not varied
	Vary  []string    // its parameters that are varied
	Least float64     // of each of them, > 0
	Most  float64     // of each of them
	From  float64     // least alpha to look at
	To    float64     // largest alpha to look at
	Scan  int         // values of each parameter that are tried first
	Tol   float64     // of α: the search ends when a simplex gains no more than this
}

// A Best is what a Search finds.
type Best struct {
	Values []float64 // of the parameters varied
	// Bound says that the lowest α is at an end of the range of a parameter, beyond which it may be
	// lower still.
	Bound bool
	Found bool // whether any of the losses tried has a transition
	theory.Transition

	// Error is that of the transition there, and what the last simplex still gained.
	Error float64
	Tried []Try // the losses of the scan, in order of their parameters
}

// A Try is the first transition of one loss, NaN if it has none.
type Try struct {
	Values []float64
	Alpha  float64
}

// rounds is how often a simplex begins anew, smaller, at most: it may collapse before it is at
// the minimum.
const rounds = 8

// outside is what is minimised where there is no transition: more than any.
const outside = 1e6

// Validate checks the search.
func (s Search) Validate() error {
	switch {
	case len(s.Vary) == 0 || len(s.Vary) > 3:
		return pipeline.BadParam("vary", "names %d parameters; a search varies one to three", len(s.Vary))
	case !(s.Least > 0) || math.IsInf(s.Most, 0):
		return pipeline.BadParam("least", "is %v; parameters that are varied are positive and finite", s.Least)
	case !(s.Most > s.Least):
		return pipeline.BadParam("most", "is %v and must exceed least = %v", s.Most, s.Least)
	case !(s.Tol > 0):
		return pipeline.BadParam("tol", "is %v and must be positive", s.Tol)
	case s.Scan < 3 || s.Scan > 1000:
		return pipeline.BadParam("scan", "is %d; it must be between 3 and 1000", s.Scan)
	}
	for _, name := range s.Vary {
		v, ok := s.Loss.Param(name)
		if _, number := v.(float64); !ok || !number {
			return pipeline.BadParam("vary", "names %s, which is no number among the parameters of %v", name, s.Loss)
		}
	}
	for _, x := range []float64{s.Least, s.Most} {
		if _, err := s.problem(slices.Repeat([]float64{portable.Log(x)}, len(s.Vary))); err != nil {
			return pipeline.BadParam("loss", "%v", err)
		}
	}
	return nil
}

// problem is that of the loss with parameters whose logarithms are x.
func (s Search) problem(x []float64) (theory.Problem, error) {
	values := make(map[string]any, len(x))
	for k, name := range s.Vary {
		values[name] = s.value(x[k])
	}
	l, err := s.Loss.With(values)
	if err != nil {
		return theory.Problem{}, err
	}
	return theory.NewProblem(s.At, l, 0)
}

// value is a parameter of a logarithm, exactly at the ends of the range.
func (s Search) value(x float64) float64 { return min(max(portable.Exp(x), s.Least), s.Most) }

// first is the first transition of the loss at x; found is false if there is none.
func (s Search) first(x []float64) (t theory.Transition, found bool, err error) {
	p, err := s.problem(x)
	if err != nil {
		return t, false, err
	}
	all, err := p.Transitions(s.From, s.To)
	if err != nil || len(all) == 0 {
		return t, false, err
	}
	return all[0], true, nil
}

// Run scans the parameters, and goes downhill from the best by the simplex of Nelder and Mead,
// as α has kinks where the edge changes from sharp to smooth.
func (s Search) Run() (Best, error) {
	b, start, err := s.scan()
	if err != nil || !b.Found {
		return b, err
	}
	lo, hi := portable.Log(s.Least), portable.Log(s.Most)
	step := (hi - lo) / float64(s.Scan-1)
	var failed error
	problem := optimize.Problem{Func: func(x []float64) float64 {
		for _, v := range x {
			if v < lo || v > hi {
				return outside
			}
		}
		t, found, err := s.first(x)
		if err != nil {
			failed = err
		}
		if err != nil || !found {
			return outside
		}
		return t.Alpha
	}}
	at, last, gain := start, math.Inf(1), math.Inf(1)
	for round, size := 0, step/2; round < rounds && gain > s.Tol; round, size = round+1, size/4 {
		r, err := optimize.Minimize(problem, at, &optimize.Settings{
			Converger:       &optimize.FunctionConverge{Absolute: s.Tol / 100, Iterations: 20},
			FuncEvaluations: 400 * len(at),
		}, &optimize.NelderMead{SimplexSize: size})
		if failed != nil {
			return b, failed
		}
		if err != nil {
			return b, fmt.Errorf("minimising α over %v: %w", s.Vary, err)
		}
		if gain = last - r.F; gain >= 0 {
			at, last = r.X, r.F
		}
	}
	t, _, err := s.first(at)
	if err != nil {
		return b, err
	}
	b.Transition, b.Error, b.Values = t, t.Err+max(gain, 0), nil
	for _, v := range at {
		b.Values = append(b.Values, s.value(v))
		b.Bound = b.Bound || v-lo < step/100 || hi-v < step/100
	}
	return b, nil
}

// scan tries all parameters of a grid; start is the best of them, moved off the ends of the range
// by less than what counts as one.
func (s Search) scan() (b Best, start []float64, err error) {
	lo, hi := portable.Log(s.Least), portable.Log(s.Most)
	best := math.Inf(1)
	index := make([]int, len(s.Vary))
	for {
		x, values := make([]float64, len(index)), make([]float64, len(index))
		for k, i := range index {
			x[k] = lo + (hi-lo)*float64(i)/float64(s.Scan-1)
			values[k] = s.value(x[k])
		}
		t, found, err := s.first(x)
		if err != nil {
			return b, nil, err
		}
		try := Try{values, math.NaN()}
		if found {
			try.Alpha, b.Found = t.Alpha, true
			if t.Alpha < best {
				best, start = t.Alpha, x
			}
		}
		b.Tried = append(b.Tried, try)
		k := len(index) - 1
		for ; k >= 0; k-- {
			if index[k]++; index[k] < s.Scan {
				break
			}
			index[k] = 0
		}
		if k < 0 {
			break
		}
	}
	inside := (hi - lo) * 1e-9
	for k, v := range start {
		start[k] = min(max(v, lo+inside), hi-inside)
	}
	return b, start, nil
}
