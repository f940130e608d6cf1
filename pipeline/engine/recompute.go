package engine

import (
	"context"
	"fmt"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/compare"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// A Witness is a stage that can be computed again for the sake of comparison: one with an
// artifact in the store whose inputs are there too.
type Witness struct {
	Stage  *pipeline.Stage
	Action *store.Action // of its artifact

	// Code says what the code of the artifact is not as it is in this program, declaration by
	// declaration; empty if it is the same.
	Code []string

	item *Item // with the inputs of the action
}

// Witnesses are the stages of a plan that can be computed again, in its order, and how many
// have an artifact but other parameters or inputs by name than it was computed with, so that
// there is nothing to compare with. A stage whose code has changed since it was computed is a
// witness: whether the change matters is a question that computing it answers.
func (e *Engine) Witnesses(p *Plan) (out []Witness, other int, err error) {
	for _, i := range p.Items {
		if i.Action != nil {
			out = append(out, Witness{Stage: i.Stage, Action: i.Action, item: i})
			continue
		}
		last, err := e.store.LastAction(e.viewName(i.Stage))
		switch {
		case isDamage(err), err == nil && last == nil:
			continue
		case err != nil:
			return nil, 0, fmt.Errorf("stage %s: %w", i.Stage.Name, err)
		}
		item, ok := asRecorded(i, last)
		if !ok {
			other++
			continue
		}
		w := Witness{Stage: i.Stage, Action: last, item: item}
		if last.Code != i.Code {
			w.Code = []string{"changed"}
			if old, err := e.store.Code(last.Code); err == nil && old != nil {
				if now, err := e.CodeOf(i); err == nil {
					w.Code = code.Changes(*old, now)
				}
			}
		}
		out = append(out, w)
	}
	return out, other, nil
}

// asRecorded is the item of a stage with the inputs of an earlier action, ok being false if
// kind, parameters or the names of inputs are not those of that.
func asRecorded(i *Item, a *store.Action) (item *Item, ok bool) {
	if a.Kind != i.Stage.Kind.Name || string(a.Params) != string(i.Params) || a.Format != artifact.Format ||
		len(a.Inputs) != len(i.Stage.Inputs) {
		return nil, false
	}
	stages := make(map[string]*pipeline.Stage, len(i.Stage.Inputs))
	for _, s := range i.Stage.Inputs {
		stages[s.Name] = s
	}
	item = &Item{Stage: i.Stage, Params: i.Params, Code: i.Code}
	for _, in := range a.Inputs { // in the order in which Run read them
		s := stages[in.Stage]
		if s == nil {
			return nil, false
		}
		delete(stages, in.Stage)
		item.inputs = append(item.inputs, input{stage: s, digest: in.Digest})
	}
	return item, true
}

// A Recomputed is what computing a stage again gave.
type Recomputed struct {
	Witness
	Seconds float64
	Digest  digest.Artifact // of what came out

	// Err says why nothing came out: of an input or the code.
	Err error

	// Differs is how the artifact differs from the stored one, and nil if it does not. If that
	// cannot be read, Unread says why.
	Differs *compare.Result
	Unread  error
}

// Same reports whether the same bytes came out.
func (r Recomputed) Same() bool { return r.Err == nil && r.Digest == r.Action.Output }

// Recompute computes stages again from the inputs in the store, longest first, and compares
// what comes out with what is there. It writes nothing into the store. Each result is told
// when there, one call at a time. When stop is closed nothing else is begun; ending the
// context drops what is running. Left is how many stages were not computed for that.
func (e *Engine) Recompute(ctx context.Context, of []Witness, opt Options, tell func(Recomputed)) (left int, err error) {
	tasks := make([]*task, len(of))
	var large []*pipeline.Stage
	for k, w := range of {
		cost := w.Stage.Cost()
		tasks[k] = &task{name: w.Stage.Name, bytes: cost.Bytes, path: cost.Seconds}
		if opt.Memory > 0 && cost.Bytes > opt.Memory {
			large = append(large, w.Stage)
		}
	}
	if large != nil {
		return len(of), &MemoryError{Limit: opt.Memory, Stages: large}
	}
	s := newSchedule(opt.Cores, opt.Memory, tasks)
	type result struct {
		task *task
		out  Recomputed
	}
	finished := make(chan result)
	stop := opt.Stop
	for {
		for t := s.nextReady(); t != nil; t = s.nextReady() {
			// No two share a key here, as a key would only make one wait for the other.
			s.enqueue(t, digest.Key(t.name))
		}
		for t := s.next(); t != nil; t = s.next() {
			s.start(t)
			go func() { finished <- result{t, e.recompute(ctx, of[t.index])} }()
		}
		if s.ended() {
			return s.left(), nil
		}
		select {
		case r := <-finished:
			s.takeBack(r.task)
			if ctx.Err() == nil || r.out.Err == nil {
				tell(r.out)
				s.done(r.task)
			}
		case <-stop:
			s.stopping, stop = true, nil
		case <-ctx.Done():
			s.stopping = true
			if s.running > 0 {
				s.takeBack((<-finished).task)
			}
		}
	}
}

func (e *Engine) recompute(ctx context.Context, w Witness) Recomputed {
	start := time.Now()
	out := Recomputed{Witness: w}
	// Without what an earlier run had computed of it, which is what is to be checked.
	table, err := e.call(ctx, w.item)
	var data []byte
	if err == nil {
		table.Kind, table.Params = w.Stage.Kind.Name, w.item.Params
		data, err = table.Bytes()
	}
	out.Seconds, out.Err = time.Since(start).Seconds(), err
	if err != nil {
		return out
	}
	if out.Digest = digest.Artifact(digest.Hex(data)); out.Same() {
		return out
	}
	stored, err := e.table(w.Action.Output)
	if err != nil {
		out.Unread = err
		return out
	}
	differs := compare.Tables(stored, table)
	out.Differs = &differs
	return out
}
