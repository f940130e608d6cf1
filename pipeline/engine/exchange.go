package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"

	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// A Remote is a store elsewhere, whose files are reached by their names in the store: see
// package remote, which has some. It is not trusted. What it gives is taken under a key only if
// it is the record of that key, sealed, with an artifact that has the digest, size, kind and
// parameters that the record says. That the artifact is what the stage computes follows from
// none of this: where an Exchange has a Lock, the digest has to be the lock's.
type Remote interface {
	Read(ctx context.Context, name string, limit int64) ([]byte, error)
	Size(ctx context.Context, name string) (int64, error)
	Put(ctx context.Context, name string, data []byte) error
	String() string
}

// An Exchange is what a run has with a remote: it fetches artifacts instead of computing
// them, and puts there what it computed. It is safe for concurrent use.
type Exchange struct {
	Remote Remote
	Lock   *Lock // digests that artifacts must have; nil for none
	Only   bool  // nothing is computed: what the remote has not is left out
	Unsent bool  // nothing is put there
	Check  bool  // what is there counts as such only once it was read

	fetched, sent atomic.Int64 // bytes
	down          atomic.Bool  // it does not answer any more

	mu        sync.Mutex
	known     map[string]bool // files that are there
	delivered map[digest.Key]*delivery
}

// A delivery is what came of putting what is recorded under a key into the remote.
type delivery struct {
	once sync.Once
	sent bool // something was missing there
	err  error
}

// Fetched and Sent are the bytes that were, so far.
func (x *Exchange) Fetched() int64 { return x.fetched.Load() }
func (x *Exchange) Sent() int64    { return x.sent.Load() }

// Down reports whether the remote was given up.
func (x *Exchange) Down() bool { return x.down.Load() }

// A RefusedError says that what a remote has under a name is not what belongs there.
type RefusedError struct {
	Remote, Name, Problem, Advice string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s of %s is refused: %s; %s", e.Name, e.Remote, e.Problem, e.Advice)
}

// An UnreachableError says that a remote does not give or take files. What it has is not known.
type UnreachableError struct{ Err error }

func (e *UnreachableError) Error() string { return e.Err.Error() }
func (e *UnreachableError) Unwrap() error { return e.Err }

const removeThere = "push --check replaces it, from a store that verify finds sound"

func (x *Exchange) refuse(name, advice, format string, args ...any) error {
	return &RefusedError{x.Remote.String(), name, fmt.Sprintf(format, args...), advice}
}

// errAbsent is why a stage has no artifact after a run that only fetches.
var errAbsent = errors.New("the remote does not have it")

// fetch takes the artifact of an item from the remote into the store. It is errAbsent if the
// remote has none, and a *RefusedError if it has something else there.
func (x *Exchange) fetch(ctx context.Context, e *Engine, i *Item) error {
	a, err := x.record(ctx, i.Key)
	if err != nil {
		return err
	}
	if a == nil {
		return errAbsent
	}
	if want, ok := x.locked(i.Stage.Name); ok && want != a.Output {
		return x.refuse(store.RecordName(i.Key), "if it is the lock that is behind, --trust takes it all the same",
			"its artifact of %s is %s, and the lock has %s", i.Stage.Name, digest.Short(a.Output), digest.Short(want))
	}
	if err := x.artifact(ctx, e, i, a); err != nil {
		return err
	}
	if err := e.keepCode(i); err != nil {
		return err
	}
	if err := e.store.PutAction(a); err != nil {
		return err
	}
	i.Action = a
	return nil
}

func (x *Exchange) locked(stage string) (digest.Artifact, bool) {
	if x.Lock == nil {
		return "", false
	}
	d, ok := x.Lock.Digests[stage]
	return d, ok
}

// record is the sealed record of a key, nil if the remote has none.
func (x *Exchange) record(ctx context.Context, key digest.Key) (*store.Action, error) {
	name := store.RecordName(key)
	text, err := x.read(ctx, name, store.MaxRecord)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	a, err := store.ParseRecord(name, text)
	var damaged *store.RecordError
	switch {
	case errors.As(err, &damaged):
		return nil, x.refuse(name, removeThere, "%s", damaged.Problem)
	case err != nil:
		return nil, err
	case a.Key != key || recordedKey(a) != key:
		return nil, x.refuse(name, removeThere, "it is the record of another key")
	}
	return a, nil
}

