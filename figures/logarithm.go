package figures

import "math"

// What is drawn is the same to the bit on every platform. math.Log and math.Exp are
// assembly on some, and with them math.Pow, Log10 and gonum/plot's LogScale differ;
// Log1p and Expm1 are one Go code (s390x apart). The logarithm and the exponential
// made of these are off by a few rounding units, times 1 where the logarithm is less
// than that: enough for a drawing.

func log(x float64) float64 {
	if x < 1 {
		return -math.Log1p(1/x - 1)
	}
	return math.Log1p(x - 1)
}

func log10(x float64) float64 { return log(x) / math.Ln10 }

func exp(x float64) float64 {
	if x < 0 {
		return 1 / (1 + math.Expm1(-x))
	}
	return 1 + math.Expm1(x)
}

// pow is x^y for x > 0.
func pow(x, y float64) float64 { return exp(y * log(x)) }

// logScale is plot.LogScale in these terms.
type logScale struct{}

// Normalize implements plot.Normalizer.
func (logScale) Normalize(lo, hi, x float64) float64 { return log(x/lo) / log(hi/lo) }
