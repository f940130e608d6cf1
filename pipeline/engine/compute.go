package engine

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// compute runs a stage, keeps its artifact and records the action, in this order. A note
// is for people to read, whether there is an error or not.
func (e *Engine) compute(ctx context.Context, i *Item) (note string, err error) {
	start := time.Now()
	partial, err := e.store.Partial(i.Key)
	if isDamage(err) {
		note = err.Error()
	} else if err != nil {
		return "", err
	}
	table, err := e.call(pipeline.WithPartial(ctx, partial), i)
	if err != nil {
		return note, err
	}
	table.Kind, table.Params = i.Stage.Kind.Name, i.Params
	data, err := table.Bytes()
	if err != nil {
		return note, err
	}
	output, err := e.store.Put(data)
	if err != nil {
		return note, err
	}
	// An earlier record of the key is replaced, damaged or not.
	if before, err := e.store.Action(i.Key); err == nil && before != nil && before.Output != output {
		note = fmt.Sprintf("%s gave artifact %s now and %s before from the same key: "+
			"its kind %s is not a pure function of its inputs",
			i.Stage.Name, digest.Short(output), digest.Short(before.Output), i.Stage.Kind.Name)
	}
	a := &store.Action{
		Key: i.Key, Stage: i.Stage.Name, Kind: i.Stage.Kind.Name,
		Format: artifact.Format, Code: i.Code, Params: i.Params,
		Output: output, Size: int64(len(data)),
		Start: start.UTC().Truncate(time.Millisecond), Seconds: time.Since(start).Seconds(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Build: e.build.Origin, Machine: e.machine,
	}
	a.Host, _ = os.Hostname()
	for _, in := range i.inputs {
		a.Inputs = append(a.Inputs, store.ActionInput{Stage: in.stage.Name, Digest: in.digest})
	}
	if err := e.keepCode(i); err != nil {
		return note, err
	}
	if err := e.store.PutAction(a); err != nil {
		return note, err
	}
	partial.Drop()
	i.Action = a
	return note, nil
}

// keepCode records what the item's code is made of, with the sources.
func (e *Engine) keepCode(i *Item) error {
	e.keeping.Lock()
	defer e.keeping.Unlock()
	if e.kept[string(i.Code)] {
		return nil
	}
	have, err := e.store.Code(i.Code)
	known := err == nil && have != nil
	if !known || slices.ContainsFunc(have.Packages, e.lacksSources) {
		// From the sources, as the store may hold what others made up.
		m, err := e.manifest(i.Stage)
		if err == nil && !known {
			err = e.store.PutCode(m)
		}
		for _, p := range m.Packages {
			if err == nil && e.lacksSources(p) {
				err = e.keepSources(p)
			}
		}
		if err != nil {
			return err
		}
	}
	e.kept[string(i.Code)] = true
	return nil
}

func (e *Engine) lacksSources(p code.Package) bool {
	return !e.kept[p.Sum] && !e.store.HasSources(p.Sum)
}

func (e *Engine) keepSources(p code.Package) error {
	texts, err := e.code.Texts(p)
	if err == nil {
		err = e.store.PutSources(p.Sum, texts)
	}
	e.kept[p.Sum] = err == nil
	return err
}

// keepAllCode does so for what a plan found computed, of which an earlier program may have
// kept less. Nothing rests on it, so that it does not matter if the store cannot be written to.
func (e *Engine) keepAllCode(p *Plan) {
	for _, i := range p.Items {
		if i.Action != nil && e.keepCode(i) != nil {
			return
		}
	}
}

// call runs the stage's own code. A panic there is a mistake in that code; the other stages
// that are running go on.
func (e *Engine) call(ctx context.Context, i *Item) (t *artifact.Table, err error) {
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, fmt.Errorf("a mistake in the code of kind %s: %v (%s)", i.Stage.Kind.Name, p, origin())
		}
	}()
	return i.Stage.Run(ctx, e.open(i.Stage.Kind.Reads(i.Stage.Params), i.inputs))
}

// origin is the file and line of the panic that is being recovered.
func origin() string {
	pc := make([]uintptr, 64)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return "unknown origin"
		}
	}
}

// publish exports the files of an item's artifact and updates the store's view. A view that
// may not be written to stays as it is, with viewErr: it is for people, and nothing needs it.
func (e *Engine) publish(i *Item) (exported []string, viewErr, err error) {
	if i.Stage.Kind.Export {
		if exported, err = e.export(i.Action.Output); err != nil {
			return exported, nil, err
		}
	}
	err = e.store.UpdateView(e.viewName(i.Stage), i.Action)
	if store.Unwritable(err) {
		return exported, err, nil
	}
	return exported, nil, err
}
