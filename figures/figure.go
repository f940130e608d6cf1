// Package figures draws the figures of the paper in one house style: labels with
// their own small markup, panels in a grid, and the same bytes on every redraw.
//
// A figure knows the columns of the artifacts that it shows and not how they were
// computed: this package imports none of the stages. To add one, write a file like
// thresholds.go.
package figures

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"zerotohero/pipeline"
)

// Kind draws one figure from the artifacts it is about: a table of pipeline.File,
// the figure as PDF, SVG and PNG with its caption and its numbers. The kinds of its inputs depend on the figure.
var Kind = pipeline.Define(pipeline.Definition[Params, pipeline.File]{
	Name:     "figure",
	Doc:      "one figure, drawn as PDF, SVG and PNG, with caption and numbers",
	Export:   true,
	ReadsFor: readsOf,
	Cost:     func(Params, []*pipeline.Stage) pipeline.Cost { return pipeline.Cost{Seconds: 1, Bytes: 256 << 20} },
	Run:      drawFigure,
})

// readsOf lists the kinds that a figure reads.
func readsOf(p Params) []pipeline.Read {
	var out []pipeline.Read
	for _, kind := range registry[p.Figure].needs {
		out = append(out, pipeline.Reads[struct{}](kind))
	}
	return out
}

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
		known = append(known, fmt.Sprintf("%s (%s)", name, f.doc))
	}
	sort.Strings(known)
	return pipeline.BadParam("figure", "no figure is called %q; there are %s", p.Figure, strings.Join(known, ", "))
}

// A figure is what a file of this package registers under the figure's name.
type figure struct {
	doc   string   // one line
	needs []string // kinds of its inputs
	draw  func(in pipeline.Inputs) (Drawing, error)
}

var registry = map[string]figure{}

// register adds a figure. Each figure has one file, marked as the variant
// figure=NAME, so that a change of it redraws no other; the file calls this from init.
func register(name string, f figure) { registry[name] = f }

func drawFigure(ctx context.Context, p Params, in pipeline.Inputs) ([]pipeline.File, error) {
	f, ok := registry[p.Figure]
	if !ok {
		return nil, p.Validate()
	}
	d, err := f.draw(in)
	if err != nil {
		return nil, fmt.Errorf("figure %s: %w", p.Figure, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return d.Render(p.Figure)
}
