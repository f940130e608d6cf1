package scaling

import "math"

// A datum is a measured number at one N with its standard error.
type datum struct{ u, y, sigma float64 } // u = ln N

// A line is y = a + b·x by weighted least squares, with covariances.
type line struct {
	a, b, varA, varB, cov float64
	chi2                  float64
}

// fitLine fits data at x, of which two differ. A limit that is not NaN fixes a.
func fitLine(data []datum, x []float64, limit float64) line {
	var l line
	var meanX, meanY float64
	free := math.IsNaN(limit)
	total := 0.0
	if free {
		for i, d := range data {
			w := 1 / (d.sigma * d.sigma)
			total += w
			meanX += float64(w * x[i])
			meanY += float64(w * d.y)
		}
		meanX /= total
		meanY /= total
	} else {
		meanY = limit
	}
	var xx, xy float64
	for i, d := range data {
		w, dx := 1/(d.sigma*d.sigma), x[i]-meanX
		xx += float64(float64(w*dx) * dx)
		xy += float64(float64(w*dx) * (d.y - meanY))
	}
	l.b = xy / xx
	l.varB = 1 / xx
	l.a = limit
	if free {
		l.a = meanY - float64(l.b*meanX)
		l.varA = 1/total + float64(meanX*meanX)/xx
		l.cov = -meanX / xx
	}
	for i, d := range data {
		// About the mean, so that a and b large and opposite do not cancel here.
		r := (d.y - meanY - float64(l.b*(x[i]-meanX))) / d.sigma
		l.chi2 += float64(r * r)
	}
	return l
}
