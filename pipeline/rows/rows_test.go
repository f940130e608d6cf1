package rows

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/parquet/file"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
)

type point struct {
	T    float64   `arrow:"t" unit:"time" doc:"since the start"`
	Name string    `arrow:"name"`
	Long []float64 `arrow:"long"`
}

type pair struct {
	X float64 `arrow:"x"`
	Y int64   `arrow:"y"`
}

type row struct {
	Seed   int64       `arrow:"seed" doc:"of the instance"`
	Energy float64     `arrow:"energy" unit:"per N" doc:"loss"`
	Small  float32     `arrow:"small"`
	OK     bool        `arrow:"ok"`
	Name   string      `arrow:"name"`
	Blob   []byte      `arrow:"blob"`
	List   []float64   `arrow:"list"`
	Deep   [][]float64 `arrow:"deep"`
	Trace  []point     `arrow:"trace"`
	One    pair        `arrow:"one"`
}

// sample has numbers that few digits do not tell, text with all that CSV quotes, and lists
// that are empty at each depth.
func sample() []row {
	third := 1.0 / 3
	return []row{
		{1, third, 0.1, true, "a,\"b\"\nα <", []byte{0, 255}, []float64{third, math.Copysign(0, -1), 5e-324},
			[][]float64{{1}, {}}, []point{{0, "s", []float64{1}}, {third, "", []float64{}}}, pair{1, 2}},
		{math.MaxInt64, math.MaxFloat64, math.MaxFloat32, false, "", []byte{}, []float64{}, [][]float64{},
			[]point{}, pair{}},
		{-3, math.Copysign(0, -1), 3, true, "x", []byte("x"), []float64{1e21},
			[][]float64{{2, 3}}, []point{{7, "p", []float64{4, 5}}}, pair{third, -1}},
	}
}

func table[T any](t *testing.T, params string, rows []T) *artifact.Table {
	t.Helper()
	out, err := artifact.New(rows)
	if err != nil {
		t.Fatal(err)
	}
	out.Kind, out.Params = "descent", []byte(params)
	return out
}

func written(t *testing.T, name string, tab *artifact.Table) []byte {
	t.Helper()
	f := Formats[slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })]
	var one, two bytes.Buffer
	if err := f.Write(&one, tab); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(&two, tab); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Errorf("%s written twice differs (%v)", name, err)
	}
	return one.Bytes()
}

func TestJSON(t *testing.T) {
	var got []struct {
		Seed   int64
		Energy float64
		Small  float32
		OK     bool
		Name   string
		Blob   []byte
		List   []float64
		Deep   [][]float64
		Trace  []struct {
			T    float64
			Name string
			Long []float64
		}
		One struct {
			X float64
			Y int64
		}
	}
	if err := json.Unmarshal(written(t, "json", table(t, "{}", sample())), &got); err != nil {
		t.Fatal(err)
	}
	// The same values have the same text in %v of both, which tells bits of floats, and -0 from 0.
	for i, want := range sample() {
		if a, b := strings.ReplaceAll(sprint(got[i]), "<nil>", "[]"), sprint(want); a != b {
			t.Errorf("row %d is %s, want %s", i, a, b)
		}
	}
	if text := string(written(t, "json", table(t, "{}", []row{}))); text != "[\n]\n" {
		t.Errorf("no rows are %q", text)
	}
	odd := table(t, "{}", []pair{{math.NaN(), 1}, {math.Inf(-1), 2}, {3, 3}})
	want := "[\n{\"x\":null,\"y\":1},\n{\"x\":null,\"y\":2},\n{\"x\":3,\"y\":3}\n]\n"
	if text := string(written(t, "json", odd)); text != want {
		t.Errorf("values that are no numbers give %s", text)
	}
	lists := table(t, "{}", []point{{math.NaN(), "", []float64{1, math.Inf(1)}}, {T: math.NaN()}})
	if a, b, c := NotNumbers(odd), NotNumbers(lists), NotNumbers(First(lists, 1)); a != 2 || b != 3 || c != 2 {
		t.Errorf("%d, %d and %d values are no numbers, want 2, 3 and 2", a, b, c)
	}
}

func sprint(v any) string {
	text, _ := json.Marshal(v)
	return strings.ToLower(string(text))
}

