// Package figurestest has what the tests of several figures share: inputs with which figures
// can be drawn, and checks of what is drawn.
package figurestest

import (
	"bytes"
	"context"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"

	"zerotohero/figures"
	"zerotohero/figures/house"
	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/pipelinetest"
)

// Render draws a figure as the engine does.
func Render(name string, in pipeline.Inputs) (pipeline.Export, error) {
	t, err := pipelinetest.Compute(context.Background(), figures.Kind, map[string]any{"figure": name}, in...)
	if err != nil {
		return pipeline.Export{}, err
	}
	rows, err := artifact.Rows[pipeline.Export](t)
	if err != nil {
		return pipeline.Export{}, err
	}
	return rows[0], nil
}

// Stage is an input whose stage has the confidence 0.95.
func Stage[T any](kind, name string, rows ...T) pipeline.Input {
	return pipelinetest.Input(name, kind, map[string]any{"confidence": 0.95}, rows)
}

// Reads checks that rows of a stage have the columns that a figure reads.
func Reads[Row, Stage any](t *testing.T) {
	t.Helper()
	table, err := artifact.New(make([]Stage, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := artifact.Rows[Row](table); err != nil {
		t.Errorf("%T from %T: %v", *new(Row), *new(Stage), err)
	}
}

// Described draws a figure and gives its caption and its numbers by name.
func Described(t *testing.T, name string, in pipeline.Inputs) (string, map[string]house.Quantity) {
	t.Helper()
	chosen, err := pipeline.Choose[figures.Figure](name, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := chosen.New()
	if err != nil {
		t.Fatal(err)
	}
	d, err := f.Draw(in)
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]house.Quantity{}
	for _, q := range d.Quantities {
		numbers[q.Name] = q
	}
	return d.Caption, numbers
}

// Refused checks that inputs are an error with certain words.
func Refused(t *testing.T, name string, in pipeline.Inputs, want string) {
	t.Helper()
	if _, err := Render(name, in); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: error %v, want one with %q", name, err, want)
	}
}

// Drawn checks that a figure can be drawn of inputs.
func Drawn(t *testing.T, name string, in pipeline.Inputs) {
	t.Helper()
	if _, err := Render(name, in); err != nil {
		t.Error(err)
	}
}

// Near checks a quantity and its interval, NaN where it has none.
func Near(t *testing.T, q house.Quantity, value, lo, hi float64) {
	t.Helper()
	same := func(a, b float64) bool { return a == b || math.Abs(a-b) < 1e-4 || math.IsNaN(a) && math.IsNaN(b) }
	if q.Name == "" || !same(q.Value, value) || !same(q.Lo, lo) || !same(q.Hi, hi) {
		t.Errorf("%q: %g [%g, %g], want %g [%g, %g]", q.Name, q.Value, q.Lo, q.Hi, value, lo, hi)
	}
}

// Quotes checks that the caption of a figure, as plain text in one line, has all of
// the words.
func Quotes(t *testing.T, name string, in pipeline.Inputs, words ...string) {
	t.Helper()
	x, err := Render(name, in)
	if err != nil {
		t.Fatal(err)
	}
	caption := strings.Join(strings.Fields(string(x.Files[3].Content)), " ")
	for _, w := range words {
		if !strings.Contains(caption, w) {
			t.Errorf("%s: no %q in %s", name, w, caption)
		}
	}
}

// notNumber is what a number that is not one is written as; a range in a name may end
// in -Inf.
var notNumber = regexp.MustCompile(`NaN|\bnan\b|(^|[\s([=>])[-+−]?Inf|0\.0 \[0\.0, 0\.0\]|9223372036854775807`)

// Nones checks that a figure is drawn of inputs that have nothing to make some of its
// statistics of, that its caption says so with all of the words, and that nothing it writes
// has a number that is not one.
func Nones(t *testing.T, name string, in pipeline.Inputs, words ...string) {
	t.Helper()
	x, err := Render(name, in)
	if err != nil {
		t.Error(err)
		return
	}
	for _, f := range x.Files[3:] {
		text := strings.Join(strings.Fields(string(f.Content)), " ")
		if bad := notNumber.FindString(text); bad != "" {
			t.Errorf("%s has %q: %s", f.Name, bad, text)
		}
		if !strings.HasSuffix(f.Name, ".txt") {
			continue
		}
		for _, w := range words {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in %s", name, w, text)
			}
		}
	}
}

// SameBesideOthers checks that a figure is the same to the bit when it is drawn again
// beside itself and beside another drawing.
func SameBesideOthers(t *testing.T, name string, in pipeline.Inputs) {
	t.Helper()
	first, err := Render(name, in)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for k := range 2 {
		all.Go(func() {
			again, err := Render(name, in)
			if err != nil || len(again.Files) != 5 {
				t.Errorf("%s: %d files, %v", name, len(again.Files), err)
				return
			}
			for i, suffix := range []string{".pdf", ".svg", ".png", ".txt", ".toml"} {
				if again.Files[i].Name != name+suffix || !bytes.Equal(again.Files[i].Content, first.Files[i].Content) {
					t.Errorf("%s differs from the first drawing", again.Files[i].Name)
				}
			}
		})
		all.Go(func() {
			p := house.NewPanel("$x$ of "+string(rune('A'+k)), "µ μ Ω \u2126")
			p.AddKeyed("$ℓ$", house.Function(math.Sin, 0, 7, 50, house.Line(house.Green)))
			d := house.Drawing{Width: house.SingleColumn, Height: house.SingleColumn, Draw: p.Draw, Caption: "Another."}
			if _, err := d.Render("other"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
