// Package quantity has what all makers and readers of pipeline.Quantity share: the rule for
// digits, what is right, and the form in files of TOML.
package quantity

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"zerotohero/pipeline"
)

// New is a quantity with its digits; lo and hi are NaN if the value is exact.
func New(name string, text pipeline.Text, value, lo, hi float64) pipeline.Quantity {
	q := pipeline.Quantity{Name: name, Text: text, Value: value, Lo: lo, Hi: hi}
	q.Rounded, q.RoundedLo, q.RoundedHi = Round(value, lo, hi)
	return q
}

// Round writes a number and its interval with the digits that the interval supports: the
// number and both ends to the decimals of the second significant digit of half the interval. A
// number that is exact, whose ends are NaN, has five significant digits, and its ends are
// empty. Where the interval is open at one end, the distance to the other counts as half of it,
// but no less than a hundredth of the number, which counts for an interval without width too;
// where it is open at both, 1 does. More than six digits of the number are never written.
//
// Numbers with many zeros have an exponent, as in 1.2e-07, and an open end is inf or -inf.
func Round(value, lo, hi float64) (rounded, roundedLo, roundedHi string) {
	if math.IsNaN(lo) {
		if v := math.Abs(value); v != 0 && (v < 1e-4 || v >= 1e7) {
			return strconv.FormatFloat(value, 'e', 4, 64), "", ""
		}
		five, _ := strconv.ParseFloat(strconv.FormatFloat(value, 'g', 5, 64), 64)
		return strconv.FormatFloat(five, 'f', -1, 64), "", ""
	}
	half := (hi - lo) / 2
	if math.IsInf(half, 0) || half == 0 {
		half = max(0.01*math.Abs(value), min(math.Abs(value-lo), math.Abs(hi-value)))
	}
	if half == 0 || math.IsInf(half, 0) {
		half = 1
	}
	decimals := 1 - exponent(half)
	if value != 0 {
		decimals = min(decimals, 5-exponent(value))
	}
	return decimal(value, decimals), decimal(lo, decimals), decimal(hi, decimals)
}

// exponent is the power of ten of the first digit, of a number that may lie a rounding
// error below that power.
func exponent(v float64) int {
	_, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', 8, 64), "e")
	n, _ := strconv.Atoi(e)
	return n
}

// decimal writes so many decimals, of a negative number of them none.
func decimal(v float64, decimals int) string {
	if math.IsInf(v, 0) {
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(v, 'f', -1, 64), "+"))
	}
	if decimals > 6 || decimals < -6 {
		digits := decimals
		if v != 0 {
			digits += exponent(v)
		}
		return strconv.FormatFloat(v, 'e', max(0, digits), 64)
	}
	s := strconv.FormatFloat(v, 'f', max(0, decimals), 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return s
}

// Split parts a rounded number from the power of ten that it is to be set with: 1.2e-07 into
// 1.2 and -7. The power is empty if there is none.
func Split(rounded string) (mantissa, power string) {
	mantissa, exponent, ok := strings.Cut(rounded, "e")
	if !ok {
		return rounded, ""
	}
	n, _ := strconv.Atoi(exponent)
	return mantissa, strconv.Itoa(n)
}

// Check finds what is wrong with the quantities of a figure: two of one name, a name that keys
// of TOML or macros of TeX cannot have, no text, neither a finite number nor a reason why there
// is none, or both, an interval that is none, and other digits than those of Round.
func Check(quantities []pipeline.Quantity) error {
	seen := make(map[string]bool, len(quantities))
	for _, q := range quantities {
		err := check(q)
		if err == nil && seen[q.Name] {
			err = fmt.Errorf("there are two of this name")
		}
		if err != nil {
			return fmt.Errorf("quantity %q: %w", q.Name, err)
		}
		seen[q.Name] = true
	}
	return nil
}

func check(q pipeline.Quantity) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	none := q.None.Plain != ""
	switch {
	case q.Name == "" || strings.Trim(q.Name, letters+"0123456789-.=") != "":
		return fmt.Errorf("a name has letters, digits, - . and = only")
	case strings.TrimSpace(q.Text.Plain) == "":
		return fmt.Errorf("it has no text that says what it is")
	case none && !(math.IsNaN(q.Value) && math.IsNaN(q.Lo) && math.IsNaN(q.Hi)):
		return fmt.Errorf("it is none, %s, and has the value %g in the interval from %g to %g", q.None.Plain, q.Value,
			q.Lo, q.Hi)
	case none:
		return nil
	case math.IsNaN(q.Value) || math.IsInf(q.Value, 0):
		return fmt.Errorf("its value is %g; say in its none why there is no number", q.Value)
	case math.IsNaN(q.Lo) != math.IsNaN(q.Hi):
		return fmt.Errorf("one end of its interval is not a number, the other is %g", max(q.Lo, q.Hi))
	case q.Lo > q.Hi:
		return fmt.Errorf("its interval from %g to %g is upside down", q.Lo, q.Hi)
	case q.Lo == 0 && q.Hi == 0 && q.Value != 0:
		return fmt.Errorf("its interval is from 0 to 0; a number that is exact has NaN for both ends")
	}
	if v, lo, hi := Round(q.Value, q.Lo, q.Hi); q.Rounded != v || q.RoundedLo != lo || q.RoundedHi != hi {
		return fmt.Errorf("its digits are %q [%q, %q], and those of Round %q [%q, %q]",
			q.Rounded, q.RoundedLo, q.RoundedHi, v, lo, hi)
	}
	return nil
}
