package random

import "math"

// quantile is the inverse of the standard normal distribution function, for p in
// (0,1) with 1−p exact, to about 1e-16 relative: PPND16 of M. J. Wichura,
// "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied
// Statistics 37 (1988) 477.
func quantile(p float64) float64 {
	q := p - 0.5
	if math.Abs(q) <= 0.425 {
		r := 0.180625 - float64(q*q)
		return q * poly(&centralNum, r) / poly(&centralDen, r)
	}
	r := p
	if q > 0 {
		r = 1 - p
	}
	r = math.Sqrt(-log(r))
	var x float64
	if r <= 5 {
		r -= 1.6
		x = poly(&middleNum, r) / poly(&middleDen, r)
	} else {
		r -= 5
		x = poly(&tailNum, r) / poly(&tailDen, r)
	}
	if q < 0 {
		return -x
	}
	return x
}

// The conversions float64(x*y) here and in log keep the compiler from fusing a
// product with a sum, which some platforms do and others do not.

func poly(c *[8]float64, r float64) float64 {
	y := c[7]
	y = float64(y*r) + c[6]
	y = float64(y*r) + c[5]
	y = float64(y*r) + c[4]
	y = float64(y*r) + c[3]
	y = float64(y*r) + c[2]
	y = float64(y*r) + c[1]
	y = float64(y*r) + c[0]
	return y
}

// Coefficients of AS 241, lowest power first.
var (
	centralNum = [8]float64{
		3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
		4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
	}
	centralDen = [8]float64{
		1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
		2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
	}
	middleNum = [8]float64{
		1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
		1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
	}
	middleDen = [8]float64{
		1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
		1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
	}
	tailNum = [8]float64{
		6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
		2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
	}
	tailDen = [8]float64{
		1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
		7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
	}
)

// log is the natural logarithm of a positive normal number to less than 1 ulp,
// by the algorithm of FreeBSD's e_log.c (1993, Sun Microsystems). math.Log is
// not used because it is assembly on some platforms and differs in the last bit.
func log(x float64) float64 {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
		l1    = 6.666666666666735130e-01
		l2    = 3.999999999940941908e-01
		l3    = 2.857142874366239149e-01
		l4    = 2.222219843214978396e-01
		l5    = 1.818357216161805012e-01
		l6    = 1.531383769920937332e-01
		l7    = 1.479819860511658591e-01
	)
	// x = 2^k (1+f) with √2/2 ≤ 1+f < √2.
	frac, exp := math.Frexp(x)
	if frac < math.Sqrt2/2 {
		frac *= 2
		exp--
	}
	f, k := frac-1, float64(exp)
	s := f / (2 + f)
	z := s * s
	w := z * z
	even := z * (l1 + float64(w*(l3+float64(w*(l5+float64(w*l7))))))
	odd := w * (l2 + float64(w*(l4+float64(w*l6))))
	r := float64(even) + float64(odd)
	half := float64(0.5 * f * f)
	return float64(k*ln2Hi) - ((half - (float64(s*(half+r)) + float64(k*ln2Lo))) - f)
}
