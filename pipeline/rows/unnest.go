package rows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"zerotohero/pipeline/artifact"
)

// Unnest makes a row of each element of a column of lists; a row whose list is empty has
// none. Instead of the column there are COLUMN.index, which counts the elements of a list
// from 0, and the elements, of structs a column for each field, COLUMN.FIELD. Other columns
// are repeated, but those with lists of their own, which would take the square of the space, are
// left out: their names come back too.
func Unnest(t *artifact.Table, column string) (out *artifact.Table, left []string, err error) {
	all := t.Record()
	at := all.Schema().FieldIndices(column)
	if len(at) != 1 {
		return nil, nil, fmt.Errorf("there is no column %s", column)
	}
	lists, ok := all.Column(at[0]).(*array.List)
	if !ok {
		return nil, nil, fmt.Errorf("column %s has no lists", column)
	}
	counts := make([]int, lists.Len())
	for i := range counts {
		start, end := lists.ValueOffsets(i)
		counts[i] = int(end - start)
	}
	var fields []arrow.Field
	var columns []arrow.Array
	for j, f := range all.Schema().Fields() {
		switch {
		case j == at[0]:
			names, values := unnested(f, lists, counts)
			fields, columns = append(fields, names...), append(columns, values...)
		case hasList(f.Type):
			left = append(left, f.Name)
		default:
			fields, columns = append(fields, f), append(columns, repeated(all.Column(j), counts))
		}
	}
	n := elements(lists).Len()
	return t.With(array.NewRecord(arrow.NewSchema(fields, nil), columns, int64(n))), left, nil
}

// elements are those of all lists, one after the other.
func elements(lists *array.List) arrow.Array {
	if lists.Len() == 0 {
		return array.NewSlice(lists.ListValues(), 0, 0)
	}
	start, _ := lists.ValueOffsets(0)
	_, end := lists.ValueOffsets(lists.Len() - 1)
	return array.NewSlice(lists.ListValues(), start, end)
}

// unnested are the columns that come in place of a column of lists.
func unnested(f arrow.Field, lists *array.List, counts []int) ([]arrow.Field, []arrow.Array) {
	values := elements(lists)
	fields := []arrow.Field{{Name: f.Name, Type: values.DataType(), Metadata: f.Metadata}}
	columns := []arrow.Array{values}
	if structs, ok := values.(*array.Struct); ok {
		fields, columns = slices.Clone(structs.DataType().(*arrow.StructType).Fields()), nil
		for j := range fields {
			fields[j].Name = f.Name + "." + fields[j].Name
			columns = append(columns, structs.Field(j))
		}
	}
	index := arrow.Field{Name: f.Name + ".index", Type: arrow.PrimitiveTypes.Int64, Metadata: documented(
		"place in the list, from 0")}
	if has(fields, index.Name) {
		return fields, columns
	}
	b := array.NewInt64Builder(memory.NewGoAllocator())
	b.Resize(values.Len())
	for _, n := range counts {
		for k := range n {
			b.Append(int64(k))
		}
	}
	return append([]arrow.Field{index}, fields...), append([]arrow.Array{b.NewArray()}, columns...)
}

func documented(doc string) arrow.Metadata { return arrow.NewMetadata([]string{"doc"}, []string{doc}) }

// repeated has each value of an array, of a type without lists, as often as counts says.
func repeated(a arrow.Array, counts []int) arrow.Array {
	b := array.NewBuilder(memory.NewGoAllocator(), a.DataType())
	for i, n := range counts {
		for range n {
			appendFrom(b, a, i)
		}
	}
	return b.NewArray()
}

func appendFrom(b array.Builder, a arrow.Array, i int) {
	if a.IsNull(i) {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(a.(*array.Int64).Value(i))
	case *array.Float64Builder:
		b.Append(a.(*array.Float64).Value(i))
	case *array.Float32Builder:
		b.Append(a.(*array.Float32).Value(i))
	case *array.BooleanBuilder:
		b.Append(a.(*array.Boolean).Value(i))
	case *array.StringBuilder:
		b.Append(strings.Clone(a.(*array.String).Value(i)))
	case *array.BinaryBuilder:
		b.Append(a.(*array.Binary).Value(i))
	case *array.StructBuilder:
		b.Append(true)
		for j := range b.NumField() {
			appendFrom(b.FieldBuilder(j), a.(*array.Struct).Field(j), i)
		}
	}
}
