package quantity

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/BurntSushi/toml"

	"zerotohero/pipeline"
)

// A Table is a quantity in a file of TOML, under its name. It has numbers as they are and
// rounded, or the reason why there are none.
type Table struct {
	Text     string   `toml:"text"`
	Unit     string   `toml:"unit,omitempty"`
	Value    *float64 `toml:"value,omitempty"`
	Lo       *float64 `toml:"lo,omitempty"`
	Hi       *float64 `toml:"hi,omitempty"`
	Rounded  string   `toml:"rounded,omitempty"`
	Interval []string `toml:"interval,omitempty"`
	None     string   `toml:"none,omitempty"`
}

// TableOf is the table of a quantity.
func TableOf(q pipeline.Quantity) Table {
	t := Table{Text: plain(q.Text), Unit: q.Unit, Rounded: q.Rounded, None: plain(q.None)}
	if t.None == "" {
		t.Value = &q.Value
	}
	if q.RoundedLo != "" {
		t.Lo, t.Hi, t.Interval = &q.Lo, &q.Hi, []string{q.RoundedLo, q.RoundedHi}
	}
	return t
}

// plain has no spaces that hold words together.
func plain(t pipeline.Text) string { return strings.ReplaceAll(t.Plain, "\u00a0", " ") }

// Quantity is the quantity of a table with a name. Its words in HTML are the plain ones.
func (t Table) Quantity(name string) pipeline.Quantity {
	number := func(v *float64) float64 {
		if v == nil {
			return math.NaN()
		}
		return *v
	}
	q := pipeline.Quantity{Name: name, Text: pipeline.Plain(t.Text), Unit: t.Unit, Rounded: t.Rounded,
		None: pipeline.Plain(t.None)}
	q.Value, q.Lo, q.Hi = number(t.Value), number(t.Lo), number(t.Hi)
	if len(t.Interval) == 2 {
		q.RoundedLo, q.RoundedHi = t.Interval[0], t.Interval[1]
	}
	return q
}

// TOML is a file with a table for each of some quantities, in their order.
func TOML(quantities []pipeline.Quantity) ([]byte, error) {
	var b bytes.Buffer
	e := toml.NewEncoder(&b)
	e.Indent = ""
	for _, q := range quantities {
		if err := e.Encode(map[string]Table{q.Name: TableOf(q)}); err != nil {
			return nil, fmt.Errorf("quantity %q: %w", q.Name, err)
		}
	}
	return b.Bytes(), nil
}
