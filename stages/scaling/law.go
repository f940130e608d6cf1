package scaling

import (
	"fmt"
	"math"

	"zerotohero/stages/internal/line"
	"zerotohero/stages/internal/portable"
)

// maxExponent bounds b of the power laws: beyond it, N that double leave 3 % of
// N^(−b), and only the smallest size still tells c from 0.
const maxExponent = 5

// A law is α∞ + c/ln N, or α∞ + c·N^(−b).
type law struct {
	name, formula string
	power         bool
	limit         float64 // fixed α∞, NaN if it is fitted
}

// lawsOf lists the laws, those with fixed α∞ only if there is a threshold.
func lawsOf(threshold float64) []law {
	laws := []law{
		{"log", "α∞ + c/ln N", false, math.NaN()},
		{"power", "α∞ + c·N^(−b)", true, math.NaN()},
	}
	if !math.IsNaN(threshold) {
		laws = append(laws,
			law{"log-threshold", "α_threshold + c/ln N", false, threshold},
			law{"power-threshold", "α_threshold + c·N^(−b)", true, threshold})
	}
	return laws
}

func (l law) free() bool { return math.IsNaN(l.limit) }

// parameters is their number.
func (l law) parameters() int {
	k := 1
	if l.free() {
		k++
	}
	if l.power {
		k++
	}
	return k
}

// A fit is a law's least χ². The line is in the variable of the law, at b.
type fit struct {
	line.Line
	b float64 // of a power law
}

// line fits what is linear of the law.
func (l law) line(points []line.Point) line.Line {
	if l.free() {
		return line.Fit(points)
	}
	return line.FitSlope(points, l.limit)
}

// A datum is a measured number at one N with its standard error.
type datum struct{ u, y, sigma float64 } // u = ln N

// points are the data at x = u.
func points(data []datum) []line.Point {
	out := make([]line.Point, len(data))
	for i, d := range data {
		out[i] = line.Point{X: d.u, Y: d.y, Sigma: d.sigma}
	}
	return out
}

// A profile is a power law on given data, to be fitted at one b after another.
//
// With free α∞ its variable is x = (1 − exp(−b(u−u₀)))/b, u₀ being the mean of u,
// which tends to u − u₀ as b → 0, so that the fit stays regular there:
// α∞ = A + B/b and c = −(B/b)·exp(b u₀) for y = A + Bx. With fixed α∞ it is
// exp(−b(u−u₀)), and c = B·exp(b u₀).
type profile struct {
	law
	data   []datum
	u0     float64
	points []line.Point // x at the b that was fitted last
}

func newProfile(l law, data []datum) *profile {
	p := &profile{law: l, data: data, points: points(data)}
	for _, d := range data {
		p.u0 += d.u / float64(len(data))
	}
	return p
}

// at fits with b given.
func (p *profile) at(b float64) line.Line {
	for i, d := range p.data {
		v := d.u - p.u0
		switch bv := b * v; {
		case !p.free():
			p.points[i].X = portable.Exp(-bv)
		case math.Abs(bv) < 1e-3:
			// The series to (bv)³, exact to 1e-14.
			p.points[i].X = v * (1 - float64(bv/2*(1-float64(bv/3*(1-bv/4)))))
		default:
			p.points[i].X = (1 - portable.Exp(-bv)) / b
		}
	}
	return p.line(p.points)
}

func (p *profile) chi2(b float64) float64 { return p.at(b).ChiSquare }

// exponents is a grid of b from 0 to maxExponent, dense at small b.
func exponents(n int) []float64 {
	b := make([]float64, n+1)
	for i := range b {
		t := float64(i) / float64(n)
		b[i] = maxExponent * t * t
	}
	return b
}

// The grids for the minimum and, finer, for intervals.
var coarse, fine = exponents(40), exponents(200)

// least finds the b of least χ². It is 0 or maxExponent, to the bit, when χ² there
// differs by no more than rounding from the least inside.
func (p *profile) least() float64 {
	b := minimum(p.chi2, coarse)
	inside := p.chi2(b)
	for _, bound := range []float64{0, maxExponent} {
		if p.chi2(bound) <= inside+1e-9 {
			return bound
		}
	}
	return b
}

// fit finds the least χ². Data have as many N as the law has parameters at least.
func (l law) fit(data []datum) fit {
	if l.power {
		p := newProfile(l, data)
		b := p.least()
		return fit{p.at(b), b}
	}
	at := points(data)
	for i, d := range data {
		at[i].X = 1 / d.u
	}
	return fit{Line: l.line(at)}
}

// predict gives the fitted values at the N of the data that were fitted.
func (l law) predict(f fit, data []datum) []float64 {
	y := make([]float64, len(data))
	p := newProfile(l, data)
	if l.power {
		p.at(f.b)
	}
	for i, d := range data {
		x := 1 / d.u
		if l.power {
			x = p.points[i].X
		}
		y[i] = f.A + float64(f.B*x)
	}
	return y
}

