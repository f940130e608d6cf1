package pipeline_test

import (
	"context"
	"fmt"

	"zerotohero/pipeline"
)

// Params are the parameters of the kind, as in "values = [1, 2, 4]" of a family in
// paper.toml.
type Params struct {
	Values []float64 `param:"values" help:"what is averaged"`
	Power  int       `param:"power" default:"1" help:"power of each value, at least 1"`
}

// Validate checks what the types do not say. Optional.
func (p Params) Validate() error {
	if p.Power < 1 {
		return pipeline.BadParam("power", "%d must be at least 1", p.Power)
	}
	return nil
}

// A Row is one of the artifact.
type Row struct {
	Count int64   `arrow:"count" unit:"1" doc:"number of values in all"`
	Mean  float64 `arrow:"mean" unit:"1" doc:"mean of values**power"`
}

// An earlier is what is read of the rows of inputs.
type earlier struct {
	Count int64 `arrow:"count"`
}

// Kind is the kind. The program lists it in its pipeline/cli.App.
var Kind = pipeline.Define(pipeline.Definition[Params, Row]{
	Name:  "mean",
	Doc:   "mean of a power of some values",
	Reads: []pipeline.Read{pipeline.Reads[earlier]("mean").OrNone()},
	Run:   run,
})

func run(_ context.Context, p Params, in pipeline.Inputs) ([]Row, error) {
	r := Row{Count: int64(len(p.Values))}
	for _, v := range p.Values {
		term := 1.0
		for range p.Power {
			term *= v
		}
		r.Mean += term / float64(len(p.Values))
	}
	for _, i := range in.Of("mean") {
		rows, err := pipeline.Rows[earlier](i)
		if err != nil {
			return nil, err
		}
		r.Count += rows[0].Count
	}
	return []Row{r}, nil
}

// A kind is a variable of its package: parameters, rows, what it reads, and the function
// that computes the rows. pipeline/pipelinetest runs it in tests on rows of any inputs.
func Example() {
	params, err := Kind.Resolve(map[string]any{"values": []any{1.0, 2.0, 4.0}, "power": int64(2)})
	if err != nil {
		fmt.Println(err)
		return
	}
	stage := pipeline.NewStage("mean/power=2", Kind, params)
	table, err := stage.Run(context.Background(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", stage.Canonical())
	for i, c := range table.Columns() {
		fmt.Printf("%s (%s): %s\n", c.Name, c.Doc, table.Cell(0, i, 20))
	}
	_, err = Kind.Resolve(map[string]any{"values": []any{1.0}, "power": int64(0)})
	fmt.Println(err)
	// Output:
	// {"power":2,"values":[1,2,4]}
	// count (number of values in all): 3
	// mean (mean of values**power): 7
	// power: 0 must be at least 1
}
