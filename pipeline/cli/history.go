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
	"zerotohero/pipeline/store"
)

// mostVersions is how many other versions of a stage are listed.
const mostVersions = 5

// history is that of a match. Its artifact is read and checked; those behind it are
// only looked for.
func (f *finder) history(m match) *history {
	var h *history
	switch {
	case m.item != nil:
		h = f.ofItem(m.item)
		if m.item.Action == nil {
			h.facts = append(h.facts, f.versions("", f.archive().of(m.item.Stage.Name), m.item.Key)...)
		}
	case m.records != nil:
		h = f.ofRecord(m.records[0])
		h.facts = append(h.facts, f.versions("also", m.records[1:], "")...)
	default:
		return f.ofOrphan(m.output)
	}
	if a := h.action; a != nil {
		h.facts = append(h.facts, f.damage(f.store.Check(a.Output))...)
	}
	return h
}

// ofItem is the history of a stage of the profile.
func (f *finder) ofItem(i *engine.Item) *history {
	h := &history{
		id: string(i.Key), title: fmt.Sprintf("%s (%s)", i.Stage.Name, i.Stage.Kind.Name),
		params: i.Params, action: i.Action, code: i.Code,
	}
	if source, err := f.engine.CodeOf(i); err == nil {
		h.source, h.listed = source, true
	}
	// Stages that share a key are not the same.
	h.id += " " + i.Stage.Name
	if i.Action == nil {
		for _, r := range i.Reasons {
			h.facts = append(h.facts, fmt.Sprintf("not computed: %s: %s", r.What, few(r.Details, 4)))
		}
		if i.Key != "" {
			if r := f.store.Record(i.Key); !errors.Is(r.Err, fs.ErrNotExist) {
				h.facts = append(h.facts, f.defects(&r)...)
			}
		}
	}
	for _, s := range i.Stage.Inputs {
		in := f.plan.Of(s)
		h.inputs = append(h.inputs, ancestor{s.Name, in.Action != nil, func() *history { return f.ofItem(in) }})
	}
	return h
}

// ofRecord is the history of what is on record, by the records before it.
func (f *finder) ofRecord(r *store.Record) *history {
	a := r.Action
	if i := f.byKey[a.Key]; i != nil && i.Action != nil && r.Err == nil {
		return f.ofItem(i)
	}
	h := &history{
		id: string(a.Key) + " " + a.Stage, title: fmt.Sprintf("%s (%s)%s", a.Stage, a.Kind, f.version(a.Key)),
		params: a.Params, action: a, code: a.Code,
	}
	if !f.known[a.Stage] && f.byKey[a.Key] == nil {
		h.title += ": profile " + f.profile + " has no such stage"
	}
	if source, err := f.store.Code(a.Code); err == nil && source != nil {
		h.source, h.listed = *source, true
	}
	h.facts = f.defects(r)
	for _, in := range a.Inputs {
		made := f.archive().maker(in, a)
		h.inputs = append(h.inputs, ancestor{in.Stage, made != nil, func() *history {
			if made == nil {
				return f.unrecorded(in)
			}
			return f.ofRecord(made)
		}})
	}
	return h
}

// unrecorded is what is known of an input by the record of what read it.
func (f *finder) unrecorded(in store.ActionInput) *history {
	h := f.ofOrphan(in.Digest)
	h.title = fmt.Sprintf("%s, whose record is not in the store", in.Stage)
	return h
}

// ofOrphan is what an artifact says of itself.
func (f *finder) ofOrphan(output digest.Artifact) *history {
	h := &history{id: string(output), title: "an artifact of which the store has no record"}
	path := f.store.ObjectPath(output)
	h.facts = append(h.facts, "artifact   "+string(output))
	if facts := f.damage(f.store.Check(output)); facts != nil {
		h.facts = append(h.facts, facts...)
		return h
	}
	file, err := os.Open(path)
	if err != nil {
		return h
	}
	defer file.Close()
	kind, params, err := artifact.Header(file)
	if err != nil {
		h.facts = append(h.facts, "content    "+err.Error())
		return h
	}
	h.params = []byte(params)
	h.facts = append(h.facts, "kind       "+kind)
	return h
}

// defects say what is wrong with a record.
func (f *finder) defects(r *store.Record) []string {
	var bad *store.RecordError
	switch {
	case r.Err == nil:
		return nil
	case errors.As(r.Err, &bad):
		return []string{fmt.Sprintf("record     %s is not as it was written: %s", bad.Path, bad.Problem)}
	}
	return []string{fmt.Sprintf("record     %s is unreadable: %v", r.Path, r.Err)}
}

// damage says what the check of an artifact found.
func (f *finder) damage(err error) []string {
	var bad *store.DamageError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad):
		return []string{fmt.Sprintf("damage     %s is %s", bad.Path, bad.Problem)}
	}
	return []string{fmt.Sprintf("damage     unreadable: %v", err)}
}

// versions lists records of one stage or with one artifact: how they are so, or, if that
// is empty, what each is to the stage with a key that is not as it should be.
func (f *finder) versions(how string, records []*store.Record, key digest.Key) []string {
	var out []string
	for k, r := range records {
		if k == mostVersions {
			return append(out, fmt.Sprintf("%-10s and %d more", cmp.Or(how, "earlier"), len(records)-k))
		}
		a := r.Action
		is, profile := how, f.elsewhere(a.Key)
		switch {
		case how != "":
		case a.Key == key && f.damage(f.store.Check(a.Output)) != nil:
			is = "damaged"
		case a.Key == key:
			is = "recorded"
		case profile != "":
			is = "elsewhere"
		default:
			is = "earlier"
		}
		if profile != "" {
			profile = " of profile " + profile
		}
		out = append(out, fmt.Sprintf("%-10s artifact %s of %s%s, record %s of %s", is,
			digest.Short(a.Output), a.Stage, profile, digest.Short(a.Key), a.Start.Format("2006-01-02 15:04:05 UTC")))
	}
	return out
}
