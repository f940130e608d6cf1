package rows

import (
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"zerotohero/pipeline/artifact"
)

// writeParquet writes columns by parquet/file. Package pqarrow would turn Arrow into levels
// too, but it needs Arrow's kernels and gRPC, which take longer to compile than all of this module.
func writeParquet(w io.Writer, t *artifact.Table) (err error) {
	// The writer panics at what it finds wrong.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	all := t.Record()
	nodes := make(schema.FieldList, all.NumCols())
	for j, f := range all.Schema().Fields() {
		if nodes[j], err = parquetNode(f.Name, f.Type, f.Nullable); err != nil {
			return err
		}
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, nodes, -1)
	if err != nil {
		return err
	}
	about := metadata.NewKeyValueMetadata()
	about.Append("kind", t.Kind)
	about.Append("params", string(t.Params))
	out := file.NewParquetWriter(w, root, file.WithWriteMetadata(about))
	if t.NumRows() == 0 {
		return out.Close()
	}
	group := out.AppendRowGroup()
	start := make([]slot, t.NumRows())
	for i := range start {
		start[i].at = int32(i)
	}
	for j, f := range all.Schema().Fields() {
		if err := writeColumn(group, all.Column(j), f.Nullable, start, 0); err != nil {
			return fmt.Errorf("column %s: %w", f.Name, err)
		}
	}
	return out.Close()
}

// parquetNode is the column of Parquet for a type that artifacts have.
func parquetNode(name string, t arrow.DataType, nullable bool) (schema.Node, error) {
	repetition := parquet.Repetitions.Required
	if nullable {
		repetition = parquet.Repetitions.Optional
	}
	primitive := func(t parquet.Type, l schema.LogicalType) (schema.Node, error) {
		return schema.NewPrimitiveNodeLogical(name, repetition, l, t, -1, -1)
	}
	switch t := t.(type) {
	case *arrow.Int64Type:
		return primitive(parquet.Types.Int64, nil)
	case *arrow.Float64Type:
		return primitive(parquet.Types.Double, nil)
	case *arrow.Float32Type:
		return primitive(parquet.Types.Float, nil)
	case *arrow.BooleanType:
		return primitive(parquet.Types.Boolean, nil)
	case *arrow.StringType:
		return primitive(parquet.Types.ByteArray, schema.StringLogicalType{})
	case *arrow.BinaryType:
		return primitive(parquet.Types.ByteArray, nil)
	case *arrow.ListType:
		element, err := parquetNode("element", t.Elem(), false)
		if err != nil {
			return nil, err
		}
		return schema.ListOfWithName(name, element, repetition, -1)
	case *arrow.StructType:
		var fields schema.FieldList
		for _, f := range t.Fields() {
			n, err := parquetNode(f.Name, f.Type, f.Nullable)
			if err != nil {
				return nil, err
			}
			fields = append(fields, n)
		}
		return schema.NewGroupNode(name, repetition, fields, -1)
	}
	return nil, fmt.Errorf("column %s: Parquet is not written of type %s", name, t)
}

// A slot is where a column of Parquet has a value, or the lack of one: the place of the value in
// its array, -1 for none; how many of the lists and optional columns around it are there, and
// the depth of the list in which it follows the slot before, 0 for a new row.
type slot struct {
	at              int32
	defined, repeat int16
}

// writeColumn writes the columns of Parquet for an array that is in so many lists.
func writeColumn(group file.SerialRowGroupWriter, a arrow.Array, nullable bool, slots []slot, lists int16) error {
	if nullable {
		present := make([]slot, len(slots))
		for k, s := range slots {
			switch {
			case s.at >= 0 && a.IsNull(int(s.at)):
				s.at = -1
			case s.at >= 0:
				s.defined++
			}
			present[k] = s
		}
		slots = present
	}
	switch a := a.(type) {
	case *array.List:
		return writeColumn(group, a.ListValues(), false, inLists(a, slots, lists+1), lists+1)
	case *array.Struct:
		for j, f := range a.DataType().(*arrow.StructType).Fields() {
			if err := writeColumn(group, a.Field(j), f.Nullable, slots, lists); err != nil {
				return err
			}
		}
		return nil
	}
	return writeValues(group, a, slots)
}

// inLists are the slots of the elements of lists, which are so deep.
func inLists(lists *array.List, slots []slot, depth int16) []slot {
	var out []slot
	for _, s := range slots {
		start, end := int64(0), int64(0)
		if s.at >= 0 {
			start, end = lists.ValueOffsets(int(s.at))
		}
		if start == end {
			s.at = -1
			out = append(out, s)
			continue
		}
		for j := start; j < end; j++ {
			element := slot{int32(j), s.defined + 1, depth}
			if j == start {
				element.repeat = s.repeat
			}
			out = append(out, element)
		}
	}
	return out
}

// writeValues writes the next column of Parquet.
func writeValues(group file.SerialRowGroupWriter, a arrow.Array, slots []slot) error {
	column, err := group.NextColumn()
	if err != nil {
		return err
	}
	defined, repeat := make([]int16, len(slots)), make([]int16, len(slots))
	for k, s := range slots {
		defined[k], repeat[k] = s.defined, s.repeat
	}
	switch a := a.(type) {
	case *array.Int64:
		_, err = column.(*file.Int64ColumnChunkWriter).WriteBatch(gather(a.Value, slots), defined, repeat)
	case *array.Float64:
		_, err = column.(*file.Float64ColumnChunkWriter).WriteBatch(gather(a.Value, slots), defined, repeat)
	case *array.Float32:
		_, err = column.(*file.Float32ColumnChunkWriter).WriteBatch(gather(a.Value, slots), defined, repeat)
	case *array.Boolean:
		_, err = column.(*file.BooleanColumnChunkWriter).WriteBatch(gather(a.Value, slots), defined, repeat)
	case *array.Binary:
		value := func(i int) parquet.ByteArray { return a.Value(i) }
		_, err = column.(*file.ByteArrayColumnChunkWriter).WriteBatch(gather(value, slots), defined, repeat)
	case *array.String:
		value := func(i int) parquet.ByteArray { return parquet.ByteArray(a.Value(i)) }
		_, err = column.(*file.ByteArrayColumnChunkWriter).WriteBatch(gather(value, slots), defined, repeat)
	}
	if err != nil {
		return err
	}
	return column.Close()
}

// gather lists the values that are there.
func gather[T any](value func(int) T, slots []slot) []T {
	out := make([]T, 0, len(slots))
	for _, s := range slots {
		if s.at >= 0 {
			out = append(out, value(int(s.at)))
		}
	}
	return out
}
