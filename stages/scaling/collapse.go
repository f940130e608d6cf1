package scaling

import (
	"math"

	"zerotohero/stages/internal/line"
	"zerotohero/stages/internal/portable"
)

// A rescaling gives the location and width of the curve at N, and how many
// parameters were fitted for the sizes that take part.
type rescaling struct {
	at         func(n int64) (location, width float64) // NaN for an N that takes no part
	parameters func(sizes int) int
	reason     string // why there is none
}

// own rescales each N by its own curve.
func (row *Row) own() rescaling {
	return rescaling{
		at: func(n int64) (float64, float64) {
			for _, s := range row.Sizes {
				if s.N == n {
					return s.Alpha50, s.Width
				}
			}
			return math.NaN(), math.NaN()
		},
		parameters: func(sizes int) int { return 2 * sizes },
	}
}

// law rescales by the laws log and of the width.
func (row *Row) law() rescaling {
	log, width := row.Models[0], row.WidthLaw
	for _, m := range []Model{log, width} {
		if !m.Identified {
			return rescaling{reason: "the law " + m.Name + " is not identified: " + m.Reason}
		}
	}
	limit, c := log.Parameters[0].Value, log.Parameters[1].Value
	w0, nu := width.Parameters[0].Value, width.Parameters[1].Value
	return rescaling{
		at: func(n int64) (float64, float64) {
			u := portable.Log(float64(n))
			return limit + c/u, w0 * portable.Exp(-nu*u)
		},
		parameters: func(int) int { return 4 },
	}
}

// A scaled is a rate against x with its standard error and effective trials.
type scaled struct{ x, p, dp, n float64 }

// collapse rescales the rates of all sizes from the least N on.
func collapse(p Params, z float64, sizes []size, r rescaling) Collapse {
	nan := math.NaN()
	out := Collapse{Quality: nan, Chi2: nan, Reduced: nan, Reason: r.reason}
	if r.reason != "" {
		return out
	}
	var curves [][]scaled
	for _, s := range sizes {
		location, width := nan, nan
		if s.N >= int64(p.Least) {
			location, width = r.at(s.N)
		}
		if !(width > 0) || math.IsNaN(location) {
			continue
		}
		var curve []scaled
		for _, q := range s.Points {
			if q.Trials == 0 {
				continue
			}
			m := scaled{(q.Alpha - location) / width, q.P, (q.Hi - q.Lo) / (2 * z), q.Effective}
			curve = append(curve, m)
			out.Points = append(out.Points, Point{s.N, m.x, q.P, q.Lo, q.Hi})
		}
		if len(curve) > 0 {
			curves = append(curves, curve)
		}
	}
	if len(curves) == 0 {
		out.Reason = "no size has a curve to rescale by"
		return out
	}
	out.Identified = true
	out.Quality, out.Compared = quality(curves, p.Window)
	if out.Compared == 0 {
		out.Reason = "no point lies between points of another size"
	}
	var counted int64
	out.Chi2, counted = pearson(curves)
	out.Dof = counted - int64(r.parameters(len(curves)))
	if out.Dof > 0 {
		out.Reduced = out.Chi2 / float64(out.Dof)
	} else if out.Reason == "" {
		out.Reason = "no more points with successes and failures expected than parameters"
	}
	return out
}

// quality is S of Houdayer and Hartmann, and the number of points in it. Each curve
// ascends in x.
func quality(curves [][]scaled, window float64) (s float64, compared int64) {
	for i, curve := range curves {
		for _, m := range curve {
			if math.Abs(m.x) > window {
				continue
			}
			through := line.Fit(neighbours(curves, i, m.x))
			y, variance := through.A, through.VarA
			if !(variance < math.Inf(1)) {
				continue // there are no neighbours
			}
			d := m.p - y
			s += float64(d*d) / (float64(m.dp*m.dp) + variance)
			compared++
		}
	}
	if compared == 0 {
		return math.NaN(), 0
	}
	return s / float64(compared), compared
}

// neighbours are the points next to x of all curves but number i, with x as the origin.
func neighbours(curves [][]scaled, i int, x float64) []line.Point {
	var out []line.Point
	for j, other := range curves {
		if j == i {
			continue
		}
		for l := 0; l+1 < len(other); l++ {
			if other[l].x <= x && x <= other[l+1].x {
				for _, o := range other[l : l+2] {
					out = append(out, line.Point{X: o.x - x, Y: o.p, Sigma: o.dp})
				}
				break
			}
		}
	}
	return out
}

// pearson is χ² of the rates about the logistic, and the number of points in it.
func pearson(curves [][]scaled) (chi2 float64, counted int64) {
	for _, curve := range curves {
		for _, m := range curve {
			p := 1 / (1 + portable.Exp(-m.x))
			if m.n*min(p, 1-p) < 1 {
				continue
			}
			d := m.p - p
			chi2 += float64(m.n*d) * d / (p * (1 - p))
			counted++
		}
	}
	return chi2, counted
}
