package cli

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/pipeline/diff"
	"zerotohero/pipeline/engine"
)

const diffJSON = `
With --json, of states: {"profile", "a": {"name", "what", "about": []}, "b": like a, "same",
"differ": [], "new": [], "gone": [], "renamed": [{"old", "new"}], "causes": [{"what",
"details": [], "code": [{"unit", "name", "how", "diff"}], "stages": [], "behind": []}],
"without_effect": like causes, "quantities": [{"figure", "name", "text", "unit", "change",
"shift", "a": {"value", "lo", "hi", "none"}, "b": like a}], "equal_quantities",
"unread_a": [], "unread_b": [], "other_profiles": [] that differ}. What is of code, build, parameters, inputs, format, kind, or
is unknown or impure. Change is beyond, exact, vanished, appeared, within, digits, gone or new; shift is in
units of the intervals. Null are the diff of sources that are not known or of which only one
side has any, an a or b that is not there, and what a number has not: a value, or an end.
`

type diffReport struct {
	Profile         string         `json:"profile"`
	A               sideJSON       `json:"a"`
	B               sideJSON       `json:"b"`
	Same            int            `json:"same"`
	Differ          []string       `json:"differ"`
	New             []string       `json:"new"`
	Gone            []string       `json:"gone"`
	Renamed         []renameJSON   `json:"renamed"`
	Causes          []causeJSON    `json:"causes"`
	WithoutEffect   []causeJSON    `json:"without_effect"`
	Quantities      []quantityJSON `json:"quantities"`
	EqualQuantities int            `json:"equal_quantities"`
	UnreadA         []string       `json:"unread_a"`
	UnreadB         []string       `json:"unread_b"`
	OtherProfiles   []string       `json:"other_profiles"`
}

type sideJSON struct {
	Name  string   `json:"name"`
	What  string   `json:"what"`
	About []string `json:"about"`
}

type renameJSON struct {
	Old string `json:"old"`
	New string `json:"new"`
}

type causeJSON struct {
	What    engine.Cause `json:"what"`
	Details []string     `json:"details"`
	Code    []changeJSON `json:"code"`
	Stages  []string     `json:"stages"`
	Behind  []string     `json:"behind"`
}

type changeJSON struct {
	Unit string  `json:"unit"`
	Name string  `json:"name"`
	How  string  `json:"how"`
	Diff *string `json:"diff"`
}

type quantityJSON struct {
	Figure string      `json:"figure"`
	Name   string      `json:"name"`
	Text   string      `json:"text"`
	Unit   string      `json:"unit"`
	Change diff.Change `json:"change"`
	Shift  float64     `json:"shift"`
	A      *numberJSON `json:"a"`
	B      *numberJSON `json:"b"`
}

type numberJSON struct {
	Value *float64 `json:"value"`
	Lo    *float64 `json:"lo"`
	Hi    *float64 `json:"hi"`
	None  string   `json:"none"`
}

func (d *differ) report(a, b *side, r *diff.Report) diffReport {
	out := diffReport{Profile: d.profile, A: sideReport(a), B: sideReport(b), Same: r.Same,
		Differ: notNil(r.Differ), New: notNil(r.New), Gone: notNil(r.Gone), Renamed: []renameJSON{},
		Causes: causesReport(a, b, r.Causes), WithoutEffect: causesReport(a, b, r.Without),
		Quantities: []quantityJSON{}, EqualQuantities: r.Equal, UnreadA: notNil(r.UnreadA), UnreadB: notNil(r.UnreadB),
		OtherProfiles: notNil(otherChanges(a, b, d.profile))}
	for _, x := range r.Moved {
		out.Renamed = append(out.Renamed, renameJSON(x))
	}
	for _, q := range r.Quantities {
		of := q.B
		if of == nil {
			of = q.A
		}
		out.Quantities = append(out.Quantities, quantityJSON{Figure: q.Figure, Name: q.Name, Text: of.Text.Plain,
			Unit: of.Unit, Change: q.Change, Shift: q.Shift, A: numberReport(q.A), B: numberReport(q.B)})
	}
	return out
}

func sideReport(s *side) sideJSON { return sideJSON{s.name, s.what, notNil(s.about)} }

func causesReport(a, b *side, causes []diff.Cause) []causeJSON {
	out := []causeJSON{}
	for _, c := range causes {
		x := causeJSON{What: c.What, Details: notNil(c.Details), Code: []changeJSON{}, Stages: notNil(c.Stages),
			Behind: notNil(c.Behind)}
		for _, change := range c.Code {
			j := changeJSON{Unit: string(change.Unit), Name: change.Name, How: change.How()}
			if j.How == "changed" {
				if text, ok := sourceDiff(a, b, change); ok {
					j.Diff = &text
				}
			}
			x.Code = append(x.Code, j)
		}
		out = append(out, x)
	}
	return out
}

func numberReport(q *pipeline.Quantity) *numberJSON {
	if q == nil {
		return nil
	}
	return &numberJSON{finite(q.Value), finite(q.Lo), finite(q.Hi), q.None.Plain}
}

// finite is a number that JSON has, or nil.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
