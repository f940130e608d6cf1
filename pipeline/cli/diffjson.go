package cli

import (
	"math"

	"zerotohero/pipeline"
	"zerotohero/pipeline/compare"
	"zerotohero/pipeline/diff"
	"zerotohero/pipeline/engine"
)

const diffJSON = `
With --json, of states: {"profile", "a": {"name", "what", "about": []}, "b": like a, "same",
"differ": [], "new": [], "gone": [], "renamed": [{"old", "new"}], "causes": [{"what",
"details": [], "code": [{"unit", "name", "how", "diff"}], "stages": [], "behind": []}],
"without_effect": like causes, "quantities": [{"figure", "name", "text", "unit", "change",
"shift", "a": {"value", "lo", "hi", "none"}, "b": like a}], "equal_quantities",
"unread_a": [], "unread_b": [], "other_profiles": [] that differ}; what is one of code,
build, parameters, inputs, format, kind, unknown and impure, change one of beyond, exact,
vanished, appeared, within, digits, gone and new, and shift in units of the intervals.
Of artifacts: {"a", "b", "equal", "causes", "quantities", "equal_quantities", "rows": of
both, "columns": [{"column", "how", "rows", "first", "values", "compared", "largest", "at",
"there": of both}]}; rows and values are how many differ, largest is the relative deviation
of numbers, in row at, and there is what they have in it.
Null are the diff of sources that are not known or that only one side has, an a or b that is
not there, and what a number has not: a value, an end of its interval, a deviation.
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

type artifactsJSON struct {
	A               sideJSON       `json:"a"`
	B               sideJSON       `json:"b"`
	Equal           bool           `json:"equal"`
	Causes          []causeJSON    `json:"causes"`
	Quantities      []quantityJSON `json:"quantities"`
	EqualQuantities int            `json:"equal_quantities"`
	Rows            [2]int         `json:"rows"`
	Columns         []comparedJSON `json:"columns"`
}

type comparedJSON struct {
	Column   string             `json:"column"`
	How      compare.Difference `json:"how"`
	Rows     int                `json:"rows"`
	First    int                `json:"first"`
	Values   int64              `json:"values"`
	Compared int64              `json:"compared"`
	Largest  *float64           `json:"largest"`
	At       int                `json:"at"`
	There    [2]string          `json:"there"`
}

func artifactsReport(a, b *side, r *diff.Report, columns compare.Result) artifactsJSON {
	out := artifactsJSON{A: sideReport(a), B: sideReport(b), Equal: a.piece.digest == b.piece.digest,
		Causes: causesReport(a, b, r.Causes), Quantities: quantitiesReport(r.Quantities), EqualQuantities: r.Equal,
		Rows: columns.Rows, Columns: []comparedJSON{}}
	for _, c := range columns.Columns {
		out.Columns = append(out.Columns, comparedJSON{c.Name, c.How, c.Rows, c.First, c.Values, c.Compared,
			finite(c.Largest), c.At, c.There})
	}
	return out
}

func (d *differ) report(a, b *side, r *diff.Report) diffReport {
	out := diffReport{Profile: d.profile, A: sideReport(a), B: sideReport(b), Same: r.Same,
		Differ: notNil(r.Differ), New: notNil(r.New), Gone: notNil(r.Gone), Renamed: []renameJSON{},
		Causes: causesReport(a, b, r.Causes), WithoutEffect: causesReport(a, b, r.Without),
		Quantities: quantitiesReport(r.Quantities), EqualQuantities: r.Equal,
		UnreadA: notNil(r.UnreadA), UnreadB: notNil(r.UnreadB),
		OtherProfiles: notNil(otherChanges(a, b, d.profile))}
	for _, x := range r.Moved {
		out.Renamed = append(out.Renamed, renameJSON(x))
	}
	return out
}

func quantitiesReport(list []diff.Quantity) []quantityJSON {
	out := []quantityJSON{}
	for _, q := range list {
		of := q.B
		if of == nil {
			of = q.A
		}
		out = append(out, quantityJSON{Figure: q.Figure, Name: q.Name, Text: of.Text.Plain,
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
