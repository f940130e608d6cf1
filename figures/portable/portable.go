// Package portable has logarithm and exponential that are the same to the bit on every
// platform. math.Log and math.Exp are assembly on some, and with them math.Pow, Log10 and
// gonum/plot's LogScale differ; Log1p and Expm1 are one Go code (s390x apart). Those made of
// these are off by a few rounding units, times 1 where the logarithm is less than that:
// enough for a drawing.
package portable

import (
	"math"
)

// Log is the natural logarithm.
func Log(x float64) float64 {
	if x < 1 {
		return -math.Log1p(1/x - 1)
	}
	return math.Log1p(x - 1)
}

// Log10 is the decimal logarithm.
func Log10(x float64) float64 { return Log(x) / math.Ln10 }

// Exp is e^x.
func Exp(x float64) float64 {
	if x < 0 {
		return 1 / (1 + math.Expm1(-x))
	}
	return 1 + math.Expm1(x)
}

// Pow is x^y for x > 0.
func Pow(x, y float64) float64 { return Exp(y * Log(x)) }
