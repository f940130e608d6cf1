package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

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

	// Rests is, of a stage that runs only because what it is computed from is damaged and
	// has to be made again, its own action, of which all is sound.
	Rests *store.Action

	Params []byte // canonical
	Code   string // sum of its code digest; see Engine.CodeOf

	inputs []input // sorted; of a run with a key
	lost   bool    // it runs because its artifact or its record is damaged or gone
	had    string  // digest of the artifact that is, as far as it is known
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
	if err := store.CheckName(i.Stage.Name); err != nil {
		return err
	}
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
		var err error
		i.Reasons, err = e.reasons(i, in, waits)
		if err == nil {
			err = e.rest(p, i, waits)
		}
		return err
	}
	sortInputs(in)
	i.inputs = in
	i.Key = keyOf(i.Stage.Kind.Name, i.Code, e.build.Identity, i.Params, in)
	a, err := e.find(i.Key)
	var current bool
	if err == nil && a != nil {
		current, err = e.current(i.Stage, a)
	}
	switch {
	case damage(err):
		i.Status, i.Reasons, i.lost = Run, []Reason{{"artifact", []string{strings.TrimPrefix(err.Error(), "artifact ")}}}, true
		i.had, _ = damaged(err)
		return nil
	case err != nil:
		return fmt.Errorf("stage %s: %w", i.Stage.Name, err)
	case a == nil:
		i.Status = Run
		i.Reasons, err = e.reasons(i, in, nil)
		i.lost = len(i.Reasons) == 1 && i.Reasons[0].What == "artifact"
	case current:
		i.Status, i.Action = Fresh, a
	default:
		i.Status, i.Action = Restore, a
	}
	return err
}

// rest finds the action of an item that runs because inputs have to, if these are damaged
// or rest on what is, and nothing else of it changed.
func (e *Engine) rest(p *Plan, i *Item, waits []string) error {
	if len(i.Reasons) != 1 || i.Reasons[0].What != "inputs" || len(i.Reasons[0].Details) != len(waits) {
		return nil
	}
	last, err := e.store.Last(e.shownAs(i.Stage))
	if err != nil {
		return err
	}
	was := make(map[string]string, len(last.Inputs))
	for _, in := range last.Inputs {
		was[in.Stage] = in.Digest
	}
	for _, s := range i.Stage.Inputs {
		from := p.byStage[s]
		if from.Status != Run {
			continue
		}
		had := from.had
		if from.Rests != nil {
			had = from.Rests.Output
		} else if !from.lost {
			return nil
		}
		if had != "" && was[s.Name] != had {
			return nil
		}
	}
	switch err := e.store.Sound(last); {
	case damage(err):
		i.lost, i.had = true, last.Output
	case err != nil:
		return fmt.Errorf("stage %s: %w", i.Stage.Name, err)
	default:
		i.Rests = last
	}
	return nil
}

// current reports whether the view shows an action, and the exported files are those of
// its artifact.
func (e *Engine) current(s *pipeline.Stage, a *store.Action) (bool, error) {
	shown, err := e.store.Shown(e.shownAs(s), a)
	if err != nil || !shown || !s.Kind.Export {
		return shown, err
	}
	return e.exported(a.Output)
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
// action. Damage to either is an error for which damage is true; any other error says
// that they cannot be read.
func (e *Engine) find(key string) (*store.Action, error) {
	a, err := e.store.Action(key)
	if err != nil || a == nil {
		return nil, err
	}
	if err := e.store.Sound(a); err != nil {
		return nil, err
	}
	return a, nil
}

// reasons compares a stage with how it was last up to date. in are the inputs
// whose artifacts are known, waits the names of those that run first.
func (e *Engine) reasons(i *Item, in []input, waits []string) ([]Reason, error) {
	name := e.shownAs(i.Stage)
	last, err := e.store.Last(name)
	if damage(err) {
		return []Reason{{"artifact", []string{err.Error()}}}, nil
	}
	if err == nil && last == nil {
		var known bool
		if known, err = e.store.Known(name); known {
			return []Reason{{"artifact", []string{"its record is gone from the store"}}}, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("stage %s: %w", i.Stage.Name, err)
	}
	if last == nil {
		return []Reason{{"new", []string{"never computed in this store under this name"}}}, nil
	}
	var out []Reason
	if last.Format != artifact.Format {
		out = append(out, Reason{"format", []string{fmt.Sprintf("artifacts had format %s and have %s", last.Format, artifact.Format)}})
	}
	if last.Kind != i.Stage.Kind.Name {
		out = append(out, Reason{"code", []string{fmt.Sprintf("kind %s is now %s", last.Kind, i.Stage.Kind.Name)}})
	} else if last.Code != i.Code {
		// What changed is only told: without it, that it did is enough.
		details := []string{"changed"}
		if old, err := e.store.Code(last.Code); err == nil && old != nil {
			if now, err := e.CodeOf(i); err == nil {
				details = code.Changes(*old, now)
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
	return out, nil
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

// readers is how many stages are looked at at once: more than there are cores, since a
// network file system lets each wait, and fewer than the files that may be open.
func readers() int { return min(4*runtime.GOMAXPROCS(0), 128) }

// parallel calls f on all items and returns the error of the first that has one.
func parallel[T any](items []T, f func(T) error) error {
	errs := make([]error, len(items))
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(readers(), len(items)) {
		done.Go(func() {
			for k := next.Add(1) - 1; k < int64(len(items)); k = next.Add(1) - 1 {
				errs[k] = f(items[k])
			}
		})
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
