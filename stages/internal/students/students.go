// Package students visits the students that descents kept, on the instances that they
// descended on. Nothing is taken on trust: X is drawn again and compared with its
// fingerprint, and each descent is recognised by the energy of its last student.
package students

import (
	"context"
	"fmt"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
	"zerotohero/stages/loss"
)

// A Selection says which students of descents are meant.
type Selection struct {
	Loss  loss.Choice // of the descents
	Times []float64   // a descent's last state stands for times after its end
}

// Validate checks the times, which kinds call times among their parameters.
func (s Selection) Validate() error {
	if len(s.Times) == 0 {
		return pipeline.BadParam("times", "is empty; give at least one time, 0 being the start")
	}
	for i, t := range s.Times {
		if !(t >= 0) {
			return pipeline.BadParam("times", "holds %v; times start at 0", t)
		}
		if slices.Contains(s.Times[:i], t) {
			return pipeline.BadParam("times", "holds %v twice", t)
		}
	}
	return nil
}

// Reads is what kinds read that visit students.
var Reads = []pipeline.Read{pipeline.ReadsWith[Descent, Keep]("descent"), pipeline.Reads[instance.Instance]("instance")}

// A Student is where a descent was at a time.
type Student struct {
	Problem *Problem
	Descent *Descent
	T       float64   // the time asked for
	Reached float64   // T, or the end of the descent if that is earlier
	W       []float64 // N components, ‖w‖² = N
}

// Each calls visit for each time of each descent among the inputs, descents in the order
// of [Descents]. X is drawn once for all that share it. It stops at the first error,
// which it returns with the student's name.
func (s Selection) Each(ctx context.Context, in pipeline.Inputs, visit func(Student) error) error {
	l, err := s.Loss.New()
	if err != nil {
		return err
	}
	instances := make(Instances)
	for _, i := range in.Of("instance") {
		rows, err := pipeline.Rows[instance.Instance](i)
		if err != nil {
			return err
		}
		if err := instances.Add(i.Stage, rows); err != nil {
			return err
		}
	}
	descents, err := Descents(in.Of("descent"), s.Loss)
	if err != nil {
		return err
	}
	var p *Problem
	for i := range descents {
		d := &descents[i]
		if i == 0 || d.key() != descents[i-1].key() {
			if p, err = instances.Open(d, l); err != nil {
				return err
			}
		}
		if err := p.Check(d); err != nil {
			return err
		}
		for _, t := range s.Times {
			if err := ctx.Err(); err != nil {
				return err
			}
			reached, w, err := d.at(t)
			if err != nil {
				return err
			}
			if err := visit(Student{p, d, t, reached, w}); err != nil {
				return fmt.Errorf("%s, t = %v: %w", d, t, err)
			}
		}
	}
	return nil
}

// descentParams are parameters of a descent, whose package is not imported for them.
type descentParams struct {
	Starts int       `json:"starts"`
	Keep   []float64 `json:"keep"`
}

// PerInstance is what the parameters of the descents among the inputs say of the number
// of descents on an instance, at least 1, and of the students that each keeps, for
// estimates of cost.
func PerInstance(in []*pipeline.Stage) (starts, kept int) {
	starts = 1
	for _, s := range in {
		if s.Kind.Name == "descent" {
			p := pipeline.ParamsOf[descentParams](s)
			starts, kept = max(starts, p.Starts), max(kept, len(p.Keep))
		}
	}
	return starts, kept
}
