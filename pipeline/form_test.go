package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"zerotohero/pipeline"
)

// A tone is written as a text of letters, each of which is a parameter that is added.
type tone struct{ sum float64 }

func init() {
	pipeline.RegisterForm(pipeline.Form[tone]{
		Key: "score",
		Read: func(name string, table map[string]any) (map[string]any, error) {
			text, _ := table["score"].(string)
			if i := strings.IndexByte(text, '?'); i >= 0 {
				return nil, &pipeline.TextError{Text: text, Column: i + 1, Msg: "no letter"}
			}
			return table, nil
		},
		Parse: func(text string, given func(string) bool) (string, []pipeline.Field, error) {
			canonical := strings.ReplaceAll(text, " ", "")
			var fields []pipeline.Field
			for _, r := range canonical {
				fields = append(fields, pipeline.Field{Name: string(r), Type: reflect.TypeFor[float64]()})
			}
			if given("loud") {
				fields = append(fields, pipeline.Field{Name: "loud", Type: reflect.TypeFor[bool]()})
			}
			return canonical, fields, nil
		},
		New: func(name string, params map[string]any) (tone, error) {
			var t tone
			for _, r := range params["score"].(string) {
				t.sum += params[string(r)].(float64)
			}
			if t.sum < 0 {
				return t, errors.New("a tone is not negative")
			}
			return t, nil
		},
	})
}

type tones struct {
	Tone pipeline.Chosen[tone] `param:"tone"`
}

func computeTones(context.Context, tones, pipeline.Inputs) ([]row, error) { return nil, nil }

var toneKind = pipeline.Define(pipeline.Definition[tones, row]{Name: "tones", Run: computeTones})

// An alternative that a form makes has its text, in canonical form, and the parameters that the text
// asks for among the stage's, and is made again from these alone.
func TestForm(t *testing.T) {
	resolve := func(values map[string]any) *pipeline.Stage {
		t.Helper()
		p, err := toneKind.Resolve(values)
		if err != nil {
			t.Fatal(err)
		}
		return pipeline.NewStage("s", toneKind, p)
	}
	a := resolve(map[string]any{"tone": "mine", "score": "a b", "a": 1.0, "b": 2.0})
	b := resolve(map[string]any{"tone": "mine", "score": " ab", "a": 1.0, "b": int64(2)})
	const want = `{"a":1,"b":2,"score":"ab","tone":"mine"}`
	if string(a.Canonical()) != want || string(b.Canonical()) != want || !reflect.DeepEqual(a.Params, b.Params) {
		t.Errorf("%s and %s, not %s", a.Canonical(), b.Canonical(), want)
	}
	c := a.Params.(tones).Tone
	if made, err := c.New(); err != nil || made.sum != 3 || c.String() != "mine(a=1,b=2)" {
		t.Errorf("%v makes %v, %v", c, made, err)
	}
	if got := a.Choices(); len(got) != 1 || !strings.HasPrefix(got[0], "zerotohero/pipeline") {
		t.Errorf("its code is %v", got)
	}
	if s := resolve(map[string]any{"tone": "mine", "score": "a", "a": 1.0, "loud": true}); !strings.Contains(
		string(s.Canonical()), `"loud":true`) {
		t.Errorf("%s", s.Canonical())
	}
	for want, values := range map[string]map[string]any{
		"tone: unknown tone \"mine\"":               {"tone": "mine"},
		"b: is required by tone mine and not given": {"tone": "mine", "score": "ab", "a": 1.0},
		"c: is not a parameter":                     {"tone": "mine", "score": "a", "a": 1.0, "c": 1.0},
		"loud: wants true or false":                 {"tone": "mine", "score": "a", "a": 1.0, "loud": 1.0},
		"a tone is not negative":                    {"tone": "mine", "score": "a", "a": -1.0},
	} {
		if _, err := toneKind.Resolve(values); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v: %v, want %s", values, err, want)
		}
	}
}

// The mark stands below the place, in the line that has it and near it.
func TestTextError(t *testing.T) {
	for _, c := range []struct {
		text   string
		column int
		want   string
	}{
		{"α + b", 5, "column 5: no\n    α + b\n        ^"},
		{"a +\nb", 5, "column 5: no\n    b\n    ^"},
		{"ab", 3, "column 3: no\n    ab\n      ^"},
		{"ab", 0, "no"},
		{"", 9, "column 9: no\n    \n    ^"},
		{strings.Repeat("x", 500), 250, fmt.Sprintf("column 250: no\n    %s\n    %s^", strings.Repeat("x", 120), strings.Repeat(" ", 60))},
	} {
		if got := (&pipeline.TextError{Text: c.text, Column: c.column, Msg: "no"}).Error(); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}
