package engine

import (
	"context"
	"fmt"
	"time"

	"zerotohero/pipeline"
)

// lookEvery is how often inputs are looked for that are not in the store yet.
const lookEvery = time.Second

// A MissingInputError says that a stage cannot be computed, as an input is not in the store and
// the run is not to compute it.
type MissingInputError struct {
	Stage, Input *pipeline.Stage
	Err          error // what is wrong with the input; nil if it is not computed
}

func (e *MissingInputError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("its input %s cannot be read, and is none of the stages of this run: %v", e.Input.Name, e.Err)
	}
	return fmt.Sprintf("its input %s is not in the store, and is none of the stages of this run; compute it first",
		e.Input.Name)
}

func (e *MissingInputError) Unwrap() error { return e.Err }

// planRun is the plan of a run. Of a run of some stages alone it has these, once their inputs are in the
// store or have been waited for long enough: what is missing then fails the stages that need it.
// It is not ready if the run was stopped before that.
func (e *Engine) planRun(ctx context.Context, g *pipeline.Graph, opt Options) (p *Plan, ready bool, err error) {
	if opt.Only == nil {
		p, err = e.Plan(g)
		return p, true, err
	}
	g = g.Closure(opt.Only)
	until := time.Now().Add(opt.Wait)
	for noted := false; ; noted = true {
		all, err := e.Plan(g)
		if err != nil {
			return nil, false, err
		}
		plan, err := all.only(opt.Only)
		if err != nil {
			return nil, false, err
		}
		missing := plan.missing()
		left := time.Until(until)
		if missing == nil || left <= 0 {
			return plan, true, nil
		}
		if !noted && opt.Report != nil {
			opt.Report.Note(fmt.Sprintf("waiting up to %v for %s, which is not in the store yet", opt.Wait, missing.Name))
		}
		select {
		case <-time.After(min(left, lookEvery)):
		case <-opt.Stop:
			return plan, false, nil
		case <-ctx.Done():
			return plan, false, nil
		}
	}
}

// only is the part of a plan that is about some stages. It knows the others as inputs.
func (p *Plan) only(stages []*pipeline.Stage) (*Plan, error) {
	wanted := make(map[*pipeline.Stage]bool)
	for _, s := range stages {
		if p.Of(s) == nil {
			return nil, fmt.Errorf("stage %s is not one of the graph", s.Name)
		}
		wanted[s] = true
	}
	part := &Plan{byStage: p.byStage}
	for _, i := range p.Items {
		if wanted[i.Stage] {
			part.Items = append(part.Items, i)
		}
	}
	return part, nil
}

// missing is the first input that is neither in the store nor among the plan's items; nil if there is none.
func (p *Plan) missing() *pipeline.Stage {
	in := make(map[*pipeline.Stage]bool)
	for _, i := range p.Items {
		in[i.Stage] = true
		for _, s := range i.Stage.Inputs {
			if !in[s] && p.Of(s).Status == Run {
				return s
			}
		}
	}
	return nil
}
