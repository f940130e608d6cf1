package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/report"
	"zerotohero/pipeline/spec"
	"zerotohero/pipeline/store"
)

// A match is what a name stands for: one of these.
type match struct {
	item    *engine.Item    // a stage of the profile
	records []*store.Record // what the store alone knows, newest first: of one stage, or with one artifact
	output  digest.Artifact // an artifact of which nothing is on record
}

// A finder looks for what a name stands for, in a profile and in the store.
type finder struct {
	*workspace
	plan  *engine.Plan
	byKey map[digest.Key]*engine.Item // of the profile's stages, those with a key
	known map[string]bool             // the names of all
	notes []string                    // what people should know of how it was found
	index *recordIndex                // nil until it is asked for
	views map[digest.Key][]string     // by key of a record, the profiles whose part of the view has it
}

// setProfile makes the finder look in a profile.
func (f *finder) setProfile(w *workspace, plan *engine.Plan) {
	f.workspace, f.plan = w, plan
	f.byKey, f.known = make(map[digest.Key]*engine.Item), make(map[string]bool)
	for _, i := range plan.Items {
		f.known[i.Stage.Name] = true
		if i.Key != "" && f.byKey[i.Key] == nil {
			f.byKey[i.Key] = i
		}
	}
}

// newFinder makes a finder for the profile in whose folder the named file is, or else the
// one that was asked for.
func (w *workspace) newFinder(name string) (*finder, location, error) {
	if err := w.read(); err != nil {
		return nil, location{}, err
	}
	f := &finder{}
	at := w.locate(name)
	if at.profile != "" && at.profile != w.profile {
		f.notes = append(f.notes, fmt.Sprintf("profile %s, in whose folder %s is", at.profile, name))
		w.profile = at.profile
	}
	plan, err := w.planOf(nil)
	if err != nil {
		return nil, location{}, err
	}
	f.setProfile(w, plan)
	return f, at, nil
}

func (f *finder) recordIndex() *recordIndex {
	if f.index == nil {
		f.index = indexRecords(f.store)
	}
	return f.index
}

func (f *finder) writeNotes(out io.Writer) {
	for _, n := range f.notes {
		fmt.Fprintln(out, n)
	}
}

// find returns what a name stands for, at least one match.
func (w *workspace) find(name string) (*finder, []match, error) {
	f, at, err := w.newFinder(name)
	if err != nil {
		return nil, nil, err
	}
	var found []match
	switch at.in {
	case inObjects:
		found, err = f.byDigits(path.Base(at.rel))
	case inActions:
		if key, ok := digest.Parse[digest.Key](strings.TrimSuffix(path.Base(at.rel), ".json")); ok {
			found, err = f.byRecord(key)
		}
	case inCode:
		err = f.ofCode(strings.TrimSuffix(path.Base(at.rel), ".json"))
	case inView:
		if found, err = f.byView(at.rel, at.stage); err == nil {
			f.noteOtherStage(name, at.stage, found)
		}
	case inExports:
		found = f.byExport(at.rel, name)
	default:
		if found = f.byStage(name); found == nil {
			found, err = f.byDigits(name)
		}
		if found == nil && err == nil {
			found = f.byName(name)
		}
		if found == nil && err == nil {
			err = f.ofCode(name)
		}
	}
	if err == nil && len(found) == 0 {
		err = f.unknown(name, at)
	}
	return f, found, err
}

func (f *finder) unknown(name string, at location) error {
	_, err := os.Lstat(name)
	isPath := err == nil && strings.ContainsRune(name, filepath.Separator)
	switch {
	case at.in == inExports && slices.Contains([]string{report.PageFile, report.TOMLFile, report.TeXFile}, at.rel):
		return usage("%s is of no single artifact: %s report writes it, and a run in the end, from all figures "+
			"of profile %s; name one of these or its file", name, f.app.Name, f.profile)
	case at.in == inExports:
		return usage("%s is the file of no figure of profile %s, nor of one that the store %s has on record",
			name, f.profile, f.storeDir)
	case at.in != nowhere || isPath:
		return usage("%s is no artifact or record of the store %s; "+
			"name another store with --store, or a figure or stage", name, f.storeDir)
	}
	digits := ""
	if len(name) < minDigits && digest.IsHex(strings.ToLower(name)) {
		digits = fmt.Sprintf("of a digest or key give %d digits or more; ", minDigits)
	}
	return usage("profile %s has no figure, stage or artifact %s, nor has the store %s; %s%s",
		f.profile, name, f.storeDir, digits, spec.Hint(name, f.names()))
}

