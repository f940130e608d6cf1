package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"zerotohero/pipeline"
	"zerotohero/pipeline/code"
	"zerotohero/pipeline/engine"
	"zerotohero/pipeline/internal/format"
	"zerotohero/pipeline/spec"
)

//go:embed page.html
var pageText string

//go:embed style.css
var style string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"when": format.Time, "took": format.Seconds, "few": format.List, "counted": format.Count, "name": nameOf,
	"number": htmlNumber, "words": func(t pipeline.Text) template.HTML { return template.HTML(t.HTML) },
}).Parse(pageText))

// Widths in points: figures are drawn for paper, which is held closer than a screen.
const (
	phone    = 290
	enlarged = 1.4
)

// mostRows is how many stages of a family the page lists.
const mostRows = 500

// A view is what the page's template is filled with.
type view struct {
	Program, Profile, Default string

	Paper    spec.Report
	Style    template.CSS
	Findings []finding
	Missing  []string // quantities that there are none of yet
	Figures  []shown
	Diagram  template.HTML
	Families []*section
	Stale    []delay
	Stages   int
	Fresh    int
}

// A shown is a figure on the page.
type shown struct {
	pipeline.Export
	Name    string
	Title   string // in words, empty if the paper gives it none
	ID      string
	Status  engine.Status
	Reasons []engine.Reason
	Drawing template.HTML
	Width   float64 // of the drawing on a wide screen, in points
	Wide    bool    // too wide for a phone
	Links   []string
	Chain   []*family
}

// A section is a family in the part of the page that lists all stages.
type section struct {
	*family
	Code code.Manifest // of the first stage
	Rows []*engine.Item
	More int // that are not listed
}

// A delay is the stages of a family that are not up to date, with the reasons of the
// first.
type delay struct {
	*family
	Status  engine.Status
	Count   int
	Reasons []engine.Reason
}

func (src Source) page(figures []*figure) ([]byte, error) {
	all := familiesOf(src.Plan)
	v := view{
		Program: src.Program, Profile: src.Profile, Default: src.Default, Paper: src.Paper, Style: template.CSS(style),
		Diagram: diagram(all), Stages: len(src.Plan.Items), Fresh: src.Plan.Count(engine.Fresh),
	}
	var err error
	if src.Profile == src.Default {
		if v.Findings, v.Missing, err = src.findings(figures); err != nil {
			return nil, err
		}
	}
	byItem := make(map[*engine.Item]*family)
	for _, f := range all {
		for _, i := range f.Items {
			byItem[i] = f
		}
		v.Stale = append(v.Stale, f.delays()...)
		if f.Kind.Export {
			continue
		}
		s := &section{family: f, Rows: f.Items}
		if s.Code, err = src.Code(f.Items[0]); err != nil {
			return nil, err
		}
		if len(s.Rows) > mostRows {
			s.Rows, s.More = s.Rows[:mostRows], len(s.Rows)-mostRows
		}
		v.Families = append(v.Families, s)
	}
	for _, f := range figures {
		s := shown{
			Name: f.name, Title: src.Paper.Titles[f.name], ID: "figure-" + f.name,
			Status: f.item.Status, Reasons: f.item.Reasons,
			Export: f.Export, Links: f.links, Chain: byItem[f.item].chain(all),
		}
		if drawing := f.drawing(); drawing != nil {
			s.Drawing, s.Width = inline(drawing, f.name, s.ID+"-name")
			s.Wide = s.Width > 1.2*phone
			s.Width *= enlarged
		}
		v.Figures = append(v.Figures, s)
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("making the page: %w", err)
	}
	return b.Bytes(), nil
}

// delays are those of a family's stages, apart by what is to be done.
func (f *family) delays() []delay {
	var out []delay
	for _, status := range []engine.Status{engine.Run, engine.Restore} {
		d := delay{family: f, Status: status}
		for _, i := range f.Items {
			if i.Status == status {
				if d.Count++; d.Count == 1 {
					d.Reasons = i.Reasons
				}
			}
		}
		if d.Count > 0 {
			out = append(out, d)
		}
	}
	return out
}
