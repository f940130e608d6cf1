package rows

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"zerotohero/pipeline/artifact"
)

func writeJSON(w io.Writer, t *artifact.Table) error {
	out := bufio.NewWriter(w)
	out.WriteString("[")
	all := t.Record()
	var line []byte
	for i := range t.NumRows() {
		separator := ",\n"
		if i == 0 {
			separator = "\n"
		}
		line = append(line[:0], separator...)
		line = appendObject(line, all.Schema().Fields(), func(j int) arrow.Array { return all.Column(j) }, i)
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	out.WriteString("\n]\n")
	return out.Flush()
}

func appendObject(b []byte, fields []arrow.Field, column func(int) arrow.Array, i int) []byte {
	b = append(b, '{')
	for j, f := range fields {
		if j > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, f.Name), ':')
		b = appendJSON(b, column(j), i)
	}
	return append(b, '}')
}

func appendString(b []byte, s string) []byte {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.Encode(s) // of a string it gives no error
	return append(b, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}

// appendJSON appends value i of an array, of a type that artifacts have.
func appendJSON(b []byte, a arrow.Array, i int) []byte {
	if a.IsNull(i) {
		return append(b, "null"...)
	}
	switch a := a.(type) {
	case *array.Float64:
		return appendNumber(b, a.Value(i), 64)
	case *array.Float32:
		return appendNumber(b, float64(a.Value(i)), 32)
	case *array.Int64:
		return strconv.AppendInt(b, a.Value(i), 10)
	case *array.Boolean:
		return strconv.AppendBool(b, a.Value(i))
	case *array.String:
		return appendString(b, a.Value(i))
	case *array.Binary:
		b = append(b, '"')
		return append(base64.StdEncoding.AppendEncode(b, a.Value(i)), '"')
	case *array.Struct:
		return appendObject(b, a.DataType().(*arrow.StructType).Fields(), a.Field, i)
	case *array.List:
		b = append(b, '[')
		start, end := a.ValueOffsets(i)
		for j := start; j < end; j++ {
			if j > start {
				b = append(b, ',')
			}
			b = appendJSON(b, a.ListValues(), int(j))
		}
		return append(b, ']')
	}
	return appendString(b, a.ValueStr(i))
}

func appendNumber(b []byte, x float64, bits int) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, x, 'g', -1, bits)
}

func writeCSV(w io.Writer, t *artifact.Table) error {
	out := csv.NewWriter(w)
	all := t.Record()
	line := make([]string, all.NumCols())
	for j := range line {
		line[j] = all.ColumnName(j)
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for i := range t.NumRows() {
		for j := range line {
			line[j] = csvCell(all.Column(j), i)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvCell(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return ""
	}
	x := 0.0
	switch a := a.(type) {
	case *array.String:
		return a.Value(i)
	case *array.Binary:
		return base64.StdEncoding.EncodeToString(a.Value(i))
	case *array.Float64:
		x = a.Value(i)
	case *array.Float32:
		x = float64(a.Value(i))
	}
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "Inf"
	case math.IsInf(x, -1):
		return "-Inf"
	}
	return string(appendJSON(nil, a, i))
}

// NotNumbers counts the values, in lists too, that are NaN or infinite.
func NotNumbers(t *artifact.Table) int {
	n := 0
	for _, column := range t.Record().Columns() {
		n += notNumbers(column)
	}
	return n
}

func notNumbers(a arrow.Array) (n int) {
	count := func(i int, x float64) {
		if a.IsValid(i) && (math.IsNaN(x) || math.IsInf(x, 0)) {
			n++
		}
	}
	switch a := a.(type) {
	case *array.Float64:
		for i, x := range a.Float64Values() {
			count(i, x)
		}
	case *array.Float32:
		for i, x := range a.Float32Values() {
			count(i, float64(x))
		}
	case *array.Struct:
		for j := range a.NumField() {
			n += notNumbers(a.Field(j))
		}
	case *array.List:
		return notNumbers(elements(a))
	}
	return n
}
