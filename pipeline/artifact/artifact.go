// Package artifact turns Go rows into Arrow IPC files and back. The same rows
// and parameters always give the same bytes. After its first eight bytes a file is
// a whole Arrow IPC stream too, for readers that know only streams.
//
// A row is a struct whose fields are columns:
//
//	type Row struct {
//		T        float64   `arrow:"t" unit:"s" doc:"time since the start"`
//		Position []float64 `arrow:"position" unit:"m" doc:"of the walker, a value an axis"`
//	}
//
// Fields may be int64, float64, float32, bool, string, []byte, structs of
// these, and slices of all of these. Fields without the arrow tag are left out.
package artifact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Format is the version of the artifacts' layout; it is part of every key, so
// that a change of it recomputes everything.
const Format = "2"

// MaxValues is how many values a column of lists, or of strings in bytes, holds in all
// rows together: its offsets are 32 bits.
const MaxValues = math.MaxInt32

// A Table is the content of an artifact: typed columns, the kind of the stage
// that made it, and that stage's canonical parameters.
type Table struct {
	Kind   string
	Params []byte // canonical JSON

	record arrow.Record
}

// Bytes encodes the table as an Arrow IPC file of one record batch. Kind and
// Params go to the schema's metadata.
func (t *Table) Bytes() ([]byte, error) {
	meta := arrow.NewMetadata([]string{"kind", "params"}, []string{t.Kind, string(t.Params)})
	schema := arrow.NewSchema(t.record.Schema().Fields(), &meta)
	rec := array.NewRecord(schema, t.record.Columns(), t.record.NumRows())
	write := func(to *sink) error {
		w, err := ipc.NewFileWriter(to, ipc.WithSchema(schema), ipc.WithAllocator(memory.NewGoAllocator()))
		if err != nil {
			return err
		}
		if err := w.Write(rec); err != nil {
			return err
		}
		// The writer of arrow v17 leaves it out. It asks the sink where it is before
		// each part that follows.
		to.Write(endOfStream)
		return w.Close()
	}
	// Once to learn the size: a buffer that grows would hold the file up to three times.
	var size sink
	if err := write(&size); err != nil {
		return nil, fmt.Errorf("encoding an artifact: %w", err)
	}
	file := sink{content: make([]byte, 0, size.n)}
	if err := write(&file); err != nil {
		return nil, fmt.Errorf("encoding an artifact: %w", err)
	}
	return file.content, nil
}

// endOfStream is what ends a stream of messages: a message of length 0.
var endOfStream = []byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}

// A sink counts the bytes written to it, and keeps them if content is not nil.
type sink struct {
	n       int64
	content []byte
}

func (s *sink) Write(p []byte) (int, error) {
	s.n += int64(len(p))
	if s.content != nil {
		s.content = append(s.content, p...)
	}
	return len(p), nil
}

// Seek makes a sink the io.WriteSeeker that ipc asks for; ipc only asks where it is.
func (s *sink) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, errors.New("an artifact is written front to back")
	}
	return s.n, nil
}

// Parse reads what Bytes wrote; the store has checked the digest before. A file
// that ends early or is no Arrow file is an error, never a panic.
func Parse(data []byte) (t *Table, err error) {
	// ipc reads lengths from the file and trusts some of them.
	defer func() {
		if r := recover(); r != nil {
			t, err = nil, fmt.Errorf("not a readable Arrow file: %v", r)
		}
	}()
	r, err := ipc.NewFileReader(bytes.NewReader(data), ipc.WithAllocator(memory.NewGoAllocator()))
	if err != nil {
		return nil, fmt.Errorf("not a readable Arrow file: %w", err)
	}
	defer r.Close()
	if n := r.NumRecords(); n != 1 {
		return nil, fmt.Errorf("an artifact has one record batch, this file has %d", n)
	}
	rec, err := r.RecordAt(0)
	if err != nil {
		return nil, fmt.Errorf("not a readable Arrow file: %w", err)
	}
	t = &Table{record: rec}
	meta := r.Schema().Metadata()
	if v, ok := meta.GetValue("kind"); ok {
		t.Kind = v
	}
	if v, ok := meta.GetValue("params"); ok {
		t.Params = []byte(v)
	}
	return t, nil
}

// Record is the content for those that know Arrow. It stays the table's: it must not be released.
func (t *Table) Record() arrow.Record { return t.record }

// With is a table of other rows, which have the kind and parameters of this one.
func (t *Table) With(rows arrow.Record) *Table { return &Table{t.Kind, t.Params, rows} }

// NumRows is the number of rows.
func (t *Table) NumRows() int { return int(t.record.NumRows()) }

// A Column describes one column for people.
type Column struct {
	Name, Type, Unit, Doc string
}

// Columns describes the columns in order; fields of nested structs follow their
// parent as "parent.field".
func (t *Table) Columns() []Column {
	var out []Column
	var add func(prefix string, f arrow.Field)
	add = func(prefix string, f arrow.Field) {
		unit, _ := f.Metadata.GetValue("unit")
		doc, _ := f.Metadata.GetValue("doc")
		typ, nested := typeName(f.Type)
		out = append(out, Column{prefix + f.Name, typ, unit, doc})
		for _, c := range nested {
			add(prefix+f.Name+".", c)
		}
	}
	for _, f := range t.record.Schema().Fields() {
		add("", f)
	}
	return out
}

func typeName(t arrow.DataType) (name string, nested []arrow.Field) {
	switch t := t.(type) {
	case *arrow.ListType:
		name, nested = typeName(t.Elem())
		return "list of " + name, nested
	case *arrow.StructType:
		return "struct", t.Fields()
	}
	return t.Name(), nil
}

// Cell writes one value as text, at most about limit characters long.
func (t *Table) Cell(row, col, limit int) string {
	return cell(t.record.Column(col), row, limit)
}

func cell(a arrow.Array, i, limit int) string {
	switch a := a.(type) {
	case *array.List:
		start, end := a.ValueOffsets(i)
		s := fmt.Sprintf("%d: [", end-start)
		for j := start; j < end; j++ {
			if j > start {
				s += " "
			}
			if len(s) > limit {
				return s + "…]"
			}
			s += cell(a.ListValues(), int(j), limit)
		}
		return s + "]"
	case *array.Struct:
		s := "{"
		for j := range a.NumField() {
			if j > 0 {
				s += " "
			}
			s += cell(a.Field(j), i, limit)
		}
		return s + "}"
	case *array.Binary:
		return fmt.Sprintf("%d bytes", len(a.Value(i)))
	case *array.Float64:
		return fmt.Sprintf("%.6g", a.Value(i))
	case *array.String:
		v := []rune(a.Value(i))
		if len(v) > limit {
			return string(v[:limit]) + "…"
		}
		return string(v)
	}
	return a.ValueStr(i)
}
