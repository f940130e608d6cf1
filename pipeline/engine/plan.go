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
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// A Status says what bringing a stage up to date takes.
type Status string

const (
	Fresh   Status = "fresh"   // nothing
	Restore Status = "restore" // the artifact is in the store: update the view, and export it
	Run     Status = "run"     // computing it
)

// A Reason is why a stage runs: what of it changed since it was last up to date.
type Reason struct {
	What    Cause
	Details []string // which code, parameters and so on
}

// A Cause is what a Reason is about.
type Cause string

const (
	NeverComputed Cause = "new" // under this name
	CodeChanged   Cause = "code"
	BuildChanged  Cause = "build"
	ParamsChanged Cause = "parameters"
	InputsChanged Cause = "inputs"   // or will run first
	FormatChanged Cause = "format"   // of artifacts
	ArtifactLost  Cause = "artifact" // it or its record is damaged or gone
)

// An Item is the plan for a stage.
type Item struct {
	Stage   *pipeline.Stage
	Status  Status
	Reasons []Reason      // why it runs
	Key     digest.Key    // empty while an input has to run first
	Action  *store.Action // that made the artifact; nil if it has to run

	// Intact is the undamaged action of a stage that runs only because the artifacts from
	// which it was computed are damaged and have to be made again.
	Intact *store.Action

	Params []byte      // canonical
	Code   digest.Code // see Engine.CodeOf

	inputs []input         // sorted; known once the key is
	lost   bool            // it runs because its artifact or its record is damaged or gone
	was    digest.Artifact // the artifact that is lost, if it is known
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

// ToRun are the stages that are planned to run, each after its inputs.
func (p *Plan) ToRun() []*pipeline.Stage {
	var out []*pipeline.Stage
	for _, i := range p.Items {
		if i.Status == Run {
			out = append(out, i.Stage)
		}
	}
	return out
}

// Plan says what bringing a graph up to date takes. A stage of which an input has
// to run is planned to run too; it will not if the input comes out as it was.
// Artifacts that had to be read are marked in the store as read, and digests of code are
// kept there, to save the next plan the work.
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
	// Within a level no stage needs another, so that their many small files are read at once.
	for _, level := range levels {
		if err := parallel(level, func(i *Item) error { return e.planOne(p, i) }); err != nil {
			return nil, err
		}
	}
	e.saveSums()
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
			err = e.findIntact(p, i, waits)
		}
		return err
	}
	e.setKey(i, in)
	a, err := e.findAction(i.Key)
	var published bool
	if err == nil && a != nil {
		published, err = e.published(i.Stage, a)
	}
	switch {
	case isDamage(err):
		i.Status, i.lost = Run, true
		i.Reasons = []Reason{{ArtifactLost, []string{strings.TrimPrefix(err.Error(), "artifact ")}}}
		i.was, _ = damagedArtifact(err)
		return nil
	case err != nil:
		return fmt.Errorf("stage %s: %w", i.Stage.Name, err)
	case a == nil:
		i.Status = Run
		i.Reasons, err = e.reasons(i, in, nil)
		i.lost = len(i.Reasons) == 1 && i.Reasons[0].What == ArtifactLost
	case published:
		i.Status, i.Action = Fresh, a
	default:
		i.Status, i.Action = Restore, a
	}
	return err
}

// findIntact sets Intact of an item that runs because inputs have to, if damage alone is
// why these run, their own or that of inputs of theirs.
func (e *Engine) findIntact(p *Plan, i *Item, waits []string) error {
	if len(i.Reasons) != 1 || i.Reasons[0].What != InputsChanged || len(i.Reasons[0].Details) != len(waits) {
		return nil
	}
	last, err := e.store.LastAction(e.viewName(i.Stage))
	if err != nil {
		return err
	}
	read := make(map[string]digest.Artifact, len(last.Inputs))
	for _, in := range last.Inputs {
		read[in.Stage] = in.Digest
	}
	for _, s := range i.Stage.Inputs {
		from := p.byStage[s]
		if from.Status != Run {
			continue
		}
		was := from.was
		if from.Intact != nil {
			was = from.Intact.Output
		} else if !from.lost {
			return nil
		}
		if was != "" && read[s.Name] != was {
			return nil
		}
	}
	switch err := e.checkOutput(last); {
	case isDamage(err):
		i.lost, i.was = true, last.Output
	case err != nil:
		return fmt.Errorf("stage %s: %w", i.Stage.Name, err)
	default:
		i.Intact = last
	}
	return nil
}

