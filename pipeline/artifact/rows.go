package artifact

import (
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// New makes a table of rows; T is a row type as the package describes it. Other
// types of field are an error, and so is a list of more values in all rows together
// than an artifact holds.
func New[T any](rows []T) (*Table, error) {
	typ := reflect.TypeFor[T]()
	fields, err := arrowFields(typ, 0)
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("%s has no columns; give its fields the tag arrow", typ)
	}
	b := array.NewRecordBuilder(memory.NewGoAllocator(), arrow.NewSchema(fields, nil))
	defer b.Release()
	v := reflect.ValueOf(rows)
	index := columnsOf(typ)
	for j, f := range index {
		b.Field(j).Resize(len(rows))
		if err := reserve(b.Field(j), fieldOf(elementsOf(v), f)); err != nil {
			return nil, fmt.Errorf("column %q: %w", fields[j].Name, err)
		}
	}
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
	if err := fits(typ, t.record.Schema().Fields(), ""); err != nil {
		return nil, err
	}
	rows = make([]T, t.NumRows())
	v := reflect.ValueOf(rows)
	for _, f := range columnsOf(typ) {
		col := t.record.Column(t.record.Schema().FieldIndices(columnName(typ.Field(f)))[0])
		for i := range rows {
			readValue(col, i, v.Index(i).Field(f))
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

func columnName(f reflect.StructField) string { return f.Tag.Get("arrow") }

// maxNesting is how deep arrow nests lists and structs in each other.
const maxNesting = 64

func arrowFields(t reflect.Type, depth int) ([]arrow.Field, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("a row must be a struct, not %s", t)
	}
	var out []arrow.Field
	seen := make(map[string]bool)
	for _, i := range columnsOf(t) {
		f := t.Field(i)
		name := columnName(f)
		switch {
		case !f.IsExported():
			return nil, fmt.Errorf("%s.%s: a column's field must be exported", t, f.Name)
		case name == "":
			return nil, fmt.Errorf("%s.%s: its tag arrow gives no name", t, f.Name)
		case seen[name]:
			return nil, fmt.Errorf("%s has two columns %q", t, name)
		}
		seen[name] = true
		dt, err := arrowType(f.Type, depth+1)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t.Name(), f.Name, err)
		}
		var keys, values []string
		for _, tag := range []string{"doc", "unit"} {
			if v := f.Tag.Get(tag); v != "" {
				keys, values = append(keys, tag), append(values, v)
			}
		}
		out = append(out, arrow.Field{Name: name, Type: dt, Metadata: arrow.NewMetadata(keys, values)})
	}
	return out, nil
}

func arrowType(t reflect.Type, depth int) (arrow.DataType, error) {
	if depth >= maxNesting {
		return nil, fmt.Errorf("%s is nested more than %d deep", t, maxNesting)
	}
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
		elem, err := arrowType(t.Elem(), depth+1)
		if err != nil {
			return nil, err
		}
		return arrow.ListOfNonNullable(elem), nil
	case reflect.Struct:
		fields, err := arrowFields(t, depth)
		if err != nil {
			return nil, err
		}
		return arrow.StructOf(fields...), nil
	}
	return nil, fmt.Errorf("an artifact has no column of type %s", t)
}

// elementsOf goes through a slice, and fieldOf through one field of structs.
func elementsOf(v reflect.Value) iter.Seq[reflect.Value] {
	return func(yield func(reflect.Value) bool) {
		for i := range v.Len() {
			if !yield(v.Index(i)) {
				return
			}
		}
	}
}

func fieldOf(structs iter.Seq[reflect.Value], field int) iter.Seq[reflect.Value] {
	return func(yield func(reflect.Value) bool) {
		for v := range structs {
			if !yield(v.Field(field)) {
				return
			}
		}
	}
}

// reserve makes room below a builder for exactly what the lists and strings among
// values hold: builders that grow are up to twice as large as what is in them.
func reserve(b array.Builder, values iter.Seq[reflect.Value]) error {
	room := func() (int, error) {
		var n int64
		for v := range values {
			if n += int64(v.Len()); n > MaxValues {
				return 0, fmt.Errorf("more than %d values in all rows together do not fit into an artifact; "+
					"make blocks of seeds smaller, or keep less of each", MaxValues)
			}
		}
		return int(n), nil
	}
	switch b := b.(type) {
	case *array.StringBuilder:
		n, err := room()
		b.ReserveData(n)
		return err
	case *array.BinaryBuilder:
		n, err := room()
		b.ReserveData(n)
		return err
	case *array.ListBuilder:
		n, err := room()
		if err != nil {
			return err
		}
		b.ValueBuilder().Resize(n)
		return reserve(b.ValueBuilder(), func(yield func(reflect.Value) bool) {
			for list := range values {
				for v := range elementsOf(list) {
					if !yield(v) {
						return
					}
				}
			}
		})
	case *array.StructBuilder:
		var typ reflect.Type
		for v := range values {
			typ = v.Type()
			break
		}
		if typ == nil {
			return nil
		}
		for j, f := range columnsOf(typ) {
			if err := reserve(b.FieldBuilder(j), fieldOf(values, f)); err != nil {
				return err
			}
		}
	}
	return nil
}

// oneNaN gives all NaNs the same bits: those of 0/0 have another sign on amd64 than on arm64.
func oneNaN(x float64) float64 {
	if math.IsNaN(x) {
		return math.NaN()
	}
	return x
}

// appendValue adds v, whose type arrowType accepted, to the builder of that type.
func appendValue(b array.Builder, v reflect.Value) {
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(v.Int())
	case *array.Float64Builder:
		b.Append(oneNaN(v.Float()))
	case *array.Float32Builder:
		b.Append(float32(oneNaN(v.Float())))
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
			if slices.ContainsFunc(list, math.IsNaN) {
				list = slices.Clone(list)
				for i, x := range list {
					list[i] = oneNaN(x)
				}
			}
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

// readValue sets dst, whose type fits found to be that of the array.
func readValue(a arrow.Array, i int, dst reflect.Value) {
	switch a := a.(type) {
	case *array.Int64:
		dst.SetInt(a.Value(i))
	case *array.Float64:
		dst.SetFloat(a.Value(i))
	case *array.Float32:
		dst.SetFloat(float64(a.Value(i)))
	case *array.Boolean:
		dst.SetBool(a.Value(i))
	case *array.String:
		// What array gives would keep the whole artifact in memory.
		dst.SetString(strings.Clone(a.Value(i)))
	case *array.Binary:
		dst.SetBytes(append([]byte{}, a.Value(i)...))
	case *array.List:
		start, end := a.ValueOffsets(i)
		values := a.ListValues()
		if floats, ok := values.(*array.Float64); ok && dst.Type().Elem() == reflect.TypeFor[float64]() {
			dst.Set(reflect.ValueOf(append([]float64{}, floats.Float64Values()[start:end]...)).Convert(dst.Type()))
			return
		}
		out := reflect.MakeSlice(dst.Type(), int(end-start), int(end-start))
		for j := start; j < end; j++ {
			readValue(values, int(j), out.Index(int(j-start)))
		}
		dst.Set(out)
	case *array.Struct:
		for _, f := range columnsOf(dst.Type()) {
			j, _ := a.DataType().(*arrow.StructType).FieldIdx(columnName(dst.Type().Field(f)))
			readValue(a.Field(j), i, dst.Field(f))
		}
	}
}
