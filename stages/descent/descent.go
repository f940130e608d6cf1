// Package descent follows the descent of a student on the sphere from a random
// start, or from a spectral estimate of the signal, to its outcome (physics.md 1
// and 3). As in gonum/optimize, the problem, the method, the test of convergence and
// the recorder are separate.
package descent

import (
	"context"
	"math"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/stages/instance"
	"zerotohero/stages/loss"
)

// Kind is the kind of stage that descends on every instance of a block: from random
// starts, or, with inputs of kind spectral, from the students of these.
var Kind = pipeline.Define(pipeline.Definition[Params, Descent]{
	Name: "descent",
	Doc:  "descents from random or spectral starts to recovery or a trap, with trace and kept students",
	Reads: []pipeline.Read{pipeline.Reads[instance.Instance]("instance"),
		pipeline.Reads[spectral]("spectral").OrNone()},
	Accepts: accepts,
	Cost:    cost,
	Run:     run,
})

// Params say how to descend.
type Params struct {
	Loss      loss.Choice             `param:"loss" default:"ell" help:"the loss"`
	Method    pipeline.Chosen[Method] `param:"method" default:"gd" help:"how the trajectory is followed"`
	Starts    int                     `param:"starts" default:"1" help:"descents an instance, from starts numbered from 0"`
	Floor     float64                 `param:"floor" default:"1e-10" help:"‖G‖²/N below which a student is trapped"`
	Budget    int                     `param:"budget" default:"200000" help:"gradient evaluations after which a descent is given up as unresolved"`
	MaxTime   float64                 `param:"max_time" default:"0" help:"time after which a descent is given up as unresolved; 0 for no limit"`
	Keep      []float64               `param:"keep" default:"0" help:"times at which the student is kept, ascending; the last state stands for later ones"`
	PerDecade int                     `param:"per_decade" default:"12" help:"records in the trace for a factor of ten in time"`
	Signal    []float64               `param:"signal" default:"" help:"times, of those of keep, at which the spectral measure of the signal is found where X is deferred"`
	Lines     int                     `param:"lines" default:"60" help:"lines of that measure, a product with the Hessian each; an outlier near the bulk takes some 100"`
}

// Validate checks each parameter.
func (p Params) Validate() error {
	if p.Starts < 1 {
		return pipeline.BadParam("starts", "%d must be at least 1", p.Starts)
	}
	if !(p.Floor >= 0) {
		return pipeline.BadParam("floor", "%v must not be negative", p.Floor)
	}
	if p.Budget < 1 {
		return pipeline.BadParam("budget", "%d must be at least 1", p.Budget)
	}
	if !(p.MaxTime >= 0) {
		return pipeline.BadParam("max_time", "%v must not be negative", p.MaxTime)
	}
	for i, t := range p.Keep {
		if !(t >= 0) || i > 0 && t <= p.Keep[i-1] {
			return pipeline.BadParam("keep", "%v must be times in ascending order from 0", p.Keep)
		}
	}
	if p.PerDecade < 1 || p.PerDecade > 1000 {
		return pipeline.BadParam("per_decade", "%d must be between 1 and 1000", p.PerDecade)
	}
	for _, t := range p.Signal {
		if !slices.Contains(p.Keep, t) {
			return pipeline.BadParam("signal", "holds %v, which is not among the times of keep, %v", t, p.Keep)
		}
	}
	if p.Lines < 1 || p.Lines > 1000 {
		return pipeline.BadParam("lines", "%d must be between 1 and 1000", p.Lines)
	}
	return nil
}

