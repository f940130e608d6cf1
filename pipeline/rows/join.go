package rows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"zerotohero/pipeline"
	"zerotohero/pipeline/artifact"
)

// A Part is the artifact of one stage of several.
type Part struct {
	Stage string
	Table *artifact.Table
}

// Join makes one table of artifacts of a kind, in their order. Its first columns say of which
// stage a row is: stage is the name, and then come the axes, which are what the name of a stage tells
// and the other parameters, by name, that are not the same for all. A stage without a
// parameter, which belongs to a choice that it does not make, has none there. A
// column of the artifacts keeps its name, so that an axis of the same one, in any case, is called
// axis_NAME. Params of the table are those that all have.
//
// A parameter has the type that the kind gives it, a list is JSON. What is no parameter of
// the kind is a number if it is one for all stages.
func Join(parts []Part, kind *pipeline.Kind) (*artifact.Table, error) {
	if err := alike(parts); err != nil {
		return nil, err
	}
	first := parts[0].Table.Record()
	axes, common, err := axesOf(parts, kind)
	if err != nil {
		return nil, err
	}
	var fields []arrow.Field
	var columns []arrow.Array
	for _, x := range axes {
		f, a := x.column(parts)
		if has(first.Schema().Fields(), f.Name) {
			f.Name = "axis_" + f.Name
		}
		fields, columns = append(fields, f), append(columns, a)
	}
	for j, f := range first.Schema().Fields() {
		var chunks []arrow.Array
		for _, p := range parts {
			chunks = append(chunks, p.Table.Record().Column(j))
		}
		a, err := array.Concatenate(chunks, memory.NewGoAllocator())
		if err != nil {
			return nil, fmt.Errorf("column %s of %d stages together: %w", f.Name, len(parts), err)
		}
		fields, columns = append(fields, f), append(columns, a)
	}
	rows := int64(columns[0].Len())
	joined := parts[0].Table.With(array.NewRecord(arrow.NewSchema(fields, nil), columns, rows))
	joined.Params = common
	return joined, nil
}

// alike wants all parts to be of one kind, with the same columns.
func alike(parts []Part) error {
	first := parts[0]
	want := first.Table.Record().Schema().Fields()
	for _, p := range parts[1:] {
		if p.Table.Kind != first.Table.Kind {
			return fmt.Errorf("%s is of kind %s and %s of kind %s: a table has stages of one kind; name one family",
				first.Stage, first.Table.Kind, p.Stage, p.Table.Kind)
		}
		same := func(a, b arrow.Field) bool { return a.Name == b.Name && arrow.TypeEqual(a.Type, b.Type) }
		if !slices.EqualFunc(want, p.Table.Record().Schema().Fields(), same) {
			return fmt.Errorf("%s has other columns than %s, and was computed by another version; "+
				"name one of them", p.Stage, first.Stage)
		}
	}
	return nil
}

// An axis is something by which stages differ. A value is of type json.Number, string or bool,
// or nil.
type axis struct {
	name, doc string
	values    []any        // of each part
	kind      reflect.Kind // of its column: Int64, Float64, Bool or String
}

