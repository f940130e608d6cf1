// Package figure declares the kind of stage that draws what was tossed.
package figure

import (
	"context"
	"fmt"

	"zerotohero/pipeline"
)

// Params of a figure.
type Params struct {
	Figure string `param:"figure" help:"its name"`
}

// A count is what a figure reads of tosses.
type count struct {
	Heads  int64 `arrow:"heads"`
	Tosses int64 `arrow:"tosses"`
}

// Kind draws a bar as long as the share of heads.
var Kind = pipeline.Define(pipeline.Definition[Params, pipeline.File]{
	Name: "figure", Doc: "share of heads", Export: true,
	Reads: []pipeline.Read{pipeline.Reads[count]("toss")},
	Run:   run,
})

func run(_ context.Context, p Params, in pipeline.Inputs) ([]pipeline.File, error) {
	var heads, tosses int64
	for _, i := range in {
		rows, err := pipeline.Rows[count](i)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			heads += r.Heads
			tosses += r.Tosses
		}
	}
	share := float64(heads) / float64(tosses)
	const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 10"><rect width="%.0f" height="10"/></svg>` + "\n"
	return []pipeline.File{
		{Name: p.Figure + ".svg", Content: fmt.Appendf(nil, drawing, 100*share)},
		{Name: p.Figure + ".html", Content: []byte("<p>The share of heads.</p>\n")},
		{Name: p.Figure + ".toml", Content: fmt.Appendf(nil, "[share]\ntext = \"share of heads\"\nvalue = %.3f\nrounded = \"%.3f\"\n", share, share)},
	}, nil
}