// artifact takes that of a record, unless the store has it, and wants it to be the stage's
// either way.
func (x *Exchange) artifact(ctx context.Context, e *Engine, i *Item, a *store.Action) error {
	data, err := e.store.Get(a.Output)
	have := err == nil
	if !have {
		if data, err = x.object(ctx, i, a); err != nil {
			return err
		}
	}
	t, err := artifact.Parse(data)
	switch {
	case err != nil:
		return x.refuse(store.ObjectName(a.Output), removeThere, "%v", err)
	case int64(len(data)) != a.Size:
		return x.refuse(store.RecordName(a.Key), removeThere, "its artifact has %d bytes, and it says %d", len(data), a.Size)
	case t.Kind != i.Stage.Kind.Name || string(t.Params) != string(i.Params):
		return x.refuse(store.RecordName(a.Key), removeThere, "it names the artifact of another stage, of kind %s with "+
			"parameters %s", t.Kind, t.Params)
	case have:
		return nil
	}
	_, err = e.store.Put(data)
	return err
}

// object reads the artifact of a record, and wants its bytes to be those.
func (x *Exchange) object(ctx context.Context, i *Item, a *store.Action) ([]byte, error) {
	name := store.ObjectName(a.Output)
	data, err := x.read(ctx, name, a.Size)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, x.refuse(name, removeThere, "it is missing, and the record of %s names it", i.Stage.Name)
	case err != nil:
		return nil, err
	case int64(len(data)) < a.Size:
		return nil, x.refuse(name, removeThere, "it is truncated, to %d of %d bytes", len(data), a.Size)
	case digest.Hex(data) != string(a.Output):
		return nil, x.refuse(name, removeThere, "its content has another digest")
	}
	return data, nil
}

// read gives a file of at most limit bytes: a *RefusedError if it is longer, fs.ErrNotExist if
// there is none, and an *UnreachableError if that is not known.
func (x *Exchange) read(ctx context.Context, name string, limit int64) ([]byte, error) {
	data, err := x.Remote.Read(ctx, name, limit)
	x.fetched.Add(int64(len(data)))
	var long interface{ TooLong() bool }
	switch {
	case err == nil:
		return data, nil
	case errors.As(err, &long) && long.TooLong():
		return nil, x.refuse(name, removeThere, "%v", err)
	}
	return nil, unreachable(err)
}

// missing reports whether a file is not there with a size, or, if x checks that, with a content
// of this digest.
func (x *Exchange) missing(ctx context.Context, name string, size int64, sum string) (bool, error) {
	have, err := x.Remote.Size(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true, nil
	case err != nil || have != size || !x.Check:
		return have != size, unreachable(err)
	}
	data, err := x.read(ctx, name, size)
	var refused *RefusedError
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &refused) {
		return true, nil
	}
	return err == nil && digest.Hex(data) != sum, err
}

func unreachable(err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &UnreachableError{err}
}

// deliver puts what is recorded of an item of a plan there, after its inputs, so that the
// remote has no record whose inputs are not on record. It does so once for each key.
func (x *Exchange) deliver(ctx context.Context, e *Engine, p *Plan, i *Item) (sent bool, err error) {
	x.mu.Lock()
	if x.delivered == nil {
		x.delivered = make(map[digest.Key]*delivery)
	}
	d := x.delivered[i.Action.Key]
	if d == nil {
		d = &delivery{}
		x.delivered[i.Action.Key] = d
	}
	x.mu.Unlock()
	d.once.Do(func() {
		for _, s := range i.Stage.Inputs {
			if from := p.Of(s); from != nil && from.Action != nil {
				if _, err := x.deliver(ctx, e, p, from); err != nil {
					d.err = fmt.Errorf("its input %s: %w", s.Name, err)
					return
				}
			}
		}
		d.sent, d.err = x.send(ctx, e, i)
	})
	return d.sent, d.err
}

// send puts what is recorded of an item there, as far as it is not: artifact and code before
// the record, so that a remote which is broken off in the middle is sound. It reports whether
// anything was missing.
func (x *Exchange) send(ctx context.Context, e *Engine, i *Item) (sent bool, err error) {
	a := i.Action
	there, err := x.record(ctx, a.Key)
	var refused *RefusedError
	if err != nil && !errors.As(err, &refused) {
		return false, err
	}
	if there != nil && there.Output != a.Output {
		return false, x.refuse(store.RecordName(a.Key), "one of the two stores is wrong: compute the stage again with "+
			"verify --recompute to see which", "the artifact of %s is %s there and %s here", a.Stage,
			digest.Short(there.Output), digest.Short(a.Output))
	}
	if there != nil && there.Size != a.Size {
		there = nil // sealed, and wrong all the same
	}
	missing, err := x.missing(ctx, store.ObjectName(a.Output), a.Size, string(a.Output))
	if err != nil {
		return false, err
	}
	if missing {
		data, err := e.store.Get(a.Output)
		if err != nil {
			return false, err
		}
		if err := x.put(ctx, store.ObjectName(a.Output), data); err != nil {
			return false, err
		}
		sent = true
	}
	if there != nil && !sent && !x.Check {
		return false, nil
	}
	code, err := x.sendCode(ctx, e, i)
	if err != nil {
		return false, err
	}
	if there != nil && !sent {
		return code, nil
	}
	text, err := e.store.File(store.RecordName(a.Key))
	if err == nil {
		_, err = store.ParseRecord(store.RecordName(a.Key), text)
	}
	if err != nil {
		return false, err
	}
	return true, x.put(ctx, store.RecordName(a.Key), text)
}

