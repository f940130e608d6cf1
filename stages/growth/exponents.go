package growth

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"zerotohero/stages/internal/line"
	"zerotohero/stages/internal/portable"
)

// kappas lists κ of all sizes, and fits where it vanishes.
func (row *LawRow) kappas(p LawParams, sizes []size) {
	for _, s := range sizes {
		g := s.Growth
		e := none(g.Reason)
		if g.Identified {
			e = exponent(p, g.Kappa, kappas(g.Drawn))
			e.Drift = g.Drift
		}
		e.Alpha, e.N = s.AlphaAsked, s.N
		row.Kappas = append(row.Kappas, e)
	}
	row.vanish(p, row.largest())
}

// largest are the exponents κ that the laws use: of each α that of the largest N with one.
func (row *LawRow) largest() []Exponent {
	var out []Exponent
	for _, e := range row.Kappas {
		if n := len(out); e.Identified && (n == 0 || out[n-1].Alpha != e.Alpha) {
			out = append(out, e)
		}
	}
	return out
}

// traps fits z at each α.
func (row *LawRow) traps(p LawParams, sizes []size) {
	for _, of := range byAlpha(sizes) {
		e := trapExponent(p, of)
		e.Alpha = of[0].AlphaAsked
		row.Traps = append(row.Traps, e)
	}
}

// trapExponent is z of the sizes of one α.
func trapExponent(p LawParams, sizes []size) Exponent {
	var at []line.Point
	var drawn [][]float64
	largest := int64(0)
	for _, s := range sizes {
		if s.N < int64(p.Least) || !s.trapped() {
			continue
		}
		largest = max(largest, s.N)
		at = append(at, line.Point{
			X: logN(s.N), Y: portable.Log(s.Trapping.Median), Sigma: stat.StdDev(s.Trapping.Drawn, nil),
		})
		drawn = append(drawn, s.Trapping.Drawn)
	}
	if len(at) < 2 {
		return none(fmt.Sprintf("trapped runs in every resample are at %d of %d sizes, from N = %d on; a slope takes 2",
			len(at), len(sizes), p.Least))
	}
	slopes := make([]float64, len(drawn[0]))
	of := slices.Clone(at)
	for b := range slopes {
		for k := range of {
			of[k].Y = drawn[k][b]
		}
		slopes[b] = line.Fit(of).B
	}
	l := line.Fit(at)
	e := exponent(p, l.B, slopes)
	e.N, e.Chi2, e.Dof = largest, l.ChiSquare, int64(len(at)-2)
	return e
}

// trapped says whether the median trapping time has an error.
func (s size) trapped() bool {
	d := stat.StdDev(s.Trapping.Drawn, nil) // NaN for none, or if one of them is
	return d > 0
}

// products are κz at each α, and where they are one half.
func (row *LawRow) products(p LawParams) {
	kappa := make(map[float64]Exponent)
	for _, e := range row.largest() {
		kappa[e.Alpha] = e
	}
	var c profile
	for _, z := range row.Traps {
		k, ok := kappa[z.Alpha]
		e := none("")
		switch {
		case !ok:
			e.Reason = "κ is not identified at any N"
		case !z.Identified:
			e.Reason = "z is not identified: " + z.Reason
		default:
			drawn, excess := make([]float64, len(z.drawn)), make([]float64, len(z.drawn))
			for b := range drawn {
				drawn[b] = k.drawn[b] * z.drawn[b]
				excess[b] = drawn[b] - 0.5
			}
			e = exponent(p, k.Value*z.Value, drawn)
			c.add(z.Alpha, e.Value-0.5, excess)
		}
		e.Alpha = z.Alpha
		row.KappaZ = append(row.KappaZ, e)
	}
	row.Half = c.crossing(p.Level, "κz − ½")
}

// collapse compares σ² of the two largest N at each α: over the last factor of ten in time
// in which both have linear response, the mean of the difference of ln σ².
func (row *LawRow) collapse(p LawParams, sizes []size) {
	var sum []float64
	total, count := 0.0, 0.0
	for _, of := range byAlpha(sizes) {
		e := none("one N at this α; a comparison takes two")
		if len(of) > 1 {
			e = sizeExponent(p, of[0], of[1])
		}
		e.Alpha, e.N = of[0].AlphaAsked, of[0].N
		row.Sizes = append(row.Sizes, e)
		if e.Identified {
			if sum == nil {
				sum = make([]float64, len(e.drawn))
			}
			for b, v := range e.drawn {
				sum[b] += v
			}
			total += e.Value
			count++
		}
	}
	row.Size = none("σ² cannot be compared at any α")
	if count > 0 {
		for b := range sum {
			sum[b] /= count
		}
		row.Size = exponent(p, total/count, sum)
	}
	row.Size.Alpha = math.NaN()
}

// sizeExponent is d ln σ²/d ln N between two sizes.
func sizeExponent(p LawParams, large, small size) Exponent {
	var common [][2]point
	for i, j := 0, 0; i < len(large.Points) && j < len(small.Points); {
		a, b := large.Points[i], small.Points[j]
		switch {
		case len(a.Drawn) == 0 || len(b.Drawn) == 0: // linear response ends
			i = len(large.Points)
		case a.T < b.T:
			i++
		case a.T > b.T:
			j++
		default:
			common = append(common, [2]point{a, b})
			i, j = i+1, j+1
		}
	}
	for len(common) > 0 && common[0][0].T*10 < common[len(common)-1][0].T*(1-1e-9) {
		common = common[1:]
	}
	if len(common) == 0 {
		return none(fmt.Sprintf("N = %d and %d have no time of linear response in common", large.N, small.N))
	}
	scale := float64(len(common)) * (logN(large.N) - logN(small.N))
	value, drawn := 0.0, make([]float64, len(common[0][0].Drawn))
	for _, c := range common {
		value += portable.Log(c[0].Sigma2/c[1].Sigma2) / scale
		for b := range drawn {
			drawn[b] += (c[0].Drawn[b] - c[1].Drawn[b]) / scale
		}
	}
	return exponent(p, value, drawn)
}
