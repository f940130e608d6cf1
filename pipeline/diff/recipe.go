package diff

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"zerotohero/pipeline/code"
	"zerotohero/pipeline/engine"
)

// An atom is a single difference of recipes, and whose.
type atom struct {
	key    string // equal for what is one cause of several stages
	what   engine.Cause
	change *code.Change
	words  string // of the difference; they may differ between stages of one key
	stages []string
	others map[string]bool // what else the words are
}

// differences are those of recipes, apart from inputs.
func differences(stage string, a, b Recipe) []atom {
	var out []atom
	add := func(what engine.Cause, key, words string, args ...any) {
		out = append(out, atom{key: fmt.Sprintf("%s %s", what, key), what: what, words: fmt.Sprintf(words, args...)})
	}
	changed := func(x, y string) bool { return x != y && x != "" && y != "" }
	if changed(a.Format, b.Format) {
		add(engine.FormatChanged, "", "artifacts had format %s and have %s", a.Format, b.Format)
	}
	if changed(a.Build, b.Build) {
		add(engine.BuildChanged, "", "computed by another build: %s, then %s", a.Build, b.Build)
	}
	if changed(a.Kind, b.Kind) {
		add(KindChanged, a.Kind+" "+b.Kind, "kind %s is now %s", a.Kind, b.Kind)
		return out // all else differs with it
	}
	if changed(string(a.Code), string(b.Code)) {
		out = append(out, codeDifferences(stage, a, b)...)
	}
	if a.Params != nil && b.Params != nil {
		for _, p := range parameters(a.Params, b.Params) {
			add(engine.ParamsChanged, family(stage)+" "+p.name, "%s", p.words)
		}
	}
	return out
}

func codeDifferences(stage string, a, b Recipe) []atom {
	if a.Manifest == nil || b.Manifest == nil {
		return []atom{{key: "code of " + a.Kind, what: engine.CodeChanged, words: "code of kind " + a.Kind +
			", of which the sources are not known"}}
	}
	var out []atom
	for _, c := range code.Compare(*a.Manifest, *b.Manifest) {
		out = append(out, atom{key: changeKey(c), what: engine.CodeChanged, change: &c, words: c.String()})
	}
	return out
}

// changeKey tells changes of code apart.
func changeKey(c code.Change) string {
	return fmt.Sprintf("%s %s %s %q %q", engine.CodeChanged, c.Unit, c.Name, c.Old, c.New)
}

// inputAtom is the difference that a stage reads something, or does not.
func inputAtom(stage, in, how string) atom {
	return atom{key: fmt.Sprintf("%s %s %s %s", engine.InputsChanged, family(stage), how, family(in)),
		what: engine.InputsChanged, words: how + " " + in}
}

// unexplained is the difference of a stage that has none otherwise.
func unexplained(stage string, a, b Recipe) atom {
	switch {
	case a.Code == "" || a.Params == nil || !a.HasInputs:
		return atom{key: "unknown a", what: Unknown, words: "what the earlier artifact was made of is not known"}
	case b.Code == "" || b.Params == nil || !b.HasInputs:
		return atom{key: "unknown b", what: Unknown, words: "what the later artifact was made of is not known"}
	}
	return atom{key: "impure " + a.Kind, what: Impure, words: "the same code, parameters and inputs gave another " +
		"artifact: kind " + a.Kind + " is not a pure function of these, or one artifact was made of sources that are " +
		"not those known"}
}

// A parameter that differs.
type parameter struct{ name, words string }

func parameters(old, now []byte) []parameter {
	var was, is map[string]json.RawMessage
	if json.Unmarshal(old, &was) != nil || json.Unmarshal(now, &is) != nil {
		return nil
	}
	names := maps.Clone(was)
	maps.Copy(names, is)
	var out []parameter
	for _, name := range slices.Sorted(maps.Keys(names)) {
		before, had := was[name]
		after, has := is[name]
		switch {
		case !had:
			out = append(out, parameter{name, fmt.Sprintf("%s = %s is new", name, after)})
		case !has:
			out = append(out, parameter{name, fmt.Sprintf("%s = %s is gone", name, before)})
		case string(before) != string(after):
			out = append(out, parameter{name, fmt.Sprintf("%s was %s, is %s", name, before, after)})
		}
	}
	return out
}

// family is the part of a stage's name before its axes.
func family(stage string) string {
	name, _, _ := strings.Cut(stage, "/")
	return name
}

// A gathering puts the differences of many stages together.
type gathering struct {
	atoms map[string]*atom
	keys  []string // in the order in which they came
}

func (g *gathering) add(stage string, own []atom) {
	seen := make(map[string]bool)
	for _, x := range own {
		have := g.atoms[x.key]
		if have == nil {
			x.others = make(map[string]bool)
			have = &x
			g.atoms[x.key] = have
			g.keys = append(g.keys, x.key)
		}
		if x.words != have.words {
			have.others[x.words] = true
		}
		if !seen[x.key] {
			seen[x.key] = true
			have.stages = append(have.stages, stage)
		}
	}
}

// causes joins differences of one sort that the same stages have.
func (g *gathering) causes() []Cause {
	var out []Cause
	at := make(map[string]int)
	for _, key := range g.keys {
		x := g.atoms[key]
		of := string(x.what) + "\x00" + strings.Join(x.stages, "\x00")
		k, ok := at[of]
		if !ok {
			k = len(out)
			at[of] = k
			out = append(out, Cause{What: x.what, Stages: x.stages})
		}
		if x.change != nil {
			out[k].Code = append(out[k].Code, *x.change)
			continue
		}
		words := x.words
		if n := len(x.others); n > 0 {
			words += fmt.Sprintf(" (and %d like it)", n)
		}
		out[k].Details = append(out[k].Details, words)
	}
	for _, c := range out {
		slices.SortFunc(c.Code, func(a, b code.Change) int { return strings.Compare(a.String(), b.String()) })
		slices.Sort(c.Details)
	}
	return out
}

// words are what a cause says.
func (c Cause) words() []string {
	out := slices.Clone(c.Details)
	for _, x := range c.Code {
		out = append(out, x.String())
	}
	return out
}
