package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"sort"
	"strings"
	"sync"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/store"
)

// A Status says what bringing a stage up to date takes.
type Status string

const (
	Fresh   Status = "fresh"   // nothing
	Restore Status = "restore" // the artifact is in the store: show it, and export it
	Run     Status = "run"     // computing it
)

// A Reason is why a stage runs: what of it changed since it was last up to date.
type Reason struct {
	What    string   // "new", "code", "build", "parameters", "inputs", "format" or "artifact"
	Details []string // what of that
}

// An Item is the plan for a stage.
type Item struct {
	Stage   *pipeline.Stage
	Status  Status
	Reasons []Reason      // of a run
	Key     string        // empty while an input has to run first
	Action  *store.Action // that made the artifact; nil for a run

	Params []byte // canonical
	Code   string // sum of its code digest; see Engine.CodeOf

	inputs []input // sorted; of a run with a key
}

// A Plan has an item for each stage of a graph, in its order.
type Plan struct {
	Items   []*Item
	byStage map[*pipeline.Stage]*Item
}

// Of is the item of a stage.
func (p *Plan) Of(s *pipeline.Stage) *Item { return p.byStage[s] }

// Count is the number of items with a status.
func (p *Plan) Count(status Status) int {
	n := 0
	for _, i := range p.Items {
		if i.Status == status {
			n++
		}
	}
	return n
}

// Plan says what bringing a graph up to date takes. A stage of which an input has
// to run is planned to run too; when the input comes out as it was, it will not.
func (e *Engine) Plan(g *pipeline.Graph) (*Plan, error) {
	p := &Plan{byStage: make(map[*pipeline.Stage]*Item, len(g.Stages))}
	depth := make(map[*pipeline.Stage]int, len(g.Stages))
	var levels [][]*Item
	for _, s := range g.Stages {
		item := &Item{Stage: s}
		p.Items = append(p.Items, item)
		p.byStage[s] = item
		for _, in := range s.Inputs {
			depth[s] = max(depth[s], depth[in]+1)
		}
		if depth[s] == len(levels) {
			levels = append(levels, nil)
		}
		levels[depth[s]] = append(levels[depth[s]], item)
	}
	// Within a level no stage needs another; much of the time goes to small reads.
	for _, level := range levels {
		if err := parallel(level, func(i *Item) error { return e.planOne(p, i) }); err != nil {
			return nil, err
		}
	}
	e.remember()
	return p, nil
}

func (e *Engine) planOne(p *Plan, i *Item) error {
	if err := e.describe(i); err != nil {
		return err
	}
	var waits []string
	in := make([]input, 0, len(i.Stage.Inputs))
	for _, s := range i.Stage.Inputs {
		from := p.byStage[s]
		if from.Status == Run {
			waits = append(waits, s.Name)
			continue
		}
		in = append(in, input{s, from.Params, from.Action.Output})
	}
	if len(waits) > 0 {
		i.Status = Run
		i.Reasons = e.reasons(i, in, waits)
		return nil
	}
	sortInputs(in)
	i.inputs = in
	i.Key = keyOf(i.Stage.Kind.Name, i.Code, e.build.Identity, i.Params, in)
	a, err := e.find(i.Key)
	switch {
	case err != nil:
		i.Status, i.Reasons = Run, []Reason{{"artifact", []string{strings.TrimPrefix(err.Error(), "artifact ")}}}
	case a == nil:
		i.Status, i.Reasons = Run, e.reasons(i, in, nil)
	default:
		i.Action = a
		i.Status = Restore
		if e.store.Shown(e.shownAs(i.Stage), a) && (!i.Stage.Kind.Export || e.exported(a.Output)) {
			i.Status = Fresh
		}
	}
	return nil
}

// describe fills in what a stage is, apart from its inputs.
func (e *Engine) describe(i *Item) error {
	var err error
	i.Params = i.Stage.Canonical()
	entry := i.Stage.Kind.Entry
	i.Code, err = e.code.Sum(entry.Package, entry.Name, i.Stage.Choices())
	if err != nil {
		return fmt.Errorf("stage %s (kind %s): %w", i.Stage.Name, i.Stage.Kind.Name, err)
	}
	return nil
}

