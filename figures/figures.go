// Package figures has the kind of stage that draws the figures of the paper. Each figure
// is a package of its own below it, which registers itself; a figure knows the columns of
// the artifacts that it shows and not how they were computed, so that nothing here imports
// the stages but the names of outcomes. To add one, copy descent/descent.go, a package that
// registers a figure, and import yours in main.go; the example of package house draws one.
//
// What figures share lies in layers, each of which knows those named before it: portable
// and sample (numbers), label (the markup of labels), render (PDF, SVG and PNG), house
// (panels and marks in the house style, captions and quantities), inputs (what is read of
// artifacts), trajectory (descents in time, with their outcomes), recovery (rates of
// recovery with their logistic curves) and spectrum (eigenvalues with their theory).
package figures

import (
	"context"
	"fmt"

	"zerotohero/figures/house"
	"zerotohero/figures/inputs"
	"zerotohero/pipeline"
)

// Kind draws one figure from the artifacts it is about: the figure as PDF, SVG and PNG with
// its caption and its numbers. What it reads depends on the figure.
var Kind = pipeline.Define(pipeline.Definition[Params, pipeline.Export]{
	Name:     "figure",
	Doc:      "one figure, drawn as PDF, SVG and PNG, with caption and numbers",
	ReadsFor: readsOf,
	Accepts:  accepts,
	Cost:     func(Params, []*pipeline.Stage) pipeline.Cost { return pipeline.NewCost(0.1, 128<<20) },
	Run:      draw,
})

// Params choose the figure.
type Params struct {
	Figure pipeline.Chosen[Figure] `param:"figure" help:"the figure's name, which its files get too"`
}

// A Figure says what it reads of artifacts, all of it, and draws that. Each is a package of
// its own, which registers it with pipeline.Register.
type Figure struct {
	Reads []pipeline.Read
	Draw  func(in pipeline.Inputs) (house.Drawing, error)
}

// New is for pipeline.Register a figure that draws what it reads; P is the struct of its
// parameters. If that has a method
//
//	Accepts(in []*pipeline.Stage) error
//
// it says before anything is computed whether these inputs go together, as far as their
// parameters tell, with errors of pipeline.BadInput. Drawing does not reach that method, so
// that an edit of it draws nothing again; package inputs has what several of them want.
func New[P any](draw func(in pipeline.Inputs) (house.Drawing, error), reads ...pipeline.Read) func(P) (Figure, error) {
	return func(P) (Figure, error) { return Figure{Reads: reads, Draw: draw}, nil }
}

func readsOf(p Params) []pipeline.Read {
	f, err := p.Figure.New()
	if err != nil {
		return nil
	}
	return f.Reads
}

// accepts wants one level of intervals of the inputs of each kind, as captions name one, and
// what the figure wants.
func accepts(p Params, in []*pipeline.Stage) error {
	err := inputs.OneLevel(in)
	if f, ok := p.Figure.Params().(interface {
		Accepts(in []*pipeline.Stage) error
	}); ok && err == nil {
		return f.Accepts(in)
	}
	return err
}

func draw(ctx context.Context, p Params, in pipeline.Inputs) ([]pipeline.Export, error) {
	f, err := p.Figure.New()
	if err != nil {
		return nil, err
	}
	d, err := f.Draw(in)
	if err != nil {
		return nil, fmt.Errorf("figure %s: %w", p.Figure.Name, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x, err := d.Render(p.Figure.Name)
	if err != nil {
		return nil, err
	}
	return []pipeline.Export{x}, nil
}
