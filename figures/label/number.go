package label

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Number writes a number for a label, with a true minus and 10^{n} for the very
// large and very small.
func Number(v float64) string { return NumberTo(v, -1) }

// Rounded is a number to so many significant digits.
func Rounded(v float64, digits int) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	return r
}

// NumberTo writes with a number of decimals, or with as many as needed if negative.
func NumberTo(v float64, decimals int) string {
	if v == 0 {
		v = 0 // no negative zero
	}
	size := math.Abs(v)
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if size >= 1e5 || size > 0 && size < 1e-3 {
		digits, exp, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
		n, _ := strconv.Atoi(exp)
		switch power := fmt.Sprintf("10^{%s}", Minus(strconv.Itoa(n))); digits {
		case "1":
			s = power
		case "-1":
			s = "-" + power
		default:
			s = digits + "×" + power
		}
	}
	return Minus(s)
}

// Minus writes the first hyphen as a true minus.
func Minus(s string) string { return strings.Replace(s, "-", "−", 1) }
