package best

import (
	"cmp"
	"fmt"
	"math"

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
	Least []float64   // of each of them, > 0, or one for all
	Most  []float64   // of each of them, or one for all
	From  float64     // least alpha to look at
	To    float64     // largest alpha to look at
	Scan  int         // values of each parameter that are tried first
	Tol   float64     // of α: the search ends when it gains no more than this
}

// A Best is what a Search finds.
type Best struct {
	Values []float64 // of the parameters varied
	// Bound says of each parameter whether the lowest α is at an end of its range, beyond which it may be
	// lower still.
	Bound []bool
	Found bool // whether any of the losses tried has a transition
	theory.Transition

	// Error is that of the transition there, and what the search still gained.
	Error float64
	Tried []Try // the losses of the scan, in order of their parameters
}

// A Try is the first transition of one loss, NaN if it has none.
type Try struct {
	Values []float64
	Alpha  float64
}

// Validate checks the search.
func (s Search) Validate() error {
	switch {
	case len(s.Vary) == 0 || len(s.Vary) > 3:
		return pipeline.BadParam("vary", "names %d parameters; a search varies one to three", len(s.Vary))
	case len(s.Least) != 1 && len(s.Least) != len(s.Vary):
		return pipeline.BadParam("least", "has %d values for %d parameters", len(s.Least), len(s.Vary))
	case len(s.Most) != 1 && len(s.Most) != len(s.Vary):
		return pipeline.BadParam("most", "has %d values for %d parameters", len(s.Most), len(s.Vary))
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
	var ends [2][]float64
	for k := range s.Vary {
		least, most := s.ends(k)
		if !(least > 0) || math.IsInf(most, 0) {
			return pipeline.BadParam("least", "is %v; parameters that are varied are positive and finite", least)
		}
		if !(most > least) {
			return pipeline.BadParam("most", "is %v and must exceed least = %v", most, least)
		}
		lo, hi := s.logs(k)
		ends[0], ends[1] = append(ends[0], lo), append(ends[1], hi)
	}
	for _, x := range ends {
		if _, err := s.problem(x); err != nil {
			return pipeline.BadParam("loss", "%v", err)
		}
	}
	return nil
}

// ends are those of the range of a parameter.
func (s Search) ends(k int) (least, most float64) {
	return s.Least[min(k, len(s.Least)-1)], s.Most[min(k, len(s.Most)-1)]
}

// logs are their logarithms.
func (s Search) logs(k int) (lo, hi float64) {
	least, most := s.ends(k)
	return portable.Log(least), portable.Log(most)
}

// step is how far values of a parameter are apart in the scan, in its logarithm.
func (s Search) step(k int) float64 {
	lo, hi := s.logs(k)
	return (hi - lo) / float64(s.Scan-1)
}

// problem is that of the loss with parameters whose logarithms are x.
func (s Search) problem(x []float64) (theory.Problem, error) {
	values := make(map[string]any, len(x))
	for k, name := range s.Vary {
		values[name] = s.value(k, x[k])
	}
	l, err := s.Loss.With(values)
	if err != nil {
		return theory.Problem{}, err
	}
	return theory.NewProblem(s.At, l, 0)
}

// value is a parameter of its logarithm, exactly at the ends of the range and in it.
func (s Search) value(k int, x float64) float64 {
	least, most := s.ends(k)
	return min(max(portable.Exp(x), least), most)
}

// first is the first transition of the loss at x, of those with α in a range; found is false if there is none.
func (s Search) first(x []float64, from, to float64) (t theory.Transition, found bool, err error) {
	p, err := s.problem(x)
	if err != nil {
		return t, false, err
	}
	all, err := p.Transitions(from, to)
	if err != nil || len(all) == 0 {
		return t, false, err
	}
	return all[0], true, nil
}

// Run scans the parameters, and goes downhill from the best.
func (s Search) Run() (Best, error) {
	b, start, err := s.scan()
	if err != nil || !b.Found {
		return b, err
	}
	d := &descent{Search: s, near: b.Alpha}
	at, gain := start, 0.0
	switch {
	case d.cornered(start, b.Alpha):
	case len(start) == 1:
		at[0], gain = d.section(start[0])
	default:
		at, gain, err = d.simplex(start)
	}
	if err = cmp.Or(d.failed, err); err != nil {
		return b, err
	}
	t, found, err := s.first(at, s.From, s.To)
	if err != nil {
		return b, err
	}
	if !found {
		return b, fmt.Errorf("the transition at %v = %v is lost on a second look", s.Vary, at)
	}
	b.Transition, b.Error = t, t.Err+gain
	for k, v := range at {
		lo, hi := s.logs(k)
		b.Values = append(b.Values, s.value(k, v))
		b.Bound = append(b.Bound, v-lo < s.step(k)/100 || hi-v < s.step(k)/100)
	}
	return b, nil
}

// scan tries all parameters of a grid; start is the best of them.
func (s Search) scan() (b Best, start []float64, err error) {
	b.Alpha = math.Inf(1)
	index := make([]int, len(s.Vary))
	for {
		x, values := make([]float64, len(index)), make([]float64, len(index))
		for k, i := range index {
			lo, hi := s.logs(k)
			if x[k] = lo + (hi-lo)*float64(i)/float64(s.Scan-1); i == s.Scan-1 {
				x[k] = hi // which rounding may miss
			}
			values[k] = s.value(k, x[k])
		}
		t, found, err := s.first(x, s.From, s.To)
		if err != nil {
			return b, nil, err
		}
		try := Try{values, math.NaN()}
		if found {
			try.Alpha, b.Found = t.Alpha, true
			if t.Alpha < b.Alpha {
				b.Transition, start = t, x
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
			return b, start, nil
		}
	}
}