// A Descent is one row of the artifact. Energy, overlap, gradient and student are
// those of the last state; of a diverged descent, of the last with finite loss. Where X is
// deferred, students are components in the basis that the descent has made for itself: the
// first is along the signal, the second along the rest of the start, and each later one
// along what an evaluation has added.
type Descent struct {
	Seed       int64   `arrow:"seed" doc:"of the instance"`
	Start      int64   `arrow:"start" doc:"number of the start on this instance, from 0"`
	N          int64   `arrow:"n" doc:"dimension N"`
	M          int64   `arrow:"m" doc:"number of measurements M"`
	Alpha      float64 `arrow:"alpha" doc:"signal-to-noise ratio M/N"`
	AlphaAsked float64 `arrow:"alpha_asked" doc:"α that the instances were asked for, before rounding to whole M"`
	Loss       string  `arrow:"loss" doc:"name of the loss"`
	A          float64 `arrow:"a" doc:"parameter a of the loss; 0 for a loss without it"`

	From        string    `arrow:"from" doc:"where it started: random, or the estimator of a spectral start"`
	Method      string    `arrow:"method" doc:"how the trajectory was followed"`
	Outcome     string    `arrow:"outcome" doc:"recovered, trapped, unresolved or diverged"`
	T           float64   `arrow:"t" doc:"time of the last state"`
	Steps       int64     `arrow:"steps" doc:"states after the start"`
	Evaluations int64     `arrow:"evaluations" doc:"of the gradient, the one at the start included"`
	Energy      float64   `arrow:"energy" doc:"L/N"`
	Overlap     float64   `arrow:"overlap" doc:"m = |w·w*|/N"`
	Gradient    float64   `arrow:"gradient" doc:"‖G‖²/N of the spherical gradient"`
	Student     []float64 `arrow:"student" doc:"w, N components, or fewer where X is deferred; ‖w‖² = N"`
	Trace       []Record  `arrow:"trace" doc:"the trajectory at times in geometric progression, with t = 0 and the end"`
	Kept        []Kept    `arrow:"kept" doc:"students at the times asked for, in their order"`

	Observed []Observation `arrow:"observed" doc:"where X is deferred, and gone with the descent: its labels and Hessian for each of kept, and at the end"`
}

// A Record is one state of a trace.
type Record struct {
	T        float64 `arrow:"t" doc:"time"`
	Energy   float64 `arrow:"energy" doc:"L/N"`
	Overlap  float64 `arrow:"overlap" doc:"m = |w·w*|/N"`
	Gradient float64 `arrow:"gradient" doc:"‖G‖²/N of the spherical gradient"`
}

// A Kept is a student on the way.
type Kept struct {
	T       float64   `arrow:"t" doc:"the time asked for, or that of the last state if it is earlier"`
	Student []float64 `arrow:"student" doc:"w, N components, ‖w‖² = N"`
}

