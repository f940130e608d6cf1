package landscape

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
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
	From    string    `arrow:"from"`
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

// at is the student at time t, or the last if the descent ended before, and the time of
// that student.
func (d *descent) at(t float64) (reached float64, w []float64, err error) {
	reached, w = d.T, d.Student
	if t < d.T {
		k := slices.IndexFunc(d.Kept, func(k kept) bool { return k.T == t })
		if k < 0 {
			return 0, nil, fmt.Errorf("%s kept no student at t = %v and went on to t = %v; add %v to the parameter keep of that family", d, t, d.T, t)
		}
		reached, w = t, d.Kept[k].Student
	}
	if square := dot(w, w); len(w) != int(d.N) || !(math.Abs(square-float64(d.N)) <= 1e-6*float64(d.N)) {
		return 0, nil, fmt.Errorf("%s: the student at t = %v has %d components and ‖w‖² = %v, not N = %d for both; run that stage again", d, reached, len(w), square, d.N)
	}
	return reached, w, nil
}

// check makes sure that the descent was on this instance, by the energy of its last
// student: an instance of the same seed may have other labels, the null model's.
func (d *descent) check(p *problem) error {
	_, w, err := d.at(d.T)
	if err != nil {
		return err
	}
	energy, root := 0.0, math.Sqrt(float64(d.N))
	for i, h := range p.products(w) {
		energy += p.loss.Value(p.y[i], h/root)
	}
	if energy /= float64(d.N); !(math.Abs(energy-d.Energy) <= 1e-6*(1+math.Abs(d.Energy))) {
		return fmt.Errorf("%s ended at L/N = %v, which on the instance among the inputs is %v; give as inputs the instances that it descends on", d, d.Energy, energy)
	}
	return nil
}

// key names a problem; descents and instances are matched by it.
type key struct{ n, m, seed int64 }

func readInstances(in pipeline.Inputs) (map[key]instance.Instance, error) {
	out := make(map[key]instance.Instance)
	for _, i := range in {
		rows, err := pipeline.Rows[instance.Instance](i)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			k := key{r.N, r.M, r.Seed}
			if _, ok := out[k]; ok {
				return nil, fmt.Errorf("%s: a second instance of N = %d, M = %d, seed %d among the inputs; give one", i.Stage, r.N, r.M, r.Seed)
			}
			if r.N < 2 || int64(len(r.Signal)) != r.N || int64(len(r.Y)) != r.M {
				return nil, fmt.Errorf("%s: the instance of seed %d has N = %d, M = %d, but %d components of the signal and %d labels; run that stage again", i.Stage, r.Seed, r.N, r.M, len(r.Signal), len(r.Y))
			}
			out[k] = r
		}
	}
	return out, nil
}

// readDescents collects the descents of all inputs, sorted so that those which share X
// follow each other.
func readDescents(p Params, in pipeline.Inputs) ([]descent, error) {
	var out []descent
	for _, i := range in {
		rows, err := pipeline.Rows[descent](i)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			d.stage = i.Stage
			if d.Loss != p.Loss || d.A != p.A {
				return nil, fmt.Errorf("%s is of loss %s, a = %v, and this stage of loss %s, a = %v; they must be equal", &d, d.Loss, d.A, p.Loss, p.A)
			}
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the inputs hold no descents; add descent stages with seeds")
	}
	slices.SortStableFunc(out, func(a, b descent) int {
		return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.M, b.M), cmp.Compare(a.Seed, b.Seed),
			cmp.Compare(a.Start, b.Start), cmp.Compare(a.From, b.From))
	})
	return out, nil
}