// ofCode says what a digest is that begins with a prefix, if it is one of code.
func (f *finder) ofCode(name string) error {
	prefix, ok := firstDigits(name)
	if !ok {
		return nil
	}
	users := make(map[digest.Code][]string)
	add := func(sum digest.Code, stage string) {
		if strings.HasPrefix(string(sum), prefix) && !slices.Contains(users[sum], stage) {
			users[sum] = append(users[sum], stage)
		}
	}
	for _, i := range f.plan.Items {
		add(i.Code, i.Stage.Name)
	}
	for _, r := range f.recordIndex().records {
		add(r.Action.Code, r.Action.Stage)
	}
	var lines []string
	for _, sum := range slices.Sorted(maps.Keys(users)) {
		lines = append(lines, fmt.Sprintf("%s is the digest of the code of %s: %s",
			sum, format.Count(len(users[sum]), "stage"), format.List(users[sum], 3)))
	}
	if lines == nil {
		return nil
	}
	return usage("%s; name one of these stages", strings.Join(lines, "; "))
}

// byName finds stages by name, family or glob: those of the profile, or else those
// on record.
func (f *finder) byName(pattern string) []match {
	out := f.byStage(pattern)
	if out == nil {
		for _, records := range f.recordIndex().matching(pattern) {
			out = append(out, f.ofRecords(records)...)
		}
	}
	return out
}

func (f *finder) byStage(pattern string) []match {
	var out []match
	for _, s := range f.graph.Match(pattern) {
		out = append(out, match{item: f.plan.Of(s)})
	}
	return out
}

// minDigits is how many first digits of a digest or a key are enough to name it.
const minDigits = 4

// firstDigits are those of a digest or a key that a name can be.
func firstDigits(name string) (prefix string, ok bool) {
	prefix = strings.ToLower(name)
	return prefix, len(name) >= minDigits && digest.IsHex(prefix)
}

// byDigits finds an artifact or a record by the first digits of its digest or key.
func (f *finder) byDigits(name string) ([]match, error) {
	prefix, ok := firstDigits(name)
	if !ok {
		return nil, nil
	}
	found, err := f.store.Find(prefix)
	if err != nil {
		return nil, err
	}
	artifacts, keys := f.recordIndex().withPrefix(prefix)
	artifacts = append(artifacts, found...)
	slices.Sort(artifacts)
	artifacts = slices.Compact(artifacts)
	switch {
	case len(artifacts)+len(keys) > 1:
		return nil, f.ambiguous(prefix, artifacts, keys)
	case len(keys) == 1:
		return f.byRecord(keys[0])
	case len(artifacts) == 1:
		return f.ofArtifact(artifacts[0]), nil
	}
	return nil, nil
}

func (f *finder) ambiguous(prefix string, artifacts []digest.Artifact, keys []digest.Key) error {
	const most = 20
	var lines []string
	for _, d := range artifacts {
		of := "which is not on record"
		if r := f.recordIndex().byOutput[d]; r != nil {
			of = "of " + r[0].Action.Stage
		}
		lines = append(lines, fmt.Sprintf("\n  artifact %s, %s", d, of))
	}
	for _, k := range keys {
		lines = append(lines, fmt.Sprintf("\n  record   %s, of %s", k, f.recordIndex().byKey[k].Action.Stage))
	}
	if n := len(lines); n > most {
		lines = append(lines[:most], fmt.Sprintf("\n  and %d more", n-most))
	}
	return usage("%s is the beginning of several digests; give more digits of one of:%s",
		prefix, strings.Join(lines, ""))
}

func (f *finder) ofArtifact(name digest.Artifact) []match {
	if items := f.items(func(i *engine.Item) bool { return i.Action.Output == name }); items != nil {
		return items
	}
	if records := f.recordIndex().byOutput[name]; records != nil {
		return []match{{records: records}}
	}
	return []match{{output: name}}
}

// version says of what version the action of a key is, empty if of the present one.
func (f *finder) version(key digest.Key) string {
	if f.byKey[key] != nil {
		return ""
	}
	return ", of an earlier version"
}

// otherProfile is the profile whose part of the view shows a record, empty if none does or
// the finder's does too.
func (f *finder) otherProfile(key digest.Key) string {
	if f.views == nil {
		f.views = make(map[digest.Key][]string)
		for _, v := range f.store.Links() {
			if v.Key != "" {
				profile, _ := f.ofProfile(v.Name)
				f.views[v.Key] = append(f.views[v.Key], profile)
			}
		}
	}
	if in := f.views[key]; len(in) > 0 && !slices.Contains(in, f.profile) {
		return in[0]
	}
	return ""
}

