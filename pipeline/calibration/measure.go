package calibration

import (
	"cmp"
	"slices"

	"zerotohero/pipeline"
	"zerotohero/pipeline/digest"
	"zerotohero/pipeline/store"
)

// A Measurement is how long a stage took.
type Measurement struct {
	Stage   *pipeline.Stage
	Seconds float64
	Machine string // see store.Action
}

// MeasurementOf is that of a stage whose action is known.
func MeasurementOf(s *pipeline.Stage, a *store.Action) Measurement {
	return Measurement{s, a.Seconds, a.Machine}
}

// Measurements makes the stages again that a store's records are of, as far as these kinds still
// have such parameters and the records of their inputs are there. Of stages that were computed several
// times it has the last. They come in the order of time.
func Measurements(records []store.Record, kinds []*pipeline.Kind) []Measurement {
	m := &maker{kinds: make(map[string]*pipeline.Kind), of: make(map[source]*store.Action),
		made: make(map[*store.Action]*pipeline.Stage)}
	for _, k := range kinds {
		m.kinds[k.Name] = k
	}
	var actions []*store.Action
	for _, r := range records {
		if r.Err == nil {
			actions = append(actions, r.Action)
		}
	}
	slices.SortStableFunc(actions, func(a, b *store.Action) int { return a.Start.Compare(b.Start) })
	for _, a := range actions {
		// An input may be named as a stage that has its artifact in common with the one recorded.
		m.of[source{"", a.Output}] = a
		m.of[source{a.Stage, a.Output}] = a
	}
	type same struct{ stage, kind, params string }
	last := make(map[same]*store.Action)
	for _, a := range actions {
		last[same{a.Stage, a.Kind, string(a.Params)}] = a
	}
	var out []Measurement
	for _, a := range actions {
		if last[same{a.Stage, a.Kind, string(a.Params)}] != a || !(a.Seconds > 0) {
			continue
		}
		if s := m.stage(a); s != nil {
			out = append(out, MeasurementOf(s, a))
		}
	}
	return out
}

// A maker makes stages of actions.
type maker struct {
	kinds map[string]*pipeline.Kind
	of    map[source]*store.Action
	made  map[*store.Action]*pipeline.Stage // nil for what cannot be made
}

// A source is how an action names an input.
type source struct {
	stage  string
	output digest.Artifact
}

func (m *maker) stage(a *store.Action) *pipeline.Stage {
	s, known := m.made[a]
	if known {
		return s
	}
	m.made[a] = nil // records that lead in a circle were edited
	k := m.kinds[a.Kind]
	if k == nil {
		return nil
	}
	params, err := k.Decode(a.Params)
	if err != nil {
		return nil
	}
	var inputs []*pipeline.Stage
	for _, in := range a.Inputs {
		from := cmp.Or(m.of[source{in.Stage, in.Digest}], m.of[source{"", in.Digest}])
		if from == nil {
			return nil
		}
		s := m.stage(from)
		if s == nil {
			return nil
		}
		inputs = append(inputs, s)
	}
	s = pipeline.NewStage(a.Stage, k, params, inputs...)
	if s.Check() != nil {
		return nil
	}
	m.made[a] = s
	return s
}
