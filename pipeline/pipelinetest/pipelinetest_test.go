package pipelinetest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
)

type measured struct {
	X float64 `arrow:"x"`
	Y float64 `arrow:"y"`
}

type view struct {
	X float64 `arrow:"x"`
}

type setting struct {
	Offset float64 `json:"offset"`
}

type params struct {
	Factor float64 `param:"factor" default:"2"`
	Whole  bool    `param:"whole" default:"false"`
}

// run reads all columns of its inputs, which its kind does not declare, if told to.
func run(_ context.Context, p params, in pipeline.Inputs) (out []measured, err error) {
	for _, i := range in {
		if p.Whole {
			if _, err := pipeline.Rows[measured](i); err != nil {
				return nil, err
			}
		}
		rows, at, err := pipeline.RowsAndParams[view, setting](i)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, measured{X: p.Factor*r.X + at.Offset, Y: -1})
		}
	}
	return out, nil
}

var (
	scale = pipeline.Define(pipeline.Definition[params, measured]{
		Name: "scale", Run: run, Reads: []pipeline.Read{pipeline.ReadsWith[view, setting]("measured")},
	})
	closed = pipeline.Define(pipeline.Definition[params, measured]{Name: "closed", Run: run})
)

func TestRun(t *testing.T) {
	in := Input("measured/one", "measured", map[string]any{"offset": 0.5}, []measured{{X: 1}, {X: 3}})
	if got := Run[measured](t, scale, nil, in); !slices.Equal(got, []measured{{2.5, -1}, {6.5, -1}}) {
		t.Errorf("with defaults, %v", got)
	}
	if got := Run[view](t, scale, map[string]any{"factor": 3.0}, in, in); !slices.Equal(got, []view{{3.5}, {9.5},
		{3.5}, {9.5}}) {
		t.Errorf("with values, %v", got)
	}
	if got := Run[view](t, scale, params{Factor: 1}, in); !slices.Equal(got, []view{{1.5}, {3.5}}) {
		t.Errorf("with a struct, %v", got)
	}
	made := Stage(t, scale, params{Factor: 1}, in)
	table, err := made.Open()
	if err != nil || made.Kind != "scale" || table.Kind != "scale" ||
		string(table.Params) != `{"factor":1,"whole":false}` {
		t.Errorf("as an input it is %+v, %v", made, err)
	}
}

func TestRefusals(t *testing.T) {
	in := Input("measured/one", "measured", nil, []measured{{X: 1}})
	other := in
	other.Kind = "another"
	for want, c := range map[string]struct {
		kind   *pipeline.Kind
		params any
		in     pipeline.Input
	}{
		"factr: ":                              {scale, map[string]any{"factr": 1.0}, in},
		"is read as pipelinetest.measured, wh": {scale, map[string]any{"whole": true}, in},
		"which the kind does not declare in":   {scale, nil, other},
		"is read as pipelinetest.view":         {closed, nil, in},
		"measured/two: ": {scale, nil, Input("measured/two", "measured", nil,
			[]struct{ X float64 }{{1}})},
		"measured/three: ": {scale, nil, Input("measured/three", "measured", func() {}, []view{{1}})},
		`no column "x"`: {scale, nil, Input("measured/four", "measured", nil, []struct {
			Y float64 `arrow:"y"`
		}{{1}})},
	} {
		if _, err := Compute(t.Context(), c.kind, c.params, c.in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
