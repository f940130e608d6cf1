package prediction

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/outcome"
)

// spectrum is what is read of the Hessian of one descent at one time.
type spectrum struct {
	Seed        int64     `arrow:"seed"`
	Start       int64     `arrow:"start"`
	N           int64     `arrow:"n"`
	M           int64     `arrow:"m"`
	T           float64   `arrow:"t"`
	Reached     float64   `arrow:"reached"`
	Overlap     float64   `arrow:"overlap"`
	Energy      float64   `arrow:"energy"`
	Eigenvalues []float64 `arrow:"eigenvalues"`
	Lowest      []pair    `arrow:"lowest"`
}

type pair struct {
	Overlap float64 `arrow:"overlap"`
}

// descent is what is read of a descent.
type descent struct {
	Seed       int64   `arrow:"seed"`
	Start      int64   `arrow:"start"`
	N          int64   `arrow:"n"`
	M          int64   `arrow:"m"`
	Alpha      float64 `arrow:"alpha"`
	AlphaAsked float64 `arrow:"alpha_asked"`
	Loss       string  `arrow:"loss"`
	A          float64 `arrow:"a"`
	Method     string  `arrow:"method"`
	Outcome    string  `arrow:"outcome"`
}

// A group is the descents of one N and M that are under way at a time.
type group struct {
	first       descent
	t           float64
	runs        []trial
	ended, open int64
}

// A trial is a descent under way: its instance, counted from 0 among those of the group, what
// its predictors are made of, and how it ends.
type trial struct {
	instance  int
	at        spectrum
	recovered bool
}

func (g group) instances() int {
	if len(g.runs) == 0 {
		return 0
	}
	return g.runs[len(g.runs)-1].instance + 1
}

type id struct{ n, m, seed, start int64 }

// read matches spectra with descents and groups them: by N, M and time, and the runs of each
// by seed and start. The state at the end of a descent predicts nothing and is left out.
func read(in pipeline.Inputs) ([]group, error) {
	ends := make(map[id]descent)
	for _, i := range in.Of("descent") {
		rows, err := pipeline.Rows[descent](i)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			if err := outcome.Check(d.Outcome); err != nil {
				return nil, fmt.Errorf("%s: descent of seed %d, start %d: %w", i.Stage, d.Seed, d.Start, err)
			}
			ends[id{d.N, d.M, d.Seed, d.Start}] = d
		}
	}
	var all []spectrum
	for _, i := range in.Of("hessian") {
		rows, err := pipeline.Rows[spectrum](i)
		if err != nil {
			return nil, err
		}
		for _, s := range rows {
			if _, ok := ends[id{s.N, s.M, s.Seed, s.Start}]; !ok {
				return nil, fmt.Errorf("%s has the Hessian of seed %d, start %d at N = %d, M = %d, whose descent is not "+
					"among the inputs; add the family that it is of", i.Stage, s.Seed, s.Start, s.N, s.M)
			}
			if len(s.Eigenvalues) < 2 || len(s.Lowest) == 0 {
				return nil, fmt.Errorf("%s: the spectrum of seed %d, start %d has %d eigenvalues and %d eigenvectors, "+
					"too few to predict from; take larger N", i.Stage, s.Seed, s.Start, len(s.Eigenvalues), len(s.Lowest))
			}
			if !math.IsInf(s.T, 1) {
				all = append(all, s)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the inputs have no Hessian at a time before the end of its descent; " +
			"give the hessian stage times")
	}
	return grouped(all, ends), nil
}

func grouped(all []spectrum, ends map[id]descent) (out []group) {
	slices.SortStableFunc(all, func(a, b spectrum) int {
		return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.M, b.M), cmp.Compare(a.T, b.T), cmp.Compare(a.Seed, b.Seed),
			cmp.Compare(a.Start, b.Start))
	})
	seed := int64(0) // of the group's last run
	for i, s := range all {
		if i == 0 || s.N != all[i-1].N || s.M != all[i-1].M || s.T != all[i-1].T {
			out = append(out, group{t: s.T, first: ends[id{s.N, s.M, s.Seed, s.Start}]})
		}
		g := &out[len(out)-1]
		d := ends[id{s.N, s.M, s.Seed, s.Start}]
		switch {
		case s.Reached < s.T:
			g.ended++
			continue
		case d.Outcome != outcome.Recovered && d.Outcome != outcome.Trapped:
			g.open++
			continue
		}
		k := 0
		if n := len(g.runs); n > 0 {
			k = g.runs[n-1].instance
			if seed != s.Seed {
				k++
			}
		}
		seed = s.Seed
		g.runs = append(g.runs, trial{k, s, d.Outcome == outcome.Recovered})
	}
	return out
}
