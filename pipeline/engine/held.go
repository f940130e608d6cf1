package engine

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// A Holder is a reason to keep artifacts.
type Holder struct {
	Profile   string // of the paper or, if Lock, of the lock file
	Lock      bool
	Waits     int // if positive, what so many stages of the profile that have to run had before
	Artifacts []digest.Artifact
}

// Holdings say what of a store is needed, and by what.
type Holdings struct {
	Holders []Holder
	Keep    store.Keep
}

// Holdings follows what the profiles have in the store, what their stages that have to run had when
// they were last up to date, and the artifacts of locks; and all that these were computed from.
func (e *Engine) Holdings(profiles []Profile, locks []*Lock) (*Holdings, error) {
	h := &holder{e: e, makers: make(map[digest.Artifact][]*store.Action)}
	h.Keep = store.Keep{
		Records: make(map[digest.Key]bool), Artifacts: make(map[digest.Artifact]bool),
		Code: make(map[digest.Code]bool), Packages: make(map[string]bool), Partial: make(map[digest.Key]bool), Views: make(map[string]bool),
		Sources: e.sources,
	}
	if err := h.readRecords(); err != nil {
		return nil, err
	}
	// What is up to date comes first: of several records of an artifact that one is enough.
	for _, p := range profiles {
		h.begin(Holder{Profile: p.Name})
		for _, i := range p.Plan.Items {
			h.Keep.Views[store.ViewName(path.Join(p.View, i.Stage.Name))] = true
			h.keepItem(i)
		}
	}
	for _, p := range profiles {
		if err := h.keepLast(p); err != nil {
			return nil, err
		}
	}
	for _, l := range locks {
		h.begin(Holder{Profile: l.Profile, Lock: true})
		for _, name := range l.Digests {
			h.keepArtifact(name)
		}
	}
	for k := range h.Holders {
		slices.Sort(h.Holders[k].Artifacts)
	}
	return &h.Holdings, h.keepSources()
}

type holder struct {
	Holdings
	e      *Engine
	makers map[digest.Artifact][]*store.Action // of all sound records, newest first

	// Of the holder that is being followed.
	seen     map[digest.Artifact]bool
	followed map[digest.Key]bool
}

func (h *holder) readRecords() error {
	for _, r := range h.e.store.Records() {
		var damaged *store.RecordError
		switch {
		case errors.As(r.Err, &damaged):
		case r.Err != nil:
			return r.Err
		default:
			h.makers[r.Action.Output] = append(h.makers[r.Action.Output], r.Action)
		}
	}
	for _, makers := range h.makers {
		slices.SortStableFunc(makers, func(a, b *store.Action) int { return b.Start.Compare(a.Start) })
	}
	return nil
}

func (h *holder) begin(next Holder) {
	h.Holders = append(h.Holders, next)
	h.seen, h.followed = make(map[digest.Artifact]bool), make(map[digest.Key]bool)
}

// keepItem keeps what the store has of a stage as it is now. What is damaged stays too, so that a
// run that mends it, and verify, still find it.
func (h *holder) keepItem(i *Item) {
	if i.Action != nil {
		h.keepAction(i.Action)
	} else if i.Key != "" {
		h.Keep.Records[i.Key] = true
		h.Keep.Partial[i.Key] = true
	}
	if i.was != "" {
		h.Keep.Artifacts[i.was] = true
	}
}

// keepAction keeps a record, its artifact and code, and what they came from.
func (h *holder) keepAction(a *store.Action) {
	h.Keep.Records[a.Key] = true
	h.Keep.Code[a.Code] = true
	h.see(a.Output)
	if h.followed[a.Key] {
		return
	}
	h.followed[a.Key] = true
	for _, in := range a.Inputs {
		h.keepArtifact(in.Digest)
	}
}

// keepArtifact keeps an artifact, a record of it, and what that came from.
func (h *holder) keepArtifact(name digest.Artifact) {
	makers := h.makers[name]
	if !h.see(name) || len(makers) == 0 {
		return
	}
	k := slices.IndexFunc(makers, func(a *store.Action) bool { return h.Keep.Records[a.Key] })
	h.keepAction(makers[max(k, 0)])
}

// keepSources keeps the sources of the code that is kept.
func (h *holder) keepSources() error {
	for sum := range h.Keep.Code {
		m, err := h.e.store.Code(sum)
		if err != nil && !isDamage(err) {
			return err
		}
		if m != nil {
			for _, p := range m.Packages {
				h.Keep.Packages[p.Sum] = true
			}
		}
	}
	return nil
}

// see adds an artifact to those of the present holder, and reports whether it is new there.
func (h *holder) see(name digest.Artifact) bool {
	if h.seen[name] {
		return false
	}
	h.seen[name] = true
	h.Keep.Artifacts[name] = true
	last := &h.Holders[len(h.Holders)-1]
	last.Artifacts = append(last.Artifacts, name)
	return true
}

// keepLast keeps what the stages of a profile that have to run had when they were last up to date,
// and what they have computed in part.
func (h *holder) keepLast(p Profile) error {
	h.begin(Holder{Profile: p.Name})
	last := make(map[*Item]*store.Action)
	for _, i := range p.Plan.Items {
		if i.Action != nil {
			last[i] = i.Action
			continue
		}
		a, err := h.e.store.LastAction(path.Join(p.View, i.Stage.Name))
		if err != nil && !isDamage(err) {
			return fmt.Errorf("stage %s: %w", i.Stage.Name, err)
		}
		if a != nil {
			last[i] = a
			h.keepAction(a)
			h.Holders[len(h.Holders)-1].Waits++
		}
	}
	for _, i := range p.Plan.Items {
		if i.Key == "" {
			if err := h.keepLikely(p.Plan, i, last); err != nil {
				return err
			}
		}
	}
	if h.Holders[len(h.Holders)-1].Waits == 0 {
		h.Holders = h.Holders[:len(h.Holders)-1]
	}
	return nil
}

// keepLikely keeps what there is under the key that a stage will have if the inputs that run before
// it come out as they last were.
func (h *holder) keepLikely(p *Plan, i *Item, last map[*Item]*store.Action) error {
	in := make([]input, len(i.Stage.Inputs))
	for k, s := range i.Stage.Inputs {
		from := p.Of(s)
		if last[from] == nil {
			return nil
		}
		in[k] = input{s, from.Params, last[from].Output}
	}
	likely := *i
	h.e.setKey(&likely, in)
	h.Keep.Partial[likely.Key] = true
	a, err := h.e.store.Action(likely.Key)
	if err != nil && !isDamage(err) {
		return fmt.Errorf("stage %s: %w", i.Stage.Name, err)
	}
	if a != nil {
		h.keepAction(a)
	}
	return nil
}
