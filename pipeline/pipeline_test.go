package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

type params struct {
	N     int       `param:"N"`
	Eta   float64   `param:"eta" default:"0.02" help:"step"`
	Loss  string    `param:"loss" default:"ell"`
	Null  bool      `param:"null" default:"false"`
	At    []float64 `param:"at" default:"0, 1"`
	Seeds Range     `param:"seeds"`
}

type row struct {
	X    float64 `arrow:"x"`
	Name string  `arrow:"name"`
}

type view struct {
	X float64 `arrow:"x"`
}

// kind reads of each of the kinds that are named at least one artifact, and perhaps some
// of any kind "k".
func kind(name string, reads ...string) *Kind {
	d := Definition[params, row]{Name: name, Run: compute, Reads: []Read{Reads[view]("k").OrNone()}}
	for _, r := range reads {
		d.Reads = append(d.Reads, Reads[view](r))
	}
	return Define(d)
}

func compute(context.Context, params, Inputs) ([]row, error) { return nil, nil }

func computeFor[T any](context.Context, params, Inputs) ([]T, error) { return nil, nil }

var block = Range{1, 50}

func resolve(t *testing.T, values map[string]any) any {
	t.Helper()
	p, err := kind("k").Resolve(values)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What means the same gives the same bytes; what does not, does not.
func TestCanonical(t *testing.T) {
	canonical := func(values map[string]any) string {
		values["seeds"] = block
		return string(NewStage("s", kind("k"), resolve(t, values)).Canonical())
	}
	const want = `{"N":8,"at":[0,1],"eta":0.02,"loss":"ell","null":false,"seeds":"1-50"}`
	for _, values := range []map[string]any{
		{"N": int64(8)},
		{"N": 8.0, "eta": 0.02},
		{"N": int64(8), "eta": 2e-2, "loss": "ell", "null": false, "at": []any{0.0, int64(1)}},
	} {
		if got := canonical(values); got != want {
			t.Errorf("%v gives %s", values, got)
		}
	}
	for _, values := range []map[string]any{
		{"N": int64(9)}, {"N": int64(8), "eta": 0.020000000000000004}, {"N": int64(8), "at": []any{1.0, 0.0}},
	} {
		if canonical(values) == want {
			t.Errorf("%v gives the same as the defaults", values)
		}
	}
}

func TestEntry(t *testing.T) {
	literal := Define(Definition[params, row]{
		Run: func(context.Context, params, Inputs) ([]row, error) { return nil, nil },
	})
	instance := Define(Definition[params, row]{Run: computeFor[row]})
	for k, want := range map[*Kind]Function{
		kind("k"): {"zerotohero/pipeline", "compute"}, literal: {"zerotohero/pipeline", ""},
		instance: {"zerotohero/pipeline", ""},
	} {
		if k.Entry != want {
			t.Errorf("the entry is %v, want %v", k.Entry, want)
		}
	}
	for full, want := range map[string]string{
		"a/b.run": "run", "a/b.run[...]": "", "a/b.(*T).Run-fm": "", "a/b.init.func1": "", "a/b.glob..func1": "",
		"a/b.make.func1": "", "a/b.init": "", "a/c.run": "", "a/c.T.Run-fm": "",
	} {
		if got := entry("a/b", full); got != (Function{"a/b", want}) {
			t.Errorf("%s is the function %v, want %q", full, got, want)
		}
	}
	for full, want := range map[string]Function{"a.org/b%2ec.run": {"a.org/b.c", "run"}, "main.run": {"main", "run"}} {
		if pkg, name := splitFunction(full); (Function{pkg, name}) != want {
			t.Errorf("%s is the function %s of %s, want %v", full, name, pkg, want)
		}
	}
}

func TestWrongValues(t *testing.T) {
	for name, values := range map[string]map[string]any{
		"N: is required":                             {"seeds": block},
		"N: wants an integer, got 8.5":               {"N": 8.5, "seeds": block},
		"eta: wants a number, got the string":        {"N": 8.0, "eta": "x", "seeds": block},
		"at: element 2: wants a number, got true":    {"N": 8.0, "at": []any{1.0, true}, "seeds": block},
		"loss: wants a string, got 3":                {"N": 8.0, "loss": int64(3), "seeds": block},
		"mass: is not a parameter of kind k":         {"N": 8.0, "seeds": block, "mass": 1.0},
		`seeds: wants a block of seeds like "1..50"`: {"N": 8.0, "seeds": "1-50"},
	} {
		_, err := kind("k").Resolve(values)
		var p *ParamError
		if !errors.As(err, &p) || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

func TestRange(t *testing.T) {
	var r Range
	if err := r.UnmarshalText([]byte("3-9")); err != nil || r != (Range{3, 9}) || r.Len() != 7 {
		t.Error(r, err)
	}
	for _, text := range []string{"", "3", "9-3", "a-b", "-1-3"} {
		if r.UnmarshalText([]byte(text)) == nil {
			t.Errorf("%q passed for a range", text)
		}
	}
}

func TestGraph(t *testing.T) {
	a := NewStage("a/x=1", kind("k"), params{})
	b := NewStage("b", kind("m", "k"), params{}, a)
	c := NewStage("figure/c", kind("k", "m"), params{}, b)
	g, err := NewGraph([]*Stage{c, b, a})
	if err != nil {
		t.Fatal(err)
	}
	names := func(stages []*Stage) string {
		var out []string
		for _, s := range stages {
			out = append(out, s.Name)
		}
		return fmt.Sprint(out)
	}
	if got := names(g.Stages); got != "[a/x=1 b figure/c]" {
		t.Error(got)
	}
	if got := names(g.Closure([]*Stage{b}).Stages); got != "[a/x=1 b]" {
		t.Error(got)
	}
	for pattern, want := range map[string]string{"a": "[a/x=1]", "c": "[figure/c]", "a/*": "[a/x=1]",
		"*": "[a/x=1 b figure/c]", "d": "[]", "[": "[]"} {
		if got := names(g.Match(pattern)); got != want {
			t.Errorf("%s matches %s, want %s", pattern, got, want)
		}
	}
	a2 := NewStage("a/x=1", kind("k"), params{})
	b = NewStage("b", kind("m", "k"), params{}, a2)
	loop := NewStage("loop", kind("k"), params{}, a)
	a.Inputs = []*Stage{loop}
	for want, stages := range map[string][]*Stage{
		"two stages are called":               {b, NewStage("b", kind("k"), params{})},
		"is an input but not a stage":         {NewStage("e", kind("k"), params{}, NewStage("f", kind("k"), params{}))},
		"loop needs a/x=1 needs loop":         {loop, a},
		"needs an input of kind k and has no": {NewStage("e", kind("m", "k"), params{})},
		"reads nothing of kind m":             {b, a2, NewStage("e", kind("k"), params{}, b)},
	} {
		if _, err := NewGraph(stages); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
