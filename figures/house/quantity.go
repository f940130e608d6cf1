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
type Quantity struct {
	Name, Text    string
	Value, Lo, Hi float64
}

// Exact is a quantity without an interval: of theory, or a count.
func Exact(name, text string, value float64) Quantity {
	return Quantity{name, text, value, math.NaN(), math.NaN()}
}

// Estimate is a quantity with an interval.
func Estimate(name, text string, value, lo, hi float64) Quantity {
	return Quantity{name, text, value, lo, hi}
}

// String writes the quantity for a caption, in the markup of labels: "2.79 [2.70, 2.88]",
// or the value alone if it is exact.
func (q Quantity) String() string {
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
	case math.IsNaN(q.Value):
		return nil, fmt.Errorf("its value is not a number; leave it out of the figure's numbers")
	case math.IsNaN(q.Lo) != math.IsNaN(q.Hi):
		return nil, fmt.Errorf("one end of its interval is not a number, the other is %g", max(q.Lo, q.Hi))
	case q.Lo > q.Hi:
		return nil, fmt.Errorf("its interval from %g to %g is upside down", q.Lo, q.Hi)
	case q.Lo == 0 && q.Hi == 0 && q.Value != 0:
		return nil, fmt.Errorf("its interval is from 0 to 0; a number that is exact has NaN for both")
	case strings.TrimSpace(q.Text) == "":
		return nil, fmt.Errorf("it has no text that says what it is")
	}
	return label.Parse(q.Text)
}

// toml writes a quantity as a table with its name. The numbers are given with all
// their digits, and as people write them.
func (q Quantity) toml(out *strings.Builder, text string) {
	key := q.Name
	if strings.ContainsAny(key, ".=") {
		key = `"` + key + `"`
	}
	text = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\u00a0", " ").Replace(text)
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
	value, lo, hi := q.digits()
	interval := "–"
	if lo != "" {
		interval = set("$" + powers(lo) + "$ to $" + powers(hi) + "$")
	}
	fmt.Fprintf(out, "<tr><th scope=\"row\">%s <code>%s</code></th><td>%s</td><td>%s</td></tr>\n",
		set(q.Text), html.EscapeString(q.Name), set("$"+powers(value)+"$"), interval)
}

// Median is a quantity: the median of values with the interval of sample.Median.
func Median(name, text string, values []float64) Quantity {
	mid, lo, hi := sample.Median(values)
	return Estimate(name, text, mid, lo, hi)
}

// NumberName writes a number as part of a quantity's name.
func NumberName(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
