package students

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/internal/vector"
	"zerotohero/stages/labels"
	"zerotohero/stages/loss"
)

// A Descent is what is read of the artifact of that name.
type Descent struct {
	Seed       int64     `arrow:"seed"`
	Start      int64     `arrow:"start"`
	N          int64     `arrow:"n"`
	M          int64     `arrow:"m"`
	Alpha      float64   `arrow:"alpha"`
	AlphaAsked float64   `arrow:"alpha_asked"`
	Loss       string    `arrow:"loss"`
	A          float64   `arrow:"a"`
	Method     string    `arrow:"method"`
	From       string    `arrow:"from"`
	Outcome    string    `arrow:"outcome"`
	T          float64   `arrow:"t"`
	Energy     float64   `arrow:"energy"`
	Student    []float64 `arrow:"student"`
	Kept       []Kept    `arrow:"kept"`

	// Observed is, where X is deferred, what is known of the labels for each of Kept and at
	// the end; otherwise X can be drawn again, and it is empty.
	Observed []Observation `arrow:"observed"`

	Stage string    // that it is a row of
	Keep  []float64 // the parameter keep of that stage
}

// Kept is a student at one of the times of the parameter keep, or at the descent's end
// if that is earlier.
type Kept struct {
	T       float64   `arrow:"t"`
	Student []float64 `arrow:"student"`
}

// An Observation is the labels at one time.
type Observation struct {
	Energy float64       `arrow:"energy"`
	Mu     float64       `arrow:"mu"`
	Law    []labels.Node `arrow:"law"`
}

// Sketch is the observation as a sketch of the labels of one descent.
func (o Observation) Sketch() labels.Sketch {
	return labels.Sketch{Runs: 1, Energy: o.Energy, Mu: o.Mu, Nodes: o.Law}
}

// Keep is what is read of the parameters of the stage that a descent is a row of.
type Keep struct {
	Keep []float64 `json:"keep"`
}

// String names the descent for an error.
func (d *Descent) String() string {
	return fmt.Sprintf("%s: descent of seed %d, start %d", d.Stage, d.Seed, d.Start)
}

func (d *Descent) key() key { return key{d.N, d.M, d.Seed} }

// at is the student at time t, or the last if the descent ended before, and the time of
// that student.
func (d *Descent) at(t float64) (reached float64, w []float64, err error) {
	reached, w = d.T, d.Student
	if t < d.T {
		k := slices.IndexFunc(d.Kept, func(k Kept) bool { return k.T == t })
		if k < 0 {
			return 0, nil, fmt.Errorf("%s kept no student at t = %v, only at %v, and went on to t = %v; "+
				"add %v to the parameter keep of that family", d, t, d.Keep, d.T, t)
		}
		reached, w = t, d.Kept[k].Student
	}
	square := vector.Dot(w, w)
	if len(w) != int(d.N) || !(math.Abs(square-float64(d.N)) <= 1e-6*float64(d.N)) {
		return 0, nil, fmt.Errorf("%s: the student at t = %v has %d components and ‖w‖² = %v, not N = %d for both; "+
			"run that stage again", d, reached, len(w), square, d.N)
	}
	return reached, w, nil
}

// Descents reads the descents of all inputs, one at least, all of this loss. They are
// sorted by N, M, seed, start and where they started from, so that those which share X
// follow each other.
func Descents(in pipeline.Inputs, of loss.Choice) ([]Descent, error) {
	name, a := loss.Label(of), loss.A(of)
	var out []Descent
	for _, i := range in {
		rows, params, err := pipeline.RowsAndParams[Descent, Keep](i)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			d.Stage, d.Keep = i.Stage, params.Keep
			if d.Loss != name || d.A != a {
				return nil, fmt.Errorf("%s is of loss %s, a = %v, and this stage of loss %s, a = %v; "+
					"they must be equal", &d, d.Loss, d.A, name, a)
			}
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the inputs hold no descents; add descent stages with seeds")
	}
	slices.SortStableFunc(out, func(a, b Descent) int {
		return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.M, b.M), cmp.Compare(a.Seed, b.Seed),
			cmp.Compare(a.Start, b.Start), cmp.Compare(a.From, b.From))
	})
	return out, nil
}
