package dynamics

import (
	"fmt"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
	"zerotohero/stages/outcome"
	"zerotohero/stages/students"
)

// A model is what is read of the parameters of instances.
type model struct {
	Null bool `json:"null"`
}

// readInstances collects the instances, all of the null model.
func readInstances(in pipeline.Inputs) (students.Instances, error) {
	out := make(students.Instances)
	for _, i := range in {
		rows, params, err := pipeline.RowsAndParams[instance.Instance, model](i)
		if err != nil {
			return nil, err
		}
		if !params.Null {
			return nil, fmt.Errorf("%s is not of the null model: its labels depend on X, "+
				"and its runs leave the equator; set null = true in that family", i.Stage)
		}
		for _, r := range rows {
			if err := out.Add(i.Stage, r); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// readDescents collects the descents of all inputs, sorted by seed and start, and
// the times at which all of them kept students.
func readDescents(p Params, in pipeline.Inputs) (out []students.Descent, times []float64, err error) {
	if out, err = students.Descents(in, p.Loss); err != nil {
		return nil, nil, err
	}
	f := &out[0]
	times = f.Keep
	for k := range out {
		d := &out[k]
		if len(times) == 0 || !slices.Equal(times, d.Keep) {
			return nil, nil, fmt.Errorf("%s kept students at t = %v, %s at %v; "+
				"give the descents of a stage the same keep, with at least one time", d.Stage, d.Keep, f.Stage, times)
		}
		if err := sound(d); err != nil {
			return nil, nil, err
		}
		if d.N != f.N || d.M != f.M || d.Method != f.Method {
			return nil, nil, fmt.Errorf("%s has N = %d, M = %d, method %s, and %s has N = %d, M = %d, method %s; "+
				"give each a stage of its own", d, d.N, d.M, d.Method, f, f.N, f.M, f.Method)
		}
		if k > 0 && d.Seed == out[k-1].Seed && d.Start == out[k-1].Start {
			return nil, nil, fmt.Errorf("%s is also among the inputs as %s; one stage takes each descent once",
				d, &out[k-1])
		}
	}
	return out, times, nil
}

func sound(d *students.Descent) error {
	ok := d.N >= 2 && d.M >= 1 && len(d.Student) == int(d.N) && len(d.Kept) == len(d.Keep)
	for _, k := range d.Kept {
		ok = ok && len(k.Student) == int(d.N)
	}
	if !ok {
		return fmt.Errorf("%s: N = %d, a student of %d components and %d kept ones for %d times do not go together; "+
			"run that stage again", d, d.N, len(d.Student), len(d.Kept), len(d.Keep))
	}
	if err := outcome.Check(d.Outcome); err != nil {
		return fmt.Errorf("%s: %w", d, err)
	}
	return nil
}

// choose separates the descents that stand for all times from those that do not,
// and counts them. The last state of a trapped descent stands for later times; that
// of an unresolved one does not.
func choose(descents []students.Descent, times []float64) (used []students.Descent, row Row) {
	f := descents[0]
	row.N, row.Alpha, row.AlphaAsked, row.Method = f.N, f.Alpha, f.AlphaAsked, f.Method
	last := times[len(times)-1]
	for _, d := range descents {
		switch {
		case d.Outcome == outcome.Diverged:
			row.Diverged++
		case d.Outcome == outcome.Recovered:
			row.Recovered++
		case d.Outcome == outcome.Unresolved && d.T < last:
			row.Unresolved++
		default:
			used = append(used, d)
		}
	}
	row.Runs = int64(len(used))
	return used, row
}
