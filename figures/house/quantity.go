package house

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"

	"zerotohero/figures/label"
	"zerotohero/figures/portable"
	"zerotohero/figures/sample"
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

// String writes the quantity for a caption, in the markup of labels: "2.79 [2.70, 2.88]",
// or the value alone if it is exact, or "none" with the reason.
func (q Quantity) String() string {
	if q.None != "" {
		return "none (" + q.None + ")"
	}
	value, lo, hi := q.digits()
	if lo == "" {
		return "$" + powers(value) + "$"
	}
	return fmt.Sprintf("$%s$ [$%s$, $%s$]", powers(value), powers(lo), powers(hi))
}

// digits writes the three numbers as far as they are known: two digits of half the
// interval, or five of an exact value. lo and hi are empty if there is no interval.
func (q Quantity) digits() (value, lo, hi string) {
	if math.IsNaN(q.Lo) {
		if v := math.Abs(q.Value); v != 0 && (v < 1e-4 || v >= 1e7) && !math.IsInf(v, 0) {
			return strconv.FormatFloat(q.Value, 'e', 4, 64), "", ""
		}
		return strconv.FormatFloat(label.Rounded(q.Value, 5), 'f', -1, 64), "", ""
	}
	half := (q.Hi - q.Lo) / 2
	if math.IsInf(half, 0) || half == 0 {
		// One end is open, or both ends are the value.
		half = max(0.01*math.Abs(q.Value), min(math.Abs(q.Value-q.Lo), math.Abs(q.Hi-q.Value)))
	}
	if half == 0 || math.IsInf(half, 0) {
		half = 1
	}
	decimals := 1 - int(math.Floor(portable.Log10(half)+1e-9))
	if q.Value != 0 {
		// Six digits are all that a text needs.
		decimals = min(decimals, 5-int(math.Floor(portable.Log10(math.Abs(q.Value))+1e-9)))
	}
	write := func(v float64) string {
		if math.IsInf(v, 0) {
			return strings.TrimPrefix(tomlFloat(v), "+")
		}
		if decimals > 6 || decimals < -6 {
			size := 0
			if v != 0 {
				size = int(math.Floor(portable.Log10(math.Abs(v)) + 1e-9))
			}
			return strconv.FormatFloat(v, 'e', max(0, size+decimals), 64)
		}
		s := strconv.FormatFloat(v, 'f', max(0, decimals), 64)
		if strings.Trim(s, "-0.") == "" {
			s = strings.TrimPrefix(s, "-")
		}
		return s
	}
	return write(q.Value), write(q.Lo), write(q.Hi)
}

// powers turns 1.2e-07 into 1.2 × 10^{-7}, for mathematics.
func powers(number string) string {
	number = strings.Replace(number, "inf", "∞", 1)
	mantissa, exponent, ok := strings.Cut(number, "e")
	if !ok {
		return number
	}
	k, _ := strconv.Atoi(exponent)
	return fmt.Sprintf("%s × 10^{%d}", mantissa, k)
}

// check finds mistakes in a quantity, and gives the atoms of its text.
func (q Quantity) check() ([]label.Atom, error) {
	if q.Name == "" || strings.Trim(q.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.=") != "" {
		return nil, fmt.Errorf("a name has letters, digits, - . and = only")
	}
	switch {
	case q.None != "" && !(math.IsNaN(q.Value) && math.IsNaN(q.Lo) && math.IsNaN(q.Hi)):
		return nil, fmt.Errorf("it is none, %s, and has the value %g in the interval from %g to %g", q.None, q.Value, q.Lo, q.Hi)
	case q.None != "":
		if _, err := label.Parse(q.None); err != nil {
			return nil, err
		}
	case math.IsNaN(q.Value):
		return nil, fmt.Errorf("its value is not a number; say why with None")
	case math.IsInf(q.Value, 0):
		return nil, fmt.Errorf("its value is infinite; say why with None")
	case math.IsNaN(q.Lo) != math.IsNaN(q.Hi):
		return nil, fmt.Errorf("one end of its interval is not a number, the other is %g", max(q.Lo, q.Hi))
	case q.Lo > q.Hi:
		return nil, fmt.Errorf("its interval from %g to %g is upside down", q.Lo, q.Hi)
	case q.Lo == 0 && q.Hi == 0 && q.Value != 0:
		return nil, fmt.Errorf("its interval is from 0 to 0; a number that is exact has NaN for both")
	}
	if strings.TrimSpace(q.Text) == "" {
		return nil, fmt.Errorf("it has no text that says what it is")
	}
	return label.Parse(q.Text)
}

// toml writes a quantity as a table with its name. The numbers are given with all
// their digits, and as people write them; if there are none, the reason in their place.
func (q Quantity) toml(out *strings.Builder, text string) {
	key := q.Name
	if strings.ContainsAny(key, ".=") {
		key = `"` + key + `"`
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\u00a0", " ")
	text = quoted.Replace(text)
	if q.None != "" {
		why, _ := label.Parse(q.None) // checked
		fmt.Fprintf(out, "[%s]\ntext = \"%s\"\nnone = \"%s\"\n", key, text, quoted.Replace(label.PlainText(why)))
		return
	}
	value, lo, hi := q.digits()
	fmt.Fprintf(out, "[%s]\ntext = \"%s\"\nvalue = %s\n", key, text, tomlFloat(q.Value))
	if lo != "" {
		fmt.Fprintf(out, "lo = %s\nhi = %s\n", tomlFloat(q.Lo), tomlFloat(q.Hi))
	}
	fmt.Fprintf(out, "rounded = %q\n", value)
	if lo != "" {
		fmt.Fprintf(out, "interval = [%q, %q]\n", lo, hi)
	}
}

func tomlFloat(v float64) string {
	s := strings.ToLower(strconv.FormatFloat(v, 'g', -1, 64))
	if !strings.ContainsAny(s, ".ein") {
		s += ".0"
	}
	return s
}

func (q Quantity) row(out *strings.Builder) {
	set := func(markup string) string {
		atoms, _ := label.Parse(markup) // checked, or made here
		return label.HTML(atoms)
	}
	interval := "–"
	if q.None != "" {
		fmt.Fprintf(out, "<tr><th scope=\"row\">%s <code>%s</code></th><td>none: %s</td><td>%s</td></tr>\n",
			set(q.Text), html.EscapeString(q.Name), set(q.None), interval)
		return
	}
	value, lo, hi := q.digits()
	if lo != "" {
		interval = set("$" + powers(lo) + "$ to $" + powers(hi) + "$")
	}
	fmt.Fprintf(out, "<tr><th scope=\"row\">%s <code>%s</code></th><td>%s</td><td>%s</td></tr>\n",
		set(q.Text), html.EscapeString(q.Name), set("$"+powers(value)+"$"), interval)
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

// NumberName writes a number as part of a quantity's name.
func NumberName(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
