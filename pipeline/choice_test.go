package pipeline_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"zerotohero/pipeline"
	"zerotohero/pipeline/internal/choosetest"
	_ "zerotohero/pipeline/internal/choosetest/round"
	"zerotohero/pipeline/internal/choosetest/square"
)

type params struct {
	Shape  pipeline.Chosen[choosetest.Shape] `param:"shape" default:"round"`
	Copies int                               `param:"copies" default:"1"`
}

type row struct{}

func compute(context.Context, params, pipeline.Inputs) ([]row, error) { return nil, nil }

var kind = pipeline.Define(pipeline.Definition[params, row]{Name: "k", Run: compute})

const folder = "zerotohero/pipeline/internal/choosetest"

// A choice has its own parameters among the stage's, in its key, and its package.
func TestChoice(t *testing.T) {
	for _, c := range []struct {
		values    map[string]any
		canonical string
		area      float64
		text      string
		packages  []string
	}{
		{nil, `{"copies":1,"radius":1,"shape":"round"}`, 3, "round(radius=1)", []string{folder + "/round"}},
		{map[string]any{"radius": int64(2)}, `{"copies":1,"radius":2,"shape":"round"}`, 12, "round(radius=2)",
			[]string{folder + "/round"}},
		{map[string]any{"shape": "square", "side": 3.0, "copies": int64(2)},
			`{"colour":"grey","copies":2,"shape":"square","side":3}`, 9,
			"square(side=3,colour=grey)", []string{folder + "/square"}},
	} {
		p, err := kind.Resolve(c.values)
		if err != nil {
			t.Fatal(err)
		}
		s := pipeline.NewStage("s", kind, p)
		if got := string(s.Canonical()); got != c.canonical {
			t.Errorf("%v gives %s, want %s", c.values, got, c.canonical)
		}
		shape := p.(params).Shape
		if made, err := shape.New(); err != nil || made.Area != c.area {
			t.Errorf("%v makes %v, %v; want an area of %v", c.values, made, err, c.area)
		}
		if shape.String() != c.text {
			t.Errorf("%v is written %s, want %s", c.values, shape, c.text)
		}
		if got := s.Choices(); !slices.Equal(got, c.packages) {
			t.Errorf("%v has the packages %v, want %v", c.values, got, c.packages)
		}
		again, err := pipeline.Choose[choosetest.Shape](shape.Name, without(c.values, "shape", "copies"))
		if err != nil || again.String() != c.text {
			t.Errorf("chosen again: %v, %v", again, err)
		}
	}
	type some struct {
		Radius float64 `json:"radius"`
		Shape  string  `json:"shape"`
		Copies string  `json:"copies"` // of another type than the parameter
	}
	p, _ := kind.Resolve(map[string]any{"radius": 2.5})
	if got := pipeline.ParamsOf[some](pipeline.NewStage("s", kind, p)); got != (some{2.5, "round", ""}) {
		t.Errorf("parameters read by name: %+v", got)
	}
	if v, ok := p.(params).Shape.Param("radius"); !ok || v != 2.5 {
		t.Errorf("radius is %v, %t", v, ok)
	}
	if _, ok := p.(params).Shape.Param("side"); ok {
		t.Error("a disc has a side")
	}
}

func without(values map[string]any, names ...string) map[string]any {
	out := make(map[string]any)
	for k, v := range values {
		if !slices.Contains(names, k) {
			out[k] = v
		}
	}
	return out
}

func TestWrongChoice(t *testing.T) {
	for want, values := range map[string]map[string]any{
		`shape: unknown shape "oval"; known are round (a disc), square (four sides)`: {"shape": "oval"},
		"shape: wants the name of a shape, got 3":                                    {"shape": int64(3)},
		"radius: -1 must be positive":                                                {"radius": -1.0},
		"radius: is a parameter of shape round, and shape is square here; remove it where square does": {
			"shape": "square", "side": 1.0, "radius": 1.0},
		"colour: is a parameter of shape square, and shape is round here; remove it where round does no": {"colour": "grey"},
		"side: is required by shape square and not given":                                                {"shape": "square"},
		`colour: unknown colour "red"; known are grey (no colour)`: {
			"shape": "square", "side": 1.0, "colour": "red"},
		"corners: is not a parameter of kind k": {"corners": int64(4)},
	} {
		if _, err := kind.Resolve(values); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v: got %v, want %s", values, err, want)
		}
	}
	type clash struct {
		Shape  pipeline.Chosen[choosetest.Shape] `param:"shape" default:"round"`
		Radius float64                           `param:"radius" default:"1"`
	}
	k := pipeline.Define(pipeline.Definition[clash, row]{Name: "clash"})
	if _, err := k.Resolve(nil); err == nil || !strings.Contains(err.Error(), "rename one of them") {
		t.Errorf("two parameters of a name: %v", err)
	}
}

func TestChoices(t *testing.T) {
	want := fmt.Sprintf("[{round a disc %s/round} {square four sides %s/square}]", folder, folder)
	if got := fmt.Sprint(pipeline.Choices[choosetest.Shape]()); got != want {
		t.Errorf("choices: %s", got)
	}
	var names []string
	for _, f := range kind.Fields() {
		names = append(names, f.Name)
		names = append(names, f.Choices()...)
	}
	if got := strings.Join(names, " "); got != "shape round square radius side colour grey copies" {
		t.Errorf("fields: %s", got)
	}
}

// What would leave a choice's code unknown ends the program.
func TestRegisterPanics(t *testing.T) {
	defer func() {
		if p := recover(); p == nil || !strings.Contains(fmt.Sprint(p), "call it from init") {
			t.Errorf("got %v", p)
		}
	}()
	square.Again()
}
