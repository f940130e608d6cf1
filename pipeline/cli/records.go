package cli

import (
	"slices"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// A recordIndex has all usable records of the store, of any version and profile.
type recordIndex struct {
	records  []*store.Record // newest first
	byKey    map[digest.Key]*store.Record
	byOutput map[digest.Artifact][]*store.Record // newest first
}

func indexRecords(s *store.Store) *recordIndex {
	x := &recordIndex{byKey: make(map[digest.Key]*store.Record), byOutput: make(map[digest.Artifact][]*store.Record)}
	for _, r := range s.Records() {
		if r.Action != nil {
			x.records = append(x.records, &r)
		}
	}
	slices.SortStableFunc(x.records, func(a, b *store.Record) int { return b.Action.Start.Compare(a.Action.Start) })
	for _, r := range x.records {
		x.byKey[r.Action.Key] = r
		x.byOutput[r.Action.Output] = append(x.byOutput[r.Action.Output], r)
	}
	return x
}

// matching returns the records of the stages that a pattern names, as pipeline.Graph.Match
// does, a list for each stage.
func (x *recordIndex) matching(pattern string) [][]*store.Record {
	var found []*store.Record
	for _, r := range x.records {
		if pipeline.Matches(pattern, r.Action.Stage) {
			found = append(found, r)
		}
	}
	groups := groupBy(found, stageOf)
	slices.SortFunc(groups, func(a, b []*store.Record) int { return strings.Compare(stageOf(a[0]), stageOf(b[0])) })
	return groups
}

func stageOf(r *store.Record) string { return r.Action.Stage }

// ofStage returns the records of one stage.
func (x *recordIndex) ofStage(name string) []*store.Record {
	for _, records := range x.matching(name) {
		if stageOf(records[0]) == name {
			return records
		}
	}
	return nil
}

// producer is the record of the action that made an input of another: the last one of
// its name that gave this artifact before the other started, or else any that gave it.
// It is nil if none did.
func (x *recordIndex) producer(in store.ActionInput, of *store.Action) *store.Record {
	for _, fits := range []func(*store.Action) bool{
		func(a *store.Action) bool { return a.Stage == in.Stage && !a.Start.After(of.Start) },
		func(a *store.Action) bool { return !a.Start.After(of.Start) },
		func(*store.Action) bool { return true },
	} {
		for _, r := range x.byOutput[in.Digest] {
			if fits(r.Action) {
				return r
			}
		}
	}
	return nil
}

// withPrefix returns the artifacts and the keys on record that begin with some digits.
func (x *recordIndex) withPrefix(prefix string) (artifacts []digest.Artifact, keys []digest.Key) {
	for key, r := range x.byKey {
		if strings.HasPrefix(string(key), prefix) {
			keys = append(keys, key)
		}
		if strings.HasPrefix(string(r.Action.Output), prefix) {
			artifacts = append(artifacts, r.Action.Output)
		}
	}
	slices.Sort(keys)
	return artifacts, keys
}
