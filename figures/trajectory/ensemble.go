// Package trajectory reads descents with the Hessian at times on their way, and says how
// figures tell their outcomes apart.
package trajectory

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"

	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// A Run is a descent with the Hessian at the times asked for, ascending.
type Run struct {
	Descent
	States []State
}

// An Ensemble is the descents of one size.
type Ensemble struct {
	inputs.Size
	Asked float64 // α of paper.toml
	Stage string  // of its first descent
	Runs  []Run
	Times []float64 // at which any of the runs has a Hessian, ascending
}

// A key is what tells a descent from all others.
type key struct {
	inputs.Size
	seed, start int64
}

// Ensembles joins the inputs of kinds descent and hessian, in ascending order of α.
func Ensembles(in pipeline.Inputs) ([]Ensemble, error) {
	paths, err := inputs.Read[Descent](in, "descent")
	if err != nil {
		return nil, err
	}
	states, err := inputs.Read[State](in, "hessian")
	if err != nil {
		return nil, err
	}
	about, err := inputs.OneOf(paths, "loss", Descent.About)
	_, err2 := inputs.OneOf(paths, "method of descent", func(r Descent) string { return r.Method })
	out, index, err3 := bySize(paths)
	if err := cmp.Or(err, err2, err3); err != nil {
		return nil, err
	}
	for _, s := range states {
		r := s.Row
		if m := r.About(); m != about {
			return nil, fmt.Errorf("%s is for the %s, but %s for the %s; leave one of them out of the figure's inputs",
				s.Stage, m, paths[0].Stage, about)
		}
		at, ok := index[key{r.Size(), r.Seed, r.Start}]
		if !ok {
			return nil, fmt.Errorf("%s: seed %d, start %d of N = %d, M = %d is of a descent that the figure does not "+
				"have; add that family to its inputs", s.Stage, r.Seed, r.Start, r.N, r.M)
		}
		if len(r.Eigenvalues) < 2 || len(r.Lowest) < 1 || !slices.IsSorted(r.Eigenvalues) ||
			math.IsNaN(r.Eigenvalues[0]) {
			return nil, fmt.Errorf("%s: seed %d at t = %g has %d eigenvalues, or they are out of order", s.Stage,
				r.Seed, r.T, len(r.Eigenvalues))
		}
		to := &out[at[0]]
		to.Runs[at[1]].States = append(to.Runs[at[1]].States, r)
		if !slices.Contains(to.Times, r.T) {
			to.Times = append(to.Times, r.T)
		}
	}
	out = slices.DeleteFunc(out, func(s Ensemble) bool { return len(s.Times) == 0 })
	sort.SliceStable(out, func(i, j int) bool { return out[i].M*out[j].N < out[j].M*out[i].N })
	for _, e := range out {
		e.sort()
	}
	return out, nil
}

// bySize groups descents, and gives the indices of the group and of the descent in it.
func bySize(paths []inputs.From[Descent]) (out []Ensemble, index map[key][2]int, err error) {
	index = make(map[key][2]int)
	for _, p := range paths {
		r := p.Row
		k := key{r.Size(), r.Seed, r.Start}
		if _, twice := index[k]; twice {
			return nil, nil, fmt.Errorf("%s: seed %d, start %d of N = %d, M = %d comes from another input too; give "+
				"the figure one of them", p.Stage, r.Seed, r.Start, r.N, r.M)
		}
		if !slices.ContainsFunc(Outcomes, func(f Outcome) bool { return f.Name == r.Outcome }) {
			return nil, nil, fmt.Errorf("%s: seed %d has the outcome %q, which the figure does not know", p.Stage,
				r.Seed, r.Outcome)
		}
		i := slices.IndexFunc(out, func(s Ensemble) bool { return s.Size == k.Size })
		if i < 0 {
			i = len(out)
			out = append(out, Ensemble{Size: k.Size, Asked: r.AlphaAsked, Stage: p.Stage})
		}
		index[k] = [2]int{i, len(out[i].Runs)}
		out[i].Runs = append(out[i].Runs, Run{Descent: r})
	}
	return out, index, nil
}

// sort puts times in ascending order and runs in that of seed and start.
func (s Ensemble) sort() {
	slices.Sort(s.Times)
	for _, r := range s.Runs {
		slices.SortFunc(r.States, func(a, b State) int { return cmp.Compare(a.T, b.T) })
	}
	slices.SortFunc(s.Runs,
		func(a, b Run) int { return cmp.Or(cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Start, b.Start)) })
}

// Of gives the runs of one outcome.
func (s Ensemble) Of(name string) []Run {
	return slices.DeleteFunc(slices.Clone(s.Runs), func(r Run) bool { return r.Outcome != name })
}
