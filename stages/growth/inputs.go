package growth

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/outcome"
)

// read collects the descents of all inputs in groups of one N and α, sorted by (N, α) and
// each by (seed, start).
func read(in pipeline.Inputs) ([][]descent, error) {
	type source struct {
		descent
		stage string
	}
	var all []source
	for _, i := range in {
		rows, err := pipeline.Rows[descent](i)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			if err := sound(d); err != nil {
				return nil, fmt.Errorf("%s: descent of seed %d, start %d: %w", i.Stage, d.Seed, d.Start, err)
			}
			all = append(all, source{d, i.Stage})
			if f := all[0]; d.Loss != f.Loss || d.A != f.A || d.Method != f.Method {
				return nil, fmt.Errorf("%s has loss %s, a = %v, method %s, but %s has loss %s, a = %v, method %s; "+
					"give each combination a growth stage of its own",
					i.Stage, d.Loss, d.A, d.Method, f.stage, f.Loss, f.A, f.Method)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the inputs hold no descents; add descent stages with seeds")
	}
	order := func(a, b source) int {
		return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.Alpha, b.Alpha), cmp.Compare(a.Seed, b.Seed),
			cmp.Compare(a.Start, b.Start))
	}
	slices.SortStableFunc(all, order)
	var groups [][]descent
	for i, d := range all {
		if i > 0 && order(all[i-1], d) == 0 {
			return nil, fmt.Errorf("%s and %s both hold the descent of N = %d, α = %v, seed %d, start %d; "+
				"one stage takes each descent once",
				all[i-1].stage, d.stage, d.N, d.Alpha, d.Seed, d.Start)
		}
		if i == 0 || d.N != all[i-1].N || d.Alpha != all[i-1].Alpha {
			groups = append(groups, nil)
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], d.descent)
	}
	for _, g := range groups {
		if g[0].Seed == g[len(g)-1].Seed {
			return nil, fmt.Errorf("the descents of N = %d, α = %v are on one instance, of seed %d, "+
				"and a bootstrap needs 2 at least; add seeds",
				g[0].N, g[0].Alpha, g[0].Seed)
		}
	}
	return groups, nil
}

// sound makes sure that a descent says when it was where.
func sound(d descent) error {
	if err := outcome.Check(d.Outcome); err != nil {
		return err
	}
	if d.From != outcome.FromRandom {
		return fmt.Errorf("it started from %q; growth is about random starts", d.From)
	}
	if d.N < 2 || math.IsNaN(d.Alpha) || math.IsInf(d.Alpha, 0) || !(d.T >= 0) || len(d.Trace) == 0 {
		return fmt.Errorf(
			"its N = %d, α = %v and an end at t = %v after %d records do not go together; run that stage again",
			d.N, d.Alpha, d.T, len(d.Trace))
	}
	for i, r := range d.Trace {
		if !(r.T >= 0) || !(r.Overlap >= 0) || i > 0 && r.T <= d.Trace[i-1].T {
			return fmt.Errorf("record %d of its trace has t = %v, m = %v; times must ascend; run that stage again",
				i, r.T, r.Overlap)
		}
	}
	return nil
}

// count counts the outcomes.
func (row *Row) count(runs []descent) {
	for _, d := range runs {
		switch d.Outcome {
		case outcome.Recovered:
			row.Recovered++
		case outcome.Trapped:
			row.Trapped++
		case outcome.Unresolved:
			row.Unresolved++
		case outcome.Diverged:
			row.Diverged++
		}
	}
}
