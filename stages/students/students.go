// Package students visits the students that descents kept, on the instances that they
// descended on. Nothing is taken on trust: X is drawn again and compared with its
// fingerprint, and each descent is recognised by the energy of its last student.
package students

import (
	"context"
	"fmt"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
	"zerotohero/stages/loss"
)

// A Selection says which students of descents are meant. Kinds have it among their
// parameters.
type Selection struct {
	Loss  loss.Choice `param:"loss" default:"ell" help:"the loss; that of the descent"`
	Times []float64   `param:"times" default:"" help:"times of the descent, each among those in its parameter keep; its last state stands for later ones; if empty, all that it kept, and its end"`
}

// Validate checks the times.
func (s Selection) Validate() error {
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
	Problem *Problem // its X is drawn over once the next instance is visited
	Descent *Descent
	T       float64   // the time asked for; +Inf for the end of the descent
	Reached float64   // T, or the end of the descent if that is earlier
	W       []float64 // N components, ‖w‖² = N
}

// timesOf are the times at which students of a descent are visited.
func (s Selection) timesOf(d *Descent) []float64 {
	if len(s.Times) > 0 {
		return s.Times
	}
	return append(slices.Clip(d.Keep), math.Inf(1))
}

// Visits is how many students of a descent are visited, for estimates of cost.
func (s Selection) Visits(l Load) float64 {
	if len(s.Times) > 0 {
		return float64(len(s.Times))
	}
	return l.Kept + 1
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
	if err := instance.Each(in, instances.Add); err != nil {
		return err
	}
	descents, err := Descents(in.Of("descent"), s.Loss)
	if err != nil {
		return err
	}
	var p *Problem
	var x []float32 // of one instance after another
	for i := range descents {
		d := &descents[i]
		if i == 0 || d.key() != descents[i-1].key() {
			if p, err = instances.Open(d, l, x); err != nil {
				return err
			}
			x = p.X
		}
		if err := p.Check(d); err != nil {
			return err
		}
		for _, t := range s.timesOf(d) {
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
	Starts    int       `json:"starts"`
	Keep      []float64 `json:"keep"`
	PerDecade int       `json:"per_decade"`
}

// A Load is what the descents and instances among the inputs of a stage are, as far as
// parameters tell, for estimates of cost.
type Load struct {
	Descents float64 // on an instance, at least 1
	Kept     float64 // students that each keeps, besides the last
	Rows     float64 // descents on all instances
	Files    float64 // bytes of the artifacts of these
	Bytes    float64 // of memory that reading instances and descents takes
}

// LoadOf estimates it.
func LoadOf(in []*pipeline.Stage) Load {
	l := Load{Descents: 1}
	perDecade := 0
	for _, s := range in {
		if s.Kind.Name == "descent" {
			p := pipeline.ParamsOf[descentParams](s)
			l.Descents, l.Kept = max(l.Descents, float64(p.Starts)), max(l.Kept, float64(len(p.Keep)))
			perDecade = max(perDecade, p.PerDecade)
		}
	}
	for _, q := range instance.ParamsOf(in) {
		n, m, seeds := float64(q.N), float64(q.M()), float64(q.Seeds.Len())
		descents := seeds * l.Descents
		row := 250 + (1+l.Kept)*(8*n+40)
		file := row + 96*float64(perDecade)
		l.Rows += descents
		l.Files += descents * file
		// What is read, of which the collector leaves as much again, and its files, with
		// the copy that decoding them takes.
		l.Bytes += seeds*4*(250+8*(m+n)) + descents*2*(row+file)
	}
	return l
}
