package artifact

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/ipc"
)

type point struct {
	T    float64 `arrow:"t" unit:"time"`
	Kind string  `arrow:"kind"`
}

type row struct {
	Seed   int64     `arrow:"seed" doc:"seed of the instance"`
	Energy float64   `arrow:"energy" unit:"per N" doc:"loss"`
	Small  float32   `arrow:"small"`
	OK     bool      `arrow:"ok"`
	Name   string    `arrow:"name"`
	Blob   []byte    `arrow:"blob"`
	List   []float64 `arrow:"list"`
	Trace  []point   `arrow:"trace"`
	One    point     `arrow:"one"`
	hidden int
}

func sample() []row {
	return []row{
		{1, 0.5, 1.25, true, "α", []byte{1, 2}, []float64{1, math.Inf(1)}, []point{{0, "a"}, {1, "b"}}, point{2, "c"}, 0},
		{2, -1e300, 0, false, "", []byte{}, []float64{}, []point{}, point{}, 0},
		{3, 0, 3, true, "x", []byte("long"), make([]float64, 100), []point{{3, ""}}, point{4, "d"}, 0},
	}
}

func encode(t *testing.T, rows []row) []byte {
	t.Helper()
	tab, err := New(rows)
	if err != nil {
		t.Fatal(err)
	}
	tab.Kind, tab.Params = "descent", []byte(`{"N":3}`)
	b, err := tab.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	b := encode(t, sample())
	tab, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Rows[row](tab)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, sample()) {
		t.Errorf("got %+v\nwant %+v", got, sample())
	}
	if tab.Kind != "descent" || string(tab.Params) != `{"N":3}` {
		t.Errorf("metadata: kind %q, params %q", tab.Kind, tab.Params)
	}
	if again, err := tab.Bytes(); err != nil || !bytes.Equal(again, b) {
		t.Errorf("a table read and written again differs (%v)", err)
	}
	cols := tab.Columns()
	if cols[1] != (Column{"energy", "float64", "per N", "loss"}) || cols[8].Name != "trace.t" || cols[8].Unit != "time" {
		t.Errorf("columns: %+v", cols)
	}
}

func TestEmptyTable(t *testing.T) {
	tab, err := Parse(encode(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := Rows[row](tab); err != nil || len(rows) != 0 {
		t.Errorf("got %v, %v", rows, err)
	}
}

func TestSameRowsSameBytes(t *testing.T) {
	first := encode(t, sample())
	for range 20 {
		// Garbage between encodings, so that recycled memory would show in padding.
		junk := make([][]byte, 50)
		for i := range junk {
			junk[i] = bytes.Repeat([]byte{0xa5}, 1000+i)
		}
		if !bytes.Equal(first, encode(t, sample())) {
			t.Fatal("the same rows gave other bytes")
		}
	}
}

func TestColumnsByName(t *testing.T) {
	type part struct {
		List []float64 `arrow:"list"`
		Seed int64     `arrow:"seed"`
	}
	type missing struct {
		X float64 `arrow:"x"`
	}
	type mistyped struct {
		Seed string `arrow:"seed"`
	}
	tab, _ := Parse(encode(t, sample()))
	if rows, err := Rows[part](tab); err != nil || rows[2].Seed != 3 || len(rows[2].List) != 100 {
		t.Errorf("got %v, %v", rows, err)
	}
	if _, err := Rows[missing](tab); err == nil || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("a missing column: %v", err)
	}
	if _, err := Rows[mistyped](tab); err == nil || !strings.Contains(err.Error(), "seed") {
		t.Errorf("a column of another type: %v", err)
	}
	if _, err := New([]struct {
		C chan int `arrow:"c"`
	}{}); err == nil {
		t.Error("a channel passed for a column")
	}
}

// An artifact is a file, and after the file's magic a stream that ends before the footer.
func TestFileAndStream(t *testing.T) {
	for _, rows := range [][]row{sample(), nil} {
		b := encode(t, rows)
		f, err := ipc.NewFileReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if f.NumRecords() != 1 {
			t.Errorf("the file has %d record batches", f.NumRecords())
		}
		rest := bytes.NewReader(b[8:])
		s, err := ipc.NewReader(rest)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Release()
		var got int64
		for s.Next() {
			got += s.Record().NumRows()
		}
		if s.Err() != nil || got != int64(len(rows)) {
			t.Errorf("the stream has %d rows, not %d (%v)", got, len(rows), s.Err())
		}
		// The marker of the end, the footer, its length and the magic.
		end := []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}
		at := len(b) - rest.Len()
		length := int(binary.LittleEndian.Uint32(b[len(b)-10:]))
		if !bytes.Equal(b[at-8:at], end) || at+length+10 != len(b) || string(b[len(b)-6:]) != "ARROW1" {
			t.Errorf("the stream was read up to byte %d of %d, where % x stands, and the footer has %d bytes",
				at, len(b), b[at-8:at], length)
		}
	}
}

// Arrow's readers refuse messages beyond 256 MiB unless told otherwise.
func TestLargeArtifact(t *testing.T) {
	type blob struct {
		B []byte `arrow:"b"`
	}
	tab, err := New([]blob{{make([]byte, 257<<20)}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := tab.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if cap(b) != len(b) {
		t.Errorf("%d bytes take %d", len(b), cap(b))
	}
	if tab, err = Parse(b); err != nil || tab.NumRows() != 1 {
		t.Error(err)
	}
}

// Offsets of lists and strings have 32 bits: more is an error, before anything is
// allocated for it.
func TestTooManyValues(t *testing.T) {
	type lists struct {
		Trace []struct {
			L []float64 `arrow:"l"`
		} `arrow:"trace"`
	}
	type words struct {
		S string `arrow:"s"`
	}
	long := make([]float64, 1<<20)
	var rows []lists
	var texts []words
	text := strings.Repeat("x", 1<<20)
	for range 1 << 11 {
		rows = append(rows, lists{make([]struct {
			L []float64 `arrow:"l"`
		}, 1)})
		rows[len(rows)-1].Trace[0].L = long
		texts = append(texts, words{text})
	}
	_, err1 := New(rows)
	_, err2 := New(texts)
	for name, err := range map[string]error{"trace": err1, "s": err2} {
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "2147483647") {
			t.Errorf("column %s: %v", name, err)
		}
	}
}

// Rows that are kept do not keep the artifact they were read from.
func TestRowsKeepNoArtifact(t *testing.T) {
	type part struct {
		Name string `arrow:"name"`
	}
	freed := make(chan bool, 1)
	rows := func() []part {
		data := encode(t, sample())
		runtime.AddCleanup(&data[0], func(freed chan bool) { freed <- true }, freed)
		tab, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := Rows[part](tab)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-freed:
			if rows[0].Name != "α" {
				t.Errorf("the rows are %v", rows)
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("the artifact is still in memory")
}

// A file cut short at any place, or that is none, is an error.
func TestParseOfNoArtifact(t *testing.T) {
	good := encode(t, sample())
	for n := range len(good) {
		if _, err := Parse(good[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes passed for an artifact", n, len(good))
		}
	}
	for _, text := range []string{"", "ARROW1", "ARROW1\x00\x00ARROW1", strings.Repeat("x", 1000)} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q passed for an artifact", text)
		}
	}
}