// published reports whether the view shows an action, and the exported files are those of
// its artifact.
func (e *Engine) published(s *pipeline.Stage, a *store.Action) (bool, error) {
	viewed, err := e.store.ViewIsOf(e.viewName(s), a)
	if err != nil || !viewed || !s.Kind.Export {
		return viewed, err
	}
	return e.exported(a.Output)
}

// describe fills in what a stage is, apart from its inputs.
func (e *Engine) describe(i *Item) error {
	var err error
	i.Params = i.Stage.Canonical()
	entry := i.Stage.Kind.Entry
	i.Code, err = e.code.Digest(entry.Package, entry.Name, i.Stage.Choices())
	if err != nil {
		return fmt.Errorf("stage %s (kind %s): %w", i.Stage.Name, i.Stage.Kind.Name, err)
	}
	return nil
}

// findAction returns the action of a key whose artifact is undamaged, nil if there is no
// action. Damage to either is an error for which isDamage is true; any other error says
// that they cannot be read.
func (e *Engine) findAction(key digest.Key) (*store.Action, error) {
	a, err := e.store.Action(key)
	if err != nil || a == nil {
		return nil, err
	}
	if err := e.checkOutput(a); err != nil {
		return nil, err
	}
	return a, nil
}

func (e *Engine) checkOutput(a *store.Action) error {
	read, err := e.store.CheckOutput(a)
	if read && err == nil {
		e.store.MarkChecked(a)
	}
	return err
}

// reasons compares a stage with its last action. in are the inputs whose artifacts are
// known, waits the names of those that run first.
func (e *Engine) reasons(i *Item, in []input, waits []string) ([]Reason, error) {
	name := e.viewName(i.Stage)
	last, err := e.store.LastAction(name)
	if isDamage(err) {
		return []Reason{{ArtifactLost, []string{err.Error()}}}, nil
	}
	if err == nil && last == nil {
		var known bool
		if known, err = e.store.InView(name); known {
			return []Reason{{ArtifactLost, []string{"its record is gone from the store"}}}, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("stage %s: %w", i.Stage.Name, err)
	}
	if last == nil {
		return []Reason{{NeverComputed, []string{"never computed in this store under this name"}}}, nil
	}
	var out []Reason
	if last.Format != artifact.Format {
		out = append(out, Reason{FormatChanged,
			[]string{fmt.Sprintf("artifacts had format %s and have %s", last.Format, artifact.Format)}})
	}
	if last.Kind != i.Stage.Kind.Name {
		out = append(out, Reason{CodeChanged, []string{fmt.Sprintf("kind %s is now %s", last.Kind, i.Stage.Kind.Name)}})
	} else if last.Code != i.Code {
		// If the sources of then are not known, that the code changed is all there is to say.
		details := []string{"changed"}
		if old, err := e.store.Code(last.Code); err == nil && old != nil {
			if now, err := e.CodeOf(i); err == nil {
				details = code.Changes(*old, now)
			}
		}
		out = append(out, Reason{CodeChanged, details})
	}
	if was := last.Build.Identity; was != e.build.Identity {
		out = append(out, Reason{BuildChanged, []string{fmt.Sprintf("it was computed by another build (%s) than "+
			"this (%s)",
			cmp.Or(was, "not recorded"), e.build.Identity)}})
	}
	if details := changedParams(last.Params, i.Params); len(details) > 0 {
		out = append(out, Reason{ParamsChanged, details})
	}
	if details := changedInputs(last.Inputs, in, waits); len(details) > 0 {
		out = append(out, Reason{InputsChanged, details})
	}
	if len(out) == 0 {
		out = append(out, Reason{ArtifactLost, []string{"its record is gone from the store"}})
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
	was := make(map[string]digest.Artifact, len(old))
	for _, in := range old {
		was[in.Stage] = in.Digest
	}
	var out []string
	for _, name := range waits {
		out = append(out, name+" runs first")
		delete(was, name)
	}
	for _, in := range now {
		before, ok := was[in.stage.Name]
		switch {
		case !ok:
			out = append(out, in.stage.Name+" is new")
		case before != in.digest:
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

// readers is how many stages are planned at once: more than there are cores, since reading
// from a network file system is mostly waiting, and fewer than the files that may be open.
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
