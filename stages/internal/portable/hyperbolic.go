package portable

import "math"

// Log1p is ln(1+x) to a few rounding units of its value, by Kahan's correction of the
// rounding of 1+x (Goldberg, ACM Comput. Surv. 23 (1991) 5, theorem 4).
func Log1p(x float64) float64 {
	w := 1 + x
	if w == 1 || math.IsInf(w, 1) {
		return x
	}
	return float64(x*Log(w)) / (w - 1)
}

// Sinh is the hyperbolic sine to a few rounding units.
func Sinh(x float64) float64 {
	a := math.Abs(x)
	if a < 1 {
		// The series to x¹⁹, of which the rest is below a rounding unit.
		z, term, sum := float64(x*x), x, x
		for k := 2.0; k < 19; k += 2 {
			term = float64(term*z) / float64(k*(k+1))
			sum += term
		}
		return sum
	}
	// Half of e^a is finite where e^a is not.
	half := Exp(0.5 * a)
	return math.Copysign(float64(float64(0.5*half)*half)-float64(0.5*Exp(-a)), x)
}

// Cosh is the hyperbolic cosine to a few rounding units.
func Cosh(x float64) float64 {
	a := math.Abs(x)
	half := Exp(0.5 * a)
	return float64(float64(0.5*half)*half) + float64(0.5*Exp(-a))
}

// Tanh is the hyperbolic tangent to a few rounding units.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	if a < 1 {
		return Sinh(x) / Cosh(x)
	}
	e := Exp(-2 * a)
	return math.Copysign((1-e)/(1+e), x)
}

// LogCosh is ln cosh x to a few rounding units, without overflow.
func LogCosh(x float64) float64 {
	a := math.Abs(x)
	if a < 1 {
		s := Sinh(0.5 * a)
		return Log1p(float64(float64(2*s) * s))
	}
	return a + Log1p(Exp(-2*a)) - math.Ln2
}