// find returns the action of a key whose artifact is sound, nil if there is no
// action. Damage to the artifact is an error.
func (e *Engine) find(key string) (*store.Action, error) {
	a := e.store.Action(key)
	if a == nil || a.Key != key {
		return nil, nil
	}
	if err := e.store.Sound(a); err != nil {
		return nil, err
	}
	return a, nil
}

// reasons compares a stage with how it was last up to date. in are the inputs
// whose artifacts are known, waits the names of those that run first.
func (e *Engine) reasons(i *Item, in []input, waits []string) []Reason {
	last := e.store.Last(e.shownAs(i.Stage))
	if last == nil {
		if e.store.Known(e.shownAs(i.Stage)) {
			return []Reason{{"artifact", []string{"its record is gone from the store or damaged"}}}
		}
		return []Reason{{"new", []string{"never computed in this store under this name"}}}
	}
	var out []Reason
	if last.Format != artifact.Format {
		out = append(out, Reason{"format", []string{fmt.Sprintf("artifacts had format %s and have %s", last.Format, artifact.Format)}})
	}
	if last.Kind != i.Stage.Kind.Name {
		out = append(out, Reason{"code", []string{fmt.Sprintf("kind %s is now %s", last.Kind, i.Stage.Kind.Name)}})
	} else if last.Code != i.Code {
		details := []string{"changed"}
		if old, ok := e.store.Code(last.Code); ok {
			if now, err := e.CodeOf(i); err == nil {
				details = code.Changes(old, now)
			}
		}
		out = append(out, Reason{"code", details})
	}
	if was := last.Build.Identity; was != e.build.Identity {
		out = append(out, Reason{"build", []string{fmt.Sprintf("it was computed by another build (%s) than this (%s)", cmp.Or(was, "not recorded"), e.build.Identity)}})
	}
	if details := changedParams(last.Params, i.Params); len(details) > 0 {
		out = append(out, Reason{"parameters", details})
	}
	if details := changedInputs(last.Inputs, in, waits); len(details) > 0 {
		out = append(out, Reason{"inputs", details})
	}
	if len(out) == 0 {
		out = append(out, Reason{"artifact", []string{"its record is gone from the store"}})
	}
	return out
}

func changedParams(old, now []byte) []string {
	var was, is map[string]json.RawMessage
	if json.Unmarshal(old, &was) != nil || json.Unmarshal(now, &is) != nil {
		return nil
	}
	var out []string
	for name, v := range is {
		if w, ok := was[name]; !ok {
			out = append(out, fmt.Sprintf("%s = %s is new", name, v))
		} else if string(w) != string(v) {
			out = append(out, fmt.Sprintf("%s was %s, is %s", name, w, v))
		}
	}
	for name := range was {
		if _, ok := is[name]; !ok {
			out = append(out, name+" is gone")
		}
	}
	sort.Strings(out)
	return out
}

func changedInputs(old []store.ActionInput, now []input, waits []string) []string {
	was := make(map[string]string, len(old))
	for _, in := range old {
		was[in.Stage] = in.Digest
	}
	var out []string
	for _, name := range waits {
		out = append(out, name+" runs first")
		delete(was, name)
	}
	for _, in := range now {
		digest, ok := was[in.stage.Name]
		switch {
		case !ok:
			out = append(out, in.stage.Name+" is new")
		case digest != in.digest:
			out = append(out, in.stage.Name+" changed")
		}
		delete(was, in.stage.Name)
	}
	for name := range was {
		out = append(out, name+" is gone")
	}
	sort.Strings(out)
	return out
}

// parallel calls f on all items and returns the error of the first that has one.
func parallel[T any](items []T, f func(T) error) error {
	errs := make([]error, len(items))
	next := make(chan int)
	var done sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(items)) {
		done.Go(func() {
			for k := range next {
				errs[k] = f(items[k])
			}
		})
	}
	for k := range items {
		next <- k
	}
	close(next)
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
