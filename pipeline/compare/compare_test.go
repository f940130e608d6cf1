package compare_test

import (
	"math"
	"strings"
	"testing"

	"zerotohero/pipeline/artifact"
	"zerotohero/pipeline/compare"
)

type point struct {
	X float64 `arrow:"x"`
	S string  `arrow:"s"`
}

type row struct {
	N      int64     `arrow:"n"`
	V      float64   `arrow:"v"`
	Bytes  []byte    `arrow:"bytes"`
	Many   []float64 `arrow:"many"`
	Points []point   `arrow:"points"`
}

func rows() []row {
	return []row{
		{1, 2, []byte("a"), []float64{1, 2, 3}, []point{{1, "p"}, {2, "q"}}},
		{2, math.NaN(), nil, nil, nil},
		{3, 4, []byte("b"), []float64{math.Inf(1)}, []point{{3, "r"}}},
	}
}

func table[T any](t *testing.T, r []T) *artifact.Table {
	t.Helper()
	out, err := artifact.New(r)
	if err != nil {
		t.Fatal(err)
	}
	out.Kind, out.Params = "kind", []byte("{}")
	return out
}

func TestSame(t *testing.T) {
	if r := compare.Tables(table(t, rows()), table(t, rows())); !r.Equal() || r.Lines() != nil {
		t.Errorf("%+v", r)
	}
}

func TestValues(t *testing.T) {
	b := rows()
	b[0].V = 2 * (1 + 1e-9)
	b[2].V = 5
	b[1].N = 4
	b[2].Bytes = []byte("cc")
	b[0].Many = []float64{1, 2.5}
	b[2].Points[0].S = "other"
	r := compare.Tables(table(t, rows()), table(t, b))
	want := []string{
		"column n: 1 of 3 values differ, in row 1, by 0.5 of a value at most: 2, and 4 in row 1",
		"column v: 2 of 3 values differ, in 2 rows, the first 0, by 0.2 of a value at most: 4, and 5 in row 2",
		"column bytes: 1 of 3 values differ, in row 2: 1 bytes, and 2 bytes",
		"column many: 2 of 3 values differ, in row 0, by 0.2 of a value at most: 2, and 2.5 in row 0",
		"column points.s: 1 of 3 values differ, in row 2: r, and other",
	}
	if got := strings.Join(r.Lines(), "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// Bits count: −0 is not 0, and a NaN is itself; beside a number it is infinitely far.
func TestBits(t *testing.T) {
	type one struct {
		V float64 `arrow:"v"`
	}
	for _, c := range []struct{ a, b, want float64 }{
		{0, math.Copysign(0, -1), 0}, {1, math.NaN(), math.Inf(1)}, {math.Inf(1), math.Inf(-1), math.Inf(1)}, {1, -1, 2},
	} {
		r := compare.Tables(table(t, []one{{c.a}}), table(t, []one{{c.b}}))
		if len(r.Columns) != 1 || r.Columns[0].Largest != c.want {
			t.Errorf("%v and %v: %+v", c.a, c.b, r)
		}
	}
}

func TestShapes(t *testing.T) {
	type other struct {
		N   float64 `arrow:"n"`
		New bool    `arrow:"new"`
	}
	a, b := table(t, rows()), table(t, []other{{1, true}})
	b.Kind, b.Params = "another", []byte(`{"x":1}`)
	got := strings.Join(compare.Tables(a, b).Lines(), "\n")
	for _, want := range []string{"kind kind, and another", `parameters {}, and {"x":1}`, "3 rows, and 1",
		"column n is of type int64, and float64", "column v is only in the first", "column new is only in the second"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %q", got, want)
		}
	}
}

// Long texts are cut between characters.
func TestLongTexts(t *testing.T) {
	type one struct {
		S string `arrow:"s"`
	}
	r := compare.Tables(table(t, []one{{strings.Repeat("α", 40)}}), table(t, []one{{"x" + strings.Repeat("α", 40)}}))
	want := "column s: 1 of 1 values differ, in row 0: " + strings.Repeat("α", 30) + "…, and x" + strings.Repeat("α", 29) + "…"
	if got := strings.Join(r.Lines(), "\n"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