func TestCSV(t *testing.T) {
	lines, err := csv.NewReader(bytes.NewReader(written(t, "csv", table(t, "{}", sample())))).ReadAll()
	if err != nil || len(lines) != 4 {
		t.Fatal(len(lines), err)
	}
	if got := strings.Join(lines[0], " "); got != "seed energy small ok name blob list deep trace one" {
		t.Errorf("columns %s", got)
	}
	for i, want := range sample() {
		x, err := strconv.ParseFloat(lines[i+1][1], 64)
		if math.Float64bits(x) != math.Float64bits(want.Energy) || err != nil {
			t.Errorf("energy %s, want %v", lines[i+1][1], want.Energy)
		}
		var deep [][]float64
		if err := json.Unmarshal([]byte(lines[i+1][7]), &deep); err != nil || !reflect.DeepEqual(deep, want.Deep) {
			t.Errorf("a column of lists is %s, want %v", lines[i+1][7], want.Deep)
		}
		if lines[i+1][4] != want.Name {
			t.Errorf("name %q, want %q", lines[i+1][4], want.Name)
		}
	}
	odd := table(t, "{}", []pair{{math.NaN(), 1}, {math.Inf(-1), 2}, {math.Inf(1), 3}})
	if text := string(written(t, "csv", odd)); text != "x,y\nNaN,1\n-Inf,2\nInf,3\n" {
		t.Errorf("values that are no numbers give %s", text)
	}
}