func run(ctx context.Context, p Params, in pipeline.Inputs) ([]Descent, error) {
	l, err := p.Loss.New()
	if err != nil {
		return nil, err
	}
	kept := resume(pipeline.PartialOf(ctx))
	given, err := readStarts(p, in.Of("spectral"))
	if err != nil {
		return nil, err
	}
	all, err := groups(in)
	if err != nil {
		return nil, err
	}
	rows := kept.rows
	var x []float32 // of one group after another
	for _, group := range all {
		if kept.has(group.instances[0]) {
			continue
		}
		var done []Descent
		if group.instances[0].Deferred {
			done, err = descendDeferred(ctx, p, l, group.instances[0])
		} else {
			done, x, err = descend(ctx, p, l, group, given, x)
		}
		if err != nil {
			return nil, group.wrap(err)
		}
		rows = append(rows, done...)
		if err := kept.save(rows); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// descend follows the descents on a group of instances. X is drawn into x, if that has
// room for it, and returned.
func descend(
	ctx context.Context, p Params, l loss.Loss, group *group, given starts, x []float32,
) ([]Descent, []float32, error) {
	x, err := group.draw(x)
	if err != nil {
		return nil, x, err
	}
	problem, err := NewProblem(x, group.largest().Y, group.largest().Signal, l)
	if err != nil {
		return nil, x, err
	}
	var from []Start
	origins := make([]string, len(group.instances))
	for i, inst := range group.instances {
		origin, fill, err := given.of(p, inst)
		if err != nil {
			return nil, x, err
		}
		origins[i] = origin
		for k := range p.Starts {
			from = append(from, Start{int(inst.M), func(w []float64) { fill(k, w) }})
		}
	}
	done, err := Follow(ctx, p, p.Method.New, problem, from)
	if err != nil {
		return nil, x, err
	}
	var rows []Descent
	for j, tr := range done {
		i, start := j/p.Starts, j%p.Starts
		r := row(p, group.instances[i], start, tr)
		r.From = origins[i]
		rows = append(rows, r)
	}
	return rows, x, nil
}

func row(p Params, inst instance.Instance, start int, tr *Trajectory) Descent {
	return Descent{
		Seed:        inst.Seed,
		Start:       int64(start),
		N:           inst.N,
		M:           inst.M,
		Alpha:       inst.Alpha,
		AlphaAsked:  inst.AlphaAsked,
		Loss:        loss.Label(p.Loss),
		A:           loss.A(p.Loss),
		Method:      p.Method.Name,
		Outcome:     tr.Outcome,
		T:           tr.T,
		Steps:       tr.Steps,
		Evaluations: tr.Evaluations,
		Energy:      tr.At.Energy,
		Overlap:     tr.At.Overlap,
		Gradient:    tr.At.Gradient,
		Student:     tr.At.W,
		Trace:       tr.Trace,
		Kept:        tr.Kept,
		Observed:    tr.observed,
	}
}

// expectedEvaluations is how many a descent takes on average.
func expectedEvaluations(p Params, q instance.Params) float64 {
	n := float64(usual)
	if c, ok := p.Method.Params().(coster); ok {
		n = c.Cost(q, p.MaxTime)
	}
	return math.Min(float64(p.Budget), n)
}

// costDeferred is that of one descent: the basis is read once for each of its vectors, and
// their images too, from memory.
func costDeferred(p Params, q instance.Params, evaluations float64) (seconds, bytes float64) {
	m := float64(q.M())
	products := math.Min(evaluations+float64(len(p.Signal)*p.Lines), float64(q.N))
	return m * products * (40e-9 + float64(0.6e-9*products)), m * (float64(8*products) + 64)
}

// cost was measured on one core of an AMD EPYC (2025) with AVX-512: 6 ns a row and
// 0.09 ns an entry of X for an evaluation, 0.06 where passes are full of students, 5 ns
// an entry to draw X again.
func cost(p Params, in []*pipeline.Stage) pipeline.Cost {
	type x struct {
		n     int
		seeds pipeline.Range
		null  bool
	}
	inputs, rows := make(map[x]int), make(map[x]float64)
	for _, q := range instance.ParamsOf(in) {
		if q.Deferred() {
			continue
		}
		k := x{q.N, q.Seeds, q.Null}
		inputs[k]++
		rows[k] = max(rows[k], float64(q.M()))
	}
	var seconds, matrix, instances, made float64
	starts := float64(p.Starts)
	for _, q := range instance.ParamsOf(in) {
		k := x{q.N, q.Seeds, q.Null}
		n, m, seeds := float64(q.N), float64(q.M()), float64(q.Seeds.Len())
		entry := 0.09e-9
		if float64(inputs[k])*starts > width/2 {
			entry = 0.06e-9
		}
		each := expectedEvaluations(p, q)
		if q.Deferred() {
			s, bytes := costDeferred(p, q, each)
			seconds, matrix = seconds+seeds*s, max(matrix, bytes)
			made += seeds * (350 + float64(2+len(p.Keep))*(8*each+32e3))
			continue
		}
		seconds += seeds*starts*each*(1e-6+10e-9*n+m*(6e-9+entry*n)) + seeds*rows[k]*n*5e-9/float64(inputs[k])
		// X, and what the descents of a seed work on together.
		matrix = max(matrix, 4*m*n+float64(inputs[k])*starts*80*n)
		instances += seeds * (600 + 8*(m+n))
		trace := 48 * min(0.7*each, 3*float64(p.PerDecade))
		made += seeds * starts * (350 + trace + float64(1+len(p.Keep))*(8*n+40))
	}
	// Instances and the file they are read from. Descents as Go values, of which the
	// collector leaves as many again, as Arrow columns and as bytes.
	return pipeline.NewCost(seconds, 40<<20+matrix+2*instances+4*made)
}
