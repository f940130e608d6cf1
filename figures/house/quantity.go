package house

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"zerotohero/figures/label"
	"zerotohero/figures/sample"
	"zerotohero/pipeline"
	"zerotohero/pipeline/quantity"
)

// A Quantity is a number that a figure is about, under a name that stays as it is
// when the number changes. Lo and Hi are the ends of its interval, NaN if it is
// exact. Text says what the number is, in the markup of labels.
//
// A number that does not exist, as a statistic of an empty set, is listed all the same:
// None then says why, and the three are NaN.
type Quantity struct {
	Name, Text    string
	Value, Lo, Hi float64
	Unit          string // empty for a pure number
	None          string // in the markup of labels; empty for a number that exists
}

// Exact is a quantity without an interval: of theory, or a count.
func Exact(name, text string, value float64) Quantity {
	return Quantity{Name: name, Text: text, Value: value, Lo: math.NaN(), Hi: math.NaN()}
}

// Estimate is a quantity with an interval.
func Estimate(name, text string, value, lo, hi float64) Quantity {
	return Quantity{Name: name, Text: text, Value: value, Lo: lo, Hi: hi}
}

// None is a quantity that does not exist, and why.
func None(name, text, why string) Quantity {
	nan := math.NaN()
	return Quantity{Name: name, Text: text, Value: nan, Lo: nan, Hi: nan, None: why}
}

// Unless is the quantity, or none for this reason if it is missing: of several, the last that holds.
func (q Quantity) Unless(missing bool, why string) Quantity {
	if missing {
		return None(q.Name, q.Text, why)
	}
	return q
}

// Share is k of n with its 95% Wilson interval, for independent trials; none of n = 0,
// for which why gives the reason.
func Share(name, text string, k, n int64, why string) Quantity {
	if n == 0 {
		return None(name, text, why)
	}
	lo, hi := sample.Wilson(k, n)
	return Estimate(name, text, float64(k)/float64(n), lo, hi)
}

// Mean is the mean of values with so many standard errors to either side: none of no
// values, and without an interval of one, whose error is unknown.
func Mean(name, text string, values []float64, errors float64) Quantity {
	mean, se := sample.MeanError(values)
	switch len(values) {
	case 0:
		return None(name, text, "nothing was measured")
	case 1:
		return Exact(name, text, mean)
	}
	return Estimate(name, text, mean, mean-errors*se, mean+errors*se)
}

// Median is the median of values with the interval of sample.Median, and none of fewer
// values than bound one.
func Median(name, text string, values []float64) Quantity {
	switch n := len(values); {
	case n == 0:
		return None(name, text, "there is nothing to take it of")
	case sample.MedianRank(n) == 0:
		return None(name, text, label.Plural(int64(n), "value")+" cannot bound a median")
	}
	mid, lo, hi := sample.Median(values)
	return Estimate(name, text, mid, lo, hi)
}

// String writes the quantity for a caption, in the markup of labels: "2.79 [2.70, 2.88]",
// or the value alone if it is exact, or "none" with the reason.
func (q Quantity) String() string {
	if q.None != "" {
		return "none (" + q.None + ")"
	}
	value, lo, hi := quantity.Round(q.Value, q.Lo, q.Hi)
	if lo == "" {
		return "$" + powers(value) + "$"
	}
	return fmt.Sprintf("$%s$ [$%s$, $%s$]", powers(value), powers(lo), powers(hi))
}

// powers turns 1.2e-07 into 1.2 × 10^{-7}, for mathematics.
func powers(rounded string) string {
	mantissa, power := quantity.Split(strings.Replace(rounded, "inf", "∞", 1))
	if power == "" {
		return mantissa
	}
	return fmt.Sprintf("%s × 10^{%s}", mantissa, power)
}

// Known says whether the quantity exists.
func (q Quantity) Known() bool { return q.None == "" }

// data is the quantity with its digits and with words in place of markup.
func (q Quantity) data() (pipeline.Quantity, error) {
	text, err := textOf(q.Text)
	why, err2 := textOf(q.None)
	if err := errors.Join(err, err2); err != nil {
		return pipeline.Quantity{}, fmt.Errorf("quantity %q: %w", q.Name, err)
	}
	out := pipeline.Quantity{Name: q.Name, Text: text, Value: q.Value, Lo: q.Lo, Hi: q.Hi, None: why}
	if q.Known() {
		out = quantity.New(q.Name, text, q.Value, q.Lo, q.Hi)
	}
	out.Unit = q.Unit
	return out, nil
}

// NumberName writes a number as part of a quantity's name.
func NumberName(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
