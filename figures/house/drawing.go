// Package house is the house style of the figures: panels in a grid with their axes, keys and
// marks, and a drawing with its caption and the numbers that it is about.
package house

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"zerotohero/figures/label"
	"zerotohero/figures/render"
	"zerotohero/pipeline"
)

// A Drawing is a figure before it is put into any file format. Draw is called once
// for each format and must draw the same each time.
type Drawing struct {
	Width, Height vg.Length
	Draw          func(draw.Canvas)

	// Caption says in sentences what is shown, how large the sample is and what the
	// intervals are, with the numbers quoted. It has the markup of labels; an empty
	// line begins a new paragraph.
	Caption string

	// Numbers are those that the figure is about, each also for other texts to quote.
	Numbers []Quantity
}

// Render gives the drawing as name.pdf, name.svg and name.png, its caption as
// name.txt, its numbers as name.toml, and both as name.html, a fragment of a page.
// The bytes depend on the drawing alone: not on the time, on other drawings, or on
// what runs beside it.
// A panic while drawing, a number that is not finite, a label with a mistake and a
// label cut off by the edge all come back as an error that names the figure.
func (d Drawing) Render(name string) ([]pipeline.File, error) {
	if name == "" {
		return nil, fmt.Errorf("figure without a name")
	}
	drawn, err := (render.Page{Width: d.Width, Height: d.Height, Draw: d.Draw}).Files()
	if err != nil {
		return nil, fmt.Errorf("figure %s: %w", name, err)
	}
	described, err := d.describe(name)
	if err != nil {
		return nil, fmt.Errorf("figure %s: %w", name, err)
	}
	var files []pipeline.File
	for _, f := range drawn {
		files = append(files, pipeline.File{Name: name + f.Suffix, Content: f.Content})
	}
	return append(files, described...), nil
}

// describe gives the files beside a drawing: its caption as plain text, its numbers
// as TOML, and both as a fragment of a web page.
func (d Drawing) describe(name string) ([]pipeline.File, error) {
	if strings.TrimSpace(d.Caption) == "" {
		return nil, fmt.Errorf("it has no caption; say what it shows, how large the sample is and what the intervals are")
	}
	var text, page, table strings.Builder
	for i, words := range strings.Split(d.Caption, "\n\n") {
		atoms, err := label.Parse(strings.Join(strings.Fields(words), " "))
		if err != nil {
			return nil, fmt.Errorf("its caption: %w", err)
		}
		if i > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(label.Wrap(label.PlainText(atoms), 88))
		fmt.Fprintf(&page, "<p>%s</p>\n", label.HTML(atoms))
	}
	seen := make(map[string]bool, len(d.Numbers))
	for i, q := range d.Numbers {
		atoms, err := q.check()
		if err == nil && seen[q.Name] {
			err = fmt.Errorf("the figure has two of this name")
		}
		if err != nil {
			return nil, fmt.Errorf("its number %d, %q: %w", i+1, q.Name, err)
		}
		seen[q.Name] = true
		if i > 0 {
			table.WriteByte('\n')
		}
		q.toml(&table, label.PlainText(atoms))
	}
	if len(d.Numbers) > 0 {
		page.WriteString("<table>\n<thead><tr><th scope=\"col\">Quantity</th><th scope=\"col\">Value</th><th scope=\"col\">Interval</th></tr></thead>\n<tbody>\n")
		for _, q := range d.Numbers {
			q.row(&page)
		}
		page.WriteString("</tbody>\n</table>\n")
	}
	return []pipeline.File{
		{Name: name + ".txt", Content: []byte(text.String())},
		{Name: name + ".toml", Content: []byte(table.String())},
		{Name: name + ".html", Content: []byte(page.String())},
	}, nil
}
