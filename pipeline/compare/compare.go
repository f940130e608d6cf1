// Package compare says how two artifacts differ: by columns, rows and how far numbers are
// apart. Values are the same if their bits are.
package compare

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"zerotohero/pipeline/artifact"
)

// A Result is how artifact B differs from A.
type Result struct {
	Kinds   [2]string // of A and B; empty if they are the same
	Params  [2]string // likewise, canonical JSON
	Rows    [2]int    // of A and B
	Columns []Column  // those that differ, in the order of A and then B
}

// Equal reports whether there is no difference.
func (r Result) Equal() bool {
	return r.Kinds == [2]string{} && r.Params == [2]string{} && r.Rows[0] == r.Rows[1] && len(r.Columns) == 0
}

// A Column is a column, or a field of one as "column.field", that differs in the rows that
// both have.
type Column struct {
	Name string
	How  Difference

	Types    [2]string // of Types
	Rows     int       // that differ
	First    int       // of these, from 0
	Values   int64     // that differ, those of lists one by one; a list of another length counts as one
	Compared int64     // values that both have
	Largest  float64   // relative deviation |a−b|/max(|a|, |b|) of numbers, +Inf beside NaN or infinity
	At       int       // the row of that, or else the first that differs
	There    [2]string // what A and B have there

	last int // row that differs, so far
}

// A Difference is what is different of a column.
type Difference string

const (
	Values Difference = "values"
	OnlyA  Difference = "only in the first"
	OnlyB  Difference = "only in the second"
	Types  Difference = "types"
)

// Tables compares two artifacts.
func Tables(a, b *artifact.Table) Result {
	r := Result{Rows: [2]int{a.NumRows(), b.NumRows()}}
	if a.Kind != b.Kind {
		r.Kinds = [2]string{a.Kind, b.Kind}
	}
	if !bytes.Equal(a.Params, b.Params) {
		r.Params = [2]string{string(a.Params), string(b.Params)}
	}
	rows := min(r.Rows[0], r.Rows[1])
	x, y := a.Record(), b.Record()
	of := func(rec arrow.Record, name string) (arrow.Array, bool) {
		at := rec.Schema().FieldIndices(name)
		if len(at) == 0 {
			return nil, false
		}
		return rec.Column(at[0]), true
	}
	for k, f := range x.Schema().Fields() {
		other, ok := of(y, f.Name)
		if !ok {
			r.Columns = append(r.Columns, Column{Name: f.Name, How: OnlyA})
			continue
		}
		c := &columns{of: make(map[string]*Column)}
		for row := range rows {
			c.row = row
			c.visit(f.Name, x.Column(k), row, other, row)
		}
		r.Columns = append(r.Columns, c.different()...)
	}
	for _, f := range y.Schema().Fields() {
		if _, ok := of(x, f.Name); !ok {
			r.Columns = append(r.Columns, Column{Name: f.Name, How: OnlyB})
		}
	}
	return r
}

// columns gathers the differences of a column and its fields.
type columns struct {
	row   int
	of    map[string]*Column
	names []string // in the order in which they came
}

func (c *columns) at(name string) *Column {
	if c.of[name] == nil {
		c.of[name] = &Column{Name: name, How: Values}
		c.names = append(c.names, name)
	}
	return c.of[name]
}

func (c *columns) different() (out []Column) {
	for _, name := range c.names {
		if d := c.of[name]; d.Values > 0 || d.How != Values {
			out = append(out, *d)
		}
	}
	return out
}

// visit compares value i of one array with value j of another.
func (c *columns) visit(name string, a arrow.Array, i int, b arrow.Array, j int) {
	if a.DataType().ID() != b.DataType().ID() {
		d := c.at(name)
		d.How, d.Types = Types, [2]string{a.DataType().Name(), b.DataType().Name()}
		return
	}
	switch a := a.(type) {
	case *array.List:
		b := b.(*array.List)
		from, to := a.ValueOffsets(i)
		other, end := b.ValueOffsets(j)
		if to-from != end-other {
			c.differs(name, [2]string{fmt.Sprintf("%d values", to-from), fmt.Sprintf("%d values", end-other)}, math.NaN())
		}
		for k := int64(0); k < min(to-from, end-other); k++ {
			c.visit(name, a.ListValues(), int(from+k), b.ListValues(), int(other+k))
		}
	case *array.Struct:
		c.fields(name, a, i, b.(*array.Struct), j)
	default:
		c.leaf(name, a, i, b, j)
	}
}

// fields compares structs field by field.
func (c *columns) fields(name string, a *array.Struct, i int, b *array.Struct, j int) {
	x, y := a.DataType().(*arrow.StructType), b.DataType().(*arrow.StructType)
	for k, f := range x.Fields() {
		field := name + "." + f.Name
		at, ok := y.FieldIdx(f.Name)
		if !ok {
			c.at(field).How = OnlyA
			continue
		}
		c.visit(field, a.Field(k), i, b.Field(at), j)
	}
	for _, f := range y.Fields() {
		if _, ok := x.FieldIdx(f.Name); !ok {
			c.at(name + "." + f.Name).How = OnlyB
		}
	}
}

// leaf compares values that hold no others.
func (c *columns) leaf(name string, a arrow.Array, i int, b arrow.Array, j int) {
	c.at(name).Compared++
	same, relative := true, math.NaN()
	switch a := a.(type) {
	case *array.Float64:
		x, y := a.Value(i), b.(*array.Float64).Value(j)
		same, relative = math.Float64bits(x) == math.Float64bits(y), deviation(x, y)
	case *array.Float32:
		x, y := a.Value(i), b.(*array.Float32).Value(j)
		same, relative = math.Float32bits(x) == math.Float32bits(y), deviation(float64(x), float64(y))
	case *array.Int64:
		x, y := a.Value(i), b.(*array.Int64).Value(j)
		same, relative = x == y, deviation(float64(x), float64(y))
	case *array.Binary:
		same = bytes.Equal(a.Value(i), b.(*array.Binary).Value(j))
	default:
		same = a.ValueStr(i) == b.ValueStr(j)
	}
	if !same {
		c.differs(name, [2]string{short(a, i), short(b, j)}, relative)
	}
}

// differs counts a value that differs, by a share of it if it is a number.
func (c *columns) differs(name string, there [2]string, relative float64) {
	d := c.at(name)
	if d.Values == 0 {
		d.First, d.At, d.There, d.Largest = c.row, c.row, there, math.NaN()
	}
	if d.Values == 0 || d.last != c.row {
		d.Rows++
	}
	d.Values++
	if relative > d.Largest || math.IsNaN(d.Largest) && !math.IsNaN(relative) {
		d.Largest, d.At, d.There = relative, c.row, there
	}
	d.last = c.row
}

// deviation is |x−y|/max(|x|, |y|), from 0 to 2.
func deviation(x, y float64) float64 {
	switch {
	case math.IsNaN(x) && math.IsNaN(y), x == y:
		return 0
	case math.IsNaN(x-y) || math.IsInf(x-y, 0):
		return math.Inf(1)
	}
	return math.Abs(x-y) / max(math.Abs(x), math.Abs(y))
}

// most is how much of a value is shown, in bytes.
const most = 60

func short(a arrow.Array, i int) string {
	if b, ok := a.(*array.Binary); ok {
		return fmt.Sprintf("%d bytes", len(b.Value(i)))
	}
	s := a.ValueStr(i)
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
