// Package figure declares the kind of stage that draws what was tossed.
package figure

import (
	"context"
	"fmt"
	"math"

	"zerotohero/pipeline"
	"zerotohero/pipeline/quantity"
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
var Kind = pipeline.Define(pipeline.Definition[Params, pipeline.Export]{
	Name: "figure", Doc: "share of heads",
	Reads: []pipeline.Read{pipeline.Reads[count]("toss")},
	Run:   run,
})

func run(_ context.Context, p Params, in pipeline.Inputs) ([]pipeline.Export, error) {
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
	const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 10">` +
		`<rect width="%.0f" height="10"/></svg>` + "\n"
	quoted := quantity.New("share", pipeline.Plain("share of heads"), share, math.NaN(), math.NaN())
	return []pipeline.Export{{
		Files:      []pipeline.File{{Name: p.Figure + ".svg", Content: fmt.Appendf(nil, drawing, 100*share)}},
		Caption:    []pipeline.Text{pipeline.Plain("The share of heads.")},
		Quantities: []pipeline.Quantity{quoted},
	}}, nil
}
