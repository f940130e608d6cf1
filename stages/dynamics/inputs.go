package dynamics

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/stages/instance"
)

// A descent is what this package reads of the artifact of that name.
type descent struct {
	Seed    int64     `arrow:"seed"`
	Start   int64     `arrow:"start"`
	N       int64     `arrow:"n"`
	M       int64     `arrow:"m"`
	Alpha   float64   `arrow:"alpha"`
	Loss    string    `arrow:"loss"`
	A       float64   `arrow:"a"`
	Method  string    `arrow:"method"`
	Outcome string    `arrow:"outcome"`
	T       float64   `arrow:"t"`
	Energy  float64   `arrow:"energy"`
	Student []float64 `arrow:"student"`
	Kept    []kept    `arrow:"kept"`
	stage   string
}

type kept struct {
	T       float64   `arrow:"t"`
	Student []float64 `arrow:"student"`
}

func (d *descent) String() string {
	return fmt.Sprintf("%s: descent of seed %d, start %d", d.stage, d.Seed, d.Start)
}

// open reads an input and those of its parameters that params names.
func open[T any](i pipeline.Input, params any) ([]T, error) {
	t, err := i.Open()
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(t.Params, params); err != nil {
		return nil, fmt.Errorf("%s: its parameters %q are not readable: %w; run that stage again", i.Stage, t.Params, err)
	}
	rows, err := artifact.Rows[T](t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", i.Stage, err)
	}
	return rows, nil
}

// readInstances collects the instances by seed, all of the null model.
func readInstances(in pipeline.Inputs) (map[int64]instance.Instance, error) {
	out := make(map[int64]instance.Instance)
	for _, i := range in {
		var params struct {
			Null bool `json:"null"`
		}
		rows, err := open[instance.Instance](i, &params)
		if err != nil {
			return nil, err
		}
		if !params.Null {
			return nil, fmt.Errorf("%s is not of the null model: its labels depend on X, and its runs leave the equator; set null = true in that family", i.Stage)
		}
		for _, r := range rows {
			if _, ok := out[r.Seed]; ok {
				return nil, fmt.Errorf("%s: a second instance of seed %d among the inputs; give one N and one alpha to a stage, and each seed once", i.Stage, r.Seed)
			}
			if r.N < 2 || int64(len(r.Signal)) != r.N || int64(len(r.Y)) != r.M {
				return nil, fmt.Errorf("%s: the instance of seed %d has N = %d, M = %d, but %d components of the signal and %d labels; run that stage again", i.Stage, r.Seed, r.N, r.M, len(r.Signal), len(r.Y))
			}
			out[r.Seed] = r
		}
	}
	return out, nil
}

// readDescents collects the descents of all inputs, sorted by seed and start, and
// the times at which all of them kept students.
func readDescents(p Params, in pipeline.Inputs) (out []descent, times []float64, err error) {
	for k, i := range in {
		var params struct {
			Keep []float64 `json:"keep"`
		}
		rows, err := open[descent](i, &params)
		if err != nil {
			return nil, nil, err
		}
		if k == 0 {
			times = params.Keep
		}
		if len(times) == 0 || !slices.Equal(times, params.Keep) {
			return nil, nil, fmt.Errorf("%s kept students at t = %v, %s at %v; give the descents of a stage the same keep, with at least one time", i.Stage, params.Keep, in[0].Stage, times)
		}
		for _, d := range rows {
			d.stage = i.Stage
			if d.Loss != p.Loss || d.A != p.A {
				return nil, nil, fmt.Errorf("%s is of loss %s, a = %v, and this stage of loss %s, a = %v; they must be equal", &d, d.Loss, d.A, p.Loss, p.A)
			}
			if err := d.sound(len(times)); err != nil {
				return nil, nil, err
			}
			out = append(out, d)
			if f := &out[0]; d.N != f.N || d.M != f.M || d.Method != f.Method {
				return nil, nil, fmt.Errorf("%s has N = %d, M = %d, method %s, and %s has N = %d, M = %d, method %s; give each a stage of its own", &d, d.N, d.M, d.Method, f, f.N, f.M, f.Method)
			}
		}
	}
	if len(out) == 0 {
		return nil, nil, fmt.Errorf("the inputs hold no descents; add descent stages with seeds")
	}
	order := func(a, b descent) int { return cmp.Or(cmp.Compare(a.Seed, b.Seed), cmp.Compare(a.Start, b.Start)) }
	slices.SortStableFunc(out, order)
	for k := 1; k < len(out); k++ {
		if order(out[k-1], out[k]) == 0 {
			return nil, nil, fmt.Errorf("%s is also among the inputs as %s; one stage takes each descent once", &out[k], &out[k-1])
		}
	}
	return out, times, nil
}

func (d *descent) sound(times int) error {
	ok := d.N >= 2 && d.M >= 1 && len(d.Student) == int(d.N) && len(d.Kept) == times
	for _, k := range d.Kept {
		ok = ok && len(k.Student) == int(d.N)
	}
	if !ok {
		return fmt.Errorf("%s: N = %d, a student of %d components and %d kept ones for %d times do not go together; run that stage again", d, d.N, len(d.Student), len(d.Kept), times)
	}
	switch d.Outcome {
	case "recovered", "trapped", "unresolved", "diverged":
		return nil
	}
	return fmt.Errorf("%s: unknown outcome %q; known are recovered, trapped, unresolved, diverged", d, d.Outcome)
}

// choose separates the descents that stand for all times from those that do not,
// and counts them. The last state of a trapped descent stands for later times; that
// of an unresolved one does not.
func choose(descents []descent, times []float64) (used []descent, row Row) {
	row.N, row.Alpha, row.Method = descents[0].N, descents[0].Alpha, descents[0].Method
	last := times[len(times)-1]
	for _, d := range descents {
		switch {
		case d.Outcome == "diverged":
			row.Diverged++
		case d.Outcome == "recovered":
			row.Recovered++
		case d.Outcome == "unresolved" && d.T < last:
			row.Unresolved++
		default:
			used = append(used, d)
		}
	}
	row.Runs = int64(len(used))
	return used, row
}