func TestArrow(t *testing.T) {
	whole := table(t, "{}", sample())
	data, err := whole.Bytes()
	if err != nil || !bytes.Equal(written(t, "arrow", whole), data) {
		t.Errorf("an artifact is not written as the store has it (%v)", err)
	}
	tab, err := artifact.Parse(written(t, "arrow", First(whole, 2)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := artifact.Rows[row](tab); err != nil || !reflect.DeepEqual(got, sample()[:2]) {
		t.Errorf("the first two rows are %v (%v)", got, err)
	}
}

// The levels are those of the Dremel paper (Melnik et al. 2010), by hand.
func TestParquet(t *testing.T) {
	r, err := file.NewParquetReader(bytes.NewReader(written(t, "parquet", table(t, `{"N":3}`, sample()))))
	if err != nil {
		t.Fatal(err)
	}
	if r.NumRows() != 3 || *r.MetaData().KeyValueMetadata().FindValue("params") != `{"N":3}` {
		t.Errorf("%d rows, %v", r.NumRows(), r.MetaData().KeyValueMetadata())
	}
	for _, c := range []struct {
		column          string
		values          []float64
		defined, repeat []int16
	}{
		{"energy", []float64{1.0 / 3, math.MaxFloat64, math.Copysign(0, -1)}, []int16{0, 0, 0}, []int16{0, 0, 0}},
		{"list.list.element", []float64{1.0 / 3, math.Copysign(0, -1), 5e-324, 1e21},
			[]int16{1, 1, 1, 0, 1}, []int16{0, 1, 1, 0, 0}},
		{"deep.list.element.list.element", []float64{1, 2, 3}, []int16{2, 1, 0, 2, 2}, []int16{0, 1, 0, 0, 2}},
		{"trace.list.element.long.list.element", []float64{1, 4, 5}, []int16{2, 1, 0, 2, 2}, []int16{0, 1, 0, 0, 2}},
		{"trace.list.element.t", []float64{0, 1.0 / 3, 7}, []int16{1, 1, 0, 1}, []int16{0, 1, 0, 0}},
	} {
		at := r.MetaData().Schema.ColumnIndexByName(c.column)
		if at < 0 {
			t.Fatalf("no column %s in %v", c.column, r.MetaData().Schema)
		}
		column, err := r.RowGroup(0).Column(at)
		if err != nil {
			t.Fatal(err)
		}
		values, defined, repeat := make([]float64, 9), make([]int16, 9), make([]int16, 9)
		n, read, err := column.(*file.Float64ColumnChunkReader).ReadBatch(9, values, defined, repeat)
		if err != nil || !slices.Equal(values[:read], c.values) || !slices.Equal(defined[:n], c.defined) ||
			!slices.Equal(repeat[:n], c.repeat) {
			t.Errorf("%s: %v at levels %v, %v (%v)", c.column, values[:read], defined[:n], repeat[:n], err)
		}
	}
	empty, err := file.NewParquetReader(bytes.NewReader(written(t, "parquet", table(t, "{}", []row{}))))
	if err != nil || empty.NumRows() != 0 {
		t.Error(err)
	}
}

func TestUnnest(t *testing.T) {
	type traced struct {
		Seed  int64     `arrow:"seed"`
		One   pair      `arrow:"one"`
		Index int64     `arrow:"trace.index"`
		T     float64   `arrow:"trace.t"`
		Long  []float64 `arrow:"trace.long"`
	}
	whole := table(t, "{}", sample())
	if got := Lists(whole); strings.Join(got, " ") != "list deep trace" {
		t.Errorf("lists %v", got)
	}
	tab, left, err := Unnest(whole, "trace")
	if err != nil || strings.Join(left, " ") != "list deep" {
		t.Fatal(left, err)
	}
	got, err := artifact.Rows[traced](tab)
	want := []traced{{1, pair{1, 2}, 0, 0, []float64{1}}, {1, pair{1, 2}, 1, 1.0 / 3, []float64{}},
		{-3, pair{1.0 / 3, -1}, 0, 7, []float64{4, 5}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v (%v)", got, want, err)
	}
	tab, _, err = Unnest(tab, "trace.long")
	if text := string(written(t, "csv", tab)); err != nil || !strings.Contains(text,
		"trace.index,trace.t,trace.name,trace.long.index,trace.long,one\n") ||
		!strings.Contains(text, ",0,7,p,1,5,") || strings.Count(text, "\n") != 5 { // of which one is in a name
		t.Errorf("lists within lists give %s (%v)", text, err)
	}
	for _, column := range []string{"seed", "nosuch", "trace.t"} {
		if _, _, err := Unnest(whole, column); err == nil || !strings.Contains(err.Error(), column) {
			t.Errorf("%s: %v", column, err)
		}
	}
	// A list that begins elsewhere than at 0.
	tail := whole.With(whole.Record().NewSlice(2, 3))
	if tab, _, err = Unnest(tail, "list"); err != nil || tab.NumRows() != 1 ||
		!strings.Contains(string(written(t, "csv", tab)), ",0,1e+21,") {
		t.Errorf("the last row alone: %v", err)
	}
	if tab, _, err = Unnest(First(whole, 0), "list"); err != nil || tab.NumRows() != 0 {
		t.Error(err)
	}
}

type walkParams struct {
	Rate  float64        `param:"rate" help:"steps per unit of time"`
	Seeds pipeline.Range `param:"seeds"`
}

func TestJoin(t *testing.T) {
	kind := pipeline.Define(pipeline.Definition[walkParams, pair]{Name: "descent"})
	part := func(stage, params string, rows ...pair) Part { return Part{stage, table(t, params, rows)} }
	parts := []Part{
		part("walk/N=8,X=1", `{"rate":1,"seeds":"1-2","size":[1,2],"eta":0.5}`, pair{1, 1}, pair{2, 2}),
		part("walk/N=16,X=0.5", `{"rate":2,"seeds":"1-2","size":[1]}`, pair{3, 3}),
		part("walk/N=32,X=2", `{"rate":1,"seeds":"1-2","size":[1]}`),
	}
	joined, err := Join(parts, kind)
	if err != nil {
		t.Fatal(err)
	}
	want := `stage,N,axis_X,eta,rate,size,x,y
"walk/N=8,X=1",8,1,0.5,1,"[1,2]",1,1
"walk/N=8,X=1",8,1,0.5,1,"[1,2]",2,2
"walk/N=16,X=0.5",16,0.5,,2,[1],3,3
`
	if text := string(written(t, "csv", joined)); text != want || string(joined.Params) != `{"seeds":"1-2"}` {
		t.Errorf("got %s of %s, want %s", text, joined.Params, want)
	}
	types := ""
	for _, c := range joined.Columns() {
		types += c.Name + " " + c.Type + ", "
	}
	if types != "stage utf8, N int64, axis_X float64, eta float64, rate float64, size utf8, x float64, y int64, " {
		t.Errorf("types %s", types)
	}
	written(t, "parquet", joined)
	other := part("other", "{}", pair{})
	other.Table.Kind = "another"
	earlier := Part{"walk/N=64", table(t, "{}", sample())}
	for want, p := range map[string]Part{"of kind another": other, "other columns": earlier} {
		if _, err := Join([]Part{parts[0], p}, kind); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), p.Stage) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
