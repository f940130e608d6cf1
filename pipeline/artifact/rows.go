package artifact

import (
	"fmt"
	"reflect"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// New makes a table of rows; T is a row type as the package describes it. Other
// types of field are an error.
func New[T any](rows []T) (*Table, error) {
	typ := reflect.TypeFor[T]()
	fields, err := arrowFields(typ)
	if err != nil {
		return nil, err
	}
	b := array.NewRecordBuilder(memory.NewGoAllocator(), arrow.NewSchema(fields, nil))
	defer b.Release()
	b.Reserve(len(rows))
	index := columnsOf(typ)
	v := reflect.ValueOf(rows)
	for i := range rows {
		for j, f := range index {
			appendValue(b.Field(j), v.Index(i).Field(f))
		}
	}
	return &Table{record: b.NewRecord()}, nil
}

// Rows reads all rows into T by the names of columns; columns that T does not
// name are passed over. A column that is missing or of another type is an error.
func Rows[T any](t *Table) (rows []T, err error) {
	// Offsets inside an artifact come from a file, and array trusts them.
	defer func() {
		if r := recover(); r != nil {
			rows, err = nil, fmt.Errorf("the artifact is not consistent: %v", r)
		}
	}()
	typ := reflect.TypeFor[T]()
	fields, err := arrowFields(typ)
	if err != nil {
		return nil, err
	}
	rows = make([]T, t.NumRows())
	v := reflect.ValueOf(rows)
	for j, f := range columnsOf(typ) {
		at := t.record.Schema().FieldIndices(fields[j].Name)
		if len(at) != 1 {
			return nil, fmt.Errorf("no column %q", fields[j].Name)
		}
		col := t.record.Column(at[0])
		for i := range rows {
			if err := readValue(col, i, v.Index(i).Field(f)); err != nil {
				return nil, fmt.Errorf("column %q: %w", fields[j].Name, err)
			}
		}
	}
	return rows, nil
}

// columnsOf gives the indices of the fields of a row type that are columns.
func columnsOf(t reflect.Type) []int {
	var out []int
	for i := range t.NumField() {
		if _, ok := t.Field(i).Tag.Lookup("arrow"); ok {
			out = append(out, i)
		}
	}
	return out
}

func arrowFields(t reflect.Type) ([]arrow.Field, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("a row must be a struct, not %s", t)
	}
	var out []arrow.Field
	for _, i := range columnsOf(t) {
		f := t.Field(i)
		dt, err := arrowType(f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t.Name(), f.Name, err)
		}
		var keys, values []string
		for _, tag := range []string{"doc", "unit"} {
			if v := f.Tag.Get(tag); v != "" {
				keys, values = append(keys, tag), append(values, v)
			}
		}
		out = append(out, arrow.Field{Name: f.Tag.Get("arrow"), Type: dt, Metadata: arrow.NewMetadata(keys, values)})
	}
	return out, nil
}

func arrowType(t reflect.Type) (arrow.DataType, error) {
	switch t.Kind() {
	case reflect.Int64:
		return arrow.PrimitiveTypes.Int64, nil
	case reflect.Float64:
		return arrow.PrimitiveTypes.Float64, nil
	case reflect.Float32:
		return arrow.PrimitiveTypes.Float32, nil
	case reflect.Bool:
		return arrow.FixedWidthTypes.Boolean, nil
	case reflect.String:
		return arrow.BinaryTypes.String, nil
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return arrow.BinaryTypes.Binary, nil
		}
		elem, err := arrowType(t.Elem())
		if err != nil {
			return nil, err
		}
		return arrow.ListOfNonNullable(elem), nil
	case reflect.Struct:
		fields, err := arrowFields(t)
		if err != nil {
			return nil, err
		}
		return arrow.StructOf(fields...), nil
	}
	return nil, fmt.Errorf("an artifact has no column of type %s", t)
}

// appendValue adds v, whose type arrowType accepted, to the builder of that type.
func appendValue(b array.Builder, v reflect.Value) {
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(v.Int())
	case *array.Float64Builder:
		b.Append(v.Float())
	case *array.Float32Builder:
		b.Append(float32(v.Float()))
	case *array.BooleanBuilder:
		b.Append(v.Bool())
	case *array.StringBuilder:
		b.Append(v.String())
	case *array.BinaryBuilder:
		b.Append(v.Bytes())
	case *array.ListBuilder:
		b.Append(true)
		switch list := v.Interface().(type) {
		case []float64:
			b.ValueBuilder().(*array.Float64Builder).AppendValues(list, nil)
		default:
			for i := range v.Len() {
				appendValue(b.ValueBuilder(), v.Index(i))
			}
		}
	case *array.StructBuilder:
		b.Append(true)
		for j, f := range columnsOf(v.Type()) {
			appendValue(b.FieldBuilder(j), v.Field(f))
		}
	}
}

func readValue(a arrow.Array, i int, dst reflect.Value) error {
	switch a := a.(type) {
	case *array.Int64:
		if dst.Kind() == reflect.Int64 {
			dst.SetInt(a.Value(i))
			return nil
		}
	case *array.Float64:
		if dst.Kind() == reflect.Float64 {
			dst.SetFloat(a.Value(i))
			return nil
		}
	case *array.Float32:
		if dst.Kind() == reflect.Float32 {
			dst.SetFloat(float64(a.Value(i)))
			return nil
		}
	case *array.Boolean:
		if dst.Kind() == reflect.Bool {
			dst.SetBool(a.Value(i))
			return nil
		}
	case *array.String:
		if dst.Kind() == reflect.String {
			dst.SetString(a.Value(i))
			return nil
		}
	case *array.Binary:
		if dst.Kind() == reflect.Slice && dst.Type().Elem().Kind() == reflect.Uint8 {
			dst.SetBytes(append([]byte{}, a.Value(i)...))
			return nil
		}
	case *array.List:
		if dst.Kind() != reflect.Slice {
			break
		}
		start, end := a.ValueOffsets(i)
		values := a.ListValues()
		if floats, ok := values.(*array.Float64); ok && dst.Type().Elem().Kind() == reflect.Float64 {
			dst.Set(reflect.ValueOf(append([]float64{}, floats.Float64Values()[start:end]...)).Convert(dst.Type()))
			return nil
		}
		out := reflect.MakeSlice(dst.Type(), int(end-start), int(end-start))
		for j := start; j < end; j++ {
			if err := readValue(values, int(j), out.Index(int(j-start))); err != nil {
				return err
			}
		}
		dst.Set(out)
		return nil
	case *array.Struct:
		if dst.Kind() != reflect.Struct {
			break
		}
		for _, f := range columnsOf(dst.Type()) {
			name := dst.Type().Field(f).Tag.Get("arrow")
			j, ok := a.DataType().(*arrow.StructType).FieldIdx(name)
			if !ok {
				return fmt.Errorf("no field %q", name)
			}
			if err := readValue(a.Field(j), i, dst.Field(f)); err != nil {
				return fmt.Errorf("field %q: %w", name, err)
			}
		}
		return nil
	}
	return fmt.Errorf("is of type %s, which does not go into %s", a.DataType(), dst.Type())
}