// sendCode puts the manifest of an item's code there, and the sources, as far as they are missing.
func (x *Exchange) sendCode(ctx context.Context, e *Engine, i *Item) (sent bool, err error) {
	var names []string
	m, err := e.store.Code(i.Action.Code)
	if err != nil {
		return false, err
	}
	if m != nil {
		for _, p := range m.Packages {
			if e.store.HasSources(p.Sum) {
				names = append(names, store.SourcesName(p.Sum))
			}
		}
		names = append(names, store.CodeName(i.Action.Code))
	}
	for _, name := range names {
		if x.isKnown(name) {
			continue
		}
		data, err := e.store.File(name)
		if err != nil {
			return sent, err
		}
		missing, err := x.missing(ctx, name, int64(len(data)), digest.Hex(data))
		if err == nil && missing {
			sent = true
			err = x.put(ctx, name, data)
		}
		if err != nil {
			return sent, err
		}
		x.know(name)
	}
	return sent, nil
}

func (x *Exchange) put(ctx context.Context, name string, data []byte) error {
	err := x.Remote.Put(ctx, name, data)
	if err != nil {
		return unreachable(err)
	}
	x.sent.Add(int64(len(data)))
	return nil
}

func (x *Exchange) isKnown(name string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.known[name]
}

func (x *Exchange) know(name string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.known == nil {
		x.known = make(map[string]bool)
	}
	x.known[name] = true
}

// giveUp has a run do without the remote after an error that is not about one file. It reports
// whether this is the first.
func (x *Exchange) giveUp() (first bool) { return !x.down.Swap(true) }

// obtain brings about an item's artifact: from the remote, if there is one that has it, or else by
// computing it, which is then put there. Notes are for people to read.
func (e *Engine) obtain(ctx context.Context, p *Plan, i *Item, x *Exchange) (how Outcome, notes []string, err error) {
	if x != nil && !x.Down() {
		err := x.fetch(ctx, e, i)
		if err == nil {
			return Fetched, nil, nil
		}
		if x.Only || ctx.Err() != nil {
			return "", nil, err
		}
		note, err := x.note(err)
		if err != nil {
			return "", nil, err
		}
		notes = note
	}
	note, err := e.compute(ctx, i)
	if note != "" {
		notes = append(notes, note)
	}
	if err == nil && x != nil && !x.Unsent && !x.Down() {
		_, failed := x.deliver(ctx, e, p, i)
		more, failed := x.note(failed)
		if failed != nil {
			more = []string{fmt.Sprintf("%s is not put into %s: %v", i.Stage.Name, x.Remote, failed)}
		}
		notes = append(notes, more...)
	}
	return Ran, notes, err
}

// note makes notes of what is wrong with the remote or a file of it, for a run that goes on
// without; an error of anything else stays one.
func (x *Exchange) note(err error) ([]string, error) {
	var away *UnreachableError
	var refused *RefusedError
	switch {
	case err == nil, errors.Is(err, errAbsent):
		return nil, nil
	case errors.As(err, &away):
		if x.giveUp() {
			return []string{fmt.Sprintf("%v\nthe run goes on without the remote", err)}, nil
		}
		return nil, nil
	case errors.As(err, &refused):
		return []string{err.Error()}, nil
	}
	return nil, err
}

// Push puts what is recorded of items of a plan there, so many at once, and tells of each, one call at a
// time: whether anything of it was missing there, or why it is not there now. When the remote
// does not answer, or stop is closed, no more are begun. Left is how many were not.
func (e *Engine) Push(ctx context.Context, x *Exchange, p *Plan, items []*Item, atOnce int, stop <-chan struct{},
	tell func(i *Item, sent bool, err error)) (left int) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var next atomic.Int64
	var mu sync.Mutex
	var done sync.WaitGroup
	told := 0
	for range min(atOnce, len(items)) {
		done.Go(func() {
			for k := next.Add(1) - 1; k < int64(len(items)); k = next.Add(1) - 1 {
				select {
				case <-stop:
					return
				default:
				}
				if x.Down() || ctx.Err() != nil {
					return
				}
				sent, err := x.deliver(ctx, e, p, items[k])
				var away *UnreachableError
				first := errors.As(err, &away) && x.giveUp()
				mu.Lock()
				if (away == nil || first) && ctx.Err() == nil {
					told++
					tell(items[k], sent, err)
				}
				mu.Unlock()
				if away != nil {
					cancel()
				}
			}
		})
	}
	done.Wait()
	return len(items) - told
}
