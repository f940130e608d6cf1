package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"

	"gonum.org/v1/plot/vg"

	"zerotohero/pipeline"
)

// pathRow is what figures use of a descent.
type pathRow struct {
	Seed        int64      `arrow:"seed"`
	Start       int64      `arrow:"start"`
	N           int64      `arrow:"n"`
	M           int64      `arrow:"m"`
	Loss        string     `arrow:"loss"`
	A           float64    `arrow:"a"`
	From        string     `arrow:"from"`
	Method      string     `arrow:"method"`
	Outcome     string     `arrow:"outcome"`
	Evaluations int64      `arrow:"evaluations"`
	Trace       []pathStep `arrow:"trace"`
}

type pathStep struct {
	T       float64 `arrow:"t"`
	Energy  float64 `arrow:"energy"`
	Overlap float64 `arrow:"overlap"`
}

// stateRow is what figures use of the Hessian at one time of a descent.
type stateRow struct {
	Seed        int64      `arrow:"seed"`
	Start       int64      `arrow:"start"`
	N           int64      `arrow:"n"`
	M           int64      `arrow:"m"`
	Loss        string     `arrow:"loss"`
	A           float64    `arrow:"a"`
	T           float64    `arrow:"t"`
	Reached     float64    `arrow:"reached"`
	Overlap     float64    `arrow:"overlap"`
	Mu          float64    `arrow:"mu"`
	Eigenvalues []float64  `arrow:"eigenvalues"`
	Lowest      []stateLow `arrow:"lowest"`
}

type stateLow struct {
	Overlap float64 `arrow:"overlap"`
}

// ended says that the descent had ended before the time asked for, so that the state
// is its last.
func (s stateRow) ended() bool { return s.Reached < s.T }

// softness is q² of the lowest eigenvector; in the signal itself there is none.
func (s stateRow) softness() float64 {
	if s.Overlap >= 0.99 {
		return math.NaN()
	}
	return s.Lowest[0].Overlap
}

// A fate is an outcome of descents, and how figures tell it from the others.
type fate struct {
	outcome string
	look    Look
	dashes  []vg.Length
}

var fates = []fate{
	{"recovered", Look{Blue, Disc}, nil},
	{"trapped", Look{Vermillion, Square}, Dashed},
	{"unresolved", Look{Grey, Circle}, Dotted},
	{"diverged", Look{Purple, Cross}, Dotted},
}

// dims are the sizes of a problem: N unknowns, M measurements.
type dims struct{ n, m int64 }

// alpha is M/N to as many digits as it is chosen with.
func (s dims) alpha() float64 { return rounded(float64(s.m)/float64(s.n), 3) }

// has says whether M is αN, rounded.
func (s dims) has(alpha float64) bool {
	return math.Abs(float64(s.m)-alpha*float64(s.n)) <= 0.5+1e-6
}

// A journey is a descent with the Hessian at the times asked for, ascending.
type journey struct {
	pathRow
	states []stateRow
}

// A cohort is the descents of one size.
type cohort struct {
	dims
	stage string // of its first descent
	runs  []journey
	times []float64 // at which any of the runs has a Hessian, ascending
}

// cohorts joins the inputs of kinds descent and hessian, in ascending order of α.
func cohorts(in pipeline.Inputs) ([]cohort, error) {
	paths, err := read[pathRow](in, "descent")
	if err != nil {
		return nil, err
	}
	states, err := read[stateRow](in, "hessian")
	if err != nil {
		return nil, err
	}
	about, err := oneOf(paths, "loss", func(r pathRow) model { return model{r.Loss, r.A} })
	if err != nil {
		return nil, err
	}
	if _, err := oneOf(paths, "method of descent", func(r pathRow) string { return r.Method }); err != nil {
		return nil, err
	}
	type key struct {
		dims
		seed, start int64
	}
	place := make(map[key][2]int)
	var out []cohort
	for _, p := range paths {
		r := p.Row
		k := key{dims{r.N, r.M}, r.Seed, r.Start}
		if _, twice := place[k]; twice {
			return nil, fmt.Errorf("%s: seed %d, start %d of N = %d, M = %d comes from another input too; give the figure one of them", p.Stage, r.Seed, r.Start, r.N, r.M)
		}
		if !slices.ContainsFunc(fates, func(f fate) bool { return f.outcome == r.Outcome }) {
			return nil, fmt.Errorf("%s: seed %d has the outcome %q, which the figure does not know", p.Stage, r.Seed, r.Outcome)
		}
		i := slices.IndexFunc(out, func(s cohort) bool { return s.dims == k.dims })
		if i < 0 {
			i = len(out)
			out = append(out, cohort{dims: k.dims, stage: p.Stage})
		}
		place[k] = [2]int{i, len(out[i].runs)}
		out[i].runs = append(out[i].runs, journey{pathRow: r})
	}
	for _, s := range states {
		r := s.Row
		if m := (model{r.Loss, r.A}); m != about {
			return nil, fmt.Errorf("%s is for the %s, but %s for the %s; leave one of them out of the figure's inputs", s.Stage, m, paths[0].Stage, about)
		}
		at, ok := place[key{dims{r.N, r.M}, r.Seed, r.Start}]
		if !ok {
			return nil, fmt.Errorf("%s: seed %d, start %d of N = %d, M = %d is of a descent that the figure does not have; add that family to its inputs", s.Stage, r.Seed, r.Start, r.N, r.M)
		}
		if len(r.Eigenvalues) < 2 || len(r.Lowest) < 1 || !slices.IsSorted(r.Eigenvalues) || math.IsNaN(r.Eigenvalues[0]) {
			return nil, fmt.Errorf("%s: seed %d at t = %g has %d eigenvalues, or they are out of order", s.Stage, r.Seed, r.T, len(r.Eigenvalues))
		}
		to := &out[at[0]]
		to.runs[at[1]].states = append(to.runs[at[1]].states, r)
		if !slices.Contains(to.times, r.T) {
			to.times = append(to.times, r.T)
		}
	}
	out = slices.DeleteFunc(out, func(s cohort) bool { return len(s.times) == 0 })
	sort.SliceStable(out, func(i, j int) bool { return out[i].m*out[j].n < out[j].m*out[i].n })
	for i := range out {
		slices.Sort(out[i].times)
		for j := range out[i].runs {
			slices.SortFunc(out[i].runs[j].states, func(a, b stateRow) int { return cmp.Compare(a.T, b.T) })
		}
		slices.SortFunc(out[i].runs, func(a, b journey) int { return cmp.Or(cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Start, b.Start)) })
	}
	return out, nil
}

