// Package portable has those functions of package math, and functions made of them,
// whose results are not the same to the bit everywhere: math.Exp and math.Log are
// assembly on some platforms (and on amd64 math.Exp asks the processor whether it
// fuses), and with them math.Pow, Log10, Erfinv, Tanh and cmplx.Log differ. What
// leads to an artifact takes these instead.
//
// The functions here are the same to the bit on every platform with IEEE 754
// arithmetic: every product that is added to something stands as float64(x*y), which
// keeps the compiler from fusing the two. Of package math they use what is exact or
// correctly rounded, and Atan2 and Hypot, which are one Go code everywhere but on
// s390x and 386 (for Hypot, amd64's assembly computes the same), and which the
// flags of the Makefile keep from being fused.
package portable

import (
	"math"
	"math/cmplx"
)

const (
	ln2Hi = 6.93147180369123816490e-01
	ln2Lo = 1.90821492927058770002e-10
)

// Exp is e^x to less than 1 ulp, by the algorithm of FreeBSD's e_exp.c (2004, Sun
// Microsystems). Special cases are those of math.Exp.
func Exp(x float64) float64 {
	const (
		p1 = 1.66666666666666657415e-01
		p2 = -2.77777777770155933842e-03
		p3 = 6.61375632143793436117e-05
		p4 = -1.65339022054652515390e-06
		p5 = 4.13813679705723846039e-08
	)
	switch {
	case math.IsNaN(x):
		return x
	case x > 7.09782712893383973096e+02:
		return math.Inf(1)
	case x < -7.45133219101941108420e+02:
		return 0
	}
	// x = k ln 2 + r with |r| ≤ ½ ln 2 but for rounding; r = hi − lo.
	k := math.Round(float64(x * math.Log2E))
	hi := x - float64(k*ln2Hi)
	lo := float64(k * ln2Lo)
	r := hi - lo
	t := float64(r * r)
	c := r - float64(t*(p1+float64(t*(p2+float64(t*(p3+float64(t*(p4+float64(t*p5)))))))))
	return math.Ldexp(1-((lo-float64(r*c)/(2-c))-hi), int(k))
}

// Log is the natural logarithm to less than 1 ulp, by the algorithm of FreeBSD's
// e_log.c (1993, Sun Microsystems). Special cases are those of math.Log.
func Log(x float64) float64 {
	const (
		l1 = 6.666666666666735130e-01
		l2 = 3.999999999940941908e-01
		l3 = 2.857142874366239149e-01
		l4 = 2.222219843214978396e-01
		l5 = 1.818357216161805012e-01
		l6 = 1.531383769920937332e-01
		l7 = 1.479819860511658591e-01
	)
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	// x = 2^k (1+f) with √2/2 ≤ 1+f < √2.
	frac, exp := math.Frexp(x)
	if frac < math.Sqrt2/2 {
		frac = float64(2 * frac)
		exp--
	}
	f, k := frac-1, float64(exp)
	s := f / (2 + f)
	z := float64(s * s)
	w := float64(z * z)
	even := float64(z * (l1 + float64(w*(l3+float64(w*(l5+float64(w*l7)))))))
	odd := float64(w * (l2 + float64(w*(l4+float64(w*l6)))))
	half := float64(0.5 * f * f)
	return float64(k*ln2Hi) - ((half - (float64(s*(half+(even+odd))) + float64(k*ln2Lo))) - f)
}

// Pow is x^y for x > 0, as e^{y ln x}, to a relative error of 2(1+|y ln x|) rounding
// units 2⁻⁵³ or less.
func Pow(x, y float64) float64 { return Exp(float64(y * Log(x))) }

// LogComplex is the principal logarithm of z, as cmplx.Log. The real part's error is
// a rounding unit next to |z| = 1, where it vanishes.
func LogComplex(z complex128) complex128 {
	return complex(Log(cmplx.Abs(z)), math.Atan2(imag(z), real(z)))
}
