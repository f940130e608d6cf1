package compare

import (
	"fmt"
	"math"
)

// Lines says what differs, a line for each column, after lines for what is of the whole.
func (r Result) Lines() (out []string) {
	if r.Kinds != [2]string{} {
		out = append(out, fmt.Sprintf("kind %s, and %s", r.Kinds[0], r.Kinds[1]))
	}
	if r.Params != [2]string{} {
		out = append(out, fmt.Sprintf("parameters %s, and %s", r.Params[0], r.Params[1]))
	}
	if r.Rows[0] != r.Rows[1] {
		out = append(out, fmt.Sprintf("%d rows, and %d", r.Rows[0], r.Rows[1]))
	}
	for _, c := range r.Columns {
		out = append(out, c.String())
	}
	return out
}

// String says what differs of a column.
func (c Column) String() string {
	switch c.How {
	case OnlyA, OnlyB:
		return fmt.Sprintf("column %s is %s", c.Name, c.How)
	case Types:
		return fmt.Sprintf("column %s is of type %s, and %s", c.Name, c.Types[0], c.Types[1])
	}
	where := fmt.Sprintf("in row %d", c.First)
	if c.Rows > 1 {
		where = fmt.Sprintf("in %d rows, the first %d", c.Rows, c.First)
	}
	text := fmt.Sprintf("column %s: %d of %d values differ, %s", c.Name, c.Values, max(c.Compared, c.Values), where)
	if math.IsNaN(c.Largest) {
		return fmt.Sprintf("%s: %s, and %s", text, c.There[0], c.There[1])
	}
	return fmt.Sprintf("%s, by %.2g of a value at most: %s, and %s in row %d", text, c.Largest, c.There[0], c.There[1], c.At)
}