// axesOf finds the axes of some stages, and the parameters that they have in common.
func axesOf(parts []Part, kind *pipeline.Kind) (axes []axis, common []byte, err error) {
	params := make([]map[string]any, len(parts))
	named := make([]map[string]any, len(parts)) // what the names tell
	stage := axis{name: "stage", doc: "name of the stage that the row is of", kind: reflect.String}
	var names []string
	all := make(map[string]bool)
	for k, p := range parts {
		if params[k], err = paramsOf(p.Table.Params); err != nil {
			return nil, nil, fmt.Errorf("parameters of %s: %w", p.Stage, err)
		}
		for name := range params[k] {
			all[name] = true
		}
		stage.values = append(stage.values, p.Stage)
		named[k] = make(map[string]any)
		for name, value := range assignments(p.Stage) {
			named[k][name] = value
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	axes = []axis{stage}
	inAll := make(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch {
		case !differs(params, name):
			inAll[name] = params[0][name]
		case !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	for _, name := range names {
		from := named
		if all[name] {
			from = params
		}
		if differs(from, name) {
			axes = append(axes, newAxis(name, from, kind))
		}
	}
	common, err = json.Marshal(inAll)
	return axes, common, err
}

// paramsOf reads canonical parameters, with numbers as they are written.
func paramsOf(text []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		return nil, err
	}
	return out, nil
}

// assignments are the axes in the name of a stage, such as "walk/steps=128,seeds=1-50".
func assignments(stage string) func(yield func(name string, value any) bool) {
	_, list, _ := strings.Cut(stage, "/")
	return func(yield func(string, any) bool) {
		for a := range strings.SplitSeq(list, ",") {
			name, text, ok := strings.Cut(a, "=")
			if !ok {
				continue
			}
			var value any = text
			if _, err := strconv.ParseFloat(text, 64); err == nil && json.Valid([]byte(text)) {
				value = json.Number(text)
			}
			if !yield(name, value) {
				return
			}
		}
	}
}

func differs(stages []map[string]any, name string) bool {
	return slices.ContainsFunc(stages, func(s map[string]any) bool {
		return !reflect.DeepEqual(s[name], stages[0][name])
	})
}

func newAxis(name string, stages []map[string]any, kind *pipeline.Kind) axis {
	x := axis{name: name, doc: "of the stage"}
	for _, s := range stages {
		x.values = append(x.values, s[name])
		x.kind = wider(x.kind, s[name])
	}
	if kind == nil {
		return x
	}
	for _, f := range kind.Fields() {
		if f.Name == name {
			x.doc = f.Help
			if f.Type.Kind() == reflect.Float64 {
				x.kind = reflect.Float64
			}
		}
	}
	return x
}

// wider is the kind of a column that takes one more value.
func wider(k reflect.Kind, value any) reflect.Kind {
	of := reflect.String
	switch v := value.(type) {
	case nil:
		return k
	case bool:
		of = reflect.Bool
	case json.Number:
		of = reflect.Float64
		if _, err := v.Int64(); err == nil {
			of = reflect.Int64
		}
	}
	switch {
	case k == reflect.Invalid || k == of:
		return of
	case k != reflect.String && k != reflect.Bool && of == reflect.Float64, k == reflect.Float64 && of == reflect.Int64:
		return reflect.Float64
	}
	return reflect.String
}

// column is that of the axis, of which each part has one value for all of its rows.
func (x axis) column(parts []Part) (arrow.Field, arrow.Array) {
	f := arrow.Field{Name: x.name, Metadata: documented(x.doc), Nullable: slices.Contains(x.values, nil)}
	switch x.kind {
	case reflect.Int64:
		f.Type = arrow.PrimitiveTypes.Int64
	case reflect.Float64:
		f.Type = arrow.PrimitiveTypes.Float64
	case reflect.Bool:
		f.Type = arrow.FixedWidthTypes.Boolean
	default:
		f.Type = arrow.BinaryTypes.String
	}
	b := array.NewBuilder(memory.NewGoAllocator(), f.Type)
	for k, v := range x.values {
		for range parts[k].Table.NumRows() {
			appendAxis(b, v)
		}
	}
	return f, b.NewArray()
}

func appendAxis(b array.Builder, value any) {
	if value == nil {
		b.AppendNull()
		return
	}
	number, _ := value.(json.Number)
	switch b := b.(type) {
	case *array.Int64Builder:
		n, _ := number.Int64() // wider has seen that it is one
		b.Append(n)
	case *array.Float64Builder:
		x, _ := number.Float64()
		b.Append(x)
	case *array.BooleanBuilder:
		b.Append(value.(bool))
	case *array.StringBuilder:
		text, ok := value.(string)
		if !ok {
			list, _ := json.Marshal(value) // as it was read
			text = string(list)
		}
		b.Append(text)
	}
}
