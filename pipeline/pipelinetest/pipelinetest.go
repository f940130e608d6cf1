// Package pipelinetest runs one kind of stage on typed rows, as an engine does but without
// a store, as golang.org/x/tools/go/analysis/analysistest runs one analyzer:
//
//	descents := pipelinetest.Input("descent/x", "descent", map[string]any{"keep": []float64{0}}, []descent{{Seed: 1}})
//	rows := pipelinetest.Run[Row](t, Kind, map[string]any{"resamples": int64(99)}, descents)
//
// Inputs and artifacts go through the bytes of an artifact, inputs carry the parameters of
// their stage, and a kind may read only what it declares.
package pipelinetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
)

// Input is an artifact of a kind, with these rows and these parameters of its stage: a map
// or a struct for encoding/json, or nil for none. Reading it decodes its bytes anew, as an
// engine does; what is wrong with the rows or parameters is an error then.
func Input[T any](stage, kind string, params any, rows []T) pipeline.Input {
	table, err := artifact.New(rows)
	if err == nil {
		table.Kind, table.Params = kind, []byte("{}")
		if params != nil {
			table.Params, err = json.Marshal(params)
		}
	}
	var data []byte
	if err == nil {
		data, err = table.Bytes()
	}
	return pipeline.Input{Stage: stage, Kind: kind, Open: func() (*artifact.Table, error) {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", stage, err)
		}
		return artifact.Parse(data)
	}}
}

// Resolve makes the parameter struct P of a kind from values as paper.toml gives them:
// int64, float64, string, bool, []any and pipeline.Range.
func Resolve[P any](t testing.TB, k *pipeline.Kind, values map[string]any) P {
	t.Helper()
	p, err := k.Resolve(values)
	if err != nil {
		t.Fatal(err)
	}
	return p.(P)
}

// Compute is the artifact of a stage of a kind: a test of refusals wants its error. The
// parameters are values as Resolve takes them, or the kind's parameter struct. To read what
// the kind does not declare in Reads is an error, as in an engine; Accepts is not asked,
// since inputs are rows here and not stages. ctx may carry a pipeline.Partial.
func Compute(ctx context.Context, k *pipeline.Kind, params any, in ...pipeline.Input) (*artifact.Table, error) {
	values, ok := params.(map[string]any)
	if ok || params == nil {
		var err error
		if params, err = k.Resolve(values); err != nil {
			return nil, err
		}
	}
	s := pipeline.NewStage(k.Name+"/test", k, params)
	// Not nil, which would let a kind that declares nothing read anything.
	reads := append([]pipeline.Read{}, k.Reads(params)...)
	declared := make(pipeline.Inputs, len(in))
	for i, one := range in {
		declared[i] = one.Declared(reads)
	}
	table, err := s.Run(ctx, declared)
	if err != nil {
		return nil, err
	}
	table.Kind, table.Params = k.Name, s.Canonical()
	return table, nil
}

// Rows reads an input, also one that Stage computed.
func Rows[R any](t testing.TB, in pipeline.Input) []R {
	t.Helper()
	rows, err := pipeline.Rows[R](in)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// Run computes a stage as Compute does and reads rows R of its artifact, the kind's own or
// any that name some of its columns.
func Run[R any](t testing.TB, k *pipeline.Kind, params any, in ...pipeline.Input) []R {
	t.Helper()
	return Rows[R](t, Stage(t, k, params, in...))
}

// Stage computes a stage as Compute does and hands its artifact out as the input of
// another, under the name of the kind with "/test".
func Stage(t testing.TB, k *pipeline.Kind, params any, in ...pipeline.Input) pipeline.Input {
	t.Helper()
	data := Bytes(t, k, params, in...)
	return pipeline.Input{Stage: k.Name + "/test", Kind: k.Name, Open: func() (*artifact.Table, error) {
		return artifact.Parse(data)
	}}
}

// Bytes computes a stage as Compute does and encodes its artifact, for tests of what must
// be the same to the bit.
func Bytes(t testing.TB, k *pipeline.Kind, params any, in ...pipeline.Input) []byte {
	t.Helper()
	table, err := Compute(t.Context(), k, params, in...)
	if err != nil {
		t.Fatal(err)
	}
	data, err := table.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}
