package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/store"
)

// maxVersions is how many other versions of a stage are listed.
const maxVersions = 5

// noRecord is what an artifact is called of which the store knows nothing else.
const noRecord = "an artifact of which the store has no record"

// provenance is that of a match. Its artifact is read and checked; of its inputs only the
// records are read.
func (f *finder) provenance(m match) *provenance {
	var p *provenance
	switch {
	case m.item != nil:
		p = f.ofItem(m.item)
		if m.item.Action == nil {
			p.facts = append(p.facts, f.versions("", f.recordIndex().ofStage(m.item.Stage.Name), m.item.Key)...)
		}
	case m.records != nil:
		p = f.ofRecord(m.records[0])
		p.facts = append(p.facts, f.versions("also", m.records[1:], "")...)
	default:
		return f.unrecorded(m.output, noRecord)
	}
	if a := p.action; a != nil {
		p.facts = append(p.facts, damage(f.store.Check(a.Output))...)
	}
	return p
}

// ofItem is the provenance of a stage of the profile.
func (f *finder) ofItem(i *engine.Item) *provenance {
	p := &provenance{
		id:    string(i.Key) + " " + i.Stage.Name, // as stages may share a key
		title: fmt.Sprintf("%s (%s)", i.Stage.Name, i.Stage.Kind.Name),
		stage: i.Stage.Name, kind: i.Stage.Kind.Name,
		params: i.Params, action: i.Action, code: i.Code,
	}
	if source, err := f.engine.CodeOf(i); err == nil {
		p.source = &source
	}
	if i.Action == nil {
		for _, r := range i.Reasons {
			p.facts = append(p.facts, fmt.Sprintf("not computed: %s: %s", r.What, format.List(r.Details, 4)))
		}
		if i.Key != "" {
			if r := f.store.Record(i.Key); !errors.Is(r.Err, fs.ErrNotExist) {
				p.facts = append(p.facts, defects(&r)...)
			}
		}
	}
	for _, s := range i.Stage.Inputs {
		in := f.plan.Of(s)
		p.inputs = append(p.inputs, input{s.Name, in.Action != nil, func() *provenance { return f.ofItem(in) }})
	}
	return p
}

// ofRecord is the provenance of what is on record, by the records before it.
func (f *finder) ofRecord(r *store.Record) *provenance {
	a := r.Action
	if i := f.byKey[a.Key]; i != nil && i.Action != nil && r.Err == nil {
		return f.ofItem(i)
	}
	p := &provenance{
		id:    string(a.Key) + " " + a.Stage,
		title: fmt.Sprintf("%s (%s)%s", a.Stage, a.Kind, f.version(a.Key)),
		stage: a.Stage, kind: a.Kind,
		params: a.Params, action: a, code: a.Code, facts: defects(r),
	}
	if !f.known[a.Stage] && f.byKey[a.Key] == nil {
		p.title += ": profile " + f.profile + " has no such stage"
	}
	if source, err := f.store.Code(a.Code); err == nil {
		p.source = source
	}
	for _, in := range a.Inputs {
		made := f.recordIndex().producer(in, a)
		p.inputs = append(p.inputs, input{in.Stage, made != nil, func() *provenance {
			if made == nil {
				return f.unrecorded(in.Digest, in.Stage+", whose record is not in the store")
			}
			return f.ofRecord(made)
		}})
	}
	return p
}

// unrecorded is what an artifact says of itself.
func (f *finder) unrecorded(name digest.Artifact, title string) *provenance {
	p := &provenance{id: string(name), title: title, facts: []string{fact("artifact", "%s", name)}}
	if facts := damage(f.store.Check(name)); facts != nil {
		p.facts = append(p.facts, facts...)
		return p
	}
	file, err := os.Open(f.store.ObjectPath(name))
	if err != nil {
		return p
	}
	defer file.Close()
	kind, params, err := artifact.Header(file)
	if err != nil {
		p.facts = append(p.facts, fact("content", "%v", err))
		return p
	}
	p.kind, p.params = kind, []byte(params)
	p.facts = append(p.facts, fact("kind", "%s", kind))
	return p
}

// defects say what is wrong with a record.
func defects(r *store.Record) []string {
	var bad *store.RecordError
	switch {
	case r.Err == nil:
		return nil
	case errors.As(r.Err, &bad):
		return []string{fact("record", "%s is not as it was written: %s", bad.Path, bad.Problem)}
	}
	return []string{fact("record", "%s is unreadable: %v", r.Path, r.Err)}
}

// damage says what the check of an artifact found.
func damage(err error) []string {
	var bad *store.DamageError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad):
		return []string{fact("damage", "%s is %s", bad.Path, bad.Problem)}
	}
	return []string{fact("damage", "unreadable: %v", err)}
}

// versions lists records, each under a heading. That of all is given, or else it says how a
// record differs from that of a stage which should have the key.
func (f *finder) versions(heading string, records []*store.Record, key digest.Key) []string {
	var out []string
	for k, r := range records {
		if k == maxVersions {
			return append(out, fact(cmp.Or(heading, "earlier"), "and %d more", len(records)-k))
		}
		a := r.Action
		profile := f.otherProfile(a.Key)
		how := heading
		switch {
		case heading != "":
		case a.Key == key && f.store.Check(a.Output) != nil:
			how = "damaged"
		case a.Key == key:
			how = "recorded"
		case profile != "":
			how = "elsewhere"
		default:
			how = "earlier"
		}
		if profile != "" {
			profile = " of profile " + profile
		}
		out = append(out, fact(how, "artifact %.12s of %s%s, record %.12s of %s",
			a.Output, a.Stage, profile, a.Key, format.Time(a.Start)))
	}
	return out
}