// of gives the runs of one outcome.
func (s cohort) of(outcome string) []journey {
	return slices.DeleteFunc(slices.Clone(s.runs), func(r journey) bool { return r.Outcome != outcome })
}

// statesAt gives the states of runs at a time asked for.
func statesAt(runs []journey, t float64) (out []stateRow) {
	for _, r := range runs {
		for _, s := range r.states {
			if s.T == t {
				out = append(out, s)
			}
		}
	}
	return out
}

// drawable leaves out what a logarithmic axis of time and a diverging loss cannot show.
func drawable(trace []pathStep) (out []pathStep) {
	for _, s := range trace {
		if s.T > 0 && !math.IsNaN(s.Overlap) && !math.IsNaN(s.Energy) && !math.IsInf(s.Energy, 0) {
			out = append(out, s)
		}
	}
	return out
}

// spread gives the places of at most so many of n things, evenly among them.
func spread(n, most int) (out []int) {
	count := min(n, most)
	for k := range count {
		out = append(out, k*n/count)
	}
	return out
}

// criticalAlpha is the transition of a loss at init, threshold or another place, NaN if
// the inputs of kind theory-transition have none.
func criticalAlpha(in pipeline.Inputs, about model, at string) (float64, error) {
	rows, err := read[transitionRow](in, "theory-transition")
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if r.Row.Found && r.Row.At == at && (model{r.Row.Loss, r.Row.A}) == about {
			return r.Row.Alpha, nil
		}
	}
	return math.NaN(), nil
}

// startWords writes where descents start for a caption.
func startWords(from string) string {
	if from == "random" {
		return "random starts"
	}
	return "starts at the estimator \\it{" + from + "}"
}

// numberName writes a number as part of a quantity's name.
func numberName(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// courseRow is what figures use of descents of the null model.
type courseRow struct {
	N         int64         `arrow:"n"`
	Alpha     float64       `arrow:"alpha"`
	Loss      string        `arrow:"loss"`
	A         float64       `arrow:"a"`
	Runs      int64         `arrow:"runs"`
	Instances int64         `arrow:"instances"`
	Times     []courseState `arrow:"times"`
	Lost      bool          `arrow:"lost"`
	TBBP      float64       `arrow:"t_bbp"`
	TBBPLo    float64       `arrow:"t_bbp_lo"`
	TBBPHi    float64       `arrow:"t_bbp_hi"`
	W         float64       `arrow:"w"`
	WLo       float64       `arrow:"w_lo"`
	WHi       float64       `arrow:"w_hi"`
}

type courseState struct {
	T            float64 `arrow:"t"`
	Edge         float64 `arrow:"edge"`
	EdgeLo       float64 `arrow:"edge_lo"`
	EdgeHi       float64 `arrow:"edge_hi"`
	LambdaStar   float64 `arrow:"lambda_star"`
	LambdaStarLo float64 `arrow:"lambda_star_lo"`
	LambdaStarHi float64 `arrow:"lambda_star_hi"`
	Q2           float64 `arrow:"q2"`
	Q2Lo         float64 `arrow:"q2_lo"`
	Q2Hi         float64 `arrow:"q2_hi"`
}

// overlapAt is the overlap at a time, between records linear in the logarithm of time.
// The last record stands for later times.
func overlapAt(trace []pathStep, t float64) float64 {
	trace = drawable(trace)
	i := sort.Search(len(trace), func(i int) bool { return trace[i].T >= t })
	switch {
	case len(trace) == 0:
		return math.NaN()
	case i == 0:
		return trace[0].Overlap
	case i == len(trace):
		return trace[i-1].Overlap
	}
	a, b := trace[i-1], trace[i]
	return a.Overlap + (b.Overlap-a.Overlap)*log(t/a.T)/log(b.T/a.T)
}
