// Package figures has the kind of stage that draws the figures of the paper. Each figure
// is a package of its own below it, which registers itself; a figure knows the columns of
// the artifacts that it shows and not how they were computed, so that nothing here imports
// the stages. To add one, write a package like thresholds, and a line in main.go.
//
// What figures share lies in layers, each of which knows those named before it: portable
// and sample (numbers), label (the markup of labels), render (PDF, SVG and PNG), house
// (panels and marks in the house style, captions and quantities), inputs (what is read of
// artifacts) and trajectory (descents in time, with their outcomes).
package figures

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"zerotohero/figures/house"
	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
)

// Kind draws one figure from the artifacts it is about: a table of pipeline.File,
// the figure as PDF, SVG and PNG with its caption and its numbers. The kinds of its inputs
// depend on the figure.
var Kind = pipeline.Define(pipeline.Definition[Params]{
	Name:        "figure",
	Doc:         "one figure, drawn as PDF, SVG and PNG, with caption and numbers",
	Export:      true,
	RequiresFor: func(p Params) []string { return registry[p.Figure].Needs },
	Cost:        func(Params, []*pipeline.Stage) pipeline.Cost { return pipeline.Cost{Seconds: 1, Bytes: 256 << 20} },
	Run:         drawFigure,
})

// Params choose the figure.
type Params struct {
	Figure string `param:"figure" help:"the figure's name, which its files get too"`
}

// Validate knows the figures; the error for another name lists them.
func (p Params) Validate() error {
	if _, ok := registry[p.Figure]; ok {
		return nil
	}
	var known []string
	for name, f := range registry {
		known = append(known, fmt.Sprintf("%s (%s)", name, f.Doc))
	}
	sort.Strings(known)
	return pipeline.BadParam("figure", "no figure is called %q; there are %s", p.Figure, strings.Join(known, ", "))
}

// A Figure is what a package registers under the figure's name.
type Figure struct {
	Doc   string   // one line
	Needs []string // kinds of its inputs
	Draw  func(in pipeline.Inputs) (house.Drawing, error)
}

var registry = map[string]Figure{}

// Register adds a figure; its package calls this from init.
func Register(name string, f Figure) { registry[name] = f }

// Lookup is the figure of a name; ok says whether there is one.
func Lookup(name string) (f Figure, ok bool) {
	f, ok = registry[name]
	return f, ok
}

func drawFigure(ctx context.Context, p Params, in pipeline.Inputs) (*artifact.Table, error) {
	f, ok := registry[p.Figure]
	if !ok {
		return nil, p.Validate()
	}
	d, err := f.Draw(in)
	if err != nil {
		return nil, fmt.Errorf("figure %s: %w", p.Figure, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	files, err := d.Render(p.Figure)
	if err != nil {
		return nil, err
	}
	return artifact.New(files)
}
