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
	"zerotohero/pipeline/quantity"
)

// A Drawing is a figure before it is put into any file format. Draw is called once
// for each format and must draw the same each time.
type Drawing struct {
	Width, Height vg.Length
	Draw          func(draw.Canvas)

	// Caption says in sentences what is shown, how large the sample is and what the
	// intervals are, with the quantities quoted. It has the markup of labels; an empty line
	// begins a new paragraph.
	Caption string

	// Quantities are the numbers that the figure is about, each also for other texts to quote.
	Quantities []Quantity
}

// Described adds quantities to a drawing, and a caption: a template of text/template in the
// markup of labels, filled with data. Empty lines part it into paragraphs, each a template of
// its own; one that comes to nothing is left out. A quantity is written with its interval, and
// besides what text/template has there are
//
//	list values            its values as in "a, b and c"
//	each values `{{.N}}`   what a template makes of each value, likewise, without those of which
//	                       it makes nothing
//	span least most        counts from the least to the most, as in "40 to 200"
//	plural n "descent"     a count with what is counted, as in "1 descent" or "2 descents"
//	number v               a number as label.Number writes it
func (d Drawing) Described(template string, data any, quantities []Quantity) (Drawing, error) {
	var err error
	d.Caption, err = captionOf(template, data)
	d.Quantities = quantities
	return d, err
}

// Render gives the drawing as name.pdf, name.svg and name.png, its caption as name.txt
// and its quantities as name.toml, and both as data. The bytes depend on the drawing
// alone: not on the time, on other drawings, or on what runs beside it.
// A panic while drawing, a number that is not finite, a label with a mistake and a
// label cut off by the edge all come back as an error that names the figure.
func (d Drawing) Render(name string) (pipeline.Export, error) {
	if name == "" {
		return pipeline.Export{}, fmt.Errorf("figure without a name")
	}
	x, err := d.render(name)
	if err != nil {
		return pipeline.Export{}, fmt.Errorf("figure %s: %w", name, err)
	}
	return x, nil
}

func (d Drawing) render(name string) (x pipeline.Export, err error) {
	drawn, err := (render.Page{Width: d.Width, Height: d.Height, Draw: d.Draw}).Files()
	if err != nil {
		return x, err
	}
	for _, f := range drawn {
		x.Files = append(x.Files, pipeline.File{Name: name + f.Suffix, Content: f.Content})
	}
	var lines []string
	for paragraph := range strings.SplitSeq(d.Caption, "\n\n") {
		text, err := textOf(strings.Join(strings.Fields(paragraph), " "))
		if err != nil {
			return x, fmt.Errorf("its caption: %w", err)
		}
		if text.Plain == "" {
			return x, fmt.Errorf("its caption has nothing in a paragraph; say what it shows, how large the sample is " +
				"and what the intervals are")
		}
		x.Caption = append(x.Caption, text)
		lines = append(lines, label.Wrap(text.Plain, 88))
	}
	for _, q := range d.Quantities {
		one, err := q.data()
		if err != nil {
			return x, err
		}
		x.Quantities = append(x.Quantities, one)
	}
	if err := quantity.Check(x.Quantities); err != nil {
		return x, err
	}
	tables, err := quantity.TOML(x.Quantities)
	if err != nil {
		return x, err
	}
	x.Files = append(x.Files, pipeline.File{Name: name + ".txt", Content: []byte(strings.Join(lines, "\n"))},
		pipeline.File{Name: name + ".toml", Content: tables})
	return x, nil
}

// textOf is markup as data.
func textOf(markup string) (pipeline.Text, error) {
	atoms, err := label.Parse(markup)
	return pipeline.Text{Plain: label.PlainText(atoms), HTML: label.HTML(atoms)}, err
}
