package landscape

import (
	"context"
	"math"

	"zerotohero/stages/internal/gram"
	"zerotohero/stages/internal/lanczos"
	"zerotohero/stages/internal/vector"
	"zerotohero/stages/students"
)

// A circle holds the angles at which circles are looked at, ascending, and their
// cosines and sines.
type circle struct{ angle, cos, sin []float64 }

// newCircle takes points equidistant angles on either side of 0, up to reach ≤ π. By
// additions and products only, it is the same to the bit everywhere; cosines and sines
// are off by some roundings a point.
func newCircle(reach float64, points int) circle {
	// Cosine and sine of the step from those of a small part of it, by series and then by
	// doubling: 1 − cos in place of cos, which would lose its digits.
	step := reach / float64(points)
	part, doublings := step, 0
	for part > 0x1p-4 {
		part /= 2
		doublings++
	}
	// At 2⁻⁴ the first terms left out are below 2⁻⁶⁷ of the leading ones.
	x := float64(part * part)
	versine := float64(x / 2 * (1 - float64(x/12*(1-float64(x/30*(1-float64(x/56*(1-x/90))))))))
	s := part * (1 - float64(x/6*(1-float64(x/20*(1-float64(x/42*(1-float64(x/72*(1-x/110)))))))))
	for range doublings {
		versine, s = float64(2*s*s), float64(2*s*(1-versine))
	}
	c := 1 - versine
	n := 2*points + 1
	out := circle{make([]float64, n), make([]float64, n), make([]float64, n)}
	out.cos[points] = 1
	for k := 1; k <= points; k++ {
		p, q := out.cos[points+k-1], out.sin[points+k-1]
		cos, sin := float64(p*c)-float64(q*s), float64(q*c)+float64(p*s)
		out.angle[points+k], out.cos[points+k], out.sin[points+k] = float64(float64(k)*step), cos, sin
		out.angle[points-k], out.cos[points-k], out.sin[points-k] = -out.angle[points+k], cos, -sin
	}
	return out
}

// A problem is an instance with a loss.
type problem struct{ *students.Problem }

// closeness is ‖Pw*‖²/N below which w is the signal and no direction leads there.
const closeness = 1e-24

// angle bounds that between the softest direction and what is taken for it.
const angle = 1e-6

// circles gives the rows of a student: the softest direction, and the signal's unless
// the student is there.
func (p problem) circles(ctx context.Context, c circle, w []float64) ([]Row, error) {
	n := float64(len(w))
	e := append([]float64(nil), w...)
	vector.Scale(1/math.Sqrt(vector.Dot(e, e)), e)
	yhat := p.Products(e)
	var mu float64
	curvature := make([]float64, len(p.Y))
	for i, y := range p.Y {
		mu += float64(p.Loss.D1(y, yhat[i]) * yhat[i])
		curvature[i] = p.Loss.D2(y, yhat[i])
	}
	h, err := gram.New(p.X, curvature, mu/n)
	if err != nil {
		return nil, err
	}
	pairs, err := lanczos.Lowest(lanczos.Problem{N: len(w), Orthogonal: [][]float64{e}, Pairs: 1, Tol: angle,
		Seed: p.Seed, Apply: func(dst, v []float64) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return h.Apply(dst, v)
		}})
	if err != nil {
		return nil, err
	}

	// The nearer of ±w*, less its part along w.
	along := vector.Dot(e, p.Signal)
	rest := append([]float64(nil), p.Signal...)
	vector.AddScaled(rest, -along, e)
	if along < 0 {
		vector.Scale(-1, rest)
	}
	far := vector.Dot(rest, rest)
	near := math.Abs(along) / math.Sqrt(n)

	softest := pairs[0].Vector
	if vector.Dot(softest, rest) < 0 {
		vector.Scale(-1, softest)
	}
	rows := []Row{p.circle(c, yhat, softest, near, vector.Dot(softest, rest)/math.Sqrt(n), mu/n)}
	rows[0].Direction = toSoftest
	if far > closeness*n {
		// Once more, as near ±w* rounding leaves a part along w that counts.
		vector.AddScaled(rest, -vector.Dot(e, rest), e)
		vector.Scale(1/math.Sqrt(vector.Dot(rest, rest)), rest)
		rows = append(rows, p.circle(c, yhat, rest, near, math.Sqrt(far/n), mu/n))
		rows[1].Direction, rows[1].Q2 = toSignal, 1
		q := vector.Dot(softest, rest)
		rows[0].Q2 = float64(q * q)
	} else {
		rows[0].Q2 = math.NaN()
	}
	return rows, nil
}

// circle follows the one in the unit direction v, on which pre-activations are
// cos θ ŷ_i + sin θ x_i·v. near and side are the products of w/√N and of v with the nearer
// of ±w*, over √N.
func (p problem) circle(c circle, yhat, v []float64, near, side, mu float64) Row {
	n := float64(len(v))
	r := Row{
		Overlap: near, Angles: c.angle,
		Energies: make([]float64, len(c.angle)), Overlaps: make([]float64, len(c.angle)),
	}
	across := p.Products(v)
	for i, y := range p.Y {
		r.Slope += float64(p.Loss.D1(y, yhat[i]) * across[i])
		r.Curvature += float64(p.Loss.D2(y, yhat[i]) * across[i] * across[i])
		for k := range c.angle {
			r.Energies[k] += p.Loss.Value(y, float64(c.cos[k]*yhat[i])+float64(c.sin[k]*across[i]))
		}
	}
	r.Slope /= n
	r.Curvature = r.Curvature/n - mu
	for k := range c.angle {
		r.Energies[k] /= n
		r.Overlaps[k] = math.Abs(float64(c.cos[k]*near) + float64(c.sin[k]*side))
	}
	return r
}