// model fits the law and describes it, with intervals at z standard errors.
func (l law) model(data []datum, z float64) Model {
	nan := math.NaN()
	n, k := len(data), l.parameters()
	m := Model{Name: l.name, Formula: l.formula, Dof: int64(n - k), Chi2: nan, P: nan, AIC: nan, AICc: nan}
	if l.free() {
		m.Parameters = append(m.Parameters, Parameter{"alpha_inf", nan, math.Inf(-1), math.Inf(1)})
	}
	m.Parameters = append(m.Parameters, Parameter{"c", nan, math.Inf(-1), math.Inf(1)})
	if l.power {
		m.Parameters = append(m.Parameters, Parameter{"b", nan, 0, math.Inf(1)})
	}
	if n < k {
		m.Reason = fmt.Sprintf("%d parameters want as many sizes, of which %d can be used", k, n)
		return m
	}
	f := l.fit(data)
	m.Chi2 = f.ChiSquare
	m.AIC, m.AICc = criteria(f.ChiSquare, n, k)
	m.Identified = true
	if !l.power {
		at := m.Parameters
		if l.free() {
			at[0] = gaussian("alpha_inf", f.A, f.VarA, z)
			at = at[1:]
		}
		at[0] = gaussian("c", f.B, f.VarB, z)
		return m
	}
	p := newProfile(l, data)
	p.intervals(m.Parameters, f, z)
	switch {
	case f.b == 0:
		m.Identified, m.Reason = false, "χ² falls all the way to b = 0: the data show no saturation, "+
			"but growth like ln N"
		if !l.free() {
			m.Reason = "χ² falls all the way to b = 0: the data do not approach the threshold"
		}
	case f.b == maxExponent:
		m.Identified, m.Reason = false, fmt.Sprintf("χ² falls all the way to b = %v: at most the smallest size "+
			"differs from the others", maxExponent)
	}
	if m.Identified {
		at := m.Parameters
		if l.free() {
			at[0].Value = p.limitOf(f.Line, f.b)
			at = at[1:]
		}
		at[0].Value, at[1].Value = p.amplitudeOf(f.Line, f.b), f.b
	}
	return m
}

// criteria are AIC and AICc of k parameters on n data with known errors.
func criteria(chi2 float64, n, k int) (aic, aicc float64) {
	aic, aicc = chi2+float64(2*k), math.NaN()
	if n > k+1 {
		aicc = aic + float64(2*k*(k+1))/float64(n-k-1)
	}
	return aic, aicc
}

func gaussian(name string, value, variance, z float64) Parameter {
	h := float64(z * math.Sqrt(variance))
	return Parameter{name, value, value - h, value + h}
}

// limitOf and amplitudeOf are α∞ and c at b > 0; amplitudeOf at 0 too if α∞ is fixed.
func (p *profile) limitOf(l line.Line, b float64) float64 {
	if !p.free() {
		return p.limit
	}
	return l.A + l.B/b
}

func (p *profile) amplitudeOf(l line.Line, b float64) float64 {
	scale := portable.Exp(b * p.u0)
	if p.free() {
		return -l.B / b * scale
	}
	return l.B * scale
}

// errorsOf are the standard errors of these two at a given b.
func (p *profile) errorsOf(l line.Line, b float64) (limit, amplitude float64) {
	amplitude = math.Sqrt(l.VarB) * portable.Exp(b*p.u0)
	if !p.free() {
		return 0, amplitude
	}
	return math.Sqrt(l.VarA + 2*l.Cov/b + l.VarB/(b*b)), amplitude / b
}

// intervals fills in the ends of the parameters of a power law: the hull of the
// values with χ² ≤ min + z². At a given b the other parameters are linear, so that
// those allowed there reach value ± r·(standard error), r² = min + z² − χ²(b).
func (p *profile) intervals(out []Parameter, f fit, z float64) {
	most := f.ChiSquare + float64(z*z)
	room := func(l line.Line) float64 { return math.Sqrt(max(0, most-l.ChiSquare)) }
	exponent := &out[len(out)-1]
	exponent.Lo, exponent.Hi = span(func(b float64) bool { return p.chi2(b) <= most }, fine, f.b)
	// end is ∓ the outermost value at b on the side s = ±1, for a search of minima.
	end := func(s float64, limit bool) func(b float64) float64 {
		return func(b float64) float64 {
			l := p.at(b)
			if !(l.ChiSquare <= most) || b == 0 && p.free() {
				return math.Inf(1)
			}
			value := p.amplitudeOf(l, b)
			sdLimit, sd := p.errorsOf(l, b)
			if limit {
				value, sd = p.limitOf(l, b), sdLimit
			}
			return -s * (value + float64(s*room(l)*sd))
		}
	}
	// The least χ² is on no grid point, and the allowed b may be between two of them.
	grid := insert(fine, f.b)
	linear := out[:len(out)-1]
	for i := range linear {
		limit := linear[i].Name == "alpha_inf"
		up, down := end(1, limit), end(-1, limit)
		linear[i].Hi, linear[i].Lo = -up(minimum(up, grid)), down(minimum(down, grid))
	}
	if p.free() && exponent.Lo == 0 {
		// α∞ ≈ B/b and c ≈ −B/b as b → 0.
		l := p.at(0)
		r := float64(room(l) * math.Sqrt(l.VarB))
		if l.B+r > 0 {
			linear[0].Hi, linear[1].Lo = math.Inf(1), math.Inf(-1)
		}
		if l.B-r < 0 {
			linear[0].Lo, linear[1].Hi = math.Inf(-1), math.Inf(1)
		}
	}
	if exponent.Hi == maxExponent {
		exponent.Hi = math.Inf(1)
		// c grows without bound as b does, on each side that is allowed.
		c := &linear[len(linear)-1]
		if c.Hi > 0 {
			c.Hi = math.Inf(1)
		}
		if c.Lo < 0 {
			c.Lo = math.Inf(-1)
		}
	}
}
