package cli

import (
	"slices"
	"strings"

	"zerotohero/pipeline"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// An archive is all that the store has on record, of any version and profile.
type archive struct {
	records  []*store.Record // of which something can be used, newest first
	byKey    map[digest.Key]*store.Record
	byOutput map[digest.Artifact][]*store.Record // newest first
}

func readArchive(s *store.Store) *archive {
	a := &archive{byKey: make(map[digest.Key]*store.Record), byOutput: make(map[digest.Artifact][]*store.Record)}
	for _, r := range s.Records() {
		if r.Action != nil {
			a.records = append(a.records, &r)
		}
	}
	slices.SortStableFunc(a.records, func(x, y *store.Record) int { return y.Action.Start.Compare(x.Action.Start) })
	for _, r := range a.records {
		a.byKey[r.Action.Key] = r
		a.byOutput[r.Action.Output] = append(a.byOutput[r.Action.Output], r)
	}
	return a
}

// of are the records of a stage, newest first.
func (a *archive) of(stage string) []*store.Record {
	var out []*store.Record
	for _, r := range a.records {
		if r.Action.Stage == stage {
			out = append(out, r)
		}
	}
	return out
}

// called groups the records of stages that a pattern names, as pipeline.Graph.Match
// does, by stage.
func (a *archive) called(pattern string) [][]*store.Record {
	var order []string
	groups := make(map[string][]*store.Record)
	for _, r := range a.records {
		stage := r.Action.Stage
		if !pipeline.Matches(pattern, stage) {
			continue
		}
		if groups[stage] == nil {
			order = append(order, stage)
		}
		groups[stage] = append(groups[stage], r)
	}
	slices.Sort(order)
	var out [][]*store.Record
	for _, stage := range order {
		out = append(out, groups[stage])
	}
	return out
}

// maker is the record of the action that made an input of another: the last one of
// its name that gave this artifact before the other started. It is nil if none did.
func (a *archive) maker(in store.ActionInput, of *store.Action) *store.Record {
	makers := a.byOutput[in.Digest]
	for _, fits := range []func(*store.Action) bool{
		func(x *store.Action) bool { return x.Stage == in.Stage && !x.Start.After(of.Start) },
		func(x *store.Action) bool { return !x.Start.After(of.Start) },
		func(x *store.Action) bool { return true },
	} {
		for _, r := range makers {
			if fits(r.Action) {
				return r
			}
		}
	}
	return nil
}

// beginning returns the artifacts and the keys that are on record and begin with a prefix.
func (a *archive) beginning(prefix string) (artifacts []digest.Artifact, keys []digest.Key) {
	for key, r := range a.byKey {
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