// byRecord finds a record by its whole key.
func (f *finder) byRecord(key digest.Key) ([]match, error) {
	r := f.store.Record(key)
	if errors.Is(r.Err, fs.ErrNotExist) {
		return nil, nil
	}
	if r.Action == nil {
		return nil, r.Err
	}
	return f.ofRecords([]*store.Record{&r}), nil
}

// ofRecords is the stage that the first record is up to date for, or else these records.
func (f *finder) ofRecords(records []*store.Record) []match {
	if first := records[0]; first.Err == nil {
		if items := f.items(func(i *engine.Item) bool { return i.Action.Key == first.Action.Key }); items != nil {
			return items
		}
	}
	return []match{{records: records}}
}

// items returns the computed stages that fit, of the profile or else of the first
// other that has any, which is then the finder's.
func (f *finder) items(fits func(*engine.Item) bool) []match {
	of := func(plan *engine.Plan) (out []match) {
		for _, i := range plan.Items {
			if i.Action != nil && fits(i) {
				out = append(out, match{item: i})
			}
		}
		return out
	}
	if out := of(f.plan); out != nil {
		return out
	}
	for _, profile := range f.paper.Profiles() {
		if profile == f.profile {
			continue
		}
		other := *f.workspace
		other.profile = profile
		plan, err := other.planOf(nil)
		if err != nil {
			continue
		}
		if out := of(plan); out != nil {
			f.setProfile(&other, plan)
			f.notes = append(f.notes, "profile "+profile+", which has it")
			return out
		}
	}
	return nil
}

// byView finds what a file of the view shows, or the stage whose file it would be.
func (f *finder) byView(rel, stage string) ([]match, error) {
	v, _ := f.store.Link(rel)
	key := v.Key
	if v.Digest != "" {
		// Several records can have the artifact; the one shown beside it has, as a rule.
		beside, _ := f.store.Link(strings.TrimSuffix(rel, ".arrow") + ".json")
		r := f.store.Record(beside.Key)
		if r.Action == nil || r.Action.Output != v.Digest {
			return f.ofArtifact(v.Digest), nil
		}
		key = beside.Key
	}
	for _, i := range f.byStage(stage) {
		if i.item.Action != nil && i.item.Action.Key == key {
			return []match{i}, nil
		}
	}
	found, err := f.byRecord(key)
	if found == nil && err == nil {
		found = f.byName(stage)
	}
	return found, err
}

// noteOtherStage says what a file of the view leads to if that is not of the stage whose
// name the file has.
func (f *finder) noteOtherStage(name, stage string, found []match) {
	var names []string
	for _, m := range found {
		of := noRecord
		switch {
		case m.item != nil:
			of = m.item.Stage.Name
		case m.records != nil:
			of = m.records[0].Action.Stage
		}
		isStage := func(r *store.Record) bool { return store.ViewName(r.Action.Stage) == stage }
		if store.ViewName(of) == stage || slices.ContainsFunc(m.records, isStage) {
			return
		}
		names = append(names, of)
	}
	if names != nil {
		f.notes = append(f.notes, fmt.Sprintf("%s does not lead to what is recorded as %s, but to %s",
			name, stage, format.List(names, 3)))
	}
}

// byExport finds the artifact that an exported file was written from.
func (f *finder) byExport(rel, name string) []match {
	figure := strings.TrimSuffix(rel, filepath.Ext(rel))
	content, missing := os.ReadFile(name)
	holds := func(name digest.Artifact) bool {
		data, err := f.store.Get(name)
		if err != nil {
			return false
		}
		t, err := artifact.Parse(data)
		if err != nil {
			return false
		}
		rows, err := artifact.Rows[pipeline.Export](t)
		return err == nil && slices.ContainsFunc(rows, func(x pipeline.Export) bool {
			return slices.ContainsFunc(x.Files, func(f pipeline.File) bool {
				return f.Name == rel && bytes.Equal(f.Content, content)
			})
		})
	}
	var stages []match
	for _, m := range f.byStage(figure) {
		if !m.item.Stage.Kind.Export {
			continue
		}
		if missing != nil || m.item.Action != nil && holds(m.item.Action.Output) {
			return []match{m}
		}
		stages = append(stages, m)
	}
	var earlier []match
	for _, records := range f.recordIndex().matching(figure) {
		for k, r := range records {
			if missing == nil && holds(r.Action.Output) {
				return []match{{records: records[k:]}}
			}
		}
		earlier = append(earlier, match{records: records})
	}
	if stages == nil {
		stages = earlier
	}
	if stages != nil && missing == nil {
		f.notes = append(f.notes, name+" is not as any artifact here has it: it was edited, or is of another store")
	}
	return stages
}
